"""The media of this node: carries out media commands in the right worker, and reports each event once.

It implements ``bridge.protocols.Media`` for the call engine. :class:`media.placement.Placement` decides which
worker takes which leg, :class:`media.scaler.Scaler` how many workers there are; the
:class:`media.supervisor.Supervisor` starts and watches their processes, and the
:class:`media.speech.SpeechPlayer` has texts spoken.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp, Join, MediaCommand, Play, Record
from bridge.events import LegAnswered, LegEnded, LegEvent, LegFaltered, LegRecovered
from bridge.protocols import LegReport, OutOfCapacityError
from bridge.tracing import Sighting
from config.fields import LogLevel
from config.sections.media import Media
from config.sections.sip import Sip
from config.sections.trunks import Trunk
from config.sections.webrtc import WebRtc
from media.browser_choices import codecs_toward
from media.browser_worker_legs import BrowserWorkerLegs
from media.dialog_ender import DialogEnder
from media.dialog_log import DialogLog
from media.direct_browser_legs import DirectBrowserLegs
from media.engines.description import MediaEngine, Role
from media.engines.pjsua2 import PJSUA2
from media.espeak import PROGRAM
from media.placement import Placement, reservation_for
from media.registrations import Registrations, TrunkRegistration
from media.scaler import Scaler
from media.snapshot import MediaSnapshot, take_snapshot
from media.speech import SpeechPlayer
from media.speech_files import SpeechFiles
from media.startup import MediaStartError as MediaStartError  # part of what start() promises
from media.startup import wait_for_workers
from media.supervisor import Supervisor, Timing
from media.ties import TieEnd, Ties
from media.traces import SipTraces
from media.trunk_conditions import TrunkCondition
from media.trunk_watch import TrunkWatch
from media.worker import Worker, WorkerState
from routing.plan import BrowserEndpoint, CallPlan, Endpoint, SipEndpoint

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _OpenCall:
    """A call that is open: whom it is for, and what its browsers speak."""

    shopper: Endpoint
    codecs: tuple[str, ...]


@dataclass(slots=True)
class _LiveLeg:
    """A leg that was dialled and has not ended."""

    call_id: str
    worker: Worker
    endpoint: Endpoint
    #: Whether its worker was told to dial; a leg by a browser worker has to open first.
    dialled: bool = True
    #: Whether its browser is in a browser worker, which the leg's worker dials.
    by_browser_worker: bool = False
    answered: bool = False
    #: Whether it is ending because we hung up.
    hung_up: bool = False

    @property
    def begun(self) -> bool:
        """Whether its worker knows of it."""
        return self.dialled and self.worker.state is not WorkerState.STARTING


class MediaService:
    """All media of this node, on Twisted's asyncio reactor.

    ``report(call_id, event)`` and ``signalled(leg_id, message)``, a message for a leg's browser (JSON of
    ``webrtc.signalling``), are called from the event loop and never from within a method of the pool.
    ``progress(ready, wanted)`` follows the start. Call :meth:`configure` before :meth:`start`.
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
        ledger: Path | None = None,
    ) -> None:
        self._traits = traits = engine.traits
        self._report = report
        self._timing = timing or Timing()
        self._progress = progress
        self._supervisor = Supervisor(reactor, self, engine, self._timing)
        #: Who looks at SIP messages.
        self.traces = SipTraces(lambda wish: self._supervisor.tune(wish=wish))
        self._registrations = Registrations(self._supervisor, clock, own_worker=traits.registrar is not None)
        self._trunks = TrunkWatch(reactor, clock)
        self._dialog_log = DialogLog(ledger, clock)
        self._dialog_ender = DialogEnder(self._supervisor, self._dialog_log)
        self._placement = Placement(traits)
        self._speech_files = SpeechFiles(self._timing.render, espeak)
        self._speech = SpeechPlayer(self._speech_files, self._timing.speech)
        self._scaler = Scaler(traits, self._supervisor, self._placement, self._timing.idle)
        self._browsers = BrowserWorkerLegs(self._supervisor, self._scaler, self, self._timing, signalled)
        self._direct = DirectBrowserLegs(signalled)
        self._calls: dict[str, _OpenCall] = {}
        self._legs: dict[str, _LiveLeg] = {}
        self._ties = Ties(self._placement, self._timing.tie, self._cut)
        self._accepting = False
        self._empty: list[asyncio.Future[None]] = []
        self._changed = asyncio.Event()

    # --- the node's life ------------------------------------------------------------------------------

    def configure(
        self, sip: Sip, media: Media, trunks: Mapping[str, Trunk], webrtc: WebRtc | None = None
    ) -> None:
        """Take new settings: workers born from now on have them, and new calls go to those alone.

        Workers of before serve the calls they have, and then leave. Without ``webrtc`` there are no browser
        workers, and no browser can be dialled.
        """
        if self._scaler.configure(sip, media, trunks, webrtc):
            self._registrations.configure(sip, trunks, self._scaler.birth().shared_ports)
            self._trunks.configure(sip, trunks)
        if self._accepting:
            self.look_again()

    def set_log_level(self, level: LogLevel) -> None:
        """Have workers log from this level on."""
        self._supervisor.tune(log_level=level)

    async def start(self) -> None:
        """Start the first workers; :class:`MediaStartError`, with the reason, if none becomes ready."""
        self._loop = asyncio.get_running_loop()
        self._speech_files.start()
        await self._supervisor.start()
        self._accepting = True
        self.look_again()
        wanted: dict[Role, int] = {
            "calls": self._scaler.spare_workers,
            "browser": self._browsers.wanted,
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
        if self._calls:
            empty = asyncio.get_running_loop().create_future()
            self._empty.append(empty)
            await empty

    async def stop(self) -> None:
        """End every worker and what it still carries; takes a few seconds at most."""
        self._accepting = False
        await self._trunks.stop()
        self._dialog_ender.stop()
        await self._supervisor.stop()
        self._dialog_log.close()
        self._speech_files.stop()

    @property
    def trunks(self) -> Mapping[str, TrunkRegistration]:
        """The registration of every trunk that has one."""
        return self._registrations.trunks

    @property
    def trunk_conditions(self) -> Mapping[str, TrunkCondition]:
        """Every trunk's condition."""
        return self._trunks.conditions

    def snapshot(self) -> MediaSnapshot:
        """The pool's state, for metrics and health."""
        return take_snapshot(
            self._supervisor,
            self._placement,
            self._scaler.generation,
            self._scaler.max_workers,
            len(self._calls),
            self._browsers.loads(),
            self._browsers.count_legs() + self._direct.count_legs(),
        )

    def signal(self, leg_id: str, message: str) -> None:
        """Pass on what a leg's browser says of its media (``webrtc.signalling``, as JSON).

        What comes before the leg is open is kept; for a leg that is not there, it is dropped.
        """
        if self._traits.browsers is None:
            self._direct.signal(leg_id, message)
        else:
            self._browsers.signal(leg_id, message)

    # --- bridge.protocols.Media -----------------------------------------------------------------------

    def open_call(self, call_id: str, plan: CallPlan) -> None:
        """Reserve room for a call; :class:`OutOfCapacityError` where there is none and none can grow."""
        if not self._accepting:
            raise OutOfCapacityError
        room, generation = reservation_for(plan, self._traits), self._scaler.generation
        home = self._scaler.find_room(
            generation, lambda scarce: self._placement.open_call(call_id, room, generation, scarce)
        )
        if home is None:
            raise OutOfCapacityError
        trunks = self._scaler.birth(generation).trunks
        self._calls[call_id] = _OpenCall(plan.shopper, codecs_toward(plan, trunks))
        self._speech.open_call(call_id, plan)
        self._scaler.refill()

    def perform(self, call_id: str, command: MediaCommand) -> None:
        """Carry out one command. What is asked of a leg that has ended is not done, silently."""
        if isinstance(command, Dial):
            self._dial(call_id, command)
            return
        leg = self._legs.get(command.leg_id)
        if leg is None:
            log.debug("command for a leg that has ended", call_id=call_id, command=type(command).__name__)
            return
        match command:
            case Join(other_leg_id=other_leg_id):
                self._join(command, leg, self._legs.get(other_leg_id))
            case HangUp(leg_id=leg_id, cause=cause) if not leg.begun:
                leg.worker.forget_leg(leg_id)
                self._leg_ended(leg_id, LegEnded(leg_id, cause))
            case HangUp(leg_id=leg_id):
                leg.hung_up = True
                self._speech.hush(leg_id)
                leg.worker.perform(command)
            case Play(leg_id=leg_id):
                self._ties.part(leg_id)
                self._speech.play(call_id, command, leg.worker.perform)
            case Record(leg_id=leg_id):  # which is silence to hear
                self._ties.part(leg_id)
                self._speech.hush(leg_id)
                leg.worker.perform(command)
            case _:
                leg.worker.perform(command)

    def close_call(self, call_id: str) -> None:
        """Free a call's room. A worker that holds a leg of it nevertheless is replaced."""
        self._calls.pop(call_id, None)
        for leg_id, leg in [(leg_id, leg) for leg_id, leg in self._legs.items() if leg.call_id == call_id]:
            log.error("leg outlived its call", call_id=call_id, leg_id=leg_id, worker=leg.worker.worker_id)
            leg.worker.perform(HangUp(leg_id, HangupCause.FAILED))
            self._forget_leg(leg_id, lingers=True)
            self._close_browser(leg_id)
        self._speech.close_call(call_id)
        for worker_id in self._placement.close_call(call_id):
            self._placement.workers[worker_id].condemned = True
        self._balance()
        if not self._calls:
            for empty in self._empty:
                if not empty.done():
                    empty.set_result(None)
            self._empty.clear()

    # --- legs -----------------------------------------------------------------------------------------

    def _dial(self, call_id: str, command: Dial) -> None:
        leg_id = command.leg_id
        if not self._placement.knows_call(call_id):
            log.error("dial for a call that is not open", call_id=call_id)
            self._report_soon(call_id, LegEnded(leg_id, HangupCause.FAILED))
            return
        endpoint, generation = command.endpoint, self._placement.generation_of(call_id)
        self._speech.dialled(call_id, endpoint)
        call = self._calls[call_id]
        worker_id = self._scaler.find_room(
            generation,
            lambda scarce: self._placement.place_leg(call_id, leg_id, endpoint == call.shopper, scarce),
        )
        if worker_id is None:
            self._refuse(call_id, leg_id, "no media worker has room for a leg")
            return
        leg = self._legs[leg_id] = _LiveLeg(call_id, self._supervisor.workers[worker_id], endpoint)
        if not isinstance(endpoint, BrowserEndpoint):
            self._dial_out(call_id, leg_id, endpoint)
            return
        if self._traits.browsers is None:
            self._direct.open(leg_id, leg.worker)
            self._send_dial(command)
            return
        leg.dialled, leg.by_browser_worker = False, True
        if not self._browsers.open(leg_id, generation, call.codecs, endpoint.audio):
            self._forget_leg(leg_id)
            self._refuse(call_id, leg_id, "no browser worker has room for a leg")

    def _dial_out(self, call_id: str, leg_id: str, endpoint: SipEndpoint) -> None:
        arranged = self._trunks.arrange(endpoint)
        if arranged is None:
            self._forget_leg(leg_id)
            self._refuse(call_id, leg_id, "every trunk that could carry a leg asked to be left alone")
        else:
            self._send_dial(Dial(leg_id, arranged))

    def _refuse(self, call_id: str, leg_id: str, why: str) -> None:
        log.warning(why, call_id=call_id)
        self._report_soon(call_id, LegEnded(leg_id, HangupCause.CONGESTION))

    def _report_soon(self, call_id: str, event: LegEvent) -> None:
        self._loop.call_soon(self._report, call_id, event)

    def _send_dial(self, command: Dial) -> None:
        worker = self._legs[command.leg_id].worker
        if worker.state is WorkerState.STARTING and not worker.waiting:
            self._loop.call_later(self._timing.ready, self._give_up_waiting, worker)
        worker.perform(command)

    def _join(self, command: Join, leg: _LiveLeg, other: _LiveLeg | None) -> None:
        if other is None:
            return
        self._speech.hush(command.leg_id)
        self._speech.hush(command.other_leg_id)
        if leg.worker is other.worker:
            leg.worker.perform(command)
        else:
            self._ties.join(leg.call_id, (command.leg_id, leg.worker), (command.other_leg_id, other.worker))
        if leg.answered and other.answered:
            self._placement.bridged(leg.call_id)

    def _cut(self, end: TieEnd) -> None:
        """Without its tie a leg is heard by nobody: it ends, and the call decides what follows."""
        end.worker.perform(HangUp(end.leg_id, HangupCause.FAILED))

    def _give_up_waiting(self, worker: Worker) -> None:
        """Nobody waits longer than this for a worker: its legs end, whatever becomes of it."""
        if worker.state is WorkerState.STARTING:
            worker.waiting.clear()
            for leg_id in [leg_id for leg_id, leg in self._legs.items() if leg.worker is worker]:
                self._leg_ended(leg_id, LegEnded(leg_id, HangupCause.CONGESTION))

    def _leg_ended(self, leg_id: str, event: LegEnded, *, lingers: bool = False) -> None:
        """The way legs end: off the books, and reported, once."""
        leg = self._forget_leg(leg_id, lingers=lingers)
        self._close_browser(leg_id)
        self._report_soon(leg.call_id, event)

    def _close_browser(self, leg_id: str) -> None:
        self._browsers.close(leg_id)
        self._direct.close(leg_id)

    def _forget_leg(self, leg_id: str, *, lingers: bool = False) -> _LiveLeg:
        """Take a leg off the books; one that lingers keeps its slot until its worker says that it ended."""
        leg = self._legs.pop(leg_id)
        if not lingers:
            self._placement.end(leg_id)
        self._ties.end(leg_id)
        self._speech.hush(leg_id)
        return leg

    # --- media.browser_worker_legs.BrowserLegsOwner ---------------------------------------------------

    def browser_opened(self, leg_id: str, uri: str) -> None:
        """Let the leg's phone worker dial its browser worker."""
        leg = self._legs[leg_id]
        of = leg.endpoint
        leg.dialled = True
        endpoint = SipEndpoint(of.destination, of.label, uri, None, media_timeout=of.media_timeout)
        self._send_dial(Dial(leg_id, endpoint))

    def browser_lost(self, leg_id: str, cause: HangupCause) -> None:
        """End the leg; its phone worker would wait for its browser worker's BYE in vain.

        A phone worker that sends BYE is rid of the leg, and the shopper may be rung again in its slot. CANCEL
        takes 32 s when nobody answers it.
        """
        leg = self._legs[leg_id]
        begun, answered = leg.begun, leg.answered
        if begun:
            leg.worker.perform(HangUp(leg_id, cause))
        else:
            leg.worker.forget_leg(leg_id)
        self._leg_ended(leg_id, LegEnded(leg_id, cause), lingers=begun and not answered)

    # --- media.supervisor.SupervisorOwner -------------------------------------------------------------

    def worker_ready(self, worker: Worker) -> None:
        """Note that a worker takes legs."""
        if worker.role == "calls":
            self._placement.workers[worker.worker_id].ready = True
            self._direct.worker_ready(worker)
        elif worker.role == "browser":
            self._browsers.worker_ready(worker)
        self._changed.set()

    def worker_reported(self, worker: Worker, event: LegEvent) -> None:
        """Take a report: on a tie for the tie, on a leg for its call."""
        leg_id = event.leg_id
        if self._ties.take(event):
            return
        leg = self._legs.get(leg_id)
        if leg is not None and isinstance(event, LegFaltered | LegRecovered):
            self._report_soon(leg.call_id, event)  # of a phone, or of the browser itself
        elif leg is None or leg.worker is not worker:
            log.debug("report on a leg that has ended", event_kind=type(event).__name__)
            if isinstance(event, LegEnded) and self._placement.worker_of(leg_id) == worker.worker_id:
                self._placement.end(leg_id)  # it outlived its call, or its browser
        elif isinstance(event, LegEnded) and leg.by_browser_worker and not leg.hung_up:
            self._forget_leg(leg_id)
            self._browsers.settle(event, leg.answered, partial(self._report_soon, leg.call_id))
        elif isinstance(event, LegEnded):
            self._leg_ended(leg_id, event)
        else:
            leg.answered = leg.answered or isinstance(event, LegAnswered)
            self._report_soon(leg.call_id, event)

    def worker_gone(self, worker: Worker, error: str) -> None:
        """Report every leg of a dead worker as ended; what never reached it was only short of room."""
        self._changed.set()
        self._registrations.worker_gone(worker)
        if worker.role == "registrar":
            if worker.ready_at is None and self._scaler.choose_ports_again():
                birth = self._scaler.birth()
                self._registrations.configure(birth.sip, birth.trunks, birth.shared_ports)
            return
        if worker.role == "browser":
            self._browsers.worker_gone(worker)
            return
        cause = HangupCause.CONGESTION if worker.ready_at is None else HangupCause.WORKER_LOST
        # Shoppers first: for a call that has lost its shopper nobody else is rung.
        gone = [leg_id for _, leg_id in self._placement.remove_worker(worker.worker_id)]
        ended: list[tuple[str, LegEvent]] = []
        for leg_id in sorted(gone, key=lambda leg_id: not self._is_shopper(leg_id)):
            if leg_id in self._legs:
                ended.append((self._forget_leg(leg_id).call_id, LegEnded(leg_id, cause)))
                self._close_browser(leg_id)
            else:
                self._ties.take(LegEnded(leg_id, cause))
        self._report_after(self._dialog_ender.end(self._dialog_log.take(worker.worker_id)), ended)

    def _report_after(self, farewells: asyncio.Future[Any], events: list[tuple[str, LegEvent]]) -> None:
        """Report how legs ended once their phones were told, and soon in any case.

        Nobody is to be dialled again who is still in a call with nobody.
        """

        def tell(_: object = None) -> None:
            waiting, events[:] = list(events), []
            for call_id, event in waiting:
                self._report(call_id, event)

        farewells.add_done_callback(tell)
        self._loop.call_later(self._timing.farewell, tell)

    def _is_shopper(self, leg_id: str) -> bool:
        leg = self._legs.get(leg_id)
        call = self._calls.get(leg.call_id) if leg else None
        return leg is not None and call is not None and leg.endpoint == call.shopper

    def dialog_noted(self, worker: Worker, leg_id: str, sip_call_id: str, record: str) -> None:
        """Remember how a leg's dialog would be ended."""
        self._dialog_log.note(worker.worker_id, leg_id, sip_call_id, record)

    def trunk_registered(self, worker: Worker, trunk: str, registered: bool, status: int) -> None:
        """Pass on to the registrar."""
        self._registrations.trunk_registered(worker, trunk, registered, status)

    def trunk_routed(self, worker: Worker, trunk: str, routes: tuple[str, ...]) -> None:
        """Remember the Route headers that a trunk's registrar asks for."""
        if self._registrations.is_at_work(worker):
            self._trunks.routed(trunk, routes)

    def trunk_heard(self, worker: Worker, trunk: str, outcome: str, status: int, retry_after: float) -> None:
        """Remember how a trunk took a leg; a worker of old settings may mean another peer by its name."""
        if worker.generation == self._scaler.generation:
            self._trunks.called(trunk, outcome, status, retry_after)

    def sighted(self, sighting: Sighting) -> None:
        """Pass on to whoever looks."""
        self.traces.sighted(sighting)

    def worker_signalled(self, worker: Worker, leg_id: str, message: str) -> None:
        """Pass on to the browser legs, and so to the leg's browser."""
        if worker.role == "browser":
            self._browsers.worker_signalled(worker, leg_id, message)
        else:
            self._direct.worker_signalled(worker, leg_id, message)

    def browser_leg_ended(self, worker: Worker, leg_id: str, cause: str) -> None:
        """Pass on to the browser legs."""
        if worker.role == "browser":
            self._browsers.leg_ended(worker, leg_id, cause)
        else:
            self._direct.worker_ended(worker, leg_id)

    def look_again(self) -> None:
        """Bring the workers in line with what is wanted."""
        self._browsers.look_again(self._loop.time(), self._accepting)
        self._registrations.look_again(self._scaler.generation, self._loop.time())
        self._balance()

    def _balance(self) -> None:
        """Have no more workers and no fewer than are wanted."""
        self._scaler.retire(self._loop.time())
        if self._accepting:
            self._scaler.refill()
