"""Screening: the person who answers must press a key, and nothing else takes the call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.causes import Disposition, HangupCause
from bridge.commands import Dial, HangUp, Join, JudgeAnswerer, Play
from bridge.events import AnswererJudged, LegAnswered, LegDtmf, LegEnded, PromptFinished, Timer, TimerExpired
from bridge.progress import CallState
from routing.plan import PlannedStep, Prompt, Screening
from tests.bridge.playbook import Playbook, all_at_once, in_order, plan, with_actions

PROMPT = Prompt("screening", "/prompts/screening.wav")
PRESS_1 = Screening(PROMPT, timeout=15.0)
AMD = replace(PRESS_1, detect_machine=True)


def screened(step: PlannedStep, screening: Screening = PRESS_1) -> PlannedStep:
    endpoints = tuple(replace(endpoint, screening=screening) for endpoint in step.endpoints)
    return replace(step, endpoints=endpoints)


def hunting(*steps: PlannedStep, **changes: Any) -> Playbook:
    book = Playbook(plan(*steps, **changes))
    book.play(LegAnswered("c-s1"))
    return book


def test_who_answers_hears_the_prompt_at_once_and_others_ring_on() -> None:
    book = hunting(screened(all_at_once("boston", "salem")))
    assert book.play(LegAnswered("c-b1")) == [Play("c-b1", PROMPT, loop=True)]
    assert book.call.state is CallState.HUNTING
    assert book.timers[Timer.SCREENING, "c-b1"] == 15.0
    assert book.call.progress.ringing == ("Boston", "Salem")
    assert book.play(LegDtmf("c-b1", "5")) == []
    assert book.play(LegDtmf("c-b1", "1")) == [
        Join("c-s1", "c-b1"),
        HangUp("c-b2", HangupCause.ANSWERED_ELSEWHERE),
    ]
    assert book.call.state is CallState.BRIDGED
    assert set(book.timers) == {(Timer.DURATION, None)}


def test_the_first_to_accept_wins_not_the_first_to_answer() -> None:
    book = hunting(screened(all_at_once("boston", "salem")))
    book.play(LegAnswered("c-b1"))
    book.play(LegAnswered("c-b2"))
    assert book.play(LegDtmf("c-b2", "1"))[0] == Join("c-s1", "c-b2")
    assert book.call.progress.connected_to == "Salem"


def test_a_destination_without_screening_wins_by_answering() -> None:
    step = all_at_once("boston", "salem")
    boston, salem = step.endpoints
    book = hunting(replace(step, endpoints=(replace(boston, screening=PRESS_1), salem)))
    book.play(LegAnswered("c-b1"))
    assert Join("c-s1", "c-b2") in book.play(LegAnswered("c-b2"))


def test_a_leg_has_a_clock_of_its_own_from_its_answer() -> None:
    book = hunting(screened(all_at_once("boston", "salem", timeout=20.0)), in_order("help"))
    book.play(LegAnswered("c-b1"))
    assert book.play(TimerExpired(Timer.STEP)) == [HangUp("c-b2", HangupCause.RING_TIMEOUT)]
    assert book.play(TimerExpired(Timer.SCREENING, "c-b1"))[:1] == [
        HangUp("c-b1", HangupCause.NOT_ACCEPTED),
    ]
    assert book.call.legs["c-b3"].endpoint.destination == "help"


def test_declining_frees_the_step_at_once() -> None:
    book = hunting(screened(in_order("boston", "salem")))
    book.play(LegAnswered("c-b1"))
    out = book.play(LegDtmf("c-b1", "2"))
    assert out[0] == HangUp("c-b1", HangupCause.DECLINED)
    assert isinstance(out[1], Dial)
    assert book.call.legs["c-b1"].cause is HangupCause.DECLINED


@pytest.mark.parametrize(
    ("event", "cause"),
    [
        (LegDtmf("c-b1", "2"), HangupCause.DECLINED),
        (AnswererJudged("c-b1", "machine"), HangupCause.MACHINE),
        (TimerExpired(Timer.SCREENING, "c-b1"), HangupCause.NOT_ACCEPTED),
    ],
)
def test_a_step_may_say_what_follows(event: Any, cause: HangupCause) -> None:
    """``declined`` and ``no_answer`` have actions of their own; a machine, and silence, are no answer."""
    step = with_actions(screened(in_order("boston", "salem"), AMD), declined="end", no_answer="next_step")
    book = hunting(step, in_order("help"))
    assert JudgeAnswerer("c-b1") in book.play(LegAnswered("c-b1"))
    book.play(event)
    assert book.call.legs["c-b1"].cause is cause
    if cause is HangupCause.DECLINED:
        assert book.call.disposition is Disposition.UNANSWERED
    else:
        assert book.call.legs["c-b2"].endpoint.destination == "help"


@pytest.mark.parametrize("answerer", ["human", "unknown"])
def test_only_a_machine_is_hung_up_on(answerer: Any) -> None:
    book = hunting(screened(all_at_once("boston"), AMD))
    book.play(LegAnswered("c-b1"))
    assert book.play(AnswererJudged("c-b1", answerer)) == []
    assert Join("c-s1", "c-b1") in book.play(LegDtmf("c-b1", "1"))


def test_a_verdict_that_comes_after_the_key_changes_nothing() -> None:
    book = hunting(screened(all_at_once("boston"), AMD))
    book.play(LegAnswered("c-b1"))
    book.play(LegDtmf("c-b1", "1"))
    assert book.play(AnswererJudged("c-b1", "machine")) == []
    assert book.call.fault is None


def test_a_voicemail_never_swallows_a_call() -> None:
    book = hunting(screened(all_at_once("boston")))
    book.play(LegAnswered("c-b1"))
    book.play(TimerExpired(Timer.SCREENING, "c-b1"))
    book.play(LegEnded("c-b1", HangupCause.NORMAL))
    book.play(LegEnded("c-s1", HangupCause.NORMAL))
    assert book.record.disposition is Disposition.UNANSWERED
    assert [leg.cause for leg in book.record.legs][1:] == [HangupCause.NOT_ACCEPTED]


def test_the_shopper_hanging_up_frees_who_was_asked() -> None:
    book = hunting(screened(all_at_once("boston")))
    book.play(LegAnswered("c-b1"))
    assert book.play(LegEnded("c-s1", HangupCause.NORMAL)) == [HangUp("c-b1", HangupCause.PEER_ENDED)]
    assert set(book.timers) == {(Timer.ENDING, None)}


def test_the_business_first() -> None:
    """A callback: the shopper's phone rings once somebody at the business has accepted."""
    book = Playbook(plan(screened(all_at_once("boston", "salem")), first="business", greeting=None))
    assert book.call.state is CallState.HUNTING
    book.play(LegAnswered("c-b1"))
    out = book.play(LegDtmf("c-b1", "1"))
    assert out == [
        HangUp("c-b2", HangupCause.ANSWERED_ELSEWHERE),
        Play("c-b1", book.call.plan.ringback, loop=True),
        Dial("c-s1", book.call.plan.shopper),
    ]
    assert book.call.state is CallState.CALLING_SHOPPER
    assert book.play(LegAnswered("c-s1")) == [Join("c-s1", "c-b1")]
    assert book.call.state is CallState.BRIDGED
    assert book.settled[0].disposition is Disposition.BRIDGED


