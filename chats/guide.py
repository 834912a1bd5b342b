"""Runs guided chats: what a shopper writes goes through their flow, and its questions into the chat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import structlog

from chat.commands import Withdrawal
from chat.entries import ChatEntry
from chat.events import ChatEvent, FlowSaid
from chat.flow import (
    AskQuestion,
    CountQuestion,
    FlowBegan,
    FlowEvent,
    FlowLeft,
    FlowResult,
    FlowResumed,
    FlowState,
    FlowWorld,
    GuidedFlow,
    OfferWays,
    PersonCame,
    QuestionAnswered,
    SayWords,
    TalkInBrowser,
)
from chat.flow_memory import FlowMemoryError, as_data, state_of
from chat.flow_steps import adopt, answers_shown, begin, contact_given, step
from chat.flow_words import way_label
from chat.standing import ChatStanding
from chat.states import ChatState
from config.sections.flows import FlowWay
from routing.plan import ClickToCall

log = structlog.get_logger(__name__)

#: What the shopper's language is called among what is known of them.
LANGUAGE = "language"


class GuidedChats(Protocol):
    """The engine, as far as flows move it."""

    def handle(self, chat_id: str, event: ChatEvent) -> None:
        """Let an event happen to a chat."""

    def click(self, chat_id: str) -> ClickToCall | None:
        """What a chat in memory was asked for with."""

    def standing(self, chat_id: str) -> ChatStanding | None:
        """How a chat in memory stands."""


class FlowStore(Protocol):
    """Where flows are kept; every method may raise store.errors.StoreError."""

    async def keep_flow(self, chat_id: str, data: dict[str, Any] | None) -> None:
        """Put how far a chat has come in its flow on disk; None: it is over."""

    async def flow_of(self, chat_id: str) -> object | None:
        """What was kept last; None for a chat without a flow, or whose flow is over."""


@dataclass(frozen=True, slots=True)
class FlowShown:
    """What a page shows of a flow: what there is to answer, and the answers so far."""

    question: AskQuestion | None
    #: Each way with the words on its button.
    ways: tuple[tuple[FlowWay, str], ...]
    #: Each answer's key, label and value.
    answers: tuple[tuple[str, str, str], ...]


@dataclass(slots=True)
class LiveFlow:
    """A flow that somebody is in."""

    flow: GuidedFlow
    state: FlowState
    #: What there is to answer.
    asked: AskQuestion | OfferWays | None = None
    #: What is written of it, one after the other.
    writing: asyncio.Task[None] | None = field(default=None, repr=False)


class ChatGuide:
    """The flows of live chats; a :class:`chats.audience.ChatAudience`.

    ``flow_of(site, language)`` is the flow of a site's chats now, for shoppers of this language; ``world``
    what one shopper's flow may ask of the rest. ``go(chat_id, result)`` carries out where the flow leads;
    ``talk(chat_id, context)`` lets the shopper's page place a call by PC; ``count(flow, question, how)``
    counts what became of a question.
    """

    def __init__(
        self,
        *,
        engine: GuidedChats,
        store: FlowStore,
        flow_of: Callable[[str, str], GuidedFlow | None],
        world: Callable[[GuidedFlow, ClickToCall], FlowWorld],
        go: Callable[[str, FlowResult], Awaitable[None]],
        talk: Callable[[str, Mapping[str, str]], None],
        count: Callable[[str, str, str], None],
    ) -> None:
        self._engine = engine
        self._store = store
        self._flow_of = flow_of
        self._world = world
        self._go = go
        self._talk = talk
        self._count = count
        #: Hears of who left after giving a number or an address: ``(chat_id, number, email, answers)``.
        self.left: Callable[[str, str, str, Mapping[str, str]], None] = lambda *about: None
        self._flows: dict[str, LiveFlow] = {}
        self._shows: list[Callable[[str], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def watch(self, show: Callable[[str], None]) -> None:
        """Call this with the id of each chat whose pages have something else to show."""
        self._shows.append(show)

    def guides(self, site: str) -> bool:
        """Whether chats of a site begin with a flow."""
        return self._flow_of(site, "") is not None

    def _flow_for(self, click: ClickToCall) -> GuidedFlow | None:
        return self._flow_of(click.site, click.known.get(LANGUAGE, ""))

    def begin(self, chat_id: str) -> None:
        """Begin the flow of a chat that was opened as a guided one."""
        click = self._engine.click(chat_id)
        flow = self._flow_for(click) if click else None
        if flow is not None:
            self._flows[chat_id] = LiveFlow(flow, begin(flow))
            self.happens(chat_id, FlowBegan())

    async def resume(self, chat_id: str) -> None:
        """Go on with a flow that a restart has cut off, and with what the page knows by now."""
        standing = self._engine.standing(chat_id)
        if standing is None or standing.state is not ChatState.GUIDED:
            return
        if chat_id not in self._flows:
            kept = await self._store.flow_of(chat_id)
            click = self._engine.click(chat_id)
            flow = self._flow_for(click) if click else None
            if kept is None or click is None or flow is None or chat_id in self._flows:
                return
            try:
                state = state_of(kept)
            except FlowMemoryError as error:
                log.warning("flow_not_resumed", chat_id=chat_id, error=str(error))
                state = begin(flow)
            state = adopt(flow, state, self._world(flow, click)) if state.flow == flow.name else begin(flow)
            self._flows[chat_id] = LiveFlow(flow, state)
        self.happens(chat_id, FlowResumed())

    def happens(self, chat_id: str, event: FlowEvent) -> None:
        """Let an event happen to a chat's flow; without one, nothing."""
        live, click = self._flows.get(chat_id), self._engine.click(chat_id)
        if live is None or click is None:
            return
        before = live.asked
        live.state, said = step(live.flow, live.state, event, self._world(live.flow, click))
        if isinstance(event, FlowLeft):
            number, email = contact_given(live.flow, live.state)
            if number or email:
                self.left(chat_id, number, email, live.state.values)
        if live.state.over:
            live.asked = None
        again = isinstance(event, FlowResumed)
        for output in said:
            match output:
                case SayWords(text=text):
                    self._engine.handle(chat_id, FlowSaid(text))
                case AskQuestion() as question:
                    live.asked = question
                    if not again or question != before:
                        text = f"{question.text}\n{question.consent}" if question.consent else question.text
                        self._engine.handle(chat_id, FlowSaid(text))
                case OfferWays() as ways:
                    live.asked = ways
                case TalkInBrowser(context=context):
                    self._talk(chat_id, context)
                case FlowResult() as result:
                    self._later(self._went(chat_id, result))
                case CountQuestion(key=key, how=how):
                    self._count(live.flow.name, key, how)
        data = None if live.state.over else as_data(live.state)
        self._write(chat_id, live, self._store.keep_flow(chat_id, data))
        if live.state.over:
            self._flows.pop(chat_id, None)
        for show in self._shows:
            show(chat_id)

    def shown(self, chat_id: str) -> FlowShown | None:
        """What a page shows of a chat's flow; None where no flow asks anything."""
        live = self._flows.get(chat_id)
        if live is None:
            return None
        match live.asked:
            case AskQuestion() as question:
                return FlowShown(question, (), answers_shown(live.flow, live.state))
            case OfferWays(ways=ways):
                labels = tuple((way, way_label(live.flow.language, way)) for way in ways)
                return FlowShown(None, labels, answers_shown(live.flow, live.state))
        return None

    async def flushed(self) -> None:
        """Wait until all that has happened is written and carried out."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    # --- what happens in the chat (ChatAudience) ------------------------------------------------------------

    def entry_stored(self, chat_id: str, entry: ChatEntry) -> None:
        """What the shopper wrote is on disk: it answers what is open."""
        if entry.by == "shopper" and chat_id in self._flows:
            self.happens(chat_id, QuestionAnswered(entry.text))

    def chat_moved(self, chat_id: str, before: ChatStanding, now: ChatStanding) -> None:
        """A person takes over, or the chat is over: not one more question."""
        if chat_id in self._flows and now.state is not ChatState.GUIDED:
            self.happens(chat_id, FlowLeft() if now.state is ChatState.ENDED else PersonCame())

    def entry_repeated(self, chat_id: str, by: Literal["shopper", "agent"], key: str, seq: int) -> None:
        """An answer that came twice is one answer."""

    def typing(self, chat_id: str, to: Literal["shopper", "agents"], agent: str | None) -> None:
        """Nothing is asked of who is typing."""

    def chat_offered(self, chat_id: str, agent: str, until: float) -> None:
        """A chat that is offered is guided no more."""

    def offer_withdrawn(self, chat_id: str, agent: str, why: Withdrawal, by: str | None) -> None:
        """Nor is one that was."""

    def claim_lost(self, chat_id: str, agent: str, by: str | None) -> None:
        """Nor one that somebody wanted."""

    def agent_nudged(self, chat_id: str, agent: str) -> None:
        """Nor one that has an agent."""

    def agent_away(self, chat_id: str, agent: str) -> None:
        """Nor one that had one."""

    # --- what waits for the disk ----------------------------------------------------------------------------

    async def _went(self, chat_id: str, result: FlowResult) -> None:
        try:
            await self._go(chat_id, result)
        except Exception:
            log.exception("flow_led_nowhere", chat_id=chat_id, way=result.way)

    def _write(self, chat_id: str, live: LiveFlow, writing: Awaitable[None]) -> None:
        """Write this after all that was written before of this flow."""
        before = live.writing

        async def write() -> None:
            if before is not None:
                await asyncio.wait({before})
            try:
                await writing
            except Exception as error:  # noqa: BLE001 - whatever a store raises, the chat goes on
                log.warning("flow_not_kept", chat_id=chat_id, error=str(error))

        live.writing = self._later(write())

    def _later(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
