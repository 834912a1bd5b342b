"""From what a page tells to the facts of conditions. Nothing a page tells is believed to be of its type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from config.sections.page import ContactWay
from engage.availability import Availability, WayNow
from engage.memory import VisitorMemory
from engage.rules import SiteRules
from engage.vocabulary import NEEDS_CONSENT
from expressions.facts import Facts
from expressions.vocabulary import Path, Type
from routing.facts import converted, geo_facts, now_facts, page_facts, query_of
from routing.places import Place

#: Characters of a text that conditions see.
LONGEST_TEXT = 200
_CAMPAIGN = {"source": "utm_source", "medium": "utm_medium", "name": "utm_campaign"}
#: What a page can tell of one fact.
Told = bool | float | str
_NOBODY = WayNow(open=False, free=0, wait=None)


@dataclass(frozen=True, slots=True)
class PageTold:
    """What a page tells, and what the server knows of who tells it."""

    url: str
    title: str = ""
    referrer: str = ""
    language: str = ""
    device: str = "desktop"
    #: By name: ``{"cart.value": 120}``.
    facts: Mapping[str, Told] = field(default_factory=dict)
    #: What the retailer's server signed: ``{"customer.tier": "gold"}``.
    signed: Mapping[str, str] = field(default_factory=dict)
    #: ``source``, ``medium`` and ``name`` of the visit's first page; without it, those of this page.
    campaign: Mapping[str, str] | None = None
    place: Place | None = None


def facts_of(rules: SiteRules, told: PageTold, memory: VisitorMemory, *, remembered: bool) -> Facts:
    """The facts of the page and the shopper. ``remembered``: the browser may be known again."""
    known: dict[str, Mapping[str, Any]] = {}
    if "page" in rules.roots:
        known["page"] = page_facts(told.url) | {
            "title": told.title, "referrer": told.referrer, "language": told.language,
        }  # fmt: skip
    if "geo" in rules.roots and told.place is not None:
        known["geo"] = geo_facts(told.place)
    if "campaign" in rules.roots:
        known["campaign"] = campaign_of(told.url) if told.campaign is None else told.campaign
    if remembered:
        known["visit"] = {"number": memory.visit, "pages": memory.pages}
    known["device"] = {"kind": told.device}
    query = query_of(told.url) if ("page", "query") in rules.maps else {}
    values: dict[Path, Any] = dict(rules.at_first)
    flaws: dict[Path, str] = {}
    for path, kind, name in rules.page_facts:
        value = told.facts.get(name)
        if value is not None and (remembered or path not in NEEDS_CONSENT):
            _put(values, flaws, path, kind, value)
    for path, kind in rules.server_facts:
        if path[0] == "signed":
            value = told.signed.get(".".join(path[1:]))
        elif path[:2] == ("page", "query"):
            value = query.get(path[2])
        else:
            value = known.get(path[0], {}).get(path[1])
        if value is not None:
            _put(values, flaws, path, kind, value)
    return Facts(values, flaws, rules.maps)


def campaign_of(url: str) -> dict[str, str]:
    """``source``, ``medium`` and ``name`` of a page's address, where it tells them."""
    query = query_of(url)
    return {name: query[key] for name, key in _CAMPAIGN.items() if key in query}


def with_business(
    facts: Facts, rules: SiteRules, availability: Availability, way: ContactWay | None, now: datetime
) -> Facts:
    """The facts with those of the business, as it is for shoppers who want this way of contact."""
    if not rules.business_facts:
        return facts
    state = availability.ways.get(way, _NOBODY) if way else _best(availability)
    known: dict[str, Mapping[str, Any]] = {
        "agents": {"free": state.free},
        "queue": {"wait": state.wait},
        "hours": availability.hours,
        "now": now_facts(now) if "now" in rules.roots else {},
    }
    found = {path: known[path[0]].get(path[1]) for path in rules.business_facts}
    return facts.changed({path: value for path, value in found.items() if value is not None})


def _best(availability: Availability) -> WayNow:
    """The way in which most shoppers could talk at once."""
    return max(availability.ways.values(), key=lambda way: way.free, default=_NOBODY)


def _put(values: dict[Path, Any], flaws: dict[Path, str], path: Path, kind: Type, told: Told) -> None:
    value = _typed(told, kind)
    if value is None:
        values.pop(path, None)
        flaws[path] = f'is "{str(told)[:LONGEST_TEXT]}", not {kind}'
    else:
        values[path] = value


def _typed(told: Told, kind: Type) -> Any:
    """The value as what the conditions take it for; None where it is not that."""
    if isinstance(told, bool):
        return told if kind in (Type.TRUTH, Type.ANY) else str(told).lower() if kind is Type.TEXT else None
    if isinstance(told, str):
        return converted(told[:LONGEST_TEXT], kind)
    if not abs(told) < 2**53:  # NaN too
        return None
    whole = int(told) if told == int(told) else None
    match kind:
        case Type.NUMBER:
            return float(told)
        case Type.WHOLE:
            return whole
        case Type.TRUTH:
            return None
    return str(told if whole is None else whole)
