"""A process of bench peers: ``python -m bench.peers JOB`` makes calls as it is told on its standard input.

One line of input is a number to call as; one line of output, JSON, tells whether that was accepted and how
many seconds it took. At the end of the input the process writes what its peers heard to the job's file,
and ends.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import secrets
import struct
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from aiortc import RTCCertificate

from bench.peer_path import PeerPath, PeerPathError
from bench.peer_sdp import CODECS, Codec, PeerSdpError, read_answer, write_offer
from bench.peer_voice import ROUND, TICKS, PeerVoice, voice
from bench.web_signalling import SignallingError, WebCall, WebServer, web_call

_HEADER = struct.Struct("!BBHII")
_FRAME_SECONDS = 0.02
#: Packets that one peer keeps at most: an hour's.
_MOST_KEPT = 180_000


@dataclasses.dataclass(frozen=True)
class Job:
    """What a process of peers is for. A peer's call ends by itself after ``most_seconds``."""

    server: WebServer
    codec: Codec
    hz: int
    most_seconds: float
    heard: Path

    def dump(self) -> str:
        """As JSON."""
        return json.dumps(dataclasses.asdict(self), default=str)

    @classmethod
    def load(cls, text: str) -> Job:
        """From JSON."""
        fields = json.loads(text)
        return cls(
            WebServer(**fields["server"]), fields["codec"], fields["hz"], fields["most_seconds"],
            Path(fields["heard"]),
        )  # fmt: skip


@dataclasses.dataclass
class PeerStory:
    """One peer's call; moments are seconds since the epoch, None for what never happened."""

    number: str
    clicked: float
    accepted: float | None = None
    #: When its WebSocket was open, and when its offer was answered.
    opened: float | None = None
    answered: float | None = None
    #: When its own path stood, ICE and DTLS included.
    connected: float | None = None
    ended: float | None = None
    problem: str = ""
    port: int = 0
    codec: Codec | None = None
    ssrc: int = 0
    first_sequence: int = 0
    sent: int = 0
    #: Of the packets that it got.
    heard_ssrc: int = 0


class PcPeer:
    """One shopper at a PC."""

    def __init__(
        self, number: str, job: Job, certificate: RTCCertificate, voices: dict[Codec, PeerVoice]
    ) -> None:
        self.story = PeerStory(number, time.time(), ssrc=secrets.randbits(32))
        self.story.first_sequence = secrets.randbits(15)
        #: Whole packets, in the order of their arrival.
        self.heard: list[bytes] = []
        self.accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._job, self._voices = job, voices
        self._path = PeerPath(certificate, self._took)
        self._loop = asyncio.get_running_loop()
        self._speaking: asyncio.TimerHandle | None = None
        self._next_at = 0.0

    async def run(self, http: httpx.AsyncClient) -> None:
        """The whole call. What goes wrong is in its story."""
        story = self.story
        try:
            async with asyncio.timeout(self._job.most_seconds):
                candidates = await self._path.gather()
                story.port = self._path.port
                async with web_call(self._job.server, story.number, http) as call:
                    story.accepted, story.opened = call.accepted, time.time()
                    self.accepted.set_result(None)
                    await self._talk(call, candidates)
        except (
            SignallingError,
            PeerPathError,
            PeerSdpError,
            OSError,
            httpx.HTTPError,
            TimeoutError,
        ) as error:
            story.problem = f"{type(error).__name__}: {error}"[:300]
        finally:
            story.ended = time.time()
            if self._speaking is not None:
                self._speaking.cancel()
            if not self.accepted.done():
                self.accepted.set_result(None)
            await self._path.close()

    async def _talk(self, call: WebCall, candidates: list[str]) -> None:
        story = self.story
        codecs = [self._job.codec]
        offer = write_offer(self._path.credentials, self._path.fingerprint, candidates, story.ssrc, codecs)
        remote = read_answer(await call.answer_to(offer))
        story.answered, story.codec = time.time(), remote.codec
        await self._path.connect(remote)
        story.connected = time.time()
        self._next_at = self._loop.time()
        self._speak(self._voices[remote.codec], TICKS[remote.codec])
        await call.connected()
        await call.over()

    def _speak(self, voice: PeerVoice, ticks: int) -> None:
        story, count = self.story, self.story.sent
        story.sent += 1
        self._next_at += _FRAME_SECONDS
        self._speaking = self._loop.call_at(self._next_at, self._speak, voice, ticks)
        header = _HEADER.pack(
            0x80,
            CODECS[voice.codec][0] | (0 if count else 0x80),
            (story.first_sequence + count) & 0xFFFF,
            count * ticks,
            story.ssrc,
        )
        self._path.send(header + voice.payloads[count % ROUND])

    def _took(self, packet: bytes) -> None:
        if len(self.heard) < _MOST_KEPT:
            self.heard.append(packet)


