"""What conditions of routes may name.

``cart``, ``visitor``, ``customer``, ``page.query`` and ``page.context`` are whatever a page passes, as texts;
``signed`` is what the retailer's server signed, such as ``signed.cart.value``.
"""

from __future__ import annotations

from expressions.vocabulary import Path, Type, Vocabulary

_T = Type
#: What a page passes of its shopper, each a map of its own.
_PASSED = ("cart", "visitor", "customer")
#: Maps whose keys a page, or the retailer's server, chooses.
FREE: frozenset[Path] = frozenset(
    {("page", "query"), ("page", "context"), ("signed",)}
    | {(name,) for name in _PASSED}
    | {("signed", name) for name in _PASSED}
)
ROUTE_NAMES = Vocabulary(
    {
        "call": dict.fromkeys(("site", "number", "claimed_number", "country", "ip"), _T.TEXT),
        "page": {"url": _T.TEXT, "host": _T.TEXT, "path": _T.TEXT, "query": _T.MAP, "context": _T.MAP},
        "cart": {},
        "visitor": {},
        "customer": {},
        "signed": {},
        "geo": {
            "country": _T.TEXT, "region": _T.TEXT, "area": _T.TEXT, "postal_code": _T.TEXT,
            "latitude": _T.NUMBER, "longitude": _T.NUMBER, "radius_km": _T.NUMBER, "source": _T.TEXT,
        },
        "now": {
            "year": _T.WHOLE, "month": _T.WHOLE, "day": _T.WHOLE, "hour": _T.WHOLE, "minute": _T.WHOLE,
            "weekday": _T.TEXT, "date": _T.TEXT, "time": _T.TEXT,
        },
    },
    FREE,
)  # fmt: skip
