"""One lead: what an event makes of it, and what is to be done. Pure; time comes in as an argument.

Two tables hold it: :data:`TRANSITIONS` says whose turn it is next, :data:`CLOSES` what closes a lead. A late
event is a row that changes nothing, never an error.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from follow.clock import due, is_open, next_open
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
from follow.hearing import first_heard, heard_again
from follow.lead import (
    ChosenTime,
    ClosedHow,
    Lead,
    LeadContact,
    LeadState,
    PromiseKept,
    ReminderKind,
    Running,
    Term,
    Unserved,
)
from follow.promises import CLOSE_AFTER, PromiseTerms, begin, begin_chosen, utc

_S = LeadState
#: ``TRANSITIONS[state][event]`` is the next state; an event without a row leaves the lead as it is.
TRANSITIONS: dict[LeadState, dict[type[LeadEvent], LeadState]] = {
    _S.WAITING: {
        ContactAdded: _S.WAITING,
        LeadTaken: _S.WAITING,
        LeadReleased: _S.WAITING,
        PersonContacted: _S.ANSWERED,
        OwnerLeft: _S.WAITING,
        OwnerCame: _S.WAITING,
        TimeCame: _S.WAITING,
        HoursChanged: _S.WAITING,
        CancelAsked: _S.WAITING,
        TimeChosen: _S.WAITING,
        PersonServed: _S.CLOSED,
        PersonOrdered: _S.CLOSED,
        LeadCancelled: _S.CLOSED,
        ClosedByAgent: _S.CLOSED,
    },
    _S.ANSWERED: {
        ContactAdded: _S.WAITING,  # the shopper spoke last: the next answer is promised
        LeadTaken: _S.ANSWERED,
        LeadReleased: _S.ANSWERED,
        PersonContacted: _S.ANSWERED,
        OwnerLeft: _S.ANSWERED,
        OwnerCame: _S.ANSWERED,
        TimeCame: _S.ANSWERED,
        HoursChanged: _S.ANSWERED,
        CancelAsked: _S.ANSWERED,
        TimeChosen: _S.WAITING,
        PersonServed: _S.CLOSED,
        PersonOrdered: _S.CLOSED,
        LeadCancelled: _S.CLOSED,
        ClosedByAgent: _S.CLOSED,
    },
    _S.CLOSED: {
        ContactAdded: _S.WAITING,  # within a day it is the same lead
    },
}
#: What each event that closes a lead calls it.
CLOSES: dict[type[LeadEvent], ClosedHow] = {
    PersonServed: "served",
    PersonOrdered: "ordered",
    LeadCancelled: "cancelled",
    ClosedByAgent: "done",
}


@dataclass(frozen=True, slots=True)
class Moved:
    """What an event made of a lead."""

    lead: Lead
    commands: tuple[LeadCommand, ...] = ()
    #: When TimeCame is wanted, in epoch seconds; None where nothing is left to wait for.
    wake_at: float | None = None


@dataclass(slots=True)
class _Work:
    """One event at work."""

    lead: Lead
    terms: PromiseTerms | None
    now: float
    commands: list[LeadCommand] = field(default_factory=list)

    def do(self, *commands: LeadCommand) -> None:
        self.commands += commands

    def become(self, **changes: object) -> None:
        self.lead = replace(self.lead, **changes)  # type: ignore[arg-type]

    @property
    def quiet(self) -> bool:
        """Whether nobody is there to read anything."""
        return self.terms is not None and not is_open(utc(self.now), self.terms.hours)

    @property
    def readers(self) -> tuple[str, ...]:
        """Whose lead it is: its owner's, else everybody's whom the route names."""
        return (self.lead.owner,) if self.lead.owner else self.lead.assigned


def open_lead(
    lead_id: str, event: LeadOpened, terms: PromiseTerms | None, now: float, secret: str = ""
) -> Moved:
    """A new lead. Without ``terms`` nothing is promised. ``secret`` is random: it signs links."""
    wanted = event.wanted
    work = _Work(
        Lead(
            lead_id,
            wanted.site,
            wanted.person,
            opened_at=wanted.contact.at,
            last_at=wanted.contact.at,
            secret=secret,
        ),
        terms,
        now,
    )
    _hear(work, first_heard(work.lead, wanted, event.assigned))
    work.become(chosen=wanted.chosen)
    work.do(AddContact(wanted.contact), Acknowledge(), TellOthers("opened"))
    _promise(work)
    _notify(work, "new")
    return _done(work)


def step(lead: Lead, event: LeadEvent, terms: PromiseTerms | None, now: float) -> Moved:
    """What an event makes of a lead. ``terms`` are those of its promise that hold now, if any do."""
    target = TRANSITIONS[lead.state].get(type(event))
    if target is None:
        return Moved(lead, (), wake_at(lead, terms, now))
    work = _Work(lead, terms, now)
    match event:
        case ContactAdded(wanted=wanted, assigned=assigned):
            _again(work, wanted, assigned)
        case LeadTaken(by=by):
            _take(work, by)
        case LeadReleased(by=by):
            if lead.owner == by:
                work.become(owner=None, absent_since=None)
        case PersonContacted():
            _contacted(work, event)
        case CancelAsked():
            work.do(AddContact(LeadContact("cancel_asked", "", now)))
        case TimeChosen(chosen=chosen):
            work.do(AddContact(LeadContact("time_chosen", "", now)))
            _choose(work, chosen)
        case OwnerLeft():
            if lead.owner is not None and lead.absent_since is None:
                work.become(absent_since=now)
        case OwnerCame():
            work.become(absent_since=None)
        case TimeCame():
            _time(work)
        case HoursChanged():
            _other_hours(work)
        case ClosedByAgent(code=code, note=note, by=by):
            _met(work, by)
            work.become(code=code, note=note)
            _close(work, "done")
        case PersonServed(by=by):
            _met(work, by)
            _close(work, "served")
        case PersonOrdered() | LeadCancelled():
            _close(work, CLOSES[type(event)])
        case LeadOpened():  # no row has it: a lead is opened by open_lead
            pass
    if work.lead == lead and not work.commands:
        return Moved(lead, (), wake_at(lead, terms, now))
    return _done(work)


def wake_at(lead: Lead, terms: PromiseTerms | None, now: float) -> float | None:
    """When something is to happen by itself next; what waits for somebody to be there waits until then."""
    if not lead.open:
        return None
    times: list[float | None] = [lead.expires_at]
    if lead.pending:
        times.append(_when_open(now, terms, now))
    running = lead.running
    if running is not None:
        if not running.breached:
            times.append(running.due_at)
        loud = [] if running.warned else [running.warn_at]
        loud += running.steps_at[running.steps_done :][:1]
        times += [_when_open(at, terms, now) for at in loud]
    if terms is not None and lead.absent_since is not None:
        gone = due(utc(lead.absent_since), terms.absent, terms.hours).at
        times.append(gone.timestamp() if gone else None)
    return min((at for at in times if at is not None), default=None)


# --- contacts ----------------------------------------------------------------------------------------------


def _hear(work: _Work, lead: Lead) -> None:
    """Take over what a contact tells; a lead is closed by age after its last one."""
    close_after = work.terms.close_after if work.terms else CLOSE_AFTER
    work.lead = replace(lead, expires_at=work.now + close_after)


def _again(work: _Work, wanted: Unserved, assigned: tuple[str, ...]) -> None:
    before = work.lead.state
    _hear(work, heard_again(work.lead, wanted, assigned))
    work.do(AddContact(wanted.contact))
    if wanted.chosen is not None and before is not LeadState.CLOSED:
        _choose(work, wanted.chosen)
        return
    if before is LeadState.WAITING:
        return  # what was promised first is not put off by asking again
    reopened = before is LeadState.CLOSED
    if reopened:
        work.become(code="", note="", closed_at=None, closed_how="", owner=None, absent_since=None)
    work.become(state=LeadState.WAITING, chosen=wanted.chosen)
    _promise(work)
    if reopened:
        work.do(TellOthers("opened"))
    _notify(work, "new" if reopened else "back")


def _take(work: _Work, by: str) -> None:
    if work.lead.owner != by:
        work.become(owner=by, absent_since=None)
        work.do(TellOthers("taken"))


def _contacted(work: _Work, event: PersonContacted) -> None:
    kind = f"{event.how}_{'served' if event.served else 'tried' if event.how == 'call' else 'answered'}"
    work.do(AddContact(LeadContact(kind, event.ref, work.now, event.by)))
    if event.served:
        _met(work, event.by)
        _close(work, "served")
    elif event.how == "call":
        work.become(tries=work.lead.tries + 1)  # nobody picked up: the promise runs on
    else:
        _met(work, event.by)
        work.become(state=LeadState.ANSWERED)


# --- promises ----------------------------------------------------------------------------------------------


def _promise(work: _Work) -> None:
    """Begin what is promised now: the first answer until there was one, then the next."""
    if work.terms is not None:
        term: Term = "first" if work.lead.first_at is None else "next"
        chosen = work.lead.chosen
        work.become(
            running=begin_chosen(work.terms, term, chosen, work.now)
            if chosen
            else begin(work.terms, term, work.now)
        )


def _choose(work: _Work, chosen: ChosenTime) -> None:
    """The shopper's own time takes the place of what was promised; what was broken by now stays broken."""
    _breach(work)
    work.become(state=LeadState.WAITING, chosen=chosen)
    _promise(work)


