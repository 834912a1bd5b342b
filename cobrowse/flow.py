"""Texts that are read as one though a page has them in pieces: a card number may stand in several of them.

A text's node keeps, while agents see the text, what of it could belong to such a number: its beginning and
its end, as far as they are digits and what stands between digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from cobrowse.tree import ViewNode
from cobrowse.words import BULLETS, card_spans_in

#: Elements that do not part the texts before, in and after them.
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
     "kbd", "label", "mark", "output", "q", "s", "samp", "slot", "small", "span", "strike", "strong", "sub",
     "sup", "time", "tt", "u", "var", "wbr", "#comment"}
)  # fmt: skip
#: Nodes that are looked at to one side, and characters of a text's beginning and of its end.
_MOST_STEPS, _MOST_CHARACTERS = 40, 24
#: Stands for words: no number goes on over them.
_WORDS = "x"
_DIGIT = re.compile(r"\d")
_JOINT = re.compile(r"[\d\s._·|\u00ad\u2010-\u2015\u200b-\u200d\u2060\ufeff-]*")


def joint_of(text: str) -> str | None:
    """What of a text may be a part of a number; None where it has no digit and parts what is around it."""
    if _JOINT.fullmatch(text):
        short = len(text) <= 2 * _MOST_CHARACTERS
        return text if short else text[:_MOST_CHARACTERS] + _WORDS + text[-_MOST_CHARACTERS:]
    if not _DIGIT.search(text):
        return None
    head = _JOINT.match(text[:_MOST_CHARACTERS])
    tail = _JOINT.match(text[: -_MOST_CHARACTERS - 1 : -1])
    joint = (head[0] if head else "") + _WORDS + (tail[0][::-1] if tail else "")
    return joint if _DIGIT.search(joint) else None


def parts_of_a_card(node: ViewNode) -> list[ViewNode]:
    """The texts, this one among them, that are a card number together; none where one is by itself."""
    if node.label is None or not _DIGIT.search(node.label):
        return []
    before = list(_beside(node, _previous, lambda joint: joint.rpartition(_WORDS)[2]))
    after = list(_beside(node, _following, lambda joint: joint.partition(_WORDS)[0]))
    if not before and not after:
        return []
    pieces = [*reversed(before), (node, node.label), *after]
    bounds, joined = [], ""
    for each, joint in pieces:
        bounds.append((len(joined), len(joined) + len(joint), each))
        joined += joint
    found: dict[int, ViewNode] = {}
    for begin, end in card_spans_in(joined):
        parts = {each.id: each for first, last, each in bounds if first < end and begin < last}
        if len(parts) > 1 and node.id in parts:
            found |= parts
    return list(found.values())


def neighbours(node: ViewNode) -> list[ViewNode]:
    """The texts on both sides of a node that is to go: they may be read as one without it."""
    found = []
    for step in (_previous, _beyond):
        at = node
        for _ in range(_MOST_STEPS):
            beside = step(at)
            if beside is None:
                break
            at, step = beside, _previous if step is _previous else _following
            if at.tag == "#text":
                if at.label is not None:
                    found.append(at)
                break
    return found


def without_digits(text: str) -> str:
    """A text that is a part of a card number, without that part."""
    return re.sub(r"\d(?:[\s._·|-]{0,3}\d)*", BULLETS, text)


Step = Callable[[ViewNode], "ViewNode | None"]


def _beside(node: ViewNode, step: Step, near: Callable[[str], str]) -> Iterator[tuple[ViewNode, str]]:
    """The texts on one side with what of each is nearest, up to where words or a box part them."""
    at = node
    for _ in range(_MOST_STEPS):
        beside = step(at)
        if beside is None:
            return
        at = beside
        if at.tag != "#text":
            continue
        if at.label is None:
            return
        yield at, near(at.label)
        if _WORDS in at.label:
            return


def _following(node: ViewNode) -> ViewNode | None:
    """The next node in the page's order, unless a box comes between."""
    inner = _last_of_chain(node)
    if inner is not None:
        return inner if _joins(inner) else None
    return _beyond(node)


def _beyond(node: ViewNode) -> ViewNode | None:
    """The next node in the page's order that is not in this one, unless a box comes between."""
    while node.before is None:
        if node.parent is None or not _joins(node.parent):
            return None
        node = node.parent
    return node.before if _joins(node.before) else None


def _previous(node: ViewNode) -> ViewNode | None:
    """The node before in the page's order, from its inside out, unless a box comes between."""
    before = node.next
    if before is None:
        parent = node.parent
        return parent if parent is not None and _joins(parent) else None
    while _joins(before) and before.first is not None:
        before = before.first
    return before if _joins(before) else None


def _last_of_chain(node: ViewNode) -> ViewNode | None:
    """The first child: a chain begins with the last one."""
    child = node.first
    while child is not None and child.next is not None:
        child = child.next
    return child


def _joins(node: ViewNode) -> bool:
    return node.tag == "#text" or node.tag in _INLINE
