"""What a row of a store table says of its own: screening, mailbox, find-me, page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from config.problems import ConfigError
from routing.load import LoadedRoutes, load
from routing.plan import CallPlan, TakeMessage
from tests.config.files import ENVIRONMENT, changed, write_config
from tests.routing.settings import TUESDAY, click, decide

HEADER = "name,label,number,latitude,longitude,postal_code,country,hours,screening,mailbox,find_me,page\n"
STORES = HEADER + (
    "boston,Boston,+16175550101,42.36,-71.06,02108,US,,press_1,boston,"
    "+16175550111 +16175550121,/stores/boston\n"
    "worcester,Worcester,+15085550102,42.26,-71.80,01608,US,,,,,/stores/worcester\n"
)


def loaded(folder: Path, stores: str = STORES, more: str = "") -> LoadedRoutes:
    (folder / "stores.csv").write_text(stores)
    text = changed(
        ("      - destinations: [store]\n", "      - {strategy: nearest, destinations: [shops, store]}\n"),
        ("    label: Store\n", "    label: Store\n    postal_code: '02134'\n"),
        ("  office: {label: Office}\n", "  office: {label: Office}\n  boston: {label: Boston}\n"),
    )
    table = f"stores:\n  shops: {{file: stores.csv, trunk: carrier, screening: amd{more}}}\n"
    made = load(write_config(folder, text + table), ENVIRONMENT)
    assert made.warnings == ()
    return made


def plan(settings: LoadedRoutes, page: str = "https://shop.example/", code: str = "02108") -> CallPlan:
    asked = click("+16175550123", postal_code=code)
    return decide(settings.router, replace(asked, page=page), TUESDAY).plan


def test_a_row_is_screened_and_found_as_it_says(tmp_path: Path) -> None:
    (step,) = plan(loaded(tmp_path)).steps
    assert [end.uri.partition("@")[0] for end in step.endpoints[:3]] == [
        "sip:+16175550101", "sip:+16175550111", "sip:+16175550121",
    ]  # fmt: skip
    assert step.timeouts[:3] == (20, 15, 15)
    boston, worcester = step.endpoints[0], step.endpoints[-1]
    assert boston.screening
    assert worcester.screening
    assert boston.destination == "shops/boston"
    assert worcester.destination == "shops/worcester"


def test_a_message_is_for_the_store_that_was_rung_first(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    endings = [plan(settings, code=code).ending for code in ("02108", "01608")]
    assert [ending.mailbox for ending in endings if isinstance(ending, TakeMessage)] == ["boston", "office"]
    closed = STORES.replace("02108,US,,", "02108,US,Sa 09:00-10:00,").replace(
        "01608,US,,", "01608,US,Sa 09:00-10:00,"
    )
    shut = loaded(tmp_path, closed)
    assert len(plan(shut).steps[0].endpoints) == 1


def test_who_clicks_on_a_stores_page_is_with_that_store(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    (step,) = plan(settings, "https://shop.example/stores/worcester?x=1").steps
    assert step.endpoints[0].destination == "shops/worcester"
    (step,) = plan(settings, "https://shop.example/stores").steps
    assert step.endpoints[0].destination == "shops/boston"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("press_1,boston,", "press1,boston,", '2:51: screening: not a known value: did you'),
        ("press_1,boston,", "press_1,bostn,", '2:59: mailbox: no such mailbox: did you mean "boston"?'),
        ("+16175550121,", "6175550121,", "2:66: find_me: write a number with its country code"),
        ("/stores/boston", "stores/boston", "2:92: page: write the path of the store's page"),
    ],
)  # fmt: skip
def test_mistakes_of_these_columns(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, STORES.replace(old, new))
    assert f"stores.csv:{words}" in str(caught.value)
