"""Ears: UDP ports of loopback to which rtpengine sends what a leg says, to be judged or written down.

An ear costs half a per cent of a core, so a leg has one only while something is to be heard in it.
"""

from __future__ import annotations

import asyncio
import io
import wave
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import cast

from bridge.commands import RecordLeg
from bridge.events import Answerer
from sip.answerer import Judge
from sip.conversion import Converter, convertible
from sip.early_media import EarlyMedia
from sip.inband import Tones
from sip.message_file import CLOCK_RATE, LONGEST_PATH, MESSAGE_EAR, cut, make_private
from sip.rtp import PCMU, ULAW, Packet, read
from sip.voice import Voice, level_of

#: Seconds of one look, and for which a packet may be late.
TICK, _LATE = 0.02, 0.06
#: Seconds between two rounds of looks.
_ROUND = 0.1
_FRAME = round(CLOCK_RATE * TICK)
#: Seconds recorded beyond the longest, and cut off.
_SPARE = 0.2
#: A jump of RTP's clock beyond so many samples is a new stream.
_JUMP = CLOCK_RATE * 2


class Ear(asyncio.DatagramProtocol):
    """One leg's audio as frames of 20 ms, and who listens to them; silence where nothing came."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.DatagramTransport | None = None
        self.port = 0
        self._converters: dict[int, Converter] = {}
        self._origin: tuple[int, int, int] | None = None  # SSRC, timestamp, and the sample that it stands for
        self._began_at = self._loop.time()
        self._samples = array("h")
        self._taken = 0
        #: Called with each frame.
        self.listeners: dict[str, Callable[[array[int]], None]] = {}
        self.packet_listeners: dict[str, Callable[[Packet], None]] = {}
        self._round: asyncio.TimerHandle | None = None

    @classmethod
    async def open(cls) -> Ear:
        """An ear at a free port of loopback."""
        _, ear = await asyncio.get_running_loop().create_datagram_endpoint(cls, local_addr=("127.0.0.1", 0))
        return ear

    def close(self) -> None:
        """Hear nothing any more."""
        if self._round is not None:
            self._round.cancel()
        if self._transport is not None:
            self._transport.close()

    def say(self, packet: bytes, target: tuple[str, int]) -> None:
        """Send a packet as the placeholder that this ear is."""
        if self._transport is not None:
            self._transport.sendto(packet, target)

    @property
    def used(self) -> bool:
        """Whether anybody listens."""
        return bool(self.listeners or self.packet_listeners)

    @property
    def behind(self) -> float:
        """How many seconds ago the frame was said that is handed out now."""
        return self._loop.time() - self._began_at - self._taken / CLOCK_RATE

    def start(self) -> None:
        """Begin to hand out frames, from now on."""
        if self._round is None:
            self._began_at = self._loop.time()
            self._round = self._loop.call_later(_ROUND, self._look)

    def finish(self) -> None:
        """Hand out what came and is not a whole frame old, too; nothing follows."""
        if self._round is not None:
            self._round.cancel()
            self._hand_out(self._loop.time() - self._began_at)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The port is there."""
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: object) -> None:
        """A packet of the far side's, relayed."""
        packet = read(data)
        if packet is None:
            return
        for listener in list(self.packet_listeners.values()):
            listener(packet)
        if self.listeners and convertible(packet.payload_type, PCMU):
            self._place(data, packet)

    def _place(self, data: bytes, packet: Packet) -> None:
        if packet.payload_type not in self._converters:
            self._converters[packet.payload_type] = Converter(packet.payload_type, PCMU)
        heard = self._converters[packet.payload_type].convert(packet.payload)
        stamp, ssrc = int.from_bytes(data[4:8], "big"), int.from_bytes(data[8:12], "big")
        now = round((self._loop.time() - self._began_at) * CLOCK_RATE)
        if self._origin is None or self._origin[0] != ssrc:
            self._origin = (ssrc, stamp, now)
        at = self._origin[2] + ((stamp - self._origin[1] + 2**31) % 2**32 - 2**31)
        if abs(at - now) > _JUMP:
            self._origin, at = (ssrc, stamp, now), now
        start = at - self._taken
        if start < 0:
            return  # too late
        if len(self._samples) < start + len(heard):
            self._samples.extend([0] * (start + len(heard) - len(self._samples)))
        self._samples[start : start + len(heard)] = array("h", [ULAW[byte] for byte in heard])

    def _look(self) -> None:
        self._round = self._loop.call_later(_ROUND, self._look)
        self._hand_out(self._loop.time() - self._began_at - _LATE)

    def _hand_out(self, seconds: float) -> None:
        until = round(seconds * CLOCK_RATE)
        while self._taken + _FRAME <= until:
            frame = self._samples[:_FRAME]
            frame.extend([0] * (_FRAME - len(frame)))
            del self._samples[:_FRAME]
            self._taken += _FRAME
            for listener in list(self.listeners.values()):
                listener(frame)


