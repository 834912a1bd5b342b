"""The core's end of a worker's connection: what a worker says, handed to whoever keeps the workers."""

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


class WorkerListener(Protocol):
    """Whoever keeps the workers."""

    def said_hello(self, token: str, pid: int, link: WorkerLink) -> Worker | None:
        """The worker of this one-time token; None refuses the connection."""

    def said_ready(self, worker: Worker, error: str) -> None:
        """A worker can take legs, or never will because of ``error``."""

    def reported(self, worker: Worker, event: LegEvent) -> None:
        """Something happened to a leg or to a tie."""

    def trunk_registered(self, worker: Worker, trunk: str, registered: bool, status: int) -> None:
        """The registrar tells of a trunk."""

    def trunk_routed(self, worker: Worker, trunk: str, routes: tuple[str, ...]) -> None:
        """The registrar tells which Route headers a trunk's calls are to have."""

    def trunk_heard(self, worker: Worker, trunk: str, outcome: str, status: int, retry_after: float) -> None:
        """A phone worker tells how a trunk took a leg."""

    def sighted(self, sighting: Sighting) -> None:
        """A SIP message passed that somebody wants to see."""

    def signalled(self, worker: Worker, leg_id: str, message: str) -> None:
        """A browser worker has a message for a leg's browser."""

    def browser_leg_ended(self, worker: Worker, leg_id: str, cause: str) -> None:
        """A browser leg is over."""

    def dialog_noted(self, worker: Worker, leg_id: str, sip_call_id: str, record: str) -> None:
        """A leg's dialog with its peer began, changed or ended."""

    def disconnected(self, worker: Worker) -> None:
        """Nothing more will come from this worker, and all that it sent has been handed over."""


class StrangerError(Exception):
    """A process without a valid token spoke to the pool."""


class WorkerLink(amp.AMP):
    """One connection. Nothing but Hello is accepted before the token has been checked."""

    def __init__(self, listener: WorkerListener) -> None:
        super().__init__()
        self._listener = listener
        self._worker: Worker | None = None

    @Hello.responder
    def hello(self, token: str, pid: int) -> dict[str, Any]:
        """Give the worker its settings."""
        worker = self._listener.said_hello(token, pid, self)
        if worker is None:
            log.warning("stranger on the worker socket refused", pid=pid)
            raise self._stranger()
        self._worker = worker
        return {"settings": worker.settings}

    @Ready.responder
    def ready(self, error: str) -> dict[str, Any]:
        """Pass on that it is ready."""
        self._listener.said_ready(self._known, error)
        return {}

    @Report.responder
    def report(self, event: LegEvent) -> dict[str, Any]:
        """Pass on what happened to a leg."""
        self._listener.reported(self._known, event)
        return {}

    @DialogNoted.responder
    def dialog_noted(self, leg_id: str, sip_call_id: str, record: str) -> dict[str, Any]:
        """Pass on what ends a leg's dialog."""
        self._listener.dialog_noted(self._known, leg_id, sip_call_id, record)
        return {}

    @TrunkRegistered.responder
    def trunk_registered(self, trunk: str, registered: bool, status: int) -> dict[str, Any]:
        """Pass on what a registrar answered."""
        self._listener.trunk_registered(self._known, trunk, registered, status)
        return {}

    @TrunkRouted.responder
    def trunk_routed(self, trunk: str, routes: list[str]) -> dict[str, Any]:
        """Pass on the routes of a trunk."""
        self._listener.trunk_routed(self._known, trunk, tuple(routes))
        return {}

    @TrunkHeard.responder
    def trunk_heard(self, trunk: str, outcome: str, status: int, retry_after: float) -> dict[str, Any]:
        """Pass on how a trunk took a leg."""
        self._listener.trunk_heard(self._known, trunk, outcome, status, retry_after)
        return {}

    @Sighted.responder
    def sighted(self, sighting: bytes) -> dict[str, Any]:
        """Pass on a SIP message."""
        if self._known.role != "browser":
            self._listener.sighted(_SIGHTING.validate_json(sighting))
        return {}

    @Signalled.responder
    def signalled(self, leg_id: str, message: str) -> dict[str, Any]:
        """Pass on what a browser is to hear of."""
        self._listener.signalled(self._known, leg_id, message)
        return {}

    @BrowserLegEnded.responder
    def browser_leg_ended(self, leg_id: str, cause: str) -> dict[str, Any]:
        """Pass on that a browser leg is over."""
        self._listener.browser_leg_ended(self._known, leg_id, cause)
        return {}

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """Pass on that the worker is gone."""
        super().connectionLost(reason)
        if not reason.check(ConnectionDone):
            log.warning("worker connection lost", reason=reason.getErrorMessage())
        if self._worker is not None:
            self._listener.disconnected(self._worker)

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

    def __init__(self, listener: WorkerListener) -> None:
        self._listener = listener

    def buildProtocol(self, addr: object) -> WorkerLink:  # noqa: N802 - Twisted's name
        """Build one link."""
        return WorkerLink(self._listener)
