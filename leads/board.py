"""The leads in memory: those that are open, and those of the last day, found by id, person, or reference."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from follow.lead import Lead, LeadContact, LeadPerson
from follow.merge import DAY, lead_of


@dataclass(slots=True)
class LiveLead:
    """A lead in memory, with its contacts, the oldest first."""

    lead: Lead
    contacts: list[LeadContact]
    #: When something happens to it by itself; None for never.
    wake_at: float | None = None


class LeadBoard:
    """All of them, and one clock for all their times."""

    def __init__(self) -> None:
        self._leads: dict[str, LiveLead] = {}
        self._of_key: dict[tuple[str, str], set[str]] = {}
        self._of_ref: dict[str, str] = {}
        #: Times to wake, the earliest first; one that has moved meanwhile is passed over.
        self._wakes: list[tuple[float, str]] = []

    def __len__(self) -> int:
        return len(self._leads)

    def __iter__(self) -> Iterator[LiveLead]:
        return iter(list(self._leads.values()))

    def get(self, lead_id: str) -> LiveLead | None:
        """One of them."""
        return self._leads.get(lead_id)

    def of_person(self, person: LeadPerson, site: str, at: float) -> LiveLead | None:
        """The lead that takes this person's contacts (:func:`follow.merge.lead_of`)."""
        ids = {each for key in person.keys for each in self._of_key.get((site, key), ())}
        found = lead_of(person, site, at, (self._leads[each].lead for each in ids))
        return self._leads[found.lead_id] if found else None

    def open_of_person(self, person: LeadPerson, site: str) -> list[LiveLead]:
        """All open leads of a person at a site."""
        ids = {each for key in person.keys for each in self._of_key.get((site, key), ())}
        return [self._leads[each] for each in sorted(ids) if self._leads[each].lead.open]

    def of_ref(self, ref: str) -> LiveLead | None:
        """The lead that this call, chat or callback is a contact of."""
        return self._leads.get(self._of_ref.get(ref, ""))

    def put(self, live: LiveLead) -> None:
        """Take up a lead, or what has changed of it."""
        lead = live.lead
        self._leads[lead.lead_id] = live
        for key in lead.keys:
            self._of_key.setdefault((lead.site, key), set()).add(lead.lead_id)
        for contact in live.contacts:
            if contact.ref:
                self._of_ref[contact.ref] = lead.lead_id
        if live.wake_at is not None:
            heapq.heappush(self._wakes, (live.wake_at, lead.lead_id))

    def drop(self, lead_id: str) -> None:
        """Forget a lead."""
        live = self._leads.pop(lead_id, None)
        if live is None:
            return
        for key in live.lead.keys:
            ids = self._of_key.get((live.lead.site, key), set())
            ids.discard(lead_id)
            if not ids:
                self._of_key.pop((live.lead.site, key), None)
        for contact in live.contacts:
            if self._of_ref.get(contact.ref) == lead_id:
                del self._of_ref[contact.ref]

    def drop_old(self, now: float) -> None:
        """Forget what is closed and takes no further contacts."""
        for live in self:
            if not live.lead.open and now >= live.lead.opened_at + DAY:
                self.drop(live.lead.lead_id)

    def next_wake(self) -> float | None:
        """The earliest time at which something happens by itself."""
        while self._wakes:
            at, lead_id = self._wakes[0]
            live = self._leads.get(lead_id)
            if live is not None and live.wake_at == at:
                return at
            heapq.heappop(self._wakes)
        return None

    def due(self, now: float, most: int) -> Iterable[LiveLead]:
        """At most so many leads whose time has come; each is to be :meth:`put` again."""
        found: list[LiveLead] = []
        while len(found) < most and (at := self.next_wake()) is not None and at <= now:
            _, lead_id = heapq.heappop(self._wakes)
            live = self._leads[lead_id]
            live.wake_at = None
            found.append(live)
        return found
