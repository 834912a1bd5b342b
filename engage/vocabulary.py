"""What engagement rules may name: facts of the page, of the shopper and of the business, with their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from config.sections.page import PageFact
from expressions.vocabulary import Path, Type, Vocabulary
from routing.vocabulary import ROUTE_NAMES

_T = Type
#: What a page tells of itself. It stays as it is until the shopper goes to another page.
_OF_THE_PAGE: Mapping[str, Mapping[str, Type]] = {
    "page": {
        "url": _T.TEXT, "host": _T.TEXT, "path": _T.TEXT, "query": _T.MAP, "title": _T.TEXT,
        "referrer": _T.TEXT, "language": _T.TEXT,
    },
    "device": {"kind": _T.TEXT},
    "campaign": {"source": _T.TEXT, "medium": _T.TEXT, "name": _T.TEXT},
    "visit": {"number": _T.WHOLE, "pages": _T.WHOLE},
}  # fmt: skip
#: What a page tells and what changes while the shopper is on it.
_CHANGING: Mapping[str, Mapping[str, Type]] = {
    "page": {"leaving": _T.TRUTH},
    "time": {"on_page": _T.NUMBER, "on_site": _T.NUMBER, "idle": _T.NUMBER},
    "scroll": {"depth": _T.NUMBER},
    "cart": {"value": _T.NUMBER, "count": _T.WHOLE, "currency": _T.TEXT},
    "product": {"sku": _T.TEXT, "name": _T.TEXT, "category": _T.TEXT, "price": _T.NUMBER},
    "checkout": {"failed": _T.WHOLE},
    "promo": {"failed": _T.WHOLE},
    "errors": {"count": _T.WHOLE, "text": _T.TEXT},
    "search": {"count": _T.WHOLE, "repeated": _T.WHOLE, "empty": _T.WHOLE},
}
#: What nobody has told of these has not happened yet.
_AT_FIRST: Mapping[Path, int | bool] = {
    ("page", "leaving"): False,
    **{
        (root, field): 0
        for root in ("checkout", "promo", "search", "errors")
        for field, kind in _CHANGING[root].items()
        if kind is _T.WHOLE
    },
}
#: Seconds of visible time; each grows by one a second, and ``time.idle`` starts again when the shopper moves.
CLOCKS: frozenset[Path] = frozenset({("time", "on_page"), ("time", "on_site"), ("time", "idle")})
IDLE: Path = ("time", "idle")
#: What is known of the business, and may change at any moment.
OF_THE_BUSINESS = ("agents", "queue", "hours", "now")
#: What only somebody whose browser is remembered can tell.
NEEDS_CONSENT: frozenset[Path] = frozenset({("visit", "number"), ("visit", "pages"), ("time", "on_site")})
_FREE: frozenset[Path] = frozenset(
    {
        ("page", "query"),
        ("customer",),
        ("signed",),
        ("signed", "cart"),
        ("signed", "visitor"),
        ("signed", "customer"),
    }
)
_TYPES = {"text": _T.TEXT, "number": _T.NUMBER, "truth": _T.TRUTH}
#: Variables whose fields a site may add to: ``cart.weight``; any new variable may be declared as well.
_OPEN = frozenset(_CHANGING) - {"page", "time", "scroll"}


def engage_names(hours: Iterable[str], facts: Mapping[str, PageFact]) -> Vocabulary:
    """The vocabulary of a site's rules; ``hours`` are the names of opening hours, ``facts`` are its own."""
    business = {
        "customer": {},
        "signed": {},
        "geo": ROUTE_NAMES.declared["geo"],
        "now": ROUTE_NAMES.declared["now"],
        "agents": {"free": _T.WHOLE},
        "queue": {"wait": _T.NUMBER},
        "hours": dict.fromkeys(hours, _T.TRUTH),
    }
    declared: dict[str, dict[str, Type]] = {}
    for name, fact in facts.items():
        root, field = name.split(".")
        if (root, field) not in built_in() and may_declare(root):
            declared.setdefault(root, {})[field] = _TYPES[fact.type]
    return (
        Vocabulary(_OF_THE_PAGE) | Vocabulary(_CHANGING) | Vocabulary(business, _FREE) | Vocabulary(declared)
    )


def built_in() -> dict[Path, Type]:
    """The facts that every page may tell, by path."""
    return {
        (root, field): kind
        for part in (_OF_THE_PAGE, _CHANGING)
        for root, fields in part.items()
        for field, kind in fields.items()
        if kind is not _T.MAP
    }


def at_first(facts: Mapping[str, PageFact]) -> dict[Path, int | bool]:
    """The values of counts, and of what selectors look for, before the page has told any."""
    found = {
        tuple(name.split(".")): False if fact.type == "truth" else 0
        for name, fact in facts.items()
        if fact.selector is not None and fact.type != "text"
    }
    return {**_AT_FIRST, **found}


def may_declare(root: str) -> bool:
    """Whether a site may declare facts of this variable."""
    fixed = {
        *_OF_THE_PAGE,
        *_CHANGING,
        "customer",
        "signed",
        "geo",
        *OF_THE_BUSINESS,
        "call",
        "visitor",
    } - _OPEN
    return root not in fixed


def type_of(fact: PageFact) -> Type:
    """The type of a declared fact."""
    return _TYPES[fact.type]


def may_change(path: Path) -> bool:
    """Whether this fact may get another value while the shopper stays on the page."""
    root = path[0]
    if root in _OF_THE_PAGE:
        return path[1] in _CHANGING.get(root, {})
    return root not in ("signed", "geo")


def is_of_business(path: Path) -> bool:
    """Whether this is a fact of the business."""
    return path[0] in OF_THE_BUSINESS
