"""The call machine: events in, commands and facts out. It performs nothing and knows no clock.

An event first moves its leg (``legs.LEG_TRANSITIONS``). What that means for the call (``call_moves.py``) is a
:class:`Trigger`; ``call_states.py`` goes where it leads.
"""

from __future__ import annotations

from collections import deque

from bridge.attendance import Attendance
from bridge.call_moves import CallMoves
from bridge.call_states import SEEKING
from bridge.causes import Disposition, HangupCause
from bridge.commands import Command, WriteCdr
from bridge.dispositions import Ending
from bridge.events import (
    AudioHeard,
    CallbackBooked,
    CallbackRefused,
    CallRequested,
    CancelRequested,
    DeskEvent,
    Event,
    HangUpRequested,
    HoldRequested,
    LegEnded,
    PageAnswered,
    QueueMoved,
    ResumeRequested,
    RouteAnswered,
    Timer,
    TimerExpired,
    TransferCompleted,
    TransferRequested,
    TurnCame,
)
from bridge.facts import CallEnded, CallStarted, Fact
from bridge.legs import IllegalEventError, LegState
from bridge.losses import lost_last
from bridge.progress import CallState
from bridge.snapshot import CallSnapshot
from bridge.transitions import Trigger
from routing.plan import CallPlan, ClickToCall, PlannedStep


