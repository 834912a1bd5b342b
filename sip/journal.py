"""What a phone worker writes to stderr: one line of JSON an event, phone numbers masked."""

from __future__ import annotations

import json
import os
import re
import sys
import time

_NUMBER = re.compile(r"\+?\d{6,}")


def mask(text: str) -> str:
    """Hide every run of six or more digits but for its last two: ``+16175550100`` becomes ``***00``."""
    return _NUMBER.sub(lambda found: "***" + found[0][-2:], text)


def note(event: str, **fields: object) -> None:
    """Write one line: ``event`` names what happened, in the past tense; ``fields`` are shown masked."""
    line = {"at": round(time.time(), 3), "worker": os.getpid(), "event": event}
    line.update((name, mask(str(value))) for name, value in fields.items())
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()
