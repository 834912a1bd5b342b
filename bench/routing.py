"""Decisions a second over thousands of routes and stores: ``python -m bench.routing`` prints a JSON object.

The tree: twenty groups by country and cart, in each hundreds of campaigns, some of which ask for the time and
the customer's tier too; opening hours on every hundredth route. Most clicks end in a ``nearest`` step over
the store table, placed by coordinates, postal code or number. One core, CPU time.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config.models import Config
from routing.decide import plan_call
from routing.directory import Directory
from routing.plan import ClickToCall
from routing.router import Router

_AREA_CODES = ("617", "212", "206", "312", "415", "305", "404", "713", "303", "602")
_NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def stores_table(file: Path, count: int, luck: random.Random) -> None:
    """A table of so many stores, strewn over the United States."""
    with file.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(("name", "label", "sip", "latitude", "longitude", "postal_code", "country", "region"))
        for number in range(count):
            table.writerow((
                f"s{number}", f"Store {number}", f"sip:s{number}@pbx.example", f"{luck.uniform(26, 48):.4f}",
                f"{luck.uniform(-123, -70):.4f}", f"{number:05}", "US", luck.choice(("MA", "NY", "CA", "TX")),
            ))  # fmt: skip


def settings(routes: int, table: Path) -> Config:
    """A config of one site with so many routes."""
    countries = ("US", "GB", "DE", "FR", "CA")
    groups = 20
    tree: dict[str, Any] = {
        "root": {
            "branches": [f"group{number}" for number in range(groups)],
            "steps": [{"strategy": "nearest", "destinations": ["stores"], "limit": 3}],
            "otherwise": "centre",
        },
        "centre": {"steps": [{"destinations": ["desk"]}], "message": "office"},
    }
    each = (routes - groups - 2) // groups
    for group in range(groups):
        names = [f"r{group}-{number}" for number in range(each)]
        # Every fourth group is found by evaluating: no equality of texts stands in front.
        when = (
            f"cart.value >= {group * 10} && cart.value < {group * 10 + 10}"
            if group % 4 == 0
            else f"call.country == '{countries[group % 5]}' && cart.value >= {group * 10}"
        )
        tree[f"group{group}"] = {"when": when, "branches": names}
        for number, name in enumerate(names):
            condition = f"page.query.campaign == 'c{number}'"
            if number % 3 == 0:
                condition += f" && customer.tier in ['gold', 'silver'] && now.hour < {number % 24 + 1}"
            tree[name] = {
                "when": condition,
                "steps": [{"strategy": "in_order", "destinations": ["desk", "stores/s1"], "timeout": "15s"}],
                **({"hours": "office"} if number % 100 == 0 else {}),
            }
    return Config.model_validate(
        {
            "trunks": {"carrier": {"host": "sip.carrier.example"}},
            "sites": {
                "shop": {
                    "key": "shop-example-1", "label": "Shop", "origins": ["https://shop.example"],
                    "countries": ["US"], "trunk": "carrier", "caller_id": {"number": "+16175550100"},
                    "route": "root", "time_zone": "America/New_York",
                }
            },
            "hours": {
                "office": {
                    "opening_hours": "Mo-Fr 08:00-20:00; PH off",
                    "time_zone": "America/New_York",
                    "country": "US",
                }
            },
            "stores": {"stores": {"file": table, "hours": "office", "max_calls": 3}},
            "destinations": {"desk": {"label": "Desk", "sip": "sip:desk@pbx.example"}},
            "routes": tree,
            "mailboxes": {"office": {"label": "Office"}},
        },
        strict=False,
    )  # fmt: skip


def clicks(count: int, campaigns: int, stores: int, luck: random.Random) -> Iterator[ClickToCall]:
    """Different shoppers, told apart by everything that the routes ask for."""
    for _ in range(count):
        context = {"cart.value": f"{luck.uniform(0, 400):.2f}"}
        if luck.random() < 0.5:
            context["customer.tier"] = luck.choice(("gold", "silver", "bronze"))
        place = luck.random()
        if place < 0.3:
            context |= {
                "latitude": f"{luck.uniform(26, 48):.4f}",
                "longitude": f"{luck.uniform(-123, -70):.4f}",
            }
        elif place < 0.6:
            context |= {"postal_code": f"{luck.randrange(stores):05}", "country": "US"}
        campaign = f"?campaign=c{luck.randrange(campaigns)}" if luck.random() < 0.4 else ""
        number = f"+1{luck.choice(_AREA_CODES)}555{luck.randrange(10_000):04}"
        yield ClickToCall("shop", number, f"https://shop.example/bikes{campaign}", context, "203.0.113.7")


def measure(routes: int, stores: int, decisions: int) -> dict[str, Any]:
    """Build the router, decide, and say how long that took."""
    luck = random.Random(3)
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "stores.csv"
        stores_table(table, stores, luck)
        config = settings(routes, table)
        began = time.process_time()
        router = Router.of(config)
        built = time.process_time() - began
    asked = list(clicks(decisions, routes // 20, stores, luck))
    for click in asked[:200]:
        plan_call(click, router, "warm", Directory(), _NOW, 0.5)
    took: list[float] = []
    taken: dict[str, int] = {}
    for number, click in enumerate(asked):
        now = _NOW + timedelta(seconds=number)
        began = time.process_time()
        plan = plan_call(click, router, f"c{number}", Directory(), now, luck.random()).plan
        took.append(time.process_time() - began)
        kind = plan.route if plan.route in ("root", "centre") else "branch"
        taken[kind] = taken.get(kind, 0) + 1
    took.sort()
    return {
        "routes": len(router.nodes),
        "stores": len(router.contacts) - 1,
        "decisions": decisions,
        "decisions_per_second": round(decisions / sum(took)),
        "p50_ms": round(took[len(took) // 2] * 1000, 3),
        "p99_ms": round(took[len(took) * 99 // 100] * 1000, 3),
        "max_ms": round(took[-1] * 1000, 3),
        "taken": taken,
        "build_seconds": round(built, 2),
        "rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    """Run and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--routes", type=int, default=10_000)
    arguments.add_argument("--stores", type=int, default=10_000)
    arguments.add_argument("--decisions", type=int, default=10_000)
    given = arguments.parse_args()
    print(json.dumps(measure(given.routes, given.stores, given.decisions)))


if __name__ == "__main__":
    main()
