"""The core's end of a worker's connection."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any, Protocol

import structlog

from bridge.events import LegEvent
from bridge.tracing import Sighting
from media.frames import LONGEST, FrameError, FrameReader
from media.protocol import (
    PROTOCOL,
    TO_CORE,
    TO_WORKER,
    Ask,
    AskRefused,
    BrowserLegEnded,
    DialogNoted,
    Hello,
    Question,
    Ready,
    Reply,
    Report,
    Sighted,
    Signalled,
    ToCore,
    ToWorker,
    TrunkHeard,
    TrunkRegistered,
    TrunkRouted,
    Welcome,
    WorkerRefusedError,
)
from media.worker import Worker

log = structlog.get_logger(__name__)

#: Bytes that a process may say before it has shown its token.
_LONGEST_HELLO = 500


class WorkerLifecycle(Protocol):
    """Knows the workers, and when each begins and ends."""

    def said_hello(self, token: str, pid: int, link: WorkerLink) -> Worker | None:
        """The worker with this one-time token; None refuses the connection."""

    def said_ready(self, worker: Worker, error: str) -> None:
        """A worker takes commands, or never will because of ``error``."""

    def disconnected(self, worker: Worker) -> None:
        """Nothing more comes from this worker, and all that it sent has been handed over."""


class WorkerReports(Protocol):
    """Takes what workers report while they work."""

    def reported(self, worker: Worker, event: LegEvent) -> None:
        """Something happened to a leg or a tie."""

    def dialog_noted(self, worker: Worker, leg_id: str, sip_call_id: str, record: str) -> None:
        """A leg's dialog with its peer began, changed or ended."""

    def trunk_registered(self, worker: Worker, trunk: str, registered: bool, status: int) -> None:
        """A trunk's registration changed."""

    def trunk_routed(self, worker: Worker, trunk: str, routes: tuple[str, ...]) -> None:
        """A trunk's registrar asks for these Route headers."""

    def trunk_heard(self, worker: Worker, trunk: str, outcome: str, status: int, retry_after: float) -> None:
        """A leg was tried through a trunk."""

    def sighted(self, sighting: Sighting) -> None:
        """A SIP message passed that a trace may want."""

    def signalled(self, worker: Worker, leg_id: str, message: str) -> None:
        """A worker has a message for a leg's browser."""

    def browser_leg_ended(self, worker: Worker, leg_id: str, cause: str) -> None:
        """A worker has sent its last message to a leg's browser."""


class FramedLink(asyncio.Protocol):
    """One connection: frames in and out, and the answers to what the worker was asked.

    What is no message of a worker's closes it. ``longest`` is the longest message in bytes.
    """

    def __init__(self, longest: int = LONGEST) -> None:
        self._reader = FrameReader(longest)
        self._transport: Any = None
        self._numbers = count(1)
        self._asked: dict[int, asyncio.Future[Any]] = {}

    # --- to the worker --------------------------------------------------------------------------------

    def tell(self, message: ToWorker) -> None:
        """Send a message; nothing happens if the connection is gone."""
        if self._transport is not None:
            self._transport.write(TO_WORKER.dump(message))

    def ask(self, question: Question) -> asyncio.Future[Any]:
        """Send a question; its answer's value, WorkerRefusedError, or ConnectionError if the worker dies."""
        number, answer = next(self._numbers), asyncio.get_running_loop().create_future()
        if self._transport is None:
            answer.set_exception(ConnectionError("the worker is gone"))
            return answer
        self._asked[number] = answer
        self.tell(Ask(number, question))
        return answer

    def close(self) -> None:
        """Close it once all is sent, at which the worker leaves."""
        if self._transport is not None:
            self._transport.close()

    # --- from the worker ------------------------------------------------------------------------------

    def taken(self, message: ToCore) -> None:
        """Take a message of the worker."""
        raise NotImplementedError

    def ended(self) -> None:
        """Nothing more comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what frames are written to."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take what the worker says. What goes wrong with one message is logged; the next is taken."""
        try:
            for payload in self._reader.feed(data):
                if self._transport is None or self._transport.is_closing():
                    return
                self._take(TO_CORE.load(payload))
        except FrameError as error:
            log.error("a worker is not understood, and its connection is closed", reason=str(error))
            self._transport.abort()

    def _take(self, message: ToCore) -> None:
        try:
            match message:
                case Reply(number, value):
                    if (asked := self._answer(number)) is not None:
                        asked.set_result(value)
                case AskRefused(number, reason):
                    if (asked := self._answer(number)) is not None:
                        asked.set_exception(WorkerRefusedError(reason))
                case _:
                    self.taken(message)
        except Exception:
            log.exception("a worker's message failed", kind=type(message).__name__)

    def _answer(self, number: int) -> asyncio.Future[Any] | None:
        """Who waits for this answer; None where nobody does any more."""
        asked = self._asked.pop(number, None)
        return None if asked is None or asked.done() else asked

    def connection_lost(self, error: Exception | None) -> None:
        """Nothing more is answered."""
        self._transport = None
        if error is not None:
            log.warning("worker connection lost", reason=str(error))
        asked, self._asked = self._asked, {}
        for answer in asked.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the worker is gone"))
        self.ended()


class WorkerLink(FramedLink):
    """The connection of one worker. Only Hello is accepted before the token has been checked."""

    def __init__(self, lifecycle: WorkerLifecycle, reports: WorkerReports) -> None:
        super().__init__(_LONGEST_HELLO)
        self._lifecycle = lifecycle
        self._reports = reports
        self._worker: Worker | None = None

    def taken(self, message: ToCore) -> None:
        """Hand it to the part that it concerns."""
        worker, reports = self._worker, self._reports
        match message:
            case Hello(token, pid, protocol):
                self._greet(token, pid, protocol)
            case _ if worker is None:
                self._refuse("says something before its token")
            case Report(event):
                reports.reported(worker, event)
            case DialogNoted(leg_id, sip_call_id, record):
                reports.dialog_noted(worker, leg_id, sip_call_id, record)
            case TrunkHeard(trunk, outcome, status, retry_after):
                reports.trunk_heard(worker, trunk, outcome, status, retry_after)
            case Signalled(leg_id, text):
                reports.signalled(worker, leg_id, text)
            case BrowserLegEnded(leg_id, cause):
                reports.browser_leg_ended(worker, leg_id, cause)
            case TrunkRegistered(trunk, registered, status):
                reports.trunk_registered(worker, trunk, registered, status)
            case TrunkRouted(trunk, routes):
                reports.trunk_routed(worker, trunk, routes)
            case Sighted(sighting):
                if worker.role != "browser":  # those have none to report
                    reports.sighted(sighting)
            case Ready(error):
                self._lifecycle.said_ready(worker, error)

    def ended(self) -> None:
        """Pass on that the worker is gone."""
        if self._worker is not None:
            self._lifecycle.disconnected(self._worker)

    def _greet(self, token: str, pid: int, protocol: str) -> None:
        if protocol != PROTOCOL:
            self._refuse("speaks another version's protocol", pid=pid)
            return
        worker = None if self._worker is not None else self._lifecycle.said_hello(token, pid, self)
        if worker is None:
            self._refuse("has no valid token", pid=pid)
            return
        self._worker = worker
        self._reader.longest = LONGEST
        self.tell(Welcome(worker.settings))

    def _refuse(self, why: str, **fields: object) -> None:
        log.warning("unknown process on the workers' socket refused", why=why, **fields)
        self._transport.abort()
