"""The states of a call: what belongs to each, and what entering one does. ``bridge/call.py`` decides which.

``transitions.CALL_TRANSITIONS`` says where a trigger leads. The parts of a call (the hunt, the earpiece, the
attendance, the wait, the message, the booking, the outcome) share its :class:`~bridge.legwork.Legwork`.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.attendance import Attendance
from bridge.call_outcome import CallOutcome
from bridge.callback_request import CallbackRequest
from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord
from bridge.commands import AskRoute, Join, Play
from bridge.dispositions import Ending
from bridge.earpiece import Earpiece
from bridge.events import LegEnded, Timer
from bridge.facts import CallBridged, CallProgressed, CallQueued
from bridge.hunt import Hunt
from bridge.legs import Leg, LegState
from bridge.legwork import Legwork
from bridge.losses import MOST_LOSSES
from bridge.message import MessageStage, MessageTaking
from bridge.progress import CallProgress, CallState
from bridge.queue_wait import QueueWait
from bridge.retelling import retold
from bridge.snapshot import CallSnapshot
from bridge.talk_recording import TalkRecording
from bridge.transitions import CALL_TRANSITIONS, Trigger
from routing.plan import Apology, CallPlan, ClickToCall, Endpoint, OfferCallback, TakeMessage

#: Seconds that ending legs have to report their end: longer than SIP's 64*T1 (RFC 3261 section 17.1.1.2).
ENDING_SECONDS = 40.0
#: States in which somebody at the business is sought, and the shopper hears that.
SEEKING = (CallState.HUNTING, CallState.QUEUED)


class CallStates:
    """One call, its parts, and the state that it is in."""

    def __init__(self, call_id: str, plan: CallPlan, click: ClickToCall, requested_at: float) -> None:
        self.call_id = call_id
        self.plan = plan
        self.click = click
        self.state = CallState.REQUESTED
        self._work = Legwork(call_id, requested_at, keys_stay=plan.push_by_keys)
        self._ear = Earpiece(self._work)
        self._outcome = CallOutcome(self._work, plan, click, requested_at)
        self._requested_at = requested_at
        self._hunting = Hunt(self._work, plan.steps)
        #: What the agent does with the call; there while it is bridged.
        self._attendance: Attendance | None = None
        self._waiting = self._new_waiting()
        self._message = self._new_message()
        self._booking = CallbackRequest(self._work)
        self._talks = TalkRecording(self._work, plan.recording)
        self._apology: Apology | None = None
        self._redial_left = plan.on_loss == "redial"
        #: Whether the route is about to say who to ring.
        self._asking = False
        #: The business's phones that broke off under the call.
        self._lost: list[Endpoint] = []
        self.progress = CallProgress(call_id, plan.site, 0, requested_at, self.state, attempts=plan.attempts)

    @property
    def legs(self) -> dict[str, Leg]:
        """All legs of the call, by their ids."""
        return self._work.legs

    @property
    def disposition(self) -> Disposition | None:
        """What the call counts as, once that is settled."""
        return self._outcome.disposition

    @property
    def cause(self) -> HangupCause | None:
        """Why the call ended; None while it lives."""
        return self._outcome.cause

    @property
    def _shopper(self) -> Leg | None:
        """The shopper's leg; a new one where they were dialled again."""
        return self._ear.shopper

    # --- from one core to another ---------------------------------------------------------------------------

    def snapshot(self) -> CallSnapshot | None:
        """What another core needs to go on with the call; None while it is not bridged."""
        attendance, shopper, bridged_at = self._attendance, self._shopper, self._outcome.bridged_at
        if attendance is None or shopper is None or bridged_at is None:
            return None
        return CallSnapshot(
            call_id=self.call_id,
            plan=self.plan,
            click=self.click,
            requested_at=self._requested_at,
            bridged_at=bridged_at,
            legs=tuple(replace(leg) for leg in self.legs.values()),
            shopper=shopper.leg_id,
            agent=attendance.agent.leg_id,
            held=attendance.held or attendance.consult is not None,
            redial_left=self._redial_left,
            lost=tuple(self._lost),
            recording=self._talks.state,
            sequence=self.progress.sequence,
        )

    def _resume(self, known: CallSnapshot) -> None:
        """Go on where another core has left it: the two talk, or one is on hold; every other leg is gone."""
        work, now = self._work, self._work.at
        work.legs.update((leg.leg_id, replace(leg)) for leg in known.legs)
        for at, kind, leg, more in retold(work.legs.values(), now):
            work.at = at
            work.tell(kind, leg, **more)
        work.at = now
        shopper, agent = work.legs[known.shopper], work.legs[known.agent]
        self._ear.shopper = shopper
        self._hunting.resume(agent, work.business())
        self._redial_left, self._lost = known.redial_left, list(known.lost)
        self._talks = TalkRecording(work, self.plan.recording, known.recording)
        self._outcome.resume(known.bridged_at)
        self.state = CallState.BRIDGED
        self.progress = replace(self.progress, sequence=known.sequence)
        since = known.bridged_at if shopper.answered_at is None else shopper.answered_at
        work.start(Timer.DURATION, max(0.0, self.plan.max_duration - (now - since)))
        for leg in work.legs.values():
            if leg.state is not LegState.ENDED and leg.leg_id not in known.talking:
                work.take(leg, LegEnded(leg.leg_id, leg.cause or HangupCause.CORE_LOST))
                self._talks.leg_gone(leg.leg_id)
        work.true(CallBridged, leg_id=agent.leg_id)
        self._attendance = Attendance(work, self.plan, shopper, agent)
        if known.held:
            self._attendance.hold()
        elif {shopper.state, agent.state} != {LegState.JOINED}:
            self._attendance.talk()

    # --- what the table of states asks for ------------------------------------------------------------------

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
                self._work.true(CallQueued, queue=queue)
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

    def _call_shopper(self) -> None:
        """Dial the shopper: the first time, again after a loss, or for a business that came first."""
        self._work.stop_all()
        self._ear.announcing = False
        self._talks.start_over()
        if self._shopper is not None:  # start over
            for leg in self._work.business():
                self._work.hang_up(leg, HangupCause.PEER_ENDED)
            self._leave_queue(served=False)
            self._hunting.reset(self.plan.steps)
            self._message = self._new_message()
            self._waiting = self._new_waiting()
        elif winner := self._hunting.winner:
            self._hunting.stop(HangupCause.ANSWERED_ELSEWHERE)
            self._work.command(winner, Play(winner.leg_id, self.plan.ringback, loop=True))
        shopper = self._ear.shopper = self._work.dial("shopper", self.plan.shopper)
        self._work.start(Timer.RING, self.plan.shopper_timeout, shopper.leg_id)

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

    @property
    def _talkers(self) -> tuple[Leg, Leg] | None:
        """Shopper and business, while they hear each other and nobody else."""
        attendance, shopper = self._attendance, self._shopper
        if attendance is None or shopper is None or attendance.held or attendance.consult is not None:
            return None
        if {shopper.state, attendance.agent.state} != {LegState.JOINED}:
            return None
        return shopper, attendance.agent

    def _bridge(self) -> None:
        assert self._shopper is not None  # noqa: S101 - both are there: that is the trigger's meaning
        assert self._hunting.winner is not None  # noqa: S101
        self._ear.announcing = False
        self._attendance = Attendance(self._work, self.plan, self._shopper, self._hunting.winner)
        self._attendance.talk()
        self._hunting.stop(HangupCause.ANSWERED_ELSEWHERE)
        self._leave_queue(served=True)
        agent = self._attendance.agent
        self._work.true(CallBridged, leg_id=agent.leg_id)
        self._outcome.bridged()

    def _end(self, ending: Ending, cause: HangupCause) -> None:
        if not self._trigger(Trigger.END):
            return
        self._outcome.ended(ending, cause)
        self._work.stop_all()
        self._leave_queue(served=False)
        # Whether a message or a callback comes of it will be known in a moment.
        undecided = self._booking.pending or (self._message and self._message.stage is MessageStage.RECORDING)
        if not undecided:
            self._outcome.judge(self._hunting.causes)
        ours = {Ending.CANCELLED, Ending.TIME_LIMIT}
        for leg in self.legs.values():
            self._work.hang_up(leg, cause if ending in ours else HangupCause.PEER_ENDED)
        if self._unfinished():
            self._work.start(Timer.ENDING, ENDING_SECONDS)

    def _unfinished(self) -> bool:
        return self._booking.pending or not self._work.all_gone

    def _record_if_gone(self) -> CallRecord | None:
        """The call's record, once the last leg is gone."""
        if self.state is not CallState.ENDING or self._unfinished():
            return None
        self._trigger(Trigger.LEGS_GONE)
        self._work.stop_all()
        self._outcome.judge(self._hunting.causes)
        return self._outcome.record()

    # --- when nobody takes the call -------------------------------------------------------------------------

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

    def _take_message(self) -> None:
        if self._message and not self._ear.announcing:  # else it begins after the greeting
            self._message.begin()

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

    def _apologise(self) -> None:
        if self._apology and not self._ear.announcing:  # else it is said after the greeting
            self._ear.say(self._apology.sorry)

    def _tell_callback(self) -> None:
        if words := self._booking.words:
            self._ear.say(words)

    # --- what the shopper hears -----------------------------------------------------------------------------

    def _play_greeting(self) -> None:
        if not self._ear.announce(self.plan.greeting):
            self._play_background()

    def _tell_loss(self) -> None:
        """Let the shopper know why the voice is gone, and that somebody else is rung."""
        if not self._ear.announce(self.plan.lost):
            self._play_background()

    def _play_background(self) -> None:
        """Let the shopper hear that somebody is rung, or the queue's music."""
        if self._asking:  # nobody is rung before the route has answered, and perhaps not then
            return
        ringback = self.plan.ringback
        self._ear.say(self._waiting.background(ringback) if self._waiting else ringback, loop=True)

    def _early_media(self) -> None:
        """Let the shopper hear the one ringing destination, where the route wants it (RFC 3960)."""
        asked, shopper = self._hunting.asked, self._shopper
        if not self.plan.early_media or self._ear.announcing or len(asked) != 1 or shopper is None:
            return
        (leg,) = asked
        if self.state is CallState.HUNTING and leg.pending and leg.early_media and shopper.live:
            self._work.order(leg, Join(leg.leg_id, shopper.leg_id))
            self._work.command(shopper, Join(shopper.leg_id, leg.leg_id))

    # --- the queue ------------------------------------------------------------------------------------------

    def _new_waiting(self) -> QueueWait | None:
        return QueueWait(self._work, self.plan.queue) if self.plan.queue else None

    def _leave_queue(self, *, served: bool) -> None:
        if self._waiting:
            self._waiting.leave(served=served)

    def _announce(self) -> None:
        if self._waiting and self.state is CallState.QUEUED:
            self._ear.say(self._waiting.announcement())

    # --- what people may watch ------------------------------------------------------------------------------

    def _new_message(self) -> MessageTaking | None:
        ending = self.plan.ending
        return MessageTaking(self._work, self._ear, ending) if isinstance(ending, TakeMessage) else None

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
            self._work.true(CallProgressed, progress=self.progress)
