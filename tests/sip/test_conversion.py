"""Audio of one codec in another: tones come out as they went in."""

import math

import pytest

from sip.conversion import Converter, convertible
from sip.rtp import G722, PCMA, PCMU, TRANSLATIONS
from tests.sip.uas import alaw, alinear, level, linear, ulaw


def tone(encode, hertz: float, packets: int) -> list[bytes]:
    samples = [round(8000 * math.sin(2 * math.pi * hertz * n / 8000)) for n in range(160 * packets)]
    return [bytes(encode(s) for s in samples[start : start + 160]) for start in range(0, len(samples), 160)]


@pytest.mark.parametrize(
    ("source", "encode", "target", "decode"), [(PCMU, ulaw, PCMA, alinear), (PCMA, alaw, PCMU, linear)]
)
def test_the_laws_of_g711(source, encode, target, decode):
    converter = Converter(source, target)
    heard = [decode(b) for packet in tone(encode, 1000, 10) for b in converter.convert(packet)]
    assert level(heard, 1000) == pytest.approx(8000, rel=0.05)
    for byte in range(256):
        there = TRANSLATIONS[source, target][byte]
        assert abs(decode(there) - (linear if source == PCMU else alinear)(byte)) <= 600


@pytest.mark.parametrize(("law", "encode", "decode"), [(PCMU, ulaw, linear), (PCMA, alaw, alinear)])
def test_g722_there_and_back(law, encode, decode):
    there, back = Converter(law, G722), Converter(G722, law)
    packets = [back.convert(there.convert(packet)) for packet in tone(encode, 1000, 30)]
    assert {len(packet) for packet in packets} == {160}
    heard = [decode(b) for packet in packets[10:] for b in packet]
    assert level(heard, 1000) == pytest.approx(8000, rel=0.2)


def test_what_makes_no_sense_is_silence():
    converter = Converter(G722, PCMU)
    assert len(converter.convert(b"")) == 0
    assert len(converter.convert(b"\x01")) == 1
    assert not convertible(PCMU, 18)
    assert not convertible(96, PCMU)
