"""Spend caps in a config file: exact amounts, and warnings of numbers without a price."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.config.files import changed, load_text, warnings

SPEND = "    host: sip.carrier.example\n    spend: {daily_cost: 100.10, currency: USD, prices: {%s}}\n"


def spend(prices: str) -> str:
    return changed(("    host: sip.carrier.example\n", SPEND % prices))


def test_amounts_are_exact(tmp_path: Path) -> None:
    trunk = load_text(tmp_path, spend('"+1": 0.1, "+1 617": "0.30"')).config.trunks["carrier"]
    assert trunk.spend is not None
    assert trunk.spend.daily_cost == Decimal("100.10")
    assert trunk.spend.prices == {"+1": Decimal("0.1"), "+1 617": Decimal("0.30")}


def test_numbers_without_a_price_are_doubtful(tmp_path: Path) -> None:
    assert warnings(tmp_path, spend('"+1": 0.01')) == warnings(tmp_path, changed())
    told = [each for each in warnings(tmp_path, spend('"+44": 0.01')) if "price" in each]
    assert len(told) == 2
    assert told[0].startswith("6:48: trunks.carrier.spend.prices: ")
    assert any("all numbers of US (+1), called by site shop, have no price" in each for each in told)
    assert any(
        "+16175550123, destination store, has no price and counts as the most expensive" in each
        for each in told
    )
    (told_of_some,) = [each for each in warnings(tmp_path, spend('"+1 6": 0.01')) if "price" in each]
    assert "some numbers of US (+1)" in told_of_some