class CallMachine(CallMoves):
    """One call from the click to its CDR.

    ``handle`` takes every event, in any order and however late, and returns the commands to perform. It
    never raises for an event that a worker, a queue or a timer could send.
    """

    def __init__(self, call_id: str, plan: CallPlan, click: ClickToCall, requested_at: float) -> None:
        super().__init__(call_id, plan, click, requested_at)
        #: What went against the tables, for the log; None in a healthy call.
        self.fault: str | None = None
        #: The last events, oldest first, for the log of a fault.
        self.history: deque[tuple[float, Event]] = deque(maxlen=50)

    def handle(self, event: Event, at: float) -> list[Command]:
        """Take one event that happened at ``at`` (seconds since the epoch); return what is to be done."""
        self._work.out, self._work.facts, self._work.at = [], [], at
        if not isinstance(event, AudioHeard):  # one every few seconds would push out what matters
            self.history.append((at, event))
        try:
            self._dispatch(event)
        except IllegalEventError as illegal:
            self.fault = f"{event}: {illegal}"
            self._end(Ending.FAULT, HangupCause.FAILED)
        self._talks.follow(self._talkers)
        record = self._record_if_gone()
        if not self._asking:  # else there is more in a moment
            self._progress()
        if record:  # last: nothing follows a call's record
            self._work.out.append(WriteCdr(record))
            self._work.true(CallEnded, record=record)
        return self._work.out

    def resume(self, known: CallSnapshot, at: float) -> list[Command]:
        """Go on with a bridged call of another core, which this machine was made for; as :meth:`handle`."""
        self._work.out, self._work.facts, self._work.at = [], [], at
        self._resume(known)
        self._talks.follow(self._talkers)
        self._progress()
        return self._work.out

    @property
    def facts(self) -> list[Fact]:
        """What the event that was handled last has made true."""
        return self._work.facts

    # --- events ---------------------------------------------------------------------------------------------

    def _dispatch(self, event: Event) -> None:
        match event:
            case CallRequested():
                self._work.true(CallStarted, click=self.click, route=self.plan.route)
                self._begin()
            case CancelRequested():
                self._end(Ending.CANCELLED, HangupCause.CANCELLED)
            case TimerExpired(timer=timer, leg_id=leg_id):
                if (timer, leg_id) in self._work.timers:  # else it ran out while it was being stopped
                    self._work.timers.remove((timer, leg_id))
                    self._timer_expired(timer, leg_id)
            case QueueMoved(position=position, wait=wait):
                self._queue_moved(position, wait)
            case TurnCame(steps=steps):
                self._turn_came(steps)
            case RouteAnswered(steps=steps):
                self._route_answered(steps)
            case CallbackBooked() | CallbackRefused():
                self._booking_answered(event)
            case (
                HoldRequested()
                | ResumeRequested()
                | TransferRequested()
                | TransferCompleted()
                | HangUpRequested()
                | PageAnswered()
            ):
                self._desk_event(event)
            case _:
                self._leg_event(event)

    def _timer_expired(self, timer: Timer, leg_id: str | None) -> None:
        match timer:
            case Timer.RING if leg_id is not None and self.legs[leg_id] is self._shopper:
                self._work.hang_up(self._shopper, HangupCause.RING_TIMEOUT)
                self._end(Ending.SHOPPER_NOT_REACHED, HangupCause.RING_TIMEOUT)
            case Timer.RING if leg_id is not None:
                self._give_up(self.legs[leg_id], HangupCause.RING_TIMEOUT)
            case Timer.SCREENING if leg_id is not None:
                self._give_up(self.legs[leg_id], HangupCause.NOT_ACCEPTED)
            case Timer.STEP:
                self._go_on(self._seeking.step_over())
            case Timer.NEXT:
                self._seeking.ring_due()
            case Timer.WHISPER:
                self._taken()
            case Timer.QUEUE:
                self._waited_too_long()
            case Timer.ANNOUNCE:
                self._announce()
            case Timer.BEEP if self._message:
                self._message.beeped()
            case Timer.DURATION:
                self._end(Ending.TIME_LIMIT, HangupCause.TIME_LIMIT)
            case Timer.ENDING:
                self._booking.pending = False
                for leg in self.legs.values():
                    if leg.state is not LegState.ENDED:
                        self._work.take(leg, LegEnded(leg.leg_id, leg.cause or HangupCause.FAILED))
                        self._talks.leg_gone(leg.leg_id)

    def _route_answered(self, steps: tuple[PlannedStep, ...]) -> None:
        if not self._asking:
            return
        self._asking = False
        self._hunting.reset(lost_last(steps, self._lost))
        self._go_on(self._hunting.begin())
        if self.state in SEEKING and not self._ear.announcing:
            self._play_background()

    # --- the queue, and callbacks ---------------------------------------------------------------------------

    def _queue_moved(self, position: int, wait: float) -> None:
        waiting = self._waiting
        if waiting is None or self.state is not CallState.QUEUED:
            return
        waiting.moved(position, wait)
        if not waiting.told and not self._ear.announcing:
            self._announce()

    def _turn_came(self, steps: tuple[PlannedStep, ...]) -> None:
        if self.state is not CallState.QUEUED:
            return
        self._work.stop(Timer.ANNOUNCE)
        if not steps:
            self._nobody_takes_it()
            return
        self._hunting.reset(steps)
        self._trigger(Trigger.HUNT)

    def _waited_too_long(self) -> None:
        assert self._waiting is not None  # noqa: S101 - its timer runs
        self._waiting.over = True
        if self.state is CallState.QUEUED:
            self._nobody_takes_it()

    def _booking_answered(self, answer: CallbackBooked | CallbackRefused) -> None:
        if not self._booking.pending:
            return
        self._booking.answered(answer)
        if isinstance(answer, CallbackBooked):
            self._outcome.settle(Disposition.CALLBACK_BOOKED, self._why())
        if self.state is not CallState.BOOKING_CALLBACK:
            return
        if self._shopper is None:
            self._end(Ending.HUNT_EXHAUSTED, self._why())
        elif not self._ear.announcing:
            self._tell_callback()

    # --- what the desk asks for -----------------------------------------------------------------------------

    def _desk_event(self, event: DeskEvent) -> None:
        attendance = self._attendance
        if attendance is None or event.leg_id != attendance.agent.leg_id:
            return
        match event:
            case HoldRequested() if not attendance.held:
                attendance.hold()
            case ResumeRequested() if attendance.held:
                attendance.talk()
            case TransferRequested(steps=steps, attended=True):
                attendance.seek(steps)
            case TransferRequested(steps=steps):
                self._pass_on(attendance, steps)
            case TransferCompleted() if attendance.consult:
                self._hand_over()
            case HangUpRequested():
                self._work.hang_up(attendance.agent, HangupCause.NORMAL)
                self._end(Ending.BUSINESS_LEFT, HangupCause.NORMAL)
            case PageAnswered(words=words):
                attendance.answer_page(words)

    def _pass_on(self, attendance: Attendance, steps: tuple[PlannedStep, ...]) -> None:
        """The agent leaves; somebody in these steps is to take the call."""
        attendance.drop_consult(HangupCause.CANCELLED)
        self._part_with(attendance.agent)
        self._hunting.reset(steps)
        self._trigger(Trigger.TRANSFER)