def _met(work: _Work, by: str) -> None:
    """A person answered: the running promise is over, kept or not."""
    _breach(work)
    running = work.lead.running
    if running is not None:
        late = running.due_at if running.breached else None
        work.do(SettlePromise(_row(work.lead, running, met_at=work.now, agent=by, breached_at=late)))
        work.become(running=None, chosen=None)
    if work.lead.first_at is None:
        work.become(first_at=work.now)


def _breach(work: _Work) -> None:
    """Once a promise: its time is over."""
    running = work.lead.running
    if running is None or running.breached or not _late(running, work.now):
        return
    work.become(running=replace(running, breached=True), breached=True)
    work.do(SettlePromise(_row(work.lead, running, breached_at=running.due_at)), TellOthers("breached"))


def _late(running: Running, now: float) -> bool:
    return running.due_at is not None and now >= running.due_at


def _row(
    lead: Lead,
    running: Running,
    met_at: float | None = None,
    agent: str = "",
    breached_at: float | None = None,
) -> PromiseKept:
    return PromiseKept(
        promise=running.promise,
        term=running.term,
        since=running.since,
        due_at=running.due_at,
        explanation=running.explanation,
        queue=lead.queue,
        met_at=met_at,
        agent=agent,
        breached_at=breached_at,
    )


