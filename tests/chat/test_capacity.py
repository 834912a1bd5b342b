"""How many chats an agent may have, as a table."""

from __future__ import annotations

import pytest

from chat.capacity import NOTHING, ChatAllowance, has_room, load_of, may_be_called, weight_of
from cti.presence import Presence

TWO = ChatAllowance()
BESIDE = ChatAllowance(chats=3, in_call=1)
CALLS_ONLY = ChatAllowance(takes_chats=False)
CHATS_ONLY = ChatAllowance(takes_calls=False)


@pytest.mark.parametrize(
    ("allowance", "chats", "in_call", "room", "called"),
    [
        (TWO, 0, False, True, True),
        (TWO, 1, False, True, False),  # whoever chats is not called away from it
        (TWO, 2, False, False, False),
        (TWO, 0, True, False, True),  # none while in a call
        (BESIDE, 1, False, True, True),
        (BESIDE, 2, False, True, False),
        (BESIDE, 0, True, True, True),
        (BESIDE, 1, True, False, True),
        (CALLS_ONLY, 0, False, False, True),
        (CHATS_ONLY, 0, False, True, False),
        (ChatAllowance(chats=0, in_call=5), 0, False, False, True),
        (NOTHING, 0, False, False, False),
    ],
)
def test_room_for_chats_and_calls(
    allowance: ChatAllowance, chats: int, in_call: bool, room: bool, called: bool
) -> None:
    has = {f"c{number}": 1 for number in range(chats)}
    assert has_room(allowance, has, in_call=in_call) is room
    assert may_be_called(allowance, has) is called


def test_what_weighs_more_takes_more_room() -> None:
    assert load_of({"a": 1, "b": 2}) == 3
    assert has_room(TWO, {}, in_call=False, weight=2)
    assert not has_room(TWO, {"a": 1}, in_call=False, weight=2)


def test_a_shared_view_takes_the_room_of_two() -> None:
    plain, shared = weight_of(shares_view=False), weight_of(shares_view=True)
    assert not has_room(TWO, {"a": shared}, in_call=False)
    assert has_room(BESIDE, {"a": shared}, in_call=False)
    # One that begins in a full house takes nothing from the chats that are there.
    assert load_of({"a": shared, "b": plain}) == 3
    assert not has_room(BESIDE, {"a": shared, "b": plain}, in_call=False)


def test_an_agent_who_looks_at_a_page_is_offered_no_second_chat() -> None:
    agent = Presence(pages=1, chosen="available").chat_came("a")
    assert agent.for_chats(TWO) == "available"
    looking = agent.chat_weighs("a", weight_of(shares_view=True))
    assert looking.for_chats(TWO) == "on_call"
    assert looking.chat_weighs("a", weight_of(shares_view=False)) == agent
    assert agent.chat_weighs("of somebody else", 2) == agent
