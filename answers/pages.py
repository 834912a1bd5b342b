"""Which pages an answer is suggested on."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote, urlsplit


def path_of(url: str) -> str:
    """The path of a page's address, ``/`` for what has none; a slash at its end says nothing."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return "/"
    return unquote(path).rstrip("/") or "/"


def rank(patterns: tuple[str, ...], path: str) -> int | None:
    """How closely a path fits the patterns: the more letters are named, the closer; None if it fits none."""
    fitting = [_weight(pattern) for pattern in patterns if _compiled(pattern).fullmatch(path)]
    return max(fitting, default=None)


def _weight(pattern: str) -> int:
    return len(pattern.replace("*", "")) * 2 + ("*" not in pattern)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    """``*`` is one part of a path or a piece of it, ``/**`` any number of parts, also none."""
    pieces = re.split(r"(/\*\*|\*\*|\*)", pattern.rstrip("/") or "/")
    forms = {"/**": "(?:/.*)?", "**": ".*", "*": "[^/]*"}
    return re.compile("".join(forms.get(piece, re.escape(piece)) for piece in pieces), re.DOTALL)
