from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.causes import Disposition as D  # noqa: N817 - read often below
from bridge.causes import HangupCause as H
from bridge.commands import Dial, HangUp, Join, Play, SendDtmf
from bridge.events import (
    CancelRequested,
    LegAnswered,
    LegDtmf,
    LegEnded,
    LegHeld,
    LegResumed,
    LegRinging,
    LegSilent,
    PromptFinished,
    Timer,
    TimerExpired,
)
from bridge.progress import CallState
from tests.bridge.playbook import GREETING, MESSAGE, RINGBACK, Playbook, all_at_once, endpoint, in_order, plan


def test_a_call_from_click_to_cdr() -> None:
    book = Playbook(plan())
    assert book.call.state is CallState.CALLING_SHOPPER
    assert book.play(LegRinging("c-s1")) == []
    assert book.play(LegAnswered("c-s1")) == [
        Play("c-s1", GREETING),
        Dial("c-b1", endpoint("boston")),
    ]
    assert book.play(PromptFinished("c-s1", "hello")) == [Play("c-s1", RINGBACK, loop=True)]
    assert book.play(LegRinging("c-b1")) == []
    assert book.play(LegAnswered("c-b1")) == [Join("c-s1", "c-b1")]
    assert book.settled[0].disposition is D.BRIDGED
    assert book.play(LegEnded("c-b1", H.NORMAL)) == [HangUp("c-s1", H.PEER_ENDED)]
    assert book.play(LegEnded("c-s1", H.PEER_ENDED)) == []
    assert book.record.disposition is D.BRIDGED
    assert book.record.cause is H.NORMAL
    assert [leg.cause for leg in book.record.legs] == [H.PEER_ENDED, H.NORMAL]
    assert book.record.talk_seconds == 2.0
    assert book.timers == {}
    assert [line.state for line in book.published] == [
        "calling_shopper", "calling_shopper", "hunting", "bridged", "ending", "ended",
    ]  # fmt: skip
    assert [line.sequence for line in book.published] == [1, 2, 3, 4, 5, 6]


def answered(*steps: object, **changes: object) -> Playbook:
    book = Playbook(plan(*steps, **changes))  # type: ignore[arg-type]
    book.play(LegAnswered("c-s1"))
    return book


def bridged(*steps: object, **changes: object) -> Playbook:
    book = answered(*steps, **changes)
    book.play(LegAnswered("c-b1"))
    assert book.call.state is CallState.BRIDGED
    return book


@pytest.mark.parametrize("cause", [H.BUSY, H.DECLINED, H.NO_ANSWER, H.UNREACHABLE, H.NOT_FOUND])
def test_a_shopper_who_cannot_be_reached(cause: H) -> None:
    book = Playbook(plan())
    book.play(LegEnded("c-s1", cause, 486))
    assert (book.record.disposition, book.record.cause) == (D.SHOPPER_UNREACHABLE, cause)


@pytest.mark.parametrize("cause", [H.UNAUTHORIZED, H.FORBIDDEN, H.CONGESTION, H.WORKER_LOST, H.FAILED])
def test_a_trunk_that_fails_is_no_fault_of_the_shopper(cause: H) -> None:
    book = Playbook(plan())
    book.play(LegEnded("c-s1", cause))
    assert book.record.disposition is D.FAILED


def test_a_shopper_whose_phone_rings_too_long() -> None:
    book = Playbook(plan())
    book.play(LegRinging("c-s1"))
    assert book.timers == {(Timer.RING, "c-s1"): 45.0}
    assert book.play(TimerExpired(Timer.RING, "c-s1")) == [HangUp("c-s1", H.RING_TIMEOUT)]
    book.play(LegEnded("c-s1", H.RING_TIMEOUT))
    assert (book.record.disposition, book.record.cause) == (D.SHOPPER_UNREACHABLE, H.RING_TIMEOUT)


def test_in_order_tells_each_cause_apart_and_goes_on() -> None:
    book = answered(in_order("boston", "salem", timeout=15.0), all_at_once("centre"))
    assert book.play(LegEnded("c-b1", H.BUSY)) == [Dial("c-b2", endpoint("salem"))]
    assert book.timers[Timer.RING, "c-b2"] == 15.0
    assert book.play(TimerExpired(Timer.RING, "c-b2")) == [
        HangUp("c-b2", H.RING_TIMEOUT),
        Dial("c-b3", endpoint("centre")),
    ]
    assert (book.published[-1].attempt, book.published[-1].attempts) == (3, 3)
    assert book.play(LegEnded("c-b3", H.DECLINED)) == [HangUp("c-s1", H.PEER_ENDED)]
    book.play(LegEnded("c-s1", H.PEER_ENDED))
    assert book.record is None, "the leg of salem has not reported its end"
    book.play(LegEnded("c-b2", H.RING_TIMEOUT))
    assert (book.record.disposition, book.record.cause) == (D.UNANSWERED, H.DECLINED)


