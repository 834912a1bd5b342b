"""Phone numbers made unreadable, for logs: enough is left to recognise a number that one already knows."""

from __future__ import annotations

import re
from typing import Any

#: E.164 with its plus anywhere in a text, or bare digits as the user part of a SIP or tel URI.
_NUMBER = re.compile(r"\+[1-9]\d{6,14}(?!\d)|(?<=sip:)\d{7,15}|(?<=sips:)\d{7,15}|(?<=tel:)\d{7,15}")

#: The same as people write it: ``+1 617-555-0123``, ``+44 (0)20 7946 0000``.
_WRITTEN = re.compile(r"\+[1-9](?:[ \u00a0().\-/]{0,3}\d){6,14}(?!\d)")

#: Whatever could be one: where text comes from anybody, a number may stand without its plus.
_DIGITS = re.compile(r"\+?\d{6,}")


def mask_number(number: str) -> str:
    """``+16175550123`` as ``+1617•••••23``; of a short number less is left."""
    head, tail = (5, 2) if len(number) >= 11 else (3, 1)
    return number[:head] + "•" * (len(number) - head - tail) + number[-tail:]


def mask_text(text: str) -> str:
    """The text with every phone number in it masked."""
    return _NUMBER.sub(lambda found: mask_number(found[0]), text)


def mask_written(text: str) -> str:
    """The text with every phone number in it masked, also those with spaces and dashes in them."""
    return mask_text(_WRITTEN.sub(lambda found: mask_number(re.sub(r"[^+\d]", "", found[0])), text))


def mask_digits(text: str) -> str:
    """The text with every run of six or more digits masked, as if each were a phone number."""
    return _DIGITS.sub(lambda found: mask_number(found[0]), text)


def mask_line(logger: object, method: str, line: Any) -> str | bytes:
    """Mask a whole log line, as structlog's last processor: after the renderer, so nothing slips past.

    What the renderer made of nested values, exceptions and tracebacks is masked as well. ``line`` is the
    renderer's str or bytes; its type is open because structlog's processors share one.
    """
    return mask_text(line.decode()).encode() if isinstance(line, bytes) else mask_text(str(line))
