"""What becomes of texts that agents read: they stay, lose their card numbers, or become bullets."""

from __future__ import annotations

import re

from bridge.card_numbers import card_spans

#: Stands for what is hidden; it tells neither what nor how long it is.
BULLETS = "••••••••"
#: What has fewer digits holds no card number; most texts have none at all.
#: A longer text with so many digits is hidden as a whole: it is not worth the time to look for each number.
LONGEST_SEARCHED = 10_000
_DIGITS = re.compile(r"(?:\d\D{0,4}){12}\d")


def clear_text(text: str) -> str:
    """The text without card numbers."""
    spans = card_spans_in(text)
    if not spans:
        return text
    kept, at = [], 0
    for begin, end in spans:
        if end > at:
            kept += [text[at : max(at, begin)], BULLETS]
            at = end
    return "".join([*kept, text[at:]])


def hidden_text(text: str) -> str:
    """Bullets; blanks between elements stay."""
    return BULLETS if text.strip() else text


def card_spans_in(text: str) -> list[tuple[int, int]]:
    """Where card numbers stand in a text, in order."""
    if not _DIGITS.search(text):
        return []
    return [(0, len(text))] if len(text) > LONGEST_SEARCHED else sorted(card_spans(text))
