"""A lead: events in, commands out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from follow.clock import is_open
from follow.commands import (
    Acknowledge,
    AddContact,
    Escalate,
    LeadCommand,
    Remind,
    SettlePromise,
    TellDesk,
    TellOthers,
    WriteLead,
)
from follow.events import (
    CancelAsked,
    ClosedByAgent,
    ContactAdded,
    HoursChanged,
    LeadCancelled,
    LeadEvent,
    LeadOpened,
    LeadReleased,
    LeadTaken,
    OwnerCame,
    OwnerLeft,
    PersonContacted,
    PersonOrdered,
    PersonServed,
    TimeCame,
    TimeChosen,
)
from follow.lead import CLOSED_HOW, ChosenTime, Lead, LeadState
from follow.machine import CLOSES, TRANSITIONS, Moved, open_lead, step, wake_at
from follow.promises import PromiseTerms, utc
from routing.hours import OpeningHours
from tests.follow.samples import FRIDAY, HOUR, OFFICE, SALES, at, unserved

OPENED = open_lead("lead-1", LeadOpened(unserved(), ("kim", "lee")), SALES, FRIDAY)
LEAD = OPENED.lead
EVENTS: tuple[LeadEvent, ...] = (
    ContactAdded(unserved()),
    LeadTaken("kim"),
    LeadReleased("kim"),
    PersonContacted("kim", "call", served=False),
    PersonContacted("kim", "call", served=True),
    PersonContacted("lee", "mail", served=False),
    PersonServed("kim"),
    PersonOrdered(),
    LeadCancelled(),
    CancelAsked(),
    TimeChosen(ChosenTime(FRIDAY + 72 * HOUR, 1800.0)),
    OwnerLeft(),
    OwnerCame(),
    TimeCame(),
    HoursChanged(),
    ClosedByAgent("kim", "sold"),
)


def go(lead: Lead, event: LeadEvent, now: float, terms: PromiseTerms | None = SALES) -> Moved:
    return step(lead, event, terms, now)


def told(moved: Moved) -> list[LeadCommand]:
    """What is done besides writing and showing it."""
    return [each for each in moved.commands if not isinstance(each, WriteLead | TellDesk)]


def words(moved: Moved) -> list[str]:
    return [each.word for each in moved.commands if isinstance(each, TellOthers)]


def wait(moved: Moved, terms: PromiseTerms | None = SALES, until: float = FRIDAY + 90 * 86400) -> list[Moved]:
    """Let time pass: each TimeCame at the moment that was asked for."""
    seen: list[Moved] = []
    while moved.wake_at is not None and moved.wake_at < until:
        now = moved.wake_at
        moved = step(moved.lead, TimeCame(), terms, now)
        seen.append(moved)
        assert moved.wake_at is None or moved.wake_at > now, "it would wake for ever"
        assert len(seen) < 50
    return seen


# --- a lead's life -----------------------------------------------------------------------------------------


def test_a_missed_call_becomes_a_lead_with_a_due_time_that_explains_itself():
    assert LEAD.state is LeadState.WAITING
    assert LEAD.running is not None
    assert LEAD.due_at == at("2026-11-16 11:20")
    assert LEAD.running.explanation == "due Mon 11:20 EST: 1 h 40 min on Fri, 2 h 20 min on Mon"
    assert told(OPENED) == [
        AddContact(unserved().contact),
        Acknowledge(),
        TellOthers("opened"),
        Remind(("kim", "lee"), "new"),
    ]
    assert OPENED.wake_at == at("2026-11-16 09:20")  # half of four hours


def test_time_alone_warns_escalates_and_breaches_once_and_only_within_hours():
    seen = wait(OPENED)
    happened = [(moved.lead.running and moved.commands, moved) for moved in seen]
    assert [told(moved) for _, moved in happened][:3] == [
        [Escalate("agent", "step")],
        [Remind(("kim", "lee"), "warning"), TellOthers("due")],
        [
            SettlePromise(
                replace(
                    _kept(seen[2].lead),
                    breached_at=LEAD.due_at,
                )
            ),
            TellOthers("breached"),
            Escalate("mailbox:lead", "breach"),
        ],
    ]
    assert seen[-1].lead.closed_how == "expired"
    assert [word for moved in seen for word in words(moved)] == ["due", "breached", "closed"]


def _kept(lead: Lead):
    from follow.lead import PromiseKept

    assert lead.running is not None
    return PromiseKept(
        "sales", "first", lead.running.since, lead.running.due_at, lead.running.explanation, "sales"
    )


def test_what_breaks_when_the_doors_close_is_told_when_they_open():
    """zammad#4432: nobody is reminded at midnight."""
    lead = open_lead("x", LeadOpened(unserved(at("2026-11-13 13:59"))), SALES, at("2026-11-13 13:59"))
    assert lead.lead.due_at == at("2026-11-13 17:59")
    late = open_lead("y", LeadOpened(unserved(at("2026-11-13 14:00"))), SALES, at("2026-11-13 14:00"))
    assert late.lead.due_at == at("2026-11-13 18:00")
    [breach] = [moved for moved in wait(late) if "breached" in words(moved)]
    assert Escalate("mailbox:lead", "breach") not in breach.commands
    monday = next(moved for moved in wait(late) if Escalate("mailbox:lead", "breach") in moved.commands)
    assert monday.lead.running is not None
    assert step(breach.lead, TimeCame(), SALES, at("2026-11-15 00:00")).lead == breach.lead
    assert breach.wake_at == at("2026-11-16 09:00")


