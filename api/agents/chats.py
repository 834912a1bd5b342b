"""What agents do with chats on their pages' WebSockets, and what they are told of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import structlog

from api.agents.chat_views import DeskChats, DeskViews, Part, part_of, supervises
from api.chat_feed import EntryFeed, EntryReader
from api.chat_views import label_of_agent
from api.chat_words import ChatWords
from api.page_queue import PageQueue
from api.sockets import STORE_UNAVAILABLE
from api.subprotocol.base import FromServer, RefusalReason, Refused
from api.subprotocol.canned import AskCanned, CannedOption, CannedReplies
from api.subprotocol.chat import (
    AcceptChat,
    BoardChat,
    CallInstead,
    ChatBoard,
    ChatHeard,
    ChatKept,
    ChatLineTold,
    ChatNudge,
    DeclineChat,
    EarlierChat,
    EarlierDeskEntries,
    EndDeskChat,
    FollowDeskChat,
    OfChat,
    OfferPage,
    PassChat,
    SayAtDesk,
    SentAtDesk,
    ShopperTypes,
    TakeChat,
    TypeAtDesk,
    WatchChat,
    WhisperInChat,
    WhyOver,
    WrapUpChat,
)
from bridge.protocols import Clock
from chat.canned import has_gap, labels_of, replies_for, values_of
from chat.commands import Withdrawal
from chat.entries import ChatEntry
from chat.events import (
    AgentEnded,
    AgentSaid,
    AgentTyped,
    AgentWhispered,
    CallMoved,
    ChatEvent,
    OfferAccepted,
    OfferDeclined,
    PassedToAgents,
    PassedToQueue,
    TakenOver,
)
from chat.standing import ChatStanding
from chat.states import ChatState
from chats.engine import ChatEngine
from config.base import AGENT
from config.models import Config
from cti.agents import Agents
from cti.page_push import PushRefusedError, choose_page
from routing.transfers import may_reach
from store.chats import ChatFilter, ChatPage
from store.errors import StoreError

log = structlog.get_logger(__name__)

#: Before the name of a queue that a chat is passed on to.
QUEUE = "queue"
#: Seconds after which supervisors are told of changes: once for all that changes meanwhile.
SOON = 0.5
#: Earlier chats of the same shopper that agents see.
EARLIER = 5


class ChatRefusedError(Exception):
    """What an agent asked for is not done."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason)
        self.reason = reason


class DeskChatStore(EntryReader, Protocol):
    """Chats on disk; every method may raise store.errors.StoreError."""

    async def wrap_up(self, chat_id: str, agent: str, note: str | None, code: str | None) -> bool:
        """Put an agent's note and code on disk; False where they never had the chat."""

    async def list_chats(self, which: ChatFilter, *, limit: int = 100) -> ChatPage:
        """A page of chats, newest first."""


@dataclass(slots=True)
class AgentChatPage:
    """What one page of an agent's follows."""

    agent: str
    listener: PageQueue
    feeds: dict[str, EntryFeed] = field(default_factory=dict)


