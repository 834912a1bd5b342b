"""A stand-in for the media half of the switch: SDPs that are right, and a little silence toward the far side.

It keeps to the protocol of :mod:`switch.media` and knows nothing of SIP: what the signalling half does is
tested with it, and with the real one.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field

from bridge.commands import Join, Play
from bridge.events import MediaStats, PromptFinished
from media.switch_worker import SwitchWorker, serve
from switch.media import Agreed, HeardCommand, IncompatibleError, Terms

_PAYLOAD = {"PCMU": 0, "PCMA": 8, "G722": 9}


class _Audio(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.received = 0

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr) -> None:
        self.received += 1


@dataclass
class _Leg:
    terms: Terms
    audio: _Audio
    peer: tuple[str, int] | None = None
    agreed: Agreed | None = None
    sent: int = 0
    ticking: asyncio.Task | None = field(default=None, repr=False)


class PlainMedia:
    """One UDP port a leg."""

    async def begin(self) -> None:
        pass

    def end(self) -> None:
        pass

    def __init__(self, worker: SwitchWorker, sip: object) -> None:
        self._worker = worker
        self._legs: dict[str, _Leg] = {}

    @property
    def legs(self) -> int:
        return len(self._legs)

    async def offer(self, leg_id: str, terms: Terms) -> str:
        return self._sdp(await self._leg(leg_id, terms), terms.codecs)

    async def reoffer(self, leg_id: str) -> str:
        leg = self._legs[leg_id]
        return self._sdp(leg, leg.terms.codecs)

    async def answer(self, leg_id: str, sdp: str, *, early: bool) -> Agreed:
        return self._take(self._legs[leg_id], sdp)

    async def take_offer(self, leg_id: str, sdp: str, terms: Terms) -> tuple[str, Agreed]:
        leg = await self._leg(leg_id, terms)
        agreed = self._take(leg, sdp)
        return self._sdp(leg, (agreed.codec,), "recvonly" if agreed.held else "sendrecv"), agreed

    def answered(self, leg_id: str) -> None:
        leg = self._legs[leg_id]
        leg.ticking = asyncio.ensure_future(self._tick(leg))

    def abandon(self, leg_id: str) -> None:
        self._drop(leg_id)

    def perform(self, command: HeardCommand) -> None:
        if isinstance(command, Play) and not command.loop and self._worker.board:
            self._worker.board.report(PromptFinished(command.leg_id, command.audio.name))
        assert isinstance(command, Play | Join)

    async def press(self, leg_id: str, digit: str) -> bool:
        leg = self._legs[leg_id]
        return bool(leg.agreed and leg.agreed.events)

    async def close(self, leg_id: str) -> MediaStats | None:
        leg = self._drop(leg_id)
        if leg is None or leg.agreed is None:
            return None
        return MediaStats(leg.agreed.codec, leg.audio.received, 0, leg.sent, 0.0)

    async def _leg(self, leg_id: str, terms: Terms) -> _Leg:
        if leg_id not in self._legs:
            loop = asyncio.get_running_loop()
            _, audio = await loop.create_datagram_endpoint(_Audio, local_addr=(terms.address, 0))
            self._legs[leg_id] = _Leg(terms, audio)
        return self._legs[leg_id]

    def _drop(self, leg_id: str) -> _Leg | None:
        leg = self._legs.pop(leg_id, None)
        if leg is not None:
            if leg.ticking is not None:
                leg.ticking.cancel()
            leg.audio.transport.close()
        return leg

    def _take(self, leg: _Leg, sdp: str) -> Agreed:
        media = re.search(r"^m=audio (\d+) RTP/AVP ([\d ]+)", sdp, re.M)
        where = re.search(r"^c=IN IP[46] (\S+)", sdp, re.M)
        if not media or not where:
            raise IncompatibleError("no audio that we speak")
        known = [name for name in leg.terms.codecs if str(_PAYLOAD[name]) in media[2].split()]
        if not known:
            raise IncompatibleError("no codec in common")
        leg.peer = (where[1], int(media[1]))
        held = bool(re.search(r"^a=(sendonly|inactive)", sdp, re.M)) or where[1] == "0.0.0.0"
        leg.agreed = Agreed(known[0], held, "telephone-event" in sdp)
        return leg.agreed

    def _sdp(self, leg: _Leg, codecs: tuple[str, ...], direction: str = "sendrecv") -> str:
        kinds = " ".join(str(_PAYLOAD[name]) for name in codecs)
        family = "IP6" if ":" in leg.terms.address else "IP4"
        return (
            f"v=0\r\no=- 1 1 IN {family} {leg.terms.address}\r\ns=-\r\nc=IN {family} {leg.terms.address}\r\n"
            f"t=0 0\r\nm=audio {leg.audio.port} RTP/AVP {kinds} 101\r\n"
            f"a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na={direction}\r\n"
        )

    async def _tick(self, leg: _Leg) -> None:
        number = 0
        while True:
            if leg.peer is not None:
                head = b"\x80\x00" + number.to_bytes(2, "big") + (160 * number).to_bytes(4, "big") + b"ring"
                leg.audio.transport.sendto(head + b"\xff" * 160, leg.peer)
                leg.sent += 1
            number = (number + 1) & 0xFFFF
            await asyncio.sleep(0.02)


def main(connection_path: str, token: str) -> None:
    serve(connection_path, token, PlainMedia)


if __name__ == "__main__":
    import sys

    main(*sys.argv[1:])
