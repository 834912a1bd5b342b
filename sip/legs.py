"""One SIP leg: a dialog, its media, and its reports."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

import pjsua2 as pj
from twisted.internet import defer

from bridge.causes import HangupCause
from bridge.events import (
    LegAnswered,
    LegDtmf,
    LegEnded,
    LegEvent,
    LegHeld,
    LegResumed,
    LegRinging,
    MediaStats,
)
from sip.causes import REASON_OF_CAUSE, Refusal, cause_of_bye, cause_of_status, refusal_of
from sip.early_media import EarlyMedia
from sip.gate.gate import Gate
from sip.gate.session import Method
from sip.gate.tables import Fate
from sip.guard import Guard
from sip.journal import note
from sip.keys import KEYS
from sip.latching import Peer
from sip.ports import RestingPorts
from sip.reactor import Reactor
from sip.rtp_filter import Endpoint
from sip.sdp import CODEC_OF, choose_codecs, media_ports

#: PJMEDIA_STREAM_DTMF_IS_UPDATE: a further packet of a key that is already down.
_DTMF_IS_UPDATE = 1
#: Beside PJSUA2's methods of DTMF.
_AS_A_TONE = -1
#: Some gateways send a key both ways; within so many seconds the second way is no second press.
_SAME_PRESS = 0.5
_FIRST_FINAL_REFUSAL = 300


class LegState(Enum):
    """Where a leg stands."""

    NEW = "new"  # no INVITE yet: an awaited tie, or a name being looked up
    CALLING = "calling"
    RINGING = "ringing"
    ANSWERED = "answered"
    LEAVING = "leaving"  # we hung up; PJSIP holds the leg until the far side confirms
    ENDED = "ended"


class Board(Protocol):
    """What a leg tells the switchboard."""

    def report(self, event: LegEvent) -> None:
        """Pass a report on to the core."""

    def media_changed(self, leg: Leg) -> None:
        """The leg's media began, changed or ended: connect it anew."""

    def leg_ended(self, leg: Leg, ended: LegEnded) -> None:
        """Forget the leg, and report its end once nothing more is to be told of it."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a leg's media comes in."""

    #: Address that PJSIP binds its media sockets to.
    bind: str
    peer: Peer
    resting: RestingPorts


