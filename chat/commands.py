"""What a chat wants done: the commands that its machine returns. Imperative and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chat.entries import ChatEntry
from chat.events import ChatTimer

#: Why an agent is not asked any more.
Withdrawal = Literal["taken", "timeout", "declined", "over", "gone"]


@dataclass(frozen=True, slots=True)
class StartChatTimer:
    """Report ChatTimerRan in so many seconds; a timer of this name that runs is stopped first."""

    timer: ChatTimer
    seconds: float


@dataclass(frozen=True, slots=True)
class StopChatTimer:
    """Stop the timer, if it runs."""

    timer: ChatTimer


@dataclass(frozen=True, slots=True)
class EnterLine:
    """Wait in the queue, or wait on there after a turn that nobody accepted; ``first`` at its head."""

    queue: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class LeaveLine:
    """Wait in the queue no more."""

    queue: str
    served: bool


@dataclass(frozen=True, slots=True)
class OfferChat:
    """Ask an agent whether they take the chat, for so many seconds."""

    agent: str
    seconds: float


@dataclass(frozen=True, slots=True)
class WithdrawOffer:
    """Ask the agent no more; ``by`` is who has the chat now."""

    agent: str
    why: Withdrawal
    by: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimChat:
    """Have the database make the chat this agent's, if it is ``held_by``'s until then: one step.

    ChatClaimed or ClaimLost follows.
    """

    agent: str
    held_by: str | None


@dataclass(frozen=True, slots=True)
class AppendEntry:
    """Store the entry, and tell it once it is stored."""

    entry: ChatEntry


@dataclass(frozen=True, slots=True)
class RepeatEntry:
    """Tell the sender's pages once more that this key is stored as this entry: it came twice."""

    by: Literal["shopper", "agent"]
    key: str
    seq: int


@dataclass(frozen=True, slots=True)
class TellTyping:
    """Tell the other side that somebody is typing."""

    to: Literal["shopper", "agents"]
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class NudgeAgent:
    """Remind the agent that the shopper waits for a word."""

    agent: str


@dataclass(frozen=True, slots=True)
class TellAgentAway:
    """Tell colleagues that the agent of this chat is gone."""

    agent: str


@dataclass(frozen=True, slots=True)
class WriteChat:
    """Store how the chat stands."""


ChatCommand = (
    StartChatTimer
    | StopChatTimer
    | EnterLine
    | LeaveLine
    | OfferChat
    | WithdrawOffer
    | ClaimChat
    | AppendEntry
    | RepeatEntry
    | TellTyping
    | NudgeAgent
    | TellAgentAway
    | WriteChat
)
