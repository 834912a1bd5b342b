"""What the bench's phones say, as µ-law (ITU-T G.711), and how it is recognised in RTP again.

Each side says a soft tone of its own without a pause, and a short loud click every second. The tone shows
whose audio a packet carries; the click's first sample shows how long the audio was on its way.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]
Times = npt.NDArray[np.float64]

RATE = 8000
#: Samples of one RTP packet: 20 ms.
FRAME = 160
#: Both fit a whole number of times into a packet, so that neither is mistaken for the other.
SHOPPER_HZ = 600
BUSINESS_HZ = 1000
_TONE = 3000.0
_CLICK = 24000.0
_CLICK_SAMPLES = 80
_CLICK_AT = RATE // 2
#: Clicks are so many seconds apart; a delay must be shorter.
CLICK_SPACING = 1.0
_LOUD = 12000.0


def _decoded() -> Samples:
    codes = ~np.arange(256) & 0xFF
    magnitude = (((codes & 0x0F) << 3) + 0x84 << ((codes & 0x70) >> 4)) - 0x84
    return np.where(codes & 0x80, -magnitude, magnitude).astype(np.float64)


_LINEAR = _decoded()
_ORDER = np.argsort(_LINEAR)


def encode(samples: Samples) -> bytes:
    """Linear samples (16 bit range) as the nearest µ-law codes."""
    ordered = _LINEAR[_ORDER]
    middles = (ordered[1:] + ordered[:-1]) / 2
    return _ORDER[np.searchsorted(middles, samples)].astype(np.uint8).tobytes()


def decode(codes: npt.NDArray[np.uint8]) -> Samples:
    """Linear samples of µ-law codes, in the same shape."""
    return _LINEAR[codes]


def speech(hz: int) -> bytes:
    """One second of a phone's speech, to be repeated for ever."""
    at = np.arange(RATE)
    samples = _TONE * np.sin(2 * np.pi * hz * at / RATE)
    click = np.where(np.arange(_CLICK_SAMPLES) // 8 % 2 == 0, _CLICK, -_CLICK)
    samples[_CLICK_AT : _CLICK_AT + _CLICK_SAMPLES] = click
    return encode(samples)


def write_speech(path: Path, hz: int, seconds: float) -> Path:
    """Write speech as the capture that SIPp plays, RTP (RFC 3550) of PCMU with 20 ms a packet."""
    codes = speech(hz)
    length = 12 + FRAME
    udp = struct.pack(">HHHH", 4000, 4000, 8 + length, 0)
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 28 + length, 0, 0, 64, 17, 0, 0x7F000001, 0x7F000001)
    size = 14 + len(ip) + len(udp) + length
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for index in range(round(seconds * RATE) // FRAME):
            at = index * FRAME
            time = round(index * FRAME / RATE * 1e6)
            rtp = struct.pack(">BBHII", 0x80, 0, index & 0xFFFF, at, 0x52696E67)
            file.write(struct.pack("<IIII", time // 1_000_000, time % 1_000_000, size, size))
            file.write(bytes(12) + b"\x08\x00" + ip + udp + rtp + codes[at % RATE : at % RATE + FRAME])
    return path


def carries(frames: Samples, hz: int) -> npt.NDArray[np.bool_]:
    """Which frames (one a row) hold the tone ``hz`` of one of the two sides."""
    wave = np.exp(-2j * np.pi * hz * np.arange(frames.shape[1]) / RATE)
    strength = 2 / frames.shape[1] * np.abs(frames @ wave)
    return np.asarray(strength > 0.3 * _TONE)


def loud(frames: Samples) -> npt.NDArray[np.bool_]:
    """Which frames (one a row) hold some of a click."""
    return np.asarray((np.abs(frames) > _LOUD).any(axis=1))


def clicks(times: Times, frames: Samples) -> Times:
    """When each click began: a packet's time in seconds, plus where in the packet the click is."""
    above = np.abs(frames) > _LOUD
    found = np.flatnonzero(above.any(axis=1))
    starts = times[found] + above[found].argmax(axis=1) / RATE
    # A click may go on in the next packet.
    fresh = np.diff(starts, prepend=-np.inf) > CLICK_SPACING / 2
    return np.asarray(starts[fresh])


def delays(said: Times, heard: Times) -> tuple[Times, int]:
    """Seconds from each click to its arrival, and how many clicks never arrived."""
    if not len(heard):
        return np.empty(0), len(said)
    after = np.searchsorted(heard, said - 1e-6)
    waits = np.where(after < len(heard), heard[np.minimum(after, len(heard) - 1)] - said, np.inf)
    arrived = waits < CLICK_SPACING / 2
    return np.maximum(waits[arrived], 0.0), int((~arrived).sum())
