from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from phones.tones import Sound, heard, only_hears
from tests.phones.wav import write


@pytest.fixture
def shopper_then_business(tmp_path: Path) -> Path:
    """A second of 440 Hz, one of 880 Hz, one of both, one of silence; all at -20 dB."""
    rate = 8000
    seconds = np.arange(rate) / rate
    low, high = (0.1 * np.sin(2 * np.pi * hz * seconds) for hz in (440, 880))
    samples = np.concatenate([low, high, low + high, np.zeros(rate)])
    return write(tmp_path / "heard.wav", samples)


def test_levels(shopper_then_business: Path) -> None:
    assert heard(shopper_then_business, start=0, end=1)[440] == -20
    assert heard(shopper_then_business, start=0, end=1)[880] < -80
    assert heard(shopper_then_business, start=3)[440] == -120


def test_only_hears(shopper_then_business: Path) -> None:
    assert only_hears(shopper_then_business, 440, not_hz=880, end=1)
    assert only_hears(shopper_then_business, 880, not_hz=(440, 660), start=1, end=2)
    assert not only_hears(shopper_then_business, 880, not_hz=440, start=2, end=3)
    assert not only_hears(shopper_then_business, 880, start=0, end=1)
    assert only_hears(shopper_then_business, None, not_hz=(440, 880), start=3)


def test_timeline(shopper_then_business: Path) -> None:
    assert Sound.read(shopper_then_business).timeline((440, 880), step=1) == [
        (0, (440,)),
        (1, (880,)),
        (2, (440, 880)),
        (3, ()),
    ]


def test_a_file_still_being_written(shopper_then_business: Path) -> None:
    data = shopper_then_business.read_bytes()
    shopper_then_business.write_bytes(data[:40] + bytes(4) + data[44:-1])
    assert Sound.read(shopper_then_business).seconds == pytest.approx(4, abs=0.01)


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "no.wav").write_bytes(b"nothing")
    with pytest.raises(ValueError, match="no plain WAV"):
        Sound.read(tmp_path / "no.wav")
