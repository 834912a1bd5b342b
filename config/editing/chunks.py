"""The lines of a block collection, cut into one chunk for each entry with its comments.

Comment lines above an entry, at its own indentation, are the entry's, and so is the comment behind it.
Comment lines that are further in belong to the entry before. The first chunk of a file begins at its key:
what is above is about the file.
"""

from __future__ import annotations

import re
from itertools import pairwise

from config.editing.spans import NodeSlot, NodeSpan, UnreadableError, column, line_end, line_start

_LINE = re.compile(r"([ \t]*)(#[^\r\n]*)?(\r\n|\r|\n)")


def bounds(text: str, span: NodeSpan, *, top: bool) -> list[int]:
    """Where each chunk begins, and where the last one ends. ``top``: the collection is the whole file."""
    first = span.slots[0]
    far = column(text, first.start)
    found = [_begin(text, first, top=top)]
    for slot, following in zip(span.slots, [*span.slots[1:], None], strict=True):
        limit = following.start if following else len(text)
        end = line_end(text, slot.end)
        found.append(_tail(text, end, far, limit, top=top and following is None))
    return found


def is_inline(text: str, span: NodeSpan) -> bool:
    """Whether a collection begins on the line of a dash or an anchor: ``- to: sales``."""
    start = span.slots[0].start
    return bool(text[line_start(text, start) : start].strip())


def _begin(text: str, slot: NodeSlot, *, top: bool) -> int:
    start = line_start(text, slot.start)
    indent = text[start : slot.start]
    if indent.strip():
        return slot.start
    while not top and start:
        above = line_start(text, start - (2 if text[start - 2 : start] == "\r\n" else 1))
        if not text[above:start].startswith(f"{indent}#"):
            break
        start = above
    return start


def _tail(text: str, at: int, far: int, limit: int, *, top: bool) -> int:
    """Past the comment lines that are further in than the key."""
    end = at
    while at < limit and (line := _LINE.match(text, at)):
        at = line.end()
        if at > limit:
            break
        if line[2] and len(line[1]) > far and not top:
            end = at
        elif line[2]:
            break
    return end


def joined(text: str, span: NodeSpan, chunks: list[str], *, top: bool) -> tuple[int, int, str]:
    """The splice that puts these chunks in the place of those that there are."""
    edges = bounds(text, span, top=top)
    newline = "\r\n" if "\r\n" in text else "\n"
    open_end = edges[-1] == len(text) and not text.endswith(("\n", "\r"))
    whole = [chunk if chunk.endswith(("\n", "\r")) else chunk + newline for chunk in chunks]
    if is_inline(text, span):
        # The first chunk is on the line of the dash: its indentation is there already.
        far = column(text, span.slots[0].start)
        if not whole[0].startswith(" " * far) or whole[0][far : far + 1] in (" ", "#", "\r", "\n"):
            raise UnreadableError("a comment would come between a dash and its entry")
        whole[0] = whole[0][far:]
    new = "".join(whole)
    if open_end and chunks[-1].endswith(text[edges[-2] : edges[-1]]):
        new = new.removesuffix("\n").removesuffix("\r")
    return trimmed(text, edges[0], edges[-1], new)


def cut(text: str, span: NodeSpan, *, top: bool) -> list[str]:
    """The chunks, each with its indentation."""
    edges = bounds(text, span, top=top)
    chunks = [text[start:end] for start, end in pairwise(edges)]
    if is_inline(text, span):
        chunks[0] = " " * column(text, span.slots[0].start) + chunks[0]
    return chunks


def trimmed(text: str, start: int, end: int, new: str) -> tuple[int, int, str]:
    """The splice without what is the same at both of its ends."""
    old = text[start:end]
    same = 0
    most = min(len(old), len(new))
    while same < most and old[same] == new[same]:
        same += 1
    back = 0
    while back < most - same and old[-1 - back] == new[-1 - back]:
        back += 1
    return start + same, end - back, new[same : len(new) - back]


def shifted(chunk: str, by: int) -> str:
    """The chunk's lines further in, or further out."""
    if by >= 0:
        return "".join(" " * by + line if line.strip() else line for line in chunk.splitlines(keepends=True))
    lines = chunk.splitlines(keepends=True)
    if any(line.strip() and not line.startswith(" " * -by) for line in lines):
        raise UnreadableError("a line that is indented in an odd way")
    return "".join(line[-by:] if line.strip() else line for line in lines)
