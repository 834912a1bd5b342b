"""What is kept of leads, as it is stored and read again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from follow.lead import Lead, LeadContact, PromiseKept, ReminderKind, Term


@dataclass(frozen=True, slots=True)
class KeepLead:
    """Store how a lead stands."""

    lead: Lead


@dataclass(frozen=True, slots=True)
class KeepContact:
    """Store a contact of a lead, the ``position``-th from 0."""

    lead_id: str
    position: int
    contact: LeadContact


@dataclass(frozen=True, slots=True)
class KeepPromise:
    """Store what became of a promise, in place of what was stored of it before."""

    lead_id: str
    site: str
    kept: PromiseKept


@dataclass(frozen=True, slots=True)
class LeadReminder:
    """A reader, ``agent:NAME`` or ``mailbox:NAME``, is to be told of a lead; ``at`` in epoch seconds."""

    reader: str
    lead_id: str
    kind: ReminderKind
    at: float


@dataclass(frozen=True, slots=True)
class DropReminders:
    """A reader has been told of these leads."""

    reader: str
    lead_ids: tuple[str, ...]


#: What is stored in one transaction, in its order.
LeadWrite = KeepLead | KeepContact | KeepPromise | LeadReminder | DropReminders


@dataclass(frozen=True, slots=True)
class StoredLead:
    """A lead as it is on disk, with its contacts, the oldest first."""

    lead: Lead
    contacts: tuple[LeadContact, ...]


#: By what answer times are told.
PromiseKey = Literal["site", "queue", "agent", "promise"]
PROMISE_KEYS: tuple[PromiseKey, ...] = ("site", "queue", "agent", "promise")


@dataclass(frozen=True, slots=True)
class PromiseCounts:
    """Answers against what was promised, of promises that began in a period."""

    key: str
    term: Term
    #: Promises that were kept or broken; those that were kept; and those that were broken, answered or not.
    promised: int
    kept: int
    broken: int
    #: Answers, and the mean of their seconds by the wall clock.
    answered: int
    mean_seconds: float


class LeadStore(Protocol):
    """Where leads are kept; every method may raise any exception."""

    async def write_leads(self, writes: Sequence[LeadWrite]) -> None:
        """Carry all of them out, in one transaction."""

    async def live_leads(self, opened_since: float) -> Sequence[StoredLead]:
        """Those that are open, and those that were opened since then."""

    async def reminders(self) -> Sequence[LeadReminder]:
        """Who is still to be told of what."""

    async def lead(self, lead_id: str) -> StoredLead | None:
        """One of them."""

    async def muted(self) -> Collection[str]:
        """The readers who want no mails."""

    async def mute(self, reader: str, at: float | None) -> None:
        """A reader wants no more mails from now on; None: wants them again."""

    async def note_acknowledgement(
        self, site: str, digest: str, at: float, most: int, seconds: float
    ) -> bool:
        """Note that an address gets an acknowledgement, unless it had one of the site within 24 hours, or
        ``most`` others of the site have within ``seconds``; whether it was noted."""
