"""Transcodes the browsers' Opus to G.711 and back: ``python -m webrtc.transcoder_process FD``.

FD is one end of a SOCK_SEQPACKET pair; its other end is a browser worker's
:class:`webrtc.transcoder.Transcoder`, and the process ends when that end is closed. A packet is a kind, the
number of a channel, and a body:

======== ============================ ======================================
kind     worker to process            process to worker
======== ============================ ======================================
OPEN     codec of the phone's side
CLOSE
UP       RTP with Opus                RTP with G.711, repaired and in order
DOWN     RTP with G.711               RTP with Opus
LOSS     per cent that the browser loses, one byte
======== ============================ ======================================
"""

from __future__ import annotations

import asyncio
import signal
import socket
import struct
import sys
from contextlib import suppress

from webrtc.g711 import compress, expand
from webrtc.loss_repair import LossRepair, Stretch
from webrtc.opus import Decoder, Encoder, OpusError
from webrtc.rtp import RtpPacket, read, write

OPEN, CLOSE, UP, DOWN, LOSS = range(5)
HEAD = struct.Struct("!BI")
LONGEST = 4096
#: Ticks of Opus's RTP clock in one of G.711's.
_RATIO = 6


class OpusChannel:
    """One browser."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._encoder, self._decoder = Encoder(), Decoder()
        self.repair = LossRepair(self._decoder)
        self._ssrc = 0

    def up(self, packet: RtpPacket, now: float) -> list[RtpPacket]:
        """Take a packet from the browser; returns what to send to the phone now."""
        if packet.ssrc != self._ssrc:
            self._ssrc, self.repair = packet.ssrc, LossRepair(self._decoder)
        return [self._packet(stretch) for stretch in self.repair.add(packet, now)]

    def release(self, now: float) -> list[RtpPacket]:
        """What to send to the phone because missing packets did not come in time."""
        return [self._packet(stretch) for stretch in self.repair.release(now)]

    def down(self, packet: RtpPacket) -> RtpPacket:
        """A packet from the phone, as it goes to the browser."""
        payload = self._encoder.encode(expand(self._codec, packet.payload))
        return packet._replace(timestamp=packet.timestamp * _RATIO & 0xFFFFFFFF, payload=payload)

    def expect_loss(self, percent: int) -> None:
        """The browser loses this many per cent."""
        self._encoder.expect_loss(percent)

    def close(self) -> None:
        """Free the memory of libopus."""
        self._encoder.close()
        self._decoder.close()

    def _packet(self, stretch: Stretch) -> RtpPacket:
        return RtpPacket(
            False,
            0,
            stretch.sequence & 0xFFFF,
            stretch.ticks // _RATIO & 0xFFFFFFFF,
            self._ssrc,
            compress(self._codec, stretch.samples),
        )


class TranscoderProcess:
    """All channels, on one loop."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._loop = asyncio.get_running_loop()
        self._channels: dict[int, OpusChannel] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self.done: asyncio.Future[None] = self._loop.create_future()
        line.setblocking(False)
        self._loop.add_reader(line.fileno(), self._readable)

    def _readable(self) -> None:
        while not self.done.done():
            try:
                data = self._line.recv(LONGEST)
            except BlockingIOError:
                return
            except ConnectionError:
                data = b""
            if not data:
                self._loop.remove_reader(self._line.fileno())
                self.done.set_result(None)
                return
            kind, number = HEAD.unpack_from(data)
            with suppress(OpusError):  # one malformed packet of a browser; the next one repairs the gap
                self._take(kind, number, data[HEAD.size :])

    def _take(self, kind: int, number: int, body: bytes) -> None:
        if kind == OPEN:
            self._channels[number] = OpusChannel(body.decode())
            return
        channel = self._channels.get(number)
        if channel is None:
            return
        if kind == CLOSE:
            del self._channels[number]
            self._cancel(number)
            channel.close()
        elif kind == LOSS:
            channel.expect_loss(body[0])
        elif (packet := read(body)) is not None and packet.payload:
            if kind == DOWN:
                self._send(DOWN, number, channel.down(packet))
            else:
                now = self._loop.time()
                for ready in channel.up(packet, now):
                    self._send(UP, number, ready)
                self._plan(number, channel)

    def _plan(self, number: int, channel: OpusChannel) -> None:
        """Look again when a gap has waited for long enough."""
        self._cancel(number)
        due = channel.repair.due
        if due is not None:
            self._timers[number] = self._loop.call_at(due, self._release, number, channel)

    def _release(self, number: int, channel: OpusChannel) -> None:
        with suppress(OpusError):
            for ready in channel.release(self._loop.time()):
                self._send(UP, number, ready)
        self._plan(number, channel)

    def _cancel(self, number: int) -> None:
        if timer := self._timers.pop(number, None):
            timer.cancel()

    def _send(self, kind: int, number: int, packet: RtpPacket) -> None:
        try:
            self._line.send(HEAD.pack(kind, number) + write(packet))
        except BlockingIOError:
            return  # the worker is behind: for audio, late is as good as never
        except ConnectionError:
            return  # the worker is gone, as the next read tells


async def _serve(fd: int) -> None:
    with socket.socket(fileno=fd) as line:
        await TranscoderProcess(line).done


def main() -> None:
    """Serve until the worker is gone. As its worker does, it ignores SIGINT and SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    asyncio.run(_serve(int(sys.argv[1])))


if __name__ == "__main__":
    main()
