"""One media worker as the core sees it: its process, its connection, and the commands that wait for it."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Any, Protocol

from bridge.commands import MediaCommand
from bridge.tracing import TraceWish
from config.fields import LogLevel
from media.engines.description import EngineConfig, PortSet, Role
from media.processes import Child
from media.protocol import (
    Adopted,
    AwaitTie,
    CloseBrowserLeg,
    Configure,
    DialTie,
    EndDialog,
    Keep,
    Leave,
    OpenBrowserLeg,
    Perform,
    Ping,
    Question,
    Signal,
    ToWorker,
    Tune,
)


class Link(Protocol):
    """A worker's connection (:class:`media.worker_link.WorkerLink`)."""

    def tell(self, message: ToWorker) -> None:
        """Send a message; nothing happens if the connection is gone."""

    def ask(self, question: Question) -> asyncio.Future[Any]:
        """Send a question; the answer's value, WorkerRefusedError, or ConnectionError if the worker dies."""

    def close(self) -> None:
        """Close it, at which the worker leaves."""


class WorkerState(StrEnum):
    """The states of a worker."""

    STARTING = "starting"  # asked for, or not ready yet
    READY = "ready"
    LEAVING = "leaving"  # told to leave, or killed; takes no more commands
    GONE = "gone"


class Worker:
    """One worker of ``role`` in its ``port_set``; times are the loop's.

    ``generation`` counts the settings it was started with; ``settings`` is what its engine made of them.
    """

    def __init__(
        self,
        worker_id: int,
        generation: int,
        role: Role,
        port_set: PortSet,
        config: EngineConfig,
        settings: bytes,
        token: str,
        now: float,
    ) -> None:
        self.worker_id = worker_id
        self.generation = generation
        self.role = role
        self.port_set = port_set
        self.config = config
        self.settings = settings
        self.token = token
        self.state = WorkerState.STARTING
        self.process: Child | None = None
        #: The process id that it told in its Hello, which may come before the zygote tells it.
        self.said_pid: int | None = None
        self.link: Link | None = None
        #: Commands that wait until it is ready.
        self.waiting: list[MediaCommand] = []
        #: Whether its process has ended and is reaped.
        self.reaped = False
        #: Why it was killed, if it was.
        self.error = ""
        self.asked_at = now
        self.ready_at: float | None = None
        self.left_at: float | None = None
        #: When the ping that it has not answered was sent, and when it last answered.
        self.pinged_at: float | None = None
        self.ponged_at = now

    @property
    def pid(self) -> int | None:
        """Its process id, once the zygote or the worker itself has told it."""
        return self.process.pid if self.process else self.said_pid

    def perform(self, command: MediaCommand) -> None:
        """Send a command, or keep it until the worker is ready; does nothing if it is leaving."""
        if self.state is WorkerState.STARTING:
            self.waiting.append(command)
        elif self.state is WorkerState.READY and self.link:
            self.link.tell(Perform(command))

    def forget_leg(self, leg_id: str) -> None:
        """Drop the commands that wait for a leg."""
        self.waiting = [command for command in self.waiting if command.leg_id != leg_id]

    def became_ready(self, now: float) -> None:
        """Send what waited."""
        self.state = WorkerState.READY
        self.ready_at = self.ponged_at = now
        waiting, self.waiting = self.waiting, []
        for command in waiting:
            self.perform(command)

    def ping(self, now: float) -> None:
        """Send a ping; the answer clears :attr:`pinged_at`."""
        if self.link:
            self.pinged_at = self.ponged_at = now
            self.link.ask(Ping()).add_done_callback(self._ponged)

    def tune(self, log_level: LogLevel, wish: TraceWish) -> None:
        """Tell it its log level, and which SIP messages to report."""
        if self.state is WorkerState.READY and self.link:
            self.link.tell(Tune(log_level, wish))

    def forgive(self, now: float) -> None:
        """Start its deadlines again: the core itself did not listen."""
        self.asked_at = max(self.asked_at, now) if self.state is WorkerState.STARTING else self.asked_at
        self.pinged_at = now if self.pinged_at is not None else None

    def leave(self, now: float) -> None:
        """Tell it to leave; a worker that is not ready is killed."""
        if self.state in (WorkerState.LEAVING, WorkerState.GONE):
            return
        told = self.state is WorkerState.READY and self.link is not None
        self.state, self.left_at = WorkerState.LEAVING, now
        if told and self.link:
            self.link.tell(Leave())
        else:
            self.kill("is no longer needed")

    def hang_up_link(self) -> None:
        """Close its connection, at which it leaves."""
        if self.link:
            self.link.close()

    def kill(self, error: str) -> None:
        """Kill its process, now or as soon as there is one."""
        self.error = self.error or error
        if self.state is not WorkerState.GONE:
            self.state = WorkerState.LEAVING
        if self.process:
            self.process.kill()

    async def await_tie(self, leg_id: str, secret: str) -> str:
        """Let it expect a tie; returns the URI to dial. Raises if the worker dies or refuses."""
        return str(await self._ask(AwaitTie(leg_id, secret)))

    async def dial_tie(self, leg_id: str, uri: str) -> None:
        """Let it dial a tie. Raises if the worker dies or refuses."""
        await self._ask(DialTie(leg_id, uri))

    async def open_browser_leg(self, leg_id: str, codecs: tuple[str, ...], audio: str) -> str:
        """Let a browser worker expect a browser; returns the URI to dial. Raises if it dies or refuses."""
        return str(await self._ask(OpenBrowserLeg(leg_id, codecs, audio)))

    async def end_dialog(self, record: str) -> bool:
        """End the dialog of a dead worker; returns whether the peer answered."""
        return bool(await self._ask(EndDialog(record)))

    def close_browser_leg(self, leg_id: str) -> None:
        """Tell a browser worker to end a leg."""
        if self.link:
            self.link.tell(CloseBrowserLeg(leg_id))

    def keep(self, call_id: str, legs: tuple[str, str], memo: bytes) -> None:
        """Let it keep a bridged call should the core be gone; without a memo: not any more."""
        if self.link:
            self.link.tell(Keep(call_id, legs, memo))

    def adopted(self, call_ids: tuple[str, ...]) -> None:
        """Tell a worker that outlived its core which of its calls go on."""
        if self.link:
            self.link.tell(Adopted(call_ids))

    def signal(self, leg_id: str, message: str) -> None:
        """Pass on a message of a leg's browser."""
        if self.link:
            self.link.tell(Signal(leg_id, message))

    async def configure(self, config: EngineConfig, settings: bytes) -> str:
        """Give it new settings while it runs; returns why it keeps the old ones, or an empty text.

        A worker that has not said hello gets these settings then.
        """
        self.config, self.settings = config, settings
        if self.link is None:
            return ""
        return str(await self.link.ask(Configure(settings)))

    async def _ask(self, question: Question) -> Any:
        if self.link is None or self.state is not WorkerState.READY:
            raise ConnectionError(f"worker {self.worker_id} is {self.state}")
        return await self.link.ask(question)

    def _ponged(self, answer: asyncio.Future[Any]) -> None:
        answer.exception()  # a refusal is an answer, too; a dead worker's connection tells by itself
        self.pinged_at = None