def test_a_server_that_slept_tells_nobody_at_night():
    moved = step(LEAD, TimeCame(), SALES, at("2026-11-21 03:00"))  # a Saturday, long after
    assert words(moved) == ["breached"]
    assert not [each for each in moved.commands if isinstance(each, Remind | Escalate)]
    assert moved.wake_at == at("2026-11-23 09:00")


def test_a_lead_of_the_night_is_told_in_the_morning():
    night = at("2026-11-14 03:00")
    moved = open_lead("x", LeadOpened(unserved(night), ("kim",)), SALES, night)
    assert not [each for each in moved.commands if isinstance(each, Remind)]
    assert moved.wake_at == at("2026-11-16 09:00")
    morning = step(moved.lead, TimeCame(), SALES, moved.wake_at or 0)
    assert told(morning) == [Remind(("kim",), "new")]


def test_asking_again_neither_puts_off_nor_speeds_up_what_was_promised_first():
    """zammad#5177: next never overrules first."""
    again = go(LEAD, ContactAdded(unserved(FRIDAY + HOUR, ref="call-2")), FRIDAY + HOUR)
    assert again.lead.running == LEAD.running
    assert told(again) == [AddContact(unserved(FRIDAY + HOUR, ref="call-2").contact)]


def test_a_shopper_who_is_silent_after_an_answer_breaks_no_promise():
    """zammad#3140."""
    answered = go(LEAD, PersonContacted("kim", "mail", served=False), FRIDAY + HOUR)
    assert answered.lead.state is LeadState.ANSWERED
    assert answered.lead.running is None
    assert [each.kept.met_at for each in answered.commands if isinstance(each, SettlePromise)] == [
        FRIDAY + HOUR
    ]
    assert "breached" not in [word for moved in wait(answered) for word in words(moved)]


def test_next_runs_while_the_shopper_spoke_last():
    answered = go(LEAD, PersonContacted("kim", "mail", served=False), FRIDAY + HOUR)
    asks = at("2026-11-16 10:00")
    again = go(answered.lead, ContactAdded(unserved(asks)), asks)
    assert again.lead.state is LeadState.WAITING
    assert again.lead.running is not None
    assert (again.lead.running.term, again.lead.due_at) == ("next", at("2026-11-16 12:00"))


def test_a_call_that_nobody_picks_up_is_no_answer():
    tried = go(LEAD, PersonContacted("kim", "call", served=False, ref="call-9"), FRIDAY + 60)
    assert (tried.lead.tries, tried.lead.state) == (1, LeadState.WAITING)
    assert tried.lead.running == LEAD.running


def test_a_late_answer_stays_a_breach():
    late = at("2026-11-16 15:00")
    served = go(LEAD, PersonContacted("kim", "call", served=True), late)
    [first, settled] = [each.kept for each in served.commands if isinstance(each, SettlePromise)]
    assert first.breached_at == settled.breached_at == LEAD.due_at
    assert (settled.met_at, settled.agent) == (late, "kim")
    assert served.lead.breached
    assert (served.lead.closed_how, served.lead.state) == ("served", LeadState.CLOSED)
    assert words(served) == ["breached", "closed"]


def test_the_owner_alone_is_reminded_and_who_is_away_loses_it():
    """goalert#929, chatwoot#4158."""
    taken = go(LEAD, LeadTaken("kim"), FRIDAY + 60)
    assert words(taken) == ["taken"]
    away = go(taken.lead, OwnerLeft(), at("2026-11-13 17:45"))
    assert away.wake_at == at("2026-11-16 09:15")  # 15 minutes on Friday, 15 on Monday
    back = step(away.lead, TimeCame(), SALES, away.wake_at or 0)
    assert back.lead.owner is None
    assert Remind(("kim", "lee"), "back") in back.commands
    came = go(away.lead, OwnerCame(), at("2026-11-16 09:05"))
    assert came.lead.absent_since is None
    assert came.lead.owner == "kim"


