"""What an agent would see of a page that was saved as a file: for operators who try their rules.

The page becomes a full snapshot as rrweb would send it, without its scripts having run, and goes through the
mirror of every shared view.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Literal

import msgspec

from cobrowse.masking import HIDDEN_MARK
from cobrowse.mirror import Mirror
from cobrowse.outcomes import EventPassed, PageTooLarge
from cobrowse.rules import Rules, matches
from cobrowse.words import BULLETS
from config.selectors import parse_selectors

#: Elements that HTML ends by itself (HTML, section 13.1.2).
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())  # noqa: SIM905
#: Which of these a start tag ends, if it stands in one.
_ENDS = {
    "li": {"li"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}, "tr": {"tr", "td", "th"}, "td": {"td", "th"},
    "th": {"td", "th"}, "option": {"option"}, "p": {"p"}, "div": {"p"}, "ul": {"p"}, "table": {"p"},
    "form": {"p"}, "h1": {"p"}, "h2": {"p"}, "h3": {"p"}, "section": {"p"},
}  # fmt: skip
#: What is told of an element, so that it is found in the page's source.
_NAMING = ("name", "type", "autocomplete")

Sight = Literal["seen", "hidden", "hidden value", "box"]


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One text or element of the page, and what an agent gets of it."""

    sight: Sight
    #: Such as ``input#zip[name=zip]``.
    element: str
    #: What the page says there.
    text: str = ""


def glimpses(page: str, rules: Rules, page_url: str, origins: Iterable[str]) -> list[Glimpse]:
    """What an agent would see of a page, in its order. ValueError where it is larger than a view takes."""
    root = _Reader().read(page)
    event = {"type": 2, "timestamp": 0, "data": {"node": root, "initialOffset": {}}}
    outcome = Mirror(rules, page_url, origins).apply(msgspec.json.encode(event))
    if isinstance(outcome, PageTooLarge) or not isinstance(outcome, EventPassed):
        raise ValueError("larger than a shared view takes")
    passed = msgspec.json.decode(outcome.data)["data"]["node"]
    return list(_compared(root, {node["id"]: node for node in _nodes(passed)}, ""))


def unmatched(page: str, selectors: Iterable[str]) -> list[str]:
    """Those selectors that no element of the page is."""
    elements = [node for node in _nodes(_Reader().read(page)) if node["type"] == 2]
    return [
        text
        for text in selectors
        if not any(
            matches(compound, node["tagName"], node["attributes"])
            for compound in parse_selectors(text)
            for node in elements
        )
    ]


def _compared(node: dict[str, Any], passed: dict[int, dict[str, Any]], inside: str) -> Iterator[Glimpse]:
    told = passed.get(node["id"])
    if told is None:
        return
    if node["type"] == 3:
        text = " ".join(node["textContent"].split())
        if text and inside not in ("style", "script"):
            yield Glimpse("hidden" if BULLETS in told["textContent"] else "seen", inside, text)
        return
    if node["type"] == 2:
        inside = _named(node)
        mark = told["attributes"].get(HIDDEN_MARK)
        if mark == "value":
            yield Glimpse("hidden value", inside)
        elif mark is not None:
            yield Glimpse("box" if mark == "frame" else "hidden", inside)
        elif "value" in told["attributes"]:
            yield Glimpse("seen", inside, str(told["attributes"]["value"]))
    for child in node["childNodes"]:
        yield from _compared(child, passed, inside)


def _named(node: dict[str, Any]) -> str:
    attributes = node["attributes"]
    name: str = node["tagName"]
    if attributes.get("id"):
        name += f"#{attributes['id']}"
    name += "".join(f".{each}" for each in attributes.get("class", "").split()[:3])
    return name + "".join(f"[{each}={attributes[each]}]" for each in _NAMING if attributes.get(each))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    stack = [node]
    while stack:
        each = stack.pop()
        yield each
        stack += each.get("childNodes", [])


class _Reader(HTMLParser):
    """HTML as a tree of rrweb's nodes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._last = 0
        self._root: dict[str, Any] = {"type": 0, "childNodes": [], "id": 0}
        self._open = [self._root]

    def read(self, page: str) -> dict[str, Any]:
        """The document."""
        self.feed(page)
        self.close()
        return self._root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        if len(self._open) > 1 and self._open[-1]["tagName"] in _ENDS.get(tag, ()):
            self._open.pop()
        attributes = {name: value or "" for name, value in attrs}
        made = self._add({"type": 2, "tagName": tag, "attributes": attributes, "childNodes": []})
        if tag not in _VOID:
            self._open.append(made)

    def handle_endtag(self, tag: str) -> None:
        """An element ends, with those in it that nobody ended."""
        for index in range(len(self._open) - 1, 0, -1):
            if self._open[index]["tagName"] == tag:
                del self._open[index:]
                return

    def handle_data(self, data: str) -> None:
        """A text."""
        self._add({"type": 3, "textContent": data})

    def _add(self, node: dict[str, Any]) -> dict[str, Any]:
        self._last += 1
        node["id"] = self._last
        self._open[-1]["childNodes"].append(node)
        return node
