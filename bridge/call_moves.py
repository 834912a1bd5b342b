"""What the legs of a call mean for it: who answers, accepts, presses keys, and leaves.

Who left, and what follows, is a table: ``departures.FOLLOWS``.
"""

from __future__ import annotations

from bridge.call_states import SEEKING, CallStates
from bridge.causes import Disposition, HangupCause
from bridge.commands import Play, SendDtmf
from bridge.departures import ENDINGS, FOLLOWS, Follow, Leaver, manner_of
from bridge.dispositions import Ending
from bridge.events import (
    AnswererJudged,
    LegAnswered,
    LegDtmf,
    LegEnded,
    LegEvent,
    LegRinging,
    LegSilent,
    PromptFinished,
    RecordingFinished,
    TalkRecorded,
    Timer,
)
from bridge.facts import CallPassedOn
from bridge.hunt import Hunt
from bridge.legs import IllegalEventError, Leg, LegState
from bridge.message import MessageStage
from bridge.progress import CallState
from bridge.transitions import Trigger

#: The longest whisper to the person who took the call, in seconds; then they are joined.
LONGEST_WHISPER = 30.0


class CallMoves(CallStates):
    """One call, as its legs move it from state to state."""

    # --- what legs report -----------------------------------------------------------------------------------

    def _leg_event(self, event: LegEvent) -> None:
        leg = self.legs.get(event.leg_id)
        if leg is None:
            raise IllegalEventError("no such leg")
        heard_early = leg.early_media
        before = self._work.take(leg, event)
        if isinstance(event, TalkRecorded):
            self._talks.side_done(event)
            return
        if isinstance(event, LegEnded):
            self._talks.leg_gone(leg.leg_id)
        if self.state is CallState.ENDED:  # it has its record: nothing follows that
            return
        if isinstance(event, RecordingFinished) and leg is self._shopper:
            self._recorded(event)  # even of a leg that was hung up meanwhile
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
            case PromptFinished(prompt=prompt) if self._ear.was_told(leg, prompt):
                self._prompt_finished()
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
        winner = self._hunting.winner
        nobody_rings = not self.plan.steps and self._waiting is None
        if self._talks.to_ask and (winner is not None or not nobody_rings):
            # Nobody is put through before they know.
            self._trigger(Trigger.GREETING_DUE)
            greeting = self.plan.greeting if winner is None else None
            self._ear.announce(greeting or self._talks.next_words())
        elif winner is not None:
            self._trigger(Trigger.BRIDGE)
        elif self.plan.greeting and (nobody_rings or self.plan.dial_business == "after_greeting"):
            self._trigger(Trigger.GREETING_DUE)
            self._play_greeting()
        else:
            self._seek_business()
            if self.state in SEEKING:
                self._play_greeting()

    def _key(self, leg: Leg, digit: str) -> None:
        if self._attendance and (other := self._attendance.peer_of(leg)):
            # Its telephone-event never crosses the mixer by itself.
            if not self._attendance.takes_key(leg, digit):
                self._work.command(other, SendDtmf(other.leg_id, digit))
        elif leg is self._shopper:
            self._shopper_key(digit)
        elif leg in self._seeking.asked and (screening := leg.endpoint.screening):
            if digit == screening.accept_key:
                self._accepted(leg)
            elif digit == screening.decline_key:
                self._give_up(leg, HangupCause.DECLINED)

    def _shopper_key(self, digit: str) -> None:
        waiting = self._waiting
        if self.state is CallState.LEAVING_MESSAGE and self._message:
            self._message.key(digit)
        elif waiting and waiting.inside and waiting.terms.callback and digit == waiting.terms.callback_key:
            self._book(waiting.terms.callback)
        elif self.state in (CallState.GREETING, *SEEKING):
            self._ear.announce(self._talks.refuse(digit))

    def _prompt_finished(self) -> None:
        greeted, self._ear.announcing = self._ear.announcing, False
        match self.state:
            case CallState.GREETING if words := self._talks.next_words():
                self._ear.announce(words)
            case CallState.GREETING if self._hunting.winner is not None:
                self._trigger(Trigger.BRIDGE)
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
                self._message.begin()
            case CallState.LEAVING_MESSAGE if self._message:
                self._message.prompt_finished()
                if self._message.stage is MessageStage.DONE:
                    self._end(Ending.HUNT_EXHAUSTED, self._why())
            case CallState.APOLOGISING if greeted:
                self._apologise()
            case CallState.APOLOGISING:
                self._end(Ending.HUNT_EXHAUSTED, self._why())
            case CallState.BOOKING_CALLBACK if greeted:
                self._tell_callback()
            case CallState.BOOKING_CALLBACK if not self._booking.pending:
                self._end(Ending.HUNT_EXHAUSTED, self._why())

    def _recorded(self, event: RecordingFinished) -> None:
        message = self._message
        if message is None or not message.recording:
            return
        message.recorded(event.seconds, failed=event.failed)
        if message.taken:
            self._outcome.settle(Disposition.MESSAGE_TAKEN, self._why())
        if message.lost and self.disposition is None and message.terms.instead:
            self._message_lost(message.terms.instead)
        elif message.stage is MessageStage.DONE:
            self._end(Ending.HUNT_EXHAUSTED, self._why())

    # --- who leaves -----------------------------------------------------------------------------------------

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
        """Tell the shopper, and ring somebody else; False if there is no shopper to go on for."""
        if self._shopper is None or not self._shopper.live:
            return False
        self._lost.append(leg.endpoint)
        self._waiting = self._new_waiting()
        return self._trigger(Trigger.BUSINESS_LOST)

    def _hand_over(self) -> None:
        """The agent leaves. The call goes to the person they consult, or to the first who answers."""
        assert self._attendance is not None  # noqa: S101 - they consulted somebody
        assert self._attendance.consult is not None  # noqa: S101
        agent, consult = self._attendance.agent, self._attendance.consult
        self._part_with(agent)
        self._hunting.take_over(consult)
        self._trigger(Trigger.BRIDGE if consult.winner else Trigger.HAND_OVER)

    def _part_with(self, agent: Leg) -> None:
        self._work.true(CallPassedOn, leg_id=agent.leg_id)
        self._work.hang_up(agent, HangupCause.TRANSFERRED)

    # --- the hunt -------------------------------------------------------------------------------------------

    @property
    def _seeking(self) -> Hunt:
        """The hunt that is on: for somebody to take the call, or for somebody to consult."""
        return (self._attendance and self._attendance.consult) or self._hunting

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
            and not self._ear.announcing
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
        if self.plan.early_media and not self._ear.announcing:
            self._play_background()  # they are not to be heard yet
        self._work.command(leg, Play(leg.leg_id, leg.endpoint.whisper))
        self._work.start(Timer.WHISPER, LONGEST_WHISPER, leg.leg_id)

    def _taken(self) -> None:
        """The person who took the call has heard the whisper: on to the shopper."""
        self._trigger(Trigger.BRIDGE if self._shopper else Trigger.DIAL_SHOPPER)

    def _told(self, winner: Leg) -> None:
        if self._attendance:
            self._attendance.prompt_finished()
        elif (Timer.WHISPER, winner.leg_id) in self._work.timers:
            self._work.stop(Timer.WHISPER, leg_id=winner.leg_id)
            self._taken()

    def _early_media_stopped(self, leg: Leg) -> None:
        """What the shopper heard is gone, though it rings on."""
        if (
            self.plan.early_media
            and not self._ear.announcing
            and self.state is CallState.HUNTING
            and leg.pending
        ):
            self._play_background()
