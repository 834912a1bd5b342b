"""RTP headers rewritten, and RTCP reports, as pure functions."""

from __future__ import annotations

import itertools
import struct

from hypothesis import given, settings
from hypothesis import strategies as some

from webrtc.rtcp import Reception, middle_ntp, read_reports, round_trip, write_report
from webrtc.rtp import FRAME, RtpPacket, Seamless, read, signed, write

_packets = some.builds(
    RtpPacket,
    some.booleans(),
    some.integers(0, 127),
    some.integers(0, 0xFFFF),
    some.integers(0, 0xFFFFFFFF),
    some.integers(0, 0xFFFFFFFF),
    some.binary(max_size=200),
)


@settings(deadline=None)
@given(_packets)
def test_what_is_written_is_read_again(packet: RtpPacket) -> None:
    assert read(write(packet)) == packet


@settings(deadline=None)
@given(
    packet=_packets,
    sources=some.lists(some.binary(min_size=4, max_size=4), max_size=15),
    words=some.one_of(some.none(), some.integers(0, 8)),
    padding=some.integers(0, 8),
)
def test_sources_extensions_and_padding_are_left_out(packet, sources, words, padding) -> None:
    plain = write(packet)
    first = 0x80 | len(sources) | (0x10 if words is not None else 0) | (0x20 if padding else 0)
    extension = b"" if words is None else struct.pack("!HH", 0xBEDE, words) + bytes(4 * words)
    tail = bytes(padding - 1) + bytes([padding]) if padding else b""
    data = bytes([first]) + plain[1:12] + b"".join(sources) + extension + packet.payload + tail
    assert read(data) == packet


@settings(deadline=None)
@given(some.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    packet = read(data)
    assert packet is None or len(packet.payload) <= len(data)


def _run(stream: Seamless, ssrc: int, first: int, stamp: int, count: int, now: float) -> list[RtpPacket]:
    sent = []
    for number in range(count):
        packet = RtpPacket(
            False, 96, (first + number) & 0xFFFF, (stamp + FRAME * number) & 0xFFFFFFFF, ssrc, bytes([number])
        )
        data = stream.forward(packet, now + 0.02 * number)
        assert data is not None
        sent.append(read(data))
    return sent


@settings(deadline=None)
@given(
    starts=some.lists(
        some.tuples(some.integers(0, 0xFFFFFFFF), some.integers(0, 0xFFFF), some.integers(0, 0xFFFFFFFF)),
        min_size=1,
        max_size=6,
        unique_by=lambda start: start[0],
    ),
    sequence=some.integers(0, 0xFFFF),
    timestamp=some.integers(0, 0xFFFFFFFF),
    pause=some.integers(0, 500),
)
def test_many_sources_become_one_stream_without_a_seam(starts, sequence, timestamp, pause) -> None:
    stream = Seamless(7, 8, sequence, timestamp)
    now, sent = 100.0, []
    for ssrc, first, stamp in starts:
        part = _run(stream, ssrc, first, stamp, 5, now)
        assert part[0].marker
        assert not any(packet.marker for packet in part[1:])
        sent += part
        now += 0.02 * (5 + pause)
    assert {(packet.ssrc, packet.payload_type) for packet in sent} == {(7, 8)}
    for before, after in itertools.pairwise(sent):
        assert signed(after.sequence - before.sequence) == 1
        assert signed(after.timestamp - before.timestamp, 32) in (FRAME, FRAME * (pause + 1))


@settings(deadline=None)
@given(some.permutations(range(8)), some.integers(0, 0xFFFF))
def test_order_and_loss_pass_unchanged(order: list[int], first: int) -> None:
    stream = Seamless(7, 0, 1000, 0)
    kept = [number for number in order if number != 3]
    for number in kept:
        data = stream.forward(RtpPacket(False, 0, (first + number) & 0xFFFF, FRAME * number, 1, b""), 0.0)
        if data is not None:
            base = 1001 - kept[0]
            assert read(data).sequence == base + number
        else:
            assert number < kept[0]  # older than the first that was sent


def test_silence_fills_a_gap_and_the_source_goes_on_behind_it() -> None:
    stream = Seamless(7, 0, 10, 0)
    last = _run(stream, 1, 500, 7000, 3, 0.0)[-1]
    filled = [read(stream.fill(b"\xff", 0.06 + 0.02 * number)) for number in range(3)]
    again = read(stream.forward(RtpPacket(False, 0, 520, 99000, 1, b""), 0.12))
    assert [packet.sequence for packet in (last, *filled, again)] == [13, 14, 15, 16, 17]
    steps = [packet.timestamp for packet in (last, *filled, again)]
    assert [after - before for before, after in itertools.pairwise(steps)] == [FRAME] * 4
    assert [packet.marker for packet in filled] == [True, False, False]
    assert again.marker


def test_what_is_late_for_a_new_source_is_dropped() -> None:
    stream = Seamless(7, 0, 10, 0)
    _run(stream, 1, 500, 0, 3, 0.0)
    assert stream.forward(RtpPacket(False, 0, 100, 0, 2, b""), 0.06) is not None
    assert stream.forward(RtpPacket(False, 0, 99, 0, 2, b""), 0.07) is None


@settings(deadline=None)
@given(lost=some.sets(some.integers(1, 98)), first=some.integers(0, 0xFFFF), wall=some.floats(1.6e9, 2.0e9))
def test_a_report_says_what_was_lost_and_is_read_again(lost: set[int], first: int, wall: float) -> None:
    reception = Reception(42)
    for number in range(100):
        if number not in lost:
            reception.add(
                RtpPacket(False, 0, (first + number) & 0xFFFF, number * FRAME, 42, b""), number * 0.02
            )
    block = reception.report(2.0)
    assert (block.lost, block.jitter) == (len(lost), 0)
    heard = read_reports(write_report(7, "ringback", wall, 160, 5, 800, block))
    assert heard.sender == 7
    assert heard.sent == middle_ntp(wall)
    (again,) = heard.blocks
    assert (again.ssrc, again.lost, again.highest) == (42, len(lost), block.highest)
    assert abs(again.fraction_lost - len(lost) / 100) < 0.005
    assert reception.report(4.0).fraction_lost == 0


def test_the_round_trip_is_what_neither_side_took() -> None:
    wall = 1_700_000_000.0
    sent = read_reports(write_report(7, "ringback", wall, 0, 0, 0, None)).sent
    theirs = Reception(7)
    theirs.heard_sender(sent, 50.0)
    block = theirs.report(51.5)
    assert abs(round_trip(block, wall + 1.5 + 0.08) - 0.08) < 0.001
    assert round_trip(Reception(7).report(0.0), wall) is None


@settings(deadline=None)
@given(some.binary(max_size=120))
def test_any_bytes_make_no_report_or_one(data: bytes) -> None:
    read_reports(data)
