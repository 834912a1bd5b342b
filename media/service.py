"""The media of this node: carries out media commands in the right worker, and reports each event once.

It implements ``bridge.protocols.CallMedia`` for the call engine. :class:`media.placement.Placement` decides
which worker takes which leg, :class:`media.scaler.Scaler` how many workers there are; the
:class:`media.supervisor.Supervisor` starts and watches their processes, and the
:class:`media.speech.SpeechPlayer` has texts spoken.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from bridge.commands import MediaCommand
from bridge.protocols import LegReport, OutOfCapacityError
from bridge.snapshot import CallSnapshot
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
from media.held import HeldLink
from media.kept_calls import KeptCalls, LeftCall, usable
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
        folder: Path | None = None,
        keepsake: Callable[[str], bytes] = lambda call_id: b"",
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
        keeps = traits.keeps_calls and folder is not None and usable(folder)
        self._folder = folder if keeps else None
        self._opened = False
        self._kept = KeptCalls(folder, keepsake) if keeps and folder is not None else None
        self._reports = Reports(
            self.legs, self._dialog_log, self._registrations, self._trunks, self._scaler, self.traces
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
        self._open_folder()
        await self._supervisor.start(self._reports)
        adopted = self._adopt_worker()
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
        self._end_dialogs(adopted)

    def _end_dialogs(self, adopted: Worker | None) -> None:
        """End the dialogs of an earlier run; not those that go on in the worker that was adopted."""
        left = self._dialog_log.open()
        goes_on = set()
        if adopted is not None and self._kept is not None and self._kept.found is not None:
            for dialog in self._kept.found[0].dialogs:
                goes_on.add(dialog.sip_call_id)
                self._dialog_log.reclaim(adopted.worker_id, dialog.leg_id, dialog.sip_call_id, dialog.record)
        self._dialog_ender.end(dialog for dialog in left if dialog.call_id not in goes_on)

    # --- calls that outlive a core --------------------------------------------------------------------

    async def find_kept(self) -> list[LeftCall]:
        """The bridged calls that the core before has left, whether they go on or not.

        To be called before :meth:`start`, which adopts the switch that has them; then :meth:`resume_call`
        those that go on, and tell :meth:`adopted`. :class:`MediaStartError` as at a start.
        """
        self._open_folder()
        if self._kept is None:
            return []
        await self._kept.find(lambda: HeldLink(self._supervisor, self._reports))
        return self._kept.left()

    def left_calls(self) -> list[LeftCall]:
        """The same, with what became of them meanwhile."""
        return self._kept.left() if self._kept is not None else []

    def adopted(self, call_ids: Collection[str]) -> None:
        """These go on, or have their record; the others end."""
        if self._kept is not None:
            worker = next(iter(self._supervisor.living("calls")), None)
            self._kept.adopted(worker, call_ids)

    def keep(self, call_id: str, known: CallSnapshot | None, ahead: float) -> None:
        """Have a bridged call outlive this process, as it stands now; None: it is not to."""
        if self._kept is not None:
            self._kept.keep(self.legs.keeper_of(known), call_id, known, ahead)

    def resume_call(self, known: CallSnapshot, live: Collection[str]) -> None:
        """Carry on with a call of the core before, of which these legs live."""
        self.legs.resume_call(known, live)

    def _open_folder(self) -> None:
        if self._opened:
            return
        try:
            self._supervisor.open_folder(self._folder)
        except BlockingIOError:
            raise MediaStartError(
                f"another server has {self._folder}: each needs a database of its own"
            ) from None
        except OSError as error:
            raise MediaStartError(f"{self._folder} cannot be used: {error.strerror}") from error
        self._opened = True

    def _adopt_worker(self) -> Worker | None:
        found = self._kept.found if self._kept is not None else None
        if found is None:
            return None
        link, pid = found
        generation = self._scaler.generation
        config = self._scaler.config_of(generation)
        worker = self._supervisor.adopt(link, pid, generation, config)
        self._placement.add_worker(worker.worker_id, generation, ready=True)
        self._supervisor.reconfigure("calls", config)
        return worker

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
