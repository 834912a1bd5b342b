"""A time that the shopper chose is what is promised: reminded before, late after it, theirs to move."""

from __future__ import annotations

from dataclasses import replace

from follow.commands import Escalate, Remind, SettlePromise, TellOthers
from follow.events import (
    ContactAdded,
    HoursChanged,
    LeadCancelled,
    LeadOpened,
    PersonContacted,
    TimeCame,
    TimeChosen,
)
from follow.lead import ChosenTime, ContactKind, LeadState
from follow.machine import Moved, open_lead, step
from tests.follow.samples import FRIDAY, HOUR, SALES, at, unserved

#: Monday at 14:00, for half an hour.
CHOSEN = ChosenTime(at("2026-11-16 14:00"), 1800.0, remind=600.0, zone="Europe/Berlin")
WANTED = replace(unserved(kind=ContactKind.FORM), chosen=CHOSEN)


def opened() -> Moved:
    return open_lead("lead-1", LeadOpened(WANTED, ("kim",)), SALES, FRIDAY)


def test_it_is_the_promise_and_says_so():
    running = opened().lead.running
    assert running is not None
    assert running.due_at == CHOSEN.end
    assert running.explanation == "the shopper chose Mon 14:00 EST to 14:30 EST"


def test_its_people_are_reminded_ten_minutes_before_and_hear_at_its_end_that_it_is_late():
    moved = opened()
    assert moved.wake_at == CHOSEN.start - 600
    moved = step(moved.lead, TimeCame(), SALES, moved.wake_at)
    assert Remind(("kim",), "warning") in moved.commands
    assert Escalate("agent", "step") in moved.commands  # 50% of the way: with the reminder
    assert moved.wake_at == CHOSEN.end
    moved = step(moved.lead, TimeCame(), SALES, CHOSEN.end)
    assert TellOthers("breached") in moved.commands
    assert Escalate("mailbox:lead", "breach") in moved.commands


def test_who_is_called_in_time_was_promised_nothing_in_vain():
    called = PersonContacted("kim", "call", served=True)
    moved = step(opened().lead, called, SALES, CHOSEN.start + 60)
    [settled] = [each.kept for each in moved.commands if isinstance(each, SettlePromise)]
    assert (settled.breached_at, settled.met_at, settled.agent) == (None, CHOSEN.start + 60, "kim")
    assert (moved.lead.chosen, moved.lead.state) == (None, LeadState.CLOSED)


def test_it_moves_and_what_was_broken_by_then_stays_broken():
    later = replace(CHOSEN, start=CHOSEN.start + 2 * HOUR)
    moved = step(opened().lead, TimeChosen(later), SALES, FRIDAY + HOUR)
    assert (moved.lead.due_at, moved.lead.chosen, moved.lead.breached) == (later.end, later, False)
    late = step(opened().lead, TimeChosen(later), SALES, CHOSEN.end + 1)
    assert late.lead.breached
    assert TellOthers("breached") in late.commands
    over = step(moved.lead, LeadCancelled(), SALES, FRIDAY + HOUR)
    assert (over.lead.chosen, over.wake_at) == (None, None)
    assert step(over.lead, TimeChosen(later), SALES, FRIDAY + HOUR).lead == over.lead


def test_other_hours_do_not_move_what_was_agreed_on():
    lead = opened().lead
    moved = step(lead, HoursChanged(), replace(SALES, first=HOUR), FRIDAY + HOUR)
    assert moved.lead.running == lead.running


def test_a_time_takes_the_place_of_the_promise_and_an_answer_gives_it_up():
    lead = open_lead("lead-1", LeadOpened(replace(unserved(), person=VISITOR)), SALES, FRIDAY).lead
    wanted = replace(WANTED, person=VISITOR)
    moved = step(lead, ContactAdded(wanted), SALES, FRIDAY + 60)
    assert (moved.lead.due_at, moved.lead.chosen) == (CHOSEN.end, CHOSEN)
    answered = step(moved.lead, PersonContacted("kim", "mail", served=False), SALES, FRIDAY + 120)
    assert (answered.lead.chosen, answered.lead.running) == (None, None)
    once_more = ContactAdded(replace(unserved(ref="c2"), person=VISITOR))
    again = step(answered.lead, once_more, SALES, FRIDAY + 180)
    assert again.lead.running is not None
    assert again.lead.running.explanation.startswith("due ")


VISITOR = replace(unserved().person, visitor="browser-0123456789")
