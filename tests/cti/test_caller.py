"""Whose name stands in the headline."""

from __future__ import annotations

import pytest

from cti.caller import LONGEST, NOBODY, CallerName, caller_of


@pytest.mark.parametrize(
    ("signed", "claimed", "hidden", "wanted"),
    [
        ({}, {}, (), NOBODY),
        ({"customer.name": "Jo Rivera"}, {"name": "Eve"}, (), CallerName("Jo Rivera", True)),
        ({"customer.tier": "gold"}, {"name": " Eve\n  Adams "}, (), CallerName("Eve Adams", False)),
        (
            {"customer.first_name": "Jo", "customer.last_name": "Rivera"},
            {},
            (),
            CallerName("Jo Rivera", True),
        ),
        ({"customer.last_name": "Rivera"}, {}, (), CallerName("Rivera", True)),
        ({"customer.name": "Jo"}, {}, ("customer.name",), NOBODY),
        ({"first_name": "Jo", "last_name": "Rivera"}, {}, ("last_name",), NOBODY),
        ({"customer.name": "Jo"}, {"name": "Eve"}, ("customer.name",), CallerName("Eve", False)),
        ({"customer.name": "  "}, {}, (), NOBODY),
        ({"shop.name": "Acme", "product.name": "Bike"}, {}, (), NOBODY),
        ({"name": "x" * 200}, {}, (), CallerName("x" * (LONGEST - 1) + "…", True)),
    ],
)
def test_who_calls(signed: dict, claimed: dict, hidden: tuple, wanted: CallerName) -> None:
    assert caller_of(signed, claimed, hidden) == wanted
