"""What the retailer's server signed, in conditions: apart from what the page claims, and before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from expressions.conditions import compile_condition
from expressions.syntax import ConditionError
from expressions.type_check import TypeCheck
from routing.router import Router
from routing.vocabulary import ROUTE_NAMES
from tests.routing.settings import click, config, decide, ring

Passed = dict[str, str]


def takes(condition: str, claimed: Passed, signed: Passed) -> bool:
    """Whether a branch with this condition takes the call."""
    made = config(
        {
            "root": {"branches": ["gold"], "steps": [ring("a")]},
            "gold": {"when": condition, "steps": [ring("b")]},
        }
    )
    asked = replace(click(), context=claimed, signed=signed)
    return decide(Router.of(made), asked).plan.route == "gold"


@pytest.mark.parametrize(
    ("condition", "claimed", "signed", "taken"),
    [
        ("signed.customer.tier == 'gold'", {"customer.tier": "gold"}, {}, False),
        ("signed.customer.tier == 'gold'", {}, {"customer.tier": "gold"}, True),
        ("customer.tier == 'gold'", {"customer.tier": "gold"}, {}, True),
        ("customer.tier == 'gold'", {"customer.tier": "gold"}, {"customer.tier": "tin"}, False),
        ("signed.cart.value > 100", {"cart.value": "500"}, {"cart.value": "120.5"}, True),
        ("cart.value > 100", {"cart.value": "500"}, {"cart.value": "50"}, False),
        ("has(signed.cart.value) && signed.cart.value < 1", {}, {}, False),
        ("has(signed.vip)", {"vip": "true"}, {}, False),
        ("signed.vip", {}, {"vip": "true"}, True),
        ("signed['account.id'] == '7'", {}, {"account.id": "7"}, True),
        ("page.context.postal_code == '02139'", {"postal_code": "1"}, {"postal_code": "02139"}, True),
        ("'value' in signed.cart", {"cart.value": "1"}, {}, False),
    ],
)
def test_what_conditions_know(condition: str, claimed: Passed, signed: Passed, taken: bool) -> None:
    assert takes(condition, claimed, signed) is taken


def test_where_the_shopper_is_may_be_signed() -> None:
    geo = "geo.region == 'MA' && geo.source == 'context'"
    there = {"latitude": "42.36", "longitude": "-71.06", "country": "US", "region": "MA"}
    elsewhere = {"latitude": "34.05", "longitude": "-118.24", "country": "US", "region": "CA"}
    assert takes(geo, elsewhere, there)
    assert not takes(geo, there, elsewhere)


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("signed", "must be true or false"),
        ("signed.cart == 'x'", "a map"),
        ("signed.cart.value.x > 1", "has no fields"),
    ],
)
def test_mistakes_are_told(condition: str, text: str) -> None:
    with pytest.raises(ConditionError) as told:
        compile_condition(condition, TypeCheck(ROUTE_NAMES), "routes.gold")
    assert text in told.value.text
