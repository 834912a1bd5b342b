"""One SIP leg of the switch, from Dial to LegEnded: its dialog, its media, and its reports."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Literal, Protocol

from twisted.internet import defer

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegDtmf, LegEnded, LegEvent, LegHeld, LegResumed, LegRinging
from sip.causes import Refusal
from sip.gate.message import Message
from sip.journal import note
from switch.dialog import Dialog
from switch.invite_plan import InvitePlan
from switch.media import Agreed, IncompatibleError, MediaError, SwitchMedia, Terms
from switch.sofia import Handle

#: Some gateways send a key both ways; within so many seconds the second way is no second press.
_SAME_PRESS = 0.5
_KEYS = frozenset("0123456789*#ABCD")


class SwitchLegState(Enum):
    """Where a leg stands."""

    NEW = "new"  # no INVITE yet, or the last one failed and another may follow
    CALLING = "calling"
    RINGING = "ringing"
    ANSWERED = "answered"
    LEAVING = "leaving"  # we hung up before an answer, and the far side has not confirmed
    ENDED = "ended"


class SipLegBoard(Protocol):
    """What a leg tells the switchboard."""

    def report(self, event: LegEvent) -> None:
        """Pass a report on to the core."""

    def note_dialog(self, leg: SwitchSipLeg) -> None:
        """How the leg's dialog would be ended has changed."""

    def leg_ended(self, leg: SwitchSipLeg) -> None:
        """The leg's end has been reported: forget it."""


@dataclass(frozen=True, slots=True)
class _PendingKey:
    digit: str
    way: str
    at: float


