"""Conditions that no click meets, and hours that say something else than their writer thinks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.check import CheckReport
from routing.doubts_of_hours_text import doubts
from routing.load import check
from routing.public_holidays import PublicHolidays, differ_by_region
from tests.config.files import ENVIRONMENT, changed, write_config

LAST_YEAR = datetime.now(UTC).year - 1


def doubted(folder: Path, when: str, parent: str = "") -> list[tuple[int, str]]:
    """The warnings of a branch with this condition: at which of its characters, and what."""
    above = f"    when: '{parent}'\n" if parent else ""
    text = changed(
        ("  sales:\n    steps", f"  sales:\n    branches: [b]\n{above}    steps"),
        ("prompts:", f'  b:\n    when: "{when}"\n    message: office\nprompts:'),
        *([("    route: sales", "    route: root")] if parent else []),
    )
    if parent:
        text = text.replace("routes:\n", "routes:\n  root: {branches: [sales], message: office}\n", 1)
    report: CheckReport = check(write_config(folder, text), ENVIRONMENT)
    assert not report.problems
    return [(warning.place.column - 12, warning.text) for warning in report.warnings]


@pytest.mark.parametrize(
    ("when", "at", "words"),
    [
        ("now.weekday == 'Monday'", 15, 'did you mean "monday"?'),
        ("now.weekday == 'mo'", 15, 'did you mean "monday"?'),
        ("now.weekday in ['monday', 'sat']", 26, 'did you mean "saturday"?'),
        ("now.weekday != 'Sunday'", 15, "so this is always true"),
        ("now.weekday.startsWith('Mon')", 23, "never"),
        ("now.time >= '9:00'", 12, "write a time such as 09:00"),
        ("'9:00' <= now.time", 0, "write a time such as 09:00"),
        ("now.time < '24:00'", 11, "write a time such as 09:00"),
        ("now.date == '24.12.2026'", 12, "write a date such as 2026-12-24"),
        (f"now.date == '{LAST_YEAR}-06-01'", 9, "never true"),
        (f"now.date < '{LAST_YEAR}-06-01'", 9, "never true"),
        ("now.hour >= 25", 9, "never true"),
        ("now.hour >= 18 && now.hour < 9", 27, "these contradict each other for now.hour"),
        ("now.time >= '18:00' && now.time < '09:00'", 32, "these contradict each other for now.time"),
        ("now.minute < 60", 11, "always true"),
        ("now.month == 13", 13, "it is from 1 to 12"),
        (f"now.year == {LAST_YEAR}", 12, "never"),
        ("call.site == 'shpo'", 13, 'did you mean "shop"?'),
        ("geo.country == 'us'", 15, 'did you mean "US"?'),
        ("geo.country == 'UK'", 15, 'did you mean "GB"?'),
        ("call.country == 'Germany'", 16, 'did you mean "DE"?'),
        ("call.country == 'Ruritania'", 16, "write two capital letters"),
        ("geo.region == 'Massachusetts'", 14, "write the region's code"),
        ("geo.source == 'gps'", 14, "the values are: context, ip, number, postal"),
        ("geo.latitude > 91", 13, "never true"),
        ("call.ip == 'localhost'", 11, "write an address"),
        ("call.number == '617-555-0100'", 15, "write it as +16175550100"),
        ("page.path == 'bikes'", 13, "it begins with /"),
        ("page.path == '/bikes?x=1'", 13, "see page.query"),
        ("page.host == 'https://shop.example'", 13, "write the host alone"),
        ("cart.value > 100 && cart.value < 50", 31, "these contradict each other for cart.value"),
        (
            "customer.tier == 'gold' && customer.tier == 'silver'",
            41,
            "these contradict each other for customer.tier",
        ),
        ("customer.gold && !customer.gold", 17, "these contradict each other for customer.gold"),
        ("true", -1, "always true"),
        ("false", -1, "never true"),
    ],
)
def test_a_condition_that_cannot_hold(tmp_path: Path, when: str, at: int, words: str) -> None:
    ((column, text),) = doubted(tmp_path, when)
    assert words in text
    assert column == at


@pytest.mark.parametrize(
    "when",
    [
        "now.weekday == 'monday' || now.weekday == 'tuesday'",
        "!(now.weekday in ['saturday', 'sunday'])",
        "now.hour >= 18 || now.hour < 9",
        "now.time >= '09:00' && now.time < '18:00'",
        "now.date >= '2999-12-01' && now.date <= '2999-12-24'",
        "now.date != '2999-12-25'",
        "call.site == 'shop'",
        "geo.country in ['US', 'CA']",
        "geo.region == 'MA' || geo.region == ''",
        "geo.postal_code.startsWith('021')",
        "page.path.startsWith('/a') && page.path.contains('b') && page.path.endsWith('c')",
        "page.path.matches('^/bikes/[0-9]+$')",
        "cart.value > 100 && cart.value < 150",
        "customer.tier != 'gold' && customer.tier != 'silver'",
        "has(cart.value) && cart.value > 1",
        "signed.customer.tier == 'gold' && customer.tier == 'silver'",
        "size(customer.name) > 3",
        "geo.radius_km < 50",
        "'value' in cart",
        "[1, 2].exists(x, cart.value == x)",
    ],
)
def test_a_condition_that_can_hold_is_not_doubted(tmp_path: Path, when: str) -> None:
    assert doubted(tmp_path, when) == []


def test_a_branch_asks_for_what_its_parent_excludes(tmp_path: Path) -> None:
    ((_, text),) = doubted(tmp_path, "geo.country == 'CA'", 'geo.country == "US"')
    assert "with the routes above" in text
    assert doubted(tmp_path, "geo.region == 'MA'", 'geo.country == "US"') == []


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("PH off; Mo-Fr 09:00-18:00", 0, "a later rule opens these days again"),
        ("Mo-Fr 09:00-12:00; Mo-Fr 14:00-18:00", 0, "later rules replace it"),
        ("Mo-Sa 09:00-12:00; Mo-Fr 14:00-18:00; PH off", 19, "closes the hours that it opened"),
        ("Mo-Fr 09:00-18:00; Mo-Su 10:00-16:00", 0, "later rules replace it"),
        (f"Mo-Fr 09:00-18:00; {LAST_YEAR} Dec 24 off", 19, "its years are in the past"),
        (f"{LAST_YEAR} Mo-Fr 09:00-18:00", 0, "never open from now on: its years are in the past"),
        ("off", 0, "never open"),
        ("Mo-Fr 18:00-09:00", 6, "15 hours long: did you swap the times?"),
        ("Mo-Fr 09:00-18:00 || Sa 10:00-12:00", 18, "the rule after || applies only on days"),
    ],
)
def test_traps_of_opening_hours(text: str, at: int, words: str) -> None:
    found = doubts(text, "US", "MA")
    assert found[0][0] == at
    assert words in found[0][1]


@pytest.mark.parametrize(
    "text",
    [
        "24/7",
        "24/7; PH off",
        "Mo-Fr 09:00-18:00; Sa,Su off; PH off",
        "Mo-Fr 09:00-18:00; We 09:00-13:00",
        "Mo-Fr 09:00-12:00,14:00-18:00; Sa 10:00-14:00; PH off",
        "Mo-Th,Su 11:00-23:00; Fr-Sa 11:00-26:00",
        "Mo-Su 07:00-23:00; PH 09:00-17:00; Dec 25 off",
        "Apr-Sep Mo-Fr 09:00-18:00; Oct-Mar Mo-Fr 10:00-17:00",
        f"Mo-Fr 09:00-18:00; {LAST_YEAR + 3} Dec 27 off",
        'Mo-Fr 09:00-18:00 "ring twice"',
        "Fr-Sa 20:00-04:00",
    ],
)
def test_hours_that_mean_what_they_say(text: str) -> None:
    assert doubts(text, "US", "MA") == ()


def test_exceptions_of_the_same_day_and_of_days_that_are_over() -> None:
    found = doubts(
        "Mo-Su 09:00-18:00", None, None, (), ("2999-12-24 off", "2999-12-24 10:00-12:00", "2019-12-24 off")
    )
    assert [where for where, _ in found] == [("exceptions", 2)]  # what is a thousand years away is not tried
    year = LAST_YEAR + 2
    found = doubts("Mo-Su 09:00-18:00", None, None, (), (f"{year}-12-24 off", f"{year}-12-24 10:00-12:00"))
    assert [where for where, _ in found] == [("exceptions", 0)]


@pytest.mark.parametrize("country", ["GB", "CH", "ES", "DE", "AU", "CA", "US"])
def test_holidays_that_differ_by_region_want_one(tmp_path: Path, country: str) -> None:
    assert differ_by_region(country)
    hours = "  office: {{opening_hours: 'Mo-Fr 09:00-18:00; PH off', country: {}{}, time_zone: UTC}}\n"
    lines = []
    for more in ("", ", region: national"):
        text = (
            changed(
                (
                    "  sales:\n    steps",
                    "  root: {branches: [sales], message: office}\n  sales:\n    hours: office\n    steps",
                ),
                ("    route: sales", "    route: root"),
            )
            + "hours:\n"
            + hours.format(country, more)
        )
        report = check(write_config(tmp_path, text), ENVIRONMENT)
        assert not report.problems
        lines.append([warning.text for warning in report.warnings])
    assert [len(each) for each in lines] == [1, 0]
    assert f"the holidays of {country} differ by region" in lines[0][0]


def test_a_stores_own_region_counts() -> None:
    bavaria, country = PublicHolidays.of("DE", "BY"), PublicHolidays.of("DE", "national")
    epiphany = datetime(2027, 1, 6, tzinfo=UTC).date()
    assert epiphany in bavaria
    assert epiphany not in country
