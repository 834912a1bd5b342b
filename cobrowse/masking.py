"""What agents get of one element: by default nothing, and of each attribute on the list what its row says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cobrowse.addresses import ViewAddresses
from cobrowse.rules import EDITOR, FIELDS, HIDDEN, SHOWN, VALUE
from cobrowse.states import STATES
from cobrowse.styles import ViewStyles
from cobrowse.words import BULLETS, clear_text, hidden_text

#: Nothing below these is passed on: it loads, runs, is drawn from elsewhere, or nobody sees it.
CLOSED = frozenset(
    {"iframe", "frame", "object", "embed", "applet", "portal", "fencedframe", "script", "noscript",
     "template", "canvas", "video", "audio", "title", "desc", "metadata", "datalist", "textarea", "meta",
     "base", "link", "param", "img", "input", "source", "track"}
)  # fmt: skip
#: What stands for an element that would load, run or change the page; a template is never shown.
INSTEAD = {
    "script": "template", "noscript": "template", "template": "template", "meta": "template", "base":
    "template", "title": "template", "param": "template", "track": "template", "source": "template",
    "iframe": "div", "frame": "div", "object": "div", "embed": "div", "applet": "div", "portal": "div",
    "fencedframe": "div", "video": "div", "audio": "div",
}  # fmt: skip
_BOXES = frozenset(tag for tag, instead in INSTEAD.items() if instead == "div")
_TAG = re.compile(r"[a-z][a-z0-9]*(?:[-._][a-z0-9._-]*)?", re.IGNORECASE)
LONGEST_TAG = 64
#: Says to the view's page what is hidden: a whole ``area``, the ``value`` of a field, or a ``frame``.
HIDDEN_MARK = "data-ringback-hidden"

_LENGTH = r"[-+]?(?:\d++\.?\d*+|\.\d++)(?:e[-+]?\d++)?+(?:px|%|r?em|ex|ch|v[wh]|pt|deg|fr|s)?+"
_LENGTHS = re.compile(rf"(?:{_LENGTH}[\s,*]*+)*+|auto|none|inherit", re.IGNORECASE)
_PATH = re.compile(r"[\d\s.,+\-MmZzLlHhVvCcSsQqTtAaEe]*")
_TRANSFORM = re.compile(
    r"(?:(?:matrix|translate|scale|rotate|skew)[XYZxyz3d]{0,2}\([-+\d\s.,e]*+\)[\s,]*+)*+|none"
)
_PAINT = re.compile(
    r"#[0-9a-f]{3,8}|(?:rgb|hsl)a?\([-\d\s.,%/]*\)|url\(#[\w-]{1,64}\)|var\(--[\w-]{1,64}\)|none|currentcolor|inherit"
    r"|transparent|context-(?:fill|stroke)|(?:light|dark|pale|medium|deep)?(?:black|white|red|green|blue|yellow|gray"
    r"|grey|silver|maroon|purple|fuchsia|lime|olive|navy|teal|aqua|orange|gold|pink|brown|tomato|cyan|magenta"
    r"|indigo|violet|beige|ivory|khaki|coral|salmon|crimson|skyblue|seagreen|orchid)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"""url\(["']?#[\w-]{1,64}["']?\)|none""")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,4}){0,3}")
_MEDIA_WORDS = frozenset(
    {"all", "screen", "print", "speech", "and", "not", "only", "or", "min-width", "max-width", "width",
     "min-height", "max-height", "height", "orientation", "portrait", "landscape", "prefers-color-scheme",
     "dark", "light", "prefers-reduced-motion", "reduce", "no-preference", "hover", "none", "pointer",
     "coarse", "fine", "px", "em", "rem", "min-resolution", "dppx", "dpi", "min-device-pixel-ratio",
     "webkit-min-device-pixel-ratio"}
)  # fmt: skip
_WORD = re.compile(r"-?[A-Za-z][A-Za-z-]*")
_MEDIA_SIGNS = re.compile(r"[\w\s():.,<>=/-]*")
_SIZE = re.compile(r"[\d.]{1,8}[wxh]")
#: Words of a srcset that are read.
_MOST_PICTURES = 60
_SECRET_NAME = re.compile(r"\d{6}|@")
_INPUT_TYPES = frozenset(
    {"button", "checkbox", "color", "date", "datetime-local", "email", "file", "hidden", "image", "month",
     "number", "password", "radio", "range", "reset", "search", "submit", "tel", "text", "time", "url",
     "week", "module", "text/css", "a", "i", "1", "circle", "disc", "square"}
)  # fmt: skip
_ROLES = frozenset(
    {"alert", "alertdialog", "application", "article", "banner", "button", "cell", "checkbox",
     "columnheader", "combobox", "complementary", "contentinfo", "dialog", "feed", "figure", "form", "grid",
     "gridcell", "group", "heading", "img", "link", "list", "listbox", "listitem", "log", "main", "menu",
     "menubar", "menuitem", "menuitemcheckbox", "menuitemradio", "meter", "navigation", "none", "note",
     "option", "presentation", "progressbar", "radio", "radiogroup", "region", "row", "rowgroup",
     "rowheader", "search", "searchbox", "separator", "slider", "spinbutton", "status", "switch", "tab",
     "table", "tablist", "tabpanel", "term", "textbox", "timer", "toolbar", "tooltip", "tree", "treegrid",
     "treeitem"}
)  # fmt: skip
_RELATIONS = frozenset({"stylesheet", "alternate", "noopener", "noreferrer", "nofollow", "external"})
_LAYOUT_WORDS = frozenset(
    {"left", "right", "center", "justify", "top", "middle", "bottom", "baseline", "ltr", "rtl", "auto",
     "manual", "start", "end", "butt", "round", "square", "miter", "bevel", "nonzero", "evenodd", "all",
     "none", "rows", "cols", "groups", "soft", "hard", "lazy", "eager", "modal", "non-modal",
     "userspaceonuse", "objectboundingbox", "hidden", "visible", "open", "until-found", "xmidymid", "meet",
     "slice", "xminymin", "xmaxymax", "inline", "block", "normal", "bold", "italic", "optimizelegibility",
     "geometricprecision", "central"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MaskedPlace:
    """The element that an attribute belongs to."""

    tag: str
    #: Of an input, in lower case.
    type: str
    flags: int
    #: Whether its texts and pictures are hidden.
    quiet: bool


Row = Callable[["Masking", str, MaskedPlace], str | None]


class Masking:
    """What becomes of attributes and texts of one page."""

    def __init__(self, addresses: ViewAddresses, private: bool) -> None:
        self.addresses = addresses
        self.styles = ViewStyles(addresses)
        self._private = private

    def is_quiet(self, flags: int) -> bool:
        """Whether texts and pictures of such an element are hidden, though its shape is not."""
        if flags & HIDDEN:
            return True
        return bool(flags & EDITOR) or (self._private and not flags & (SHOWN | VALUE))

    def text(self, text: str, quiet: bool) -> str:
        """A text that people read."""
        return hidden_text(text) if quiet else clear_text(text)

    def tag(self, tag: str) -> str:
        """The name of the element that stands for this one."""
        name = INSTEAD.get(tag.lower(), tag)
        return name if len(name) <= LONGEST_TAG and _TAG.fullmatch(name) else "span"

    def attributes(self, attributes: Mapping[str, Any], place: MaskedPlace) -> dict[str, Any]:
        """What is passed on of the attributes of an element that comes, or that changes."""
        told: dict[str, Any] = {}
        for name, value in attributes.items():
            row = _ROWS.get(name)
            if row is None:
                if _tells_a_state(name, value):
                    told[name] = value
            elif value is None:
                told[name] = None
            elif isinstance(value, dict):
                if name == "style":
                    told[name] = self.styles.properties(value, not place.quiet)
            elif isinstance(value, (str, int, float)):
                kept = row(self, value if isinstance(value, str) else _plain(value), place)
                if kept is not None:
                    told[name] = value if kept == value or not isinstance(value, str) else kept
        return told

    def marks(self, attributes: Mapping[str, Any], place: MaskedPlace) -> dict[str, Any]:
        """What is added to an element that comes, so that what is hidden looks hidden."""
        if place.flags & HIDDEN:
            return {HIDDEN_MARK: "area"}
        if place.tag in _BOXES:
            size = {
                f"rr_{name}": f"{value}px"
                for name in ("width", "height")
                if isinstance(value := attributes.get(name), str) and value.isascii() and value.isdigit()
            }
            return {**size, HIDDEN_MARK: "frame"}
        is_field = place.tag in FIELDS and place.type not in ("submit", "reset", "button", "image", "hidden")
        return {HIDDEN_MARK: "value"} if is_field and not place.flags & VALUE else {}

    def value(self, text: str, place: MaskedPlace) -> str:
        """What is in a field, as agents see it."""
        if place.tag == "input" and place.type in ("submit", "reset", "button"):
            return self.text(text, place.quiet)
        if not place.flags & VALUE or place.flags & HIDDEN:
            return BULLETS if text and _is_typed(place.type) and place.tag != "select" else ""
        if place.type in ("hidden", "password", "file"):
            return ""
        return clear_text(text)

    # --- the rows of the table ------------------------------------------------------------------------------

    def _class(self, value: str, place: MaskedPlace) -> str | None:
        if not _SECRET_NAME.search(value):
            return value
        return " ".join(each for each in value.split() if not _SECRET_NAME.search(each))

    def _name(self, value: str, place: MaskedPlace) -> str | None:
        return None if place.flags & HIDDEN or _SECRET_NAME.search(value) else value

    def _style(self, value: str, place: MaskedPlace) -> str | None:
        return self.styles.inline(value, not place.quiet)

    def _sheet(self, value: str, place: MaskedPlace) -> str | None:
        return (
            self.styles.sheet(value) if place.tag in ("style", "link") and not place.flags & HIDDEN else None
        )

    def _words(self, value: str, place: MaskedPlace) -> str | None:
        return self.text(value, place.quiet)

    def _label(self, value: str, place: MaskedPlace) -> str | None:
        if place.tag == "option" and not place.flags & VALUE:
            return hidden_text(value)
        return self.text(value, place.quiet)

    def _link(self, value: str, place: MaskedPlace) -> str | None:
        """Where a link leads says who asks: a reset of a password, an order. That it is a link is enough."""
        if place.tag == "link":
            return self.addresses.asset(value)
        if re.fullmatch(r"#[A-Za-z][\w-]{0,63}", value) and not place.flags & HIDDEN:
            return value
        if place.tag in ("a", "area"):
            return "#"
        return self._picture(value, place)

    def _picture(self, value: str, place: MaskedPlace) -> str | None:
        return None if place.quiet or place.tag in INSTEAD else self.addresses.asset(value)

    def _pictures(self, value: str, place: MaskedPlace) -> str | None:
        if place.quiet:
            return None
        candidates = [
            f"{allowed} {size}".rstrip()
            for url, size in _srcset(value)
            if (allowed := self.addresses.asset(url)) is not None
        ]
        return ", ".join(candidates) or None

    def _value(self, value: str, place: MaskedPlace) -> str | None:
        if place.tag in ("input", "textarea"):
            return (
                None
                if place.type in ("checkbox", "radio", "hidden", "file", "image")
                else self.value(value, place)
            )
        if place.tag in ("meter", "progress", "li") and not place.quiet and _LENGTHS.fullmatch(value):
            return value
        return None

    def _check(self, value: str, place: MaskedPlace) -> str | None:
        return value if place.flags & VALUE and value.lower() in STATES else None

    def _flag(self, value: str, place: MaskedPlace) -> str | None:
        return value if value.lower() in _LAYOUT_WORDS or value.lower() in STATES else ""

    def _type(self, value: str, place: MaskedPlace) -> str | None:
        return value if value.lower() in _INPUT_TYPES else None

    def _relation(self, value: str, place: MaskedPlace) -> str | None:
        return value if set(value.lower().split()) <= _RELATIONS else None

    def _media(self, value: str, place: MaskedPlace) -> str | None:
        words = {word.lower() for word in _WORD.findall(value)}
        return value if words <= _MEDIA_WORDS and _MEDIA_SIGNS.fullmatch(value) else None

    def _layout(self, value: str, place: MaskedPlace) -> str | None:
        return value if set(value.lower().split()) <= _LAYOUT_WORDS else None


def _by(pattern: re.Pattern[str]) -> Row:
    return lambda masking, value, place: value if pattern.fullmatch(value) else None


def _among(words: frozenset[str]) -> Row:
    return lambda masking, value, place: value if value.lower() in words else None


def _srcset(value: str) -> Iterator[tuple[str, str]]:
    """Addresses and sizes of a srcset (HTML, section 4.8.4.2.1); a comma may be part of an address."""
    url = ""
    for word in value.split()[:_MOST_PICTURES]:
        if not url:
            if word.endswith(","):
                yield word.rstrip(","), ""
            else:
                url = word
        else:
            size, _, following = word.partition(",")
            yield url, size if _SIZE.fullmatch(size) else ""
            url = following
    if url:
        yield url, ""


def _is_typed(kind: str) -> bool:
    return kind not in ("checkbox", "radio", "submit", "reset", "button", "image", "hidden", "file")


def _tells_a_state(name: str, value: Any) -> bool:
    """Whether an attribute of the shop's own says how something is, as its style sheets ask."""
    if (
        name[:5] not in ("data-", "aria-")
        or len(name) > LONGEST_TAG
        or not name.isascii()
        or name == HIDDEN_MARK
    ):
        return False
    return value is None or (isinstance(value, str) and value.lower() in STATES)


def _plain(value: float) -> str:
    return "true" if value is True else "false" if value is False else f"{value:g}"


def _table() -> dict[str, Row]:
    rows: dict[str, Row] = {
        "class": Masking._class, "style": Masking._style, "_cssText": Masking._sheet, "href": Masking._link,
        "xlink:href": Masking._link, "src": Masking._picture, "background": Masking._picture, "srcset":
        Masking._pictures, "value": Masking._value, "checked": Masking._check, "selected": Masking._check,
        "type": Masking._type, "rel": Masking._relation, "media": Masking._media, "placeholder":
        Masking._words, "label": Masking._label, "role": _among(_ROLES), "lang": _by(_LANGUAGE), "xml:lang":
        _by(_LANGUAGE), "d": _by(_PATH), "transform": _by(_TRANSFORM),
    }  # fmt: skip
    for names, row in (
        ("id for", Masking._name),
        ("hidden disabled readonly required open multiple reversed nowrap inert popover", Masking._flag),
        (
            "width height colspan rowspan span size rows cols border cellpadding cellspacing start maxlength "
            "rr_width rr_height rr_scrollTop rr_scrollLeft viewBox x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy "
            "points stroke-width stroke-dasharray stroke-dashoffset stroke-miterlimit opacity fill-opacity "
            "stroke-opacity stop-opacity offset rotate font-size letter-spacing refX refY markerWidth "
            "markerHeight sizes max low high optimum textLength version",
            _by(_LENGTHS),
        ),
        ("fill stroke color stop-color flood-color lighting-color bgcolor", _by(_PAINT)),
        ("clip-path mask filter marker-start marker-mid marker-end", _by(_REFERENCE)),
        ("gradientTransform patternTransform", _by(_TRANSFORM)),
        (
            "dir align valign wrap rules frame scope stroke-linecap stroke-linejoin fill-rule clip-rule "
            "text-anchor dominant-baseline alignment-baseline preserveAspectRatio gradientUnits patternUnits "
            "clipPathUnits maskUnits loading rr_open_mode visibility display font-weight font-style "
            "text-rendering shape-rendering",
            Masking._layout,
        ),
    ):
        rows.update(dict.fromkeys(names.split(), row))
    return rows


_ROWS: Mapping[str, Row] = _table()
