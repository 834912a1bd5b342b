"""One browser leg: a phone worker's SIP call on one side, and on the other one peer connection at a time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from bridge.events import LegEvent, LegFaltered, LegRecovered
from webrtc.ice import MediaAddresses
from webrtc.peer import PeerConnection, Problem
from webrtc.plain_sdp import PlainOffer, shared_codecs, write_plain
from webrtc.relay import Relay
from webrtc.rtp import FRAME, FRAME_SECONDS, SILENCE, STATIC_TYPES, RtpPacket, Seamless
from webrtc.signalling import (
    BrowserHangUp,
    Bye,
    Connected,
    ConnectFailed,
    EndOfCandidates,
    IceCandidate,
    Quality,
    SdpAnswer,
    SdpOffer,
    ToWorker,
)
from webrtc.transcoder import ChannelListener, Transcoder, TranscoderChannel
from webrtc.uas import UasDialog

#: A browser counts as lost after so many seconds without audio, RTCP or consent (RFC 7675).
GONE_AFTER = 3.0
#: After so many seconds without audio we ask for that consent, and send silence to the phone instead.
SILENT_AFTER = 1.5
_LOOK_EVERY = 1.0
#: The codecs that Opus can be transcoded to.
_TRANSCODED = ("PCMU", "PCMA")
#: Offers that one leg may make. Each reload or change of network takes one.
_MOST_OFFERS = 100
#: SIP status that refuses the INVITE, by the reason that the browser gives.
_REFUSALS = {"hung_up": 603, "declined": 603, "busy": 486, "no_microphone": 480, "no_path": 480}
_NORMAL = "Q.850;cause=16"
_LOST = 'SIP;cause=408;text="browser lost"'

Cause = Literal[
    "ended", "cancelled", "hung_up", "declined", "busy", "no_microphone", "no_path", "lost", "failed"
]
Task = Coroutine[Any, Any, None]


@dataclass(frozen=True, slots=True)
class LegContext:
    """What a leg needs from its worker."""

    place: MediaAddresses
    #: The address where phone workers send RTP.
    address: str
    #: Seconds that a leg stays up without a browser.
    grace: float
    transcoder: Transcoder
    #: Runs a coroutine to its end, even if the leg ends first.
    spawn: Callable[[Task], None]
    tell: Callable[[str, BaseModel], None]
    ended: Callable[[BrowserLeg, Cause], None]
    report: Callable[[LegEvent], None]
    note: Callable[..., None]


class BrowserLeg:
    """One leg, from OpenBrowserLeg to its end.

    It is answered when a browser is connected. When the browser is lost, the leg stays up for the grace
    period. It ends once, and reports that once.
    """

    def __init__(
        self,
        leg_id: str,
        codecs: tuple[str, ...],
        audio: Literal["passthrough", "opus"],
        around: LegContext,
    ) -> None:
        self.leg_id = leg_id
        #: User part of the URI that the phone worker dials: a secret, which permits the call.
        self.secret = secrets.token_urlsafe(24)
        self.over = False
        #: Whether SIP has been answered.
        self.answered_call = False
        self._codecs = codecs
        self._audio = audio
        self._around = around
        self._loop = asyncio.get_running_loop()
        self._relay: Relay | None = None
        self._dialog: UasDialog | None = None
        #: The codec toward the phone worker, fixed by the first offer.
        self._codec: str | None = None
        self._peer: PeerConnection | None = None
        self._coming: PeerConnection | None = None
        #: Between the browser's Opus and the phone's G.711, while the browser speaks Opus.
        self._channel: TranscoderChannel | None = None
        self._session = -1
        self._offers = 0
        #: When the browser was lost; None while it is there.
        self._lost_at: float | None = None
        #: Whether the core was told that.
        self._faltered = False
        self._version = 1
        #: The status that refuses a second call, or any call after the end.
        self._refusal = 486
        self._looking: asyncio.TimerHandle | None = None
        self._filling: asyncio.TimerHandle | None = None
        self._fill_at = 0.0

    def open(self) -> None:
        """Take a port for RTP; OSError if none is free."""
        self._relay = Relay(self._around.address, self._took)
        self._looking = self._loop.call_later(_LOOK_EVERY, self._look)

    # Messages from the browser --------------------------------------------------------------------------

    def signal(self, message: ToWorker) -> None:
        """Handle a message from the browser."""
        if self.over:
            return
        match message:
            case SdpOffer():
                self._offered(message)
            case IceCandidate(session=session, candidate=candidate):
                for peer in (self._coming, self._peer):
                    if peer is not None and peer.session == session and candidate:
                        self._around.spawn(peer.add_candidate(candidate))
            case EndOfCandidates():
                pass  # its checks may still come from addresses that it did not name
            case BrowserHangUp(reason=reason):
                self._end(reason, _REFUSALS[reason], _NORMAL)

    def close(self) -> None:
        """End the leg on request of the core."""
        self._end("ended", 480, _NORMAL)

    def _offered(self, offer: SdpOffer) -> None:
        if offer.session <= self._session:
            return  # late or repeated
        self._session = offer.session
        self._offers += 1
        if self._offers > _MOST_OFFERS:
            self._tell(ConnectFailed(session=offer.session, problem="too_many_offers"))
            return
        self._discard(self._coming)
        self._coming = PeerConnection(offer.session, self, self._around.place)
        codecs = self._phone_codecs()
        if "opus" in (self._audio, offer.audio) and set(codecs) & set(_TRANSCODED):
            codecs = ("opus", *codecs)
        self._around.spawn(self._coming.connect(offer, codecs))

    def _phone_codecs(self) -> tuple[str, ...]:
        """The codecs that the phone worker accepts."""
        if self._codec is not None:
            return (self._codec,)
        offer = self._dialog.offer if self._dialog else None
        return shared_codecs(offer, self._codecs) if offer else self._codecs

    # What its peer connections say ----------------------------------------------------------------------

    def answered(self, peer: PeerConnection, answer: SdpAnswer) -> None:
        """The offer is answered, which fixes the leg's codec."""
        if peer is self._coming:
            if self._codec is None:
                known = self._phone_codecs() if peer.codec == "opus" else (peer.codec,)
                self._codec = next(codec for codec in known if codec in _TRANSCODED or codec == peer.codec)
            self._tell(answer)

    def connected(self, peer: PeerConnection) -> None:
        """A browser is connected: it takes over the leg."""
        if peer is not self._coming or self.over:
            self._discard(peer)
            return
        try:
            channel = self._channel_for(peer)
        except OSError as error:
            self._discard(peer)
            self.failed(peer, "no_path", f"the transcoding process cannot start: {error}")
            return
        before, self._peer, self._coming = self._peer, peer, None
        self._discard(before)
        if self._channel is not None:
            self._channel.close()
        self._channel = channel
        self._recover()
        self._stop_filling()
        self._around.note(
            "browser_connected", level="info", leg=self.leg_id, session=peer.session, codec=peer.codec
        )
        self._tell(Connected(session=peer.session))
        self._answer()

    def failed(self, peer: PeerConnection, problem: Problem, detail: str) -> None:
        """An offer failed; the leg goes on for as long as another offer may come."""
        self._around.note("browser_failed", leg=self.leg_id, problem=problem, detail=detail)
        if peer is self._coming:
            self._coming = None
            self._tell(ConnectFailed(session=peer.session, problem=problem))
            if self._peer is None:
                self._lose("offer_failed")

    def disconnected(self, peer: PeerConnection) -> None:
        """A browser has gone."""
        self._discard(peer)
        if peer is self._peer:
            self._peer = None
            self._lose("closed")

    def heard(self, peer: PeerConnection, packet: RtpPacket) -> None:
        """The browser sent audio."""
        if peer is self._peer and self._relay is not None:
            if self._lost_at is not None:
                self.lives(peer)
            if self._filling is not None:
                self._stop_filling()
            if self._channel is not None:
                self._channel.up(packet)
            else:
                self._relay.send(packet, peer.heard_at)

    def lives(self, peer: PeerConnection) -> None:
        """The browser gave a sign of life, with or without audio."""
        if peer is self._peer and self._lost_at is not None:
            self._recover()
            self._around.note("browser_back", level="info", leg=self.leg_id)

    def fared(self, peer: PeerConnection, quality: Quality) -> None:
        """The connection's quality was measured."""
        if peer is self._peer:
            self._tell(quality)
            if self._channel is not None:
                self._channel.expect_loss(quality.down_loss)

    # What the phone worker says -------------------------------------------------------------------------

    def invited(self, dialog: UasDialog) -> None:
        """The phone worker calls."""
        if self._dialog is not None or self.over:
            dialog.end(self._refusal)
            return
        self._dialog = dialog
        if dialog.offer is None or not shared_codecs(dialog.offer, self._phone_codecs()):
            self._end("failed", 488, None)
        else:
            self._answer()

    def reoffered(self, offer: PlainOffer) -> str | None:
        """The phone worker moves, holds or resumes its media."""
        if self._codec is None or self._codec not in offer.codecs or self._relay is None:
            return None
        self._version += 1
        self._relay.aim(offer.address, offer.port)
        return write_plain(offer, self._around.address, self._relay.port, self._codec, self._version)

    def hung_up(self, *, cancelled: bool) -> None:
        """The phone worker hung up."""
        self._end("cancelled" if cancelled else "ended", 487, None)

    def _took(self, packet: RtpPacket) -> None:
        if self._channel is not None:
            self._channel.down(packet)
        else:
            self._send(packet)

    def _send(self, packet: RtpPacket) -> None:
        if self._peer is not None:
            self._peer.send(packet, self._loop.time())

    def _channel_for(self, peer: PeerConnection) -> TranscoderChannel | None:
        """A channel to the transcoding process, if this browser needs one; OSError if none can start."""
        relay = self._relay
        if peer.codec != "opus" or self._codec is None or relay is None:
            return None
        ears = ChannelListener(
            lambda packet: relay.send(packet, self._loop.time()), self._send, lambda: self._cut(peer)
        )
        return self._around.transcoder.open(self._codec, ears)

    def _cut(self, peer: PeerConnection) -> None:
        """The transcoding process died: the browser has to make a new offer."""
        self._channel = None
        self.disconnected(peer)
        self._tell(ConnectFailed(session=peer.session, problem="no_path"))

    def _answer(self) -> None:
        """SdpAnswer the INVITE once there is a browser."""
        dialog, relay = self._dialog, self._relay
        if self.answered_call or dialog is None or dialog.offer is None or relay is None:
            return
        if self._peer is None or self._codec is None:
            return
        if self._codec not in dialog.offer.codecs:
            self._end("failed", 488, None)
            return
        self.answered_call = True
        relay.speak(
            Seamless(
                secrets.randbits(32), STATIC_TYPES[self._codec], secrets.randbits(15), secrets.randbits(32)
            )
        )
        relay.aim(dialog.offer.address, dialog.offer.port)
        dialog.answer(write_plain(dialog.offer, self._around.address, relay.port, self._codec, self._version))

    # Timers ---------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Check once a second whether the browser is there, and how long it has been lost."""
        now = self._loop.time()
        self._looking = self._loop.call_later(_LOOK_EVERY, self._look)
        if self._peer is not None and now - self._peer.heard_at > SILENT_AFTER:
            # Silence may be the microphone alone: ask whether the browser is there.
            self._around.spawn(self._peer.ask_consent())
            self._begin_to_fill()
        if self._lost_at is None:
            if self._peer is not None and now - self._peer.alive_at > GONE_AFTER:
                self._lose("silent")
        elif now - self._lost_at > self._around.grace:
            self._end("lost" if self.answered_call else "no_path", 480, _LOST)

    def _lose(self, how: str) -> None:
        if self._lost_at is not None or self.over:
            return
        self._around.note("browser_lost", leg=self.leg_id, how=how)
        self._lost_at = self._loop.time()
        self._begin_to_fill()
        if self.answered_call:
            self._faltered = True
            self._around.report(LegFaltered(self.leg_id))

    def _recover(self) -> None:
        self._lost_at = None
        if self._faltered:
            self._faltered = False
            self._around.report(LegRecovered(self.leg_id))

    def _begin_to_fill(self) -> None:
        if self.answered_call and self._filling is None:
            self._fill_at = self._loop.time()
            self._fill()

    def _stop_filling(self) -> None:
        if self._filling is not None:
            self._filling.cancel()
            self._filling = None

    def _fill(self) -> None:
        """Send a frame of silence, so that the phone worker does not count the leg as dead."""
        if self._relay is not None and self._codec is not None:
            self._relay.fill(SILENCE[self._codec] * FRAME, self._loop.time())
        self._fill_at += FRAME_SECONDS
        self._filling = self._loop.call_at(self._fill_at, self._fill)

    def _end(self, cause: Cause, status: int, reason: str | None) -> None:
        if self.over:
            return
        self.over, self._refusal = True, status
        self._stop_filling()
        if self._looking is not None:
            self._looking.cancel()
        if self._dialog is not None:
            self._dialog.end(status, reason)
        for peer in (self._peer, self._coming):
            self._discard(peer)
        self._peer = self._coming = None
        if self._channel is not None:
            self._channel.close()
        if self._relay is not None:
            self._relay.close()
        told: dict[str, Literal["cancelled", "lost", "failed"]] = {
            "cancelled": "cancelled", "lost": "lost", "failed": "failed", "no_path": "failed",
        }  # fmt: skip
        self._tell(Bye(cause=told.get(cause, "ended")))
        self._around.ended(self, cause)

    def _discard(self, peer: PeerConnection | None) -> None:
        if peer is not None:
            self._around.spawn(peer.close())

    def _tell(self, message: BaseModel) -> None:
        self._around.tell(self.leg_id, message)
