"""One peer connection: answers the offer, establishes the path, carries RTP and measures quality."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal, Protocol

from webrtc.ice import MediaAddresses
from webrtc.rtcp import Block, Reception, read_reports, round_trip, write_report
from webrtc.rtp import CLOCK_RATE, FRAME, RtpPacket, Seamless, read
from webrtc.sdp import LocalPath, SdpError, choose_codec, read_offer, write_answer
from webrtc.signalling import Quality, SdpAnswer, SdpOffer
from webrtc.tap import PathError, SecurePath

#: Seconds from an offer until its path must be established.
CONNECT_WITHIN = 15.0
#: Seconds between two RTCP reports, and reports between two messages of quality.
_REPORT_EVERY = 2.5
_REPORTS_A_MESSAGE = 2
_MOST_CANDIDATES = 64
#: Loss, in per cent, from which Opus with its error correction sounds better than G.711.
_POOR_LOSS = 3.0
_OPUS_RATE, _OPUS_FRAME = 48000, 960

Problem = Literal["bad_offer", "no_common_codec", "no_path"]


class PeerConnectionOwner(Protocol):
    """The leg that a peer connection is for."""

    def answered(self, peer: PeerConnection, answer: SdpAnswer) -> None:
        """The offer has an answer."""

    def connected(self, peer: PeerConnection) -> None:
        """The path is established."""

    def failed(self, peer: PeerConnection, problem: Problem, detail: str) -> None:
        """It cannot connect, and is closed."""

    def disconnected(self, peer: PeerConnection) -> None:
        """An established path is gone: the browser closed it, or disappeared."""

    def heard(self, peer: PeerConnection, packet: RtpPacket) -> None:
        """The browser sent a packet of the codec agreed on."""

    def lives(self, peer: PeerConnection) -> None:
        """The browser gave a sign of life, with or without audio."""

    def fared(self, peer: PeerConnection, quality: Quality) -> None:
        """The connection's quality, every few seconds."""


