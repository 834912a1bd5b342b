"""AMI on the wire: what arrives in any pieces, and what may not be sent."""

from __future__ import annotations

import pytest
from asterisk.ami.action import Action, SimpleAction
from asterisk.ami.event import Event
from asterisk.ami.response import Response
from hypothesis import given
from hypothesis import strategies as st

from cti.ami.packets import (
    LONGEST_PACKET,
    AmiPeerError,
    Packets,
    UnsendableError,
    encode,
    one_line,
    value,
)

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
TOLD = (
    b"Response: Success\r\nActionID: 1\r\nMessage: a: b\r\nOutput: one\r\nOutput: two\r\n\r\n"
    b"Event: Newchannel\r\nExten: \r\nLinkedid: 80.0\r\nChanVariable: a=b\r\nChanVariable: bad\r\n\r\n"
    b"\r\n\r\nnonsense\r\n\r\nEvent: \r\n\r\nEvent: Hangup\r\nCause: 16\r\n\r\n"
)


def read(*pieces: bytes) -> list[Response | Event]:
    packets = Packets()
    found: list[Response | Event] = []
    for piece in pieces:
        packets.feed(piece)
        while (packet := packets.next()) is not None:
            found.append(packet)
    return found


@given(st.lists(st.integers(0, len(GREETING + TOLD)), max_size=6))
def test_packets_in_any_pieces(cuts: list[int]) -> None:
    told, ends = GREETING + TOLD, sorted(cuts)
    pieces = [told[start:end] for start, end in zip([0, *ends], [*ends, len(told)], strict=True)]
    response, began, ended = read(*pieces)
    assert (response.status, response.keys) == (
        "Success", {"ActionID": "1", "Message": "a: b", "Output": "one\ntwo"},
    )  # fmt: skip
    assert (began.name, value(began, "Exten"), value(began, "Linkedid")) == ("Newchannel", "", "80.0")
    assert value(began, "ChanVariable") == ""  # a mapping is no text
    assert (ended.name, ended.keys) == ("Hangup", {"Cause": "16"})


@pytest.mark.parametrize("end", ["\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_a_caller_s_name_cannot_begin_a_line(end: str) -> None:
    name = f"Ann{end}Linkedid: 66.6"
    told = f"Event: Newchannel\r\nLinkedid: 80.0\r\nCallerIDName: {name}\r\n\r\n"
    (event,) = read(GREETING, told.encode())
    assert (value(event, "Linkedid"), value(event, "CallerIDName")) == ("80.0", "Ann Linkedid: 66.6")


@pytest.mark.parametrize("greeting", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 Bad Request\r\n", b"\r\n"])
def test_a_server_that_is_no_asterisk(greeting: bytes) -> None:
    with pytest.raises(AmiPeerError):
        read(greeting)


@pytest.mark.parametrize("before", [b"", GREETING])
def test_what_never_ends(before: bytes) -> None:
    packets = Packets()
    packets.feed(before)
    packets.next()
    packets.feed(b"x" * LONGEST_PACKET)
    with pytest.raises(AmiPeerError):
        packets.feed(b"x")


@given(st.binary(max_size=300))
def test_any_bytes_after_the_greeting(data: bytes) -> None:
    read(GREETING, data + b"\r\n\r\n")


def test_an_action_as_it_is_sent() -> None:
    action = SimpleAction("Getvar", Channel="PJSIP/alice-1", Variable="CHANNEL(pjsip,call-id)")
    assert encode(action, "ringback-1") == (
        b"Action: Getvar\r\nChannel: PJSIP/alice-1\r\nVariable: CHANNEL(pjsip,call-id)\r\n"
        b"ActionID: ringback-1\r\n\r\n"
    )


UNSENDABLE = [
    SimpleAction("Setvar", Value="a\r\nAction: Originate"),
    SimpleAction("Setvar", Value="a\nb"),
    SimpleAction("Setvar\r\nAction: Originate"),
    SimpleAction("Setvar", **{"Value\r\n": "a"}),
    SimpleAction("Setvar", ActionID="7"),
    SimpleAction("Setvar", Value="x" * 2000),
    Action("UserEvent", {f"Key{number}": "x" for number in range(200)}),
    Action("Originate", {}, {"A": "b\r\nAction: Command"}),
    Action("Originate", {}, {"A\r\nAction: Command": "b"}),
]


# The class raises KeyError for any attribute, which pytest's names for parameters do not expect.
@pytest.mark.parametrize("index", range(len(UNSENDABLE)))
def test_what_is_never_sent(index: int) -> None:
    with pytest.raises(UnsendableError):
        encode(UNSENDABLE[index], "1")


@given(st.text(max_size=500))
def test_any_text_fits_a_line(text: str) -> None:
    line = one_line(text)
    assert len(line.encode()) <= 400
    encode(SimpleAction("Setvar", Value=line), "1")
