"""Moments in UTC, as programs and people read them."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(at: float) -> str:
    """Seconds since the epoch as programs read them: ``2026-11-24T16:30:00.125Z`` (RFC 3339)."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def readable(at: float) -> str:
    """The same as people read it in a terminal: ``2026-11-24 16:30:00``."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"


def time_of_day(at: float) -> str:
    """The time of day to the millisecond: ``16:30:00.125``."""
    return iso(at)[11:-1]
