"""The worker processes: born of a zygote, watched while they live, buried when they die.

What they are for (calls, spares, how many) is the pool's to decide.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol

import structlog
from twisted.internet.error import ConnectionClosed
from twisted.protocols import amp

from bridge.events import LegEvent
from bridge.tracing import Sighting, TraceWish
from config.fields import LogLevel
from config.sections.sip import Sip
from media.engines.description import EngineConfig, MediaEngine, Program, Role
from media.port_allocator import PortAllocator
from media.prctl import adopt_orphans
from media.processes import Child
from media.shared_ports import choose
from media.spawners import ExecSpawner, ForkSpawner
from media.temporary import make_folder, sweep
from media.worker import Worker, WorkerState
from media.worker_link import LinkFactory, WorkerLink

log = structlog.get_logger(__name__)

#: What the names of temporary folders begin with that hold the socket of the workers.
FOLDER_PREFIX = "ringback-workers-"


@dataclass(frozen=True, slots=True)
class Timing:
    """How patient the pool is, in seconds."""

    #: Between pings, and for an answer to one.
    ping: float = 5.0
    #: For commands that wait until a worker is ready, and for a browser leg to open.
    ready: float = 5.0
    #: From asking for a worker until it is ready.
    start: float = 10.0
    #: From telling a worker to leave until it is killed.
    leave: float = 3.0
    #: For the phones of a worker that died to be told, before its legs are reported as ended.
    farewell: float = 2.0
    #: For a tie to be answered.
    tie: float = 5.0
    #: For espeak-ng to speak a text, mostly long before a leg wants it.
    render: float = 10.0
    #: For a leg to wait for a text.
    speech: float = 2.0
    #: For surplus idle workers.
    idle: float = 60.0
    #: Between looks at the workers.
    tick: float = 1.0


class SupervisorOwner(Protocol):
    """Who decides about the workers."""

    def worker_ready(self, worker: Worker) -> None:
        """A worker takes legs from now on."""

    def worker_reported(self, worker: Worker, event: LegEvent) -> None:
        """Something happened to a leg or a tie of this worker."""

    def worker_gone(self, worker: Worker, error: str) -> None:
        """A worker takes and reports nothing any more, and its legs are lost; called once a worker."""

    def dialog_noted(self, worker: Worker, leg_id: str, sip_call_id: str, record: str) -> None:
        """A leg's dialog with its peer began, changed or ended."""

    def trunk_registered(self, worker: Worker, trunk: str, registered: bool, status: int) -> None:
        """The registrar tells of a trunk."""

    def trunk_routed(self, worker: Worker, trunk: str, routes: tuple[str, ...]) -> None:
        """The registrar tells which Route headers a trunk's calls are to have."""

    def trunk_heard(self, worker: Worker, trunk: str, outcome: str, status: int, retry_after: float) -> None:
        """A phone worker tells how a trunk took a leg."""

    def sighted(self, sighting: Sighting) -> None:
        """A SIP message passed that somebody wants to see."""

    def worker_signalled(self, worker: Worker, leg_id: str, message: str) -> None:
        """A browser worker has a message for a leg's browser."""

    def browser_leg_ended(self, worker: Worker, leg_id: str, cause: str) -> None:
        """A browser leg is over in its browser worker."""

    def look_again(self) -> None:
        """A worker may be asked for that could not be had before; called every :attr:`Timing.tick`, too."""


@dataclass(slots=True)
class ForkTally:
    """What forking has cost so far; seconds are from asking for a worker until it was ready."""

    ready: int = 0
    failed: int = 0
    lost: int = 0
    seconds: float = 0.0
    last_seconds: float = 0.0


