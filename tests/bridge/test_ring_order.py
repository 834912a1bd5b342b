"""Destinations that ring later, places of one destination, and what each failure leads to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.causes import HangupCause as H
from bridge.commands import Dial, HangUp, Join
from bridge.events import LegAnswered, LegEnded, Timer, TimerExpired
from bridge.progress import CallState
from routing.plan import PlannedStep, SipEndpoint
from tests.bridge.playbook import Playbook, all_at_once, in_order, plan, staggered, with_actions
from tests.bridge.test_call import answered


def rung(commands: list[object]) -> list[str]:
    return [command.endpoint.uri for command in commands if isinstance(command, Dial)]  # type: ignore[union-attr]


def test_a_delayed_destination_rings_later_and_the_first_goes_on() -> None:
    book = answered(
        staggered("boston", "salem", "centre", delays=(0.0, 5.0, 12.0), timeouts=(20.0, 15.0, 8.0))
    )
    assert book.timers[Timer.NEXT, None] == 5.0
    assert book.timers[Timer.RING, "c-b1"] == 20.0
    assert (book.published[-1].attempt, book.published[-1].attempts) == (1, 3)
    book.now += 4.0
    assert rung(book.play(TimerExpired(Timer.NEXT))) == ["sip:salem1@pbx.example"]
    assert book.timers[Timer.NEXT, None] == 7.0
    assert book.timers[Timer.RING, "c-b2"] == 15.0
    assert book.play(LegAnswered("c-b1")) == [Join("c-s1", "c-b1"), HangUp("c-b2", H.ANSWERED_ELSEWHERE)]
    assert (Timer.NEXT, None) not in book.timers


def by_trunks(*ways: tuple[str, str, str]) -> PlannedStep:
    """Destinations as (name, number, trunk), one after the other."""
    endpoints = tuple(
        SipEndpoint(name, name, f"sip:{number}@{trunk}.example", trunk, number=number)
        for name, number, trunk in ways
    )
    return PlannedStep("in_order", endpoints, 20.0)


MAIN = ("main", "+16175550123", "a")
ELSEWHERE = ("backup", "+16175550123", "b")
OTHER = ("other", "+16175550199", "b")


@pytest.mark.parametrize("cause", [H.BUSY, H.DECLINED, H.NOT_FOUND])
def test_who_is_busy_or_declines_is_not_rung_again_through_another_trunk(cause: H) -> None:
    book = answered(by_trunks(MAIN, ELSEWHERE, OTHER, MAIN), by_trunks(ELSEWHERE))
    assert rung(book.play(LegEnded("c-b1", cause))) == ["sip:+16175550199@b.example"]
    # Through the trunk that led there they may be tried again later, as the route says.
    again = rung(book.play(LegEnded("c-b2", H.NO_ANSWER)))
    assert again == (["sip:+16175550123@a.example"] if cause is not H.DECLINED else [])


@pytest.mark.parametrize(
    "cause", [H.CONGESTION, H.TRUNK_UNREACHABLE, H.TRUNK_UNRESOLVED, H.FORBIDDEN, H.FAILED]
)
def test_the_other_trunk_is_for_when_the_first_failed(cause: H) -> None:
    book = answered(by_trunks(MAIN, ELSEWHERE, OTHER))
    assert rung(book.play(LegEnded("c-b1", cause))) == ["sip:+16175550123@b.example"]


def test_a_find_me_place_by_another_trunk_is_the_same_number_too() -> None:
    step = staggered("boston", "boston", "salem", delays=(0.0, 9.0, 18.0), timeouts=(9.0, 9.0, 9.0))
    ways = [
        replace(each, number="+16175550123", trunk=trunk)
        for each, trunk in zip(step.endpoints, "ab", strict=False)
    ]
    book = answered(replace(step, endpoints=(*ways, step.endpoints[2])))
    assert rung(book.play(LegEnded("c-b1", H.BUSY))) == ["sip:salem2@pbx.example"]


def test_nobody_waits_for_a_delay_while_no_phone_rings() -> None:
    book = answered(staggered("boston", "salem", "centre", delays=(0.0, 5.0, 12.0)))
    assert rung(book.play(LegEnded("c-b1", H.BUSY))) == ["sip:salem1@pbx.example"]
    assert book.timers[Timer.NEXT, None] == 7.0, "the rest keeps its distance"


def test_a_busy_desk_leads_to_the_mobile_at_once_and_a_decline_to_neither() -> None:
    steps = staggered("anna", "anna", "ben", delays=(0.0, 10.0, 0.0), timeouts=(10.0, 10.0, 20.0))
    book = answered(steps)
    assert rung(book.play(LegEnded("c-b1", H.BUSY))) == ["sip:anna1@pbx.example"]
    assert (Timer.NEXT, None) not in book.timers
    book = answered(steps)
    assert rung(book.play(LegEnded("c-b1", H.DECLINED))) == []
    assert (Timer.NEXT, None) not in book.timers
    assert (book.published[-1].attempt, book.published[-1].attempts) == (2, 2)


def test_who_declines_in_order_is_not_sought_elsewhere_in_this_step() -> None:
    step = in_order("anna", "anna", "ben")
    book = answered(step, in_order("anna"))
    assert book.published[-1].attempts == 4
    assert rung(book.play(LegEnded("c-b1", H.DECLINED))) == ["sip:ben@pbx.example"]
    assert (book.published[-1].attempt, book.published[-1].attempts) == (2, 3)
    assert rung(book.play(LegEnded("c-b2", H.BUSY))) == ["sip:anna@pbx.example"]
    again = answered(with_actions(step, declined="retry"))
    assert rung(again.play(LegEnded("c-b1", H.DECLINED))) == ["sip:ben@pbx.example"]
    assert rung(again.play(LegEnded("c-b2", H.BUSY))) == ["sip:anna@pbx.example"]


def test_each_timeout_of_a_staggered_step_is_its_own() -> None:
    book = answered(
        staggered("boston", "salem", delays=(0.0, 0.0), timeouts=(5.0, 9.0)), all_at_once("centre")
    )
    assert book.play(TimerExpired(Timer.RING, "c-b1")) == [HangUp("c-b1", H.RING_TIMEOUT)]
    assert rung(book.play(TimerExpired(Timer.RING, "c-b2"))) == ["sip:centre@pbx.example"]


@pytest.mark.parametrize(
    ("kind", "cause"),
    [
        ("busy", H.BUSY),
        ("declined", H.DECLINED),
        ("unreachable", H.UNREACHABLE),
        ("unreachable", H.NOT_FOUND),
        ("no_answer", H.NO_ANSWER),
    ],
)
def test_what_each_cause_leads_to(kind: str, cause: H) -> None:
    def after(action: str) -> Playbook:
        book = answered(with_actions(in_order("boston", "salem"), **{kind: action}), all_at_once("centre"))
        book.said = book.play(LegEnded("c-b1", cause))  # type: ignore[attr-defined]
        return book

    assert rung(after("next").said) == ["sip:salem@pbx.example"]  # type: ignore[attr-defined]
    assert rung(after("next_step").said) == ["sip:centre@pbx.example"]  # type: ignore[attr-defined]
    assert after("end").call.state is CallState.ENDING
    book = after("retry")
    assert rung(book.play(LegEnded("c-b2", H.FAILED))) == ["sip:boston@pbx.example"]
    assert book.timers[Timer.RING, "c-b3"] == 20.0
    assert rung(book.play(LegEnded("c-b3", cause))) == ["sip:centre@pbx.example"], "once more, not for ever"


def test_leaving_a_step_hangs_up_who_still_rings() -> None:
    step = with_actions(all_at_once("boston", "salem"), declined="next_step")
    book = answered(step, all_at_once("centre"))
    commands = book.play(LegEnded("c-b1", H.DECLINED))
    assert commands[0] == HangUp("c-b2", H.RING_TIMEOUT)
    assert rung(commands) == ["sip:centre@pbx.example"]
    assert book.timers[Timer.STEP, None] == 20.0


def test_a_step_that_nobody_answers_is_no_answer() -> None:
    book = answered(with_actions(all_at_once("boston", "salem"), no_answer="end"), all_at_once("centre"))
    book.play(TimerExpired(Timer.STEP))
    assert book.call.state is CallState.ENDING


def test_a_plan_without_steps_ends() -> None:
    book = Playbook(replace(plan(), steps=()))
    book.play(LegAnswered("c-s1"))
    book.play(LegEnded("c-s1", H.PEER_ENDED))
    assert book.record is not None
