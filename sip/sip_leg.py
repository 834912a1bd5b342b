"""One SIP leg on PJSIP: its dialog, its media and its reports."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

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
from sip.causes import Refusal, cause_of_bye, cause_of_status
from sip.early_media import EarlyMedia
from sip.gate.gate import Gate
from sip.gate.session import Method
from sip.guard import Guard, MediaEntry
from sip.invite_watch import InviteWatch
from sip.journal import note
from sip.leg_keys import AS_A_TONE, LegKeys
from sip.pj_call import PjCall, describe, from_peer, hang_up_options
from sip.reactor import Reactor
from sip.rtp_filter import Endpoint
from sip.sdp import CODEC_OF, choose_codecs, media_ports
from sip.stream_totals import StreamTotals

_FIRST_FINAL_REFUSAL = 300


class SipLegState(Enum):
    """The states of a leg."""

    NEW = "new"  # no INVITE yet: an expected tie, or a DNS lookup
    CALLING = "calling"
    RINGING = "ringing"
    ANSWERED = "answered"
    LEAVING = "leaving"  # we hung up; PJSIP keeps the leg until the far side confirms
    ENDED = "ended"


class LegOwner(Protocol):
    """What a leg tells its switchboard."""

    def report(self, event: LegEvent) -> None:
        """Pass a report on to the core."""

    def media_changed(self, leg: SipLeg) -> None:
        """The leg's media began, changed or ended: connect it again."""

    def leg_ended(self, leg: SipLeg, ended: LegEnded) -> None:
        """The leg ended; report that after everything else about it."""


