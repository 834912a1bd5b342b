"""Decisions of engagement rules: ``python -m bench.engage`` prints a JSON object. One core, CPU time.

A usual site has twenty rules, and visitors come with what is remembered of them: each decision reads the
facts, decides, and remembers an offer. Then sites with a thousand rules: ``mixed`` ones, as a large retailer
has them, most of which are about other pages; and ``open`` ones, of which every single one may still come to
hold on this page, which is as bad as it gets.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from config.sections.sites import Site
from engage.availability import Availability, WayNow
from engage.decide import PageAsker, decide
from engage.decision import Arm
from engage.facts import PageTold, facts_of
from engage.memory import VisitorMemory, after_exposure, after_offer, after_page
from engage.rules import SiteRules, compile_rules

_NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
_PATHS = ("/", "/cart", "/checkout/pay", "/tents/tent-3", "/search", "/jobs", "/boots/boot-9", "/account")
_TEXT = {"en": "Talk to us."}
#: Conditions as retailers write them, with a number of their own.
_KINDS: tuple[Callable[[int], str], ...] = (
    lambda n: f'promo.failed >= {n % 4 + 1} && page.path.startsWith("/checkout")',
    lambda n: (
        f'page.path == "/cart" && cart.value >= {n % 300} && (time.on_page >= {n % 90} || page.leaving)'
    ),
    lambda n: f'page.path.startsWith("/tents/tent-{n}") && time.on_page >= 40',
    lambda n: f'signed.customer.tier == "gold" && cart.value >= {n}',
    lambda n: f'page.query.utm_campaign == "c{n}" && visit.pages >= 3',
    lambda n: f"search.empty >= {n % 5 + 1} && cart.count < 3",
    lambda n: f'errors.count >= 2 && time.idle >= {n % 60 + 5} && device.kind != "phone"',
    lambda n: f'page.path in ["/boots/boot-{n}", "/boots/boot-{n + 1}"] && !(cart.value > 100)',
    lambda n: f'geo.region == "R{n % 50}" && now.hour >= 9 && cart.value > {n}',
    lambda n: f'product.category == "c{n}" && (scroll.depth >= 60 || time.on_page > {n % 120})',
)
#: Conditions of which none is decided by the page alone.
_OPEN: tuple[Callable[[int], str], ...] = (
    lambda n: f"cart.value >= {500 + n} && promo.failed >= {n % 4 + 1}",
    lambda n: f"time.on_page >= {200 + n} && cart.count > {n % 7}",
    lambda n: f'product.sku == "s{n}" || search.empty >= {9 + n}',
    lambda n: f"errors.count >= {9 + n} && !page.leaving",
)


def site_of(count: int, kinds: tuple[Callable[[int], str], ...]) -> SiteRules:
    """A site with so many rules."""
    rules: dict[str, Any] = {}
    for number in range(count):
        shows: dict[str, Any] = {"invitation": "phone", "text": _TEXT}
        rules[f"rule{number}"] = {
            "when": kinds[number % len(kinds)](number // len(kinds)),
            "show": {"button": "pc"} if number % 20 == 3 else shows,
            **({"only_if": "queue.wait < 60"} if number % 3 == 0 else {}),
            **({"control": "10%", "since": "2026-11-01"} if number % 20 == 0 else {}),
        }
    settings = Site.model_validate_json(
        json.dumps(
            {
                "key": "shop-example-1", "label": "Shop", "origins": ["https://shop.example"],
                "countries": ["US"], "trunk": "carrier", "caller_id": {"number": "+16175550100"},
                "route": "sales", "talk_methods": ["phone", "pc"], "engage": {"rules": rules},
                "data_pass": {"signing": {"secret": "s" * 32}},
            }
        )
    )  # fmt: skip

    def wrong(loc: object, offset: int | None, text: str) -> None:
        raise ValueError(text)

    return compile_rules("shop", settings, (), wrong)


def page_of(luck: random.Random) -> PageTold:
    """A page as its loader tells it."""
    seen = luck.uniform(0, 120)
    query = f"?utm_campaign=c{luck.randrange(3)}" if luck.random() < 0.2 else ""
    facts: dict[str, bool | float | str] = {
        "time.on_page": seen, "time.on_site": seen + 100, "time.idle": luck.uniform(0, seen),
        "scroll.depth": luck.randrange(101), "page.leaving": luck.random() < 0.05,
    }  # fmt: skip
    if luck.random() < 0.6:
        facts |= {"cart.value": luck.uniform(0, 400), "cart.count": luck.randrange(6)}
    for name in ("promo.failed", "search.empty", "errors.count"):
        if luck.random() < 0.3:
            facts[name] = luck.randrange(4)
    return PageTold(
        url=f"https://shop.example{luck.choice(_PATHS)}{query}",
        facts=facts,
        device=luck.choice(("phone", "desktop")),
        signed={"customer.tier": luck.choice(("gold", "silver"))} if luck.random() < 0.3 else {},
    )


def measure(rules: SiteRules, decisions: int) -> dict[str, Any]:
    """Decide so often, and say how long that took."""
    luck = random.Random(3)
    there = Availability({"phone": WayNow(free=5), "pc": WayNow(free=5)})
    memories: dict[str, VisitorMemory] = {}
    took: list[float] = []
    shown = held = 0
    for number in range(decisions + 200):
        if number == 200:
            took.clear()
            shown = held = 0
        told = page_of(luck)
        visitor = f"visitor-{luck.randrange(decisions // 3 + 1)}"
        asker = PageAsker(f"view-{number}", visitor, "en")
        now = _NOW + timedelta(seconds=number)
        began = time.process_time()
        memory = after_page(memories.get(visitor, VisitorMemory()), now.timestamp())
        facts = facts_of(rules, told, memory, remembered=True)
        decision = decide(rules, facts, asker, memory, there, now)
        if decision.offer is not None:
            memory = after_offer(memory, decision.offer, asker.view, "2026-11-30", now.timestamp())
            memory = after_exposure(memory, decision.offer.rule, now.timestamp())
            shown += decision.offer.arm is Arm.SHOWN
        memories[visitor] = memory
        took.append(time.process_time() - began)
        held += len(decision.held)
    took.sort()
    return {
        "rules": len(rules.rules),
        "decisions": decisions,
        "decisions_per_second": round(decisions / sum(took)),
        "p50_ms": round(took[len(took) // 2] * 1000, 3),
        "p95_ms": round(took[len(took) * 95 // 100] * 1000, 3),
        "p99_ms": round(took[len(took) * 99 // 100] * 1000, 3),
        "shown": shown,
        "held": held,
    }


def main() -> None:
    """Run and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rules", type=int, default=1000, help="of the large sites")
    arguments.add_argument("--decisions", type=int, default=20_000, help="of the usual site")
    given = arguments.parse_args()
    began = time.process_time()
    large = site_of(given.rules, _KINDS)
    built = time.process_time() - began
    print(
        json.dumps(
            {
                "usual": measure(site_of(20, _KINDS), given.decisions),
                "mixed": measure(large, given.decisions // 20),
                "open": measure(site_of(given.rules, _OPEN), given.decisions // 20),
                "build_seconds": round(built, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
