"""Keeps the legs of live calls and a heartbeat on disk, in case the core process dies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable

import structlog

from bridge.bulletin import Interest, on
from bridge.cdr import NotedLeg
from bridge.facts import (
    CallEnded,
    LegDialled,
    LegFact,
    LegGone,
    LegIdentified,
    LegJoined,
    LegPickedUp,
    LegRang,
)
from bridge.protocols import Cancellable, Clock, LegStore

log = structlog.get_logger(__name__)

#: Seconds for which changes are gathered: all calls share one transaction.
GATHER = 0.25
#: Seconds between two heartbeats while calls live, which is how exactly the end of a lost call is known.
BEAT_EVERY = 10.0
#: Seconds that a stopping journal gives its last writes.
LAST_SECONDS = 5.0


class LegJournal:
    """A :class:`bridge.bulletin.Subscriber`; nothing here delays a call.

    ``clock`` is the wall clock; ``behind(call_id)`` says what to add to a call's own times.
    """

    def __init__(self, store: LegStore, clock: Clock, behind: Callable[[str], float]) -> None:
        self._store = store
        self._clock = clock
        self._behind = behind
        #: Calls that have legs and no record yet.
        self._live: set[str] = set()
        #: Legs that have changed since the last write, by call and place.
        self._changed: dict[tuple[str, int], NotedLeg] = {}
        self._gathering: Cancellable | None = None
        self._beating: Cancellable | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def interests(self) -> Iterable[Interest]:
        """What of a leg is kept, and that a call has its record."""
        kept = (LegDialled, LegIdentified, LegRang, LegPickedUp, LegJoined, LegGone)
        return (*(on(kind, self._changes) for kind in kept), on(CallEnded, self._ended))

    def _changes(self, fact: LegFact) -> None:
        """Note a leg as it stands now, in a moment."""
        self._live.add(fact.call_id)
        record, over = fact.leg.moved(self._behind(fact.call_id)), isinstance(fact, LegGone)
        self._changed[fact.call_id, fact.position] = NotedLeg(fact.call_id, fact.position, record, over)
        if self._gathering is None:
            self._gathering = self._clock.call_later(GATHER, self._write)
        if self._beating is None:
            self._beating = self._clock.call_later(BEAT_EVERY, self._beat)

    def _ended(self, fact: CallEnded) -> None:
        """The call has its CDR, or gets it in a moment."""
        self._live.discard(fact.call_id)
        for place in [place for place in self._changed if place[0] == fact.call_id]:
            del self._changed[place]

    async def stop(self) -> None:
        """Finish the pending writes, after the last call has ended."""
        for timer in (self._gathering, self._beating):
            if timer is not None:
                timer.cancel()
        self._gathering = self._beating = None
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_SECONDS)

    def _write(self) -> None:
        self._gathering = None
        changed, self._changed = list(self._changed.values()), {}
        if changed:
            self._spawn(self._note(changed))

    async def _note(self, changed: list[NotedLeg]) -> None:
        try:
            await self._store.note_legs(changed)
        except Exception as error:  # noqa: BLE001 - whatever a store raises, the calls are not to suffer
            log.warning("legs_not_noted", legs=len(changed), error=str(error))
            for leg in changed:  # with the next heartbeat, unless something newer is known by then
                if leg.call_id in self._live:
                    self._changed.setdefault((leg.call_id, leg.position), leg)

    def _beat(self) -> None:
        self._beating = None
        if self._live:
            self._beating = self._clock.call_later(BEAT_EVERY, self._beat)
            self._spawn(self._tell_life(self._clock.time()))
            if self._gathering is None:
                self._write()

    async def _tell_life(self, at: float) -> None:
        try:
            await self._store.beat(at)
        except Exception as error:  # noqa: BLE001 - as above; the next one comes soon
            log.warning("heartbeat_not_written", error=str(error))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
