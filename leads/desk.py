"""The desk of leads: whatever happens to a lead comes through here, is written, and is told."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import structlog

from bridge.protocols import Cancellable, Clock
from follow.commands import (
    Acknowledge,
    AddContact,
    Escalate,
    LeadCommand,
    LeadWord,
    Remind,
    SettlePromise,
    TellDesk,
    TellOthers,
    WriteLead,
)
from follow.events import (
    ContactAdded,
    HoursChanged,
    LeadEvent,
    LeadOpened,
    OwnerCame,
    OwnerLeft,
    PersonServed,
    TimeCame,
)
from follow.hearing import is_surely
from follow.lead import Lead, LeadContact, LeadPerson, LeadState, ReminderKind, Unserved
from follow.machine import Moved, open_lead, step
from follow.merge import DAY
from follow.promises import PromiseTerms
from leads.board import LeadBoard, LiveLead
from leads.records import KeepContact, KeepLead, KeepPromise, LeadStore
from leads.writer import LeadWriter

log = structlog.get_logger(__name__)

#: The longest sleep, in seconds: the wall clock, by which times are due, may be set meanwhile.
LONGEST_SLEEP = 60.0
#: Leads that are looked at before others get their turn.
AT_ONCE = 50
#: The most contacts that one lead keeps; later ones are heard, and not listed.
MOST_CONTACTS = 200


class LeadPolicy(Protocol):
    """What the settings say."""

    def follows(self, site: str) -> bool:
        """Whether leads of this site are followed up."""

    def terms_for(self, site: str, kind: str) -> PromiseTerms | None:
        """What a lead is promised that begins so; None for nothing."""

    def terms_named(self, name: str, site: str) -> PromiseTerms | None:
        """A promise by its name, as it is told at a site; None for one that the settings have no more."""

    def assigned(self, unserved: Unserved) -> tuple[str, ...]:
        """Whose lead it is by the route: agents."""

    def readers(self, lead: Lead, tell: str) -> tuple[str, ...]:
        """Who reads what a step tells ``agent``, ``agent:NAME`` or ``mailbox:NAME``."""


class LeadOutside(Protocol):
    """Who is told of leads."""

    def remind(self, reader: str, lead: Lead, kind: ReminderKind) -> None:
        """Tell ``agent:NAME`` or ``mailbox:NAME``, soon, with all the others of theirs."""

    def acknowledge(self, lead: Lead, unserved: Unserved) -> None:
        """Tell the shopper, if the settings want it and the rules allow it."""

    def tell(self, lead: Lead, word: LeadWord) -> None:
        """Tell other programs."""


class LeadDesk:
    """Keeps the leads, and runs the machine of each. Lives on the event loop; nothing here raises.

    ``there(agent)`` tells whether an agent is logged in.
    """

    def __init__(
        self,
        store: LeadStore,
        clock: Clock,
        policy: LeadPolicy,
        outside: LeadOutside,
        there: Callable[[str], bool],
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._outside = outside
        self._there = there
        self._timer: Cancellable | None = None
        self._running = False
        self._moved: list[Callable[[Lead], None]] = []
        self._looking: asyncio.Task[None] | None = None
        self.board = LeadBoard()
        self.writer = LeadWriter(store)

    def watch(self, moved: Callable[[Lead], None]) -> None:
        """Call this with each lead that has changed."""
        self._moved.append(moved)

    async def start(self) -> None:
        """Take up what is on disk; raises what the store raises."""
        now = self._clock.time()
        for stored in await self._store.live_leads(now - DAY):
            self.board.put(LiveLead(stored.lead, list(stored.contacts)))
        self._running = True
        for number, live in enumerate(self.board):
            self._presence(live)
            self._happen(live, TimeCame())
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
        self._arm()

    async def stop(self) -> None:
        """Write what waits; no time comes any more."""
        self._running = False
        if self._timer is not None:
            self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})
        await self.writer.stop()

    # --- contacts -------------------------------------------------------------------------------------------

    def unserved(self, unserved: Unserved) -> Lead | None:
        """Somebody was not served: their lead, a new one or the one they have; None where none is followed.

        Who left nothing by which anybody could answer them becomes no lead; what has been heard before
        changes nothing.
        """
        person, contact = unserved.person, unserved.contact
        if not self._policy.follows(unserved.site) or not person.reachable:
            return None
        known = self.board.of_ref(contact.ref) if contact.ref else None
        if known is not None and any(each.ref == contact.ref and not each.by for each in known.contacts):
            return known.lead
        assigned = self._policy.assigned(unserved)
        terms = self._policy.terms_for(unserved.site, contact.kind)
        live = known or self.board.of_person(person, unserved.site, contact.at)
        if live is not None and unserved.chosen is not None and not is_surely(person, live.lead):
            live = None  # whoever typed somebody's number moves no call of theirs
        if live is not None:
            self._happen(live, ContactAdded(unserved, assigned), terms=terms, unserved=unserved)
            return live.lead
        moved = open_lead(
            secrets.token_hex(12),
            LeadOpened(unserved, assigned),
            terms,
            self._clock.time(),
            secrets.token_urlsafe(24),
        )
        live = LiveLead(moved.lead, [])
        log.info(
            "lead_opened",
            lead_id=moved.lead.lead_id,
            site=unserved.site,
            kind=contact.kind,
            assigned=len(assigned),
        )
        self._carry_out(live, moved, unserved)
        return live.lead

    def served(self, person: LeadPerson, site: str, by: str = "") -> None:
        """Somebody talks or chats with this person: their leads are over."""
        for live in self.board.open_of_person(person, site):
            self._happen(live, PersonServed(by))

    def happens(self, lead_id: str, event: LeadEvent) -> Lead | None:
        """Let an event happen to a lead; the lead as it then is, None for one that is not in memory."""
        live = self.board.get(lead_id)
        if live is None:
            return None
        self._happen(live, event)
        return live.lead

    def of_ref(self, ref: str) -> Lead | None:
        """The lead that this call or chat is a contact of."""
        live = self.board.of_ref(ref)
        return live.lead if live else None

    def of_persons(self, person: LeadPerson, site: str) -> Sequence[Lead]:
        """The open leads of a person."""
        return [live.lead for live in self.board.open_of_person(person, site)]

    async def forget(self, lead_ids: Iterable[str]) -> None:
        """These are to be erased: know them no more, with nothing left to write of them."""
        for lead_id in lead_ids:
            self.board.drop(lead_id)
        await self.writer.flushed()

    # --- what changes around them ---------------------------------------------------------------------------

    def presence(self, agent: str) -> None:
        """An agent came or left."""
        for live in self.board:
            if live.lead.owner == agent:
                self._presence(live)

    def _presence(self, live: LiveLead) -> None:
        lead = live.lead
        if lead.owner is not None and lead.open:
            there = self._there(lead.owner)
            if there == (lead.absent_since is not None):
                self._happen(live, OwnerCame() if there else OwnerLeft())

    def settings_changed(self) -> None:
        """Other hours or promises: what is still to come moves, a few leads at a time."""
        if self._looking is not None:
            self._looking.cancel()
        self._looking = asyncio.ensure_future(self._look_at_all())

    async def _look_at_all(self) -> None:
        for number, live in enumerate(self.board):
            if live.lead.open:
                self._happen(live, HoursChanged())
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)

    # --- time -----------------------------------------------------------------------------------------------

    def _arm(self) -> None:
        """One timer for all of them: set it for the earliest."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._running:
            at = self.board.next_wake()
            ahead = LONGEST_SLEEP if at is None else at - self._clock.time()
            self._timer = self._clock.call_later(min(max(0.0, ahead), LONGEST_SLEEP), self._wake)

    def _wake(self) -> None:
        self._timer = None
        now = self._clock.time()
        for live in self.board.due(now, AT_ONCE):
            self._happen(live, TimeCame())
        self.board.drop_old(now)
        self._arm()

    # --- one event ------------------------------------------------------------------------------------------

    def _happen(
        self,
        live: LiveLead,
        event: LeadEvent,
        *,
        terms: PromiseTerms | None = None,
        unserved: Unserved | None = None,
    ) -> None:
        lead = live.lead
        if terms is None or lead.running is not None:
            running = lead.running.promise if lead.running else None
            terms = (
                self._policy.terms_named(running, lead.site)
                if running is not None
                else self._policy.terms_for(lead.site, lead.kind)
            )
        try:
            moved = step(lead, event, terms, self._clock.time())
        except Exception:
            log.exception("lead_event_broke", lead_id=lead.lead_id, kind=type(event).__name__)
            return
        self._carry_out(live, moved, unserved)

    def _carry_out(self, live: LiveLead, moved: Moved, unserved: Unserved | None) -> None:
        before = live.lead
        live.lead, live.wake_at = moved.lead, moved.wake_at
        if before.open and not moved.lead.open:
            log.info(
                "lead_closed", lead_id=moved.lead.lead_id, site=moved.lead.site, how=moved.lead.closed_how
            )
        for command in moved.commands:
            self._execute(live, command, unserved)
        self.board.put(live)
        if self._running and moved.wake_at is not None and moved.wake_at == self.board.next_wake():
            self._arm()

    def _execute(self, live: LiveLead, command: LeadCommand, unserved: Unserved | None) -> None:
        lead = live.lead
        match command:
            case AddContact(contact=contact):
                self._keep_contact(live, contact)
            case SettlePromise(kept=kept):
                self.writer.put(KeepPromise(lead.lead_id, lead.site, kept))
            case WriteLead():
                self.writer.put(KeepLead(lead))
            case Remind(agents=agents, kind=kind):
                readers = tuple(f"agent:{agent}" for agent in agents) or self._policy.readers(lead, "mailbox")
                self._remind(readers, lead, kind)
            case Escalate(tell=tell, kind=kind):
                self._remind(self._policy.readers(lead, tell), lead, kind)
            case Acknowledge():
                if unserved is not None:
                    self._outside.acknowledge(lead, unserved)
            case TellOthers(word=word):
                self._outside.tell(lead, word)
            case TellDesk():
                for moved in self._moved:
                    moved(lead)

    def _remind(self, readers: Iterable[str], lead: Lead, kind: ReminderKind) -> None:
        for reader in dict.fromkeys(readers):
            self._outside.remind(reader, lead, kind)

    def _keep_contact(self, live: LiveLead, contact: LeadContact) -> None:
        if len(live.contacts) < MOST_CONTACTS:
            # The lead's row is written first: a contact refers to it.
            self.writer.put(KeepLead(live.lead), KeepContact(live.lead.lead_id, len(live.contacts), contact))
            live.contacts.append(contact)

    # --- lists ----------------------------------------------------------------------------------------------

    def open_leads(self) -> list[Lead]:
        """Every open lead, the one due first first; those that nothing is promised to come last."""
        waiting = (live.lead for live in self.board if live.lead.open)
        return sorted(waiting, key=_urgency)


def _urgency(lead: Lead) -> tuple[bool, bool, float, float, str]:
    due = lead.due_at
    answered = lead.state is LeadState.ANSWERED
    return answered, due is None, due or 0.0, lead.opened_at, lead.lead_id
