"""Ringback tones by country (ITU-T E.180 supplement 2)."""

from __future__ import annotations

from routing.plan import Tone

RINGBACK: dict[str, Tone] = {
    "us": Tone("ringback_us", ((440, 480, 2000, 4000),)),
    "gb": Tone("ringback_gb", ((400, 450, 400, 200), (400, 450, 400, 2000))),
    "eu": Tone("ringback_eu", ((425, 0, 1000, 4000),)),
}