class SipLeg:
    """A leg from Dial to LegEnded. It reports each change once, and its end exactly once."""

    def __init__(
        self,
        leg_id: str,
        owner: LegOwner,
        reactor: Reactor,
        *,
        codecs: tuple[str, ...],
        entry: MediaEntry,
        dtmf: str = "rfc4733",
        media_timeout: float | None = None,
        asked: bool = False,
        gate: Gate,
    ) -> None:
        self.leg_id = leg_id
        self.codecs = codecs
        self.keys = LegKeys(leg_id, dtmf)
        #: Seconds of silence after which the leg counts as silent; None if silence means nothing.
        self.media_timeout = media_timeout
        #: Whether the person who answers must press a key, which must then be heard in any form.
        self.asked = asked
        self.state = SipLegState.NEW
        self.held = False
        #: Whether the far side may send: with ``recvonly`` or ``inactive`` it is silent as agreed.
        self.far_side_sends = True
        #: The leg in the conference bridge, while it has media.
        self.port: pj.AudioMedia | None = None
        self._owner = owner
        self._reactor = reactor
        self._gate = gate
        self._call: PjCall | None = None
        self._early = EarlyMedia()
        self._without_events = False
        self._sip_call_id: str | None = None
        self._totals = StreamTotals()
        self.meet(entry)
        #: Why we hung up, once we have.
        self._our_cause: HangupCause | None = None
        self._invite = InviteWatch(reactor)

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.state is SipLegState.ENDED

    def meet(self, entry: MediaEntry) -> None:
        """Learn who the far side is, before the leg has media."""
        self._entry = entry
        self._guard = Guard(
            self._reactor,
            self.leg_id,
            entry,
            self.packets_received,
            lambda key: self.key_pressed(key, pj.PJSUA_DTMF_METHOD_RFC2833, 0),
            lambda key: self.key_pressed(key, AS_A_TONE, 0),
            self._lock_codec,
        )

    @property
    def early(self) -> bool:
        """Whether early media may arrive."""
        return self.state is SipLegState.RINGING and self.port is not None

    # Commands of the switchboard ----------------------------------------------------------------------

    def dial(self, account: pj.Account, uri: str, options: pj.CallOpParam) -> None:
        """Send the INVITE; ``pj.Error`` if PJSIP cannot."""
        self.state = SipLegState.CALLING
        self._call = PjCall(self, account)
        self._call.makeCall(uri, options)
        if self._call is not None:  # no callback has ended the leg meanwhile
            self._sip_call_id = self._call.getInfo().callIdString
            self._gate.timers.refreshers[self._sip_call_id] = self._refresh
            self._invite.sent(self._gets_no_response)

    def attempt(self, seconds: float) -> defer.Deferred[Refusal | None]:
        """Fires with how the INVITE of :meth:`dial` fails; with None if it is answered or the leg ends.

        Without any response within so many seconds the INVITE is abandoned. The leg has not ended then:
        another INVITE may follow, or :meth:`refuse`.
        """
        return self._invite.expect(seconds)

    def refuse(self, cause: HangupCause, status: int | None) -> None:
        """End the leg, because no INVITE was answered."""
        self._end(cause, status)

    def _gets_no_response(self) -> bool:
        """Give up an INVITE without any response; whether there was none."""
        silent = self.state is SipLegState.CALLING and self._sip_call_id is not None
        if not silent or self._gate.heard(self._sip_call_id or ""):
            return False
        self._gate.give_up(self._sip_call_id or "")
        return True

    def accept(self, call: PjCall) -> None:
        """Take an incoming INVITE as this leg, and answer it."""
        self._call, call.leg = call, self
        self.state = SipLegState.CALLING
        self._sip_call_id = call.getInfo().callIdString
        self._gate.timers.refreshers[call.getInfo().callIdString] = self._refresh
        options = pj.CallOpParam(True)
        options.statusCode = 200
        call.answer(options)

    def _refresh(self, method: Method) -> None:
        if self._call is not None and self.state is SipLegState.ANSWERED:
            self._call.refresh(self.leg_id, method)

    def hang_up(self, cause: HangupCause) -> None:
        """End the leg from our side, in any state: by CANCEL, by BYE, or at once if no INVITE was sent.

        The end is reported when PJSIP has released the dialog: at once after BYE, and after CANCEL when the
        far side's final response comes, or after 32 s without one (RFC 3261 section 9.1).
        """
        if self.state in (SipLegState.LEAVING, SipLegState.ENDED):
            return
        if self._call is None or not self._call.isActive():
            self._end(cause, None)
            return
        self.state, self._our_cause = SipLegState.LEAVING, cause
        self._hang_up_call()

    def _hang_up_call(self) -> None:
        if self._call is None or self._our_cause is None:
            return
        try:
            self._call.hangup(hang_up_options(self._our_cause))
        except pj.Error as error:
            note("hang_up_failed", leg=self.leg_id, reason=error.reason)
            self._end(self._our_cause, None)

    def send_dtmf(self, digit: str) -> None:
        """Press a key toward the far side."""
        if self.state is SipLegState.ANSWERED and self._call is not None:
            self.keys.send(self._call, digit)

    def _lock_codec(self, payload_type: int) -> None:
        """Offer again, with only the codec that the far side sends (RFC 3264 section 8)."""
        codec = CODEC_OF.get(payload_type)
        if self.state is not SipLegState.ANSWERED or self._call is None or codec not in self.codecs:
            return
        note("codec_offered_alone", leg=self.leg_id, codec=codec)
        self.codecs = (codec,)
        self._call.refresh(self.leg_id, "INVITE")

    def joined(self) -> None:
        """It was joined: its key is no longer waited for."""
        self._guard.listen_for_tones(False)

    def signs_of_life(self) -> int:
        """A number that changes while the far side is there.

        It counts audio, keys, comfort noise (RFC 3389) and RTCP reports, which a silent far side still sends.
        """
        if self._call is None or self.port is None:
            return 0
        rtcp = self._call.getStreamStat(0).rtcp
        return int(rtcp.rxStat.pkt) + int(rtcp.txStat.updateCount) + self._guard.heard

    def packets_received(self) -> int:
        """RTP packets received on the present stream; 0 without one."""
        if self._call is None or self.port is None:
            return 0
        return int(self._call.getStreamStat(0).rtcp.rxStat.pkt)

    # sip.pj_call.CallListener -------------------------------------------------------------------------

    def state_changed(self, event: pj.SipEvent) -> None:
        """The state of the dialog changed (RFC 3261)."""
        if self._call is None:
            return
        info = self._call.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY:
            self._invite.responded(info.lastStatusCode)
            self._ring()
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED and self.state is SipLegState.LEAVING:
            # 200 and our CANCEL crossed on the wire: now there is a dialog to end with BYE.
            self._reactor.callLater(0, self._hang_up_call)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._answer()
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            status = self._invite.redirected or info.lastStatusCode
            answered = self.state is SipLegState.ANSWERED
            fate = self._gate.fate_of(info.callIdString)
            if self._our_cause is not None:
                refused = status >= _FIRST_FINAL_REFUSAL and from_peer(event)
                self._end(self._our_cause, status if refused else None)
                return
            refusal = None if answered else self._invite.refusal(event, status, fate)
            if refusal is not None:
                self._attempt_failed(refusal)
                return
            if fate is not None:
                self._end(fate.cause, fate.status)
                return
            if answered and from_peer(event):
                self._end(cause_of_bye(event.body.tsxState.src.rdata.wholeMsg), status)
                return
            self._end(cause_of_status(status, from_peer=from_peer(event), answered=answered), status)

    def _attempt_failed(self, refusal: Refusal) -> None:
        """Release the call; the leg waits for the next INVITE, or its end."""
        call, self._call = self._call, None
        if self._sip_call_id is not None:
            self._gate.forget(self._sip_call_id)
        heard, had_media = self._early.arrives, self.port is not None
        self.state, self.port, self.held = SipLegState.NEW, None, False
        self._early = EarlyMedia()
        self._invite.reset()
        self._guard.close()
        if had_media:
            self._owner.media_changed(self)
        if heard:
            self._owner.report(LegRinging(self.leg_id, False, self._sip_call_id))
        if call is not None:
            # PJSUA2 may still be inside a method of this object.
            self._reactor.callLater(0, call.forget)
        self._invite.settle(refusal)

    def media_changed(self) -> None:
        """An offer and its answer changed the media (RFC 3264): first media, hold, resume, new address."""
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
            self._totals.codec = stream.codecName or self._totals.codec
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
        self._owner.media_changed(self)

    def redirected(self, status: int) -> None:
        """A 3xx response came. It is not followed, and PJSIP will report 487."""
        self._invite.redirected = status

    def sdp_created(self, parameters: pj.OnCallSdpCreatedParam) -> None:
        """PJSIP wrote an SDP, which has not been sent yet."""
        parameters.sdp.wholeSdp = choose_codecs(parameters.sdp.wholeSdp, self.codecs)
        if self._call is not None:
            # Before anybody can learn the ports.
            found = media_ports(parameters.sdp.wholeSdp)
            if found is not None:
                self._guard.open(self._entry.bind, *found)

    def stream_destroyed(self, index: int) -> None:
        """A stream ends, and its counters with it."""
        if self._call is not None:
            self._totals.add(self._call.getStreamStat(index).rtcp)

    def key_pressed(self, digit: str, method: int, flags: int) -> None:
        """A DTMF packet or an INFO came."""
        if self.state is not SipLegState.ANSWERED:
            return
        if self.keys.is_new(digit.upper(), method, flags, self._reactor.seconds()):
            self._owner.report(LegDtmf(self.leg_id, digit.upper()))

    def broke(self, where: str, error: Exception) -> None:
        """One of our callbacks failed: end the leg."""
        note("leg_broke", leg=self.leg_id, where=where, kind=type(error).__name__, reason=describe(error))
        self.hang_up(HangupCause.FAILED)

    # Changes of state ---------------------------------------------------------------------------------

    def _ring(self) -> None:
        if self.state is SipLegState.CALLING:
            self.state = SipLegState.RINGING
            self._owner.report(LegRinging(self.leg_id, False, self._sip_call_id))

    def look_for_early_media(self) -> None:
        """Report when early media arrives and stops, which an SDP alone does not tell."""
        if self.state is not SipLegState.RINGING:
            return
        if self._early.hear(self.packets_received(), self._reactor.seconds()):
            self._owner.report(LegRinging(self.leg_id, self._early.arrives, self._sip_call_id))

    def _answer(self) -> None:
        if self.state in (SipLegState.CALLING, SipLegState.RINGING) and (self.port is not None or self.held):
            self.state = SipLegState.ANSWERED
            self._guard.answered()
            self._guard.listen_for_tones(self.asked and self._without_events)
            self._invite.settle(None)
            self._owner.report(LegAnswered(self.leg_id, self._sip_call_id))
            if self.held:
                self._owner.report(LegHeld(self.leg_id))
            self._owner.media_changed(self)

    def _hold(self, held: bool) -> None:
        if held != self.held:
            self.held = held
            if self.state is SipLegState.ANSWERED:
                self._owner.report(LegHeld(self.leg_id) if held else LegResumed(self.leg_id))

    def _end(self, cause: HangupCause, status: int | None) -> None:
        if self.state is SipLegState.ENDED:
            return
        call, self._call = self._call, None
        self._gate.expect_no_more(self.leg_id)
        if self._sip_call_id is not None:
            self._gate.forget(self._sip_call_id)
        stats = self._final_stats(call)
        self.state, self.port = SipLegState.ENDED, None
        self._guard.close()
        self._owner.leg_ended(self, LegEnded(self.leg_id, cause, status, self._sip_call_id, stats))
        self._invite.settle(None)
        if call is not None:
            # PJSUA2 may still be inside a method of this object.
            self._reactor.callLater(0, call.forget)

    def _final_stats(self, call: PjCall | None) -> MediaStats | None:
        if call is not None and self.port is not None and call.isActive():
            try:
                self._totals.add(call.getStreamStat(0).rtcp)
            except pj.Error as error:
                note("stats_lost", leg=self.leg_id, reason=error.reason)
        return self._totals.stats()