class Leg:
    """A leg from Dial to LegEnded. It reports every change once and its end exactly once."""

    def __init__(
        self,
        leg_id: str,
        board: Board,
        reactor: Reactor,
        *,
        codecs: tuple[str, ...],
        door: Door,
        dtmf: str = "rfc4733",
        media_timeout: float | None = None,
        asked: bool = False,
        gate: Gate,
    ) -> None:
        self.leg_id = leg_id
        self.codecs = codecs
        self.dtmf = dtmf
        #: Seconds; None for a leg whose silence means nothing.
        self.media_timeout = media_timeout
        #: Whether whoever answers is asked to press a key: then it must be heard, however it comes.
        self.asked = asked
        self.state = LegState.NEW
        self.held = False
        #: Whether it agreed to send at all: one that is ``recvonly`` or ``inactive`` is silent by right.
        self.far_side_sends = True
        #: The leg in the conference bridge, while it has media.
        self.port: pj.AudioMedia | None = None
        self._board = board
        self._reactor = reactor
        self._gate = gate
        self._call: SipCall | None = None
        self._early = EarlyMedia()
        self._without_events = False
        self._redirected = 0
        self._sip_call_id: str | None = None
        self._tally = _Tally()
        self._last_key: tuple[str, int, float] | None = None
        self.meet(door)
        #: Why we hung up, once we have.
        self._our_cause: HangupCause | None = None
        #: Who waits for how the INVITE fares, for how many seconds of silence, and the clock of that.
        self._attempt: defer.Deferred[Refusal | None] | None = None
        self._patience = 0.0
        self._clock: Any = None
        self._gave_up = False
        self._rang = False

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.state is LegState.ENDED

    def meet(self, door: Door) -> None:
        """Learn who the far side is, before any media of the leg's is there."""
        self._door = door
        self._guard = Guard(
            self._reactor,
            self.leg_id,
            door.peer,
            door.resting,
            self.packets_received,
            lambda key: self.key_pressed(key, pj.PJSUA_DTMF_METHOD_RFC2833, 0),
            lambda key: self.key_pressed(key, _AS_A_TONE, 0),
            self._lock_codec,
        )

    @property
    def early(self) -> bool:
        """Whether early media may arrive."""
        return self.state is LegState.RINGING and self.port is not None

    # What the switchboard asks ---------------------------------------------------------------------------

    def dial(self, account: pj.Account, uri: str, options: pj.CallOpParam) -> None:
        """Send the INVITE. ``pj.Error`` where PJSIP cannot."""
        self.state = LegState.CALLING
        self._call = SipCall(self, account)
        self._call.makeCall(uri, options)
        if self._call is not None:  # no callback has ended the leg meanwhile
            self._sip_call_id = self._call.getInfo().callIdString
            self._gate.timers.refreshers[self._sip_call_id] = self._refresh
            if self._attempt is not None:
                self._clock = self._reactor.callLater(self._patience, self._too_long)

    def attempt(self, seconds: float) -> defer.Deferred[Refusal | None]:
        """Fires with how the INVITE that :meth:`dial` sends fails; None once it is answered, or the leg over.

        Without any response within so many seconds it is abandoned. Before it fires, the leg has not ended:
        another INVITE may follow, or :meth:`refuse`.
        """
        self._attempt, self._patience = defer.Deferred(), seconds
        return self._attempt

    def refuse(self, cause: HangupCause, status: int | None) -> None:
        """End the leg, because nobody takes it."""
        self._end(cause, status)

    def _too_long(self) -> None:
        self._clock = None
        if self.state is LegState.CALLING and self._sip_call_id and not self._gate.heard(self._sip_call_id):
            self._gave_up = True
            self._gate.give_up(self._sip_call_id)

    def accept(self, call: SipCall) -> None:
        """Take an incoming INVITE as this leg, and answer it."""
        self._call, call.leg = call, self
        self.state = LegState.CALLING
        self._sip_call_id = call.getInfo().callIdString
        self._gate.timers.refreshers[call.getInfo().callIdString] = self._refresh
        options = pj.CallOpParam(True)
        options.statusCode = 200
        call.answer(options)

    def _refresh(self, method: Method) -> None:
        """Refresh the session (RFC 4028): by UPDATE without an offer, or by a re-INVITE."""
        if self._call is None or self.state is not LegState.ANSWERED:
            return
        options = pj.CallOpParam(True)
        try:
            if method == "UPDATE":
                options.opt.flag = pj.PJSUA_CALL_NO_SDP_OFFER
                self._call.update(options)
            else:
                self._call.reinvite(options)
        except pj.Error as error:
            note("refresh_failed", leg=self.leg_id, reason=error.reason)

    def hang_up(self, cause: HangupCause) -> None:
        """End the leg from our side, in any state: CANCEL, BYE, or nothing where no INVITE went out.

        The end is reported when PJSIP has let go of the dialog: a BYE does that at once, a CANCEL when the
        far side's final response is there, or after 32 s without one (RFC 3261 section 9.1).
        """
        if self.state in (LegState.LEAVING, LegState.ENDED):
            return
        if self._call is None or not self._call.isActive():
            self._end(cause, None)
            return
        self.state, self._our_cause = LegState.LEAVING, cause
        self._say_farewell()

    def _say_farewell(self) -> None:
        if self._call is None or self._our_cause is None:
            return
        try:
            self._call.hangup(_farewell(self._our_cause))
        except pj.Error as error:
            note("hang_up_failed", leg=self.leg_id, reason=error.reason)
            self._end(self._our_cause, None)

    def send_dtmf(self, digit: str) -> None:
        """Press a key toward the far side. One that cannot be sent is noted; the call goes on."""
        if self.state is not LegState.ANSWERED or self._call is None:
            return
        if self.dtmf == "info":
            self._send_info(digit)
        else:
            try:
                self._call.dialDtmf(digit)
            except pj.Error as error:
                # The far side's SDP has no telephone-event: INFO is all that is left (RFC 6086 section 7).
                note("key_sent_by_info", leg=self.leg_id, reason=error.reason)
                self._send_info(digit)

    def _send_info(self, digit: str) -> None:
        if self._call is None:
            return
        press = pj.CallSendDtmfParam()
        press.method, press.digits, press.duration = pj.PJSUA_DTMF_METHOD_SIP_INFO, digit, 160
        try:
            self._call.sendDtmf(press)
        except pj.Error as error:
            note("key_not_sent", leg=self.leg_id, reason=error.reason)

    def _lock_codec(self, payload_type: int) -> None:
        """Offer once more, only what the far side sends of what it answered (RFC 3264 section 8)."""
        codec = CODEC_OF.get(payload_type)
        if self.state is not LegState.ANSWERED or self._call is None or codec not in self.codecs:
            return
        note("codec_offered_alone", leg=self.leg_id, codec=codec)
        self.codecs = (codec,)
        try:
            self._call.reinvite(pj.CallOpParam(True))
        except pj.Error as error:
            note("offer_failed", leg=self.leg_id, reason=error.reason)

    def joined(self) -> None:
        """It talks to somebody: what it was asked is answered."""
        self._guard.listen_for_tones(False)

    def signs_of_life(self) -> int:
        """What came of the far side's media in any form: a number that changes while it lives.

        Audio, keys and comfort noise (RFC 3389), and its RTCP reports, which a far side sends that is silent.
        """
        if self._call is None or self.port is None:
            return 0
        rtcp = self._call.getStreamStat(0).rtcp
        return int(rtcp.rxStat.pkt) + int(rtcp.txStat.updateCount) + self._guard.heard

    def packets_received(self) -> int:
        """RTP packets received on the stream that runs now; 0 without one."""
        if self._call is None or self.port is None:
            return 0
        return int(self._call.getStreamStat(0).rtcp.rxStat.pkt)

    # What PJSIP tells, on the reactor's thread -----------------------------------------------------------

    def state_changed(self, event: pj.SipEvent) -> None:
        """RFC 3261's view of the dialog changed."""
        if self._call is None:
            return
        info = self._call.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY:
            self._rang = self._rang or info.lastStatusCode == pj.PJSIP_SC_RINGING
            self._ring()
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED and self.state is LegState.LEAVING:
            # 200 and our CANCEL crossed on the wire: now there is a dialog to end with BYE.
            self._reactor.callLater(0, self._say_farewell)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._answer()
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            status = self._redirected or info.lastStatusCode
            answered = self.state is LegState.ANSWERED
            fate = self._gate.fate_of(info.callIdString)
            if self._our_cause is not None:
                refused = status >= _FIRST_FINAL_REFUSAL and _from_peer(event)
                self._end(self._our_cause, status if refused else None)
                return
            refusal = self._refusal(event, status, fate) if self._attempt and not answered else None
            if refusal is not None:
                self._attempt_failed(refusal)
                return
            if fate is not None:
                self._end(fate.cause, fate.status)
                return
            if answered and _from_peer(event):
                self._end(cause_of_bye(event.body.tsxState.src.rdata.wholeMsg), status)
                return
            self._end(cause_of_status(status, from_peer=_from_peer(event), answered=answered), status)

    def _refusal(self, event: pj.SipEvent, status: int, fate: Fate | None) -> Refusal | None:
        """How the INVITE failed; None where the gate ended what was more than an INVITE."""
        unreached = fate is not None and fate.cause is HangupCause.UNREACHABLE and fate.status is None
        if self._gave_up or unreached or not _from_peer(event):
            return refusal_of(status, None, rang=self._rang)
        if fate is not None:
            return None
        return refusal_of(status, event.body.tsxState.src.rdata.wholeMsg, rang=self._rang)

    def _attempt_failed(self, refusal: Refusal) -> None:
        """Let go of the call; the leg waits for the next, or its end."""
        call, self._call = self._call, None
        if self._sip_call_id is not None:
            self._gate.forget(self._sip_call_id)
        heard, had_media = self._early.arrives, self.port is not None
        self.state, self.port, self.held = LegState.NEW, None, False
        self._early, self._redirected, self._gave_up, self._rang = EarlyMedia(), 0, False, False
        self._guard.close()
        if had_media:
            self._board.media_changed(self)
        if heard:
            self._board.report(LegRinging(self.leg_id, False, self._sip_call_id))
        if call is not None:
            # PJSUA2 may still be inside one of this object's methods.
            self._reactor.callLater(0, call.forget)
        self._settle(refusal)

    def _settle(self, refusal: Refusal | None) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
        waiting, self._attempt = self._attempt, None
        if waiting is not None:
            # Not from within a callback of PJSIP's: another INVITE may follow.
            self._reactor.callLater(0, waiting.callback, refusal)

    def media_changed(self) -> None:
        """An offer and its answer changed what flows (RFC 3264): first media, hold, resume, new address."""
        if self._call is None:
            return
        info = self._call.getInfo()
        audio = next((media for media in info.media if media.type == pj.PJMEDIA_TYPE_AUDIO), None)
        if audio is None or audio.status == pj.PJSUA_CALL_MEDIA_ERROR:
            self.hang_up(HangupCause.INCOMPATIBLE)
            return
        live = audio.audioConfSlot >= 0
        self.port = self._call.getAudioMedia(audio.index) if live else None
        if live:
            stream = self._call.getStreamInfo(audio.index)
            self._tally.codec = stream.codecName or self._tally.codec
            self._without_events = stream.audTxEventPt < 0
            self._guard.expect(
                Endpoint.read(stream.remoteRtpAddress),
                Endpoint.read(stream.remoteRtcpAddress),
                stream.rxPt,
                sealed=bool(stream.proto & pj.PJMEDIA_TP_PROFILE_SRTP),
            )
        self._hold(audio.status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD)
        self.far_side_sends = live and bool(audio.dir & pj.PJMEDIA_DIR_DECODING)
        if info.state == pj.PJSIP_INV_STATE_EARLY:
            self._ring()
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._answer()
        self._board.media_changed(self)

    def redirected(self, status: int) -> None:
        """A 3xx response names other targets; PJSIP will report it as 487, for it is not followed."""
        self._redirected = status

    def sdp_created(self, parameters: pj.OnCallSdpCreatedParam) -> None:
        """PJSIP wrote an SDP of ours that has not left yet."""
        parameters.sdp.wholeSdp = choose_codecs(parameters.sdp.wholeSdp, self.codecs)
        if self._call is not None:
            # Before the far side, or anybody, learns of the ports.
            found = media_ports(parameters.sdp.wholeSdp)
            if found is not None:
                self._guard.open(self._door.bind, *found)

    def stream_destroyed(self, index: int) -> None:
        """A stream ends; its counters are gone after this."""
        if self._call is not None:
            self._tally.add(self._call.getStreamStat(index).rtcp)

    def key_pressed(self, digit: str, method: int, flags: int) -> None:
        """A DTMF packet or an INFO arrived."""
        digit = digit.upper()
        if flags & _DTMF_IS_UPDATE or self.state is not LegState.ANSWERED or digit not in tuple(KEYS):
            return
        now = self._reactor.seconds()
        last, self._last_key = self._last_key, (digit, method, now)
        if last and last[0] == digit and last[1] != method and now - last[2] < _SAME_PRESS:
            return
        self._board.report(LegDtmf(self.leg_id, digit))

    def broke(self, where: str, error: Exception) -> None:
        """A callback of ours failed: the leg cannot be trusted any more."""
        note("leg_broke", leg=self.leg_id, where=where, kind=type(error).__name__, reason=describe(error))
        self.hang_up(HangupCause.FAILED)

    # Changes of state ------------------------------------------------------------------------------------

    def _ring(self) -> None:
        if self.state is LegState.CALLING:
            self.state = LegState.RINGING
            self._board.report(LegRinging(self.leg_id, False, self._sip_call_id))

    def look_for_early_media(self) -> None:
        """Report early media once it arrives, not as soon as an SDP announces it, and when it stops."""
        if self.state is not LegState.RINGING:
            return
        if self._early.hear(self.packets_received(), self._reactor.seconds()):
            self._board.report(LegRinging(self.leg_id, self._early.arrives, self._sip_call_id))

    def _answer(self) -> None:
        if self.state in (LegState.CALLING, LegState.RINGING) and (self.port is not None or self.held):
            self.state = LegState.ANSWERED
            self._guard.answered()
            self._guard.listen_for_tones(self.asked and self._without_events)
            self._settle(None)
            self._board.report(LegAnswered(self.leg_id, self._sip_call_id))
            if self.held:
                self._board.report(LegHeld(self.leg_id))
            self._board.media_changed(self)

    def _hold(self, held: bool) -> None:
        if held != self.held:
            self.held = held
            if self.state is LegState.ANSWERED:
                self._board.report(LegHeld(self.leg_id) if held else LegResumed(self.leg_id))

    def _end(self, cause: HangupCause, status: int | None) -> None:
        if self.state is LegState.ENDED:
            return
        call, self._call = self._call, None
        self._gate.expect_no_more(self.leg_id)
        if self._sip_call_id is not None:
            self._gate.forget(self._sip_call_id)
        stats = self._final_stats(call)
        self.state, self.port = LegState.ENDED, None
        self._guard.close()
        self._board.leg_ended(self, LegEnded(self.leg_id, cause, status, self._sip_call_id, stats))
        self._settle(None)
        if call is not None:
            # PJSUA2 may still be inside one of this object's methods.
            self._reactor.callLater(0, call.forget)

    def _final_stats(self, call: SipCall | None) -> MediaStats | None:
        if call is not None and self.port is not None and call.isActive():
            try:
                self._tally.add(call.getStreamStat(0).rtcp)
            except pj.Error as error:
                note("stats_lost", leg=self.leg_id, reason=error.reason)
        return self._tally.stats()