class SwitchSipLeg:
    """Reports every change once, and its end exactly once, as its last."""

    def __init__(
        self,
        leg_id: str,
        board: SipLegBoard,
        media: SwitchMedia,
        terms: Terms,
        *,
        dtmf: str = "rfc4733",
        trunk: str = "",
    ) -> None:
        self.leg_id = leg_id
        self.terms = terms
        self.dtmf = dtmf
        self.trunk = trunk
        self.state = SwitchLegState.NEW
        self.held = False
        #: Whether keys reach it by RFC 4733: the relay carries its partner's, then.
        self.takes_events = False
        self.way: InvitePlan | None = None
        self.dialog: Dialog | None = None
        self._board = board
        self._media = media
        self._loop = asyncio.get_running_loop()
        self._call_id: str | None = None
        self._our_cause: HangupCause | None = None
        self._early = False
        self._rang = False
        self._heard = False
        self._last_press: _PendingKey | None = None
        self._offer_taken = False
        #: Who waits for how the INVITE fares, for how many seconds of silence, and the clock of that.
        self._attempt: defer.Deferred[Refusal | None] | None = None
        self._patience = 0.0
        self._clock: asyncio.TimerHandle | None = None
        #: What is to be done with the media, one after another.
        self._work: deque[Callable[[], Coroutine[Any, Any, None]]] = deque()
        self._worker: asyncio.Task[None] | None = None

    @property
    def keys_stay(self) -> bool:
        """Whether its own keys stay out of the audio that its partner hears."""
        return self.terms.keys_stay

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.state is SwitchLegState.ENDED

    def _rings(self) -> bool:
        return self.state in (SwitchLegState.CALLING, SwitchLegState.RINGING)

    # What lines and the switchboard ask ------------------------------------------------------------------

    def attempt(self, seconds: float) -> defer.Deferred[Refusal | None]:
        """Fires with how the INVITE of :meth:`invite` fails; None once it is answered, or the leg over.

        Without any response within so many seconds it is abandoned. Before it fires, the leg has not ended:
        another INVITE may follow, or :meth:`refuse`.
        """
        self._attempt, self._patience = defer.Deferred(), seconds
        return self._attempt

    def invite(self, way: InvitePlan, terms: Terms, *, dtmf: str, trunk: str) -> None:
        """Send an INVITE, once media has an SDP for it."""
        self.way, self.terms, self.dtmf, self.trunk = way, terms, dtmf, trunk
        self.state = SwitchLegState.CALLING
        self._do(lambda: self._invite(way, terms))

    def take(self, handle: Handle, request: int, invite: Message, sdp: str | None, contact: str) -> None:
        """Take an INVITE of the far side's as this leg, and answer it."""
        self.state = SwitchLegState.CALLING
        self.dialog = Dialog(self)
        self.dialog.take(handle, request, invite)
        self.dialog.contact = contact
        self._call_id = invite.call_id
        self.offered(sdp, "INVITE")

    def invite_left(self, invite: Message) -> None:
        """An INVITE of this leg's dialog is on its way."""
        if self.dialog is not None:
            self.dialog.sent = invite
            self._board.note_dialog(self)

    def refuse(self, cause: HangupCause, status: int | None) -> None:
        """End the leg, because nobody takes it."""
        self._end(cause, status)

    def hang_up(self, cause: HangupCause) -> None:
        """End the leg from our side, in any state: CANCEL, BYE, or nothing where no INVITE went out.

        The end is reported at once after a BYE, and where nothing has come of the far side yet: its dialog
        sees to what still comes. After a CANCEL it is reported when the far side's final response is there,
        or after 32 s without one (RFC 3261 section 9.1).
        """
        if self.state in (SwitchLegState.LEAVING, SwitchLegState.ENDED):
            return
        dialog, self._our_cause = self.dialog, cause
        if dialog is None:
            self._end(cause, None)
        elif self.state is SwitchLegState.ANSWERED or not self._heard:
            dialog.leave(cause)
            dialog.forsake()
            self._end(cause, None)
        else:
            self.state = SwitchLegState.LEAVING
            dialog.leave(cause)

    def send_dtmf(self, digit: str) -> None:
        """Press a key toward the far side."""
        if self.state is SwitchLegState.ANSWERED:
            self._do(lambda: self._press(digit))

    # What media tells, by the switchboard ----------------------------------------------------------------

    def key_heard(self, digit: str, way: Literal["rfc4733", "tone", "info"]) -> None:
        """A key came, in audio or by INFO."""
        digit = digit.upper()
        if self.state is not SwitchLegState.ANSWERED or digit not in _KEYS:
            return
        press, last = _PendingKey(digit, way, self._loop.time()), self._last_press
        self._last_press = press
        if last and last.digit == digit and last.way != way and press.at - last.at < _SAME_PRESS:
            return
        self._board.report(LegDtmf(self.leg_id, digit))

    def early_media(self, arrives: bool) -> None:
        """Audio of a leg that rings began, or stopped."""
        if self.state is SwitchLegState.RINGING and arrives != self._early:
            self._early = arrives
            self._board.report(LegRinging(self.leg_id, arrives, self._call_id))

    def broke(self, cause: HangupCause, why: str) -> None:
        """The leg cannot be trusted any more."""
        note("leg_broke", leg=self.leg_id, reason=why)
        self.hang_up(cause)

    # What its dialog tells -------------------------------------------------------------------------------

    def heard(self) -> None:
        """Something came of the far side: it is there."""
        self._heard = True
        self._stop_clock()
        if self.dialog is not None:
            self._call_id = self.dialog.call_id
            self._board.note_dialog(self)

    def rang(self, status: int, sdp: str | None) -> None:
        """A provisional response."""
        self._rang = self._rang or status == 180
        if self.state is SwitchLegState.CALLING:
            self.state = SwitchLegState.RINGING
            self._board.report(LegRinging(self.leg_id, False, self._call_id))
        if sdp is not None:
            self._do(lambda: self._take_early(sdp))

    def answered(self, sdp: str | None) -> None:
        """The far side picked up."""
        self._do(lambda: self._answer(sdp))

    def refused(self, refusal: Refusal) -> None:
        """The INVITE failed."""
        self._stop_clock()
        self.dialog = None
        refusal = replace(refusal, rang=self._rang)
        if self._attempt is not None:
            self._attempt_failed(refusal)
        else:
            self._end(refusal.cause, refusal.status if refusal.from_peer else None)

    def offered(self, sdp: str | None, method: str) -> None:
        """The far side's INVITE or UPDATE."""
        self._do(lambda: self._take_offer(sdp, method))

    def agreed(self, sdp: str) -> None:
        """Its answer to an offer of ours within the dialog."""
        self._do(lambda: self._agree(sdp))

    def key_pressed(self, digit: str) -> None:
        """A key by INFO."""
        self.key_heard(digit, "info")

    def ended(self, cause: HangupCause, status: int | None) -> None:
        """The far side ended it, or it was lost."""
        self.dialog = None
        self._end(cause, status)

    def let_go(self, status: int | None) -> None:
        """What we ended is over."""
        self.dialog = None
        self._end(self._our_cause or HangupCause.FAILED, status)

    # Media, one step after another -----------------------------------------------------------------------

    def _do(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._work.append(work)
        if self._worker is None:
            self._worker = self._loop.create_task(self._run())

    async def _run(self) -> None:
        while self._work:
            work = self._work.popleft()
            try:
                await work()
            except IncompatibleError as error:
                self.broke(HangupCause.INCOMPATIBLE, str(error))
            except MediaError as error:
                self.broke(HangupCause.FAILED, str(error))
            except Exception as error:  # noqa: BLE001 - whatever it is, it ends this leg and no other
                self.broke(HangupCause.FAILED, f"{type(error).__name__}: {error}")
        self._worker = None

    async def _invite(self, way: InvitePlan, terms: Terms) -> None:
        if self.state is not SwitchLegState.CALLING:
            return
        sdp = await self._media.offer(self.leg_id, terms)
        if self.state is not SwitchLegState.CALLING or self.way is not way:
            return  # hung up meanwhile
        if self._attempt is not None:
            self._clock = self._loop.call_later(self._patience, self._too_long)
        self.dialog = Dialog(self)
        self.dialog.invite(way, sdp)

    async def _take_early(self, sdp: str) -> None:
        if self.state is SwitchLegState.RINGING:
            try:
                await self._media.answer(self.leg_id, sdp, early=True)
            except IncompatibleError as error:
                note("early_media_refused", "info", leg=self.leg_id, reason=error)

    async def _answer(self, sdp: str | None) -> None:
        if not self._rings():
            return
        held = self.held
        if sdp is not None:
            agreed = await self._media.answer(self.leg_id, sdp, early=False)
            held = agreed.held
            self._learn(agreed)
        elif not self._offer_taken:
            raise IncompatibleError("it was answered without an SDP")
        if not self._rings():
            return  # hung up meanwhile
        self.state, self.held = SwitchLegState.ANSWERED, held
        self._media.answered(self.leg_id)
        self._settle(None)
        self._board.note_dialog(self)
        self._board.report(LegAnswered(self.leg_id, self._call_id))
        if held:
            self._board.report(LegHeld(self.leg_id))

    async def _take_offer(self, sdp: str | None, method: str) -> None:
        dialog = self.dialog
        if dialog is None:
            return
        try:
            if sdp is not None:
                ours, agreed = await self._media.take_offer(self.leg_id, sdp, self.terms)
                self._offer_taken = True
                dialog.accept(ours)
                self._hold(agreed)
            elif method == "UPDATE":
                dialog.accept_bare()
            elif self.state is SwitchLegState.ANSWERED:
                dialog.accept(await self._media.reoffer(self.leg_id))
            else:
                dialog.accept(await self._media.offer(self.leg_id, self.terms))
        except IncompatibleError as error:
            note("offer_refused", "info", leg=self.leg_id, reason=error)
            dialog.decline(488, "Not Acceptable Here")
            if self.state is not SwitchLegState.ANSWERED:
                self._end(HangupCause.INCOMPATIBLE, None)

    async def _agree(self, sdp: str) -> None:
        if self.state is SwitchLegState.ANSWERED:
            self._hold(await self._media.answer(self.leg_id, sdp, early=False))

    async def _press(self, digit: str) -> None:
        if self.dtmf != "info" and await self._media.press(self.leg_id, digit):
            return
        if self.dtmf != "info":
            # The far side takes no telephone-event: INFO is all that is left (RFC 6086 section 7).
            note("key_sent_by_info", "info", leg=self.leg_id)
        if self.dialog is not None and self.state is SwitchLegState.ANSWERED:
            self.dialog.info(digit)

    async def _close(self, cause: HangupCause, status: int | None) -> None:
        try:
            stats = await self._media.close(self.leg_id)
        except Exception as error:  # noqa: BLE001 - the end must be told, whatever is lost
            note("stats_lost", leg=self.leg_id, kind=type(error).__name__, reason=error)
            stats = None
        self._board.report(LegEnded(self.leg_id, cause, status, self._call_id, stats))
        self._board.leg_ended(self)

    # Changes of state ------------------------------------------------------------------------------------

    def _learn(self, agreed: Agreed) -> None:
        self.takes_events = agreed.events and self.dtmf != "info"

    def _hold(self, agreed: Agreed) -> None:
        self._learn(agreed)
        if agreed.held != self.held:
            self.held = agreed.held
            if self.state is SwitchLegState.ANSWERED:
                self._board.report(LegHeld(self.leg_id) if agreed.held else LegResumed(self.leg_id))

    def _too_long(self) -> None:
        self._clock = None
        dialog = self.dialog
        if self.state is SwitchLegState.CALLING and dialog is not None and not self._heard:
            self.dialog = None
            dialog.forsake()
            self._attempt_failed(Refusal(408, from_peer=False))

    def _attempt_failed(self, refusal: Refusal) -> None:
        """Let go of the dialog; the leg waits for the next INVITE, or its end."""
        heard_early = self._early
        self.state, self.held = SwitchLegState.NEW, False
        self._early = self._rang = self._heard = False
        self._media.abandon(self.leg_id)
        self._board.note_dialog(self)
        if heard_early:
            self._board.report(LegRinging(self.leg_id, False, self._call_id))
        self._settle(refusal)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _settle(self, refusal: Refusal | None) -> None:
        self._stop_clock()
        waiting, self._attempt = self._attempt, None
        if waiting is not None:
            # Not from within a callback of Sofia's: another INVITE may follow.
            self._loop.call_soon(waiting.callback, refusal)

    def _end(self, cause: HangupCause, status: int | None) -> None:
        if self.state is SwitchLegState.ENDED:
            return
        self.state = SwitchLegState.ENDED
        self._board.note_dialog(self)
        self._settle(None)
        self._do(lambda: self._close(cause, status))
