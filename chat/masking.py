"""What nobody may keep or see of a chat's text: card numbers, and whatever a site's own patterns describe.

An entry is masked once, before it is stored or told, in both directions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bridge.card_numbers import card_spans
from config.checks.masks import mask_signs

#: Stands for what was masked; it tells neither a digit nor the length.
MASK = "••••"


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may be kept, and how many parts of it were masked."""

    text: str
    parts: int


def mask(text: str, patterns: Sequence[str] = ()) -> Masked:
    """Mask card numbers, and what fits a site's ``patterns``. Masking again changes nothing.

    :func:`config.checks.masks.mask_problem` says how patterns are written.
    """
    spans = [
        *card_spans(text),
        *(found.span() for each in patterns for found in _compiled(each).finditer(text)),
    ]
    if not spans:
        return Masked(text, 0)
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    kept, at = [], 0
    for begin, end in merged:
        kept += [text[at:begin], MASK]
        at = end
    return Masked("".join([*kept, text[at:]]), len(merged))


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression; blanks and dashes may stand between any two characters."""
    parts = [{"#": r"\d", "@": r"[^\W\d_]"}.get(sign, re.escape(sign)) for sign in mask_signs(pattern)]
    between = r"[\s\u2010-\u2015-]?"
    return re.compile(rf"(?<!\w){between.join(parts)}(?!\w)", re.IGNORECASE)
