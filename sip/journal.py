"""What a phone worker writes to stderr: one line of JSON an event, phone numbers masked."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal

from bridge.masking import mask_digits
from bridge.repeats import Repeats

Level = Literal["debug", "info", "warning", "error"]
_LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")
_level: Level = "info"
_repeats = Repeats()


def set_level(level: Level) -> None:
    """Write lines from this level on, in this process."""
    global _level
    _level = level


def note(event: str, level: Level = "warning", **fields: object) -> None:
    """Write one line: ``event`` names what happened, in the past tense; ``fields`` are shown masked.

    A line that repeats is counted instead (bridge.repeats). ``level`` and ``timestamp`` are those of the
    core's own lines, so that both can be read as one.
    """
    if _LEVELS.index(level) < _LEVELS.index(_level):
        return
    admitted, summaries = _repeats.admit({"event": event, **fields}, level, time.monotonic())
    for summary in summaries:
        _write(summary.pop("event"), summary.pop("level"), summary)
    if admitted:
        _write(event, level, fields)


def _write(event: str, level: str, fields: Mapping[str, object]) -> None:
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    line = {"event": event, "level": level, "timestamp": now, "worker": os.getpid()}
    line.update((name, mask_digits(str(value))) for name, value in fields.items())
    with suppress(OSError):  # who read it may be gone, but the calls go on
        sys.stderr.write(json.dumps(line, ensure_ascii=False) + "\n")
        sys.stderr.flush()