class Supervisor:
    """All worker processes of this node, and the zygotes they come from."""

    def __init__(self, reactor: Any, owner: SupervisorOwner, engine: MediaEngine, timing: Timing) -> None:
        self.workers: dict[int, Worker] = {}
        self.tally = ForkTally()
        #: Why the last worker that failed to start did.
        self.last_error = ""
        self._reactor = reactor
        self._owner = owner
        self._engine = engine
        self._port_allocator = PortAllocator()
        self._shared_ports: tuple[int, ...] = ()
        #: One for each program: phone workers and browser workers have little in common that could be shared.
        self._spawners: dict[Program, ForkSpawner | ExecSpawner] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timing = timing
        self._ids = count(1)
        #: What every worker is told once it is ready.
        self._log_level: LogLevel = "info"
        self._wish = TraceWish()
        self._ticked_at = 0.0
        self._stopping = False
        self._empty = asyncio.Event()

    # --- start and stop -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen for workers, and start the zygote of phone workers; the other may not be needed."""
        self._loop = asyncio.get_running_loop()
        adopt_orphans()
        sweep(FOLDER_PREFIX)
        self._directory, self._directory_lock = make_folder(FOLDER_PREFIX)
        self._socket_path = str(self._directory / "workers")
        self._port = self._reactor.listenUNIX(self._socket_path, LinkFactory(self), mode=0o600)
        self._spawners = {program: self._spawner(program) for program in set(self._engine.programs.values())}
        self._spawners[self._engine.programs["calls"]].start()
        self._ticked_at = self._loop.time()
        self._ticking = self._loop.call_later(self._timing.tick, self._tick)

    async def stop(self) -> None:
        """Tell every worker to leave, kill those that do not, and take down the rest; once is enough."""
        if self._stopping:
            return
        self._stopping = True
        for worker in list(self.workers.values()):
            worker.leave(self._loop.time())
        await self._emptied(self._timing.leave)
        for worker in list(self.workers.values()):
            log.warning("worker did not leave and is killed", worker=worker.worker_id, pid=worker.pid)
            worker.kill("did not leave in time")
        await self._emptied(self._timing.leave)
        self._ticking.cancel()
        for nursery in self._spawners.values():
            nursery.close()
        await self._port.stopListening().asFuture(self._loop)
        shutil.rmtree(self._directory, ignore_errors=True)
        os.close(self._directory_lock)

    async def _emptied(self, seconds: float) -> None:
        if self.workers:
            self._empty.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), seconds)

    # --- births ---------------------------------------------------------------------------------------

    def living(self, role: Role) -> Iterator[Worker]:
        """Workers that take legs, now or soon."""
        for worker in self.workers.values():
            if worker.role == role and worker.state in (WorkerState.STARTING, WorkerState.READY):
                yield worker

    def spawn(self, role: Role, generation: int, config: EngineConfig) -> Worker | None:
        """Ask for a worker; None if none can be had now: no port_set is free, or starting them fails."""
        now = self._loop.time()
        if self._stopping or not self._spawners:
            return None
        taken = [worker.port_set for worker in self.workers.values()]
        port_set = self._port_allocator.take(self._engine.port_sets(role, config), taken, now)
        if port_set is None:
            self.last_error = "every port that the settings give to media workers is taken"
            log.error("no port is left for another media worker", role=role)
            return None
        settings = self._engine.settings(role, config, port_set)
        token = secrets.token_urlsafe(24)
        worker = Worker(next(self._ids), generation, role, port_set, config, settings, token, now)
        if not self._spawner_of(worker).fork(worker.token):
            return None
        self.workers[worker.worker_id] = worker
        return worker

    def share_ports(self, sip: Sip, wanted: int) -> tuple[int, ...]:
        """So many ports of the range for the registrar's worker, those of before if they serve."""
        taken = {
            port
            for worker in self.workers.values()
            if worker.role != "registrar"
            for ports in worker.port_set.ports
            for port in range(ports.first, ports.last + 1)
        }
        if self.workers:
            taken |= self._port_allocator.shunned_ports(self._loop.time())
        self._shared_ports = choose(sip, wanted, self._shared_ports, taken)
        if wanted and not self._shared_ports:
            log.error("no port is left for the registrations of trunks with one_port")
        return self._shared_ports

    def reconfigure(self, role: Role, config: EngineConfig) -> None:
        """Give new settings to the workers of a role that live; what comes of it is logged."""
        for worker in list(self.living(role)):
            settings = self._engine.settings(role, config, worker.port_set)
            task = asyncio.ensure_future(self._reconfigure(worker, config, settings))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _reconfigure(self, worker: Worker, config: EngineConfig, settings: bytes) -> None:
        try:
            error = await worker.configure(config, settings)
        except (amp.AmpError, ConnectionClosed, ConnectionError) as reason:
            error = str(reason)
        if error:
            log.error("media worker keeps its old settings", worker=worker.worker_id, reason=error)

    def _spawner_of(self, worker: Worker) -> ForkSpawner | ExecSpawner:
        return self._spawners[self._engine.programs[worker.role]]

    def _spawner(self, program: Program) -> ForkSpawner | ExecSpawner:
        def died() -> None:
            unborn = [worker for worker in self.workers.values() if worker.process is None]
            for worker in unborn:
                if self._engine.programs[worker.role] == program:
                    self._lose(worker, "the zygote died")

        if program.birth == "exec":
            return ExecSpawner(self._loop, self._socket_path, program.main, self._look_again, self._forked)
        return ForkSpawner(self._loop, self._socket_path, program.main, self._look_again, self._forked, died)

    def _forked(self, token: str, pid: int) -> None:
        worker = next((worker for worker in self.workers.values() if worker.token == token), None)
        if worker is None:  # given up meanwhile
            Child(self._loop, pid, lambda status: None).kill()
            return
        worker.process = Child(self._loop, pid, lambda status: self._exited(worker, status))
        if worker.state is WorkerState.LEAVING:
            worker.kill(worker.error)

    # --- what workers say -----------------------------------------------------------------------------

    def said_hello(self, token: str, pid: int, link: WorkerLink) -> Worker | None:
        """Check the one-time token."""
        for worker in self.workers.values():
            known = secrets.compare_digest(worker.token.encode(), token.encode())
            unheard = worker.state is WorkerState.STARTING and worker.link is None
            if known and unheard and worker.pid in (pid, None):
                worker.link = link
                return worker
        return None

    def said_ready(self, worker: Worker, error: str) -> None:
        """Put a worker to use, or bury one that cannot start and try the next ports."""
        now = self._loop.time()
        if error:
            self._port_allocator.shun(worker.port_set, now)
            worker.kill(f"cannot start: {error}")
        elif worker.state is WorkerState.STARTING:
            self._spawner_of(worker).worker_ready()
            self.tally.ready += 1
            self.tally.last_seconds = now - worker.born_at
            self.tally.seconds += self.tally.last_seconds
            log.info(
                "media worker ready",
                worker=worker.worker_id,
                role=worker.role,
                pid=worker.pid,
                ports=str(worker.port_set),
                milliseconds=round(1000 * self.tally.last_seconds, 1),
            )
            worker.became_ready(now)
            worker.tune(self._log_level, self._wish)
            self._owner.worker_ready(worker)

    def reported(self, worker: Worker, event: LegEvent) -> None:
        """Pass on."""
        self._owner.worker_reported(worker, event)

    def dialog_noted(self, worker: Worker, leg_id: str, sip_call_id: str, record: str) -> None:
        """Pass on."""
        self._owner.dialog_noted(worker, leg_id, sip_call_id, record)

    def trunk_registered(self, worker: Worker, trunk: str, registered: bool, status: int) -> None:
        """Pass on."""
        self._owner.trunk_registered(worker, trunk, registered, status)

    def trunk_routed(self, worker: Worker, trunk: str, routes: tuple[str, ...]) -> None:
        """Pass on."""
        self._owner.trunk_routed(worker, trunk, routes)

    def trunk_heard(self, worker: Worker, trunk: str, outcome: str, status: int, retry_after: float) -> None:
        """Pass on."""
        self._owner.trunk_heard(worker, trunk, outcome, status, retry_after)

    def sighted(self, sighting: Sighting) -> None:
        """Pass on."""
        self._owner.sighted(sighting)

    def tune(self, *, log_level: LogLevel | None = None, wish: TraceWish | None = None) -> None:
        """Have every worker, those to come too, log from this level on, and tell of these SIP messages."""
        self._log_level = log_level or self._log_level
        self._wish = wish if wish is not None else self._wish
        for worker in self.workers.values():
            worker.tune(self._log_level, self._wish)

    def signalled(self, worker: Worker, leg_id: str, message: str) -> None:
        """Pass on."""
        self._owner.worker_signalled(worker, leg_id, message)

    def browser_leg_ended(self, worker: Worker, leg_id: str, cause: str) -> None:
        """Pass on."""
        self._owner.browser_leg_ended(worker, leg_id, cause)

    # --- deaths ---------------------------------------------------------------------------------------

    def disconnected(self, worker: Worker) -> None:
        """Nothing can be asked of the worker any more: if its process lives yet, that ends, too."""
        worker.link = None
        self._lose(worker, worker.error or "connection lost")
        worker.kill(worker.error)

    def _exited(self, worker: Worker, status: int) -> None:
        """Reaped. If its link is still open, what it wrote last is yet to be read."""
        worker.reaped = True
        if worker.state is not WorkerState.GONE and worker.link is None:
            self._lose(worker, worker.error or f"exited with status {status}")
        self._forget(worker)

    def _lose(self, worker: Worker, error: str) -> None:
        ready, expected = worker.ready_at is not None, worker.left_at is not None
        worker.state = WorkerState.GONE
        if not ready and not expected:
            self.tally.failed += 1
            self.last_error = error
            self._spawner_of(worker).worker_failed()
        elif not expected:
            self.tally.lost += 1
        # One that cannot start, as on a port that a dead core's worker still has, is replaced by another.
        write = log.info if expected else log.error if ready else log.warning
        write("media worker gone", worker=worker.worker_id, role=worker.role, pid=worker.pid, error=error)
        self._owner.worker_gone(worker, error)
        self._forget(worker)

    def _forget(self, worker: Worker) -> None:
        """Free the ports of a worker that is gone and reaped, or was never forked."""
        dead = worker.state is WorkerState.GONE and (worker.process is None or worker.reaped)
        if dead and worker.worker_id in self.workers:
            del self.workers[worker.worker_id]
            self._loop.call_soon(self._look_again)
            if not self.workers:
                self._empty.set()

    def _look_again(self) -> None:
        if not self._stopping:
            self._owner.look_again()

    # --- watching -------------------------------------------------------------------------------------

    def _tick(self) -> None:
        now = self._loop.time()
        late = now - self._ticked_at > 2 * self._timing.tick + 0.5
        self._ticked_at = now
        self._ticking = self._loop.call_later(self._timing.tick, self._tick)
        for worker in list(self.workers.values()):
            if late:  # it was the core that slept: answers may lie unread
                worker.forgive(now)
            self._watch(worker, now)
        self._look_again()

    def _watch(self, worker: Worker, now: float) -> None:
        unborn = worker.process is None and now - worker.born_at > self._timing.start
        match worker:
            case _ if unborn:
                self._spawner_of(worker).kill()
            case Worker(state=WorkerState.STARTING) if now - worker.born_at > self._timing.start:
                worker.kill("did not become ready in time")
            case Worker(state=WorkerState.READY, pinged_at=None):
                if now - worker.ponged_at >= self._timing.ping:
                    worker.ping(now)
            case Worker(state=WorkerState.READY, pinged_at=float(pinged_at)):
                if now - pinged_at >= self._timing.ping:
                    worker.kill("does not answer")
            case Worker(state=WorkerState.LEAVING, left_at=float(left_at)):
                if now - left_at > self._timing.leave:
                    worker.kill("did not leave in time")
