"""Moments as they are written."""

from __future__ import annotations

from bridge.utc import iso, readable, time_of_day


def test_a_moment_is_written_in_utc() -> None:
    at = 1_795_537_800.1259
    assert iso(at) == "2026-11-24T16:30:00.125Z"
    assert readable(at) == "2026-11-24 16:30:00"
    assert time_of_day(at) == "16:30:00.125"
    assert iso(0.0) == "1970-01-01T00:00:00.000Z"
