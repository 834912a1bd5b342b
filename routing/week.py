"""Who answers when: the decision of one click, looked at through a week."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from routing.decide import Decision, plan_call
from routing.directory import Directory
from routing.endings import ending_in_words
from routing.plan import ClickToCall
from routing.router import Router

#: How often the week is looked at.
SLOT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Slot:
    """A quarter of an hour: who rings first, and then, and the route that decided it."""

    begins: datetime
    route: str
    #: Destinations in the order in which they begin to ring; none where nobody can be rung.
    order: tuple[str, ...]
    #: What becomes of a call that nobody takes, in words.
    ending: str
    #: The queue in which it waits while all are busy.
    queue: str | None


def week(router: Router, click: ClickToCall, monday: datetime) -> tuple[Slot, ...]:
    """The week from ``monday`` on, in its time zone; a day that loses an hour has fewer slots.

    Everybody is taken to be free, and the draw of luck to be the middle.
    """
    return tuple(_slots(monday, lambda at: plan_call(click, router, "week", Directory(), at, 0.5)))


def _slots(monday: datetime, decide: Callable[[datetime], Decision]) -> Iterator[Slot]:
    end = monday.date() + timedelta(days=7)
    at = monday.astimezone(UTC)
    while (local := at.astimezone(monday.tzinfo)).date() < end:
        plan = decide(local).plan
        names = (endpoint.destination for step in plan.steps for endpoint in step.endpoints)
        queue = plan.queue.queue if plan.queue else None
        yield Slot(local, plan.route, tuple(dict.fromkeys(names)), ending_in_words(plan.ending), queue)
        at += SLOT


def monday_of(at: datetime) -> datetime:
    """The midnight that begins the week of ``at``, in its zone."""
    day = at.date() - timedelta(days=at.weekday())
    return datetime.combine(day, time(), at.tzinfo)
