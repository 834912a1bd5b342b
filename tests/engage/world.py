"""A site with rules, a shopper and a business, for tests of decisions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from config.sections.page import ContactWay
from config.sections.sites import Site
from engage.availability import Availability, WayNow
from engage.decide import PageAsker, decide
from engage.decision import EngageDecision, HeldReason
from engage.facts import PageTold, facts_of
from engage.memory import VisitorMemory
from engage.rules import SiteRules, compile_rules

#: A Monday.
NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
VIEW, OTHER_VIEW = "view-1-0123456789", "view-2-0123456789"
ANN = "ann-0123456789abcdef"
#: An invitation that always holds.
ALWAYS: dict[str, Any] = {"when": "true", "show": {"invitation": "phone", "text": {"en": "Talk to us."}}}


def rule(when: str, **more: Any) -> dict[str, Any]:
    """An invitation to a call by phone."""
    return {**ALWAYS, "when": when, **more}


def site_rules(
    rules: Mapping[str, Any], page: Mapping[str, Any] | None = None, site: str = "shop", **engage: Any
) -> SiteRules:
    settings = Site.model_validate_json(
        json.dumps(
            {
                "key": "shop-example-1", "label": "Shop", "origins": ["https://shop.example"],
                "countries": ["US"], "trunk": "carrier", "caller_id": {"number": "+16175550100"},
                "route": "sales", "talk_methods": ["phone", "pc"], "page": page or {},
                "data_pass": {"signing": {"secret": "s" * 32}}, "engage": {"rules": rules, **engage},
            }
        )
    )  # fmt: skip

    def wrong(loc: object, offset: int | None, text: str) -> None:
        raise ValueError(f"{loc} {offset}: {text}")

    return compile_rules(site, settings, ["office"], wrong)


def business(
    free: int = 5,
    wait: float | None = 0.0,
    open_invitations: int = 0,
    is_open: bool = True,
    **more: Any,
) -> Availability:
    ways: tuple[ContactWay, ...] = ("phone", "pc")
    return Availability(
        {way: WayNow(open=is_open, free=free, wait=wait) for way in ways},
        open_invitations,
        {"office": is_open},
        **more,
    )


def asks(
    rules: SiteRules,
    facts: Mapping[str, bool | float | str] | None = None,
    memory: VisitorMemory | None = None,
    *,
    at: float = 0.0,
    view: str = VIEW,
    visitor: str | None = ANN,
    busy: tuple[HeldReason, ...] = (),
    trusted: bool = True,
    language: str = "en",
    availability: Availability | None = None,
    url: str = "https://shop.example/cart",
    signed: Mapping[str, str] | None = None,
) -> EngageDecision:
    """A decision, ``at`` seconds after noon."""
    told = PageTold(url=url, facts=facts or {}, signed=signed or {})
    memory = memory or VisitorMemory()
    known = facts_of(rules, told, memory, remembered=visitor is not None)
    asker = PageAsker(view, visitor, language, frozenset(busy), trusted)
    return decide(rules, known, asker, memory, availability or business(), NOON + timedelta(seconds=at))


def shown(decision: EngageDecision) -> str | None:
    """The rule whose invitation the shopper sees."""
    return decision.offer.rule if decision.offer and decision.offer.arm == "shown" else None


def held(decision: EngageDecision) -> dict[str, str]:
    return {each.rule: str(each.reason) for each in decision.held}
