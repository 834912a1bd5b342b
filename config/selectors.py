"""Compound selectors (CSS Selectors 4, section 4.3) without combinators: what one element itself must be.

``input[autocomplete^=cc-]``, ``.account-number``, ``#iban``, ``[data-private]``, or a list of them with
commas. Which element is meant can be told from its tag and attributes alone, wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

AttributeTest = Literal["", "=", "~=", "|=", "^=", "$=", "*="]
#: Attributes whose values HTML compares without regard to case (HTML, section 4.16.2), and ``autocomplete``.
FOLDED = frozenset({"autocomplete", "dir", "inputmode", "lang", "method", "rel", "role", "type"})
LONGEST_SELECTOR = 300
_NAME = re.compile(
    r"-?(?:[A-Za-z_\u0080-\U0010ffff]|\\[^\n0-9A-Fa-f])(?:[\w\u0080-\U0010ffff-]|\\[^\n0-9A-Fa-f])*|--[\w-]+"
)
_ATTRIBUTE = re.compile(
    r"""\[\s*(?P<name>[A-Za-z_][\w:.-]*)\s*
    (?:(?P<test>[~|^$*]?=)\s*(?:"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)'|(?P<bare>[\w\u0080-\U0010ffff-]+))
    \s*(?P<fold>[iI])?\s*)?\]""",
    re.VERBOSE,
)
_BLANKS = re.compile(r"\s*")
_TAGS = frozenset(
    re.findall(
        r"\S+",
        """
    a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption center
    cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset
    figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe
    img input ins kbd label legend li link main map mark marquee math menu meta meter nav noscript object ol
    optgroup option output p param picture pre progress q rp rt ruby s samp script search section select
    slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th
    thead time title tr track tt u ul var video wbr circle ellipse g image line path polygon polyline rect
    symbol text tspan use desc defs metadata marker pattern mask clippath foreignobject
    """,
    )
)


class SelectorError(ValueError):
    """A text is not such a selector; ``offset`` is the character where it stops being one."""

    def __init__(self, offset: int, text: str) -> None:
        super().__init__(text)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class AttributeNeed:
    """What one attribute must be: there, or with a value that passes ``test``."""

    name: str
    test: AttributeTest = ""
    value: str = ""
    #: Whether case does not count.
    fold: bool = False

    def holds(self, value: str) -> bool:
        """Whether an attribute with this value is what is needed."""
        wanted = self.value
        if self.fold:
            wanted, value = wanted.lower(), value.lower()
        match self.test:
            case "":
                return True
            case "=":
                return value == wanted
            case "~=":
                return wanted in value.split()
            case "|=":
                return value == wanted or value.startswith(f"{wanted}-")
            case "^=":
                return bool(wanted) and value.startswith(wanted)
            case "$=":
                return bool(wanted) and value.endswith(wanted)
            case "*=":
                return bool(wanted) and wanted in value


@dataclass(frozen=True, slots=True)
class Compound:
    """One compound selector: all of its parts must hold."""

    text: str
    #: In lower case; empty for any element.
    tag: str = ""
    ids: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    attributes: tuple[AttributeNeed, ...] = ()

    @property
    def never(self) -> str | None:
        """Why no element can be what this says; None where one can."""
        if self.tag and self.tag not in _TAGS and "-" not in self.tag:
            return f'HTML has no element "{self.tag}"'
        if len(set(self.ids)) > 1:
            return "no element has two ids"
        exact: dict[str, str] = {}
        for need in self.attributes:
            if need.test in ("^=", "$=", "*=", "~=") and not need.value:
                return f"no value passes {need.test} with an empty text"
            if need.test == "~=" and len(need.value.split()) != 1:
                return f'"{need.value}" is not one word, which ~= looks for'
            if need.test == "=" and exact.setdefault(need.name, need.value) != need.value:
                return f"{need.name} has one value, not two"
        return None


def parse_selectors(text: str) -> tuple[Compound, ...]:
    """The compound selectors of a list; SelectorError where the text is no such list."""
    return tuple(_parse(text))


def _parse(text: str) -> Iterator[Compound]:
    if len(text) > LONGEST_SELECTOR:
        raise SelectorError(
            LONGEST_SELECTOR, f"longer than {LONGEST_SELECTOR} characters: write several selectors"
        )
    at = 0
    while True:
        at = _skip(text, at)
        compound, at = _compound(text, at)
        yield compound
        at = _skip(text, at)
        if at == len(text):
            return
        if text[at] != ",":
            raise SelectorError(at, _complaint(text[at]))
        at += 1


def _compound(text: str, begin: int) -> tuple[Compound, int]:
    at, tag = begin, ""
    ids: list[str] = []
    classes: list[str] = []
    attributes: list[AttributeNeed] = []
    if text[at : at + 1] == "*":
        at += 1
    elif found := _NAME.match(text, at):
        tag, at = _plain(found[0]).lower(), found.end()
    while at < len(text) and text[at] in "#.[":
        sign = text[at]
        if sign == "[":
            if (found := _ATTRIBUTE.match(text, at)) is None:
                raise SelectorError(at, 'not an attribute: write [name], [name=value] or [name^="a value"]')
            attributes.append(_need(found))
        else:
            if (found := _NAME.match(text, at + 1)) is None:
                raise SelectorError(at, f'a name must follow "{sign}", such as {sign}account')
            (ids if sign == "#" else classes).append(_plain(found[0]))
        at = found.end()
    if at == begin:
        raise SelectorError(at, _complaint(text[at : at + 1]))
    return Compound(text[begin:at], tag, tuple(ids), tuple(classes), tuple(attributes)), at


def _need(found: re.Match[str]) -> AttributeNeed:
    name = found["name"].lower()
    value = next((each for each in (found["double"], found["single"], found["bare"]) if each is not None), "")
    test: AttributeTest = found["test"] or ""  # type: ignore[assignment]
    return AttributeNeed(name, test, value, bool(found["fold"]) or name in FOLDED)


def _plain(name: str) -> str:
    return re.sub(r"\\(.)", r"\1", name)


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _complaint(sign: str) -> str:
    if not sign:
        return "a selector is missing here, such as .account or input[name=iban]"
    if sign == ":":
        return "pseudo-classes are not supported: name the element by its tag, id, class or attributes"
    if sign in ">+~" or sign.isalnum() or sign in "#.[*_-\\":
        return (
            "one selector describes one element: name the element itself, without what is around it; a comma "
            "begins another selector"
        )
    return "not a selector: write a tag, .class, #id or [attribute=value]"
