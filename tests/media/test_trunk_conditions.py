"""What calls and pings teach of trunks, and the order in which a leg tries them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.trunk_conditions import DOUBT, LONGEST_HOLD, TrunkConditions
from routing.plan import Originate, SipEndpoint, TrunkWay

WAYS = tuple(TrunkWay(name, f"sip:1@{name}.example") for name in "abc")
LEG = SipEndpoint("store", "Store", WAYS[0].uri, "a", backups=WAYS[1:])


def states(**pinged: bool) -> TrunkConditions:
    made = TrunkConditions()
    made.configure({"a": False, "b": False, "c": False, **pinged}, "abc", 100.0)
    return made


def order(trunks: TrunkConditions, at: float = 100.0, leg: SipEndpoint = LEG) -> str | None:
    arranged = trunks.arrange(leg, at)
    return None if arranged is None else "".join(way.trunk for way in arranged.ways)


def state(trunks: TrunkConditions, name: str, at: float = 100.0) -> str:
    return trunks.conditions(at)[name].state


def test_trunks_are_tried_as_the_settings_say_while_nothing_speaks_against_it() -> None:
    trunks = states()
    assert trunks.arrange(LEG, 100.0) is LEG
    trunks.called("b", "answers", 486, 0.0, 101.0)  # who answers before others is no reason
    assert order(trunks) == "abc"


def test_a_silent_trunk_is_tried_last_until_doubts_end() -> None:
    trunks = states()
    trunks.called("a", "silent", 0, 0.0, 100.0)
    assert order(trunks, 101.0) == "bca"
    assert trunks.arrange(LEG, 101.0).uri == WAYS[1].uri
    assert order(trunks, 100.0 + DOUBT) == "abc"


def test_where_pings_tell_doubts_last_until_one_is_answered() -> None:
    trunks = states(a=True)
    trunks.called("a", "silent", 0, 0.0, 100.0)
    assert order(trunks, 10_000.0) == "bca"
    trunks.pinged("a", 405, 0.02, "", 10_000.0)  # a refusal is an answer
    assert order(trunks, 10_001.0) == "abc"
    trunks.pinged("a", 0, None, "no answer within 4 s", 10_030.0)
    assert (state(trunks, "a", 10_031.0), order(trunks, 10_031.0)) == ("down", "bca")
    trunks.called("a", "answers", 0, 0.0, 10_032.0)
    assert order(trunks, 10_033.0) == "abc"


def test_a_retry_after_holds_a_trunk_back_and_it_comes_back() -> None:
    trunks = states()
    trunks.called("a", "busy", 503, 120.0, 100.0)
    assert (state(trunks, "a", 219.0), order(trunks, 219.0)) == ("held", "bc")
    trunks.called("a", "answers", 200, 0.0, 150.0)  # a call that was under way
    trunks.pinged("a", 200, 0.01, "", 160.0)
    assert order(trunks, 219.0) == "bc"
    assert (state(trunks, "a", 220.0), order(trunks, 220.0)) == ("unknown", "abc")
    trunks.called("a", "busy", 503, 1e9, 300.0)
    assert order(trunks, 300.0 + LONGEST_HOLD - 1) == "bc"
    assert order(trunks, 300.0 + LONGEST_HOLD) == "abc"


def test_nobody_is_dialled_while_every_trunk_asks_to_be_left_alone() -> None:
    trunks = states()
    for name in "abc":
        trunks.called(name, "busy", 503, 60.0, 100.0)
    assert order(trunks, 101.0) is None
    bare = SipEndpoint("store", "Store", "sip:1@phone.example", None)
    assert trunks.arrange(bare, 101.0) is bare
    placed = SipEndpoint("pbx", "PBX", WAYS[0].uri, "a", originate=Originate("pbx", "PJSIP/1", "ringback"))
    assert trunks.arrange(placed, 101.0) is placed  # the Asterisk dials us


def test_a_name_without_an_address_is_told_and_tried_last() -> None:
    trunks = states()
    trunks.resolved("a", (), "a.example has no IPv4 address", 101.0)
    condition = trunks.conditions(101.0)["a"]
    assert (condition.state, condition.reason, condition.usable) == (
        "unresolved",
        "a.example has no IPv4 address",
        False,
    )
    assert order(trunks) == "bca"
    trunks.resolved("a", ("192.0.2.1:5060",), "", 130.0)
    assert (state(trunks, "a"), order(trunks)) == ("unknown", "abc")
    # DNS fails later: the address of before still serves.
    trunks.resolved("a", ("192.0.2.1:5060",), "a.example: no name server answers", 160.0)
    condition = trunks.conditions(161.0)["a"]
    assert (condition.state, condition.name_problem) == ("unknown", "a.example: no name server answers")
    assert order(trunks) == "abc"


def test_a_reload_forgets_what_changed_and_nothing_else() -> None:
    trunks = states()
    trunks.called("a", "silent", 0, 0.0, 100.0)
    trunks.called("b", "silent", 0, 0.0, 100.0)
    trunks.configure({"a": False, "b": False}, ["b"], 110.0)
    assert {name: state(trunks, name, 110.0) for name in "ab"} == {"a": "down", "b": "unknown"}
    trunks.called("c", "silent", 0, 0.0, 111.0)  # a leg of old settings
    assert set(trunks.conditions(111.0)) == {"a", "b"}


def test_each_change_is_told_once() -> None:
    trunks = states()
    trunks.called("a", "silent", 0, 0.0, 100.0)
    trunks.called("a", "silent", 0, 0.0, 101.0)
    (change,) = trunks.take_changes()
    assert (change[0], change[1].state, change[2].state) == ("a", "unknown", "down")
    assert trunks.take_changes() == []
    assert trunks.conditions(102.0)["a"].failures == 2


OUTCOMES = ["answers", "unresolved", "silent", "busy"]
EVENTS = st.one_of(
    st.tuples(
        st.just("called"), st.sampled_from(["answers", "unresolved", "silent", "busy"]), st.floats(0, 1e6)
    ),
    st.tuples(st.just("pinged"), st.sampled_from(["", "no answer"]), st.just(0.0)),
    st.tuples(st.just("resolved"), st.sampled_from(["", "gone"]), st.just(0.0)),
)


@given(st.lists(st.tuples(st.sampled_from("abc"), EVENTS, st.floats(0, 1000)), max_size=30), st.booleans())
def test_whatever_happens_every_trunk_comes_back(events, pinged) -> None:
    trunks, now = states(a=pinged), 100.0
    for name, (kind, what, number), pause in events:
        now += pause
        if kind == "called":
            trunks.called(name, what, 503, number, now)
        elif kind == "pinged":
            trunks.pinged(name, 0 if what else 200, None, what, now)
        else:
            trunks.resolved(name, () if what else ("192.0.2.1:5060",), what, now)
        tried = order(trunks, now)
        assert tried is None or sorted(tried) == sorted(set(tried))
    for name in "abc":
        trunks.resolved(name, ("192.0.2.1:5060",), "", now)
        trunks.pinged(name, 200, 0.0, "", now + LONGEST_HOLD)
    assert order(trunks, now + LONGEST_HOLD + DOUBT) == "abc"


@pytest.mark.parametrize("name", ["a", "b"])
def test_conditions_are_for_each_trunk(name: str) -> None:
    trunks = states()
    trunks.called(name, "unresolved", 0, 0.0, 100.0)
    assert [state(trunks, each) for each in "abc" if each != name] == ["unknown", "unknown"]
