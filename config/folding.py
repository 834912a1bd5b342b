"""From a character of a YAML text to its place in the file, past quotes, escapes and folded lines."""

from __future__ import annotations

import re

from config.problems import Position

_BLANKS = re.compile(r"[ \r\n]*")
#: Characters of a double-quoted escape, by the one behind the backslash (YAML 1.2 section 5.7).
_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}


def follow(source: str, begin: Position, text: str, offset: int) -> Position:
    """The place of ``text[offset]``, for a scalar that begins at ``begin`` in ``source``.

    Where the two cannot be walked side by side, the scalar's own place.
    """
    lines = source.splitlines(keepends=True)
    at = sum(map(len, lines[: begin.line - 1])) + begin.column - 1
    quote = source[at : at + 1]
    if quote in (">", "|"):
        at = source.find("\n", at) + 1
        at += _blanks(source, at)
    elif quote in ("'", '"'):
        at += 1
    for character in text[:offset]:
        step = _step(source, at, character, quote)
        if not step:
            return begin
        at += step
    before = source[:at]
    return Position(before.count("\n") + 1, at - before.rfind("\n"), begin.file)


def _step(source: str, at: int, character: str, quote: str) -> int:
    """How many characters of the file make this one of the text; 0 where they differ."""
    here = source[at : at + 1]
    if quote == '"' and here == "\\":
        return _ESCAPE_LENGTHS.get(source[at + 1 : at + 2], 2)
    if quote == "'" and source.startswith("''", at):
        return 2
    if character == " ":
        blanks = _blanks(source, at)
        # A line that is folded stands for one blank, with what indents the next one.
        return blanks if "\n" in source[at : at + blanks] else min(blanks, 1)
    return int(here == character)


def _blanks(source: str, at: int) -> int:
    found = _BLANKS.match(source, at)
    return found.end() - at if found else 0
