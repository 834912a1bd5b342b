"""How many chats an agent may have, beside how many calls. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChatAllowance:
    """What the settings let an agent take."""

    #: Chats at once, and while in a call.
    chats: int = 2
    in_call: int = 0
    takes_calls: bool = True
    takes_chats: bool = True


#: What a chat weighs, and one in which the agent looks at the shopper's page, too: that takes both eyes.
PLAIN, SHARED_VIEW = 1, 2


def weight_of(*, shares_view: bool) -> int:
    """How much of an agent's room a chat takes."""
    return SHARED_VIEW if shares_view else PLAIN


#: What somebody may take who is no agent of the settings.
NOTHING = ChatAllowance(0, 0, takes_calls=False, takes_chats=False)


def load_of(chats: Mapping[str, int]) -> int:
    """What an agent's chats weigh together: those they have, and those that they are asked about."""
    return sum(chats.values())


def has_room(allowance: ChatAllowance, chats: Mapping[str, int], *, in_call: bool, weight: int = 1) -> bool:
    """Whether one more chat of this weight fits beside these."""
    most = min(allowance.chats, allowance.in_call) if in_call else allowance.chats
    return allowance.takes_chats and load_of(chats) + weight <= most


def may_be_called(allowance: ChatAllowance, chats: Mapping[str, int]) -> bool:
    """Whether a call may ring the agent: not if they would have more chats in it than they may have then."""
    return allowance.takes_calls and load_of(chats) <= min(allowance.chats, allowance.in_call)
