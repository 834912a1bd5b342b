"""A way around PJSIP's one payload type: audio in another codec is converted on its way in.

PJSIP decodes one payload type a stream, but a far side may send any that was negotiated (RFC 3264 section
7). Such a stream is led through this process: what comes in is converted and passed to PJSIP from a socket
on loopback, and since PJSIP answers where audio comes from, what it sends comes back here and goes out.
It costs CPU time, some 0.3 % of a core a leg, 1 % with G.722, and is for legs that need it alone.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address

from sip.conversion import Converter, convertible
from sip.reactor import Reactor
from sip.readers import SocketReader
from sip.rtp import Packet, write
from sip.rtp_filter import Endpoint

_LONGEST = 2048
_MOST_AT_ONCE = 50


class Bypass:
    """One leg's detour. ``send`` takes what goes out to the far side."""

    def __init__(self, reactor: Reactor, pjsip: socket.socket, send: Callable[[bytes], None]) -> None:
        """OSError where no socket can be had."""
        host, port = pjsip.getsockname()
        self._send = send
        self._converters: dict[tuple[int, int], Converter] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            near = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
            self._socket.bind((near, 0))
            self._socket.connect((near, port))
        except OSError:
            self._socket.close()
            raise
        self.endpoint = Endpoint(IPv4Address(near), self._socket.getsockname()[1])
        self._reader = SocketReader(reactor, self._socket, self._readable)

    def take(self, packet: Packet, payload_type: int) -> None:
        """Pass audio on to PJSIP as this payload type; what cannot be converted is dropped."""
        kinds = packet.payload_type, payload_type
        if packet.payload_type != payload_type:
            if not convertible(*kinds):
                return
            if kinds not in self._converters:
                self._converters[kinds] = Converter(*kinds)
            payload = self._converters[kinds].convert(packet.payload)
            packet = packet._replace(payload_type=payload_type, payload=payload)
        try:
            self._socket.send(write(packet))
        except (BlockingIOError, ConnectionError):
            return  # for audio, late is as good as never

    def close(self) -> None:
        """End the detour."""
        self._reader.close()
        self._socket.close()

    def _readable(self) -> None:
        for _ in range(_MOST_AT_ONCE):
            try:
                data = self._socket.recv(_LONGEST)
            except (BlockingIOError, ConnectionError):
                return
            self._send(data)
