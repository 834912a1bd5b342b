from __future__ import annotations

import numpy as np
import pytest

from bench.sound import BUSINESS_HZ, FRAME, RATE, SHOPPER_HZ, carries, clicks, decode, delays, encode, speech


def frames(codes: bytes) -> np.ndarray:
    return decode(np.frombuffer(codes, np.uint8)).reshape(-1, FRAME)


def test_u_law_is_what_g_711_says() -> None:
    assert decode(np.array([0x00, 0x80, 0xFF, 0x7F], np.uint8)).tolist() == [-32124, 32124, 0, 0]
    samples = np.array([-32124.0, -5000.0, -100.0, 0.0, 100.0, 5000.0, 32124.0])
    again = decode(np.frombuffer(encode(samples), np.uint8))
    assert np.abs(again - samples).max() <= 128


@pytest.mark.parametrize(("hz", "other"), [(SHOPPER_HZ, BUSINESS_HZ), (BUSINESS_HZ, SHOPPER_HZ)])
def test_each_side_is_known_by_its_tone(hz: int, other: int) -> None:
    spoken = frames(speech(hz))
    assert carries(spoken, hz).sum() >= len(spoken) - 1  # the click may hide it
    assert carries(spoken, other).sum() <= 1


@pytest.mark.parametrize("hz", [350, 425, 440, 480])
def test_a_ringback_tone_is_nobody(hz: int) -> None:
    tone = encode(6000 * np.sin(2 * np.pi * hz * np.arange(RATE) / RATE))
    assert not carries(frames(tone), SHOPPER_HZ).any()
    assert not carries(frames(tone), BUSINESS_HZ).any()


@pytest.mark.parametrize("shift", [0, 1, 79, 100, 159])
def test_a_click_is_found_to_the_sample(shift: int) -> None:
    codes = bytes([0xFF]) * shift + speech(SHOPPER_HZ) * 3
    rows = frames(codes[: len(codes) // FRAME * FRAME])
    found = clicks(np.arange(len(rows)) * FRAME / RATE, rows)
    assert found == pytest.approx([0.5 + shift / RATE, 1.5 + shift / RATE, 2.5 + shift / RATE])


def test_delays_and_clicks_that_never_came() -> None:
    said = np.array([1.0, 2.0, 3.0, 4.0])
    waits, lost = delays(said, np.array([1.02, 2.03, 4.05]))
    assert waits == pytest.approx([0.02, 0.03, 0.05])
    assert lost == 1
    assert delays(said, np.empty(0))[1] == 4
