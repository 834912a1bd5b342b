"""What happens to a chat. Past tense and frozen; times come beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from chat.states import CallMove

#: What a shopper may choose when nobody has time for them.
Choice = Literal["wait", "message", "callback"]


class ChatTimer(StrEnum):
    """The timers of a chat. Each runs once at most."""

    OFFER = "offer"  # so long agents are asked before the next ones are
    LONGEST = "longest"  # so long the shopper waits before they are asked what to do
    HOLDING = "holding"  # the next holding words are due
    NUDGE = "nudge"  # the agent is silent
    HAND_ON = "hand_on"  # the agent has been silent for too long
    REMIND = "remind"  # the shopper is silent
    CLOSE = "close"  # the shopper has been silent for too long
    SHOPPER_GONE = "shopper_gone"  # none of their pages has been there for so long
    AGENT_TOLD = "agent_told"  # the agent's pages are gone: colleagues are told
    AGENT_GONE = "agent_gone"  # they have been gone for too long


@dataclass(frozen=True, slots=True)
class ChatAsked:
    """The shopper asks for a chat; ``guided`` where questions come first."""

    guided: bool = False


@dataclass(frozen=True, slots=True)
class PersonWanted:
    """The shopper wants a person: the guided questions stop."""


@dataclass(frozen=True, slots=True)
class FlowSaid:
    """The guided questions say something."""

    text: str


@dataclass(frozen=True, slots=True)
class FlowDone:
    """The guided questions are over, and nothing is to follow."""


@dataclass(frozen=True, slots=True)
class ShopperSaid:
    """The shopper wrote something; the same ``key`` again is the same entry."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class ShopperTyped:
    """The shopper is typing."""


@dataclass(frozen=True, slots=True)
class ShopperLeft:
    """The last page of the shopper's is gone."""


@dataclass(frozen=True, slots=True)
class ShopperCame:
    """A page of the shopper's is there again."""


@dataclass(frozen=True, slots=True)
class ShopperEnded:
    """The shopper ends the chat."""


@dataclass(frozen=True, slots=True)
class ShopperChose:
    """What the shopper wants while nobody has time."""

    choice: Choice


@dataclass(frozen=True, slots=True)
class AgentsFound:
    """The chat's turn has come: who to ask, in rounds. Nobody is there where there are none."""

    rounds: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class PlaceMoved:
    """Where the chat stands in its queue, and the expected wait in seconds."""

    position: int
    wait: float


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    """An agent wants the chat that they were asked about."""

    agent: str


@dataclass(frozen=True, slots=True)
class OfferDeclined:
    """An agent does not want it."""

    agent: str


@dataclass(frozen=True, slots=True)
class ChatClaimed:
    """The database says: the chat is this agent's."""

    agent: str


@dataclass(frozen=True, slots=True)
class ClaimLost:
    """The database says: the chat is not this agent's; ``by`` is who has it, if somebody does."""

    agent: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class AgentSaid:
    """The agent wrote something; a page that they offer is a ``card``."""

    agent: str
    key: str
    text: str
    canned: str | None = None
    card: bool = False


@dataclass(frozen=True, slots=True)
class AgentWhispered:
    """An agent wrote something for agents' eyes alone."""

    agent: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class AgentTyped:
    """The agent is typing."""

    agent: str


@dataclass(frozen=True, slots=True)
class AgentLeft:
    """The last page of an agent's is gone."""

    agent: str


@dataclass(frozen=True, slots=True)
class AgentCame:
    """A page of an agent's is there again."""

    agent: str


@dataclass(frozen=True, slots=True)
class AgentEnded:
    """The agent ends the chat."""

    agent: str


@dataclass(frozen=True, slots=True)
class PassedToAgents:
    """The agent passes the chat on to one of these, whoever accepts; until then it stays theirs."""

    agent: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PassedToQueue:
    """The agent passes the chat on to a queue, at its head; without a name, to its own."""

    agent: str
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A supervisor takes the chat, from its agent or out of the queue."""

    agent: str


@dataclass(frozen=True, slots=True)
class CallMoved:
    """The call beside the chat moved; ``call_id`` once there is one."""

    move: CallMove
    call_id: str | None = None
    #: Who asked for it.
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class ChatTimerRan:
    """A timer ran out."""

    timer: ChatTimer


@dataclass(frozen=True, slots=True)
class CardAnswered:
    """The shopper opened the page that an agent offered, or did not want it."""

    accepted: bool


@dataclass(frozen=True, slots=True)
class ServerRestarted:
    """The server is back, and has the chat from its database."""


@dataclass(frozen=True, slots=True)
class ServerLost:
    """The server cannot go on with the chat."""


ChatEvent = (
    ChatAsked
    | PersonWanted
    | FlowSaid
    | FlowDone
    | ShopperSaid
    | ShopperTyped
    | ShopperLeft
    | ShopperCame
    | ShopperEnded
    | ShopperChose
    | AgentsFound
    | PlaceMoved
    | OfferAccepted
    | OfferDeclined
    | ChatClaimed
    | ClaimLost
    | AgentSaid
    | AgentWhispered
    | AgentTyped
    | AgentLeft
    | AgentCame
    | AgentEnded
    | PassedToAgents
    | PassedToQueue
    | TakenOver
    | CallMoved
    | CardAnswered
    | ChatTimerRan
    | ServerRestarted
    | ServerLost
)


def flattened(rounds: Sequence[Sequence[str]]) -> list[str]:
    """Everybody in the rounds, once, in order."""
    return list(dict.fromkeys(agent for each in rounds for agent in each))