class ChatDeskConnection(Protocol):
    """An agent's page on its WebSocket."""

    @property
    def agent(self) -> str:
        """Whose page it is."""

    @property
    def listener(self) -> PageQueue:
        """Where messages for it go."""

    @property
    def chats(self) -> AgentChats:
        """The chats of all agents."""


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
    ) -> None:
        self._config = config
        self._steady = steady
        self._engine = engine
        self._store = store
        self._agents = agents
        self._views = views
        self._words = ChatWords()
        self._pages: dict[str, list[AgentChatPage]] = {}
        self._desks: dict[str, DeskChats] = {}
        self._away: set[str] = set()
        self._board_due = False
        self._tasks: set[asyncio.Task[None]] = set()
        engine.watch(self)

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
        if self._may_supervise(agent):
            listener.put(self._board(agent))

    # --- what agents want -----------------------------------------------------------------------------------

    def accept(self, page: AgentChatPage, wish: AcceptChat) -> None:
        """Take the chat that is offered."""
        self._offered(page.agent, wish.chat_id)
        self._engine.handle(wish.chat_id, OfferAccepted(page.agent))

    def decline(self, page: AgentChatPage, wish: DeclineChat) -> None:
        """Have the next one asked."""
        self._offered(page.agent, wish.chat_id)
        self._engine.handle(wish.chat_id, OfferDeclined(page.agent))

    def follow(self, page: AgentChatPage, wish: FollowDeskChat) -> None:
        """Send the entries of a chat that they have, are offered, or watch."""
        self._sees(page.agent, wish.chat_id)
        if wish.chat_id not in page.feeds:
            page.feeds[wish.chat_id] = self._feed(page, wish.chat_id)
        page.feeds[wish.chat_id].follow(wish.after)

    def earlier(self, page: AgentChatPage, wish: EarlierDeskEntries) -> None:
        """Send earlier entries of a chat that the page follows."""
        if (feed := page.feeds.get(wish.chat_id)) is None:
            raise ChatRefusedError(RefusalReason.NOT_YOURS)
        feed.earlier(wish.before)

    def say(self, page: AgentChatPage, wish: SayAtDesk) -> None:
        """Write something."""
        agent = page.agent
        text = self._text(agent, wish.chat_id, wish.text)
        if has_gap(text):
            raise ChatRefusedError(RefusalReason.GAP)
        event = AgentSaid(agent, f"a.{agent}.{wish.key}", text, wish.canned)
        self._engine.handle(self._has(agent, wish.chat_id), event)

    def canned(self, page: AgentChatPage, wish: AskCanned) -> None:
        """Send the canned replies that they have in a chat."""
        chat_id = self._has(page.agent, wish.chat_id)
        click, config = self._engine.click(chat_id), self._config()
        site, agent = config.sites.get(click.site) if click else None, config.agents.get(page.agent)
        if click is None or site is None or agent is None:
            raise ChatRefusedError(RefusalReason.NOT_YOURS)
        sees = "sensitive" in agent.rights
        ready = replies_for(
            config.canned,
            click.site,
            agent.teams,
            (click.known.get("language", ""), site.tongue),
            values_of(click, site.data_pass, site.label, agent.label, sees_sensitive=sees),
            labels_of(site.data_pass),
        )
        options = [
            CannedOption(name=each.name, title=each.title, text=each.text, gaps=list(each.gaps))
            for each in ready
        ]
        page.listener.put(CannedReplies(chat_id=chat_id, replies=options))

    def types(self, page: AgentChatPage, wish: TypeAtDesk) -> None:
        """They are typing."""
        self._engine.handle(self._has(page.agent, wish.chat_id), AgentTyped(page.agent))

    def end(self, page: AgentChatPage, wish: EndDeskChat) -> None:
        """End the chat."""
        chat_id = self._has(page.agent, wish.chat_id)
        self._check_code(page.agent, wish.code)
        self._engine.handle(chat_id, AgentEnded(page.agent))
        if wish.code is not None:
            self._later(self._wrap_up(page, wish, "", wish.code))

    def pass_on(self, page: AgentChatPage, wish: PassChat) -> None:
        """Pass the chat on, with a note for whoever takes it."""
        agent = page.agent
        chat_id = self._has(agent, wish.chat_id)
        event = self._passed(agent, wish.to)
        if wish.note.strip():
            key = f"w.{agent}.pass-{self._steady.time():.6f}"
            self._engine.handle(chat_id, AgentWhispered(agent, key, self._text(agent, chat_id, wish.note)))
        self._engine.handle(chat_id, event)

    def _passed(self, agent: str, to: str) -> ChatEvent:
        if to.startswith(AGENT):
            other = to.removeprefix(AGENT)
            if not may_reach(other, agent, self._config()):
                raise ChatRefusedError(RefusalReason.TARGET_UNKNOWN)
            if not self._agents.has_room(other):
                raise ChatRefusedError(RefusalReason.NOBODY_THERE)
            return PassedToAgents(agent, (other,))
        kind, _, queue = to.partition(":")
        if kind != QUEUE or (queue and queue not in self._config().queues):
            raise ChatRefusedError(RefusalReason.TARGET_UNKNOWN)
        return PassedToQueue(agent, queue or None)

    def whisper(self, page: AgentChatPage, wish: WhisperInChat) -> None:
        """Write something for agents' eyes alone."""
        agent = page.agent
        self._sees(agent, wish.chat_id)
        text = self._text(agent, wish.chat_id, wish.text)
        self._engine.handle(wish.chat_id, AgentWhispered(agent, f"w.{agent}.{wish.key}", text))

    def offer_page(self, page: AgentChatPage, wish: OfferPage) -> None:
        """Offer the shopper a page."""
        agent = page.agent
        chat_id, opening = self._has(agent, wish.chat_id), self._engine.opening(wish.chat_id)
        site = self._config().sites.get(opening.site) if opening else None
        if site is None or site.page_push is None:
            raise ChatRefusedError(RefusalReason.PAGE_REFUSED)
        url, title = choose_page(site, wish.page.strip())
        event = AgentSaid(agent, f"a.{agent}.{wish.key}", f"{title}\n{url}", card=True)
        self._engine.handle(chat_id, event)

    def call(self, page: AgentChatPage, wish: CallInstead) -> None:
        """Ask the shopper for a call."""
        chat_id, opening = self._has(page.agent, wish.chat_id), self._engine.opening(wish.chat_id)
        site = self._config().sites.get(opening.site) if opening else None
        standing = self._engine.standing(chat_id)
        if site is None or site.chat is None or not site.chat.escalate:
            raise ChatRefusedError(RefusalReason.TARGET_UNKNOWN)
        if standing is None or standing.call in ("placed", "bridged"):
            raise ChatRefusedError(RefusalReason.NOT_NOW)
        self._engine.handle(chat_id, CallMoved("ask", agent=page.agent))

    def watch(self, page: AgentChatPage, wish: WatchChat) -> None:
        """Look into a chat, or no more."""
        agent, chat_id = page.agent, wish.chat_id
        standing = self._supervised(agent, chat_id)
        desk = self._desks.setdefault(agent, DeskChats())
        (desk.watching.add if wish.on else desk.watching.discard)(chat_id)
        self._become(agent, chat_id, part_of(agent, standing, wish.on), None, again=True)

    def take(self, page: AgentChatPage, wish: TakeChat) -> None:
        """Take a chat over."""
        if self._supervised(page.agent, wish.chat_id).state is ChatState.ENDED:
            raise ChatRefusedError(RefusalReason.CHAT_OVER)
        self._engine.handle(wish.chat_id, TakenOver(page.agent))

    def wrap_up(self, page: AgentChatPage, wish: WrapUpChat) -> None:
        """Keep a note and a code on a chat that they had."""
        self._check_code(page.agent, wish.code)
        self._later(self._wrap_up(page, wish, wish.note, wish.code))

    async def _wrap_up(self, page: AgentChatPage, wish: OfChat, note: str, code: str | None) -> None:
        try:
            await self._engine.writer.flushed()
            known = await self._store.wrap_up(wish.chat_id, page.agent, note or None, code)
        except StoreError:
            page.listener.put(refused(wish, RefusalReason.NOT_KEPT))
            return
        if known:
            page.listener.put(ChatKept(chat_id=wish.chat_id, note=note, code=code))
        else:
            page.listener.put(refused(wish, RefusalReason.NOT_YOURS))

    # --- who may --------------------------------------------------------------------------------------------

    def _has(self, agent: str, chat_id: str) -> str:
        standing = self._engine.standing(chat_id)
        if standing is None or standing.agent != agent:
            raise ChatRefusedError(RefusalReason.NOT_YOURS)
        return chat_id

    def _offered(self, agent: str, chat_id: str) -> None:
        standing = self._engine.standing(chat_id)
        if standing is None or agent not in standing.offered:
            raise ChatRefusedError(RefusalReason.NOT_YOURS)

    def _sees(self, agent: str, chat_id: str) -> None:
        desk = self._desks.get(agent)
        standing = self._engine.standing(chat_id)
        if desk is None or standing is None:
            raise ChatRefusedError(RefusalReason.NOT_YOURS)
        if part_of(agent, standing, chat_id in desk.watching) == "over":
            raise ChatRefusedError(RefusalReason.NOT_YOURS)

    def _supervised(self, agent: str, chat_id: str) -> ChatStanding:
        opening, standing = self._engine.opening(chat_id), self._engine.standing(chat_id)
        if opening is None or standing is None or not supervises(agent, opening.site, self._config()):
            raise ChatRefusedError(RefusalReason.NOT_YOURS)
        return standing

    def _may_supervise(self, agent: str) -> bool:
        known = self._config().agents.get(agent)
        return known is not None and "supervise" in known.rights

    def _check_code(self, agent: str, code: str | None) -> None:
        if code is not None and code not in self._config().desk_of(agent).codes:
            raise ChatRefusedError(RefusalReason.CODE_UNKNOWN)

    def _text(self, agent: str, chat_id: str, text: str) -> str:
        if self._engine.writer.overrun:
            raise ChatRefusedError(RefusalReason.NOT_KEPT)
        opening = self._engine.opening(chat_id)
        site = self._config().sites.get(opening.site) if opening else None
        read = self._words.read(f"{agent} {chat_id}", text, site.chat if site else None)
        if isinstance(read, RefusalReason):
            raise ChatRefusedError(read)
        return read

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
        """The chat stands differently: everybody whom it concerns sees it."""
        if now.agent != before.agent:
            self._away.discard(chat_id)
        for agent, desk in self._desks.items():
            was = desk.parts.get(chat_id)
            part = part_of(agent, now, chat_id in desk.watching)
            if was is not None or part != "over":
                self._become(agent, chat_id, part, _why_over(before, now) if part == "over" else None)
        if now.state is ChatState.ENDED:
            self._views.earlier.pop(chat_id, None)
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
            if chat_id not in desk.parts and chat_id not in self._views.earlier:
                self._later(self._look_up(agent, chat_id))
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

    async def _look_up(self, agent: str, chat_id: str) -> None:
        """Find the shopper's earlier chats, and tell everybody who sees this one."""
        opening = self._engine.opening(chat_id)
        if opening is None or opening.visitor == opening.client_ip:  # an address may be anybody's
            self._views.earlier[chat_id] = ()
            return
        try:
            which = ChatFilter(site=opening.site, visitor=opening.visitor)
            page = await self._store.list_chats(which, limit=EARLIER + 1)
        except StoreError as error:
            log.warning("chat_history_not_read", chat_id=chat_id, error=str(error))
            return
        config = self._config()
        self._views.earlier[chat_id] = [
            EarlierChat(
                chat_id=each.opening.chat_id,
                at=each.row.asked_at,
                outcome=each.row.outcome,
                agent=label_of_agent(each.row.last_agent, config),
            )
            for each in page.chats
            if each.opening.chat_id != chat_id
        ][:EARLIER]
        for seer, desk in self._desks.items():
            if (part := desk.parts.get(chat_id)) and (view := self._view(seer, chat_id, part)):
                self._put(seer, view)

    def _feed(self, page: AgentChatPage, chat_id: str) -> EntryFeed:
        def put(entries: Sequence[ChatEntry], earlier: bool) -> None:
            told = [self._told(page.agent, entry) for entry in entries]
            page.listener.put(ChatHeard(chat_id=chat_id, entries=told, earlier=earlier))

        return EntryFeed(
            self._store, chat_id, put, lambda: page.listener.close(STORE_UNAVAILABLE), notes=True
        )

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

    def _later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell_all(self, chat_id: str, message: FromServer) -> None:
        for agent, desk in self._desks.items():
            if chat_id in desk.parts:
                self._put(agent, message)

    def _put(self, agent: str, message: FromServer) -> None:
        for page in self._pages.get(agent, ()):
            page.listener.put(message)

    def of_page(self, agent: str, listener: PageQueue) -> AgentChatPage | None:
        """The page of this agent with this queue."""
        return next((page for page in self._pages.get(agent, ()) if page.listener is listener), None)


