"""The legs of this node's calls: commands go to the worker with the leg, events to the leg's call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import structlog

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp, Join, MediaCommand, Play, RecordLeg
from bridge.events import LegAnswered, LegEnded, LegEvent, LegFaltered, LegRecovered
from bridge.protocols import LegReport, OutOfCapacityError
from bridge.snapshot import CallSnapshot
from config.engines import EngineTraits
from media.browser_choices import codecs_toward
from media.browser_side import BrowserSide, BrowserSideOwner
from media.placement import Placement, reservation_for
from media.scaler import Scaler
from media.speech import SpeechPlayer
from media.supervisor import Supervisor
from media.ties import TieEnd, Ties
from media.timing import Timing
from media.trunk_watch import TrunkWatch
from media.worker import Worker, WorkerState
from routing.plan import BrowserEndpoint, CallPlan, Endpoint, SipEndpoint

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _OpenCall:
    """A call that is open: its shopper, and the codecs of its browsers."""

    shopper: Endpoint
    codecs: tuple[str, ...]


@dataclass(slots=True)
class PlacedLeg:
    """A leg that was dialled and has not ended."""

    call_id: str
    worker: Worker
    endpoint: Endpoint
    #: Whether its worker was told to dial; a leg with a browser worker has to open there first.
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


class CallLegs:
    """All open calls and their legs. ``report(call_id, event)`` is called from the event loop alone."""

    def __init__(
        self,
        engine: EngineTraits,
        supervisor: Supervisor,
        scaler: Scaler,
        placement: Placement,
        trunks: TrunkWatch,
        speech: SpeechPlayer,
        make_browsers: Callable[[BrowserSideOwner], BrowserSide],
        report: LegReport,
        timing: Timing,
    ) -> None:
        self.browsers = make_browsers(self)
        self.ties = Ties(placement, timing.tie, self._cut)
        #: By leg id: those that were dialled and have not ended.
        self.live: dict[str, PlacedLeg] = {}
        self._calls: dict[str, _OpenCall] = {}
        self._engine = engine
        self._supervisor = supervisor
        self._scaler = scaler
        self._placement = placement
        self._trunks = trunks
        self._speech = speech
        self._report = report
        self._timing = timing

    # --- calls ----------------------------------------------------------------------------------------

    def count_calls(self) -> int:
        """Calls that are open."""
        return len(self._calls)

    def open_call(self, call_id: str, plan: CallPlan) -> None:
        """Reserve slots for a call; :class:`OutOfCapacityError` if there are none."""
        reservation, generation = reservation_for(plan, self._engine), self._scaler.generation
        home = self._scaler.find_slots(
            generation, lambda scarce: self._placement.open_call(call_id, reservation, generation, scarce)
        )
        if home is None:
            raise OutOfCapacityError
        trunks = self._scaler.config_of(generation).trunks
        self._calls[call_id] = _OpenCall(plan.shopper, codecs_toward(plan, trunks))
        self._speech.open_call(call_id, plan)

    def resume_call(self, known: CallSnapshot, live: Collection[str]) -> None:
        """Carry on with a call of another core in the one worker that there is, on the legs that live."""
        call_id = known.call_id
        self.open_call(call_id, known.plan)
        generation, codecs = self._placement.generation_of(call_id), self._calls[call_id].codecs
        for leg in known.legs:
            if leg.leg_id not in live:
                continue
            worker_id = self._placement.place_leg(call_id, leg.leg_id, leg.role == "shopper", scarce=True)
            if worker_id is None:
                raise OutOfCapacityError
            placed = PlacedLeg(call_id, self._supervisor.workers[worker_id], leg.endpoint, answered=True)
            self.live[leg.leg_id] = placed
            if isinstance(leg.endpoint, BrowserEndpoint):
                self.browsers.open(leg.leg_id, placed.worker, generation, codecs, leg.endpoint.audio)
        if len(live) > 1:
            self._placement.bridged(call_id)

    def keeper_of(self, known: CallSnapshot | None) -> Worker | None:
        """The worker that has both legs of a bridged call."""
        legs = [self.live.get(leg_id) for leg_id in known.talking] if known is not None else []
        workers = {id(leg.worker): leg.worker for leg in legs if leg is not None}
        return next(iter(workers.values())) if len(workers) == 1 and None not in legs else None

    def perform(self, call_id: str, command: MediaCommand) -> None:
        """Carry out one command; does nothing for a leg that has ended."""
        if isinstance(command, Dial):
            self._dial(call_id, command)
            return
        leg = self.live.get(command.leg_id)
        if leg is None:
            log.debug("command for a leg that has ended", call_id=call_id, command=type(command).__name__)
            return
        match command:
            case Join(other_leg_id=other_leg_id):
                self._join(command, leg, self.live.get(other_leg_id))
            case HangUp(leg_id=leg_id, cause=cause) if not leg.begun:
                leg.worker.forget_leg(leg_id)
                self._leg_ended(leg_id, LegEnded(leg_id, cause))
            case HangUp(leg_id=leg_id):
                leg.hung_up = True
                self._speech.hush(leg_id)
                leg.worker.perform(command)
            case Play(leg_id=leg_id):
                self.ties.part(leg_id)
                self._speech.play(call_id, command, leg.worker.perform)
            case RecordLeg(leg_id=leg_id):  # the leg hears silence meanwhile
                self.ties.part(leg_id)
                self._speech.hush(leg_id)
                leg.worker.perform(command)
            case _:
                leg.worker.perform(command)

    def close_call(self, call_id: str) -> None:
        """Free a call's slots. A worker that still holds a leg of it will be replaced."""
        self._calls.pop(call_id, None)
        for leg_id, leg in [(leg_id, leg) for leg_id, leg in self.live.items() if leg.call_id == call_id]:
            log.error("leg outlived its call", call_id=call_id, leg_id=leg_id, worker=leg.worker.worker_id)
            leg.worker.perform(HangUp(leg_id, HangupCause.FAILED))
            self._forget_leg(leg_id, lingers=True)
            self.browsers.close(leg_id)
        self._speech.close_call(call_id)
        for worker_id in self._placement.close_call(call_id):
            self._placement.workers[worker_id].condemned = True

    # --- what workers report --------------------------------------------------------------------------

    def worker_reported(self, worker: Worker, event: LegEvent) -> None:
        """Pass a report to its tie, or to the call of its leg."""
        leg_id = event.leg_id
        if self.ties.take(event):
            return
        leg = self.live.get(leg_id)
        if leg is not None and isinstance(event, LegFaltered | LegRecovered):
            self._report_soon(leg.call_id, event)  # from the phone worker, or from the browser worker
        elif leg is None or leg.worker is not worker:
            log.debug("report on a leg that has ended", event_kind=type(event).__name__)
            if isinstance(event, LegEnded) and self._placement.worker_of(leg_id) == worker.worker_id:
                self._placement.end(leg_id)  # it outlived its call or its browser
        elif isinstance(event, LegEnded) and leg.by_browser_worker and not leg.hung_up:
            self._forget_leg(leg_id)
            self.browsers.settle(event, leg.answered, partial(self._report_soon, leg.call_id))
        elif isinstance(event, LegEnded):
            self._leg_ended(leg_id, event)
        else:
            leg.answered = leg.answered or isinstance(event, LegAnswered)
            self._report_soon(leg.call_id, event)

    def worker_gone(self, worker: Worker, hung_up: asyncio.Future[Any]) -> None:
        """Report every leg of a dead worker as ended, once ``hung_up`` is done: its peers know.

        Legs that the worker never knew ended for want of a worker.
        """
        cause = HangupCause.CONGESTION if worker.ready_at is None else HangupCause.WORKER_LOST
        # Shoppers first: a call that has lost its shopper rings nobody else.
        gone = [leg_id for _, leg_id in self._placement.remove_worker(worker.worker_id)]
        ended: list[tuple[str, LegEvent]] = []
        for leg_id in sorted(gone, key=lambda leg_id: not self._is_shopper(leg_id)):
            if leg_id in self.live:
                ended.append((self._forget_leg(leg_id).call_id, LegEnded(leg_id, cause)))
                self.browsers.close(leg_id)
            else:
                self.ties.take(LegEnded(leg_id, cause))
        self._report_after(hung_up, ended)

    # --- media.browser_side.BrowserSideOwner ----------------------------------------------------------

    def browser_opened(self, leg_id: str, uri: str) -> None:
        """Let the leg's phone worker dial the browser worker."""
        leg = self.live[leg_id]
        of = leg.endpoint
        leg.dialled = True
        endpoint = SipEndpoint(of.destination, of.label, uri, None, media_timeout=of.media_timeout)
        self._send_dial(Dial(leg_id, endpoint))

    def browser_lost(self, leg_id: str, cause: HangupCause) -> None:
        """End the leg, because no BYE will come from the browser worker.

        After BYE the phone worker's slot is free at once, and the shopper may be rung again in it. A CANCEL
        that nobody answers takes 32 s.
        """
        leg = self.live[leg_id]
        begun, answered = leg.begun, leg.answered
        if begun:
            leg.worker.perform(HangUp(leg_id, cause))
        else:
            leg.worker.forget_leg(leg_id)
        self._leg_ended(leg_id, LegEnded(leg_id, cause), lingers=begun and not answered)

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
        worker_id = self._scaler.find_slots(
            generation,
            lambda scarce: self._placement.place_leg(call_id, leg_id, endpoint == call.shopper, scarce),
        )
        if worker_id is None:
            self._refuse(call_id, leg_id, "no media worker has room for a leg")
            return
        leg = self.live[leg_id] = PlacedLeg(call_id, self._supervisor.workers[worker_id], endpoint)
        if not isinstance(endpoint, BrowserEndpoint):
            self._dial_out(call_id, command, endpoint)
            return
        match self.browsers.open(leg_id, leg.worker, generation, call.codecs, endpoint.audio):
            case "dial":
                self._send_dial(command)
            case "wait":
                leg.dialled, leg.by_browser_worker = False, True
            case "full":
                self._forget_leg(leg_id)
                self._refuse(call_id, leg_id, "no browser worker has room for a leg")

    def _dial_out(self, call_id: str, command: Dial, endpoint: SipEndpoint) -> None:
        arranged, leg_id = self._trunks.arrange(endpoint), command.leg_id
        if arranged is None:
            self._forget_leg(leg_id)
            self._refuse(call_id, leg_id, "every trunk for a leg asked us to wait (Retry-After)")
        else:
            self._send_dial(replace(command, endpoint=arranged))

    def _refuse(self, call_id: str, leg_id: str, why: str) -> None:
        log.warning(why, call_id=call_id)
        self._report_soon(call_id, LegEnded(leg_id, HangupCause.CONGESTION))

    def _report_soon(self, call_id: str, event: LegEvent) -> None:
        asyncio.get_running_loop().call_soon(self._report, call_id, event)

    def _send_dial(self, command: Dial) -> None:
        worker = self.live[command.leg_id].worker
        if worker.state is WorkerState.STARTING and not worker.waiting:
            asyncio.get_running_loop().call_later(self._timing.ready, self._give_up_waiting, worker)
        worker.perform(command)

    def _join(self, command: Join, leg: PlacedLeg, other: PlacedLeg | None) -> None:
        if other is None:
            return
        self._speech.hush(command.leg_id)
        self._speech.hush(command.other_leg_id)
        if leg.worker is other.worker:
            leg.worker.perform(command)
        else:
            self.ties.join(leg.call_id, (command.leg_id, leg.worker), (command.other_leg_id, other.worker))
        if leg.answered and other.answered:
            self._placement.bridged(leg.call_id)

    def _cut(self, end: TieEnd) -> None:
        """A leg without its tie is cut off: it ends, and the call decides what follows."""
        end.worker.perform(HangUp(end.leg_id, HangupCause.FAILED))

    def _give_up_waiting(self, worker: Worker) -> None:
        """A worker takes too long to start: its legs end, whether it starts later or not."""
        if worker.state is WorkerState.STARTING:
            worker.waiting.clear()
            for leg_id in [leg_id for leg_id, leg in self.live.items() if leg.worker is worker]:
                self._leg_ended(leg_id, LegEnded(leg_id, HangupCause.CONGESTION))

    def _leg_ended(self, leg_id: str, event: LegEnded, *, lingers: bool = False) -> None:
        """A leg ends: remove it, and report that once."""
        leg = self._forget_leg(leg_id, lingers=lingers)
        self.browsers.close(leg_id)
        self._report_soon(leg.call_id, event)

    def _forget_leg(self, leg_id: str, *, lingers: bool = False) -> PlacedLeg:
        """Remove a leg. If it ``lingers``, it keeps its slot until its worker reports its end."""
        leg = self.live.pop(leg_id)
        if not lingers:
            self._placement.end(leg_id)
        self.ties.end(leg_id)
        self._speech.hush(leg_id)
        return leg

    def _report_after(self, hung_up: asyncio.Future[Any], events: list[tuple[str, LegEvent]]) -> None:
        """Report the ends of legs once their phones were told, or soon in any case.

        A phone that does not know yet would be busy when it is dialled again.
        """

        def tell(_: object = None) -> None:
            waiting, events[:] = list(events), []
            for call_id, event in waiting:
                self._report(call_id, event)

        hung_up.add_done_callback(tell)
        asyncio.get_running_loop().call_later(self._timing.farewell, tell)

    def _is_shopper(self, leg_id: str) -> bool:
        leg = self.live.get(leg_id)
        call = self._calls.get(leg.call_id) if leg else None
        return leg is not None and call is not None and leg.endpoint == call.shopper
