"""The call machine: events in, commands out. It performs nothing and knows no clock.

A call is a :class:`CallState` and its legs. An event first moves its leg (``legs.LEG_TRANSITIONS``); what
that means for the call is a :class:`Trigger`, and :data:`CALL_TRANSITIONS` says where each trigger leads.
Entering a state gives the commands that belong to it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from enum import StrEnum

from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord, LegRole
from bridge.commands import (
    Command,
    Dial,
    HangUp,
    Join,
    Play,
    Publish,
    SendDtmf,
    Settle,
    StartTimer,
    StopTimer,
    WriteCdr,
)
from bridge.dispositions import Ending, judge
from bridge.events import (
    CallbackBooked,
    CallbackRefused,
    CallRequested,
    CancelRequested,
    Event,
    LegAnswered,
    LegDtmf,
    LegEnded,
    LegEvent,
    LegRinging,
    LegSilent,
    PromptFinished,
    QueueMoved,
    Timer,
    TimerExpired,
    TurnCame,
)
from bridge.hunt import Hunt, Ring
from bridge.legs import IllegalEventError, Leg, LegState
from bridge.progress import CallProgress, CallState
from routing.plan import CallPlan, ClickToCall, Endpoint

#: Seconds that ending legs have to report their end: longer than SIP's 64*T1 (RFC 3261 section 17.1.1.2).
ENDING_SECONDS = 40.0


class Trigger(StrEnum):
    """What an event means for the call as a whole."""

    REQUESTED = "requested"
    SHOPPER_ANSWERED = "shopper_answered"
    GREETING_DUE = "greeting_due"  # the shopper answered, and the business waits for the greeting
    GREETING_FINISHED = "greeting_finished"
    BUSINESS_ANSWERED = "business_answered"
    SHOPPER_LOST = "shopper_lost"  # our worker died, and the route says: dial once more
    BUSINESS_LOST = "business_lost"
    END = "end"
    LEGS_GONE = "legs_gone"


_C, _T = CallState, Trigger

#: ``CALL_TRANSITIONS[state][trigger]`` is the next state; a trigger without a row changes nothing.
CALL_TRANSITIONS: dict[CallState, dict[Trigger, CallState]] = {
    _C.REQUESTED: {
        _T.REQUESTED: _C.CALLING_SHOPPER,
        _T.END: _C.ENDING,
    },
    _C.CALLING_SHOPPER: {
        _T.SHOPPER_ANSWERED: _C.HUNTING,
        _T.GREETING_DUE: _C.GREETING,
        _T.SHOPPER_LOST: _C.CALLING_SHOPPER,
        _T.END: _C.ENDING,
    },
    _C.GREETING: {
        _T.GREETING_FINISHED: _C.HUNTING,
        _T.SHOPPER_LOST: _C.CALLING_SHOPPER,
        _T.END: _C.ENDING,
    },
    _C.HUNTING: {
        _T.BUSINESS_ANSWERED: _C.BRIDGED,
        _T.SHOPPER_LOST: _C.CALLING_SHOPPER,
        _T.END: _C.ENDING,
    },
    _C.BRIDGED: {
        _T.BUSINESS_LOST: _C.HUNTING,
        _T.SHOPPER_LOST: _C.CALLING_SHOPPER,
        _T.END: _C.ENDING,
    },
    _C.ENDING: {
        _T.LEGS_GONE: _C.ENDED,
    },
    _C.ENDED: {},
}


class CallMachine:
    """One call from the click to its CDR.

    ``handle`` takes every event, in any order and however late, and returns the commands to perform. It
    never raises for an event that a worker or a timer could send.
    """

    def __init__(self, call_id: str, plan: CallPlan, click: ClickToCall, requested_at: float) -> None:
        self.call_id = call_id
        self.plan = plan
        self.click = click
        self.requested_at = requested_at
        self.state = CallState.REQUESTED
        self.legs: dict[str, Leg] = {}
        self.disposition: Disposition | None = None
        self.cause: HangupCause | None = None
        #: What went against the tables, for the log; None in a healthy call.
        self.fault: str | None = None
        #: The last events, oldest first, for the log of a fault.
        self.history: deque[tuple[float, Event]] = deque(maxlen=50)
        self._hunt = Hunt(plan.steps)
        self._shopper: Leg | None = None
        self._winner: Leg | None = None
        self._bridged_at: float | None = None
        self._greeting = False
        self._redial_left = plan.on_loss == "redial"
        self._resume_left = plan.on_loss == "redial"
        self._timers: set[tuple[Timer, str | None]] = set()
        self._out: list[Command] = []
        self._at = requested_at
        self.progress = CallProgress(call_id, plan.site, 0, requested_at, self.state, attempts=plan.attempts)

    def handle(self, event: Event, at: float) -> list[Command]:
        """Take one event that happened at ``at`` (seconds since the epoch); return what is to be done."""
        self._out, self._at = [], at
        self.history.append((at, event))
        try:
            self._dispatch(event)
        except IllegalEventError as illegal:
            self.fault = f"{event}: {illegal}"
            self._end(Ending.FAULT, HangupCause.FAILED)
        self._settle_if_gone()
        self._publish()
        return self._reordered()

    @property
    def step(self) -> str:
        """The name of the ring step that the hunt is in."""
        return self._hunt.step

    # --- events ---------------------------------------------------------------------------------------

    def _dispatch(self, event: Event) -> None:
        match event:
            case CallRequested():
                self._trigger(Trigger.REQUESTED)
            case CancelRequested():
                self._end(Ending.CANCELLED, HangupCause.CANCELLED)
            case TimerExpired(timer=timer, leg_id=leg_id):
                if (timer, leg_id) in self._timers:  # else it ran out while it was being stopped
                    self._timers.remove((timer, leg_id))
                    self._timer_expired(timer, leg_id)
            case QueueMoved() | TurnCame() | CallbackBooked() | CallbackRefused():
                pass  # not asked for yet
            case _:
                self._leg_event(event)

    def _timer_expired(self, timer: Timer, leg_id: str | None) -> None:
        match timer:
            case Timer.RING if leg_id is not None and self.legs[leg_id] is self._shopper:
                self._hang_up(self._shopper, HangupCause.RING_TIMEOUT)
                self._end(Ending.SHOPPER_NOT_REACHED, HangupCause.RING_TIMEOUT)
            case Timer.RING if leg_id is not None:
                self._hang_up(self.legs[leg_id], HangupCause.RING_TIMEOUT)
                self._attempt_failed(self.legs[leg_id], HangupCause.RING_TIMEOUT)
            case Timer.STEP:
                for leg in self._pending_business():
                    self._hunt.failed(leg.endpoint, HangupCause.RING_TIMEOUT)
                self._hang_up_business(HangupCause.RING_TIMEOUT)
                self._ring_next()
            case Timer.NEXT:
                self._ring(self._hunt.due(self._at))
            case Timer.DURATION:
                self._end(Ending.TIME_LIMIT, HangupCause.TIME_LIMIT)
            case Timer.ENDING:
                for leg in self.legs.values():
                    if leg.state is not LegState.ENDED:
                        leg.take(LegEnded(leg.leg_id, leg.cause or HangupCause.FAILED), self._at)

    def _leg_event(self, event: LegEvent) -> None:
        leg = self.legs.get(event.leg_id)
        if leg is None:
            raise IllegalEventError("no such leg")
        before = leg.take(event, self._at)
        if before in (LegState.ENDING, LegState.ENDED):
            return
        match event:
            case LegRinging() if leg.role == "business":
                self._early_media()
            case LegAnswered() if before in (LegState.DIALING, LegState.RINGING):
                self._stop(Timer.RING, leg.leg_id)
                self._answered(leg)
            case LegEnded(cause=cause):
                self._stop(Timer.RING, leg.leg_id)
                self._ended(leg, cause, before)
            case LegSilent():
                self._hang_up(leg, HangupCause.MEDIA_TIMEOUT)
                self._ended(leg, HangupCause.MEDIA_TIMEOUT, before)
            case PromptFinished() if leg is self._shopper and self._greeting:
                self._greeting = False
                self._greeting_finished()
            case LegDtmf(digit=digit):
                self._relay(leg, digit)

    def _answered(self, leg: Leg) -> None:
        if leg.role == "business":
            self._winner = leg
            self._trigger(Trigger.BUSINESS_ANSWERED)
            return
        self._start(Timer.DURATION, self.plan.max_duration)
        wait = self.plan.dial_business == "after_greeting" and self.plan.greeting is not None
        self._trigger(Trigger.GREETING_DUE if wait else Trigger.SHOPPER_ANSWERED)
        self._play_greeting(leg)

    def _ended(self, leg: Leg, cause: HangupCause, before: LegState) -> None:
        lost = cause is HangupCause.WORKER_LOST
        if leg is self._shopper:
            if lost and self._redial_left and self.state is not CallState.ENDING:
                self._redial_left = False
                self._trigger(Trigger.SHOPPER_LOST)
            elif before in (LegState.DIALING, LegState.RINGING):
                self._end(Ending.SHOPPER_NOT_REACHED, cause)
            else:
                self._end(Ending.SHOPPER_LEFT, cause)
        elif leg is self._winner:
            if lost and self._resume_left and self._shopper and self._shopper.live:
                self._resume_left = False
                self._winner = None
                self._trigger(Trigger.BUSINESS_LOST)
            else:
                self._end(Ending.BUSINESS_LEFT, cause)
        elif self.state is CallState.HUNTING:
            self._attempt_failed(leg, cause)

    def _relay(self, leg: Leg, digit: str) -> None:
        """Pass a key to the other side: its telephone-event never crosses the mixer by itself."""
        other = self._winner if leg is self._shopper else self._shopper
        if self.state is CallState.BRIDGED and other is not None:
            self._command(other, SendDtmf(other.leg_id, digit))

    # --- the call's states ----------------------------------------------------------------------------

    def _trigger(self, trigger: Trigger) -> None:
        after = CALL_TRANSITIONS[self.state].get(trigger)
        if after is None:
            return
        before, self.state = self.state, after
        match after:
            case CallState.CALLING_SHOPPER:
                self._call_shopper()
            case CallState.HUNTING:
                self._begin_hunt(resumed=before is CallState.BRIDGED)
            case CallState.BRIDGED:
                self._bridge()

    def _call_shopper(self) -> None:
        """Dial the shopper: the first time, or again after a loss."""
        self._hang_up_business(HangupCause.PEER_ENDED)
        self._stop_all()
        self._greeting, self._winner = False, None
        self._hunt = Hunt(self.plan.steps)
        self._shopper = self._dial("shopper", self.plan.shopper)
        self._start(Timer.RING, self.plan.shopper_timeout, self._shopper.leg_id)

    def _play_greeting(self, shopper: Leg) -> None:
        if not shopper.live:  # the hunt was over before it began
            return
        if self.plan.greeting is None:
            self._command(shopper, Play(shopper.leg_id, self.plan.ringback, loop=True))
        else:
            self._greeting = True
            self._command(shopper, Play(shopper.leg_id, self.plan.greeting))

    def _greeting_finished(self) -> None:
        self._trigger(Trigger.GREETING_FINISHED)
        self._play_ringback()
        self._early_media()

    def _play_ringback(self) -> None:
        if self.state is CallState.HUNTING and self._shopper and self._shopper.live:
            self._command(self._shopper, Play(self._shopper.leg_id, self.plan.ringback, loop=True))

    def _begin_hunt(self, resumed: bool) -> None:
        self._hunt = Hunt(self.plan.steps)
        self._ring_next()
        if resumed:
            self._play_ringback()

    def _bridge(self) -> None:
        assert self._shopper is not None  # noqa: S101 - HUNTING has an answered shopper
        assert self._winner is not None  # noqa: S101 - BUSINESS_ANSWERED has just set it
        shopper, winner = self._shopper, self._winner
        self._greeting = False
        self._command(shopper, Join(shopper.leg_id, winner.leg_id))
        winner.order(Join(winner.leg_id, shopper.leg_id), self._at)
        self._stop(Timer.STEP)
        self._stop(Timer.NEXT)
        self._hang_up_business(HangupCause.ANSWERED_ELSEWHERE, spare=winner)
        if self._bridged_at is None:
            self._bridged_at = self._at
            self.disposition = Disposition.BRIDGED
            self._out.append(Settle(self.disposition, None, self._bridged_at))

    def _end(self, ending: Ending, cause: HangupCause) -> None:
        if Trigger.END not in CALL_TRANSITIONS[self.state]:
            return
        self.state = CALL_TRANSITIONS[self.state][Trigger.END]
        self.cause = cause
        self._stop_all()
        if self.disposition is None:
            self.disposition = judge(ending, cause, self._business_causes())
            self._out.append(Settle(self.disposition, cause, None))
        ours = {Ending.CANCELLED, Ending.TIME_LIMIT}
        for leg in self.legs.values():
            self._hang_up(leg, cause if ending in ours else HangupCause.PEER_ENDED)
        if any(leg.state is not LegState.ENDED for leg in self.legs.values()):
            self._start(Timer.ENDING, ENDING_SECONDS)

    def _settle_if_gone(self) -> None:
        if self.state is not CallState.ENDING:
            return
        if any(leg.state is not LegState.ENDED for leg in self.legs.values()):
            return
        self._trigger(Trigger.LEGS_GONE)
        self._stop_all()
        assert self.disposition is not None  # noqa: S101 - _end has set it
        self._out.append(
            WriteCdr(
                CallRecord(
                    call_id=self.call_id,
                    site=self.plan.site,
                    route=self.plan.route,
                    number=self.click.number,
                    page=self.click.page,
                    requested_at=self.requested_at,
                    bridged_at=self._bridged_at,
                    ended_at=self._at,
                    disposition=self.disposition,
                    cause=self.cause,
                    legs=tuple(leg.record(self._at) for leg in self.legs.values()),
                )
            )
        )

    # --- the hunt -------------------------------------------------------------------------------------

    def _ring_next(self) -> None:
        """Ring what comes next in the hunt; with nothing left the call ends."""
        ring = self._hunt.next(self._at)
        if ring is None:
            causes = self._business_causes()
            self._end(Ending.HUNT_EXHAUSTED, causes[-1] if causes else HangupCause.NO_ANSWER)
            return
        if ring.timeout is not None:
            self._start(Timer.STEP, ring.timeout)
        self._ring(ring)

    def _ring(self, ring: Ring) -> None:
        """Dial what a ring names."""
        for ringing in ring.ringing:
            leg = self._dial("business", ringing.endpoint)
            if ringing.timeout is not None:
                self._start(Timer.RING, ringing.timeout, leg.leg_id)
        self._await_next()

    def _await_next(self) -> None:
        """Set the clock for those of the group that ring later."""
        self._stop(Timer.NEXT)
        later = self._hunt.later(self._at)
        if later is not None:
            self._start(Timer.NEXT, later)

    def _attempt_failed(self, leg: Leg, cause: HangupCause) -> None:
        """One destination did not take the call: what its step says of that, then whoever is next."""
        if self._hunt.failed(leg.endpoint, cause) in ("next_step", "end"):
            self._hang_up_business(HangupCause.RING_TIMEOUT)
        if follow := self._hunt.follow(leg.endpoint, self._at):
            self._ring(follow)
        if self._pending_business():
            self._await_next()
            self._early_media()
            return
        self._stop(Timer.STEP)
        self._stop(Timer.NEXT)
        if leg.early_media and self.plan.early_media and not self._greeting:
            self._play_ringback()
        self._ring_next()

    def _early_media(self) -> None:
        """Let the shopper hear the one ringing destination, where the route wants it (RFC 3960)."""
        pending = self._pending_business()
        if not self.plan.early_media or self._greeting or len(pending) != 1 or self._shopper is None:
            return
        if self.state is CallState.HUNTING and pending[0].early_media and self._shopper.live:
            pending[0].order(Join(pending[0].leg_id, self._shopper.leg_id), self._at)
            self._command(self._shopper, Join(self._shopper.leg_id, pending[0].leg_id))

    def _business_causes(self) -> list[HangupCause]:
        return [leg.cause for leg in self.legs.values() if leg.role == "business" and leg.cause]

    def _pending_business(self) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.role == "business" and leg.pending]

    # --- commands -------------------------------------------------------------------------------------

    def _dial(self, role: LegRole, endpoint: Endpoint) -> Leg:
        number = sum(leg.role == role for leg in self.legs.values()) + 1
        leg = Leg(f"{self.call_id}-{role[0]}{number}", role, endpoint, self._at)
        self.legs[leg.leg_id] = leg
        self._out.append(Dial(leg.leg_id, endpoint))
        return leg

    def _command(self, leg: Leg, command: Play | Join | SendDtmf | HangUp) -> None:
        leg.order(command, self._at)
        self._out.append(command)

    def _hang_up(self, leg: Leg, cause: HangupCause) -> None:
        if leg.live:
            self._command(leg, HangUp(leg.leg_id, cause))
            self._stop(Timer.RING, leg.leg_id)

    def _hang_up_business(self, cause: HangupCause, spare: Leg | None = None) -> None:
        for leg in self.legs.values():
            if leg.role == "business" and leg is not spare:
                self._hang_up(leg, cause)

    def _start(self, timer: Timer, seconds: float, leg_id: str | None = None) -> None:
        self._timers.add((timer, leg_id))
        self._out.append(StartTimer(timer, seconds, leg_id))

    def _stop(self, timer: Timer, leg_id: str | None = None) -> None:
        if (timer, leg_id) in self._timers:
            self._timers.remove((timer, leg_id))
            self._out.append(StopTimer(timer, leg_id))

    def _stop_all(self) -> None:
        for timer, leg_id in sorted(self._timers, key=str):
            self._stop(timer, leg_id)

    def _publish(self) -> None:
        shopper = self._shopper
        now = replace(
            self.progress,
            state=self.state,
            shopper_ringing=shopper is not None and shopper.state is LegState.RINGING,
            ringing=tuple(leg.endpoint.label for leg in self._pending_business()),
            attempt=self._hunt.attempt,
            attempts=self._hunt.attempts,
            connected_to=self._winner.endpoint.label if self._winner else None,
            held=any(leg.held for leg in self.legs.values() if leg.state is LegState.JOINED),
            disposition=self.disposition if self.state in (CallState.ENDING, CallState.ENDED) else None,
            cause=self.cause,
        )
        if now != self.progress:
            self.progress = replace(now, sequence=self.progress.sequence + 1, at=self._at)
            self._out.append(Publish(self.progress))

    def _reordered(self) -> list[Command]:
        """The commands with the CDR last: nothing follows a call's record."""
        return sorted(self._out, key=lambda command: isinstance(command, WriteCdr))
