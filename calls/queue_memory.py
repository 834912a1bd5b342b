"""Keeps what the waiting room has learnt over a restart; otherwise the first shoppers hear typical waits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

import structlog

from bridge.protocols import Cancellable, Clock
from calls.waiting_room import WaitingRoom
from routing.waits import Experience

log = structlog.get_logger(__name__)

#: Seconds between two writes of what has changed.
KEEP_EVERY = 60.0


class QueueStore(Protocol):
    """Where it is kept."""

    async def experiences(self) -> Mapping[str, Experience]:
        """What was learnt of each queue."""

    async def keep(self, learnt: Mapping[str, Experience], at: float) -> None:
        """Put what was learnt of these queues on disk, in place of what was known of them."""


class QueueMemory:
    """Writes changes once a minute, by the wall clock, and retries writes that fail."""

    def __init__(self, room: WaitingRoom, store: QueueStore, clock: Clock) -> None:
        self._room = room
        self._store = store
        self._clock = clock
        self._kept: dict[str, Experience] = {}
        self._timer: Cancellable | None = None
        self._writing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Give the waiting room what was learnt before; raises what the store raises."""
        self._kept = dict(await self._store.experiences())
        self._room.recall(self._kept)
        self._arm()

    async def stop(self) -> None:
        """Write the last changes, and stop."""
        if self._timer is not None:
            self._timer.cancel()
        if self._writing is not None:
            await self._writing
        await self._keep()

    def _arm(self) -> None:
        self._timer = self._clock.call_later(KEEP_EVERY, self._due)

    def _due(self) -> None:
        if self._writing is None or self._writing.done():
            self._writing = asyncio.ensure_future(self._keep())
        self._arm()

    async def _keep(self) -> None:
        known = self._room.experiences()
        learnt = {queue: each for queue, each in known.items() if each != self._kept.get(queue)}
        if not learnt:
            return
        try:
            await self._store.keep(learnt, self._clock.time())
        except Exception as error:  # noqa: BLE001 - whatever a store raises, the queues go on
            log.warning("queues_not_kept", queues=sorted(learnt), error=str(error))
        else:
            self._kept |= learnt
