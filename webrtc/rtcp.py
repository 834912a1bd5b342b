"""RTCP for one stream each way (RFC 3550 section 6): our reports, and the browser's."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from webrtc.rtp import CLOCK_RATE, RtpPacket, signed

SENDER_REPORT, RECEIVER_REPORT, SOURCE_DESCRIPTION = 200, 201, 202
#: Seconds from 1900, where NTP begins, to 1970.
_NTP_EPOCH = 2_208_988_800
_BLOCK = struct.Struct("!IIIIII")


@dataclass(frozen=True, slots=True)
class Block:
    """A report block: how one receiver hears the source ``ssrc``. ``jitter`` is in ticks of the RTP clock."""

    ssrc: int
    fraction_lost: float
    lost: int
    highest: int
    jitter: int
    #: Middle 32 bits of the NTP time in the last sender report heard, and the delay since, in 1/65536 s.
    last_report: int
    delay: int


@dataclass(frozen=True, slots=True)
class RtcpReports:
    """A compound packet: the sender's NTP time (middle 32 bits), if any, and the report blocks."""

    sender: int | None
    sent: int | None
    blocks: tuple[Block, ...]


def middle_ntp(wall: float) -> int:
    """The middle 32 bits of a wall-clock time as NTP, in 1/65536 s."""
    return int((wall + _NTP_EPOCH) * 65536) & 0xFFFFFFFF


def write_report(
    ssrc: int, name: str, wall: float, timestamp: int, packets: int, octets: int, block: Block | None
) -> bytes:
    """A compound packet: a sender report of our stream, at most one block about theirs, and our name."""
    ntp = int((wall + _NTP_EPOCH) * 2**32) & 0xFFFFFFFFFFFFFFFF
    blocks = b"" if block is None else _write_block(block)
    body = struct.pack("!IQIII", ssrc, ntp, timestamp & 0xFFFFFFFF, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
    item = bytes([1, len(name)]) + name.encode()
    chunk = struct.pack("!I", ssrc) + item + bytes(4 - len(item) % 4)
    return (
        _header(SENDER_REPORT, 0 if block is None else 1, body + blocks)
        + body
        + blocks
        + _header(SOURCE_DESCRIPTION, 1, chunk)
        + chunk
    )


def read_reports(data: bytes) -> RtcpReports:
    """Read the reports of a compound packet; malformed and unused parts are skipped."""
    sender = sent = None
    blocks: list[Block] = []
    while len(data) >= 8:
        first, kind, words = struct.unpack_from("!BBH", data)
        length = 4 + 4 * words
        if first >> 6 != 2 or len(data) < length:
            break
        body = data[4:length]
        if kind == SENDER_REPORT and len(body) >= 24:
            sender = int.from_bytes(body[:4], "big")
            sent = int.from_bytes(body[6:10], "big")
            blocks += _read_blocks(body[24:], first & 0x1F)
        elif kind == RECEIVER_REPORT and len(body) >= 4:
            blocks += _read_blocks(body[4:], first & 0x1F)
        data = data[length:]
    return RtcpReports(sender, sent, tuple(blocks))


def round_trip(block: Block, wall: float) -> float | None:
    """Round-trip time in seconds (RFC 3550 section 6.4.1); None until the browser has received a report."""
    if not block.last_report:
        return None
    ticks = signed(middle_ntp(wall) - block.last_report - block.delay, 32)
    return max(ticks, 0) / 65536


class Reception:
    """Loss and jitter of one incoming source, counted as in RFC 3550 appendix A."""

    def __init__(self, ssrc: int, rate: int = CLOCK_RATE) -> None:
        self.ssrc = ssrc
        self.received = 0
        self._rate = rate
        self._base: int | None = None
        self._highest = 0
        self._transit: float | None = None
        self._jitter = 0.0
        self._expected_before = self._received_before = 0
        self._sender_time = 0
        self._sender_heard_at = 0.0

    @property
    def jitter_ms(self) -> float:
        """Mean deviation of the packets' spacing."""
        return self._jitter * 1000 / self._rate

    @property
    def lost(self) -> int:
        """Packets that never arrived; 0 if duplicates outnumber them."""
        return max(self._expected - self.received, 0)

    def add(self, packet: RtpPacket, now: float) -> None:
        """Count a packet that arrived ``now``, in seconds of a monotonic clock."""
        if self._base is None:
            self._base = self._highest = packet.sequence
        else:
            ahead = signed(packet.sequence - self._highest)
            if ahead > 0:
                self._highest += ahead
        self.received += 1
        transit = now * self._rate - packet.timestamp
        if self._transit is not None:
            deviation = abs(transit - self._transit)
            if deviation < self._rate:  # a larger jump means that its timestamps started over
                self._jitter += (deviation - self._jitter) / 16
        self._transit = transit

    def heard_sender(self, middle: int, now: float) -> None:
        """Remember the last sender report of this source."""
        self._sender_time, self._sender_heard_at = middle, now

    def report(self, now: float) -> Block:
        """A report block; its loss fraction counts from the previous report."""
        expected = self._expected - self._expected_before
        lost = expected - (self.received - self._received_before)
        self._expected_before, self._received_before = self._expected, self.received
        fraction = max(lost, 0) / expected if expected > 0 else 0.0
        delay = int((now - self._sender_heard_at) * 65536) if self._sender_time else 0
        return Block(
            self.ssrc,
            fraction,
            min(self.lost, 0x7FFFFF),
            self._highest & 0xFFFFFFFF,
            int(self._jitter),
            self._sender_time,
            delay & 0xFFFFFFFF,
        )

    @property
    def _expected(self) -> int:
        return 0 if self._base is None else self._highest - self._base + 1


def _header(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack("!BBH", 0x80 | count, kind, len(body) // 4)


def _write_block(block: Block) -> bytes:
    loss = min(round(block.fraction_lost * 256), 255) << 24 | block.lost & 0xFFFFFF
    return _BLOCK.pack(block.ssrc, loss, block.highest, block.jitter, block.last_report, block.delay)


def _read_blocks(body: bytes, count: int) -> list[Block]:
    blocks = []
    for number in range(min(count, len(body) // _BLOCK.size)):
        ssrc, loss, highest, jitter, last_report, delay = _BLOCK.unpack_from(body, number * _BLOCK.size)
        lost = signed(loss & 0xFFFFFF, 24)
        blocks.append(Block(ssrc, (loss >> 24) / 256, lost, highest, jitter, last_report, delay))
    return blocks
