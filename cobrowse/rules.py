"""What a site's rules say of one element, told from its tag and attributes alone.

The answer is a set of bits. Some are handed down to everything below the element. None of those that hide
is ever taken away again: :class:`cobrowse.mirror.Mirror` sees to that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from config.sections.sites import Site
from config.selectors import Compound, parse_selectors

#: Nothing of it is passed on but a box.
HIDDEN = 1
#: It is below such a box, or below something whose content nobody needs: agents do not know it.
INSIDE = 2
NEVER_FILL = 4
NEVER_CLICK = 8
#: An area that ``show`` names, or something in it.
SHOWN = 16
#: A field that ``show`` names itself: its value is passed on.
VALUE = 32
#: A field for card or account numbers, or a form with one.
PAYS = 64
#: Something that is typed into: contenteditable, and what is in it.
EDITOR = 128

#: What children get from their parent.
HANDED_DOWN = NEVER_FILL | NEVER_CLICK | SHOWN | EDITOR
#: What stays, whatever becomes of the element's attributes and its place.
STICKY = HIDDEN | NEVER_FILL | NEVER_CLICK | PAYS | EDITOR

FIELDS = frozenset({"input", "textarea", "select"})
#: What shops already mark for other recorders and session replays counts here, too.
_MARKED = (
    "[data-ringback-mask]", ".rr-mask", ".rr-block", ".sentry-mask", ".sentry-block", ".ph-no-capture",
    ".fs-mask", ".fs-exclude", "[data-hj-suppress]", "[data-clarity-mask]", "[data-dd-privacy^=mask]",
    "[data-dd-privacy=hidden]", "[data-openreplay-obscured]", "[data-openreplay-masked]",
    "[data-openreplay-hidden]", "[data-private]", "[data-sensitive]",
)  # fmt: skip
_MARKED_NEVER_CLICK = ("[data-ringback-never-click]",)
_MARKED_NEVER_FILL = ("[data-ringback-never-fill]",)
#: Ringback's own panel.
_OURS = re.compile(r"ringback-")
_SECRET_COMPLETE = re.compile(r"(^|\s)(cc-|one-time-code|current-password|new-password)", re.IGNORECASE)
_CARD_COMPLETE = re.compile(r"(^|\s)cc-", re.IGNORECASE)
#: Words in names of fields. ``card`` alone is none: shops have gift cards and card views.
_PAYMENT_WORDS = frozenset(
    {
        "cvc", "cvv", "cvv2", "cvn", "csc", "iban", "bic", "swift", "cardnumber", "cardno", "ccnumber",
        "ccnum", "creditcard", "debitcard", "cardholder", "cardcvc", "cardcvv", "cardexpiry", "ccexp",
        "pan", "kontonummer", "kartennummer", "accountnumber", "routingnumber", "sortcode", }
)  # fmt: skip
_SECRET_WORDS = frozenset(
    {
        "password", "passwort", "passwd", "pwd", "passcode", "pin", "otp", "totp", "mfa", "tan", "ssn",
        "socialsecurity", "securitycode", "taxid", "passport", "secret",
    }
)  # fmt: skip
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_PAYMENT_FRAMES = re.compile(
    r"stripe|adyen|braintree|paypal|klarna|mollie|checkout\.com|worldpay|payment|\bcard\b|cvc|cvv",
    re.IGNORECASE,
)
#: Attributes that are needed of a field or a button.
_OF_FIELDS = frozenset(
    {"type", "name", "id", "autocomplete", "inputmode", "maxlength", "form", "readonly", "disabled"}
)
_OF_ALL = frozenset({"contenteditable"})
_FRAME_SAYS = ("name", "title", "src", "rr_src", "id", "class")


@dataclass(slots=True)
class _Index:
    """Selectors by what an element must have at least, so that most elements are compared with none."""

    tags: dict[str, list[tuple[Compound, int]]] = field(default_factory=dict)
    classes: dict[str, list[tuple[Compound, int]]] = field(default_factory=dict)
    attributes: dict[str, list[tuple[Compound, int]]] = field(default_factory=dict)
    every: list[tuple[Compound, int]] = field(default_factory=list)

    def add(self, selectors: Iterable[str], bits: int) -> None:
        for text in selectors:
            for compound in parse_selectors(text):
                self._place(compound).append((compound, bits))

    def _place(self, compound: Compound) -> list[tuple[Compound, int]]:
        if compound.ids:
            return self.attributes.setdefault("id", [])
        if compound.classes:
            return self.classes.setdefault(compound.classes[0], [])
        if compound.attributes:
            return self.attributes.setdefault(compound.attributes[0].name, [])
        return self.tags.setdefault(compound.tag, []) if compound.tag else self.every

    def needed(self) -> set[str]:
        every = [*self.tags.values(), *self.classes.values(), *self.attributes.values(), self.every]
        found = {need.name for each in every for compound, _ in each for need in compound.attributes}
        found |= (
            {"class"} if self.classes or any(each.classes for part in every for each, _ in part) else set()
        )
        return found | ({"id"} if "id" in self.attributes else set())


class Rules:
    """The rules of one site. Immutable, shared by all its views."""

    def __init__(
        self,
        *,
        mask: Iterable[str] = (),
        show: Iterable[str] = (),
        never_fill: Iterable[str] = (),
        never_click: Iterable[str] = (),
        sensitive: Iterable[str] = (),
        private_by_default: bool = False,
    ) -> None:
        """``sensitive`` are keys of passed fields, ``*`` for a part: fields of that name or id are hidden."""
        self.private = private_by_default
        #: All of it, to tell whether the settings have changed.
        self.said = (
            tuple(mask),
            tuple(show),
            tuple(never_fill),
            tuple(never_click),
            tuple(sensitive),
            self.private,
        )
        self._keys = [_key_pattern(key) for key in sensitive]
        self._index = _Index()
        self._index.add((*_MARKED, *mask), HIDDEN)
        self._index.add((*_MARKED_NEVER_FILL, *never_fill), NEVER_FILL)
        self._index.add((*_MARKED_NEVER_CLICK, *never_click), NEVER_CLICK)
        self._index.add(show, SHOWN | VALUE)
        self._relevant = frozenset(self._index.needed() | _OF_ALL)
        self._of_fields = self._relevant | _OF_FIELDS

    @classmethod
    def of(cls, site: Site) -> Rules:
        """The rules of a site as its settings say."""
        settings = site.cobrowse
        fields = {key: each for key, each in site.data_pass.fields.items() if each.sensitive}
        elements = [each.element for each in fields.values() if each.element is not None]
        if settings is None:
            return cls(mask=elements, sensitive=fields, private_by_default=True)
        return cls(
            mask=(*settings.mask, *elements),
            show=settings.show,
            never_fill=settings.never_fill,
            never_click=settings.never_click,
            sensitive=fields,
            private_by_default=settings.private_by_default,
        )

    def relevant(self, tag: str) -> frozenset[str]:
        """Attributes of such an element that :meth:`judge` looks at."""
        return self._of_fields if tag in FIELDS or tag in ("button", "iframe") else self._relevant

    def judge(self, tag: str, attributes: Mapping[str, Any]) -> int:
        """The bits of an element by itself; ``tag`` in lower case."""
        bits = 0
        index = self._index
        for name in attributes:
            if (selectors := index.attributes.get(name)) is not None:
                bits |= _matching(selectors, tag, attributes)
        if index.classes and "class" in attributes:
            for name in _text(attributes, "class").split():
                if (selectors := index.classes.get(name)) is not None:
                    bits |= _matching(selectors, tag, attributes)
        if (selectors := index.tags.get(tag)) is not None:
            bits |= _matching(selectors, tag, attributes)
        if index.every:
            bits |= _matching(index.every, tag, attributes)
        if "contenteditable" in attributes and attributes["contenteditable"] != "false":
            bits |= EDITOR
        if tag in FIELDS:
            bits |= self._field(tag, attributes)
        elif tag == "iframe":
            told = " ".join(str(attributes[name]) for name in _FRAME_SAYS if name in attributes)
            bits |= PAYS if _PAYMENT_FRAMES.search(told) else 0
        elif _OURS.match(tag):
            bits |= HIDDEN | NEVER_CLICK
        return bits & ~VALUE if bits & HIDDEN else bits

    def _field(self, tag: str, attributes: Mapping[str, Any]) -> int:
        if _text(attributes, "type").lower() == "password":
            return HIDDEN
        complete = _text(attributes, "autocomplete")
        if _CARD_COMPLETE.search(complete):
            return HIDDEN | PAYS
        if _SECRET_COMPLETE.search(complete):
            return HIDDEN
        names = [name for each in ("name", "id") if (name := _text(attributes, each))]
        bits = 0
        for name in names:
            bits |= _by_words(name)
            if any(key.fullmatch(name) for key in self._keys):
                bits |= HIDDEN
        return bits


def _matching(selectors: Iterable[tuple[Compound, int]], tag: str, attributes: Mapping[str, Any]) -> int:
    bits = 0
    for compound, more in selectors:
        if (bits & more) != more and matches(compound, tag, attributes):
            bits |= more
    return bits


def matches(compound: Compound, tag: str, attributes: Mapping[str, Any]) -> bool:
    """Whether an element is what a selector says."""
    if compound.tag and compound.tag != tag:
        return False
    if compound.ids and any(_text(attributes, "id") != each for each in compound.ids):
        return False
    if compound.classes:
        has = _text(attributes, "class").split()
        if any(each not in has for each in compound.classes):
            return False
    return all(
        need.name in attributes and need.holds(_text(attributes, need.name)) for need in compound.attributes
    )


def _by_words(name: str) -> int:
    """Whether a field's name says that it is for payment or a secret: ``card-number``, ``creditCardNo``."""
    parts = [part.lower() for part in _PARTS.findall(name[:200])]
    words = {
        *parts,
        *(first + second for first, second in pairwise(parts)),
        "".join(parts),
    }
    if words & _PAYMENT_WORDS:
        return HIDDEN | PAYS
    return HIDDEN if words & _SECRET_WORDS else 0


def _text(attributes: Mapping[str, Any], name: str) -> str:
    value = attributes.get(name)
    return value if isinstance(value, str) else "" if value is None or value is True else str(value)


def _key_pattern(key: str) -> re.Pattern[str]:
    return re.compile(re.escape(key).replace(r"\*", r"[^.]+"), re.IGNORECASE)
