"""The chats on the pages of all agents, and what they are told of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Literal

import structlog

from api.agents.chat_views import DeskChats, DeskViews, Part, part_of, supervises
from api.agents.chat_wishes import AgentChatPage, ChatWishes, DeskChatStore
from api.chat_feed import EntryFeed
from api.chat_views import label_of_agent
from api.page_queue import PageQueue
from api.sockets import STORE_UNAVAILABLE
from api.subprotocol.base import FromServer
from api.subprotocol.chat import (
    BoardChat,
    ChatBoard,
    ChatHeard,
    ChatLineTold,
    ChatNudge,
    SentAtDesk,
    ShopperTypes,
    WhyOver,
)
from bridge.protocols import Clock
from chat.commands import Withdrawal
from chat.entries import ChatEntry
from chat.standing import ChatStanding
from chat.states import ChatState
from chats.engine import ChatEngine
from config.models import Config
from cti.agents import Agents
from cti.chat_wrap_ups import ChatWrapUps
from cti.pop import EarlierContact
from cti.screen_pops import History
from store.errors import StoreError

log = structlog.get_logger(__name__)

#: Seconds after which supervisors are told of changes: once for all that changes meanwhile.
SOON = 0.5


class AgentChats:
    """The chats of all agents' pages; :class:`chats.audience.ChatAudience` for agents."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        steady: Clock,
        engine: ChatEngine,
        store: DeskChatStore,
        agents: Agents,
        views: DeskViews,
        wrap_ups: ChatWrapUps,
        history: History,
    ) -> None:
        self._config = config
        self._steady = steady
        self._engine = engine
        self._store = store
        self._views = views
        self._wrap_ups = wrap_ups
        self._history = history
        self._pages: dict[str, list[AgentChatPage]] = {}
        self._desks: dict[str, DeskChats] = {}
        self._away: set[str] = set()
        self._board_due = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.wishes = ChatWishes(
            config=config,
            steady=steady,
            engine=engine,
            store=store,
            agents=agents,
            desks=self,
            finish=wrap_ups.finish,
        )
        engine.watch(self)
        wrap_ups.watch(self._wrap_up_moved)

    @contextmanager
    def page(self, agent: str, listener: PageQueue) -> Iterator[None]:
        """Tell a page which chats its agent has, as long as it is connected."""
        page, pages = AgentChatPage(agent, listener), self._pages.setdefault(agent, [])
        pages.append(page)
        self._tell_desk(agent, listener)
        if len(pages) == 1:
            self._engine.agent_came(agent)
        try:
            yield
        finally:
            for feed in page.feeds.values():
                feed.close()
            pages.remove(page)
            if not pages:
                del self._pages[agent]
                self._desks.pop(agent, None)
                self._engine.agent_left(agent)

    def _tell_desk(self, agent: str, listener: PageQueue) -> None:
        desk = self._desks.setdefault(agent, DeskChats())
        for chat_id, _, standing in self._engine.open_chats():
            part = part_of(agent, standing, chat_id in desk.watching)
            if part != "over":
                desk.parts[chat_id] = part
                if view := self._view(agent, chat_id, part):
                    listener.put(view)
        for chat_id in self._wrap_ups.of(agent):
            self.later(self._tell_wrap_up(agent, chat_id, listener))
        if self._may_supervise(agent):
            listener.put(self._board(agent))

    async def _tell_wrap_up(self, agent: str, chat_id: str, listener: PageQueue) -> None:
        """Tell a page of a chat that is over, and perhaps out of memory."""
        try:
            known = await self._engine.revive(chat_id)
        except StoreError as error:
            log.warning("chat_not_read", chat_id=chat_id, error=str(error))
            return
        if known and chat_id in self._wrap_ups.of(agent) and (view := self._over(agent, chat_id)):
            listener.put(view)

    # --- what agents see (ChatDesks) ------------------------------------------------------------------------

    def of_page(self, agent: str, listener: PageQueue) -> AgentChatPage | None:
        """The page of this agent with this queue."""
        return next((page for page in self._pages.get(agent, ()) if page.listener is listener), None)

    def sees(self, agent: str, chat_id: str) -> bool:
        """Whether they have a chat, are offered it, watch it, or wrap it up."""
        if chat_id in self._wrap_ups.of(agent):
            return self._engine.standing(chat_id) is not None
        desk = self._desks.get(agent)
        standing = self._engine.standing(chat_id)
        if desk is None or standing is None:
            return False
        return part_of(agent, standing, chat_id in desk.watching) != "over"

    def watch(self, agent: str, chat_id: str, standing: ChatStanding, *, on: bool) -> None:
        """Show a chat to a supervisor, or no more."""
        desk = self._desks.setdefault(agent, DeskChats())
        (desk.watching.add if on else desk.watching.discard)(chat_id)
        self._become(agent, chat_id, part_of(agent, standing, on), None, again=True)

    def feed(self, page: AgentChatPage, chat_id: str) -> EntryFeed:
        """Entries of a chat for a page."""

        def put(entries: Sequence[ChatEntry], earlier: bool) -> None:
            told = [self._told(page.agent, entry) for entry in entries]
            page.listener.put(ChatHeard(chat_id=chat_id, entries=told, earlier=earlier))

        return EntryFeed(
            self._store, chat_id, put, lambda: page.listener.close(STORE_UNAVAILABLE), notes=True
        )

    def later(self, work: Awaitable[None]) -> None:
        """Do something that takes a while."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _may_supervise(self, agent: str) -> bool:
        known = self._config().agents.get(agent)
        return known is not None and "supervise" in known.rights

    # --- what agents are told (ChatAudience) ----------------------------------------------------------------

    def entry_stored(self, chat_id: str, entry: ChatEntry) -> None:
        """An entry is on disk."""
        for pages in self._pages.values():
            for page in pages:
                if feed := page.feeds.get(chat_id):
                    feed.stored(entry)

    def entry_repeated(self, chat_id: str, by: Literal["shopper", "agent"], key: str, seq: int) -> None:
        """A key came twice."""
        if by == "agent":
            _, agent, own = key.split(".", 2)
            self._put(agent, SentAtDesk(chat_id=chat_id, key=own, seq=seq))

    def chat_moved(self, chat_id: str, before: ChatStanding, now: ChatStanding) -> None:
        """The chat has changed: all agents who see it are told."""
        if now.agent != before.agent:
            self._away.discard(chat_id)
        for agent, desk in self._desks.items():
            was = desk.parts.get(chat_id)
            part = part_of(agent, now, chat_id in desk.watching)
            if was is not None or part != "over":
                self._become(agent, chat_id, part, _why_over(before, now) if part == "over" else None)
        wraps_up = before.agent is not None and self._config().desk_of(before.agent).wrap_up
        if now.state is ChatState.ENDED and not wraps_up:
            self._views.history.pop(chat_id, None)
        self._board_changed()

    def _become(
        self, agent: str, chat_id: str, part: Part, why: WhyOver | None, *, again: bool = False
    ) -> None:
        desk = self._desks.setdefault(agent, DeskChats())
        if part == "over":
            known = desk.parts.pop(chat_id, None)
            desk.until.pop(chat_id, None)
            desk.watching.discard(chat_id)
            if known is None and not again:
                return
            for page in self._pages.get(agent, ()):
                if feed := page.feeds.pop(chat_id, None):
                    feed.close()
        else:
            if chat_id not in desk.parts and chat_id not in self._views.history:
                self._look_up(chat_id)
            desk.parts[chat_id] = part
            if part != "offered":
                desk.until.pop(chat_id, None)
        if view := self._view(agent, chat_id, part, why):
            self._put(agent, view)

    def typing(self, chat_id: str, to: Literal["shopper", "agents"], agent: str | None) -> None:
        """The shopper is typing."""
        if to == "agents":
            self._tell_all(chat_id, ShopperTypes(chat_id=chat_id))

    def chat_offered(self, chat_id: str, agent: str, until: float) -> None:
        """Note until when they are asked; that they are, is how the chat stands."""
        if agent in self._pages:
            self._desks.setdefault(agent, DeskChats()).until[chat_id] = until

    def offer_withdrawn(self, chat_id: str, agent: str, why: Withdrawal, by: str | None) -> None:
        """They are asked no more."""
        desk = self._desks.get(agent)
        if desk is not None and desk.parts.get(chat_id) == "offered" and chat_id not in desk.watching:
            self._become(agent, chat_id, "over", why)

    def claim_lost(self, chat_id: str, agent: str, by: str | None) -> None:
        """They wanted the chat, and somebody else has it."""
        standing, desk = self._engine.standing(chat_id), self._desks.get(agent)
        if standing is not None and desk is not None:
            part = part_of(agent, standing, chat_id in desk.watching)
            self._become(agent, chat_id, part, "taken" if part == "over" else None, again=True)

    def _wrap_up_moved(self, agent: str, chat_id: str) -> None:
        """A wrap-up has begun, or ended."""
        standing = self._engine.standing(chat_id)
        if standing is not None and standing.agent != agent and (view := self._over(agent, chat_id)):
            self._put(agent, view)
        if chat_id not in self._wrap_ups.of(agent) and (
            standing is None or standing.state is ChatState.ENDED
        ):
            self._views.history.pop(chat_id, None)

    def agent_nudged(self, chat_id: str, agent: str) -> None:
        """The shopper waits for this agent's word."""
        self._put(agent, ChatNudge(chat_id=chat_id))

    def agent_away(self, chat_id: str, agent: str) -> None:
        """The agent who has the chat is gone: supervisors see it."""
        self._away.add(chat_id)
        self._board_changed()

    # --- inside ---------------------------------------------------------------------------------------------

    def _view(self, agent: str, chat_id: str, part: Part, why: WhyOver | None = None) -> FromServer | None:
        desk = self._desks.get(agent)
        until = desk.until.get(chat_id) if desk and part == "offered" else None
        return self._views.of(chat_id, agent, part, self._steady.time(), until=until, why=why)

    def _over(self, agent: str, chat_id: str) -> FromServer | None:
        until = self._wrap_ups.of(agent).get(chat_id)
        return self._views.of(chat_id, agent, "over", self._steady.time(), until=until, why="over")

    def _look_up(self, chat_id: str) -> None:
        """Find what the shopper asked for before, and tell everybody who sees this chat."""
        opening, click = self._engine.opening(chat_id), self._engine.click(chat_id)
        site = self._config().sites.get(opening.site) if opening else None
        limit = site.screen_pop.history if site else 0
        if opening is None or click is None or not limit:
            self._views.history[chat_id] = ()
            return
        # An address may be anybody's.
        visitor = opening.visitor if opening.visitor != opening.client_ip else ""

        def found(earlier: Sequence[EarlierContact]) -> None:
            self._views.history[chat_id] = tuple(earlier)
            for seer, desk in self._desks.items():
                if (part := desk.parts.get(chat_id)) and (view := self._view(seer, chat_id, part)):
                    self._put(seer, view)

        wanted = replace(click, visitor=visitor)
        self.later(self._written(lambda: self._history.look_up(chat_id, wanted, limit, found)))

    async def _written(self, then: Callable[[], None]) -> None:
        """Go on when the chats that have just ended are on disk, but not if that takes long."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._engine.writer.flushed(), 1.0)
        then()

    def _told(self, agent: str, entry: ChatEntry) -> ChatLineTold:
        own = entry.key is not None and entry.by == "agent" and entry.agent == agent
        key = entry.key.split(".", 2)[2] if own and entry.key else None
        return ChatLineTold.of(entry, label_of_agent(entry.agent, self._config()), key)

    def _board_changed(self) -> None:
        if not self._board_due and any(self._may_supervise(agent) for agent in self._pages):
            self._board_due = True
            self._steady.call_later(SOON, self._tell_boards)

    def _tell_boards(self) -> None:
        self._board_due = False
        for agent in self._pages:
            if self._may_supervise(agent):
                self._put(agent, self._board(agent))

    def _board(self, agent: str) -> ChatBoard:
        config = self._config()
        return ChatBoard(
            chats=[
                BoardChat(
                    chat_id=chat_id,
                    site=opening.site,
                    state=standing.state,
                    agent=label_of_agent(standing.agent, config),
                    asked_at=row.asked_at,
                    away=chat_id in self._away,
                )
                for chat_id, opening, standing in self._engine.open_chats()
                if supervises(agent, opening.site, config) and (row := self._engine.row(chat_id))
            ]
        )

    def _tell_all(self, chat_id: str, message: FromServer) -> None:
        for agent, desk in self._desks.items():
            if chat_id in desk.parts:
                self._put(agent, message)

    def _put(self, agent: str, message: FromServer) -> None:
        for page in self._pages.get(agent, ()):
            page.listener.put(message)


def _why_over(before: ChatStanding, now: ChatStanding) -> WhyOver:
    if now.state is ChatState.ENDED:
        return "over"
    return "taken" if now.agent is not None else "passed_on" if before.agent is not None else "gone"
