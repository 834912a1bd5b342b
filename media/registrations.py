"""The trunks' registrations (RFC 3261 section 10): the worker that keeps them, and their states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from config.sections.sip import Sip
from config.sections.trunks import Trunk
from media.engines.description import EngineConfig
from media.supervisor import Supervisor
from media.worker import Worker, WorkerState

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TrunkRegistration:
    """A trunk's registration; ``status`` is the last SIP status, 0 while none is known."""

    registered: bool
    status: int
    #: Seconds since the epoch, UTC.
    since: float


class Registrations:
    """Keeps a worker for registrations, with today's settings.

    If the workers with the calls register trunks, ``own_worker`` is False.
    """

    def __init__(self, supervisor: Supervisor, clock: Callable[[], float], own_worker: bool = True) -> None:
        self._own_worker = own_worker
        #: Every trunk that is to be registered.
        self.trunks: dict[str, TrunkRegistration] = {}
        self._supervisor = supervisor
        self._clock = clock
        self._wanted: EngineConfig | None = None
        self._worker: Worker | None = None
        #: Which worker reported on a trunk last.
        self._told_by: dict[str, Worker] = {}

    def configure(self, sip: Sip, trunks: Mapping[str, Trunk], shared_ports: tuple[int, ...] = ()) -> None:
        """Take new settings. If they change, the old worker unregisters before the new one registers."""
        registering = {name: trunk for name, trunk in trunks.items() if trunk.registration}
        wanted = EngineConfig(sip, registering, shared_ports=shared_ports) if registering else None
        if wanted != self._wanted:
            self._wanted = wanted
            self.trunks = {name: self._unknown() for name in registering}

    def look_again(self, generation: int, now: float) -> None:
        """Start or replace the worker, if that is possible now; ``now`` is the loop's time."""
        if not self._own_worker:
            return
        if self._worker:
            if self._worker.config != self._wanted:
                self._worker.leave(now)
        elif self._wanted and not self._port_is_taken(self._wanted):
            self._worker = self._supervisor.spawn("registrar", generation, self._wanted)

    def _port_is_taken(self, wanted: EngineConfig) -> bool:
        """Whether the worker before may still have the port to share."""
        return bool(wanted.shared_ports) and any(
            worker.role == "registrar" for worker in self._supervisor.workers.values()
        )

    def is_at_work(self, worker: Worker) -> bool:
        """Whether this worker holds registrations now."""
        known = worker is self._worker if self._own_worker else worker.role == "calls"
        return known and worker.state is WorkerState.READY

    def worker_gone(self, worker: Worker) -> None:
        """The worker is dead: the state of its registrations is unknown."""
        if worker is self._worker:
            self._worker = None
        for trunk in [trunk for trunk, teller in self._told_by.items() if teller is worker]:
            del self._told_by[trunk]
            if trunk in self.trunks:
                self.trunks[trunk] = self._unknown()

    def trunk_registered(self, worker: Worker, trunk: str, registered: bool, status: int) -> None:
        """Keep the state that a worker reports, unless that worker is leaving."""
        before = self.trunks.get(trunk)
        if not self.is_at_work(worker) or before is None:
            return
        if (before.registered, before.status) != (registered, status):
            write = log.info if registered else log.warning
            write("trunk registration", trunk=trunk, registered=registered, status=status)
            self.trunks[trunk] = TrunkRegistration(registered, status, self._clock())
            self._told_by[trunk] = worker

    def _unknown(self) -> TrunkRegistration:
        return TrunkRegistration(registered=False, status=0, since=self._clock())
