"""What has become true of a chat: the facts that its machine tells. ``call_id`` is the chat's id."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.facts import Fact
from chat.states import EndCause, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatFact(Fact):
    """Something that is true of a chat from ``at`` on."""

    site: str

    @property
    def chat_id(self) -> str:
        """The chat's id."""
        return self.call_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatBegan(ChatFact):
    """The shopper asked for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOffered(ChatFact):
    """An agent is asked whether they take it: until they answer it has room with them."""

    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatTaken(ChatFact):
    """It is this agent's. ``waited`` are the seconds since it began to wait, None where it was passed on."""

    agent: str
    waited: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReleased(ChatFact):
    """It is not this agent's any more, or they are not asked any more.

    ``over``: they had it, and it has ended.
    """

    agent: str
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatReplied(ChatFact):
    """An agent answered, after the shopper had waited ``seconds`` for it; ``first`` in this chat."""

    agent: str
    seconds: float
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRefused(ChatFact):
    """A shopper asked for a chat that never began, as it would have gone over a limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOver(ChatFact):
    """It ended. ``handled`` are the seconds that agents had it."""

    outcome: Outcome
    cause: EndCause
    agent: str | None
    waited: float
    handled: float
