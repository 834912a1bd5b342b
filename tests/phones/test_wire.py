from __future__ import annotations

import json

import pytest

from phones import wire


@pytest.mark.parametrize(
    "message",
    [
        wire.SetScript(wire.Script(then="refuse", status=503, speak=wire.PhoneSpeech(hz=880))),
        wire.DialOut("sip:a@b", headers=(("X-Page", "shoes"),)),
        wire.Quit(),
    ],
)
def test_command_survives_the_wire(message: wire.Command) -> None:
    assert wire.decode(wire.encode(message), wire.COMMANDS) == message


def test_event_survives_the_wire() -> None:
    event = wire.Incoming(1.5, 2, "sip:a@b", "sip:c@d", "sip:e@f", (("X-A", "1"),), "")
    assert wire.decode(wire.encode(event), wire.EVENTS) == event
    assert event.header("x-a") == "1"
    assert event.header("x-b") is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "no JSON"),
        ("[]", "wants an object"),
        ({"kind": "PhoneReady"}, "kind is one of SetScript"),
        ({"kind": "Answer"}, "Answer: lacks call"),
        ({"kind": "Answer", "call": "1"}, "Answer.call: wants int, not '1'"),
        ({"kind": "Answer", "call": True}, "Answer.call: wants int, not True"),
        ({"kind": "Answer", "call": 1, "now": 1}, "Answer: knows no now; it has call"),
        ({"kind": "PressKeys", "call": 1, "digits": "1", "by": "pulse"}, "by: wants one of rfc4733, info"),
        ({"kind": "DialOut", "uri": "sip:a@b", "headers": [["X"]]}, r"headers\[0\]: wants 2 items, not 1"),
        ({"kind": "SetScript", "script": {"ring_for": "long"}}, "script.ring_for: wants float"),
    ],
)
def test_a_wrong_line_is_explained(line: object, problem: str) -> None:
    with pytest.raises(wire.WireError, match=problem):
        wire.decode(line if isinstance(line, str) else json.dumps(line), wire.COMMANDS)