def _why_over(before: ChatStanding, now: ChatStanding) -> WhyOver:
    if now.state is ChatState.ENDED:
        return "over"
    return "taken" if now.agent is not None else "passed_on" if before.agent is not None else "gone"


def refused(wish: OfChat, reason: RefusalReason) -> Refused:
    """Tell a page that nothing was done."""
    return Refused(request=wish.type, chat_id=wish.chat_id, key=getattr(wish, "key", None), reason=reason)


def _done_or_refused(
    do: Callable[[AgentChats, AgentChatPage, Any], None],
) -> Callable[[ChatDeskConnection, OfChat], None]:
    """Have it done for the agent whose page asks, or tell the page why not."""

    def handle(connection: ChatDeskConnection, wish: OfChat) -> None:
        page = connection.chats.of_page(connection.agent, connection.listener)
        if page is None:
            return
        try:
            do(connection.chats, page, wish)
        except (ChatRefusedError, PushRefusedError) as refusal:
            reason = RefusalReason(refusal.reason)
            connection.listener.put(refused(wish, reason))
            log.info("agent_refused", agent=connection.agent, request=wish.type, refused=reason)

    return handle


#: What agents want done with chats, and what does it.
CHAT_ACTIONS: tuple[tuple[type[OfChat], Callable[[ChatDeskConnection, Any], None]], ...] = (
    (AcceptChat, _done_or_refused(AgentChats.accept)),
    (DeclineChat, _done_or_refused(AgentChats.decline)),
    (FollowDeskChat, _done_or_refused(AgentChats.follow)),
    (EarlierDeskEntries, _done_or_refused(AgentChats.earlier)),
    (SayAtDesk, _done_or_refused(AgentChats.say)),
    (TypeAtDesk, _done_or_refused(AgentChats.types)),
    (EndDeskChat, _done_or_refused(AgentChats.end)),
    (PassChat, _done_or_refused(AgentChats.pass_on)),
    (WhisperInChat, _done_or_refused(AgentChats.whisper)),
    (OfferPage, _done_or_refused(AgentChats.offer_page)),
    (CallInstead, _done_or_refused(AgentChats.call)),
    (WatchChat, _done_or_refused(AgentChats.watch)),
    (TakeChat, _done_or_refused(AgentChats.take)),
    (WrapUpChat, _done_or_refused(AgentChats.wrap_up)),
    (AskCanned, _done_or_refused(AgentChats.canned)),
)
