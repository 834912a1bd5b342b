"""What is said in a chat, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Who says it: the server itself is ``system``, the guided questions are ``flow``.
Speaker = Literal["shopper", "agent", "system", "flow"]
#: ``holding``: words of the server while an agent is silent. ``note``: for agents' eyes alone.
#: ``card``: a page that is offered, its title and its address on two lines. ``event``: what happened, one of
#: ``EVENT_WORDS``.
EntryKind = Literal["text", "holding", "note", "card", "event"]


@dataclass(frozen=True, slots=True)
class ChatEntry:
    """One thing that was said.

    ``seq`` counts from 1 without gaps, and is the order of the chat. Notes are counted apart, from -1
    downwards: so a shopper, who sees none, misses none.
    """

    seq: int
    #: Seconds since the epoch.
    at: float
    by: Speaker
    kind: EntryKind
    text: str
    #: The agent who said it.
    agent: str | None = None
    #: The random key that the sender gave it; None for what no page sent.
    key: str | None = None
    #: The canned reply that it was made of.
    canned: str | None = None

    @property
    def for_shopper(self) -> bool:
        """Whether the shopper sees it."""
        return self.kind != "note"


#: What happened, in a transcript's words. Pages have words of their own, in their language.
EVENT_WORDS: dict[str, str] = {
    "joined": "{agent} joined.",
    "long_wait": "Nobody is free yet. You can go on waiting, or choose another way.",
    "nobody_there": "Nobody is here just now.",
    "agent_lost": "The connection to the agent was lost. You are first in line for the next one.",
    "handed_on": "Another agent is being found. You are first in line.",
    "passed_on": "You are passed on to another agent.",
    "remind": "Are you still there? This chat closes if it stays quiet.",
    "closed_idle": "The chat was closed because it was quiet.",
    "ended_by_shopper": "The shopper ended the chat.",
    "ended_by_agent": "The agent ended the chat.",
    "shopper_gone": "The shopper left.",
    "message_left": "The shopper left a message.",
    "callback_booked": "A callback was booked.",
    "flow_done": "The questions were answered.",
    "server_lost": "The server could not go on with the chat.",
    "reopened": "The shopper wrote again.",
    "call_asked": "A call was asked for.",
    "call_placed": "A call was placed.",
    "call_bridged": "The call is connected.",
    "call_over": "The call is over.",
    "call_failed": "The call did not come about.",
    "page_accepted": "The shopper opened the page.",
    "page_declined": "The shopper did not want the page.",
}
