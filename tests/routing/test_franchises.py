"""The case of 150 franchises: each shopper to the local one, else the next, else the national call centre."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from routing.directory import Directory, Standing
from routing.load import LoadedRoutes, load
from tests.config.files import EXAMPLES
from tests.routing.settings import TUESDAY, click, decide


@pytest.fixture(scope="module")
def chain() -> LoadedRoutes:
    return load(EXAMPLES / "franchises.yaml", {})


def names(
    chain: LoadedRoutes, at: datetime = TUESDAY, busy: tuple[str, ...] = (), **context: str
) -> list[str]:
    number = context.pop("number", "+18005550123")
    directory = Directory(dict.fromkeys(busy, Standing(live_calls=2)))
    plan = decide(chain.router, click(number, **context), at, directory).plan
    return [endpoint.destination for step in plan.steps for endpoint in step.endpoints]


def rows() -> list[dict[str, str]]:
    with (EXAMPLES / "stores" / "franchises.csv").open(encoding="utf-8") as table:
        return list(csv.DictReader(table))


def test_there_are_150() -> None:
    assert len(rows()) == 150


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["name"])
def test_each_shopper_is_sent_to_the_local_one(chain: LoadedRoutes, row: dict[str, str]) -> None:
    noon = datetime(2026, 11, 24, 12, 0, tzinfo=ZoneInfo(row["time_zone"]))
    local = f"franchises/{row['name']}"
    by_code = names(chain, noon, postal_code=row["postal_code"], country="US")
    by_place = names(chain, noon, latitude=row["latitude"], longitude=row["longitude"])
    for found in (by_code, by_place):
        assert found[0] == local
        assert found[-1] == "call_centre"
        assert 2 <= len(found) <= 3
    full = names(chain, noon, (local,), postal_code=row["postal_code"], country="US")
    assert local not in full
    assert full[-1] == "call_centre"


def test_the_number_tells_the_state(chain: LoadedRoutes) -> None:
    found = names(chain, number="+16175550123")
    assert all(name.endswith("_ma") for name in found[:-1])
    assert found[-1] == "call_centre"


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("2026-11-24T08:59", ["call_centre"]),
        ("2026-11-24T09:00", ["franchises/boston_ma", "franchises/cambridge_ma", "call_centre"]),
        ("2026-11-26T12:00", ["call_centre"]),  # Thanksgiving
        ("2026-12-24T13:59", ["franchises/boston_ma", "franchises/cambridge_ma", "call_centre"]),
        ("2026-12-24T14:00", ["call_centre"]),
    ],
)
def test_when_all_are_closed_the_call_centre_rings_at_once(
    chain: LoadedRoutes, at: str, found: list[str]
) -> None:
    when = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("America/New_York"))
    assert names(chain, when, postal_code="02108", country="US") == found


def test_nobody_knows_where(chain: LoadedRoutes) -> None:
    assert names(chain) == ["call_centre"]


def test_the_middle_of_the_ocean_is_near_no_franchise(chain: LoadedRoutes) -> None:
    assert names(chain, latitude="40.0", longitude="-50.0") == ["call_centre"]


def test_the_table_is_the_one_that_its_maker_writes(tmp_path: Path) -> None:
    from config.examples.make_stores import write

    write(tmp_path / "stores.csv")
    assert (tmp_path / "stores.csv").read_text() == (EXAMPLES / "stores" / "franchises.csv").read_text()