class _Tally:
    """Adds up the streams of one leg: a re-INVITE may begin a new one."""

    def __init__(self) -> None:
        self.codec = ""
        self._received = self._lost = self._sent = 0
        self._jitter_ms = 0.0

    def add(self, rtcp: pj.RtcpStat) -> None:
        self._received += rtcp.rxStat.pkt
        self._lost += rtcp.rxStat.loss
        self._sent += rtcp.txStat.pkt
        self._jitter_ms = rtcp.rxStat.jitterUsec.mean / 1000

    def stats(self) -> MediaStats | None:
        if not self.codec:
            return None
        return MediaStats(self.codec, self._received, self._lost, self._sent, round(self._jitter_ms, 2))


def _guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """SWIG prints and forgets what a callback raises: end the leg instead."""

    @functools.wraps(callback)
    def run(call: SipCall, parameters: Any) -> None:
        leg = call.leg
        if leg is None:
            return
        try:
            callback(call, leg, parameters)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not vanish in C++
            leg.broke(callback.__name__, error)

    return run


class SipCall(pj.Call):  # type: ignore[misc]
    """PJSUA2's call, passing its callbacks on to the leg."""

    def __init__(self, leg: Leg | None, account: pj.Account, call_id: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(account, call_id)
        self.leg = leg

    def forget(self) -> None:
        """Let go of the leg; the last reference to this call goes with the caller's."""
        self.leg = None

    @_guarded
    def onCallState(self, leg: Leg, parameters: pj.OnCallStateParam) -> None:  # noqa: D102, N802
        leg.state_changed(parameters.e)

    @_guarded
    def onCallMediaState(self, leg: Leg, parameters: pj.OnCallMediaStateParam) -> None:  # noqa: D102, N802
        leg.media_changed()

    @_guarded
    def onCallSdpCreated(self, leg: Leg, parameters: pj.OnCallSdpCreatedParam) -> None:  # noqa: D102, N802
        leg.sdp_created(parameters)

    @_guarded
    def onStreamDestroyed(self, leg: Leg, parameters: pj.OnStreamDestroyedParam) -> None:  # noqa: D102, N802
        leg.stream_destroyed(parameters.streamIdx)

    def onCallRedirected(self, parameters: pj.OnCallRedirectedParam) -> int:  # noqa: D102, N802
        if self.leg is not None:
            self.leg.redirected(parameters.e.body.tsxState.tsx.statusCode)
        return int(pj.PJSIP_REDIRECT_STOP)

    @_guarded
    def onCallTransferRequest(self, leg: Leg, parameters: pj.OnCallTransferRequestParam) -> None:  # noqa: D102, N802
        # PJSUA2 would dial whatever the far side names.
        parameters.statusCode = pj.PJSIP_SC_DECLINE

    @_guarded
    def onCallReplaceRequest(self, leg: Leg, parameters: pj.OnCallReplaceRequestParam) -> None:  # noqa: D102, N802
        parameters.statusCode = pj.PJSIP_SC_DECLINE

    @_guarded
    def onDtmfEvent(self, leg: Leg, parameters: pj.OnDtmfEventParam) -> None:  # noqa: D102, N802
        leg.key_pressed(parameters.digit, parameters.method, parameters.flags)


def describe(error: Exception) -> str:
    """What went wrong, in words: PJSUA2's errors keep theirs in an attribute."""
    return str(error.reason) if isinstance(error, pj.Error) else str(error)


def _farewell(cause: HangupCause) -> pj.CallOpParam:
    options = pj.CallOpParam(True)
    if reason := REASON_OF_CAUSE.get(cause):
        options.txOption.headers.append(header("Reason", reason))
    return options


def header(name: str, value: str) -> pj.SipHeader:
    """A header for one request."""
    made = pj.SipHeader()
    made.hName, made.hValue = name, value
    return made


def _from_peer(event: pj.SipEvent) -> bool:
    """Whether a message of the far side's caused this, not a timer or transport of ours."""
    return bool(event.type == pj.PJSIP_EVENT_TSX_STATE and event.body.tsxState.type == pj.PJSIP_EVENT_RX_MSG)
