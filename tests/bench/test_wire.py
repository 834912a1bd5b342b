from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.audio_wire import CallAudio, Streams, call_audio, drift_of
from bench.figures import Followed
from bench.packets import CapturedPackets
from bench.sip_wire import wire_calls
from bench.sound import BUSINESS_HZ, SHOPPER_HZ, speech
from tests.bench.wire import (
    BUSINESS,
    BUSINESS_RTP,
    NUMBER,
    SERVER,
    SERVER_RTP_BUSINESS,
    SERVER_RTP_SHOPPER,
    SHOPPER,
    SHOPPER_RTP,
    Wire,
)

START = 1_700_000_000.0
SECONDS = 6
SILENCE = bytes([0xFF]) * 8000


def a_call(wire: Wire, *, late: float = 0.0, ends: bool = True, **heard: range) -> None:
    """Shopper answers at 0.1 s, business at 0.3 s, joined at 0.34 s, BYE at 6 s if it ``ends``."""
    shopper, business = SHOPPER, BUSINESS
    wire.sip(
        START,
        SERVER,
        shopper,
        f"INVITE sip:+{NUMBER}@127.0.0.1 SIP/2.0",
        "shopper",
        "INVITE",
        SERVER_RTP_SHOPPER,
    )
    wire.sip(START + 0.1, shopper, SERVER, "SIP/2.0 200 OK", "shopper", "INVITE", SHOPPER_RTP)
    wire.sip(
        START + 0.104,
        SERVER,
        business,
        "INVITE sip:store@127.0.0.1 SIP/2.0",
        "business",
        "INVITE",
        SERVER_RTP_BUSINESS,
    )
    wire.sip(START + 0.3, business, SERVER, "SIP/2.0 200 OK", "business", "INVITE", BUSINESS_RTP)
    if ends:
        wire.sip(START + 6, business, SERVER, "BYE sip:127.0.0.1 SIP/2.0", "business", "BYE")
        wire.sip(START + 6.01, SERVER, shopper, "BYE sip:127.0.0.1 SIP/2.0", "shopper", "BYE")
    spoken, answer = speech(SHOPPER_HZ) * SECONDS, speech(BUSINESS_HZ) * SECONDS
    joined = START + 0.34
    wire.speak(SHOPPER_RTP, SERVER_RTP_SHOPPER, joined, spoken)
    wire.speak(BUSINESS_RTP, SERVER_RTP_BUSINESS, joined, answer)
    wire.speak(SERVER_RTP_BUSINESS, BUSINESS_RTP, START + 0.31, SILENCE[:160], first=65535)
    wire.speak(SERVER_RTP_BUSINESS, BUSINESS_RTP, joined, spoken, late=late, **heard)
    wire.speak(SERVER_RTP_SHOPPER, SHOPPER_RTP, joined, answer, late=late)


def followed(wire: Wire, folder: Path) -> Followed:
    packets = CapturedPackets.read(wire.write(folder / "wire.pcap"))
    calls = wire_calls(packets, SHOPPER, BUSINESS)
    assert list(calls) == [NUMBER]
    return Followed(calls[NUMBER], call_audio(Streams(packets), calls[NUMBER]))


def audio(wire: Wire, folder: Path) -> CallAudio:
    return followed(wire, folder).audio


def test_a_call_that_never_ended_is_followed_to_the_last_packet(tmp_path: Path) -> None:
    wire = Wire()
    a_call(wire, ends=False)
    found = followed(wire, tmp_path)
    assert found.wire is not None
    assert found.wire.ended == np.inf
    assert found.audio.bridged
    assert 200 < found.audio.heard[0].expected < 50 * SECONDS


def test_gap_and_join(tmp_path: Path) -> None:
    wire = Wire()
    a_call(wire)
    call = followed(wire, tmp_path)
    assert call.audio.bridged
    assert call.gap == pytest.approx(0.004, abs=1e-5)
    # The packet of silence before does not carry the shopper's voice.
    assert call.join == pytest.approx(0.04, abs=1e-5)


@pytest.mark.parametrize("late", [0.0, 0.015, 0.2])
def test_a_direct_path_adds_nothing_and_a_late_one_its_delay(tmp_path: Path, late: float) -> None:
    wire = Wire()
    a_call(wire, late=late)
    result = audio(wire, tmp_path)
    assert len(result.delays) >= 8
    assert result.delays == pytest.approx(late, abs=1e-5)
    assert result.clicks_lost == 0
    assert [flow.skipped + flow.short for flow in result.heard + result.said] == [0, 0, 0, 0]


def test_packets_that_never_left_are_counted(tmp_path: Path) -> None:
    wire = Wire()
    a_call(wire, without=range(100, 107))
    assert audio(wire, tmp_path).heard[0].skipped == 7


def test_a_stream_that_stops_is_short(tmp_path: Path) -> None:
    wire = Wire()
    a_call(wire, without=range(200, 300))
    flow = audio(wire, tmp_path).heard[0]
    assert flow.skipped == 0
    assert flow.short == pytest.approx(71, abs=1)  # until 0.25 s before the BYE


def test_a_lost_click_is_counted(tmp_path: Path) -> None:
    wire = Wire()
    a_call(wire, without=range(125, 126))
    assert audio(wire, tmp_path).clicks_lost == 1


def test_a_business_that_never_rang(tmp_path: Path) -> None:
    wire = Wire()
    wire.sip(
        START,
        SERVER,
        SHOPPER,
        f"INVITE sip:{NUMBER}@127.0.0.1 SIP/2.0",
        "shopper",
        "INVITE",
        SERVER_RTP_SHOPPER,
    )
    wire.sip(START + 0.1, SHOPPER, SERVER, "SIP/2.0 200 OK", "shopper", "INVITE", SHOPPER_RTP)
    call = followed(wire, tmp_path)
    assert (call.gap, call.join, call.audio.bridged) == (None, None, False)


def test_no_capture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wire.pcap"
    path.write_bytes(b"not a capture, whatever its name says")
    with pytest.raises(ValueError, match="no pcap file"):
        CapturedPackets.read(path)


def test_drift_is_what_the_last_clicks_took_longer() -> None:
    steady = np.full(80, 0.03)
    assert drift_of(steady) == 0
    assert drift_of(steady + np.linspace(0, 0.02, 80)) == pytest.approx(0.015, abs=0.001)
    assert drift_of(steady[:59]) is None
