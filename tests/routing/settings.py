"""Settings of routes for tests, and clicks on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from config.models import Config
from routing.decide import Decision, plan_call
from routing.directory import Directory
from routing.plan import ClickToCall
from routing.router import Router

NEW_YORK = ZoneInfo("America/New_York")
#: A Tuesday afternoon.
TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=NEW_YORK)
OFFICE = {"opening_hours": "Mo-Fr 09:00-18:00; PH off", "time_zone": "America/New_York", "country": "US"}


def config(routes: Mapping[str, Any], **sections: Any) -> Config:
    """A config of one site whose route is ``root``; destinations a to e, of which e keeps office hours."""
    return Config.model_validate(
        {
            "trunks": {"carrier": {"host": "sip.carrier.example"}},
            "sites": {
                "shop": {
                    "key": "shop-example-1",
                    "label": "Shop",
                    "origins": ["https://shop.example"],
                    "countries": ["US"],
                    "trunk": "carrier",
                    "caller_id": {"number": "+16175550100"},
                    "route": "root",
                    "time_zone": "America/New_York",
                }
            },
            "hours": {"office": OFFICE},
            "destinations": {
                **{name: {"label": name.upper(), "sip": f"sip:{name}@pbx.example"} for name in "abcd"},
                "e": {"label": "E", "sip": "sip:e@pbx.example", "hours": "office"},
                **sections.pop("destinations", {}),
            },
            "routes": routes,
            **sections,
        },
        strict=False,
    )


def ring(*names: str, **settings: Any) -> dict[str, Any]:
    return {"destinations": list(names), **settings}


def click(number: str = "+16175550123", page: str = "/bikes", **context: str) -> ClickToCall:
    passed = {key.replace("__", "."): value for key, value in context.items()}
    return ClickToCall("shop", number, f"https://shop.example{page}", passed, "203.0.113.7")


def decide(
    router: Router,
    asked: ClickToCall | None = None,
    at: datetime = TUESDAY,
    directory: Directory | None = None,
    pick: float = 0.5,
) -> Decision:
    return plan_call(asked or click(), router, "call-1", directory or Directory(), at, pick)


def rung(decision: Decision) -> list[list[str]]:
    """The destinations of each step."""
    return [[endpoint.destination for endpoint in step.endpoints] for step in decision.plan.steps]
