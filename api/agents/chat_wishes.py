"""What agents want done with chats on their pages' WebSockets: who may, and what does it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from api.agents.chat_views import supervises
from api.chat_feed import EntryFeed, EntryReader
from api.chat_words import ChatWords
from api.page_queue import PageQueue
from api.subprotocol.base import RefusalReason, Refused
from api.subprotocol.canned import AskCanned, CannedOption, CannedReplies
from api.subprotocol.chat import (
    AcceptChat,
    CallInstead,
    ChatKept,
    DeclineChat,
    EarlierDeskEntries,
    EndDeskChat,
    FinishChat,
    FollowDeskChat,
    OfChat,
    OfferPage,
    PassChat,
    SayAtDesk,
    TakeChat,
    TypeAtDesk,
    WatchChat,
    WhisperInChat,
    WrapUpChat,
)
from bridge.protocols import Clock
from chat.canned import has_gap, labels_of, replies_for, values_of
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
from store.errors import StoreError

log = structlog.get_logger(__name__)

#: Before the name of a queue that a chat is passed on to.
QUEUE = "queue"


class ChatRefusedError(Exception):
    """What an agent asked for is not done."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason)
        self.reason = reason


class DeskChatStore(EntryReader, Protocol):
    """Chats on disk; every method may raise store.errors.StoreError."""

    async def wrap_up(self, chat_id: str, agent: str, note: str | None, code: str | None) -> bool:
        """Put an agent's note and code on disk; False where they never had the chat."""


@dataclass(slots=True)
class AgentChatPage:
    """What one page of an agent's follows."""

    agent: str
    listener: PageQueue
    feeds: dict[str, EntryFeed] = field(default_factory=dict)


class ChatDesks(Protocol):
    """The chats that agents see on their pages."""

    def sees(self, agent: str, chat_id: str) -> bool:
        """Whether they have a chat, are offered it, or watch it."""

    def watch(self, agent: str, chat_id: str, standing: ChatStanding, *, on: bool) -> None:
        """Show a chat to a supervisor, or no more."""

    def feed(self, page: AgentChatPage, chat_id: str) -> EntryFeed:
        """Entries of a chat for a page."""

    def later(self, work: Awaitable[None]) -> None:
        """Do something that takes a while."""


class ChatsOfPages(Protocol):
    """The chats of all agents, as a page's WebSocket knows them."""

    @property
    def wishes(self) -> ChatWishes:
        """What does what agents want."""

    def of_page(self, agent: str, listener: PageQueue) -> AgentChatPage | None:
        """The page of this agent with this queue."""


class ChatDeskConnection(Protocol):
    """An agent's page on its WebSocket."""

    @property
    def agent(self) -> str:
        """Whose page it is."""

    @property
    def listener(self) -> PageQueue:
        """Where messages for it go."""

    @property
    def chats(self) -> ChatsOfPages:
        """The chats of all agents."""


