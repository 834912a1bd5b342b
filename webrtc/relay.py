"""A leg's RTP on loopback: what the phone worker sends, and what it is sent, as one seamless stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from webrtc.rtp import Packet, Seamless, is_rtcp, read

OnPacket = Callable[[Packet], None]


class Relay(asyncio.DatagramProtocol):
    """One UDP port of loopback. Packets from anywhere but the phone worker's RTP port are dropped."""

    def __init__(self, on_packet: OnPacket) -> None:
        self._on_packet = on_packet
        self._transport: asyncio.DatagramTransport | None = None
        self._peer: tuple[str, int] | None = None
        self._stream: Seamless | None = None
        self.port = 0
        self.payload_type = 0

    @classmethod
    async def open(cls, address: str, on_packet: OnPacket) -> Relay:
        """Take a free port of this address. OSError where there is none."""
        loop = asyncio.get_running_loop()
        _, relay = await loop.create_datagram_endpoint(lambda: cls(on_packet), local_addr=(address, 0))
        return relay

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The port is open."""
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """The phone worker's RTP, or a stray packet such as another leg's RTCP."""
        if addr != self._peer or is_rtcp(data):
            return
        packet = read(data)
        # Whatever else it sends, such as keys, is not for the browser.
        if packet is not None and packet.payload_type == self.payload_type:
            self._on_packet(packet)

    def speak(self, stream: Seamless) -> None:
        """Send this stream from now on, and take its payload type."""
        self._stream = stream
        self.payload_type = stream.payload_type

    def aim(self, address: str, port: int) -> None:
        """Exchange RTP with this port of the phone worker's from now on."""
        self._peer = (address, port)

    def send(self, packet: Packet, now: float) -> None:
        """Pass a packet of the browser's on."""
        if self._stream is not None:
            self._write(self._stream.forward(packet, now))

    def fill(self, payload: bytes, now: float) -> None:
        """Send a packet of our own, such as silence."""
        if self._stream is not None:
            self._write(self._stream.fill(payload, now))

    def close(self) -> None:
        """Give the port back."""
        if self._transport is not None:
            self._transport.close()

    def _write(self, data: bytes | None) -> None:
        if data is not None and self._peer is not None and self._transport is not None:
            self._transport.sendto(data, self._peer)
