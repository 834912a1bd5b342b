"""What one agent sees of one chat. Pure but for the engine that it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from api.chat_views import label_of_agent, shopper_state
from api.subprotocol.chat import ChatAtDesk, WhyOver
from chat.standing import ChatStanding
from chat.states import ChatState
from chats.engine import ChatEngine
from config.models import Config
from cti.pop import EarlierContact, KnownCall, Pop, make_pop, viewer, when_shown
from routing.places import Place
from routing.plan import ClickToCall

#: What a chat is to an agent.
Part = Literal["offered", "talking", "watching", "over"]


@dataclass(slots=True)
class DeskChats:
    """The chats on one agent's desk."""

    #: By chat, what it is to them; and until when they are asked.
    parts: dict[str, Part] = field(default_factory=dict)
    until: dict[str, float] = field(default_factory=dict)
    #: Chats that they look into, as supervisors.
    watching: set[str] = field(default_factory=set)


def part_of(agent: str, standing: ChatStanding, watching: bool) -> Part:
    """What a chat is to an agent now."""
    if standing.agent == agent:
        return "talking"
    if agent in standing.offered:
        return "offered"
    return "watching" if watching and standing.state is not ChatState.ENDED else "over"


def supervises(agent: str, site: str, config: Config) -> bool:
    """Whether an agent may look into the chats of this site."""
    known = config.agents.get(agent)
    return known is not None and "supervise" in known.rights and site in config.sites_of_agent(agent)


class DeskViews:
    """Makes what agents are shown of chats. ``place(click)`` tells where a shopper is."""

    def __init__(
        self, engine: ChatEngine, config: Callable[[], Config], place: Callable[[ClickToCall], Place]
    ) -> None:
        self._engine = engine
        self._config = config
        self._place = place
        #: What shoppers asked for before, by chat, once it has been looked up.
        self.history: dict[str, tuple[EarlierContact, ...]] = {}

    def of(
        self,
        chat_id: str,
        agent: str,
        part: Part,
        now: float,
        *,
        until: float | None = None,
        why: WhyOver | None = None,
    ) -> ChatAtDesk | None:
        """What this agent is shown of a chat; None for one that is not in memory."""
        engine, config = self._engine, self._config()
        opening, standing, row = engine.opening(chat_id), engine.standing(chat_id), engine.row(chat_id)
        if opening is None or standing is None or row is None:
            return None
        passing = standing.passing
        return ChatAtDesk(
            chat_id=chat_id,
            site=opening.site,
            state=part,
            why=why,
            by=label_of_agent(standing.agent, config),
            until=until,
            chat=shopper_state(engine, chat_id, config, now),
            passing="ringing" if passing == "ringing" else "failed" if passing == "failed" else None,
            asked_at=row.asked_at,
            pop=None if part == "over" and until is None else self._pop(chat_id, agent, part, row.asked_at),
        )

    def _pop(self, chat_id: str, agent: str, part: Part, asked_at: float) -> Pop | None:
        """As for calls: on the offer, once the agent has the chat and while they wrap it up, or never."""
        config, click = self._config(), self._engine.click(chat_id)
        if click is None:
            return None
        when = when_shown(click.site, config)
        if when == "never" or (when == "answer" and part == "offered"):
            return None
        known = KnownCall(chat_id, click, asked_at, self._place(click), self.history.get(chat_id))
        return make_pop(known, config, viewer(agent, config))
