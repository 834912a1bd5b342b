"""How a chat stands, as pages of shoppers and agents are told."""

from __future__ import annotations

from api.subprotocol.chat import ChatMoved
from chat.states import ChatState
from chats.engine import ChatEngine
from config.models import Config


def label_of_agent(agent: str | None, config: Config) -> str | None:
    """What people call an agent."""
    known = config.agents.get(agent) if agent else None
    return known.label if known else agent


def shopper_state(engine: ChatEngine, chat_id: str, config: Config, now: float) -> ChatMoved:
    """How a chat in memory stands."""
    standing, opening = engine.standing(chat_id), engine.opening(chat_id)
    assert standing is not None  # noqa: S101 - callers have looked
    assert opening is not None  # noqa: S101
    site = config.sites.get(opening.site)
    over = standing.state is ChatState.ENDED
    asks = site is not None and site.chat is not None and site.chat.survey
    return ChatMoved(
        state=standing.state,
        agent=label_of_agent(standing.agent, config),
        position=standing.position,
        wait=standing.wait,
        choices=list(standing.choices),
        call=standing.call,
        call_id=standing.call_id,
        outcome=standing.outcome,
        cause=standing.cause,
        reopens=over and engine.reopens(chat_id),
        survey=asks and over and standing.outcome in ("answered", "escalated"),
        now=now,
    )