def test_all_at_once_the_first_wins_and_a_late_answer_changes_nothing() -> None:
    book = answered(all_at_once("boston", "salem", "centre"))
    assert book.play(LegAnswered("c-b2")) == [
        Join("c-s1", "c-b2"),
        HangUp("c-b1", H.ANSWERED_ELSEWHERE),
        HangUp("c-b3", H.ANSWERED_ELSEWHERE),
    ]
    assert book.play(LegAnswered("c-b1")) == []
    assert book.published[-1].connected_to == "Salem"
    book.play(LegEnded("c-b1", H.ANSWERED_ELSEWHERE))
    book.play(LegEnded("c-b3", H.ANSWERED_ELSEWHERE))
    assert book.call.state is CallState.BRIDGED


def test_all_at_once_ends_when_the_last_gives_up() -> None:
    book = answered(all_at_once("boston", "salem"))
    assert book.play(LegEnded("c-b1", H.BUSY)) == []
    assert book.play(LegEnded("c-b2", H.UNAUTHORIZED)) == [HangUp("c-s1", H.PEER_ENDED)]
    assert book.call.disposition is D.UNANSWERED


def test_a_business_that_only_fails_is_our_failure() -> None:
    book = answered()
    book.play(LegEnded("c-b1", H.UNAUTHORIZED))
    assert book.call.disposition is D.FAILED


def test_a_decline_that_a_pbx_turned_into_403_is_no_failure() -> None:
    book = answered()
    book.play(LegEnded("c-b1", H.FORBIDDEN, 403))
    assert book.call.disposition is D.UNANSWERED


def test_the_step_timeout_ends_every_ringing_leg() -> None:
    book = answered(all_at_once("boston", "salem"), all_at_once("centre"))
    assert book.play(TimerExpired(Timer.STEP)) == [
        HangUp("c-b1", H.RING_TIMEOUT),
        HangUp("c-b2", H.RING_TIMEOUT),
        Dial("c-b3", endpoint("centre")),
    ]


def test_a_business_that_waits_for_the_greeting() -> None:
    book = Playbook(plan(dial_business="after_greeting"))
    assert book.play(LegAnswered("c-s1")) == [Play("c-s1", GREETING)]
    assert book.call.state is CallState.GREETING
    assert book.play(PromptFinished("c-s1", "hello")) == [
        Dial("c-b1", endpoint("boston")),
        Play("c-s1", RINGBACK, loop=True),
    ]


def test_no_greeting_means_ringback_at_once() -> None:
    book = Playbook(plan(greeting=None, dial_business="after_greeting"))
    assert book.play(LegAnswered("c-s1")) == [
        Dial("c-b1", endpoint("boston")),
        Play("c-s1", RINGBACK, loop=True),
    ]


def test_early_media_is_heard_after_the_greeting_and_gives_way_to_ringback() -> None:
    book = answered(in_order("boston", "salem"), early_media=True)
    assert book.play(LegRinging("c-b1", early_media=True)) == []
    assert book.play(PromptFinished("c-s1", "hello")) == [
        Play("c-s1", RINGBACK, loop=True),
        Join("c-s1", "c-b1"),
    ]
    assert book.play(LegEnded("c-b1", H.BUSY)) == [
        Dial("c-b2", endpoint("salem")),
        Play("c-s1", RINGBACK, loop=True),
    ]
    assert book.play(LegRinging("c-b2", early_media=True)) == [Join("c-s1", "c-b2")]
    assert book.play(LegAnswered("c-b2")) == [Join("c-s1", "c-b2")]


def test_the_shopper_hears_ringback_again_where_early_media_stops() -> None:
    book = answered(in_order("boston", "salem"), early_media=True)
    book.play(PromptFinished("c-s1", "hello"))
    assert book.play(LegRinging("c-b1")) == []  # it rings, and brings no audio
    assert book.play(LegRinging("c-b1", early_media=True)) == [Join("c-s1", "c-b1")]
    assert book.play(LegRinging("c-b1")) == [Play("c-s1", RINGBACK, loop=True)]
    assert book.play(LegRinging("c-b1", early_media=True)) == [Join("c-s1", "c-b1")]


