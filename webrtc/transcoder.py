"""A browser worker's end of the connection to its transcoding process, which starts when first needed."""

from __future__ import annotations

import asyncio
import itertools
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from webrtc.rtp import RtpPacket, read, write
from webrtc.transcoder_process import CLOSE, DOWN, HEAD, LONGEST, LOSS, OPEN, UP

OnPacket = Callable[[RtpPacket], None]
#: Bytes that may wait in the socket: about a second of 20 legs.
_BUFFER = 1 << 19


@dataclass(frozen=True, slots=True)
class ChannelListener:
    """What a leg wants to hear from its channel."""

    #: A packet of G.711 for the phone; lost ones are repaired and all are in order.
    up: OnPacket
    #: A packet of Opus for the browser.
    down: OnPacket
    #: The process died, which ends the channel.
    lost: Callable[[], None]


class TranscoderChannel:
    """One browser's channel to the transcoding process."""

    def __init__(self, transcoder: Transcoder, number: int, ears: ChannelListener) -> None:
        self.ears = ears
        self._transcoder, self._number = transcoder, number

    def up(self, packet: RtpPacket) -> None:
        """Send a packet of Opus from the browser."""
        self._transcoder.send(UP, self._number, write(packet))

    def down(self, packet: RtpPacket) -> None:
        """Send a packet of G.711 from the phone."""
        self._transcoder.send(DOWN, self._number, write(packet))

    def expect_loss(self, percent: float) -> None:
        """The browser loses this many per cent of our packets, 0 to 100."""
        self._transcoder.send(LOSS, self._number, bytes([round(percent)]))

    def close(self) -> None:
        """Close the channel: no more packets come from it."""
        self._transcoder.close_channel(self._number)


class Transcoder:
    """All channels, by number, and the process that serves them."""

    def __init__(self, note: Callable[..., None]) -> None:
        self._note = note
        self._loop = asyncio.get_running_loop()
        self._numbers = itertools.count(1)
        self._channels: dict[int, TranscoderChannel] = {}
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        #: Packets dropped because the process was too slow.
        self.dropped = 0

    def open(self, codec: str, ears: ChannelListener) -> TranscoderChannel:
        """Open a channel between Opus and this G.711 codec; OSError if the process cannot be started."""
        if self._line is None:
            self._start()
        number = next(self._numbers)
        channel = self._channels[number] = TranscoderChannel(self, number, ears)
        self.send(OPEN, number, codec.encode())
        return channel

    def send(self, kind: int, number: int, body: bytes) -> None:
        """Send one packet to the process; it is dropped if the process is too slow or gone."""
        if self._line is None:
            return
        try:
            self._line.send(HEAD.pack(kind, number) + body)
        except BlockingIOError:
            self.dropped += 1
        except ConnectionError:
            return  # the next read notices

    def close_channel(self, number: int) -> None:
        """Forget a channel."""
        if self._channels.pop(number, None) is not None:
            self.send(CLOSE, number, b"")

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for line in (ours, theirs):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "webrtc.transcoder_process", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
            )
        ours.setblocking(False)
        self._line = ours
        self._loop.add_reader(ours.fileno(), self._readable, ours)

    def _readable(self, line: socket.socket) -> None:
        while True:
            try:
                data = line.recv(LONGEST)
            except BlockingIOError:
                return
            except ConnectionError:
                data = b""
            if not data:
                self._lost(line)
                return
            kind, number = HEAD.unpack_from(data)
            channel, packet = self._channels.get(number), read(data[HEAD.size :])
            if channel is not None and packet is not None:
                (channel.ears.up if kind == UP else channel.ears.down)(packet)

    def _lost(self, line: socket.socket) -> None:
        self._loop.remove_reader(line.fileno())
        line.close()
        status = self._process.wait() if self._process is not None else None
        self._line = self._process = None
        channels, self._channels = list(self._channels.values()), {}
        self._note("transcoding_lost", status=status, channels=len(channels))
        for channel in channels:
            channel.ears.lost()
