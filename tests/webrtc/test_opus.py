"""G.711 tables, Opus by libopus, and packets that come late or never, repaired."""

from __future__ import annotations

import array
import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.sip.uas import linear, ulaw
from webrtc.g711 import compress, expand
from webrtc.loss_repair import HOLD, LONGEST_REPAIR, LossRepair
from webrtc.opus import FRAME, RATE, Decoder, Encoder, OpusError
from webrtc.rtp import RtpPacket


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_every_code_survives_there_and_back(codec: str) -> None:
    codes = bytes(range(256))
    samples = expand(codec, codes)
    again = compress(codec, samples)
    assert expand(codec, again) == samples  # µ-law has two zeros
    assert max(array.array("h", samples)) > 31000


def test_mu_law_is_that_of_itu() -> None:
    assert list(array.array("h", expand("PCMU", bytes(range(256))))) == [linear(code) for code in range(256)]
    for sample in range(-32000, 32000, 97):
        (code, _) = compress("PCMU", array.array("h", [sample, sample]).tobytes())
        assert abs(linear(code) - sample) <= abs(linear(ulaw(sample)) - sample)


def test_a_law_is_that_of_itu() -> None:
    samples = array.array("h", expand("PCMA", bytes([0x55, 0xD5, 0x2A, 0xAA])))
    assert list(samples) == [-8, 8, -32256, 32256]


def _tone(hertz: float, start: int, count: int = FRAME) -> bytes:
    return (
        (8000 * np.sin(2 * math.pi * hertz * np.arange(start, start + count) / RATE)).astype("<i2").tobytes()
    )


def _level(samples: np.ndarray, hertz: float) -> float:
    wave = np.exp(-2j * math.pi * hertz * np.arange(len(samples)) / RATE)
    return 20 * math.log10(abs(np.dot(samples, wave)) * 2 / len(samples) / 8000)


def _encoded(count: int, hertz: float = 440) -> list[bytes]:
    encoder = Encoder()
    encoder.expect_loss(10)
    packets = [encoder.encode(_tone(hertz, number * FRAME)) for number in range(count)]
    encoder.close()
    return packets


def test_the_level_is_the_same_on_both_sides() -> None:
    decoder = Decoder()
    samples = np.frombuffer(b"".join(decoder.decode(packet) for packet in _encoded(100)), "<i2").astype(float)
    assert len(samples) == 100 * FRAME
    assert abs(_level(samples[8000:], 440)) < 0.5
    with pytest.raises(OpusError):
        decoder.decode(b"\x03")
    decoder.close()


def _voice(packets: int) -> np.ndarray:
    """Something like speech: a voice that rises and falls, in syllables. (To libopus a lasting tone is noise,
    which it does not correct.)"""
    t = np.arange(packets * FRAME) / RATE
    phase = 2 * math.pi * np.cumsum(130 + 25 * np.sin(2 * math.pi * 0.7 * t)) / RATE
    wave = np.zeros(len(t))
    for hertz, gain in ((500, 1.0), (1500, 0.5), (2500, 0.25)):
        for number in range(1, 25):
            wave += gain * math.exp(-(((number * 130 - hertz) / 250) ** 2)) * np.sin(number * phase)
    wave *= np.clip(np.sin(2 * math.pi * 4 * t) + 0.2, 0, 1)
    return 8000 * wave / np.abs(wave).max()


def _decibels(loud: np.ndarray, quiet: np.ndarray) -> float:
    return 10 * math.log10((loud**2).sum() / (quiet**2).sum())


