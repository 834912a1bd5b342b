"""Keys as tones in the audio (ITU-T Q.24)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip.inband import ToneListener, Tones
from sip.rtp import Packet
from tests.sip.uas import alaw, ulaw

COLUMNS = (1209, 1336, 1477, 1633)
TONES = {
    key: (row, column)
    for row, keys in ((697, "123A"), (770, "456B"), (852, "789C"), (941, "*0#D"))
    for key, column in zip(keys, COLUMNS, strict=True)
}


def sound(hertz: tuple[float, ...], ms: float, loud: float = 6000) -> list[int]:
    return [round(sum(loud * math.sin(math.tau * f * n / 8000) for f in hertz)) for n in range(round(8 * ms))]


def keys_in(samples: list[int]) -> str:
    data = bytes(ulaw(sample) for sample in samples)
    listener = ToneListener()
    return "".join(listener.hear(data[at : at + 160]) for at in range(0, len(data), 160))


@pytest.mark.parametrize("ms", [40, 70, 500])
@pytest.mark.parametrize("start", [0, 3.1, 11])
def test_each_press_is_heard_once(ms, start):
    wanted = "123A456B789C*0#D1155"
    samples = sound((), start)
    for key in wanted:
        samples += sound(TONES[key], ms) + sound((), 60)
    assert keys_in(samples + sound((), 40)) == wanted


@pytest.mark.parametrize("off", [-0.015, 0.015])
@pytest.mark.parametrize("loud", [300, 6000, 14000])
def test_tones_may_be_off_and_faint(off, loud):
    samples = []
    for key in "1590#":
        samples += sound(tuple(f * (1 + off) for f in TONES[key]), 80, loud) + sound((), 60)
    assert keys_in(samples) == "1590#"


@given(st.lists(st.integers(-8000, 8000), min_size=800, max_size=800))
def test_noise_is_no_key(samples):
    assert keys_in(samples) == ""


@pytest.mark.parametrize(
    "hertz", [(697,), (440,), (1209,), (350, 440), (425,), (1000,), (697, 770), (1209, 1477)]
)
def test_other_tones_are_no_keys(hertz):
    assert keys_in(sound(hertz, 300)) == ""


def test_a_law():
    tones = Tones()
    data = bytes(alaw(sample) for sample in sound(TONES["1"], 200))
    packets = [
        Packet(False, 8, n, 0, 1, data[at : at + 160]) for n, at in enumerate(range(0, len(data), 160))
    ]
    assert "".join(tones.hear(packet) for packet in packets) == "1"
