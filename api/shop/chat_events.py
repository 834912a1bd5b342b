"""A chat on its shopper's WebSocket: how it stands, what is said, and what the shopper does.

The token comes as a subprotocol, as for calls.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args

import structlog
from starlette.websockets import WebSocket

from api.chat_feed import EntryFeed, EntryReader
from api.chat_views import label_of_agent, shopper_state
from api.chat_words import ChatWords
from api.origins import Origins
from api.page_queue import MOST_LISTENERS, PageQueue
from api.routes import SocketRow
from api.shop.chats import ChatDoors
from api.shop.views import TalkPageLink
from api.sockets import (
    CALL_UNKNOWN,
    STORE_UNAVAILABLE,
    TOO_MANY,
    close,
    converse,
    hear,
    tell,
    token_in,
    welcome,
)
from api.subprotocol.base import FromServer, RefusalReason, Refused, Table
from api.subprotocol.chat import (
    AnswerCard,
    ChatEntries,
    ChatLineTold,
    ChatMoved,
    ChatSent,
    ChatTyping,
    ChooseInChat,
    EarlierEntries,
    EndChat,
    FollowChat,
    RateChat,
    SayInChat,
    TypeInChat,
)
from api.subprotocol.flow import (
    FlowAnswerTold,
    FlowQuestionTold,
    FlowStands,
    FlowWayTold,
    MoveInFlow,
)
from api.talk import Talk
from bridge.protocols import Clock
from chat.commands import Withdrawal
from chat.entries import ChatEntry
from chat.events import CardAnswered, ShopperChose, ShopperEnded, ShopperSaid, ShopperTyped
from chat.flow import FlowEvent, HelpWanted, QuestionSkipped, WayChosen, WentBack
from chat.standing import ChatRow, ChatStanding
from chat.states import ChatState
from chats.engine import ChatEngine
from chats.guide import ChatGuide, FlowShown
from config.models import Config
from config.sections.flows import FlowWay
from store.errors import StoreError
from views.circle import ViewCircle

log = structlog.get_logger(__name__)


class ChatEndings(Protocol):
    """Takes messages and callbacks of shoppers while no agent is free; each may raise StoreError."""

    async def choose(self, chat_id: str, wish: ChooseInChat) -> RefusalReason | None:
        """Keep the message or book the callback; why not, or None once it is on disk."""


class RatingStore(EntryReader, Protocol):
    """Chats on disk; every method may raise store.errors.StoreError."""

    async def rate(self, chat_id: str, rating: int, text: str) -> bool:
        """Put what the shopper thinks of the chat on disk, once; whether it was the first time."""


@dataclass(slots=True)
class ShopperChatPage:
    """A shopper's page on a chat's WebSocket."""

    chat_id: str
    listener: PageQueue
    events: ChatEvents
    feed: EntryFeed = field(init=False)

    def __post_init__(self) -> None:
        self.feed = EntryFeed(self.events.store, self.chat_id, self._put, self._failed)

    @property
    def owner(self) -> str:
        """The chat."""
        return self.chat_id

    def _put(self, entries: Sequence[ChatEntry], earlier: bool) -> None:
        told = [self.events.told(entry) for entry in entries]
        self.listener.put(ChatEntries(entries=told, earlier=earlier))

    def _failed(self) -> None:
        self.listener.close(STORE_UNAVAILABLE)

    # --- what the page says ---------------------------------------------------------------------------------

    def follow(self, message: FollowChat) -> None:
        """Send what the page lacks, and go on from there: also with a flow."""
        self.feed.follow(message.after)
        self.events.later(self._resume())

    async def _resume(self) -> None:
        try:
            await self.events.guide.resume(self.chat_id)
        except StoreError:
            self._failed()

    def step(self, message: MoveInFlow) -> None:
        """Skip a question, change an answer, ask for a person, go one of the ways."""
        if (event := _flow_event(message)) is None:
            self.refuse(message.type, RefusalReason.NOT_UNDERSTOOD)
        else:
            self.events.guide.happens(self.chat_id, event)

    def earlier(self, message: EarlierEntries) -> None:
        """Send earlier entries."""
        self.feed.earlier(message.before)

    def say(self, message: SayInChat) -> None:
        """The shopper writes something."""
        self.events.say(self, message)

    def types(self, message: TypeInChat) -> None:
        """The shopper is typing."""
        self.events.engine.handle(self.chat_id, ShopperTyped())

    def end(self, message: EndChat) -> None:
        """The shopper ends the chat."""
        self.events.engine.handle(self.chat_id, ShopperEnded())

    def choose(self, message: ChooseInChat) -> None:
        """The shopper does something else than waiting, or waits on."""
        self.events.choose(self, message)

    def rate(self, message: RateChat) -> None:
        """How it was."""
        self.events.later(self._rate(message))

    async def _rate(self, message: RateChat) -> None:
        try:
            await self.events.store.rate(self.chat_id, message.rating, message.text.strip())
        except StoreError:
            self.refuse(message.type, RefusalReason.NOT_KEPT)

    def card(self, message: AnswerCard) -> None:
        """The shopper opens the page that was offered, or does not want it."""
        self.events.engine.handle(self.chat_id, CardAnswered(message.accepted))

    def refuse(self, request: str, reason: RefusalReason, key: str | None = None) -> None:
        """Tell the page that nothing was done."""
        self.listener.put(Refused(request=request, chat_id=self.chat_id, reason=reason, key=key))


#: What a shopper's page says in a chat, and what it leads to.
CHAT_SAYS = Table[ShopperChatPage](
    (FollowChat, ShopperChatPage.follow),
    (EarlierEntries, ShopperChatPage.earlier),
    (SayInChat, ShopperChatPage.say),
    (TypeInChat, ShopperChatPage.types),
    (EndChat, ShopperChatPage.end),
    (ChooseInChat, ShopperChatPage.choose),
    (RateChat, ShopperChatPage.rate),
    (AnswerCard, ShopperChatPage.card),
    (MoveInFlow, ShopperChatPage.step),
)


class ChatEvents:
    """The WebSocket ``/v1/threads/{thread}/events``; :class:`chats.audience.ChatAudience` for shoppers."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        steady: Clock,
        engine: ChatEngine,
        store: RatingStore,
        doors: ChatDoors,
        endings: ChatEndings,
        origins: Origins,
        guide: ChatGuide,
        views: ViewCircle,
    ) -> None:
        self._config = config
        self._steady = steady
        self._doors = doors
        self._endings = endings
        self._origins = origins
        self._talk = Talk()
        self._words = ChatWords()
        self._pages: dict[str, list[ShopperChatPage]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.engine = engine
        self.store = store
        self.guide = guide
        self._views = views
        engine.watch(self)
        guide.watch(self._flow_moved)

    def routes(self) -> tuple[SocketRow, ...]:
        """The WebSocket's address."""
        return (SocketRow("/v1/threads/{thread}/events", self.follow),)

    async def follow(self, socket: WebSocket, thread: str) -> None:
        """Tell how the chat stands at once, then whatever happens, for as long as the page is there."""
        chat_id, origin = thread, socket.headers.get("origin", "")
        if not await welcome(socket, known_origin=self._origins.known(origin)):
            return
        if not self._talk.connects(chat_id):
            await close(socket, TOO_MANY)
            return
        try:
            opening = await self._doors.opens(chat_id, token_in(socket), origin)
            known = opening is not None and await self.engine.revive(chat_id)
        except StoreError:
            await close(socket, STORE_UNAVAILABLE)
            return
        if not known:
            await close(socket, CALL_UNKNOWN)
            return
        pages = self._pages.setdefault(chat_id, [])
        if len(pages) >= MOST_LISTENERS:
            await close(socket, TOO_MANY)
            return
        page = ShopperChatPage(chat_id, PageQueue(), self)
        pages.append(page)
        self.engine.page_opened(chat_id)
        try:
            page.listener.put(self._state(chat_id))
            with self._views.talk_page(chat_id, TalkPageLink(page.listener)):
                await converse(
                    socket,
                    tell(socket, page.listener),
                    lambda text: hear(CHAT_SAYS, page, text),
                    lambda: self._talk.says(chat_id),
                )
        finally:
            page.feed.close()
            pages.remove(page)
            if not pages:
                self._pages.pop(chat_id, None)
            self.engine.page_closed(chat_id)

    # --- what the shopper does ------------------------------------------------------------------------------

    def say(self, page: ShopperChatPage, message: SayInChat) -> None:
        """Take what the shopper wrote; one who writes again after the end opens the chat again."""
        key = f"s.{message.key}"
        if self.engine.knows(page.chat_id, key):
            self.engine.handle(page.chat_id, ShopperSaid(key, message.text))
            return
        row = self.engine.row(page.chat_id)
        opening = self.engine.opening(page.chat_id)
        if row is None or opening is None or not self._takes_words(page.chat_id, row):
            page.refuse(message.type, RefusalReason.CHAT_OVER, message.key)
            return
        if self.engine.writer.overrun:
            page.refuse(message.type, RefusalReason.NOT_KEPT, message.key)
            return
        site = self._config().sites.get(opening.site)
        text = self._words.read(page.chat_id, message.text, site.chat if site else None)
        if isinstance(text, RefusalReason):
            page.refuse(message.type, text, message.key)
            return
        self.engine.handle(page.chat_id, ShopperSaid(key, text))

    def _takes_words(self, chat_id: str, row: ChatRow) -> bool:
        return row.state is not ChatState.ENDED or self.engine.reopens(chat_id)

    def choose(self, page: ShopperChatPage, message: ChooseInChat) -> None:
        """The shopper does something else than waiting, or waits on."""
        standing = self.engine.standing(page.chat_id)
        if standing is None or message.choice not in standing.choices:
            page.refuse(message.type, RefusalReason.NOT_NOW)
        elif message.choice == "wait":
            self.engine.handle(page.chat_id, ShopperChose("wait"))
        else:
            self.later(self._choose(page, message))

    async def _choose(self, page: ShopperChatPage, message: ChooseInChat) -> None:
        try:
            refusal = await self._endings.choose(page.chat_id, message)
        except StoreError:
            refusal = RefusalReason.NOT_KEPT
        if refusal is not None:
            page.refuse(message.type, refusal)
        else:
            self.engine.handle(page.chat_id, ShopperChose(message.choice))

    def later(self, work: Any) -> None:
        """Do something that waits for the disk."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- what the shopper is told (ChatAudience) ------------------------------------------------------------

    def entry_stored(self, chat_id: str, entry: ChatEntry) -> None:
        """An entry is on disk."""
        if entry.for_shopper:
            for page in self._pages.get(chat_id, ()):
                page.feed.stored(entry)

    def entry_repeated(self, chat_id: str, by: Literal["shopper", "agent"], key: str, seq: int) -> None:
        """A key came twice. It is told after all that was stored before it."""
        if by == "shopper":
            self._put(chat_id, ChatSent(key=key.partition(".")[2], seq=seq))

    def chat_moved(self, chat_id: str, before: ChatStanding, now: ChatStanding) -> None:
        """The chat stands differently."""
        if chat_id in self._pages:
            self._put(chat_id, self._state(chat_id))

    def typing(self, chat_id: str, to: Literal["shopper", "agents"], agent: str | None) -> None:
        """The agent is typing."""
        if to == "shopper":
            self._put(chat_id, ChatTyping())

    def chat_offered(self, chat_id: str, agent: str, until: float) -> None:
        """Which agents are asked is not the shopper's to know."""

    def offer_withdrawn(self, chat_id: str, agent: str, why: Withdrawal, by: str | None) -> None:
        """Nor who does not want them."""

    def claim_lost(self, chat_id: str, agent: str, by: str | None) -> None:
        """Nor who came too late."""

    def agent_nudged(self, chat_id: str, agent: str) -> None:
        """Nor that their agent is reminded."""

    def agent_away(self, chat_id: str, agent: str) -> None:
        """They learn it once they wait for another one."""

    def told(self, entry: ChatEntry) -> ChatLineTold:
        """An entry as the shopper sees it."""
        key = entry.key.partition(".")[2] if entry.key and entry.by == "shopper" else None
        return ChatLineTold.of(entry, label_of_agent(entry.agent, self._config()), key)

    def _state(self, chat_id: str) -> ChatMoved:
        return shopper_state(self.engine, chat_id, self._config(), self._steady.time())

    def _flow_moved(self, chat_id: str) -> None:
        """Something else is to be answered, or nothing any more."""
        if chat_id in self._pages:
            self._put(chat_id, _flow_told(self.guide.shown(chat_id)))

    def _put(self, chat_id: str, message: FromServer) -> None:
        for page in self._pages.get(chat_id, ()):
            page.listener.put(message)


def _flow_event(message: MoveInFlow) -> FlowEvent | None:
    match message.do:
        case "skip":
            return QuestionSkipped()
        case "back":
            return WentBack(message.to)
        case "person":
            return HelpWanted()
        case "way":
            way = next((each for each in get_args(FlowWay) if each == message.to), None)
            return WayChosen(way) if way else None


def _flow_told(shown: FlowShown | None) -> FlowStands:
    if shown is None:
        return FlowStands(question=None, ways=[], answers=[], over=True)
    asked = shown.question
    question = asked and FlowQuestionTold(
        key=asked.key,
        text=asked.text,
        kind=asked.kind,
        choices=list(asked.choices),
        may_skip=asked.may_skip,
        value=asked.value,
        consent=asked.consent,
    )
    return FlowStands(
        question=question,
        ways=[FlowWayTold(way=way, label=label) for way, label in shown.ways],
        answers=[FlowAnswerTold(key=key, label=label, value=value) for key, label, value in shown.answers],
    )
