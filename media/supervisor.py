"""Starts worker processes, watches them, and replaces those that die or hang.

How many there are, and for what, is decided elsewhere (:mod:`media.scaler`).
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
from pathlib import Path
from typing import Any, Protocol

import structlog

from bridge.tracing import TraceWish
from config.fields import LogLevel
from config.sections.sip import Sip
from media.engines.description import EngineConfig, MediaEngine, Program, Role
from media.held import HeldLink
from media.port_allocator import PortAllocator
from media.prctl import adopt_orphans
from media.processes import Child
from media.protocol import WorkerRefusedError
from media.shared_ports import choose
from media.spawners import ExecSpawner, ForkSpawner
from media.temporary import lock_folder, make_folder, sweep
from media.timing import Timing
from media.worker import Worker, WorkerState
from media.worker_link import WorkerLink, WorkerReports

log = structlog.get_logger(__name__)

#: What the workers' socket is called.
_SOCKET = "workers"
#: Prefix of the temporary folders that hold it.
FOLDER_PREFIX = "ringback-workers-"


class SupervisorOwner(Protocol):
    """Decides which workers there are."""

    def worker_ready(self, worker: Worker) -> None:
        """A worker takes commands from now on."""

    def worker_gone(self, worker: Worker, error: str) -> None:
        """A worker is dead, and its legs are lost; called once for each worker."""

    def look_again(self) -> None:
        """A worker may be asked for that could not be had before; also called every :attr:`Timing.tick`."""


@dataclass(slots=True)
class StartTally:
    """How starts of workers went; seconds are from asking for a worker until it was ready."""

    ready: int = 0
    failed: int = 0
    lost: int = 0
    seconds: float = 0.0
    last_seconds: float = 0.0


class Supervisor:
    """All worker processes of this node."""

    def __init__(self, reactor: Any, owner: SupervisorOwner, engine: MediaEngine, timing: Timing) -> None:
        self.workers: dict[int, Worker] = {}
        self.tally = StartTally()
        #: Why a worker failed to start, the last time.
        self.last_error = ""
        self._reactor = reactor
        self._owner = owner
        self._engine = engine
        self._port_allocator = PortAllocator()
        self._shared_ports: tuple[int, ...] = ()
        #: One for each program: phone workers and browser workers have little memory to share.
        self._spawners: dict[Program, ForkSpawner | ExecSpawner] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timing = timing
        self._ids = count(1)
        #: Sent to each worker when it is ready.
        self._log_level: LogLevel = "info"
        self._wish = TraceWish()
        self._ticked_at = 0.0
        self._stopping = False
        self._empty = asyncio.Event()

    # --- start and stop -------------------------------------------------------------------------------

    def open_folder(self, folder: Path | None) -> Path:
        """Have a folder for the workers' socket, by default a temporary one.

        BlockingIOError where another server has it; OSError where it cannot be used.
        """
        if folder is None:
            sweep(FOLDER_PREFIX)
            self._directory, self._directory_lock = make_folder(FOLDER_PREFIX)
            return self._directory
        self._directory, self._directory_lock = folder, lock_folder(folder)
        (folder / _SOCKET).unlink(missing_ok=True)
        return folder

    async def start(self, reports: WorkerReports) -> None:
        """Listen for workers, and prepare to start those with calls. ``reports`` gets what workers report."""
        self._loop = asyncio.get_running_loop()
        adopt_orphans()
        self._socket_path = str(self._directory / _SOCKET)
        self._server = await self._loop.create_unix_server(
            lambda: WorkerLink(self, reports), self._socket_path
        )
        self._spawners = {program: self._spawner(program) for program in set(self._engine.programs.values())}
        self._spawners[self._engine.programs["calls"]].start()
        self._ticked_at = self._loop.time()
        self._ticking = self._loop.call_later(self._timing.tick, self._tick)

    async def stop(self) -> None:
        """Tell every worker to leave, kill those that do not, and clean up; does nothing the second time."""
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
        for spawner in self._spawners.values():
            spawner.close()
        self._server.close()
        shutil.rmtree(self._directory, ignore_errors=True)
        os.close(self._directory_lock)

    async def _emptied(self, seconds: float) -> None:
        if self.workers:
            self._empty.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), seconds)

    # --- starting workers -----------------------------------------------------------------------------

    def living(self, role: Role) -> Iterator[Worker]:
        """The workers of a role that work, or will soon."""
        for worker in self.workers.values():
            if worker.role == role and worker.state in (WorkerState.STARTING, WorkerState.READY):
                yield worker

    def spawn(self, role: Role, generation: int, config: EngineConfig) -> Worker | None:
        """Ask for a worker; None if that fails now: no ports are free, or workers do not start."""
        now = self._loop.time()
        if self._stopping or not self._spawners:
            return None
        taken = [worker.port_set for worker in self.workers.values()]
        port_set = self._port_allocator.take(self._engine.port_sets(role, config), taken, now)
        if port_set is None:
            self.last_error = "all ports of sip.ports and sip.rtp_ports are in use"
            log.error("no ports are free for another media worker", role=role)
            return None
        settings = self._engine.settings(role, config, port_set)
        token = secrets.token_urlsafe(24)
        worker = Worker(next(self._ids), generation, role, port_set, config, settings, token, now)
        if not self._spawner_of(worker).fork(worker.token):
            return None
        self.workers[worker.worker_id] = worker
        return worker

    def adopt(self, link: HeldLink, pid: int, generation: int, config: EngineConfig) -> Worker:
        """Take a worker with calls that another core started; it gets these settings."""
        now = self._loop.time()
        port_set = next(iter(self._engine.port_sets("calls", config)))
        settings = self._engine.settings("calls", config, port_set)
        worker = Worker(next(self._ids), generation, "calls", port_set, config, settings, "", now)
        worker.link, worker.said_pid = link, pid
        worker.process = Child(self._loop, pid, lambda status: self._exited(worker, status), ours=False)
        self.workers[worker.worker_id] = worker
        self.tally.ready += 1
        worker.became_ready(now)
        link.adopt(worker)
        worker.tune(self._log_level, self._wish)
        log.info("media worker adopted", worker=worker.worker_id, role=worker.role, pid=pid)
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
        """Give new settings to the running workers of a role; errors are logged."""
        for worker in list(self.living(role)):
            settings = self._engine.settings(role, config, worker.port_set)
            task = asyncio.ensure_future(self._reconfigure(worker, config, settings))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _reconfigure(self, worker: Worker, config: EngineConfig, settings: bytes) -> None:
        try:
            error = await worker.configure(config, settings)
        except (WorkerRefusedError, ConnectionError) as reason:
            error = str(reason)
        if error:
            log.error("media worker keeps its old settings", worker=worker.worker_id, reason=error)

    def _spawner_of(self, worker: Worker) -> ForkSpawner | ExecSpawner:
        return self._spawners[self._engine.programs[worker.role]]

    def _spawner(self, program: Program) -> ForkSpawner | ExecSpawner:
        def died() -> None:
            for worker in [worker for worker in self.workers.values() if worker.process is None]:
                if self._engine.programs[worker.role] == program:
                    self._lose(worker, "the zygote died")
                    worker.hang_up_link()  # it may have been forked; then it leaves by itself

        if program.birth == "exec":
            return ExecSpawner(self._loop, self._socket_path, program.main, self._look_again, self._forked)
        return ForkSpawner(self._loop, self._socket_path, program.main, self._look_again, self._forked, died)

    def _forked(self, token: str, pid: int) -> None:
        worker = next((worker for worker in self.workers.values() if worker.token == token), None)
        if worker is None:  # it was given up
            Child(self._loop, pid, lambda status: None).kill()
            return
        worker.process = Child(self._loop, pid, lambda status: self._exited(worker, status))
        if worker.state is WorkerState.LEAVING:
            worker.kill(worker.error)

    # --- media.worker_link.WorkerLifecycle ------------------------------------------------------------

    def said_hello(self, token: str, pid: int, link: WorkerLink) -> Worker | None:
        """Find the worker by its one-time token; None if it is not valid."""
        for worker in self.workers.values():
            known = secrets.compare_digest(worker.token.encode(), token.encode())
            waited_for = worker.state is WorkerState.STARTING and worker.link is None
            if known and waited_for and worker.pid in (pid, None):
                worker.link, worker.said_pid = link, pid
                return worker
        return None

    def said_ready(self, worker: Worker, error: str) -> None:
        """Put a worker to use, or kill one that cannot start and avoid its ports."""
        now = self._loop.time()
        if error:
            self._port_allocator.shun(worker.port_set, now)
            worker.kill(f"cannot start: {error}")
        elif worker.state is WorkerState.STARTING:
            self._spawner_of(worker).worker_ready()
            self.tally.ready += 1
            self.tally.last_seconds = now - worker.asked_at
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

    def tune(self, *, log_level: LogLevel | None = None, wish: TraceWish | None = None) -> None:
        """Set the log level and the SIP messages to report, for all workers and those to come."""
        self._log_level = log_level or self._log_level
        self._wish = wish if wish is not None else self._wish
        for worker in self.workers.values():
            worker.tune(self._log_level, self._wish)

    # --- when workers die -----------------------------------------------------------------------------

    def disconnected(self, worker: Worker) -> None:
        """A worker's connection is gone: kill its process if that is still there."""
        worker.link = None
        if worker.state is not WorkerState.GONE:
            self._lose(worker, worker.error or "connection lost")
        worker.kill(worker.error)

    def _exited(self, worker: Worker, status: int) -> None:
        """A process was reaped. If its connection is open, its last reports are still to be read."""
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
        # A worker that cannot start is only a warning, because another one replaces it.
        write = log.info if expected else log.error if ready else log.warning
        write("media worker gone", worker=worker.worker_id, role=worker.role, pid=worker.pid, error=error)
        self._owner.worker_gone(worker, error)
        self._forget(worker)

    def _forget(self, worker: Worker) -> None:
        """Free the ports of a worker that is gone and reaped, or was never started."""
        over = worker.state is WorkerState.GONE and (worker.process is None or worker.reaped)
        if over and worker.worker_id in self.workers:
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
            if late:  # the core itself was late: answers may be unread
                worker.forgive(now)
            self._watch(worker, now)
        self._look_again()

    def _watch(self, worker: Worker, now: float) -> None:
        never_forked = worker.process is None and now - worker.asked_at > self._timing.start
        match worker:
            case _ if never_forked:
                self._spawner_of(worker).kill()
            case Worker(state=WorkerState.STARTING) if now - worker.asked_at > self._timing.start:
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
