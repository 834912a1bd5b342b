"""One browser leg: a phone worker's SIP call on one side, one peer connection after another on the other."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from bridge.events import LegEvent, LegFaltered, LegRecovered
from webrtc.ice import Place
from webrtc.peer import Peer, Problem
from webrtc.plain_sdp import PlainOffer, shared_codecs, write_plain
from webrtc.relay import Relay
from webrtc.rtp import FRAME, FRAME_SECONDS, SILENCE, STATIC_TYPES, Packet, Seamless
from webrtc.signalling import (
    Answer,
    Bye,
    Candidate,
    Connected,
    EndOfCandidates,
    Failed,
    HangUp,
    Offer,
    Quality,
    ToWorker,
)
from webrtc.transcoder import Channel, Ears, Transcoder
from webrtc.uas import Dialog

#: Seconds without any sign of life after which a browser is missed: audio, RTCP, or its consent (RFC 7675).
GONE_AFTER = 3.0
#: Seconds without audio after which it is asked for that consent, and silence is sent in its place.
SILENT_AFTER = 1.5
_LOOK_EVERY = 1.0
#: What Opus can be turned into.
_TRANSCODED = ("PCMU", "PCMA")
#: Offers that one leg may make: reloads and networks change, but not for ever.
_MOST_OFFERS = 100
#: SIP status for an INVITE by why the browser will not take it.
_REFUSALS = {"hung_up": 603, "declined": 603, "busy": 486, "no_microphone": 480, "no_path": 480}
_NORMAL = "Q.850;cause=16"
_LOST = 'SIP;cause=408;text="browser lost"'

Cause = Literal[
    "ended", "cancelled", "hung_up", "declined", "busy", "no_microphone", "no_path", "lost", "failed"
]
Task = Coroutine[Any, Any, None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a leg needs of its worker."""

    place: Place
    #: Where phone workers' RTP reaches us.
    address: str
    #: Seconds that a leg lives without a browser.
    grace: float
    transcoder: Transcoder
    #: Runs a coroutine to its end, beyond the leg's own.
    spawn: Callable[[Task], None]
    tell: Callable[[str, BaseModel], None]
    ended: Callable[[BrowserLeg, Cause], None]
    report: Callable[[LegEvent], None]
    note: Callable[..., None]


