"""An answer's text as the page shows it, which reads no markup: paragraphs of plain words and links."""

from __future__ import annotations

import re
from typing import NamedTuple

from config.answers_file import LINK

_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")


class AnswerPart(NamedTuple):
    """Words in a row, with where they lead to."""

    text: str
    #: An address with https, or a path of the shop; None for plain words.
    href: str | None = None


def paragraphs(text: str) -> tuple[tuple[AnswerPart, ...], ...]:
    """The parts of each paragraph; a line break within one is a space."""
    return tuple(
        tuple(_parts(" ".join(each.split()))) for each in _PARAGRAPH.split(text.strip()) if each.strip()
    )


def _parts(text: str) -> list[AnswerPart]:
    parts, end = [], 0
    for link in LINK.finditer(text):
        if link.start() > end:
            parts.append(AnswerPart(text[end : link.start()]))
        parts.append(AnswerPart(link[1] or link[3], link[2] or link[3]))
        end = link.end()
    if end < len(text):
        parts.append(AnswerPart(text[end:]))
    return parts