class PeerConnection:
    """One peer connection. ``codec`` is the codec of the browser, once the offer is answered."""

    def __init__(self, session: int, owner: PeerConnectionOwner, place: MediaAddresses) -> None:
        self.session = session
        self.codec = ""
        #: When the browser last sent audio, and when it last gave any sign of life.
        self.heard_at = 0.0
        self.alive_at = 0.0
        self.down_loss = 0.0
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._path = SecurePath(place, self._took_rtp, self._took_rtcp, self._path_closed, self._lives)
        self._ssrc = secrets.randbits(32)
        self._payload_type = -1
        self._rate = CLOCK_RATE
        self._stream: Seamless | None = None
        self._reception: Reception | None = None
        self._candidates = 0
        self._closed = False
        self._down: Block | None = None
        self._round_trip: float | None = None
        self._reports = 0
        self._reporting: asyncio.TimerHandle | None = None

    async def connect(self, offer: SdpOffer, codecs: Sequence[str]) -> None:
        """SdpAnswer the offer with the first of these codecs, then wait for the path."""
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await self._connect(offer, codecs)
        except SdpError as error:
            await self._fail("bad_offer", str(error))
        except PathError as error:
            await self._fail("no_path", str(error))
        except TimeoutError:
            await self._fail("no_path", f"not connected within {CONNECT_WITHIN:.0f} s")
        except Exception as error:  # noqa: BLE001 - a fault of ours, or of a library's, costs this offer alone
            await self._fail("no_path", f"{type(error).__name__}: {error}")

    async def add_candidate(self, candidate: str) -> None:
        """Take one more candidate of the browser; malformed ones and those beyond the limit are ignored."""
        self._candidates += 1
        if self._closed or self._candidates > _MOST_CANDIDATES:
            return
        with suppress(ValueError):  # unknown kinds are ignored (RFC 8839 section 5.1)
            await self._path.add_candidate(candidate)

    def send(self, packet: RtpPacket, now: float) -> None:
        """Send a packet from the phone, in the browser's codec, to the browser."""
        if self._stream is not None:
            data = self._stream.forward(packet, now)
            if data is not None:
                self._path.send_rtp(data)

    async def ask_consent(self) -> None:
        """Ask a browser that sends no audio for a sign of life."""
        if not self._closed:
            await self._path.ask_consent()

    async def close(self) -> None:
        """Close the connection; the owner is not told of anything after this."""
        if self._closed:
            return
        self._closed = True
        if self._reporting is not None:
            self._reporting.cancel()
        await self._path.close()

    async def _connect(self, offer: SdpOffer, codecs: Sequence[str]) -> None:
        read = read_offer(offer.sdp)
        codec = choose_codec(read, codecs)
        if codec is None:
            await self._fail("no_common_codec", ", ".join(codecs))
            return
        self.codec, self._payload_type = codec, read.codecs[codec]
        frame = FRAME
        if codec == "opus":
            self._rate, frame = _OPUS_RATE, _OPUS_FRAME
        self._stream = Seamless(
            self._ssrc,
            self._payload_type,
            secrets.randbits(15),
            secrets.randbits(32),
            self._rate,
            frame,
        )
        candidates = await self._path.gather()
        local = LocalPath(*self._path.credentials, self._path.fingerprint, candidates, complete=True)
        audio: Literal["opus", "passthrough"] = "opus" if codec == "opus" else "passthrough"
        sdp = write_answer(read, local, codec, self._ssrc, offer.session)
        self._owner.answered(self, SdpAnswer(session=self.session, sdp=sdp, audio=audio))
        for candidate in read.candidates:
            await self.add_candidate(candidate)
        await self._path.connect(read.user, read.password, read.fingerprints)
        if not self._closed:
            self.heard_at = self.alive_at = self._loop.time()
            self._reporting = self._loop.call_later(_REPORT_EVERY, self._report)
            self._owner.connected(self)

    async def _fail(self, problem: Problem, detail: str) -> None:
        if not self._closed:
            await self.close()
            self._owner.failed(self, problem, detail)

    def _path_closed(self) -> None:
        if not self._closed:
            self._owner.disconnected(self)

    def _took_rtp(self, data: bytes) -> None:
        packet = read(data)
        if packet is None or packet.payload_type != self._payload_type or self._closed:
            return
        now = self._loop.time()
        reception = self._reception
        if reception is None or reception.ssrc != packet.ssrc:
            reception = self._reception = Reception(packet.ssrc, self._rate)
        reception.add(packet, now)
        self.heard_at = self.alive_at = now
        self._owner.heard(self, packet)

    def _lives(self) -> None:
        self.alive_at = self._loop.time()
        self._owner.lives(self)

    def _took_rtcp(self, data: bytes) -> None:
        self._lives()
        heard = read_reports(data)
        if heard.sent is not None and self._reception is not None:
            self._reception.heard_sender(heard.sent, self._loop.time())
        for block in heard.blocks:
            if block.ssrc == self._ssrc:
                self._down = block
                self.down_loss = 100 * block.fraction_lost
                trip = round_trip(block, time.time())
                self._round_trip = trip if trip is not None else self._round_trip

    def _report(self) -> None:
        self._reporting = self._loop.call_later(_REPORT_EVERY, self._report)
        stream, now = self._stream, self._loop.time()
        if stream is None:
            return
        block = self._reception.report(now) if self._reception is not None else None
        since = now - stream.sent_at if stream.sent_at is not None else 0.0
        timestamp = stream.timestamp + round(since * self._rate)
        self._path.send_rtcp(
            write_report(self._ssrc, "ringback", time.time(), timestamp, stream.packets, stream.octets, block)
        )
        self._reports += 1
        if self._reports % _REPORTS_A_MESSAGE == 0:
            self._owner.fared(self, self._quality(block))

    def _quality(self, up: Block | None) -> Quality:
        up_loss = 100 * up.fraction_lost if up else 0.0
        down = self._down
        return Quality(
            session=self.session,
            up_loss=round(up_loss, 1),
            up_jitter_ms=round(self._reception.jitter_ms if self._reception else 0.0, 1),
            down_loss=round(self.down_loss, 1),
            down_jitter_ms=round(1000 * down.jitter / self._rate if down else 0.0, 1),
            round_trip_ms=None if self._round_trip is None else round(1000 * self._round_trip, 1),
            advise_opus=self.codec != "opus" and max(up_loss, self.down_loss) >= _POOR_LOSS,
        )
