"""The media of this node: carries out media commands in the right worker, and reports each event once.

It implements ``bridge.protocols.CallMedia`` for the call engine. :class:`media.placement.Placement` decides
which worker takes which leg, :class:`media.scaler.Scaler` how many workers there are; the
:class:`media.supervisor.Supervisor` starts and watches their processes, and the
:class:`media.speech.SpeechPlayer` has texts spoken.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bridge.commands import MediaCommand
from bridge.protocols import LegReport, OutOfCapacityError
from config.fields import LogLevel
from config.sections.media import Media
from config.sections.sip import Sip
from config.sections.trunks import Trunk
from config.sections.webrtc import WebRtc
from media.browser_side import BrowserSide, BrowserSideOwner
from media.browser_worker_legs import BrowserWorkerLegs
from media.call_legs import CallLegs
from media.dialog_ender import DialogEnder
from media.dialog_log import DialogLog
from media.direct_browser_legs import DirectBrowserLegs
from media.engines.description import MediaEngine, Role
from media.engines.pjsua2 import PJSUA2
from media.espeak import PROGRAM
from media.placement import Placement
from media.registrations import Registrations, TrunkRegistration
from media.reports import Reports
from media.scaler import Scaler
from media.snapshot import MediaSnapshot, take_snapshot
from media.speech import SpeechPlayer
from media.speech_files import SpeechFiles
from media.startup import MediaStartError as MediaStartError  # part of what start() promises
from media.startup import wait_for_workers
from media.supervisor import Supervisor
from media.timing import Timing
from media.traces import SipTraces
from media.trunk_conditions import TrunkCondition
from media.trunk_watch import TrunkWatch
from media.worker import Worker
from routing.plan import CallPlan


class MediaService:
    """All media of this node, on Twisted's asyncio reactor.

    ``report(call_id, event)`` and ``signalled(leg_id, message)``, a message for a leg's browser (JSON of
    ``webrtc.signalling``), are called from the event loop and never from within a method of the service.
    ``progress(ready, wanted)`` follows the start. ``dialogs`` is the file of live dialogs. Call
    :meth:`configure` before :meth:`start`.
    """

    def __init__(
        self,
        reactor: Any,
        report: LegReport,
        *,
        signalled: Callable[[str, str], None] = lambda leg_id, message: None,
        engine: MediaEngine = PJSUA2,
        timing: Timing | None = None,
        clock: Callable[[], float] = time.time,
        progress: Callable[[int, int], None] = lambda ready, wanted: None,
        espeak: str = PROGRAM,
        dialogs: Path | None = None,
    ) -> None:
        traits, timing = engine.traits, timing or Timing()
        self._timing = timing
        self._progress = progress
        self._supervisor = supervisor = Supervisor(reactor, self, engine, timing)
        #: Who watches SIP messages.
        self.traces = SipTraces(lambda wish: supervisor.tune(wish=wish))
        self._registrations = Registrations(supervisor, clock, own_worker=traits.registrar is not None)
        self._trunks = TrunkWatch(reactor, clock)
        self._dialog_log = DialogLog(dialogs, clock)
        self._dialog_ender = DialogEnder(supervisor, self._dialog_log)
        self._placement = Placement(traits)
        self._scaler = scaler = Scaler(traits, supervisor, self._placement, timing.idle)
        self._speech_files = SpeechFiles(timing.render, espeak)

        def browser_legs(owner: BrowserSideOwner) -> BrowserSide:
            if traits.browsers is None:
                return DirectBrowserLegs(signalled)
            return BrowserWorkerLegs(supervisor, scaler, owner, timing, signalled)

        self.legs = CallLegs(
            traits,
            supervisor,
            scaler,
            self._placement,
            self._trunks,
            SpeechPlayer(self._speech_files, timing.speech),
            browser_legs,
            report,
            timing,
        )
        self._accepting = False
        self._drained: list[asyncio.Future[None]] = []
        self._changed = asyncio.Event()

    # --- the node's life ------------------------------------------------------------------------------

    def configure(
        self, sip: Sip, media: Media, trunks: Mapping[str, Trunk], webrtc: WebRtc | None = None
    ) -> None:
        """Take new settings: workers that start from now on have them, and new calls go only to those.

        Older workers serve the calls that they have, and then leave. Without ``webrtc`` there are no browser
        workers, and no browser can be dialled.
        """
        if self._scaler.configure(sip, media, trunks, webrtc):
            self._registrations.configure(sip, trunks, self._scaler.config_of().shared_ports)
            self._trunks.configure(sip, trunks)
        if self._accepting:
            self.look_again()

    def set_log_level(self, level: LogLevel) -> None:
        """Set the log level of all workers."""
        self._supervisor.tune(log_level=level)

    async def start(self) -> None:
        """Start the first workers; :class:`MediaStartError` with the reason if none becomes ready."""
        self._loop = asyncio.get_running_loop()
        self._speech_files.start()
        await self._supervisor.start(
            Reports(self.legs, self._dialog_log, self._registrations, self._trunks, self._scaler, self.traces)
        )
        self._accepting = True
        self.look_again()
        wanted: dict[Role, int] = {
            "calls": self._scaler.spare_workers,
            "browser": self.legs.browsers.wanted,
        }
        try:
            await self._trunks.start()
            await wait_for_workers(
                self._supervisor, wanted, 2 * self._timing.start, self._changed, self._progress
            )
        except MediaStartError:
            await self.stop()
            raise
        self._dialog_ender.end(self._dialog_log.open())

    async def drain(self) -> None:
        """Take no new calls; returns when the last one is closed."""
        self._accepting = False
        if self.legs.count_calls():
            drained = asyncio.get_running_loop().create_future()
            self._drained.append(drained)
            await drained

    async def stop(self) -> None:
        """End all workers and their legs; takes a few seconds at most."""
        self._accepting = False
        await self._trunks.stop()
        self._dialog_ender.stop()
        await self._supervisor.stop()
        self._dialog_log.close()
        self._speech_files.stop()

    @property
    def trunks(self) -> Mapping[str, TrunkRegistration]:
        """The registration of each trunk that registers."""
        return self._registrations.trunks

    @property
    def trunk_conditions(self) -> Mapping[str, TrunkCondition]:
        """Every trunk's condition."""
        return self._trunks.conditions

    def snapshot(self) -> MediaSnapshot:
        """The present state, for metrics and health."""
        return take_snapshot(
            self._supervisor,
            self._placement,
            self._scaler.generation,
            self._scaler.max_workers,
            self.legs.count_calls(),
            self.legs.browsers.loads(),
            self.legs.browsers.count_legs(),
        )

    def signal(self, leg_id: str, message: str) -> None:
        """Pass on a message of a leg's browser (``webrtc.signalling``, as JSON).

        Messages that come before the leg is open are kept; those for an unknown leg are dropped.
        """
        self.legs.browsers.signal(leg_id, message)

    # --- bridge.protocols.Media -----------------------------------------------------------------------

    def open_call(self, call_id: str, plan: CallPlan) -> None:
        """Reserve slots for a call; :class:`OutOfCapacityError` if there are none, or the node drains."""
        if not self._accepting:
            raise OutOfCapacityError
        self.legs.open_call(call_id, plan)
        self._scaler.refill()

    def perform(self, call_id: str, command: MediaCommand) -> None:
        """Carry out one command; does nothing for a leg that has ended."""
        self.legs.perform(call_id, command)

    def close_call(self, call_id: str) -> None:
        """Free a call's slots. A worker that still holds a leg of it is replaced."""
        self.legs.close_call(call_id)
        self._balance()
        if not self.legs.count_calls():
            for drained in self._drained:
                if not drained.done():
                    drained.set_result(None)
            self._drained.clear()

    # --- media.supervisor.SupervisorOwner -------------------------------------------------------------

    def worker_ready(self, worker: Worker) -> None:
        """A worker takes commands from now on."""
        if worker.role == "calls":
            self._placement.workers[worker.worker_id].ready = True
        self.legs.browsers.worker_ready(worker)
        self._changed.set()

    def worker_gone(self, worker: Worker, error: str) -> None:
        """A worker is dead, and all that it carried is over."""
        self._changed.set()
        self._registrations.worker_gone(worker)
        match worker.role:
            case "calls":
                dialogs = self._dialog_log.take(worker.worker_id)
                self.legs.worker_gone(worker, self._dialog_ender.end(dialogs))
            case "browser":
                self.legs.browsers.browser_worker_gone(worker)
            case "registrar" if worker.ready_at is None and self._scaler.choose_ports_again():
                config = self._scaler.config_of()
                self._registrations.configure(config.sip, config.trunks, config.shared_ports)

    def look_again(self) -> None:
        """Start and stop workers as wanted."""
        now = self._loop.time()
        self.legs.browsers.look_again(now, self._accepting)
        self._registrations.look_again(self._scaler.generation, now)
        self._balance()

    def _balance(self) -> None:
        """Start and stop workers with calls as wanted."""
        self._scaler.retire(self._loop.time())
        if self._accepting:
            self._scaler.refill()