class BrowserLeg:
    """From OpenBrowserLeg to its end. It is answered when a browser is connected, and outlives each browser
    by the grace; it ends once, and says so once.
    """

    def __init__(
        self,
        leg_id: str,
        codecs: tuple[str, ...],
        audio: Literal["passthrough", "opus"],
        around: Surroundings,
    ) -> None:
        self.leg_id = leg_id
        #: User part of the URI that the phone worker dials; whoever knows it may call.
        self.secret = secrets.token_urlsafe(24)
        self.over = False
        #: Whether SIP has been answered.
        self.answered_call = False
        self._codecs = codecs
        self._audio = audio
        self._around = around
        self._loop = asyncio.get_running_loop()
        self._relay: Relay | None = None
        self._dialog: Dialog | None = None
        #: What the phone worker is spoken to in, from the first offer on.
        self._codec: str | None = None
        self._peer: Peer | None = None
        self._coming: Peer | None = None
        #: Between the browser's Opus and the phone's G.711, while the browser speaks Opus.
        self._channel: Channel | None = None
        self._session = -1
        self._offers = 0
        #: When the browser was last there, while it is not.
        self._lost_at: float | None = None
        #: Whether the core was told so.
        self._faltered = False
        self._version = 1
        #: How a call is refused: one is enough, and none comes through once the leg is over.
        self._refusal = 486
        self._looking: asyncio.TimerHandle | None = None
        self._filling: asyncio.TimerHandle | None = None
        self._fill_at = 0.0

    def open(self) -> None:
        """Take a port for RTP. OSError where there is none."""
        self._relay = Relay(self._around.address, self._took)
        self._looking = self._loop.call_later(_LOOK_EVERY, self._look)

    # What the browser says -------------------------------------------------------------------------------

    def signal(self, message: ToWorker) -> None:
        """A message of the browser's."""
        if self.over:
            return
        match message:
            case Offer():
                self._offered(message)
            case Candidate(session=session, candidate=candidate):
                for peer in (self._coming, self._peer):
                    if peer is not None and peer.session == session and candidate:
                        self._around.spawn(peer.add_candidate(candidate))
            case EndOfCandidates():
                pass  # its checks may still come from addresses that no candidate named
            case HangUp(reason=reason):
                self._end(reason, _REFUSALS[reason], _NORMAL)

    def close(self) -> None:
        """End the leg because the core says so."""
        self._end("ended", 480, _NORMAL)

    def _offered(self, offer: Offer) -> None:
        if offer.session <= self._session:
            return  # late, or a repetition
        self._session = offer.session
        self._offers += 1
        if self._offers > _MOST_OFFERS:
            self._tell(Failed(session=offer.session, problem="too_many_offers"))
            return
        self._discard(self._coming)
        self._coming = Peer(offer.session, self, self._around.place)
        codecs = self._phone_codecs()
        if "opus" in (self._audio, offer.audio) and set(codecs) & set(_TRANSCODED):
            codecs = ("opus", *codecs)
        self._around.spawn(self._coming.connect(offer, codecs))

    def _phone_codecs(self) -> tuple[str, ...]:
        """What the phone worker can be spoken to in."""
        if self._codec is not None:
            return (self._codec,)
        offer = self._dialog.offer if self._dialog else None
        return shared_codecs(offer, self._codecs) if offer else self._codecs

    # What its peer connections say -----------------------------------------------------------------------

    def answered(self, peer: Peer, answer: Answer) -> None:
        """The offer has an answer, and so the leg a codec."""
        if peer is self._coming:
            if self._codec is None:
                known = self._phone_codecs() if peer.codec == "opus" else (peer.codec,)
                self._codec = next(codec for codec in known if codec in _TRANSCODED or codec == peer.codec)
            self._tell(answer)

    def connected(self, peer: Peer) -> None:
        """A browser is there: it takes the leg over."""
        if peer is not self._coming or self.over:
            self._discard(peer)
            return
        try:
            channel = self._channel_for(peer)
        except OSError as error:
            self._discard(peer)
            self.failed(peer, "no_path", f"no transcoding process: {error}")
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

    def failed(self, peer: Peer, problem: Problem, detail: str) -> None:
        """An offer came to nothing; the leg goes on as long as another may come."""
        self._around.note("browser_failed", leg=self.leg_id, problem=problem, detail=detail)
        if peer is self._coming:
            self._coming = None
            self._tell(Failed(session=peer.session, problem=problem))
            if self._peer is None:
                self._lose("offer_failed")

    def disconnected(self, peer: Peer) -> None:
        """A browser has gone."""
        self._discard(peer)
        if peer is self._peer:
            self._peer = None
            self._lose("closed")

    def heard(self, peer: Peer, packet: Packet) -> None:
        """The browser speaks."""
        if peer is self._peer and self._relay is not None:
            if self._lost_at is not None:
                self.lives(peer)
            if self._filling is not None:
                self._stop_filling()
            if self._channel is not None:
                self._channel.up(packet)
            else:
                self._relay.send(packet, peer.heard_at)

    def lives(self, peer: Peer) -> None:
        """The browser is there, whether it speaks or not."""
        if peer is self._peer and self._lost_at is not None:
            self._recover()
            self._around.note("browser_back", level="info", leg=self.leg_id)

    def fared(self, peer: Peer, quality: Quality) -> None:
        """How it fares."""
        if peer is self._peer:
            self._tell(quality)
            if self._channel is not None:
                self._channel.expect_loss(quality.down_loss)

    # What the phone worker says --------------------------------------------------------------------------

    def invited(self, dialog: Dialog) -> None:
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
        """The phone worker moves its media, holds it or resumes it."""
        if self._codec is None or self._codec not in offer.codecs or self._relay is None:
            return None
        self._version += 1
        self._relay.aim(offer.address, offer.port)
        return write_plain(offer, self._around.address, self._relay.port, self._codec, self._version)

    def hung_up(self, *, cancelled: bool) -> None:
        """The phone worker has gone."""
        self._end("cancelled" if cancelled else "ended", 487, None)

    def _took(self, packet: Packet) -> None:
        if self._channel is not None:
            self._channel.down(packet)
        else:
            self._send(packet)

    def _send(self, packet: Packet) -> None:
        if self._peer is not None:
            self._peer.send(packet, self._loop.time())

    def _channel_for(self, peer: Peer) -> Channel | None:
        """A way through the transcoding process, where this browser needs one. OSError where none starts."""
        relay = self._relay
        if peer.codec != "opus" or self._codec is None or relay is None:
            return None
        ears = Ears(lambda packet: relay.send(packet, self._loop.time()), self._send, lambda: self._cut(peer))
        return self._around.transcoder.open(self._codec, ears)

    def _cut(self, peer: Peer) -> None:
        """The transcoding process died: the browser is to offer anew."""
        self._channel = None
        self.disconnected(peer)
        self._tell(Failed(session=peer.session, problem="no_path"))

    def _answer(self) -> None:
        """Say 200, as soon as there are both a call and a browser."""
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

    # Its own time ----------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Once a second: is the browser still there, and if not, for how long?"""
        now = self._loop.time()
        self._looking = self._loop.call_later(_LOOK_EVERY, self._look)
        if self._peer is not None and now - self._peer.heard_at > SILENT_AFTER:
            # A microphone that went is no browser that went.
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
        """Silence, so that the phone worker does not take the leg for dead."""
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

    def _discard(self, peer: Peer | None) -> None:
        if peer is not None:
            self._around.spawn(peer.close())

    def _tell(self, message: BaseModel) -> None:
        self._around.tell(self.leg_id, message)