def write_heard(path: Path, peers: list[PcPeer]) -> None:
    """What the peers heard, whole packets end to end, and their stories."""
    stories = [dataclasses.asdict(peer.story) for peer in peers]
    lengths = [np.array([len(packet) for packet in peer.heard], np.int64) for peer in peers]
    whole = np.frombuffer(b"".join(b"".join(peer.heard) for peer in peers), np.uint8)
    arrays: dict[str, Any] = {f"lengths{number}": one for number, one in enumerate(lengths)}
    np.savez(path, stories=np.array(json.dumps(stories)), packets=whole, **arrays)


def read_heard(path: Path) -> list[tuple[PeerStory, dict[int, bytes]]]:
    """Stories, each with the payloads that were heard by sequence number."""
    with np.load(path, allow_pickle=False) as file:
        stories = [PeerStory(**fields) for fields in json.loads(str(file["stories"]))]
        whole, at, result = file["packets"].tobytes(), 0, []
        for number, story in enumerate(stories):
            payloads: dict[int, bytes] = {}
            for length in file[f"lengths{number}"].tolist():
                packet, at = whole[at : at + length], at + length
                if len(packet) <= _HEADER.size or packet[0] != 0x80:
                    continue
                _, _, sequence, _, story.heard_ssrc = _HEADER.unpack_from(packet)
                payloads[sequence] = packet[_HEADER.size :]
            result.append((story, payloads))
    return result


async def serve(job: Job) -> None:
    """Make the calls that standard input asks for, until it ends."""
    certificate = RTCCertificate.generateCertificate()
    voices = {job.codec: voice(job.codec, job.hz)}
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    peers: list[PcPeer] = []
    tasks: list[asyncio.Task[None]] = []

    async def tell(peer: PcPeer) -> None:
        await peer.accepted
        story = peer.story
        took = (story.accepted or time.time()) - story.clicked
        say(number=story.number, accepted=story.accepted is not None, seconds=took, problem=story.problem)

    def say(**fields: object) -> None:
        print(json.dumps(fields), flush=True)

    # Without TLS, of which making a context takes longer than a request.
    base = job.server.url if job.server.kind == "ringback" else "http://127.0.0.1"
    async with httpx.AsyncClient(base_url=base, verify=False, trust_env=False, timeout=20) as http:
        await _warm_up(job, certificate, http)
        say(ready=True)
        while line := (await lines.readline()).decode().strip():
            peer = PcPeer(line, job, certificate, voices)
            peers.append(peer)
            tasks += [asyncio.ensure_future(peer.run(http)), asyncio.ensure_future(tell(peer))]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    write_heard(job.heard, peers)


async def _warm_up(job: Job, certificate: RTCCertificate, http: httpx.AsyncClient) -> None:
    """Do what a browser did long before a click: connect to the server, and use its WebRTC once."""
    if job.server.kind == "ringback":
        await http.get("/healthz")
    path = PeerPath(certificate, lambda packet: None)
    candidates = await path.gather()
    write_offer(path.credentials, path.fingerprint, candidates, 1, [job.codec])
    await path.close()


def main() -> None:
    """Run in a loop that costs little."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(Job.load(sys.argv[1])))


if __name__ == "__main__":
    main()
