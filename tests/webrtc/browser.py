"""An aiortc peer as browser: speaks a tone, and knows which tones it hears."""

from __future__ import annotations

import asyncio
import fractions
import math
import random
from collections.abc import Callable

import aioice.ice
import numpy as np
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtcpByePacket
from av import AudioFrame

from tests.webrtc.core import BrowserWorker
from webrtc.signalling import BrowserHangUp, Connected, EndOfCandidates, IceCandidate, SdpAnswer, SdpOffer

aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
_took_rtcp = RTCRtpReceiver._handle_rtcp_packet


async def _outlives_bye(self, packet) -> None:
    """As in a browser, a BYE mutes a track until the next packet, and does not end it (webrtc-pc, 5.3)."""
    if not isinstance(packet, RtcpByePacket):
        await _took_rtcp(self, packet)


RTCRtpReceiver._handle_rtcp_packet = _outlives_bye


class _Tone(MediaStreamTrack):
    kind = "audio"

    def __init__(self, hertz: float, rate: int) -> None:
        super().__init__()
        self._hertz, self._rate, self._sent = hertz, rate, 0
        self._start: float | None = None

    async def recv(self) -> AudioFrame:
        loop, count = asyncio.get_running_loop(), self._rate // 50
        if self._start is None:
            self._start = loop.time()
        await asyncio.sleep(max(0.0, self._start + self._sent / self._rate - loop.time()))
        at = np.arange(self._sent, self._sent + count)
        samples = (8000 * np.sin(2 * math.pi * self._hertz * at / self._rate)).astype("<i2")
        frame = AudioFrame.from_ndarray(samples[None, :], format="s16", layout="mono")
        frame.pts, frame.sample_rate = self._sent, self._rate
        frame.time_base = fractions.Fraction(1, self._rate)
        self._sent += count
        return frame


class Browser:
    """One page with one peer connection."""

    def __init__(self, worker: BrowserWorker, leg_id: str, session: int = 1, codecs=("PCMU",)) -> None:
        self.worker, self.leg_id, self.session = worker, leg_id, session
        self._codecs = codecs
        self._samples: list[np.ndarray] = []
        self.rate = 8000
        #: Packets lost on purpose.
        self.impaired = 0
        self._tasks: list[asyncio.Task] = []
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.pc.on("track", self._track)

    async def offer(self, hertz: float = 440, audio: str = "auto", tell: str = "one by one") -> str:
        """Make an offer and take its answer; the audio it says. ``tell`` candidates so, at once or never."""
        queue: asyncio.Queue = asyncio.Queue()
        self.worker.listeners[self.leg_id] = queue
        self.pc.addTrack(_Tone(hertz, 48000 if "opus" in self._codecs else 8000))
        known = RTCRtpSender.getCapabilities("audio").codecs
        self.pc.getTransceivers()[0].setCodecPreferences(
            [one for name in self._codecs for one in known if one.mimeType.lower() == f"audio/{name.lower()}"]
        )
        await self.pc.setLocalDescription(await self.pc.createOffer())
        # As a browser does, tell the candidates one by one.
        lines = self.pc.localDescription.sdp.split("\r\n")
        found = [line[2:] for line in lines if line.startswith("a=candidate:")]
        if tell != "at once":
            lines = [line for line in lines if "candidate" not in line]
        sdp = "\r\n".join(lines)
        self.worker.signal(self.leg_id, SdpOffer(session=self.session, sdp=sdp, audio=audio))
        for candidate in found if tell == "one by one" else []:
            self.worker.signal(
                self.leg_id,
                IceCandidate(session=self.session, candidate=candidate, sdpMid="0", sdpMLineIndex=0),
            )
        self.worker.signal(self.leg_id, EndOfCandidates(session=self.session))
        answer = await self._next(queue, SdpAnswer)
        await self.pc.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        return answer.audio

    async def connect(self, hertz: float = 440, audio: str = "auto", tell: str = "one by one") -> str:
        """SdpOffer, and wait until audio flows."""
        mode = await self.offer(hertz, audio, tell)
        await self._next(self.worker.listeners[self.leg_id], Connected)
        return mode

    async def _next(self, queue: asyncio.Queue, kind: type, within: float = 6.0):
        async def look():
            while True:
                message = await queue.get()
                if isinstance(message, kind) and message.session == self.session:
                    return message

        try:
            return await asyncio.wait_for(look(), within)
        except TimeoutError:
            raise AssertionError((kind, self.worker.said, self.worker.stderr)) from None

    def _track(self, track) -> None:
        self._tasks.append(asyncio.ensure_future(self._listen(track)))

    async def _listen(self, track) -> None:
        while track.readyState == "live":
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            self.rate = frame.sample_rate
            samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0]
            self._samples.append(samples.astype(float))
            del self._samples[:-100]

    def level(self, hertz: float, seconds: float = 0.3) -> float:
        """Amplitude of a tone heard in the last so many seconds."""
        if not self._samples:
            return 0.0
        samples = np.concatenate(self._samples)[-int(seconds * self.rate) :]
        wave = np.exp(-2j * math.pi * hertz * np.arange(len(samples)) / self.rate)
        return float(abs(np.dot(samples, wave)) * 2 / len(samples))

    def forget(self) -> None:
        """Forget what was heard."""
        self._samples.clear()

    async def hears(self, hertz: float, not_hertz: float, within: float = 12.0) -> None:
        """Within a moment it hears the one tone and not the other."""
        end = asyncio.get_running_loop().time() + within
        while not (self.level(hertz) > 2000 and self.level(not_hertz) < 200):
            assert asyncio.get_running_loop().time() < end, (self.level(hertz), self.level(not_hertz))
            await asyncio.sleep(0.05)

    def hang_up(self, reason: str = "hung_up") -> None:
        self.worker.signal(self.leg_id, BrowserHangUp(reason=reason))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.pc.close()

    def impair(self, chance: random.Random, loss: float, jitter: float) -> None:
        """From now on lose and delay (by up to so many seconds) what it sends."""
        loop = asyncio.get_running_loop()

        def late(send, data: bytes, address) -> None:
            if self.pc.connectionState != "closed":
                send(data, address)

        for protocol in self._sockets():
            send = protocol.transport.sendto

            def sendto(data: bytes, address, send=send) -> None:
                if chance.random() < loss:
                    self.impaired += 1
                else:
                    loop.call_later(chance.uniform(0, jitter), late, send, data, address)

            protocol.transport.sendto = sendto

    def vanish(self) -> None:
        """Send nothing any more, as a machine that lost its power."""
        for protocol in self._sockets():
            protocol.transport.sendto = lambda *_: None
            protocol.datagram_received = lambda *_: None

    def hush(self) -> Callable[[], None]:
        """Send neither audio nor RTCP, as without a microphone and reports; what it gives back ends that."""
        loud = [(protocol.transport, protocol.transport.sendto) for protocol in self._sockets()]
        for transport, send in loud:
            transport.sendto = lambda data, address, send=send: (
                None if 127 < data[0] < 192 else send(data, address)
            )

        def back() -> None:
            for transport, send in loud:
                transport.sendto = send

        return back

    def _sockets(self) -> list:
        return self.pc.getTransceivers()[0].receiver.transport.transport._connection._protocols
