"""A YAML text as a tree of spans: where each node begins and ends, in characters, and how it is written.

:mod:`config.source` reads what a text says, this module how it says it. Both take the same parser's events.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from config.editing.data import Data
from config.problems import Loc
from config.resolve import plain
from config.source import DEEPEST

Kind = Literal["scalar", "mapping", "sequence", "alias"]
_PROPERTIES = re.compile(r"&[^\s,\[\]{}]+")
_SPACE = re.compile(r"[ \t]*")
_REST_OF_LINE = re.compile(r"[ \t]*(#[^\r\n]*)?(\r\n|\r|\n|$)")
_COLON = re.compile(r"\s*:")


class UnreadableError(ValueError):
    """The text is not YAML of the kind that can be edited by splices."""


@dataclass(slots=True)
class NodeSpan:
    """A node's characters: from ``start``, its anchor included, to before ``end``."""

    kind: Kind
    start: int
    end: int
    #: Of a scalar ``""``, ``'``, ``"``, ``|`` or ``>``; of a collection ``block`` or ``flow``.
    style: str = ""
    text: str = ""
    anchor: str = ""
    #: Where it begins behind its anchor.
    body: int = 0
    slots: list[NodeSlot] = field(default_factory=list)

    def slot(self, step: str | int) -> NodeSlot | None:
        """The entry of this key or index."""
        if self.kind == "sequence":
            return self.slots[step] if isinstance(step, int) and 0 <= step < len(self.slots) else None
        if self.kind != "mapping":
            return None
        return next((slot for slot in self.slots if slot.name == step), None)


@dataclass(slots=True)
class NodeSlot:
    """An entry of a collection: a key or a dash, and its value."""

    name: str | int
    #: Where the key or the dash begins; of an item of a flow list, the item.
    start: int
    #: Where what belongs to the value may begin: behind the colon or the dash.
    after: int
    value: NodeSpan
    key_end: int = 0
    #: Whether it has a colon, or is an item.
    open: bool = True

    @property
    def end(self) -> int:
        """Where its content ends, comments apart."""
        return max(self.value.end, self.after)


@dataclass(slots=True)
class _Open:
    span: NodeSpan
    key: NodeSpan | None = None


def read_spans(text: str) -> NodeSpan:
    """The root; :class:`UnreadableError`. An empty text has an empty scalar as its root."""
    stack: list[_Open] = []
    root: NodeSpan | None = None
    mistake = ""
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            match event:
                case ScalarEvent():
                    span = _scalar(text, event)
                case AliasEvent():
                    span = NodeSpan("alias", event.start_mark.index, event.end_mark.index, text=event.anchor)
                    span.body = span.start
                case MappingStartEvent() | SequenceStartEvent():
                    kind: Kind = "mapping" if isinstance(event, MappingStartEvent) else "sequence"
                    style = "flow" if event.flow_style else "block"
                    start = event.start_mark.index
                    span = NodeSpan(kind, start, event.end_mark.index, style, anchor=event.anchor or "")
                    span.body = _behind_anchor(text, start)
                    stack.append(_Open(span))
                    continue
                case MappingEndEvent() | SequenceEndEvent():
                    span = stack.pop().span
                    span.end = event.end_mark.index if span.style == "flow" else _last_end(span)
                case _:
                    continue
            if not stack:
                root = span
            else:
                _take(text, stack[-1], span)
    except YAMLError:
        mistake = "not valid YAML"
    if mistake or root is None:
        raise UnreadableError(mistake or "nothing is written here")
    return root


def _scalar(text: str, event: ScalarEvent) -> NodeSpan:
    start, end = event.start_mark.index, event.end_mark.index
    style = event.style or ""
    span = NodeSpan("scalar", start, end, style, event.value, event.anchor or "")
    span.body = _behind_anchor(text, start)
    if style in ("|", ">"):
        written = text[span.body : end]
        if "+" in written.splitlines()[0].split("#")[0]:
            # Blank lines at its end are a part of it; the last line break is not.
            written = written.rstrip(" ").removesuffix("\n").removesuffix("\r")
        else:
            # The mark is behind the blank lines that follow, and perhaps in the next line's indentation.
            written = written.rstrip()
        span.end = span.body + len(written)
    return span


