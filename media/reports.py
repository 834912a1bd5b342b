"""Hands what workers report to the parts that it concerns."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.events import LegEvent
from bridge.tracing import Sighting
from media.call_legs import CallLegs
from media.dialog_log import DialogLog
from media.registrations import Registrations
from media.scaler import Scaler
from media.traces import SipTraces
from media.trunk_watch import TrunkWatch
from media.worker import Worker


@dataclass(frozen=True, slots=True)
class Reports:
    """A :class:`media.worker_link.WorkerReports`."""

    legs: CallLegs
    dialog_log: DialogLog
    registrations: Registrations
    trunks: TrunkWatch
    scaler: Scaler
    traces: SipTraces

    def reported(self, worker: Worker, event: LegEvent) -> None:
        """Something happened to a leg or a tie."""
        self.legs.worker_reported(worker, event)

    def dialog_noted(self, worker: Worker, leg_id: str, sip_call_id: str, record: str) -> None:
        """A leg's dialog with its peer began, changed or ended."""
        self.dialog_log.note(worker.worker_id, leg_id, sip_call_id, record)

    def trunk_registered(self, worker: Worker, trunk: str, registered: bool, status: int) -> None:
        """A trunk's registration changed."""
        self.registrations.trunk_registered(worker, trunk, registered, status)

    def trunk_routed(self, worker: Worker, trunk: str, routes: tuple[str, ...]) -> None:
        """A trunk's registrar asks for these Route headers."""
        if self.registrations.is_at_work(worker):
            self.trunks.routed(trunk, routes)

    def trunk_heard(self, worker: Worker, trunk: str, outcome: str, status: int, retry_after: float) -> None:
        """A leg was tried through a trunk; a worker of old settings may mean another peer by its name."""
        if worker.generation == self.scaler.generation:
            self.trunks.called(trunk, outcome, status, retry_after)

    def sighted(self, sighting: Sighting) -> None:
        """A SIP message passed that a trace may want."""
        self.traces.sighted(sighting)

    def signalled(self, worker: Worker, leg_id: str, message: str) -> None:
        """A worker has a message for a leg's browser."""
        self.legs.browsers.worker_signalled(worker, leg_id, message)

    def browser_leg_ended(self, worker: Worker, leg_id: str, cause: str) -> None:
        """A worker has sent its last message to a leg's browser."""
        self.legs.browsers.worker_ended(worker, leg_id, cause)