def _close(work: _Work, how: ClosedHow) -> None:
    lead = work.lead
    if lead.running is not None:  # nobody answered: what was not broken by now is not counted
        _breach(work)
    work.become(
        state=LeadState.CLOSED,
        closed_at=work.now,
        closed_how=how,
        running=None,
        chosen=None,
        pending="",
        absent_since=None,
        expires_at=None,
    )
    work.do(TellOthers("closed"))


# --- time --------------------------------------------------------------------------------------------------


def _time(work: _Work) -> None:
    lead, terms, now = work.lead, work.terms, work.now
    if lead.expires_at is not None and now >= lead.expires_at:
        _close(work, "expired")
        return
    _breach(work)
    if lead.absent_since is not None and terms is not None:
        gone = due(utc(lead.absent_since), terms.absent, terms.hours).at
        if gone is not None and now >= gone.timestamp():
            work.become(owner=None, absent_since=None)
            _notify(work, "back")
    if work.quiet:
        return
    if work.lead.pending:
        work.do(Remind(work.readers, work.lead.pending))
        work.become(pending="")
    if terms is not None:
        _tell(work, terms)


def _notify(work: _Work, kind: ReminderKind) -> None:
    """Tell its people now, or when they are there."""
    if work.quiet:
        work.become(pending=kind)
    else:
        work.do(Remind(work.readers, kind))


def _tell(work: _Work, terms: PromiseTerms) -> None:
    """Warn and escalate what has come."""
    running, now = work.lead.running, work.now
    if running is None:
        return
    if not running.warned and running.warn_at is not None and now >= running.warn_at:
        running = replace(running, warned=True)
        if not running.breached:
            work.do(Remind(work.readers, "warning"), TellOthers("due"))
    while running.steps_done < min(len(running.steps_at), len(terms.steps)):
        at = running.steps_at[running.steps_done]
        if at is None or now < at:
            break
        told = terms.steps[running.steps_done]
        work.do(Escalate(told.tell, "breach" if running.breached else "step"))
        running = replace(running, steps_done=running.steps_done + 1)
    work.become(running=running)


def _other_hours(work: _Work) -> None:
    """Move what is still to come; what was broken stays broken, and nobody is told twice."""
    running, terms = work.lead.running, work.terms
    if running is None or terms is None or running.promise != terms.name or work.lead.chosen is not None:
        return  # a time that was agreed on stands, whatever the hours
    fresh = begin(terms, running.term, running.since)
    if running.breached:
        fresh = replace(fresh, due_at=running.due_at, explanation=running.explanation)
    work.become(
        running=replace(
            fresh, warned=running.warned, breached=running.breached, steps_done=running.steps_done
        )
    )


def _when_open(at: float | None, terms: PromiseTerms | None, now: float) -> float | None:
    """When to tell what is to be told at ``at``: not before somebody is there."""
    if at is None or terms is None:
        return at
    there = next_open(utc(max(at, now)), terms.hours)
    return there.timestamp() if there else None


def _done(work: _Work) -> Moved:
    work.do(WriteLead(), TellDesk())
    return Moved(work.lead, tuple(work.commands), wake_at(work.lead, work.terms, work.now))
