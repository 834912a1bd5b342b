"""What is promised, with the hours in which its time runs; and when each moment of it comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from follow.clock import OpenTimes, due
from follow.lead import ChosenTime, Running, Term
from follow.words import explained, moment

#: Seconds after which a lead is closed by itself where the settings say nothing.
CLOSE_AFTER = 30 * 86400.0


@dataclass(frozen=True, slots=True)
class PromiseStep:
    """Who is told when so much of the promised time is used up."""

    #: From 0 to 10; 1 is the due time.
    after: float
    #: ``agent``, ``agent:NAME`` or ``mailbox:NAME``.
    tell: str


@dataclass(frozen=True, slots=True)
class PromiseTerms:
    """A promise of the settings. All times are in seconds."""

    name: str
    #: Open time to the first answer, and to each next one.
    first: float
    next: float
    #: None: somebody is always there.
    hours: OpenTimes | None
    zone: tzinfo = UTC
    #: The share after which its people are warned; None: not at all.
    warn: float | None = None
    #: In the order of their times.
    steps: tuple[PromiseStep, ...] = ()
    #: Open time after which an owner who is offline loses the lead.
    absent: float = 1800.0
    #: Time after which a lead is closed by itself, counted from its last contact.
    close_after: float = CLOSE_AFTER


def begin(terms: PromiseTerms, term: Term, since: float) -> Running:
    """A promise that begins to run."""
    start, promised = utc(since), terms.first if term == "first" else terms.next
    told = due(start, promised, terms.hours)

    def at(share: float) -> float | None:
        moment = due(start, promised * share, terms.hours).at
        return moment.timestamp() if moment else None

    return Running(
        promise=terms.name,
        term=term,
        since=since,
        due_at=told.at.timestamp() if told.at else None,
        explanation=explained(start, told, terms.zone),
        warn_at=at(terms.warn) if terms.warn is not None else None,
        steps_at=tuple(at(step.after) for step in terms.steps),
    )


def begin_chosen(terms: PromiseTerms, term: Term, chosen: ChosenTime, now: float) -> Running:
    """The promise of a time that the shopper chose: it is due at the end of its slot.

    Its people are reminded before it begins, and whoever is told before a promise is due hears of it then.
    """
    start, end = (utc(each).astimezone(terms.zone) for each in (chosen.start, chosen.end))
    remind = max(now, chosen.start - chosen.remind)
    told = moment(start, terms.zone, utc(now).astimezone(terms.zone).date())
    return Running(
        promise=terms.name,
        term=term,
        since=now,
        due_at=chosen.end,
        explanation=f"the shopper chose {told} to {end:%H:%M} {end.tzname()}",
        warn_at=remind,
        steps_at=tuple(
            remind if step.after < 1 else chosen.end + (step.after - 1) * chosen.seconds
            for step in terms.steps
        ),
    )


def utc(at: float) -> datetime:
    """The moment of epoch seconds."""
    return datetime.fromtimestamp(at, UTC)
