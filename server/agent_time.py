"""Notes what agents do and when, for the report of their time."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable

import structlog

from bridge.bulletin import Interest, on
from bridge.protocols import Clock
from chat.facts import ChatReleased, ChatTaken
from cti.agents import Agents
from reports.agent_time import BEAT_EVERY, SpanBook, doing
from routing.directory import AgentState
from store.agent_time import SqlAgentTime
from store.errors import StoreError

log = structlog.get_logger(__name__)

#: Seconds between two looks what is to be written.
EVERY = 2.0


class AgentTimeKeeper:
    """A :class:`bridge.bulletin.Subscriber`, which writes between ``start`` and ``stop``.

    ``clock`` is the wall clock.
    """

    def __init__(self, agents: Agents, store: SqlAgentTime, clock: Clock) -> None:
        self._agents = agents
        self._store = store
        self._clock = clock
        self._book = SpanBook()
        #: The chats that agents have.
        self._chats: defaultdict[str, set[str]] = defaultdict(set)
        self._beat_at = clock.time()
        self._writing: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        agents.watch(self._changed)

    def interests(self) -> Iterable[Interest]:
        """Which chats agents have."""
        return on(ChatTaken, self._chat_taken), on(ChatReleased, self._chat_released)

    async def start(self) -> None:
        """End what a server before left open, then note what changes. StoreError."""
        left = await self._store.close_left(self._clock.time(), starts=True)
        if left:
            log.info("agent_spans_of_a_dead_core_closed", spans=left)
        self._writing = asyncio.create_task(self._keep_writing(), name="agent-time")

    async def stop(self) -> None:
        """Nobody is there any more."""
        if self._writing is None:
            return
        self._writing.cancel()
        await asyncio.gather(self._writing, return_exceptions=True)
        self._book.close(self._clock.time())
        await self.write()

    async def write(self) -> None:
        """Write what is to be written; what the disk refuses is kept for the next time."""
        async with self._lock:
            now = self._clock.time()
            beat = not 0 <= now - self._beat_at < BEAT_EVERY
            if beat:
                self._beat_at = now
            spans = self._book.written(now, all_open=beat)
            try:
                if beat:
                    await self._store.close_left(now)
                if spans:
                    await self._store.note(spans)
            except StoreError as error:
                self._book.again(spans)
                log.warning("agent_time_not_written", spans=len(spans), error=str(error))

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self.write()

    def _changed(self, agent: str, state: AgentState) -> None:
        has_chat = bool(self._chats.get(agent))
        self._book.change(agent, doing(state, has_chat=has_chat), self._clock.time())

    def _chat_taken(self, fact: ChatTaken) -> None:
        self._chats[fact.agent].add(fact.chat_id)
        self._changed(fact.agent, self._agents.state(fact.agent))

    def _chat_released(self, fact: ChatReleased) -> None:
        self._chats[fact.agent].discard(fact.chat_id)
        self._changed(fact.agent, self._agents.state(fact.agent))
