"""Which calls go on while no core is there: a table of what happens, and every order of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.causes import HangupCause
from bridge.commands import HangUp, SendDtmf
from bridge.events import LegDtmf, LegEnded, LegHeld, LegResumed, PromptFinished
from switch.keeping import MOST_EVENTS, CallKeeping

A, B = ("a-s1", "a-b1"), ("b-s1", "b-b1")
NORMAL, PEER_ENDED = HangupCause.NORMAL, HangupCause.PEER_ENDED


def keeping(*calls: tuple[str, str]) -> CallKeeping:
    made = CallKeeping()
    for legs in calls:
        made.keep(legs[0][0], legs, b"memo of " + legs[0][:1].encode())
    return made


def cut(*legs: str, cause: HangupCause = HangupCause.CANCELLED) -> list[HangUp]:
    return [HangUp(leg, cause) for leg in legs]


@pytest.mark.parametrize(
    ("kept", "live", "ended", "known"),
    [
        # Bridged calls go on, and everything else ends.
        ([A], [*A], [], ["a"]),
        ([A], [*A, "c-s1", "a-b2"], ["c-s1", "a-b2"], ["a"]),
        ([A, B], [*A, *B], [], ["a", "b"]),
        # Who has already lost the other is not kept alone.
        ([A], ["a-s1"], ["a-s1"], []),
        ([A, B], ["a-s1", *B], ["a-s1"], ["b"]),
        ([A], [], [], []),
        # Nothing is bridged.
        ([], ["c-s1", "c-b1"], ["c-s1", "c-b1"], []),
        ([], [], [], []),
    ],
)
def test_what_goes_on_when_the_core_is_gone(kept: Any, live: Any, ended: Any, known: Any) -> None:
    calls = keeping(*kept)
    assert calls.core_lost(live) == cut(*ended)
    assert [call.call_id for call in calls.told()] == known
    assert calls.known is calls.talking is bool(known)
    assert calls.alone


def test_a_call_that_is_bridged_no_more_is_not_kept() -> None:
    calls = keeping(A, B)
    calls.keep("a", ("", ""), b"")
    assert calls.core_lost([*A, *B]) == cut(*A)


@pytest.mark.parametrize(
    ("event", "carries", "follows"),
    [
        (LegEnded("a-s1", NORMAL), False, cut("a-b1", cause=PEER_ENDED)),
        (LegEnded("a-b1", HangupCause.MEDIA_TIMEOUT), False, cut("a-s1", cause=PEER_ENDED)),
        (LegDtmf("a-s1", "5"), True, [SendDtmf("a-b1", "5")]),
        (LegDtmf("a-s1", "5"), False, []),
        (LegHeld("a-s1"), False, []),
        (PromptFinished("a-b1", "words"), False, []),
    ],
)
def test_what_follows_what_a_leg_reports(event: Any, carries: bool, follows: Any) -> None:
    calls = keeping(A)
    calls.core_lost(A)
    assert calls.took(event, 7.0, carries=carries) == follows
    assert calls.told()[0].story == ((7.0, event),)


def test_the_other_end_is_told_and_follows_nothing_any_more() -> None:
    calls = keeping(A)
    calls.core_lost(A)
    calls.took(LegEnded("a-s1", NORMAL), 7.0)
    assert calls.talking
    assert calls.took(LegEnded("a-b1", PEER_ENDED), 8.0) == []
    assert not calls.talking
    assert calls.known, "the next core is to write its record"
    assert [at for at, _ in calls.told()[0].story] == [7.0, 8.0]
    assert calls.time_over() == []


def test_the_next_core_goes_on_with_those_that_it_knows_and_the_rest_ends() -> None:
    calls = keeping(A, B)
    calls.core_lost([*A, *B])
    assert calls.adopted(["b"]) == cut(*A, cause=HangupCause.CORE_LOST)
    assert not calls.alone
    assert [call.call_id for call in calls.told()] == ["b"]


def test_what_the_next_core_was_told_is_not_told_to_another() -> None:
    calls = keeping(A, B)
    calls.core_lost([*A, *B])
    calls.took(LegEnded("a-s1", NORMAL), 7.0)
    calls.took(LegEnded("a-b1", PEER_ENDED), 8.0)
    calls.took(LegHeld("b-s1"), 9.0)
    # The core says how the call stands that goes on, and of the other no word: it has its record.
    calls.keep("b", B, b"held")
    assert calls.adopted(["a", "b"]) == []
    assert [(call.call_id, call.memo, call.story) for call in calls.told()] == [("b", b"held", ())]


def test_nobody_fills_the_memory_with_keys() -> None:
    calls = keeping(A)
    calls.core_lost(A)
    for at in range(2 * MOST_EVENTS):
        calls.took(LegDtmf("a-s1", "1"), float(at))
    calls.took(LegEnded("a-s1", NORMAL), 5000.0)
    story = calls.told()[0].story
    assert len(story) == MOST_EVENTS + 1
    assert isinstance(story[-1][1], LegEnded)


LEGS = st.sampled_from([*A, *B, "c-s1"])
HAPPENS = st.one_of(
    st.builds(LegEnded, LEGS, st.sampled_from([NORMAL, HangupCause.WORKER_LOST, HangupCause.MEDIA_TIMEOUT])),
    st.builds(LegDtmf, LEGS, st.sampled_from("12#")),
    st.builds(LegHeld, LEGS),
    st.builds(LegResumed, LEGS),
)


@given(st.lists(st.tuples(HAPPENS, st.booleans()), max_size=30), st.sampled_from(["time", "core", None]))
def test_in_any_order_nobody_is_left_alone(story: Any, end: str | None) -> None:
    """Whatever happens, however late: of a call both legs talk, or both have ended or were hung up."""
    calls = keeping(A, B)
    gone: set[str] = set()
    hung_up: list[str] = []

    def obey(commands: Any) -> None:
        for command in commands:
            if isinstance(command, HangUp):
                hung_up.append(command.leg_id)
            else:
                assert command.leg_id not in gone

    obey(calls.core_lost([*A, *B, "c-s1"]))
    for at, (event, carries) in enumerate(story):
        obey(calls.took(event, float(at), carries=carries))
        if isinstance(event, LegEnded):
            gone.add(event.leg_id)
    if end:
        obey(calls.time_over() if end == "time" else calls.adopted(["b"]))
    for legs in (A, B):
        over = {leg for leg in legs if leg in gone or leg in hung_up}
        assert over in (set(), set(legs))
        if end == "time" or (end == "core" and legs is A):
            assert over == set(legs)
    assert hung_up.count("c-s1") == 1
    assert all(hung_up.count(leg) <= 1 + bool(end) for leg in (*A, *B))
    for told in calls.told():
        assert [at for at, _ in told.story] == sorted(at for at, _ in told.story)
        ends = [event.leg_id for _, event in told.story if isinstance(event, LegEnded)]
        assert len(ends) == len(set(ends)), "the end of a leg is told once"