class ChatWishes:
    """Does with chats what agents want; ``ChatRefusedError`` says why not."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        steady: Clock,
        engine: ChatEngine,
        store: DeskChatStore,
        agents: Agents,
        desks: ChatDesks,
        finish: Callable[[str, str], None],
    ) -> None:
        self._config = config
        self._steady = steady
        self._engine = engine
        self._store = store
        self._agents = agents
        self._desks = desks
        self._finish = finish
        self._words = ChatWords()

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
            page.feeds[wish.chat_id] = self._desks.feed(page, wish.chat_id)
        page.feeds[wish.chat_id].follow(wish.after)

    def earlier(self, page: AgentChatPage, wish: EarlierDeskEntries) -> None:
        """Send earlier entries of a chat that the page follows."""
        if (feed := page.feeds.get(wish.chat_id)) is None:
            raise ChatRefusedError(RefusalReason.NOT_YOURS)
        feed.earlier(wish.before)

    def say(self, page: AgentChatPage, wish: SayAtDesk) -> None:
        """Write something."""
        agent, chat_id = page.agent, self._has(page.agent, wish.chat_id)
        key = f"a.{agent}.{wish.key}"
        known = self._engine.knows(chat_id, key)  # then it is only told again
        text = wish.text if known else self._text(agent, chat_id, wish.text)
        if has_gap(text) and not known:
            raise ChatRefusedError(RefusalReason.GAP)
        self._engine.handle(chat_id, AgentSaid(agent, key, text, wish.canned))

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
            self._finish(page.agent, chat_id)
            self._desks.later(self._wrap_up(page, wish, "", wish.code))

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
        self._desks.watch(page.agent, wish.chat_id, self._supervised(page.agent, wish.chat_id), on=wish.on)

    def take(self, page: AgentChatPage, wish: TakeChat) -> None:
        """Take a chat over."""
        if self._supervised(page.agent, wish.chat_id).state is ChatState.ENDED:
            raise ChatRefusedError(RefusalReason.CHAT_OVER)
        self._engine.handle(wish.chat_id, TakenOver(page.agent))

    def wrap_up(self, page: AgentChatPage, wish: WrapUpChat) -> None:
        """Keep a note and a code on a chat that they had."""
        self._check_code(page.agent, wish.code)
        self._desks.later(self._wrap_up(page, wish, wish.note, wish.code))

    def done(self, page: AgentChatPage, wish: FinishChat) -> None:
        """End the wrap-up of a chat."""
        self._finish(page.agent, wish.chat_id)

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
        if not self._desks.sees(agent, chat_id):
            raise ChatRefusedError(RefusalReason.NOT_YOURS)

    def _supervised(self, agent: str, chat_id: str) -> ChatStanding:
        opening, standing = self._engine.opening(chat_id), self._engine.standing(chat_id)
        if opening is None or standing is None or not supervises(agent, opening.site, self._config()):
            raise ChatRefusedError(RefusalReason.NOT_YOURS)
        return standing

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


def refused(wish: OfChat, reason: RefusalReason) -> Refused:
    """Tell a page that nothing was done."""
    return Refused(request=wish.type, chat_id=wish.chat_id, key=getattr(wish, "key", None), reason=reason)


def _done_or_refused(
    do: Callable[[ChatWishes, AgentChatPage, Any], None],
) -> Callable[[ChatDeskConnection, OfChat], None]:
    """Have it done for the agent whose page asks, or tell the page why not."""

    def handle(connection: ChatDeskConnection, wish: OfChat) -> None:
        page = connection.chats.of_page(connection.agent, connection.listener)
        if page is None:
            return
        try:
            do(connection.chats.wishes, page, wish)
        except (ChatRefusedError, PushRefusedError) as refusal:
            reason = RefusalReason(refusal.reason)
            connection.listener.put(refused(wish, reason))
            log.info("agent_refused", agent=connection.agent, request=wish.type, refused=reason)

    return handle


#: What agents want done with chats, and what does it.
CHAT_ACTIONS: tuple[tuple[type[OfChat], Callable[[ChatDeskConnection, Any], None]], ...] = (
    (AcceptChat, _done_or_refused(ChatWishes.accept)),
    (DeclineChat, _done_or_refused(ChatWishes.decline)),
    (FollowDeskChat, _done_or_refused(ChatWishes.follow)),
    (EarlierDeskEntries, _done_or_refused(ChatWishes.earlier)),
    (SayAtDesk, _done_or_refused(ChatWishes.say)),
    (TypeAtDesk, _done_or_refused(ChatWishes.types)),
    (EndDeskChat, _done_or_refused(ChatWishes.end)),
    (PassChat, _done_or_refused(ChatWishes.pass_on)),
    (WhisperInChat, _done_or_refused(ChatWishes.whisper)),
    (OfferPage, _done_or_refused(ChatWishes.offer_page)),
    (CallInstead, _done_or_refused(ChatWishes.call)),
    (WatchChat, _done_or_refused(ChatWishes.watch)),
    (TakeChat, _done_or_refused(ChatWishes.take)),
    (WrapUpChat, _done_or_refused(ChatWishes.wrap_up)),
    (FinishChat, _done_or_refused(ChatWishes.done)),
    (AskCanned, _done_or_refused(ChatWishes.canned)),
)
