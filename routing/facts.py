"""What is known of one click, as the variables of conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from expressions.facts import Facts
from expressions.vocabulary import Path, Type
from routing.identity import shopper_number
from routing.numbers import assigned_country
from routing.places import Place
from routing.plan import ClickToCall
from routing.vocabulary import FREE

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The paths that the conditions of a config use, sorted once by where their values come from."""

    declared: tuple[Path, ...]
    free: tuple[tuple[Path, Type], ...]
    #: The variables that have declared paths here.
    roots: frozenset[str]
    #: The variables and the maps in them that some condition looks into; they are there even if empty.
    maps: frozenset[Path]

    @classmethod
    def of(cls, used: Mapping[Path, Type]) -> Wanted:
        """From what a :class:`~expressions.type_check.TypeCheck` has collected."""
        return cls(
            declared=tuple(path for path in used if path[:-1] not in FREE),
            free=tuple((path, kind) for path, kind in used.items() if path[:-1] in FREE),
            roots=frozenset(path[0] for path in used if path[:-1] not in FREE),
            maps=frozenset(path[:length] for path in used for length in range(1, len(path))),
        )


def facts_of(wanted: Wanted, click: ClickToCall, place: Callable[[], Place], now: datetime) -> Facts:
    """The facts of a click; ``now`` is in the site's time zone, ``place`` is asked where a condition asks."""
    known: dict[str, Mapping[str, Any]] = {}
    if "call" in wanted.roots:
        known["call"] = _call(click)
    if "page" in wanted.roots:
        known["page"] = page_facts(click.page)
    if "geo" in wanted.roots:
        known["geo"] = geo_facts(place())
    if "now" in wanted.roots:
        known["now"] = now_facts(now)
    values: dict[Path, Any] = {}
    flaws: dict[Path, str] = {}
    for path in wanted.declared:
        value = known.get(path[0], {}).get(path[1])
        if value is not None:
            values[path] = value
    query = query_of(click.page) if ("page", "query") in wanted.maps else {}
    passed = click.known
    for path, kind in wanted.free:
        text = _passed(path, passed, click.signed, query)
        if text is None:
            continue
        value = converted(text, kind)
        if value is None:
            flaws[path] = f'is "{text}", not {kind}'
        else:
            values[path] = value
    return Facts(values, flaws, wanted.maps)


def _passed(
    path: Path, known: Mapping[str, str], signed: Mapping[str, str], query: Mapping[str, str]
) -> str | None:
    if path[:2] == ("page", "query"):
        return query.get(path[2])
    if path[0] == "signed":
        return signed.get(".".join(path[1:]))
    return known.get(path[2] if path[0] == "page" else ".".join(path))


def converted(text: str, kind: Type) -> Any:
    """A text as what the conditions take it for; None where it is not that."""
    match kind:
        case Type.TRUTH:
            return _TRUTHS.get(text.lower())
        case Type.NUMBER | Type.WHOLE:
            return _number(text, kind)
    return text


def _number(text: str, kind: Type) -> float | int | None:
    try:
        value = float(text)
    except ValueError:
        return None
    if not abs(value) < 2**53:  # NaN too
        return None
    if kind is Type.NUMBER:
        return value
    return int(value) if value == int(value) else None


def _call(click: ClickToCall) -> dict[str, str]:
    number = shopper_number(click)
    return {
        "site": click.site,
        "number": number.known,
        "claimed_number": number.claimed,
        "country": assigned_country(click.number) or "",
        "ip": click.client_ip,
    }


def page_facts(page: str) -> dict[str, str]:
    """The fields of ``page`` that its address tells."""
    try:
        parts = urlsplit(page)
        host = parts.hostname or ""
    except ValueError:
        return {"url": page, "host": "", "path": ""}
    return {"url": page, "host": host, "path": parts.path}


def path_of_page(page: str) -> str:
    """The path of a page's address; empty where it is none."""
    return str(page_facts(page)["path"])


def query_of(page: str) -> dict[str, str]:
    """The first value of each name in the page's query."""
    try:
        pairs = parse_qsl(urlsplit(page).query, keep_blank_values=True)
    except ValueError:
        return {}
    return dict(reversed(pairs))


def geo_facts(place: Place) -> dict[str, Any]:
    """The fields of ``geo``."""
    return {
        "country": place.country or "",
        "region": place.region or "",
        "area": place.area or "",
        "postal_code": place.postal_code or "",
        "latitude": place.latitude,
        "longitude": place.longitude,
        # 0: measured. Above that, the coordinates are a guess.
        "radius_km": None if place.coordinates is None else place.radius_km or 0.0,
        "source": place.source or "",
    }


def now_facts(now: datetime) -> dict[str, Any]:
    """The fields of ``now``, which is in the site's time zone."""
    return {
        "year": now.year,
        "month": now.month,
        "day": now.day,
        "hour": now.hour,
        "minute": now.minute,
        "weekday": WEEKDAYS[now.weekday()],
        "date": now.date().isoformat(),
        "time": f"{now:%H:%M}",
    }
