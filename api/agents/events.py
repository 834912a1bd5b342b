"""The WebSocket of an agent's page: what rings, what the agent does, and the signalling of their legs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.websockets import WebSocket

from api.agents.calls import DESK_ACTIONS, AgentCalls
from api.agents.chat_wishes import CHAT_ACTIONS
from api.agents.chats import AgentChats
from api.agents.lead_news import LeadPages
from api.agents.view_desk import VIEW_ACTIONS, AgentViews
from api.browser_legs import LEG_SAYS, BrowserLegs
from api.cookies import AGENT_COOKIES
from api.origins import same_origin
from api.page_queue import MOST_LISTENERS, PageQueue, TooManyListenersError
from api.routes import SocketRow
from api.sessions import LoginSessions, NotLoggedInError
from api.sockets import NOT_LOGGED_IN, TOO_MANY, close, converse, hear, tell, welcome
from api.subprotocol.agent import ChooseState, Me, PastCall, RecentCallList, ScreenPop
from api.subprotocol.base import Table
from api.talk import Talk
from bridge.protocols import Clock
from config.base import AGENT
from config.models import Config
from cti.agents import Agents
from cti.recent import RecentCalls
from cti.screen_pops import ScreenPops, ShownPop
from routing.directory import AgentState


@dataclass(frozen=True, slots=True)
class AgentConnection:
    """An agent's page on its WebSocket."""

    agent: str
    listener: PageQueue
    events: AgentEvents
    calls: AgentCalls
    chats: AgentChats
    views: AgentViews
    legs: BrowserLegs

    @property
    def owner(self) -> str:
        """The agent, as the owner of legs."""
        return f"{AGENT}{self.agent}"

    def choose(self, message: ChooseState) -> None:
        """The agent may be called, or not."""
        self.events.choose(self.agent, message)


#: What an agent's page says, and what it leads to.
AGENT_SAYS = Table[AgentConnection](
    (ChooseState, AgentConnection.choose), *DESK_ACTIONS, *CHAT_ACTIONS, *VIEW_ACTIONS, *LEG_SAYS
)


class AgentEvents:
    """The WebSocket ``/v1/agent/events``."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        steady: Clock,
        agents: Agents,
        sessions: LoginSessions,
        calls: AgentCalls,
        chats: AgentChats,
        legs: BrowserLegs,
        screen_pops: ScreenPops,
        leads: LeadPages,
        views: AgentViews,
    ) -> None:
        self._config = config
        self._steady = steady
        self._agents = agents
        self._sessions = sessions
        self._calls = calls
        self._chats = chats
        self._legs = legs
        self._leads = leads
        self._views = views
        self._screen_pops = screen_pops
        self._pages: dict[str, list[PageQueue]] = {}
        self._talk = Talk()
        agents.watch(self._state_changed)
        screen_pops.watch(self._pop_changed)
        self._recent = RecentCalls(config, self._recent_changed)
        screen_pops.on_news(self._recent.heard)

    def routes(self) -> tuple[SocketRow, ...]:
        """The WebSocket's address."""
        return (SocketRow("/v1/agent/events", self.follow),)

    async def follow(self, socket: WebSocket) -> None:
        """Tell who the agent is and what they do, let legs ring, and pass signalling both ways."""
        known_origin = same_origin(socket.headers, self._config())
        if not await welcome(socket, known_origin=known_origin):
            return
        listener = PageQueue()
        try:
            with (
                self._sessions.listening(AGENT_COOKIES.session_of(socket, self._config()), listener) as agent,
                self._page(agent, listener),
                self._calls.page(agent, listener),
                self._chats.page(agent, listener),
                self._leads.page(agent, listener),
                self._views.page(agent, listener),
                self._legs.page(f"{AGENT}{agent}", listener),
            ):
                if not self._talk.connects(agent):
                    raise TooManyListenersError
                page = AgentConnection(
                    agent, listener, self, self._calls, self._chats, self._views, self._legs
                )
                await converse(
                    socket,
                    tell(socket, listener),
                    lambda text: hear(AGENT_SAYS, page, text),
                    lambda: self._talk.says(agent),
                )
        except NotLoggedInError:
            await close(socket, NOT_LOGGED_IN)
        except TooManyListenersError:
            await close(socket, TOO_MANY)

    @contextmanager
    def _page(self, agent: str, listener: PageQueue) -> Iterator[None]:
        pages = self._pages.setdefault(agent, [])
        if len(pages) >= MOST_LISTENERS:
            raise TooManyListenersError
        self._agents.page_opened(agent)
        pages.append(listener)
        listener.put(self._me(agent, self._agents.state(agent)))
        listener.put(self._recent_calls(agent))
        for shown in self._screen_pops.shown_to(agent):
            listener.put(_pop(shown))
        try:
            yield
        finally:
            pages.remove(listener)
            if not pages:
                del self._pages[agent]
            self._agents.page_closed(agent)

    def choose(self, agent: str, message: ChooseState) -> None:
        """The agent may be called, or not: their pages show it."""
        agents = self._agents
        before = agents.chosen(agent), agents.state(agent)
        agents.choose(agent, message.state)
        # In a call the state stays, but all their pages show what was chosen.
        if agents.chosen(agent) != before[0] and agents.state(agent) == before[1]:
            self._state_changed(agent, before[1])

    def _state_changed(self, agent: str, state: AgentState) -> None:
        for listener in self._pages.get(agent, ()):
            listener.put(self._me(agent, state))

    def _pop_changed(self, agent: str, shown: ShownPop) -> None:
        if pages := self._pages.get(agent):
            message = _pop(shown)
            for listener in pages:
                listener.put(message)

    def _me(self, agent: str, state: AgentState) -> Me:
        known = self._config().agents.get(agent)
        agents = self._agents
        return Me(
            agent=agent,
            label=known.label if known else agent,
            state=state,
            choice=agents.chosen(agent),
            paused=list(agents.paused(agent)),
            now=self._steady.time(),
        )

    def _recent_changed(self, agent: str) -> None:
        for listener in self._pages.get(agent, ()):
            listener.put(self._recent_calls(agent))

    def _recent_calls(self, agent: str) -> RecentCallList:
        return RecentCallList(
            calls=[PastCall.of(call) for call in self._recent.of(agent)], now=self._steady.time()
        )


def _pop(shown: ShownPop) -> ScreenPop:
    """All that the page is to show of this call: the newest of a ``call_id`` replaces those before.

    ``history`` is null until it was looked up, and then the message comes once more.
    """
    return ScreenPop(
        call_id=shown.pop.call_id, state=shown.state, since=shown.since, cause=shown.cause, pop=shown.pop
    )
