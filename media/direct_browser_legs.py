"""Legs in browsers that the workers with the calls serve themselves: no browser worker, no second SIP leg.

A ``Dial`` names a :class:`~routing.plan.BrowserEndpoint`, and the worker that carries the leg gets it. From
then on the worker is told what the page says (``Signal``) and says what to tell the page (``Signalled``). It
says ``BrowserLegEnded`` after the last of that, before it reports the leg's end. The leg is answered when its
browser is connected.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import structlog

from bridge.events import LegEnded
from media.browser_choices import BrowserWorkerLoad
from media.browser_side import Opening
from media.kept_signals import KeptSignals
from media.worker import Worker, WorkerState
from webrtc.signalling import LONGEST_MESSAGE, Bye, write

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _DirectLeg:
    worker: Worker
    #: What its browser said before its worker was ready.
    kept: KeptSignals = field(default_factory=KeptSignals)
    #: Whether its worker has said the last that it says to the browser.
    over: bool = False


class DirectBrowserLegs:
    """All such legs: a :class:`media.browser_side.BrowserSide`.

    ``signalled(leg_id, message)`` is called from the event loop alone. If a worker dies, we tell ``bye``.
    """

    def __init__(self, signalled: Callable[[str, str], None]) -> None:
        self._signalled = signalled
        self._legs: dict[str, _DirectLeg] = {}

    @property
    def wanted(self) -> int:
        """No browser workers."""
        return 0

    def loads(self) -> list[BrowserWorkerLoad]:
        """No browser workers."""
        return []

    def look_again(self, now: float, accepting: bool) -> None:
        """No browser workers."""

    def browser_worker_gone(self, worker: Worker) -> None:
        """No browser workers."""

    def settle(self, event: LegEnded, answered: bool, told: Callable[[LegEnded], None]) -> None:
        """The leg's worker knows why it ended."""
        self.close(event.leg_id)
        told(event)

    def count_legs(self) -> int:
        """Legs that a call has."""
        return len(self._legs)

    def open(
        self,
        leg_id: str,
        worker: Worker,
        generation: int,
        codecs: tuple[str, ...],
        audio: Literal["passthrough", "opus"],
    ) -> Opening:
        """Begin a leg: its worker gets the Dial, and chooses the codec."""
        self._legs[leg_id] = _DirectLeg(worker)
        return "dial"

    def worker_ready(self, worker: Worker) -> None:
        """Pass on what browsers said before their worker was ready; it has its Dials by now."""
        for leg_id, leg in self._legs.items():
            if leg.worker is worker:
                for message in leg.kept.take():
                    worker.signal(leg_id, message)

    def signal(self, leg_id: str, message: str) -> None:
        """Pass on what a leg's browser says, or keep it until its worker is ready."""
        leg = self._legs.get(leg_id)
        if leg is None:
            log.debug("signal for a leg that is not there", leg_id=leg_id)
        elif len(message.encode()) > LONGEST_MESSAGE:
            log.warning("signal too long", leg_id=leg_id, bytes=len(message.encode()))
        elif leg.worker.state is not WorkerState.STARTING:
            leg.worker.signal(leg_id, message)
        elif not leg.kept.add(message):
            log.warning("too many signals before the leg is open", leg_id=leg_id)

    def worker_signalled(self, worker: Worker, leg_id: str, message: str) -> None:
        """Pass on what a worker says to a leg's browser, also to one whose call has let go of the leg."""
        leg = self._legs.get(leg_id)
        if leg is not None and leg.worker is worker:
            asyncio.get_running_loop().call_soon(self._signalled, leg_id, message)

    def worker_ended(self, worker: Worker, leg_id: str, cause: str) -> None:
        """A worker has said the last that it says to a leg's browser."""
        leg = self._legs.get(leg_id)
        if leg is not None and leg.worker is worker:
            leg.over = True

    def close(self, leg_id: str) -> None:
        """The leg is over; one that is no browser's is no error."""
        leg = self._legs.pop(leg_id, None)
        if leg is not None and not leg.over:
            begun = leg.worker.state is not WorkerState.STARTING
            bye = write(Bye(cause="failed" if begun else "cancelled"))
            asyncio.get_running_loop().call_soon(self._signalled, leg_id, bye)
