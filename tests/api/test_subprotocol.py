"""What pages say: each text is read once, into one message of its socket's table, or refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.agents.events import AGENT_SAYS
from api.shop.chat_events import CHAT_SAYS
from api.shop.events import SHOPPER_SAYS
from api.sockets import hear
from api.subprotocol.agent import AGENT_TOLD
from api.subprotocol.base import FromPage, FromServer, Table, type_of
from api.subprotocol.chat import CHAT_TOLD
from api.subprotocol.shopper import SHOPPER_TOLD
from webrtc.signalling import LONGEST_MESSAGE, LONGEST_SDP

TABLES: list[Table[Any]] = [SHOPPER_SAYS, AGENT_SAYS, CHAT_SAYS]


@dataclass
class Told:
    """Somebody whose page says something."""

    owner: str = "c1"
    told: list[dict[str, Any]] = field(default_factory=list)

    @property
    def listener(self) -> Told:
        return self

    def put(self, item: FromServer) -> None:
        self.told.append(json.loads(item.model_dump_json()))


def heard(table: Table[Any], text: str) -> tuple[list[FromPage], list[dict[str, Any]]]:
    """What of a text would be handled, and what the page is told."""
    done: list[FromPage] = []
    page = Told()
    same: Table[Any] = Table(*((model, lambda _, message: done.append(message)) for model in table.models))
    hear(same, page, text)
    return done, page.told


SAID = [
    ({"type": "offer", "leg": "a", "session": 1, "sdp": "v=0"}, "both"),
    ({"type": "offer", "leg": "a", "session": 1, "sdp": "v=0", "audio": "opus"}, "both"),
    ({"type": "reattach", "leg": "a"}, "both"),
    ({"type": "ask_ice_servers", "leg": "a"}, "both"),
    (
        {
            "type": "candidate", "leg": "a", "session": 1, "candidate": "1 1 udp 1 192.0.2.1 9 typ host",
            "sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "abcd",
        },
        "both",
    ),
    ({"type": "end_of_candidates", "leg": "a", "session": 1}, "both"),
    ({"type": "hang_up", "leg": "a", "reason": "no_microphone"}, "both"),
    ({"type": "dtmf", "leg": "a", "digit": "#"}, "both"),
    ({"type": "heard_quality", "leg": "a", "session": 1, "loss": 2.5, "jitter_ms": 12}, "both"),
    ({"type": "page_answer", "push": 1, "accepted": True}, "shopper"),
    ({"type": "choose_state", "state": "away"}, "agent"),
    ({"type": "hold", "call_id": "c"}, "agent"),
    ({"type": "resume", "call_id": "c"}, "agent"),
    ({"type": "transfer", "call_id": "c", "to": "agent:ben", "mode": "blind"}, "agent"),
    ({"type": "complete_transfer", "call_id": "c"}, "agent"),
    ({"type": "end_call", "call_id": "c"}, "agent"),
    ({"type": "push_page", "call_id": "c", "page": "12"}, "agent"),
    ({"type": "note", "call_id": "c", "text": "Wants\na tandem"}, "agent"),
    ({"type": "wrap_up", "call_id": "c", "code": None}, "agent"),
    ({"type": "chat_accept", "chat_id": "c"}, "agent"),
    ({"type": "ask_canned", "chat_id": "c"}, "agent"),
    ({"type": "chat_decline", "chat_id": "c"}, "agent"),
    ({"type": "desk_follow", "chat_id": "c", "after": 7}, "agent"),
    ({"type": "desk_earlier", "chat_id": "c", "before": 7}, "agent"),
    ({"type": "desk_say", "chat_id": "c", "key": "12345678", "text": "Hi", "canned": None}, "agent"),
    ({"type": "desk_typing", "chat_id": "c"}, "agent"),
    ({"type": "desk_end", "chat_id": "c", "code": None}, "agent"),
    ({"type": "chat_pass", "chat_id": "c", "to": "queue", "note": ""}, "agent"),
    ({"type": "chat_whisper", "chat_id": "c", "key": "12345678", "text": "Hi"}, "agent"),
    ({"type": "chat_page", "chat_id": "c", "key": "12345678", "page": "12"}, "agent"),
    ({"type": "chat_watch", "chat_id": "c", "on": True}, "agent"),
    ({"type": "chat_take", "chat_id": "c"}, "agent"),
    ({"type": "chat_call", "chat_id": "c"}, "agent"),
    ({"type": "chat_wrap_up", "chat_id": "c", "note": "", "code": None}, "agent"),
    ({"type": "chat_done", "chat_id": "c"}, "agent"),
    ({"type": "ask_view", "talk": "c", "scopes": ["see", "point"]}, "agent"),
    ({"type": "join_view", "talk": "c", "code": "012345", "scopes": ["see"]}, "agent"),
    ({"type": "view_token", "view": "v"}, "agent"),
    ({"type": "end_view", "view": "v"}, "agent"),
    ({"type": "chat_follow", "after": None}, "chat"),
    ({"type": "chat_earlier", "before": 7}, "chat"),
    ({"type": "chat_say", "key": "12345678", "text": "Hi"}, "chat"),
    ({"type": "chat_typing"}, "chat"),
    ({"type": "chat_end"}, "chat"),
    ({"type": "chat_choose", "choice": "message", "text": "Hi", "reply_to": "a@b.example"}, "chat"),
    ({"type": "chat_rate", "rating": 5, "text": ""}, "chat"),
    ({"type": "chat_card", "accepted": False}, "chat"),
    ({"type": "chat_step", "do": "back", "to": "vehicle.year"}, "chat"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "whose"), SAID, ids=lambda value: str(value)[:40])
def test_each_message_is_understood_on_its_socket_alone(message: dict[str, Any], whose: str) -> None:
    for socket, table in (("shopper", SHOPPER_SAYS), ("agent", AGENT_SAYS), ("chat", CHAT_SAYS)):
        done, told = heard(table, json.dumps(message))
        if whose == socket or (whose == "both" and socket != "chat"):
            assert [each.type for each in done] == [message["type"]]
            assert told == []
        else:
            assert (done, [each["reason"] for each in told]) == ([], ["unknown_type"])


def test_every_message_has_an_example_here() -> None:
    examples = {message["type"] for message, _ in SAID}
    assert examples == {type_of(model) for table in TABLES for model in table.models}


REFUSED = [
    ("", None),
    ("null", None),
    ("[]", None),
    ("{}", None),
    ('{"type": 7}', None),
    ('{"type": "note", "call_id": "c", "text": "a"', None),
    ('{"type": "note", "call_id": "c", "text": "\\ud800"}', None),
    ("[" * 40_000, None),
    (json.dumps({"type": "note", "call_id": "c", "text": "x" * 4_001}), "text"),
    (json.dumps({"type": "note", "call_id": "c", "text": "\0"}), "text"),
    (json.dumps({"type": "note", "call_id": "c"}), "text"),
    (json.dumps({"type": "note", "call_id": 7, "text": ""}), "call_id"),
    (json.dumps({"type": "note", "call_id": "c", "text": "", "colour": "red"}), "colour"),
    (json.dumps({"type": "choose_state", "state": "king"}), "state"),
    (json.dumps({"type": "dtmf", "leg": "a", "digit": "12"}), "digit"),
    (json.dumps({"type": "dtmf", "leg": "a" * 201, "digit": "1"}), "leg"),
    (json.dumps({"type": "hang_up", "leg": "a", "reason": "bored"}), "reason"),
    ('{"type": "heard_quality", "leg": "a", "session": 1, "loss": NaN, "jitter_ms": 0}', None),
    (json.dumps({"type": "heard_quality", "leg": "a", "session": 1, "loss": 101, "jitter_ms": 0}), "loss"),
    (json.dumps({"type": "candidate", "leg": "a", "session": 1, "candidate": "c" * 513}), "candidate"),
]


@pytest.mark.parametrize(("text", "where"), REFUSED, ids=lambda value: str(value)[:60])
def test_what_is_no_message_is_refused_and_the_page_is_told_where(text: str, where: str | None) -> None:
    done, (told,) = heard(AGENT_SAYS, text)
    assert (done, told["type"], told["reason"]) == ([], "refused", "not_understood")
    assert told["detail"].startswith(f"{where}: " if where else "send a JSON object")
    assert len(told["detail"]) <= 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"session": -1},
        {"session": 1.5},
        {"session": 2**53},
        {"sdp": "v" * (LONGEST_SDP + 1)},
        {"audio": "mp3"},
    ],
    ids=str,
)
def test_an_offer_that_cannot_be_read_has_failed(wrong: dict[str, Any]) -> None:
    offer = {"type": "offer", "leg": "a", "session": 1, "sdp": "v=0", **wrong}
    done, told = heard(SHOPPER_SAYS, json.dumps(offer))
    assert done == []
    assert told == [{"type": "failed", "leg": "a", "session": offer["session"], "problem": "bad_offer"}]


def test_a_message_that_is_too_long_is_not_even_parsed() -> None:
    text = json.dumps({"type": "choose_state", "state": "away"}) + " " * LONGEST_MESSAGE
    done, (told,) = heard(AGENT_SAYS, text)
    assert (done, told["reason"]) == ([], "not_understood")


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
types = sorted({message["type"] for message, _ in SAID})
fields_of_any = sorted({name for message, _ in SAID for name in message})


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(TABLES),
    st.one_of(
        st.text(max_size=50),
        st.dictionaries(st.sampled_from([*fields_of_any, "odd"]), values, max_size=6).map(json.dumps),
        st.tuples(st.sampled_from(types), st.dictionaries(st.sampled_from(fields_of_any), values)).map(
            lambda both: json.dumps({**both[1], "type": both[0]})
        ),
    ),
)
def test_whatever_a_page_says_is_done_once_or_answered_once(table: Table[Any], text: str) -> None:
    done, told = heard(table, text)
    assert len(done) + len(told) == 1


@pytest.mark.parametrize("told", [SHOPPER_TOLD, AGENT_TOLD, CHAT_TOLD])
def test_what_a_page_is_told_has_one_meaning_a_type(told: tuple[type[FromServer], ...]) -> None:
    assert len({type_of(model) for model in told}) == len(told)


def test_no_type_means_one_thing_on_one_socket_and_another_on_the_other() -> None:
    """Nor from a page and from the server, except what both say of one thing."""
    said = {type_of(model): model.__name__ for table in TABLES for model in table.models}
    told = {type_of(model) for model in (*SHOPPER_TOLD, *AGENT_TOLD, *CHAT_TOLD)}
    assert set(said) & told == {"candidate", "end_of_candidates"}
    for table in TABLES:
        assert all(said[type_of(model)] == model.__name__ for model in table.models)