@pytest.mark.parametrize(
    ("event", "disposition"),
    [
        (LegEnded("c-s1", HangupCause.BUSY), Disposition.SHOPPER_UNREACHABLE),
        (TimerExpired(Timer.RING, "c-s1"), Disposition.SHOPPER_UNREACHABLE),
        (LegEnded("c-b1", HangupCause.NORMAL), Disposition.UNANSWERED),
        (LegEnded("c-b1", HangupCause.WORKER_LOST), Disposition.FAILED),
    ],
)
def test_the_business_first_and_nobody_answers(event: Any, disposition: Disposition) -> None:
    book = Playbook(plan(first="business", on_loss="redial"))
    book.play(LegAnswered("c-b1"))
    book.play(event)
    assert book.call.disposition is disposition
    for leg in list(book.call.legs.values()):
        book.play(LegEnded(leg.leg_id, HangupCause.NORMAL))
    assert book.record.disposition is disposition


def test_nobody_there_before_the_shopper_is_dialled() -> None:
    book = Playbook(plan(all_at_once("boston"), first="business"))
    book.play(LegEnded("c-b1", HangupCause.NO_ANSWER))
    assert book.record.disposition is Disposition.UNANSWERED
    assert [leg.role for leg in book.record.legs] == ["business"]


def test_the_greeting_may_play_while_somebody_is_asked() -> None:
    book = hunting(screened(all_at_once("boston")))
    book.play(LegAnswered("c-b1"))
    assert book.play(PromptFinished("c-s1", "hello")) == [Play("c-s1", book.call.plan.ringback, loop=True)]