def test_nobody_gives_back_what_is_a_colleagues():
    taken = go(LEAD, LeadTaken("kim"), FRIDAY + 60)
    assert go(taken.lead, LeadReleased("lee"), FRIDAY + 70).lead.owner == "kim"
    assert go(taken.lead, LeadReleased("kim"), FRIDAY + 70).lead.owner is None


def test_other_hours_move_what_is_to_come_and_never_undo_a_breach():
    longer = replace(SALES, hours=OpeningHours("Mo-Sa 09:00-18:00", "America/New_York"))
    moved = go(LEAD, HoursChanged(), FRIDAY + 60, longer)
    assert moved.lead.due_at == at("2026-11-14 11:20")
    broken = step(LEAD, TimeCame(), SALES, at("2026-11-16 12:00"))
    shut = replace(SALES, hours=OpeningHours("Tu 09:00-10:00", "America/New_York"))
    after = go(broken.lead, HoursChanged(), at("2026-11-16 12:01"), shut)
    assert after.lead.running is not None
    assert after.lead.running.breached
    assert after.lead.due_at == LEAD.due_at
    assert "breached" not in words(after)


def test_without_a_promise_nothing_is_due():
    moved = open_lead("x", LeadOpened(unserved(), ("kim",)), None, FRIDAY)
    assert moved.lead.running is None
    assert told(moved)[-1] == Remind(("kim",), "new")
    assert [each.lead.closed_how for each in wait(moved, None)] == ["expired"]


def test_who_is_served_and_calls_again_the_same_day_has_the_same_lead():
    served = go(LEAD, PersonServed("lee"), FRIDAY + 60)
    again = go(served.lead, ContactAdded(unserved(FRIDAY + HOUR)), FRIDAY + HOUR)
    assert again.lead.state is LeadState.WAITING
    assert (again.lead.closed_how, again.lead.closed_at, again.lead.owner) == ("", None, None)
    assert again.lead.running is not None
    assert again.lead.running.term == "next"
    assert "opened" in words(again)


# --- every order -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", LeadState)
def test_the_table_says_what_each_event_leads_to(state):
    for event in EVENTS:
        lead = replace(LEAD, state=state, running=LEAD.running if state is LeadState.WAITING else None)
        moved = go(lead, event, FRIDAY + 60)
        target = TRANSITIONS[state].get(type(event), state)
        if isinstance(event, PersonContacted):
            target = _after_contact(state, event)
        assert moved.lead.state is target, (state, event)
        if type(event) not in TRANSITIONS[state]:
            assert (moved.lead, moved.commands) == (lead, ())


def _after_contact(state: LeadState, event: PersonContacted) -> LeadState:
    """A call that nobody picked up answers nobody; one that was, serves."""
    if state is LeadState.CLOSED:
        return state
    if event.served:
        return LeadState.CLOSED
    return state if event.how == "call" else LeadState.ANSWERED


def test_every_way_to_close_has_a_word():
    assert {*CLOSES.values(), "expired"} == set(CLOSED_HOW)


@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.floats(0, 3 * 86400)), max_size=12))
@settings(max_examples=150, deadline=None)
def test_in_every_order_a_promise_breaks_once_and_nobody_is_told_at_night(events):
    moved, now = OPENED, FRIDAY
    breaches: dict[tuple[str, float], int] = {}
    opened = 1
    for event, pause in events:
        now += pause
        before = moved.lead
        moved = go(before, event, now)
        for command in moved.commands:
            if isinstance(command, Remind | Escalate):
                assert is_open(utc(now), OFFICE)
            if isinstance(command, SettlePromise) and command.kept.met_at is not None:
                assert (command.kept.breached_at is not None) == (now >= (command.kept.due_at or now + 1))
        if "breached" in words(moved):
            assert before.running is not None
            key = (before.running.term, before.running.since)
            breaches[key] = breaches.get(key, 0) + 1
        opened += "opened" in words(moved)
        lead = moved.lead
        assert lead.open == (lead.closed_at is None) == (not lead.closed_how)
        assert lead.running is None or lead.state is LeadState.WAITING
        assert not (lead.state is LeadState.WAITING and lead.running is None)
        assert lead.open or moved.wake_at is None
        assert moved.wake_at == wake_at(lead, SALES, now)
        if lead.first_at is not None and lead.running is not None:
            assert lead.running.term == "next"
    assert set(breaches.values()) <= {1}
    closed = sum(1 for _ in [moved] if not moved.lead.open)
    assert opened >= closed
