"""A leg's RTP on loopback, to and from the phone worker; what we send is one seamless stream."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from webrtc.rtp import RtpPacket, Seamless, read

OnPacket = Callable[[RtpPacket], None]
_LONGEST = 2048
_MOST_STALE = 1000


class Relay:
    """One UDP port on loopback, connected to the phone worker's RTP port: the kernel drops everything else.

    It is a plain socket: at 100 packets a second for each leg and direction, the bookkeeping of an asyncio
    transport would cost as much as the encryption.
    """

    def __init__(self, address: str, on_packet: OnPacket) -> None:
        """Take a free port of this address; OSError if there is none."""
        self._on_packet = on_packet
        self._loop = asyncio.get_running_loop()
        self._stream: Seamless | None = None
        self._payload_type = -1
        self._aimed = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            self._socket.bind((address, 0))
        except OSError:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]

    def speak(self, stream: Seamless) -> None:
        """Send this stream from now on, and accept its payload type."""
        self._stream = stream
        self._payload_type = stream.payload_type

    def aim(self, address: str, port: int) -> None:
        """Exchange RTP with this port of the phone worker from now on; OSError if it cannot be reached."""
        self._socket.connect((address, port))
        self._forget()
        if not self._aimed:
            self._aimed = True
            self._loop.add_reader(self._socket, self._readable)

    def _forget(self) -> None:
        """Drop what anybody sent before the socket was connected."""
        for _ in range(_MOST_STALE):
            try:
                self._socket.recv(1)
            except (BlockingIOError, ConnectionError):
                return

    def send(self, packet: RtpPacket, now: float) -> None:
        """Pass a packet of the browser's on."""
        if self._stream is not None:
            data = self._stream.forward(packet, now)
            if data is not None:
                self._write(data)

    def fill(self, payload: bytes, now: float) -> None:
        """Send a packet of our own, such as silence."""
        if self._stream is not None:
            self._write(self._stream.fill(payload, now))

    def close(self) -> None:
        """Give the port back."""
        if self._aimed:
            self._aimed = False
            self._loop.remove_reader(self._socket)
        self._socket.close()

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_LONGEST)
        except (BlockingIOError, ConnectionError):
            return  # the phone worker has closed its port: its BYE tells
        packet = read(data)
        # Whatever else it sends, such as keys, is not for the browser.
        if packet is not None and packet.payload_type == self._payload_type:
            self._on_packet(packet)

    def _write(self, data: bytes) -> None:
        if self._aimed:
            try:
                self._socket.send(data)
            except (BlockingIOError, ConnectionError):
                return  # as above; and for audio, late is as good as never
