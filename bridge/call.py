"""The call machine: events in, commands out. It performs nothing and knows no clock.

A call is a :class:`CallState` and its legs. An event first moves its leg (``legs.LEG_TRANSITIONS``); what
that means for the call is a :class:`Trigger`, and ``transitions.CALL_TRANSITIONS`` says where each trigger
leads. Entering a state gives the commands that belong to it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from bridge.attendance import Attendance
from bridge.booking import Booking
from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord, number_is_verified
from bridge.commands import (
    AskRoute,
    Command,
    Join,
    LegCommand,
    Play,
    SendDtmf,
    Settle,
    WriteCdr,
)
from bridge.departures import ENDINGS, FOLLOWS, Follow, Leaver, manner_of
from bridge.dispositions import Ending, judge
from bridge.events import (
    AnswererJudged,
    AudioHeard,
    CallbackBooked,
    CallbackRefused,
    CallRequested,
    CancelRequested,
    DeskEvent,
    Event,
    HangUpRequested,
    HoldRequested,
    LegAnswered,
    LegDtmf,
    LegEnded,
    LegEvent,
    LegRinging,
    LegSilent,
    PageAnswered,
    PromptFinished,
    QueueMoved,
    RecordingFinished,
    ResumeRequested,
    RouteAnswered,
    Timer,
    TimerExpired,
    TransferCompleted,
    TransferRequested,
    TurnCame,
)
from bridge.facts import (
    CallBridged,
    CallEnded,
    CallPassedOn,
    CallProgressed,
    CallQueued,
    CallStarted,
    Fact,
)
from bridge.hunting import Hunting
from bridge.legs import IllegalEventError, Leg, LegState
from bridge.legwork import Legwork
from bridge.losses import MOST_LOSSES, lost_last
from bridge.message import MessageTaking, Stage
from bridge.progress import CallProgress, CallState
from bridge.transitions import CALL_TRANSITIONS, Trigger
from bridge.waiting import Waiting
from routing.plan import (
    Apology,
    Audio,
    CallPlan,
    ClickToCall,
    Endpoint,
    OfferCallback,
    PlannedStep,
    TakeMessage,
)

#: Seconds that ending legs have to report their end: longer than SIP's 64*T1 (RFC 3261 section 17.1.1.2).
ENDING_SECONDS = 40.0
#: States in which somebody at the business is sought, and the shopper hears that.
SEEKING = (CallState.HUNTING, CallState.QUEUED)
#: The longest that whoever took the call is told about it before they are joined, in seconds.
LONGEST_WHISPER = 30.0


class CallMachine:
    """One call from the click to its CDR.

    ``handle`` takes every event, in any order and however late, and returns the commands to perform. It
    never raises for an event that a worker, a queue or a timer could send.
    """

    def __init__(self, call_id: str, plan: CallPlan, click: ClickToCall, requested_at: float) -> None:
        self.call_id = call_id
        self.plan = plan
        self.click = click
        self.requested_at = requested_at
        self.state = CallState.REQUESTED
        self._work = Legwork(call_id, requested_at)
        self.disposition: Disposition | None = None
        self.cause: HangupCause | None = None
        #: What went against the tables, for the log; None in a healthy call.
        self.fault: str | None = None
        #: The last events, oldest first, for the log of a fault.
        self.history: deque[tuple[float, Event]] = deque(maxlen=50)
        self._hunting = Hunting(self._work, plan.steps)
        self._shopper: Leg | None = None
        #: What is done with the call by whoever took it; there while it is bridged.
        self._attendance: Attendance | None = None
        self._bridged_at: float | None = None
        #: Whether the shopper hears what nothing may cut short but the bridge: the site's greeting, or that
        #: the business's leg broke off.
        self._greeting = False
        #: What the shopper is being told, to know its end from that of something it interrupted.
        self._saying: str | None = None
        self._waiting = self._new_waiting()
        self._message = _message_of(plan)
        self._booking = Booking(self._work)
        self._apology: Apology | None = None
        self._ending = Ending.CANCELLED
        self._redial_left = plan.on_loss == "redial"
        #: Whether the route is about to say who to ring.
        self._asking = False
        #: The business's phones that broke off under the call.
        self._lost: list[Endpoint] = []
        self.progress = CallProgress(call_id, plan.site, 0, requested_at, self.state, attempts=plan.attempts)

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
        record = self._record_if_gone()
        if not self._asking:  # else there is more in a moment
            self._progress()
        if record:  # last: nothing follows a call's record
            self._work.out.append(WriteCdr(record))
            self._true(CallEnded(call_id=self.call_id, at=at, record=record))
        return self._work.out

    @property
    def facts(self) -> list[Fact]:
        """What the event that was handled last has made true."""
        return self._work.facts

    @property
    def legs(self) -> dict[str, Leg]:
        """All legs of the call, by their ids."""
        return self._work.legs

    # --- events ---------------------------------------------------------------------------------------

    def _dispatch(self, event: Event) -> None:
        match event:
            case CallRequested():
                started = CallStarted(
                    call_id=self.call_id, at=self._work.at, click=self.click, route=self.plan.route
                )
                self._true(started)
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
            case Timer.BEEP if self._message and self._shopper:
                self._tell(self._message.beeped(self._shopper.leg_id))
            case Timer.DURATION:
                self._end(Ending.TIME_LIMIT, HangupCause.TIME_LIMIT)
            case Timer.ENDING:
                self._booking.pending = False
                for leg in self.legs.values():
                    if leg.state is not LegState.ENDED:
                        self._work.take(leg, LegEnded(leg.leg_id, leg.cause or HangupCause.FAILED))

    def _leg_event(self, event: LegEvent) -> None:
        leg = self.legs.get(event.leg_id)
        if leg is None:
            raise IllegalEventError("no such leg")
        heard_early = leg.early_media
        before = self._work.take(leg, event)
        if self.state is CallState.ENDED:  # it has its record: nothing follows that
            return
        if isinstance(event, RecordingFinished) and leg is self._shopper:
            self._recorded(leg, event)  # even of a leg that was hung up meanwhile
            return
        if before in (LegState.ENDING, LegState.ENDED):
            return
        match event:
            case LegRinging() if leg.role == "business":
                if heard_early and not leg.early_media:
                    self._early_media_stopped(leg)
                self._early_media()
            case LegAnswered() if before in (LegState.DIALING, LegState.RINGING):
                self._work.stop(Timer.RING, leg_id=leg.leg_id)
                self._answered(leg)
            case LegEnded(cause=cause):
                self._work.stop_clocks(leg)
                self._ended(leg, cause, before)
            case LegSilent():
                self._work.hang_up(leg, HangupCause.MEDIA_TIMEOUT)
                self._ended(leg, HangupCause.MEDIA_TIMEOUT, before)
            case PromptFinished(prompt=prompt) if leg is self._shopper and prompt == self._saying:
                self._prompt_finished(leg)
            case PromptFinished() if leg is self._hunting.winner:
                self._told(leg)
            case AnswererJudged(answerer="machine") if leg in self._seeking.asked:
                self._give_up(leg, HangupCause.MACHINE)
            case LegDtmf(digit=digit):
                self._key(leg, digit)

    def _answered(self, leg: Leg) -> None:
        if leg is not self._shopper:
            if self._seeking.answered(leg):
                self._accepted(leg)
            return
        self._work.start(Timer.DURATION, self.plan.max_duration)
        if self._hunting.winner is not None:
            self._trigger(Trigger.BRIDGE)
            return
        nobody_rings = not self.plan.steps and self._waiting is None
        if self.plan.greeting and (nobody_rings or self.plan.dial_business == "after_greeting"):
            self._trigger(Trigger.GREETING_DUE)
            self._play_greeting()
        else:
            self._seek_business()
            if self.state in SEEKING:
                self._play_greeting()

    def _ended(self, leg: Leg, cause: HangupCause, before: LegState) -> None:
        """A leg ended: do the first thing in the table that is possible."""
        for follow in FOLLOWS[self._leaver(leg, before)][manner_of(cause)]:
            if self._follow(follow, leg, cause):
                return

    def _leaver(self, leg: Leg, before: LegState) -> Leaver:
        attendance = self._attendance
        if leg is self._shopper:
            return Leaver.SHOPPER_RUNG if before in (LegState.DIALING, LegState.RINGING) else Leaver.SHOPPER
        if leg is self._hunting.winner:
            if self.state is CallState.HUNTING:
                return Leaver.TAKER
            return Leaver.CONSULTING if attendance and attendance.consult else Leaver.HOLDER
        if attendance and leg is attendance.consulted:
            return Leaver.CONSULTED
        return Leaver.ASKED if attendance or self.state is CallState.HUNTING else Leaver.NOBODY

    def _follow(self, follow: Follow, leg: Leg, cause: HangupCause) -> bool:
        """Do this; False where it is not possible."""
        match follow:
            case Follow.REDIAL:
                return self._redial()
            case Follow.RING_OTHERS:
                return self._business_lost(leg)
            case Follow.NEXT:
                if leg is self._hunting.winner:
                    self._hunting.winner = None
                self._attempt_failed(leg, cause)
            case Follow.HAND_OVER:
                self._hand_over()
            case Follow.HOLD if self._attendance:
                self._attendance.lost()
            case _:
                self._end(ENDINGS[follow], cause)
        return True

    def _redial(self) -> bool:
        if not self._redial_left or self.disposition not in (None, Disposition.BRIDGED):
            return False
        self._redial_left = not self._trigger(Trigger.SHOPPER_LOST)
        return not self._redial_left

    def _business_lost(self, leg: Leg) -> bool:
        """Tell the shopper, and ring whoever else there is; False where there is no shopper to go on for."""
        if self._shopper is None or not self._shopper.live:
            return False
        self._lost.append(leg.endpoint)
        self._waiting = self._new_waiting()
        return self._trigger(Trigger.BUSINESS_LOST)

    def _key(self, leg: Leg, digit: str) -> None:
        if self._attendance and (other := self._attendance.peer_of(leg)):
            # Its telephone-event never crosses the mixer by itself.
            if not self._attendance.takes_key(leg, digit):
                self._command(other, SendDtmf(other.leg_id, digit))
        elif leg is self._shopper:
            self._shopper_key(leg, digit)
        elif leg in self._seeking.asked and (screening := leg.endpoint.screening):
            if digit == screening.accept_key:
                self._accepted(leg)
            elif digit == screening.decline_key:
                self._give_up(leg, HangupCause.DECLINED)

    def _shopper_key(self, leg: Leg, digit: str) -> None:
        waiting = self._waiting
        if self.state is CallState.LEAVING_MESSAGE and self._message:
            self._tell(self._message.key(leg.leg_id, digit))
        elif waiting and waiting.inside and waiting.terms.callback and digit == waiting.terms.callback_key:
            self._book(waiting.terms.callback)

    def _prompt_finished(self, shopper: Leg) -> None:
        greeted, self._greeting = self._greeting, False
        match self.state:
            case CallState.GREETING:
                self._seek_business()
                if self.state in SEEKING:
                    self._play_background()
            case CallState.HUNTING:
                self._play_background()
                self._early_media()
            case CallState.QUEUED if greeted and self._waiting and self._waiting.position is not None:
                self._announce()
            case CallState.QUEUED:
                self._play_background()
            case CallState.LEAVING_MESSAGE if self._message and greeted:
                self._tell(self._message.begin(shopper.leg_id))
            case CallState.LEAVING_MESSAGE if self._message:
                self._tell(self._message.prompt_finished(shopper.leg_id))
                if self._message.stage is Stage.DONE:
                    self._end(Ending.HUNT_EXHAUSTED, self._why())
            case CallState.APOLOGISING if greeted:
                self._apologise()
            case CallState.APOLOGISING:
                self._end(Ending.HUNT_EXHAUSTED, self._why())
            case CallState.BOOKING_CALLBACK if greeted:
                self._tell_callback()
            case CallState.BOOKING_CALLBACK if not self._booking.pending:
                self._end(Ending.HUNT_EXHAUSTED, self._why())

    # --- the call's states ----------------------------------------------------------------------------

    def _trigger(self, trigger: Trigger) -> bool:
        """Go where the table says; False where it has no such way."""
        after = CALL_TRANSITIONS[self.state].get(trigger)
        if after is None:
            return False
        before, self.state = self.state, after
        self._attendance = None
        match after:
            case CallState.CALLING_SHOPPER:
                self._call_shopper()
            case CallState.QUEUED:
                assert self._waiting is not None  # noqa: S101 - nobody waits without a queue
                self._waiting.enter(met_busy=self._hunting.met_busy, first=bool(self._lost))
                queue = self._waiting.terms.queue
                self._true(CallQueued(call_id=self.call_id, at=self._work.at, queue=queue))
            case CallState.HUNTING:
                self._hunt(trigger, before)
            case CallState.BRIDGED:
                self._bridge()
            case CallState.LEAVING_MESSAGE:
                self._take_message()
            case CallState.BOOKING_CALLBACK:
                self._booking.ask()
            case CallState.APOLOGISING:
                self._apologise()
        return True

    def _begin(self) -> None:
        plan = self.plan
        if plan.first == "business":
            self._trigger(Trigger.HUNT)
        elif isinstance(plan.ending, OfferCallback) and not plan.steps and not plan.queue:
            self._booking.offer = plan.ending
            self._trigger(Trigger.BOOK_CALLBACK)
        elif isinstance(plan.ending, Apology) and not plan.steps and not plan.queue:
            self._end(Ending.HUNT_EXHAUSTED, HangupCause.NO_ANSWER)  # why ring them for an apology
        else:
            self._trigger(Trigger.DIAL_SHOPPER)

    def _seek_business(self) -> None:
        self._trigger(Trigger.WAIT if self._waiting else Trigger.HUNT)

    def _hunt(self, trigger: Trigger, before: CallState) -> None:
        """Begin to hunt: where nobody has named who to ring, the route does so now."""
        match trigger:
            case Trigger.HUNT if before is not CallState.QUEUED and self.plan.ask_again:
                self._ask_route()
            case Trigger.BUSINESS_LOST:
                self._tell_loss()
                if len(self._lost) > MOST_LOSSES:
                    self._nobody_takes_it()
                else:
                    self._ask_route()
            case Trigger.HAND_OVER:
                self._play_background()
            case _:
                self._go_on(self._hunting.begin())
                if before is CallState.BRIDGED and self.state is CallState.HUNTING:
                    self._play_background()

    def _ask_route(self) -> None:
        self._asking = True
        self._work.out.append(AskRoute())

    def _route_answered(self, steps: tuple[PlannedStep, ...]) -> None:
        if not self._asking:
            return
        self._asking = False
        self._hunting.reset(lost_last(steps, self._lost))
        self._go_on(self._hunting.begin())
        if self.state in SEEKING and not self._greeting:
            self._play_background()

    def _call_shopper(self) -> None:
        """Dial the shopper: the first time, again after a loss, or for a business that came first."""
        self._work.stop_all()
        self._greeting = False
        if self._shopper is not None:  # begin anew
            for leg in self._work.business():
                self._work.hang_up(leg, HangupCause.PEER_ENDED)
            self._leave_queue(served=False)
            self._hunting.reset(self.plan.steps)
            self._message = _message_of(self.plan)
            self._waiting = self._new_waiting()
        elif winner := self._hunting.winner:
            self._hunting.stop(HangupCause.ANSWERED_ELSEWHERE)
            self._command(winner, Play(winner.leg_id, self.plan.ringback, loop=True))
        self._shopper = self._work.dial("shopper", self.plan.shopper)
        self._work.start(Timer.RING, self.plan.shopper_timeout, self._shopper.leg_id)

    def _play_greeting(self) -> None:
        if self.plan.greeting is None:
            self._play_background()
        else:
            self._greeting = True
            self._say(self.plan.greeting)

    def _tell_loss(self) -> None:
        """Let the shopper know why the voice is gone, and that somebody else is rung."""
        if self.plan.lost is None:
            self._play_background()
        else:
            self._greeting = True
            self._say(self.plan.lost)

    def _play_background(self) -> None:
        """Let the shopper hear that somebody is rung, or the queue's music."""
        if self._asking:  # nobody is rung before the route has answered, and perhaps not then
            return
        ringback = self.plan.ringback
        self._say(self._waiting.background(ringback) if self._waiting else ringback, loop=True)

    def _bridge(self) -> None:
        assert self._shopper is not None  # noqa: S101 - both are there: that is the trigger's meaning
        assert self._hunting.winner is not None  # noqa: S101
        self._greeting = False
        self._attendance = Attendance(self._work, self.plan, self._shopper, self._hunting.winner)
        self._hunting.stop(HangupCause.ANSWERED_ELSEWHERE)
        self._leave_queue(served=True)
        agent = self._attendance.agent
        self._true(CallBridged(call_id=self.call_id, at=self._work.at, leg_id=agent.leg_id))
        if self._bridged_at is None:
            self._bridged_at = self._work.at
            self._settle(Disposition.BRIDGED, None)

    def _end(self, ending: Ending, cause: HangupCause) -> None:
        if not self._trigger(Trigger.END):
            return
        self.cause, self._ending = cause, ending
        self._work.stop_all()
        self._leave_queue(served=False)
        # Whether a message or a callback comes of it will be known in a moment.
        undecided = self._booking.pending or (self._message and self._message.stage is Stage.RECORDING)
        if self.disposition is None and not undecided:
            self._settle(self._judged(), cause)
        ours = {Ending.CANCELLED, Ending.TIME_LIMIT}
        for leg in self.legs.values():
            self._work.hang_up(leg, cause if ending in ours else HangupCause.PEER_ENDED)
        if self._unfinished():
            self._work.start(Timer.ENDING, ENDING_SECONDS)

    def _judged(self) -> Disposition:
        return judge(self._ending, self.cause, self._hunting.causes)

    def _settle(self, disposition: Disposition, cause: HangupCause | None) -> None:
        self.disposition = disposition
        self._work.out.append(Settle(disposition, cause, self._bridged_at))

    def _unfinished(self) -> bool:
        return self._booking.pending or not self._work.all_gone

    def _record_if_gone(self) -> CallRecord | None:
        """The call's record, once the last leg is gone."""
        if self.state is not CallState.ENDING or self._unfinished():
            return None
        self._trigger(Trigger.LEGS_GONE)
        self._work.stop_all()
        if self.disposition is None:
            self._settle(self._judged(), self.cause)
        assert self.disposition is not None  # noqa: S101 - just settled
        legs = tuple(leg.record(self._work.at) for leg in self.legs.values())
        return CallRecord(
            call_id=self.call_id,
            site=self.plan.site,
            route=self.plan.route,
            number=self.click.number,
            page=self.click.page,
            requested_at=self.requested_at,
            bridged_at=self._bridged_at,
            ended_at=self._work.at,
            disposition=self.disposition,
            cause=self.cause,
            legs=legs,
            context=self.click.context,
            signed=self.click.signed,
            number_verified=number_is_verified(self.click.number, self.click.signed, legs),
        )

    # --- the hunt -------------------------------------------------------------------------------------

    def _go_on(self, goes_on: bool) -> None:
        """Whether the hunt goes on: if not, the call waits for another turn, or comes to its ending."""
        if self._attendance:
            self._attendance.went_on(goes_on)
        elif goes_on:
            self._early_media()
        elif self._waiting and not self._waiting.over and self.state is CallState.HUNTING:
            self._trigger(Trigger.WAIT)
        else:
            self._nobody_takes_it()

    def _give_up(self, leg: Leg, cause: HangupCause) -> None:
        self._work.hang_up(leg, cause)
        self._attempt_failed(leg, cause)

    def _attempt_failed(self, leg: Leg, cause: HangupCause) -> None:
        goes_on = self._seeking.failed(leg, cause)
        if (
            goes_on
            and not self._attendance
            and leg.early_media
            and self.plan.early_media
            and not self._greeting
        ):
            self._play_background()  # what the shopper heard is gone
        self._go_on(goes_on)

    def _accepted(self, leg: Leg) -> None:
        if self._attendance:
            self._attendance.found(leg)
            return
        self._hunting.accepted(leg)
        if leg.endpoint.whisper is None:
            self._taken()
            return
        self._hunting.stop(HangupCause.ANSWERED_ELSEWHERE)
        if self.plan.early_media and not self._greeting:
            self._play_background()  # they are not to be heard yet
        self._command(leg, Play(leg.leg_id, leg.endpoint.whisper))
        self._work.start(Timer.WHISPER, LONGEST_WHISPER, leg.leg_id)

    def _taken(self) -> None:
        """Whoever took the call knows what there is to know: on to the shopper."""
        self._trigger(Trigger.BRIDGE if self._shopper else Trigger.DIAL_SHOPPER)

    def _told(self, winner: Leg) -> None:
        if self._attendance:
            self._attendance.prompt_finished()
        elif (Timer.WHISPER, winner.leg_id) in self._work.timers:
            self._work.stop(Timer.WHISPER, leg_id=winner.leg_id)
            self._taken()

    def _early_media(self) -> None:
        """Let the shopper hear the one ringing destination, where the route wants it (RFC 3960)."""
        asked, shopper = self._hunting.asked, self._shopper
        if not self.plan.early_media or self._greeting or len(asked) != 1 or shopper is None:
            return
        (leg,) = asked
        if self.state is CallState.HUNTING and leg.pending and leg.early_media and shopper.live:
            self._work.order(leg, Join(leg.leg_id, shopper.leg_id))
            self._command(shopper, Join(shopper.leg_id, leg.leg_id))

    def _early_media_stopped(self, leg: Leg) -> None:
        """What the shopper heard is gone, though it rings on."""
        if self.plan.early_media and not self._greeting and self.state is CallState.HUNTING and leg.pending:
            self._play_background()

    def _nobody_takes_it(self) -> None:
        self._stop_seeking(HangupCause.PEER_ENDED)
        ending = self.plan.ending if self._shopper else None
        if isinstance(ending, TakeMessage):
            self._trigger(Trigger.TAKE_MESSAGE)
        else:
            self._end_with(ending)

    def _end_with(self, ending: OfferCallback | Apology | None) -> None:
        match ending:
            case OfferCallback() as offer:
                self._book(offer)
            case Apology():
                self._apology = ending
                self._trigger(Trigger.APOLOGISE)
            case None:
                self._end(Ending.HUNT_EXHAUSTED, self._why())

    def _stop_seeking(self, cause: HangupCause) -> None:
        """Neither hunt nor wait any more."""
        self._hunting.stop(cause)
        self._leave_queue(served=False)

    def _why(self) -> HangupCause:
        causes = self._hunting.causes
        return causes[-1] if causes else HangupCause.NO_ANSWER

    # --- what is done with the call by whoever took it --------------------------------------------------

    @property
    def _seeking(self) -> Hunting:
        """The search that is on: for whoever takes the call, or for whom they consult."""
        return (self._attendance and self._attendance.consult) or self._hunting

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
        """Whoever had the call leaves; somebody of these steps is to take it."""
        attendance.drop_consult(HangupCause.CANCELLED)
        self._part_with(attendance.agent)
        self._hunting.reset(steps)
        self._trigger(Trigger.TRANSFER)

    def _hand_over(self) -> None:
        """Whoever had the call leaves; it goes to whom they consult, or to whoever of them takes it."""
        assert self._attendance is not None  # noqa: S101 - they consulted somebody
        assert self._attendance.consult is not None  # noqa: S101
        agent, consult = self._attendance.agent, self._attendance.consult
        self._part_with(agent)
        self._hunting.take_over(consult)
        self._trigger(Trigger.BRIDGE if consult.winner else Trigger.HAND_OVER)

    def _part_with(self, agent: Leg) -> None:
        self._true(CallPassedOn(call_id=self.call_id, at=self._work.at, leg_id=agent.leg_id))
        self._work.hang_up(agent, HangupCause.TRANSFERRED)

    # --- the queue ------------------------------------------------------------------------------------

    def _new_waiting(self) -> Waiting | None:
        return Waiting(self._work, self.plan.queue) if self.plan.queue else None

    def _queue_moved(self, position: int, wait: float) -> None:
        waiting = self._waiting
        if waiting is None or self.state is not CallState.QUEUED:
            return
        waiting.moved(position, wait)
        if not waiting.told and not self._greeting:
            self._announce()

    def _announce(self) -> None:
        if self._waiting and self.state is CallState.QUEUED:
            self._say(self._waiting.announcement())

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

    def _leave_queue(self, *, served: bool) -> None:
        if self._waiting:
            self._waiting.leave(served=served)

    # --- messages and callbacks -----------------------------------------------------------------------

    def _take_message(self) -> None:
        if self._message and self._shopper and not self._greeting:  # else it begins after the greeting
            self._tell(self._message.begin(self._shopper.leg_id))

    def _recorded(self, shopper: Leg, event: RecordingFinished) -> None:
        message = self._message
        if message is None or not message.recording:
            return
        listening = shopper.live
        self._tell(message.recorded(shopper.leg_id, event.seconds, listening=listening, failed=event.failed))
        if message.taken and self.disposition is None:
            self._settle(Disposition.MESSAGE_TAKEN, self._why())
        if message.lost and self.disposition is None and message.terms.instead:
            self._message_lost(message.terms.instead)
        elif message.stage is Stage.DONE:
            self._end(Ending.HUNT_EXHAUSTED, self._why())

    def _message_lost(self, instead: OfferCallback | Apology) -> None:
        """Nothing could be recorded: the shopper is called back, be they there still or not, or told."""
        if self.state is CallState.LEAVING_MESSAGE:
            self._end_with(instead)
        elif isinstance(instead, OfferCallback) and self.state is CallState.ENDING:
            self._booking.offer = instead
            self._booking.ask()

    def _book(self, offer: OfferCallback) -> None:
        """Promise the shopper a callback instead of the call."""
        self._booking.offer = offer
        self._stop_seeking(HangupCause.PEER_ENDED)
        self._trigger(Trigger.BOOK_CALLBACK)

    def _booking_answered(self, answer: CallbackBooked | CallbackRefused) -> None:
        if not self._booking.pending:
            return
        self._booking.answered(answer)
        if isinstance(answer, CallbackBooked) and self.disposition is None:
            self._settle(Disposition.CALLBACK_BOOKED, self._why())
        if self.state is not CallState.BOOKING_CALLBACK:
            return
        if self._shopper is None:
            self._end(Ending.HUNT_EXHAUSTED, self._why())
        elif not self._greeting:
            self._tell_callback()

    def _apologise(self) -> None:
        if self._apology and not self._greeting:  # else it is said after the greeting
            self._say(self._apology.sorry)

    def _tell_callback(self) -> None:
        if words := self._booking.words:
            self._say(words)

    # --- commands -------------------------------------------------------------------------------------

    def _say(self, audio: Audio, *, loop: bool = False) -> None:
        """Let the shopper hear this, if there is one to hear."""
        if self._shopper is not None and self._shopper.live:
            self._command(self._shopper, Play(self._shopper.leg_id, audio, loop))

    def _tell(self, commands: list[Command]) -> None:
        """Carry out what taking a message asks for."""
        for command in commands:
            if isinstance(command, Play):
                self._say(command.audio)
            else:
                self._work.perform(command)

    def _command(self, leg: Leg, command: LegCommand) -> None:
        self._work.command(leg, command)
        if leg is self._shopper and isinstance(command, Play):
            self._saying = None if command.loop else command.audio.name

    def _progress(self) -> None:
        shopper, waiting = self._shopper, self._waiting
        queued = waiting if waiting and self.state is CallState.QUEUED else None
        attendance, winner = self._attendance, self._hunting.winner
        now = replace(
            self.progress,
            state=self.state,
            shopper_ringing=shopper is not None and shopper.state is LegState.RINGING,
            ringing=tuple(leg.endpoint.label for leg in self._hunting.asked),
            attempt=self._hunting.attempt,
            attempts=self._hunting.attempts,
            connected_to=winner.endpoint.label if winner else None,
            held=any(leg.held for leg in self.legs.values() if leg.state is LegState.JOINED)
            or (attendance is not None and attendance.held),
            consulting=attendance.consulting if attendance else None,
            transfer=attendance.transfer if attendance else None,
            position=queued.position if queued else None,
            wait=queued.wait if queued else None,
            callback_at=self._booking.at,
            disposition=self.disposition if self.state in (CallState.ENDING, CallState.ENDED) else None,
            cause=self.cause,
        )
        if now != self.progress:
            self.progress = replace(now, sequence=self.progress.sequence + 1, at=self._work.at)
            self._true(CallProgressed(call_id=self.call_id, at=self._work.at, progress=self.progress))

    def _true(self, fact: Fact) -> None:
        self._work.facts.append(fact)


def _message_of(plan: CallPlan) -> MessageTaking | None:
    return MessageTaking(plan.ending) if isinstance(plan.ending, TakeMessage) else None
