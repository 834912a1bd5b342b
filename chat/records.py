"""What is kept of chats, as it is stored and read again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chat.entries import ChatEntry
from chat.standing import ChatRow


@dataclass(frozen=True, slots=True)
class ChatOpening:
    """A chat as it was asked for."""

    chat_id: str
    site: str
    route: str
    #: Who asked: a customer id, a browser's id, or an address.
    visitor: str
    page: str
    context: Mapping[str, str]
    signed: Mapping[str, str]
    client_ip: str
    origin: str
    token_digest: str
    key_digest: str


@dataclass(frozen=True, slots=True)
class StoredChat:
    """A chat as it is on disk."""

    opening: ChatOpening
    row: ChatRow
    #: Numbers of its last entry and its last note, the numbers by key, and the holding words that were said.
    seq: int = 0
    notes: int = 0
    keys: Mapping[str, int] = field(default_factory=dict)
    holding: tuple[str, ...] = ()
    rating: int | None = None


@dataclass(frozen=True, slots=True)
class KeepEntry:
    """Store this entry; one with the number or the key of another changes nothing."""

    chat_id: str
    entry: ChatEntry


@dataclass(frozen=True, slots=True)
class KeepRow:
    """Store how the chat stands. ``taken_by`` is who has just got it; ``ended`` counts it as ended."""

    chat_id: str
    row: ChatRow
    taken_by: str | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class KeepClaim:
    """Make the chat this agent's, if it is ``held_by``'s and open. The result is None, or who has it."""

    chat_id: str
    agent: str
    held_by: str | None


@dataclass(frozen=True, slots=True)
class KeepContext:
    """Store what is known of the shopper by now, beside what was signed."""

    chat_id: str
    context: Mapping[str, str]


#: What is stored in one transaction, in its order.
ChatWrite = KeepEntry | KeepRow | KeepClaim | KeepContext
