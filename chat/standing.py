"""How a chat stands: what is stored of it, and what pages are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chat.states import CallBeside, ChatState, EndCause, Outcome


@dataclass(slots=True)
class ChatRow:
    """What a chat must remember over a restart. Times are seconds since the epoch, lengths seconds."""

    queue: str
    asked_at: float
    state: ChatState = ChatState.GUIDED
    #: Who has it; and who had it when it ended.
    agent: str | None = None
    last_agent: str | None = None
    #: Since when it waits for a person, and whether it is ahead of those who came by themselves.
    waiting_since: float | None = None
    first: bool = False
    accepted_at: float | None = None
    #: Since when the agent has it.
    taken_at: float | None = None
    first_answer_at: float | None = None
    ended_at: float | None = None
    outcome: Outcome | None = None
    cause: EndCause | None = None
    waited: float = 0.0
    handled: float = 0.0
    #: How often agents answered, and how long the shopper waited for that, all together.
    replies: int = 0
    reply_seconds: float = 0.0
    call: CallBeside = "none"
    call_id: str | None = None
    #: Whether a call of it was bridged.
    escalated: bool = False
    #: Who of the two people wrote last.
    last_word: Literal["shopper", "agent"] | None = None


@dataclass(frozen=True, slots=True)
class ChatStanding:
    """What pages are shown of a chat; ``offered`` are the agents who are asked now."""

    state: ChatState
    agent: str | None = None
    position: int | None = None
    #: The expected wait in seconds.
    wait: float | None = None
    #: What the shopper may do instead of waiting.
    choices: tuple[str, ...] = ()
    passing: str | None = None
    call: CallBeside = "none"
    call_id: str | None = None
    outcome: Outcome | None = None
    cause: EndCause | None = None
    offered: tuple[str, ...] = ()