@pytest.mark.parametrize("when", ["calling", "greeting", "hunting", "bridged"])
def test_cancel_in_any_state(when: str) -> None:
    if when == "calling":
        book = Playbook(plan())
    elif when == "greeting":
        book = answered(dial_business="after_greeting")
    else:
        book = answered() if when == "hunting" else bridged()
    commands = book.play(CancelRequested())
    assert commands == [HangUp(leg, H.CANCELLED) for leg in book.call.legs]
    assert book.play(CancelRequested()) == []
    for leg in list(book.call.legs):
        book.play(LegEnded(leg, H.CANCELLED))
    assert book.record.disposition is (D.BRIDGED if when == "bridged" else D.CANCELLED)


def test_the_shopper_leaves_while_the_business_rings() -> None:
    book = answered()
    assert book.play(LegEnded("c-s1", H.NORMAL)) == [HangUp("c-b1", H.PEER_ENDED)]
    book.play(LegAnswered("c-b1"))  # picked up as the CANCEL was on its way
    book.play(LegEnded("c-b1", H.PEER_ENDED))
    assert (book.record.disposition, book.record.cause) == (D.CANCELLED, H.NORMAL)


def test_keys_reach_the_other_side_only_while_bridged() -> None:
    book = answered()
    assert book.play(LegDtmf("c-s1", "5")) == []
    book.play(LegAnswered("c-b1"))
    assert book.play(LegDtmf("c-s1", "5")) == [SendDtmf("c-b1", "5")]
    assert book.play(LegDtmf("c-b1", "#")) == [SendDtmf("c-s1", "#")]


def test_hold_is_shown() -> None:
    book = bridged()
    book.play(LegHeld("c-b1"))
    assert book.published[-1].held
    book.play(LegResumed("c-b1"))
    assert not book.published[-1].held


def test_a_silent_shopper_ends_the_call() -> None:
    book = bridged()
    assert book.play(LegSilent("c-s1")) == [
        HangUp("c-s1", H.MEDIA_TIMEOUT),
        HangUp("c-b1", H.PEER_ENDED),
    ]
    assert (book.call.disposition, book.call.cause) == (D.BRIDGED, H.MEDIA_TIMEOUT)


def test_a_lost_worker_ends_the_call_where_the_route_says_so() -> None:
    book = bridged()
    book.play(LegEnded("c-s1", H.WORKER_LOST))
    book.play(LegEnded("c-b1", H.WORKER_LOST))
    assert (book.record.disposition, book.record.cause) == (D.BRIDGED, H.WORKER_LOST)


def test_a_lost_shopper_is_dialled_once_more() -> None:
    book = bridged(on_loss="redial")
    assert book.play(LegEnded("c-s1", H.WORKER_LOST)) == [
        HangUp("c-b1", H.PEER_ENDED),
        Dial("c-s2", endpoint("shopper")),
    ]
    book.play(LegEnded("c-b1", H.WORKER_LOST))
    assert book.play(LegAnswered("c-s2")) == [Play("c-s2", GREETING), Dial("c-b2", endpoint("boston"))]
    book.play(LegEnded("c-s2", H.WORKER_LOST))
    book.play(LegEnded("c-b2", H.WORKER_LOST))
    assert len(book.record.legs) == 4
    assert book.record.disposition is D.BRIDGED


def test_a_leg_that_never_reports_its_end_does_not_keep_the_call() -> None:
    book = bridged()
    book.play(CancelRequested())
    book.play(TimerExpired(Timer.ENDING))
    assert [leg.cause for leg in book.record.legs] == [H.CANCELLED, H.CANCELLED]


def test_the_impossible_ends_the_call_and_is_kept_for_the_log() -> None:
    book = Playbook(plan())
    assert book.play(LegHeld("c-s1")) == [HangUp("c-s1", H.PEER_ENDED)]
    assert book.call.fault is not None
    assert "LegHeld while dialing" in book.call.fault
    book.play(LegEnded("c-s1", H.PEER_ENDED))
    assert book.record.disposition is D.FAILED


def test_the_longest_duration_ends_a_bridged_call() -> None:
    book = bridged()
    assert book.timers == {(Timer.DURATION, None): 3600.0}
    assert book.play(TimerExpired(Timer.DURATION)) == [
        HangUp("c-s1", H.TIME_LIMIT),
        HangUp("c-b1", H.TIME_LIMIT),
    ]


def test_who_found_the_queue_full_is_put_through_before_nobody() -> None:
    book = Playbook(replace(plan(greeting=None, ask_again=False, ending=MESSAGE), steps=()))
    book.route = lambda: (all_at_once("boston"),)
    assert book.play(LegAnswered("c-s1")) == [Play("c-s1", MESSAGE.greeting)]