def _behind_anchor(text: str, start: int) -> int:
    found = _PROPERTIES.match(text, start)
    if not found:
        return start
    return found.end() + len(_SPACE.match(text, found.end())[0])  # type: ignore[index]


def _last_end(span: NodeSpan) -> int:
    return span.slots[-1].end if span.slots else span.end


def _take(text: str, holder: _Open, span: NodeSpan) -> None:
    """Add a node to the collection that is open."""
    parent = holder.span
    if parent.kind == "sequence":
        begin = parent.slots[-1].end if parent.slots else parent.body
        if parent.style == "flow":
            slot = NodeSlot(len(parent.slots), span.start, span.start, span)
        else:
            dash = _dash(text, begin)
            slot = NodeSlot(len(parent.slots), dash, dash + 1, span)
        _place_of_nothing(text, slot)
        parent.slots.append(slot)
    elif holder.key is None:
        if span.kind != "scalar" or (text[span.start : span.end] == "" and not span.text):
            raise UnreadableError("a key that is no plain name")
        holder.key = span
    else:
        key, holder.key = holder.key, None
        colon = _COLON.match(text, key.end)
        slot = NodeSlot(
            key.text, key.start, colon.end() if colon else key.end, span, key.end, open=colon is not None
        )
        _place_of_nothing(text, slot)
        parent.slots.append(slot)


def _place_of_nothing(text: str, slot: NodeSlot) -> None:
    """The parser places a value that is not there at the next token: put it behind the colon or dash."""
    value = slot.value
    if value.kind == "scalar" and not value.style and not value.text:
        if value.anchor:
            value.end = value.start + len(value.anchor) + 1
            value.body = value.end
        else:
            value.start = value.body = value.end = slot.after


def _dash(text: str, begin: int) -> int:
    """Where the next dash is: comments and blank lines may come before it."""
    at = begin
    while at < len(text):
        at += len(_SPACE.match(text, at)[0])  # type: ignore[index]
        if text[at : at + 1] == "-":
            return at
        found = _REST_OF_LINE.match(text, at)
        if not found:
            break
        at = found.end()
    raise UnreadableError("a list that is written in an odd way")


def line_start(text: str, at: int) -> int:
    """Where the line of this character begins."""
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def line_end(text: str, at: int) -> int:
    """Where the next line begins, behind nothing but a comment; :class:`UnreadableError`."""
    found = _REST_OF_LINE.match(text, at)
    if not found:
        raise UnreadableError("more is written on the same line")
    return found.end()


def column(text: str, at: int) -> int:
    """The character's column, from 0."""
    return at - line_start(text, at)


def walk(root: NodeSpan) -> list[tuple[Loc, NodeSpan]]:
    """Every node with its place in the text, in the text's order; aliases are not followed."""
    found: list[tuple[Loc, NodeSpan]] = []
    waiting: list[tuple[Loc, NodeSpan]] = [((), root)]
    while waiting:
        loc, span = waiting.pop()
        found.append((loc, span))
        waiting += [((*loc, slot.name), slot.value) for slot in reversed(span.slots)]
    return found


def said(root: NodeSpan) -> Data:
    """What the text says, aliases written out; :class:`UnreadableError`."""
    anchors = {span.anchor: span for _, span in walk(root) if span.anchor}

    def data(span: NodeSpan, depth: int) -> Data:
        if depth > DEEPEST:
            raise UnreadableError("nested too deeply")
        if span.kind == "alias":
            if span.text not in anchors:
                raise UnreadableError("an alias without its anchor")
            return data(anchors[span.text], depth)
        if span.kind == "scalar":
            return span.text if span.style else plain(span.text)
        if span.kind == "sequence":
            return [data(slot.value, depth + 1) for slot in span.slots]
        return {str(slot.name): data(slot.value, depth + 1) for slot in span.slots}

    return data(root, 0)
