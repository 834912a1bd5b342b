"""The WebSocket of an agent's page: what rings, what the agent does, and the signalling of their legs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Literal

from pydantic import BaseModel, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.agents.calls import AgentCalls
from api.agents.cookies import session_of
from api.agents.pop_messages import pop_message
from api.agents.sessions import NotLoggedInError
from api.core import Core
from api.listener import ClosedError, Listener, TooSlowError
from api.origins import same_origin
from api.routes import SocketRow
from api.shop.live import LISTENERS_PER_CALL, TooManyListenersError
from api.sockets import NOT_LOGGED_IN, TOO_MANY, TOO_SLOW, close, converse, welcome
from api.talk import Talk
from config.base import AGENT
from cti.recent import RecentCalls
from cti.screen_pops import ShownPop
from routing.directory import AgentState

#: Pages of one agent at once.
PAGES_PER_AGENT = LISTENERS_PER_CALL


class Chose(BaseModel):
    """Page: the agent says whether they may be rung."""

    type: Literal["state"]
    state: Literal["available", "away"]


class AgentEvents:
    """The WebSocket ``/v1/agent/events``."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._pages: dict[str, list[Listener]] = {}
        self._calls = AgentCalls(core)
        self._talk = Talk()
        core.agents.watch(self._state_changed)
        core.screen_pops.watch(self._pop_changed)
        self._recent = RecentCalls(core.config, self._recent_changed)
        core.screen_pops.on_news(self._recent.heard)

    def routes(self) -> tuple[SocketRow, ...]:
        """The WebSocket's address."""
        return (SocketRow("/v1/agent/events", self.follow),)

    async def follow(self, socket: WebSocket) -> None:
        """Tell who the agent is and what they do, let legs ring, and pass signalling both ways."""
        known_origin = same_origin(socket.headers, self._core.config())
        if not await welcome(socket, known_origin=known_origin):
            return
        listener, sessions = Listener(), self._core.agent_sessions
        try:
            with (
                sessions.listening(session_of(socket, self._core.config()), listener) as agent,
                self._page(agent, listener),
                self._calls.page(agent, listener),
                self._core.browser_legs.page(f"{AGENT}{agent}", listener),
            ):
                if not self._talk.connects(agent):
                    raise TooManyListenersError
                await converse(
                    socket,
                    _tell(socket, listener),
                    lambda text: self._heard(agent, listener, text),
                    lambda: self._talk.says(agent),
                )
        except NotLoggedInError:
            await close(socket, NOT_LOGGED_IN)
        except TooManyListenersError:
            await close(socket, TOO_MANY)

    @contextmanager
    def _page(self, agent: str, listener: Listener) -> Iterator[None]:
        pages = self._pages.setdefault(agent, [])
        if len(pages) >= PAGES_PER_AGENT:
            raise TooManyListenersError
        self._core.agents.page_opened(agent)
        pages.append(listener)
        listener.put(self._me(agent, self._core.agents.state(agent)))
        listener.put(self._recent_calls(agent))
        for shown in self._core.screen_pops.shown_to(agent):
            listener.put(pop_message(shown))
        try:
            yield
        finally:
            pages.remove(listener)
            if not pages:
                del self._pages[agent]
            self._core.agents.page_closed(agent)

    def _heard(self, agent: str, listener: Listener, text: str) -> None:
        try:
            chosen = Chose.model_validate_json(text)
        except ValidationError:
            if not self._calls.said(agent, listener, text):
                self._core.browser_legs.said(f"{AGENT}{agent}", listener, text)
        else:
            agents = self._core.agents
            before = agents.chosen(agent), agents.state(agent)
            agents.choose(agent, chosen.state)
            # In a call the state stays, but all their pages show what was chosen.
            if agents.chosen(agent) != before[0] and agents.state(agent) == before[1]:
                self._state_changed(agent, before[1])

    def _state_changed(self, agent: str, state: AgentState) -> None:
        for listener in self._pages.get(agent, ()):
            listener.put(self._me(agent, state))

    def _pop_changed(self, agent: str, shown: ShownPop) -> None:
        if pages := self._pages.get(agent):
            message = pop_message(shown)
            for listener in pages:
                listener.put(message)

    def _me(self, agent: str, state: AgentState) -> str:
        known = self._core.config().agents.get(agent)
        label = known.label if known else agent
        return json.dumps(
            {
                "type": "me",
                "agent": agent,
                "label": label,
                "state": state,
                "choice": self._core.agents.chosen(agent),
                "paused": list(self._core.agents.paused(agent)),
                "now": self._core.steady.time(),
            }
        )

    def _recent_changed(self, agent: str) -> None:
        for listener in self._pages.get(agent, ()):
            listener.put(self._recent_calls(agent))

    def _recent_calls(self, agent: str) -> str:
        calls = [asdict(call) for call in self._recent.of(agent)]
        return json.dumps({"type": "recent", "calls": calls, "now": self._core.steady.time()})


async def _tell(socket: WebSocket, listener: Listener) -> int | None:
    """Send what there is; returns the close code, None where nobody is left to close for."""
    try:
        while True:
            item = await listener.next()
            assert isinstance(item, str)  # noqa: S101 - an agent's page follows no call's lines
            await socket.send_text(item)
    except TooSlowError:
        return TOO_SLOW
    except ClosedError as closed:
        return closed.code
    except WebSocketDisconnect:
        return None
