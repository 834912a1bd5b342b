"""What a lead wants done: the commands that its machine returns. Imperative and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from follow.lead import LeadContact, PromiseKept, ReminderKind

#: What other programs are told, each as ``lead.WORD``.
LeadWord = Literal["opened", "taken", "due", "breached", "closed"]


@dataclass(frozen=True, slots=True)
class WriteLead:
    """Store how the lead stands."""


@dataclass(frozen=True, slots=True)
class AddContact:
    """Store one more contact."""

    contact: LeadContact


@dataclass(frozen=True, slots=True)
class SettlePromise:
    """Store what became of a promise; once more changes the row of the same promise, term and beginning."""

    kept: PromiseKept


@dataclass(frozen=True, slots=True)
class Remind:
    """Tell these agents about it, with all the others of theirs."""

    agents: tuple[str, ...]
    kind: ReminderKind


@dataclass(frozen=True, slots=True)
class Escalate:
    """Tell whom a step of the promise names: ``agent``, ``agent:NAME`` or ``mailbox:NAME``."""

    tell: str
    kind: ReminderKind


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Tell the shopper that their wish has arrived, if they typed an address and the settings want it."""


@dataclass(frozen=True, slots=True)
class TellOthers:
    """Tell other programs."""

    word: LeadWord


@dataclass(frozen=True, slots=True)
class TellDesk:
    """Show the lead as it stands to everybody who has a list of leads open."""


LeadCommand = WriteLead | AddContact | SettlePromise | Remind | Escalate | Acknowledge | TellOthers | TellDesk