class Judging:
    """Judges who answered; ``verdict`` is called once."""

    def __init__(self, own_level: Callable[[], int], verdict: Callable[[Answerer], None]) -> None:
        self._judge = Judge(TICK)
        self._own_level, self._verdict = own_level, verdict
        self._told = False

    def hear(self, frame: array[int]) -> None:
        """20 ms."""
        if not self._told and (said := self._judge.hear(level_of(frame), self._own_level())) is not None:
            self._told = True
            self._verdict(said)


class MessageWriter:
    """Keeps what a leg says, at most ``longest`` seconds; ``enough`` is called once when it is to end."""

    def __init__(self, command: RecordLeg, enough: Callable[[], None]) -> None:
        self._path, self._longest = Path(command.path), command.longest
        if self._path.suffix != ".wav":
            raise ValueError("a message is a .wav file")
        if len(str(self._path)) > LONGEST_PATH:
            raise ValueError("a path that is too long")
        make_private(self._path)
        self._voice = Voice(MESSAGE_EAR, TICK)
        self._most = round((command.longest + _SPARE) / TICK)
        self._most_silent = round(command.silence / TICK)
        self._frames = self._silent = 0
        self._samples = array("h")
        self._enough: Callable[[], None] | None = enough

    def hear(self, frame: array[int]) -> None:
        """20 ms."""
        self._samples.extend(frame)
        self._frames += 1
        self._silent = 0 if self._voice.hears(level_of(frame)) else self._silent + 1
        if self._enough is not None and (self._frames >= self._most or self._silent >= self._most_silent):
            enough, self._enough = self._enough, None
            enough()

    async def finish(self) -> tuple[float, OSError | None]:
        """Write the file: its seconds, 0 where nobody spoke, and why the disk did not take all of it."""
        self._enough = None
        return await asyncio.to_thread(self._write)

    def _write(self) -> tuple[float, OSError | None]:
        failed = None
        try:
            head = io.BytesIO()
            with wave.open(head, "wb") as made:
                made.setnchannels(1)
                made.setsampwidth(2)
                made.setframerate(CLOCK_RATE)
                made.writeframes(self._samples.tobytes())
            with self._path.open("wb", buffering=0) as file:
                left = memoryview(head.getvalue())
                while left:
                    left = left[file.write(left) :]
        except OSError as error:
            failed = error
        try:
            return cut(self._path, self._longest), failed
        except OSError as error:
            return 0.0, failed or error


class EarlyListener:
    """Tells whether early media arrives."""

    def __init__(self, told: Callable[[bool], None]) -> None:
        self._early, self._packets, self._told = EarlyMedia(), 0, told

    def hear(self, packet: Packet) -> None:
        """A packet came."""
        self._packets += 1

    def look(self, now: float) -> None:
        """Has it begun, or stopped?"""
        if self._early.hear(self._packets, now):
            self._told(self._early.arrives)


class KeyListener:
    """Hears keys as tones."""

    def __init__(self, pressed: Callable[[str], None]) -> None:
        self._tones, self._pressed = Tones(), pressed

    def hear(self, packet: Packet) -> None:
        """A packet came."""
        for key in self._tones.hear(packet):
            self._pressed(key)
