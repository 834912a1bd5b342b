"""The core's end of a worker's connection."""

from __future__ import annotations

from typing import Any, Protocol

import structlog
from pydantic import TypeAdapter
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Factory, connectionDone
from twisted.protocols import amp
from twisted.python.failure import Failure

from bridge.events import LegEvent
from bridge.tracing import Sighting
from media.protocol import (
    BrowserLegEnded,
    DialogNoted,
    Hello,
    Ready,
    Report,
    Sighted,
    Signalled,
    TrunkHeard,
    TrunkRegistered,
    TrunkRouted,
)
from media.worker import Worker

log = structlog.get_logger(__name__)
_SIGHTING = TypeAdapter(Sighting)


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


class StrangerError(Exception):
    """A process without a valid token sent a command."""


class WorkerLink(amp.AMP):
    """One connection. Only Hello is accepted before the token has been checked."""

    def __init__(self, lifecycle: WorkerLifecycle, reports: WorkerReports) -> None:
        super().__init__()
        self._lifecycle = lifecycle
        self._reports = reports
        self._worker: Worker | None = None

    @Hello.responder
    def hello(self, token: str, pid: int) -> dict[str, Any]:
        """Give the worker its settings."""
        worker = self._lifecycle.said_hello(token, pid, self)
        if worker is None:
            log.warning("unknown process on the workers' socket refused", pid=pid)
            raise self._stranger()
        self._worker = worker
        return {"settings": worker.settings}

    @Ready.responder
    def ready(self, error: str) -> dict[str, Any]:
        """Pass on that it is ready."""
        self._lifecycle.said_ready(self._known, error)
        return {}

    @Report.responder
    def report(self, event: LegEvent) -> dict[str, Any]:
        """Pass on what happened to a leg."""
        self._reports.reported(self._known, event)
        return {}

    @DialogNoted.responder
    def dialog_noted(self, leg_id: str, sip_call_id: str, record: str) -> dict[str, Any]:
        """Pass on a leg's dialog."""
        self._reports.dialog_noted(self._known, leg_id, sip_call_id, record)
        return {}

    @TrunkRegistered.responder
    def trunk_registered(self, trunk: str, registered: bool, status: int) -> dict[str, Any]:
        """Pass on a trunk's registration."""
        self._reports.trunk_registered(self._known, trunk, registered, status)
        return {}

    @TrunkRouted.responder
    def trunk_routed(self, trunk: str, routes: list[str]) -> dict[str, Any]:
        """Pass on the routes of a trunk."""
        self._reports.trunk_routed(self._known, trunk, tuple(routes))
        return {}

    @TrunkHeard.responder
    def trunk_heard(self, trunk: str, outcome: str, status: int, retry_after: float) -> dict[str, Any]:
        """Pass on how a trunk took a leg."""
        self._reports.trunk_heard(self._known, trunk, outcome, status, retry_after)
        return {}

    @Sighted.responder
    def sighted(self, sighting: bytes) -> dict[str, Any]:
        """Pass on a SIP message; browser workers have none to report."""
        if self._known.role != "browser":
            self._reports.sighted(_SIGHTING.validate_json(sighting))
        return {}

    @Signalled.responder
    def signalled(self, leg_id: str, message: str) -> dict[str, Any]:
        """Pass on a message for a browser."""
        self._reports.signalled(self._known, leg_id, message)
        return {}

    @BrowserLegEnded.responder
    def browser_leg_ended(self, leg_id: str, cause: str) -> dict[str, Any]:
        """Pass on that a browser leg is over."""
        self._reports.browser_leg_ended(self._known, leg_id, cause)
        return {}

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """Pass on that the worker is gone."""
        super().connectionLost(reason)
        if not reason.check(ConnectionDone):
            log.warning("worker connection lost", reason=reason.getErrorMessage())
        if self._worker is not None:
            self._lifecycle.disconnected(self._worker)

    @property
    def _known(self) -> Worker:
        if self._worker is None:
            raise self._stranger()
        return self._worker

    def _stranger(self) -> StrangerError:
        if self.transport is not None:
            self.transport.abortConnection()
        return StrangerError("no valid token")


class LinkFactory(Factory):
    """Makes a :class:`WorkerLink` of each connection."""

    noisy = False

    def __init__(self, lifecycle: WorkerLifecycle, reports: WorkerReports) -> None:
        self._lifecycle = lifecycle
        self._reports = reports

    def buildProtocol(self, addr: object) -> WorkerLink:  # noqa: N802 - Twisted's name
        """Build one link."""
        return WorkerLink(self._lifecycle, self._reports)
