"""The engine of chats: runs every live chat. The one place that executes their commands and owns timers."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import structlog

from bridge.bulletin import Bulletin
from bridge.events import QueueEvent, QueueMoved, TurnCame
from bridge.protocols import Cancellable, Clock
from chat.commands import (
    AppendEntry,
    ChatCommand,
    ClaimChat,
    EnterLine,
    LeaveLine,
    NudgeAgent,
    OfferChat,
    RepeatEntry,
    StartChatTimer,
    StopChatTimer,
    TellAgentAway,
    TellTyping,
    WithdrawOffer,
    WriteChat,
)
from chat.entries import ChatEntry
from chat.events import (
    AgentCame,
    AgentLeft,
    AgentsFound,
    ChatAsked,
    ChatClaimed,
    ChatEvent,
    ChatTimer,
    ChatTimerRan,
    ClaimLost,
    PlaceMoved,
    ServerRestarted,
    ShopperCame,
    ShopperLeft,
)
from chat.facts import ChatOver, ChatRefused, ChatTaken
from chat.machine import ChatMachine
from chat.plan import ChatPlan
from chat.records import ChatOpening, KeepClaim, KeepContext, KeepEntry, KeepRow, StoredChat
from chat.standing import ChatRow, ChatStanding
from chat.states import ChatState
from chats.audience import ChatAudience, ChatKeeping, ChatLine
from chats.writer import ChatWriter
from routing.plan import ClickToCall

log = structlog.get_logger(__name__)

#: What a chat's id begins with, wherever calls and chats stand in one line.
PREFIX = "th-"
#: How long an ended chat stays in memory, in seconds: a word of the shopper's may open it again.
REMEMBER = 60.0


def is_chat(call_id: str) -> bool:
    """Whether this is the id of a chat, not of a call."""
    return call_id.startswith(PREFIX)


@dataclass(slots=True)
class LiveChat:
    """A chat in memory."""

    opening: ChatOpening
    machine: ChatMachine
    timers: dict[ChatTimer, Cancellable] = field(default_factory=dict)
    #: How many pages of the shopper's are connected.
    pages: int = 0
    forget: Cancellable | None = None

    @property
    def click(self) -> ClickToCall:
        """As the routes read it."""
        opening = self.opening
        return ClickToCall(
            site=opening.site,
            number="",
            page=opening.page,
            context=opening.context,
            client_ip=opening.client_ip,
            by="pc",
            signed=opening.signed,
        )


class ChatEngine:
    """Feeds the machines of chats and carries out what these command. Lives on the event loop.

    ``handle`` is the one door for whatever happens to a chat. What must be remembered is written before
    anybody is told (:class:`chats.writer.ChatWriter`). ``plan(opening)`` tells how a chat goes, None where
    its site has no chats any more; ``anybody_there(click)`` whether any of its agents is there, if only busy.
    """

    def __init__(
        self,
        store: ChatKeeping,
        clock: Clock,
        bulletin: Bulletin,
        line: ChatLine,
        *,
        plan: Callable[[ChatOpening], ChatPlan | None],
        anybody_there: Callable[[ClickToCall], bool],
    ) -> None:
        self._store = store
        self._clock = clock
        self._bulletin = bulletin
        self._line = line
        self._plan = plan
        self._anybody_there = anybody_there
        self._chats: dict[str, LiveChat] = {}
        self._events: deque[tuple[str, ChatEvent]] = deque()
        self._handling = False
        self._audiences: list[ChatAudience] = []
        self._reviving: dict[str, asyncio.Task[bool]] = {}
        self._restarting = False
        self.writer = ChatWriter(store)

    @staticmethod
    def new_chat_id() -> str:
        """An id that cannot be guessed."""
        return f"{PREFIX}{secrets.token_hex(12)}"

    @property
    def live(self) -> int:
        """How many chats go on."""
        return len(self._chats)

    def watch(self, audience: ChatAudience) -> None:
        """Tell this one, too, from now on."""
        self._audiences.append(audience)

    # --- beginning ------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Go on with the chats that a stop or a crash left open; raises what the store raises."""
        stored = await self._store.open_chats()
        self._restarting = True
        try:
            # Those who waited keep their order, whoever was served before first.
            for each in sorted(stored, key=lambda it: (not it.row.first, it.row.waiting_since or 0.0)):
                self._adopt(each)
                self.handle(each.opening.chat_id, ServerRestarted())
        finally:
            self._restarting = False
        if stored:
            log.info("chats_resumed", chats=len(stored))

    async def stop(self) -> None:
        """Write what waits. Chats stay open: the next start goes on with them."""
        await self.writer.stop()
        for chat in self._chats.values():
            for timer in chat.timers.values():
                timer.cancel()

    async def open(self, opening: ChatOpening, plan: ChatPlan, *, guided: bool = False) -> str:
        """Begin a chat, on disk before this returns; the id of the one with the same key, if there is one.

        Raises what the store raises.
        """
        row = ChatRow(plan.queue, self._clock.time())
        chat_id = await self._store.open_chat(opening, row)
        if chat_id != opening.chat_id or chat_id in self._chats:
            return chat_id
        chat = self._chats[chat_id] = LiveChat(opening, ChatMachine(chat_id, plan, row))
        log.info("chat_opened", chat_id=chat_id, site=opening.site, route=opening.route)
        self.handle(chat_id, ChatAsked(guided))
        if not guided and not self._anybody_there(chat.click):
            self.handle(chat_id, AgentsFound(()))
        return chat_id

    def refuse(self, chat_id: str, site: str) -> None:
        """Tell that a chat never began, as it would have gone over a limit."""
        self._bulletin.tell([ChatRefused(call_id=chat_id, at=self._clock.time(), site=site)])

    async def revive(self, chat_id: str) -> bool:
        """Have a chat in memory that has ended, so that a word of the shopper's may open it again."""
        if chat_id in self._chats:
            return True
        if chat_id not in self._reviving:
            task = asyncio.ensure_future(self._revive(chat_id))
            self._reviving[chat_id] = task
            task.add_done_callback(lambda _: self._reviving.pop(chat_id, None))
        return await self._reviving[chat_id]

    async def _revive(self, chat_id: str) -> bool:
        await self.writer.flushed()
        stored = await self._store.chat(chat_id)
        if stored is None or chat_id in self._chats:
            return chat_id in self._chats
        chat = self._adopt(stored)
        self._forget_later(chat_id, chat)
        return True

    def _adopt(self, stored: StoredChat) -> LiveChat:
        opening = stored.opening
        plan = self._plan(opening) or ChatPlan(opening.site, opening.route, stored.row.queue)
        machine = ChatMachine(opening.chat_id, plan, stored.row)
        machine.work.seq, machine.work.notes = stored.seq, stored.notes
        machine.work.keys = dict(stored.keys)
        for text in stored.holding:
            machine.silence.words.said(text)
        chat = self._chats[opening.chat_id] = LiveChat(opening, machine)
        return chat

    # --- what happens ---------------------------------------------------------------------------------------

    def handle(self, chat_id: str, event: ChatEvent) -> None:
        """Handle one event of one chat; ignores an event of a chat that is not in memory."""
        self._events.append((chat_id, event))
        if self._handling:
            return
        self._handling = True
        try:
            while self._events:
                self._handle(*self._events.popleft())
        finally:
            self._handling = False

    def line_moved(self, chat_id: str, event: QueueEvent) -> None:
        """What a queue reports."""
        match event:
            case TurnCame(steps=steps):
                rounds = tuple(
                    tuple(endpoint.destination.removeprefix("agent:") for endpoint in step.endpoints)
                    for step in steps
                )
                self.handle(chat_id, AgentsFound(rounds))
            case QueueMoved(position=position, wait=wait):
                self.handle(chat_id, PlaceMoved(position, wait))

    def _handle(self, chat_id: str, event: ChatEvent) -> None:
        chat = self._chats.get(chat_id)
        if chat is None:
            log.debug("late_chat_event", chat_id=chat_id, kind=type(event).__name__)
            return
        machine, before = chat.machine, chat.machine.standing
        commands = machine.handle(event, self._clock.time())
        facts = machine.facts
        taken = next((fact.agent for fact in facts if isinstance(fact, ChatTaken)), None)
        over = next((fact for fact in facts if isinstance(fact, ChatOver)), None)
        for command in commands:
            self._execute(chat_id, chat, command, taken, ended=over is not None)
        now = machine.standing
        if now.state is not before.state:
            log.info(
                "chat_state", chat_id=chat_id, old=before.state, new=now.state, kind=type(event).__name__
            )
            self._remember(chat_id, chat)
        if over is not None:
            log.info(
                "chat_ended", chat_id=chat_id, site=over.site, outcome=over.outcome, cause=over.cause,
                waited=round(over.waited, 1), handled=round(over.handled, 1),
            )  # fmt: skip
        if now != before:
            for audience in self._audiences:
                audience.chat_moved(chat_id, before, now)
        if isinstance(event, ChatClaimed) and machine.agent != event.agent:
            self._tell_claim_lost(chat_id, event.agent, machine.agent)
        self._bulletin.tell(facts)

    def _execute(
        self, chat_id: str, chat: LiveChat, command: ChatCommand, taken: str | None, *, ended: bool
    ) -> None:
        match command:
            case StartChatTimer(timer=timer, seconds=seconds):
                self._stop_timer(chat, timer)
                chat.timers[timer] = self._clock.call_later(seconds, self._expire(chat_id, chat, timer))
            case StopChatTimer(timer=timer):
                self._stop_timer(chat, timer)
            case EnterLine(queue=queue, first=first):
                ahead = first and not self._restarting  # then all are put in their order
                self._line.enter(chat_id, chat.click, queue, True, ahead, patient=True)
            case LeaveLine(queue=queue, served=served):
                self._line.leave(chat_id, queue, served)
            case AppendEntry(entry=entry):
                self.writer.put(KeepEntry(chat_id, entry), self._stored(chat_id, entry))
            case WriteChat():
                row = replace(chat.machine.row)
                self.writer.put(KeepRow(chat_id, row, taken, ended=ended))
            case ClaimChat(agent=agent, held_by=held_by):
                self.writer.put(KeepClaim(chat_id, agent, held_by), self._claimed(chat_id, agent))
            case _:
                self._tell(chat_id, command)

    def _tell(self, chat_id: str, command: ChatCommand) -> None:
        for audience in self._audiences:
            match command:
                case OfferChat(agent=agent, seconds=seconds):
                    audience.chat_offered(chat_id, agent, self._clock.time() + seconds)
                case WithdrawOffer(agent=agent, why=why, by=by):
                    audience.offer_withdrawn(chat_id, agent, why, by)
                case RepeatEntry(by=by_whom, key=key, seq=seq):
                    audience.entry_repeated(chat_id, by_whom, key, seq)
                case TellTyping(to=to, agent=typist):
                    audience.typing(chat_id, to, typist)
                case NudgeAgent(agent=agent):
                    audience.agent_nudged(chat_id, agent)
                case TellAgentAway(agent=agent):
                    audience.agent_away(chat_id, agent)

    def _stored(self, chat_id: str, entry: ChatEntry) -> Callable[[str | None], None]:
        def tell(_: str | None) -> None:
            for audience in self._audiences:
                audience.entry_stored(chat_id, entry)

        return tell

    def _claimed(self, chat_id: str, agent: str) -> Callable[[str | None], None]:
        def decided(owner: str | None) -> None:
            if owner == agent:
                self.handle(chat_id, ChatClaimed(agent))
            else:
                self.handle(chat_id, ClaimLost(agent, owner or None))
                self._tell_claim_lost(chat_id, agent, owner or None)

        return decided

    def _tell_claim_lost(self, chat_id: str, agent: str, by: str | None) -> None:
        for audience in self._audiences:
            audience.claim_lost(chat_id, agent, by)

    def _expire(self, chat_id: str, chat: LiveChat, timer: ChatTimer) -> Callable[[], None]:
        def ran() -> None:
            chat.timers.pop(timer, None)
            self.handle(chat_id, ChatTimerRan(timer))

        return ran

    @staticmethod
    def _stop_timer(chat: LiveChat, timer: ChatTimer) -> None:
        running = chat.timers.pop(timer, None)
        if running is not None:
            running.cancel()

    def _remember(self, chat_id: str, chat: LiveChat) -> None:
        if chat.forget is not None:
            chat.forget.cancel()
            chat.forget = None
        if chat.machine.state is ChatState.ENDED:
            self._forget_later(chat_id, chat)

    def _forget_later(self, chat_id: str, chat: LiveChat) -> None:
        chat.forget = self._clock.call_later(REMEMBER, lambda: self._forget(chat_id, chat))

    def _forget(self, chat_id: str, chat: LiveChat) -> None:
        if chat.pages:  # somebody still looks at it
            self._forget_later(chat_id, chat)
        elif self._chats.get(chat_id) is chat:
            del self._chats[chat_id]

    # --- pages ----------------------------------------------------------------------------------------------

    def page_opened(self, chat_id: str) -> None:
        """A page of the shopper's is connected."""
        chat = self._chats.get(chat_id)
        if chat is not None:
            chat.pages += 1
            if chat.pages == 1:
                self.handle(chat_id, ShopperCame())

    def page_closed(self, chat_id: str) -> None:
        """A page of the shopper's is gone."""
        chat = self._chats.get(chat_id)
        if chat is not None and chat.pages:
            chat.pages -= 1
            if not chat.pages:
                self.handle(chat_id, ShopperLeft())

    def agent_came(self, agent: str) -> None:
        """The first page of an agent's is connected."""
        for chat_id in list(self._chats):
            self.handle(chat_id, AgentCame(agent))

    def agent_left(self, agent: str) -> None:
        """The last page of an agent's is gone."""
        for chat_id in list(self._chats):
            self.handle(chat_id, AgentLeft(agent))

    def learn(self, chat_id: str, context: Mapping[str, str]) -> None:
        """Know more of the shopper, as though their page had passed it."""
        chat = self._chats.get(chat_id)
        if chat is not None and context:
            known = {**chat.opening.context, **context}
            chat.opening = replace(chat.opening, context=known)
            self.writer.put(KeepContext(chat_id, known))

    # --- for everybody --------------------------------------------------------------------------------------

    def click(self, chat_id: str) -> ClickToCall | None:
        """What a chat in memory was asked for with."""
        chat = self._chats.get(chat_id)
        return chat.click if chat else None

    def opening(self, chat_id: str) -> ChatOpening | None:
        """How a chat in memory was asked for."""
        chat = self._chats.get(chat_id)
        return chat.opening if chat else None

    def standing(self, chat_id: str) -> ChatStanding | None:
        """How a chat in memory stands."""
        chat = self._chats.get(chat_id)
        return chat.machine.standing if chat else None

    def row(self, chat_id: str) -> ChatRow | None:
        """What is remembered of a chat in memory."""
        chat = self._chats.get(chat_id)
        return chat.machine.row if chat else None

    def knows(self, chat_id: str, key: str) -> bool:
        """Whether a chat in memory has an entry with this key: what comes again is never refused."""
        chat = self._chats.get(chat_id)
        return chat is not None and key in chat.machine.work.keys

    def reopens(self, chat_id: str) -> bool:
        """Whether a word of the shopper's opens a chat in memory again, which has ended."""
        chat = self._chats.get(chat_id)
        return chat is not None and chat.machine.reopens(self._clock.time())

    def open_chats(self) -> Iterable[tuple[str, ChatOpening, ChatStanding]]:
        """Every chat that has not ended, the oldest first."""
        for chat_id, chat in self._chats.items():
            if chat.machine.state is not ChatState.ENDED:
                yield chat_id, chat.opening, chat.machine.standing
