"""Legs in browsers that browser workers serve, and those workers.

Such a leg is in two workers: its browser is connected to a browser worker, which the leg's phone worker dials
like any phone. The call hears of the leg from the phone worker. Both workers are of the call's generation.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import structlog

from bridge.causes import HangupCause
from bridge.events import LegEnded
from media.browser_choices import WEIGHTS, BrowserWorkerLoad, cause_of_end, least_loaded
from media.browser_side import BrowserSideOwner, Opening
from media.kept_signals import KeptSignals
from media.protocol import WorkerRefusedError
from media.scaler import Scaler
from media.supervisor import Supervisor
from media.timing import Timing
from media.worker import Worker, WorkerState
from webrtc.signalling import LONGEST_MESSAGE, Bye, write

log = structlog.get_logger(__name__)

#: Seconds to wait for a browser worker to say why a leg ended, after its phone worker reported the end.
_LAST_WORD = 1.0


@dataclass(slots=True)
class _WorkerLeg:
    """One leg, from its Dial until the browser worker reports its end."""

    leg_id: str
    worker: Worker
    codecs: tuple[str, ...]
    audio: Literal["passthrough", "opus"]
    #: Whether the call still has this leg.
    wanted: bool = True
    asked: bool = False
    open: bool = False
    #: Why it ended, once its worker has said so.
    ended: str | None = None
    #: Messages of its browser that came before it was open.
    kept: KeptSignals = field(default_factory=KeptSignals)
    #: Waits for the browser worker to say why the leg ended.
    told: Callable[[str | None], None] | None = None


class BrowserWorkerLegs:
    """All such legs: a :class:`media.browser_side.BrowserSide`.

    ``signalled(leg_id, message)`` is called from the event loop alone.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        scaler: Scaler,
        owner: BrowserSideOwner,
        timing: Timing,
        signalled: Callable[[str, str], None],
    ) -> None:
        self._supervisor = supervisor
        self._scaler = scaler
        self._owner = owner
        self._timing = timing
        self._signalled = signalled
        self._legs: dict[str, _WorkerLeg] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # --- workers --------------------------------------------------------------------------------------

    @property
    def wanted(self) -> int:
        """How many browser workers today's settings ask for."""
        return self._scaler.browser_workers(self._scaler.generation)

    def look_again(self, now: float, accepting: bool) -> None:
        """Let workers of old settings leave when no call needs them; start those of today's, if accepting."""
        needed = {leg.worker.worker_id for leg in self._legs.values()}
        generations = self._scaler.generations()
        for worker in list(self._supervisor.living("browser")):
            if worker.generation not in generations and worker.worker_id not in needed:
                worker.leave(now)
        while accepting and self._count(self._scaler.generation) < self.wanted:
            if not self._grow(self._scaler.generation):
                return

    def worker_ready(self, worker: Worker) -> None:
        """Open the legs that waited for this worker."""
        for leg in self._legs_of(worker):
            self._begin(leg)

    def browser_worker_gone(self, worker: Worker) -> None:
        """Every leg of a dead worker is over."""
        cause = HangupCause.CONGESTION if worker.ready_at is None else HangupCause.WORKER_LOST
        for leg in self._legs_of(worker):
            self._forget(leg)
            if leg.wanted:
                self._owner.browser_lost(leg.leg_id, cause)

    def loads(self, generation: int | None = None) -> list[BrowserWorkerLoad]:
        """The workers that take legs of this generation; without an argument, of today's."""
        wanted = self._scaler.generation if generation is None else generation
        return [
            self._load_of(worker)
            for worker in self._supervisor.living("browser")
            if worker.generation == wanted
        ]

    def count_legs(self) -> int:
        """Legs that a call has."""
        return sum(leg.wanted for leg in self._legs.values())

    # --- legs -----------------------------------------------------------------------------------------

    def open(
        self,
        leg_id: str,
        worker: Worker,
        generation: int,
        codecs: tuple[str, ...],
        audio: Literal["passthrough", "opus"],
    ) -> Opening:
        """Begin a leg; the owner is told when the leg's worker can dial it."""
        worker_id = least_loaded(self.loads(generation), WEIGHTS[audio])
        if worker_id is None:
            if self._count(generation) >= self._scaler.browser_workers(generation):
                return "full"
            grown = self._grow(generation)
            if grown is None:
                return "full"
            worker_id = grown.worker_id
        leg = self._legs[leg_id] = _WorkerLeg(leg_id, self._supervisor.workers[worker_id], codecs, audio)
        asyncio.get_running_loop().call_later(self._timing.ready, self._give_up, leg)
        if leg.worker.state is WorkerState.READY:
            self._begin(leg)
        return "wait"

    def signal(self, leg_id: str, message: str) -> None:
        """Pass on what a leg's browser says, or keep it until the leg is open."""
        leg = self._legs.get(leg_id)
        if leg is None or not leg.wanted:
            log.debug("signal for a leg that is not there", leg_id=leg_id)
        elif len(message.encode()) > LONGEST_MESSAGE:
            log.warning("signal too long", leg_id=leg_id, bytes=len(message.encode()))
        elif leg.open:
            leg.worker.signal(leg_id, message)
        elif not leg.kept.add(message):
            log.warning("too many signals before the leg is open", leg_id=leg_id)

    def close(self, leg_id: str) -> None:
        """The call has this leg no more; one that is no browser's is no error."""
        leg = self._legs.get(leg_id)
        if leg is None or not leg.wanted:
            return
        leg.wanted = False
        leg.kept.take()
        if leg.ended is not None or not leg.asked:
            self._forget(leg)
        elif leg.open:
            leg.worker.close_browser_leg(leg_id)

    def settle(self, event: LegEnded, answered: bool, told: Callable[[LegEnded], None]) -> None:
        """The phone worker reported the end of a leg that we did not hang up: close it, and tell why.

        Either worker may report first, so this waits for the browser worker.
        """
        leg = self._legs[event.leg_id]

        def tell(browser_cause: str | None) -> None:
            leg.told = None
            cause = cause_of_end(event.cause, browser_cause, answered)
            status = event.sip_status if cause is event.cause else None
            told(replace(event, cause=cause, sip_status=status))

        ended = leg.ended
        if ended is None:
            leg.told = tell
            asyncio.get_running_loop().call_later(_LAST_WORD, self._stop_waiting, leg)
        self.close(event.leg_id)
        if ended is not None:
            tell(ended)

    def worker_signalled(self, worker: Worker, leg_id: str, message: str) -> None:
        """Pass on what a worker says to a leg's browser."""
        leg = self._legs.get(leg_id)
        if leg is not None and leg.worker is worker:
            asyncio.get_running_loop().call_soon(self._signalled, leg_id, message)

    def worker_ended(self, worker: Worker, leg_id: str, cause: str) -> None:
        """A browser worker reports that a leg is over; the phone worker notices by itself."""
        leg = self._legs.get(leg_id)
        if leg is None or leg.worker is not worker:
            return
        leg.ended = cause
        if not leg.wanted:
            self._forget(leg)

    # --- opening --------------------------------------------------------------------------------------

    def _begin(self, leg: _WorkerLeg) -> None:
        leg.asked = True
        task = asyncio.ensure_future(self._ask(leg))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, leg: _WorkerLeg) -> None:
        try:
            uri = await leg.worker.open_browser_leg(leg.leg_id, leg.codecs, leg.audio)
        except (WorkerRefusedError, ConnectionError) as error:
            if self._legs.get(leg.leg_id) is leg:  # its worker lives
                log.error("browser leg refused", leg_id=leg.leg_id, reason=str(error))
                self._forget(leg)
                if leg.wanted:
                    self._owner.browser_lost(leg.leg_id, HangupCause.CONGESTION)
            return
        leg.open = True
        if not leg.wanted:
            leg.worker.close_browser_leg(leg.leg_id)
            return
        for message in leg.kept.take():
            leg.worker.signal(leg.leg_id, message)
        self._owner.browser_opened(leg.leg_id, uri)

    def _give_up(self, leg: _WorkerLeg) -> None:
        """Give up a leg that takes too long to open."""
        if leg.wanted and not leg.open and self._legs.get(leg.leg_id) is leg:
            log.error("browser leg does not open", leg_id=leg.leg_id, worker=leg.worker.worker_id)
            self.close(leg.leg_id)
            self._owner.browser_lost(leg.leg_id, HangupCause.CONGESTION)

    # --- endings --------------------------------------------------------------------------------------

    def _stop_waiting(self, leg: _WorkerLeg) -> None:
        if leg.told:
            leg.told(None)

    def _forget(self, leg: _WorkerLeg) -> None:
        """The leg is over in its worker too, which has sent ``bye`` to the browser unless it could not."""
        del self._legs[leg.leg_id]
        if leg.ended is None:
            bye = Bye(cause="failed" if leg.asked else "cancelled")
            asyncio.get_running_loop().call_soon(self._signalled, leg.leg_id, write(bye))
        if leg.told:
            leg.told(leg.ended)

    # --- counting -------------------------------------------------------------------------------------

    def _legs_of(self, worker: Worker) -> list[_WorkerLeg]:
        return [leg for leg in self._legs.values() if leg.worker is worker]

    def _load_of(self, worker: Worker) -> BrowserWorkerLoad:
        legs, ports = self._legs_of(worker), worker.port_set.shared[0]
        load = sum(WEIGHTS[leg.audio] for leg in legs)
        ready = worker.state is WorkerState.READY
        return BrowserWorkerLoad(worker.worker_id, ready, len(legs), load, ports.last - ports.first + 1)

    def _count(self, generation: int) -> int:
        return sum(worker.generation == generation for worker in self._supervisor.living("browser"))

    def _grow(self, generation: int) -> Worker | None:
        return self._supervisor.spawn("browser", generation, self._scaler.config_of(generation))