def test_five_percent_loss_and_fifty_ms_jitter_are_repaired() -> None:
    chance, voice, encoder = random.Random(1), _voice(500), Encoder()
    packets = [
        encoder.encode(voice[at : at + FRAME].astype("<i2").tobytes()) for at in range(0, len(voice), FRAME)
    ]
    reference = Decoder()
    wanted = np.frombuffer(b"".join(map(reference.decode, packets)), "<i2").astype(float)
    lost = {number for number in range(1, 499) if chance.random() < 0.05}
    arrivals = sorted(
        (number * 0.02 + chance.uniform(0, 0.05), number) for number in range(500) if number not in lost
    )
    decoder, played = Decoder(), []
    repair = LossRepair(decoder)
    for at, number in arrivals:
        while (due := repair.due) is not None and due <= at:
            played += repair.release(due)
        sequence = (65300 + number) & 0xFFFF
        played += repair.add(RtpPacket(False, 111, sequence, number * 960, 5, packets[number]), at)
    played += repair.release(20)
    assert [b.sequence - a.sequence for a, b in itertools.pairwise(played)] == [1] * (len(played) - 1)
    assert [b.ticks - a.ticks for a, b in itertools.pairwise(played)] == [960] * (len(played) - 1)
    first = played[0].ticks // 960
    assert (first + len(played), repair.late) == (500, first)
    assert repair.repaired == len([number for number in lost if number > first])
    heard = np.frombuffer(b"".join(one.samples for one in played), "<i2").astype(float)
    wanted = wanted[first * FRAME :]
    assert abs(_decibels(heard, wanted)) < 0.5
    assert _decibels(wanted, wanted - heard) > 18
    singles = [number - first for number in lost if not lost & {number - 1, number + 1} and number > first]
    repaired = np.concatenate([np.arange(number * FRAME, (number + 1) * FRAME) for number in singles])
    assert _decibels(wanted[repaired], (wanted - heard)[repaired]) > 12  # concealment alone: 2 dB


class _Names:
    """A decoder whose samples tell what it was asked."""

    def decode(self, packet: bytes) -> bytes:
        return packet

    def recover(self, following: bytes) -> bytes:
        return b"before " + following

    def conceal(self) -> bytes:
        return b"?"


def _packet(number: int) -> RtpPacket:
    return RtpPacket(False, 111, number & 0xFFFF, number * 960 & 0xFFFFFFFF, 5, b"%d" % number)


def test_in_order_nothing_waits() -> None:
    repair = LossRepair(_Names())
    for number in range(65530, 65545):
        assert [one.samples for one in repair.add(_packet(number), 0.0)] == [b"%d" % number]
        assert repair.due is None


def test_a_gap_waits_and_is_repaired() -> None:
    repair = LossRepair(_Names())
    repair.add(_packet(1), 0.0)
    assert repair.add(_packet(4), 0.06) == []
    assert repair.release(0.07) == []
    assert repair.due == 0.06 + HOLD
    assert [one.samples for one in repair.release(0.13)] == [b"?", b"before 4", b"4"]
    assert repair.add(_packet(3), 0.14) == []
    assert (repair.repaired, repair.late) == (2, 1)


def test_what_comes_in_time_is_put_in_its_place() -> None:
    repair = LossRepair(_Names())
    repair.add(_packet(1), 0.0)
    repair.add(_packet(3), 0.02)
    assert [one.samples for one in repair.add(_packet(2), 0.05)] == [b"2", b"3"]
    assert repair.repaired == 0


def test_a_long_silence_stays_one() -> None:
    repair = LossRepair(_Names())
    repair.add(_packet(1), 0.0)
    repair.add(_packet(LONGEST_REPAIR + 3), 1.0)
    (only,) = repair.release(1.1)
    assert (only.sequence, only.ticks) == (LONGEST_REPAIR + 3, (LONGEST_REPAIR + 3) * 960)


@settings(deadline=None)
@given(some.lists(some.tuples(some.integers(0, 40), some.floats(0, 0.2)), max_size=60))
def test_whatever_comes_is_played_in_order_and_once(steps: list[tuple[int, float]]) -> None:
    repair, now, played = LossRepair(_Names()), 0.0, []
    for number, pause in steps:
        now += pause
        if (due := repair.due) is not None and due <= now:
            played += repair.release(now)
        played += repair.add(_packet(number), now)
    played += repair.release(now + 1)
    sequences = [one.sequence for one in played]
    assert sequences == sorted(set(sequences))
    assert repair.due is None
