"""The nearest store of a chain: what is measured, what is guessed, and what is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.problems import ConfigError
from routing.explain import explain
from routing.load import LoadedRoutes, load
from tests.config.files import ENVIRONMENT, changed, write_config
from tests.routing.settings import TUESDAY, click, decide

HEADER = "name,label,number,latitude,longitude,postal_code,country,region\n"
STORES = (
    HEADER
    + "boston,Boston,+16175550101,42.36,-71.06,02108,US,MA\n"
    + "worcester,Worcester,+15085550102,42.26,-71.80,01608,US,MA\n"
    + "albany,Albany,+15185550103,42.65,-73.76,12207,US,NY\n"
    + "brooklyn,Brooklyn,+17185550104,40.65,-73.95,11201,US,NY\n"
)
STEP = "    steps:\n      - destinations: [store]\n"


def written(folder: Path, step: str, stores: str = STORES, more: str = "") -> Path:
    (folder / "stores.csv").write_text(stores)
    table = "stores:\n  shops: {file: stores.csv, trunk: carrier}\n"
    return write_config(
        folder, changed((STEP, f"    steps:\n      - {step}\n      - destinations: [store]\n")) + table + more
    )


def chain(folder: Path, step: str = "{strategy: nearest, destinations: [shops]}") -> LoadedRoutes:
    return load(written(folder, step), ENVIRONMENT)


def rung(loaded: LoadedRoutes, number: str = "+18005550123", **context: str) -> tuple[list[str], list[str]]:
    """Who the nearest step rings, and the explanation."""
    decision = decide(loaded.router, click(number, **context), TUESDAY)
    lines = [line.text for line in explain(decision, loaded.router)]
    order = [end.destination.removeprefix("shops/") for step in decision.plan.steps for end in step.endpoints]
    return [name for name in order if name != "store"], lines


def test_a_zip_code_is_measured_and_one_common_digit_of_another_is_nothing(tmp_path: Path) -> None:
    loaded = chain(tmp_path, "{strategy: nearest, destinations: [shops], max_distance_km: 80}")
    order, lines = rung(loaded, postal_code="02139")
    assert order == ["boston", "worcester"]
    assert any("shops/boston (Boston): rings 20 s, 3 km away" in line for line in lines)
    # A ZIP code of Boise: not near the store in Boston because of its first digit, nor near any other.
    assert rung(loaded, postal_code="83702")[0] == []
    # 0 and 1 are all that this has in common with 01608: it lies in Springfield's region.
    order, lines = rung(loaded, postal_code="01199")
    assert not any(" 0 km away" in line for line in lines)


def test_an_area_code_is_a_guess_that_is_called_so(tmp_path: Path) -> None:
    loaded = chain(tmp_path)
    order, lines = rung(loaded, "+17185550123")
    assert order == ["brooklyn", "albany", "worcester", "boston"]
    assert any("a guess, within" in line for line in lines)
    assert any("shops/brooklyn (Brooklyn): rings 20 s, somewhere from 0 to " in line for line in lines)
    # Not the state's stores by the alphabet: Albany is in New York, too, and 220 km away.
    near = chain(tmp_path, "{strategy: nearest, destinations: [shops], max_distance_km: 80}")
    order, lines = rung(near, "+17185550123")
    assert order == ["brooklyn"]
    assert any("shops/albany: not rung, somewhere from " in line for line in lines)


def test_where_nothing_places_the_shopper_a_distance_limit_rings_nobody(tmp_path: Path) -> None:
    loaded = chain(tmp_path, "{strategy: nearest, destinations: [shops], max_distance_km: 80}")
    order, lines = rung(loaded, "+18005550123", country="US", region="MA")
    assert order == []
    assert any("shops: not rung, the shopper's location is not known well enough" in line for line in lines)
    assert rung(chain(tmp_path), "+18005550123", country="US", region="MA")[0] == ["boston", "worcester"]


def complaints(file: Path) -> list[str]:
    try:
        return [problem.line(Path("f")) for problem in load(file, ENVIRONMENT).warnings]
    except ConfigError as error:
        return [problem.line(Path("f")) for problem in error.problems]


def test_nobody_who_has_a_place(tmp_path: Path) -> None:
    (line,) = complaints(
        written(tmp_path, "{strategy: nearest, destinations: [store]}", more="").parent / "ringback.yaml"
    )[:1]
    assert line.startswith("f:26:20: routes.sales.steps[0].strategy: no destination of this step has a place")


def test_some_who_have_no_place(tmp_path: Path) -> None:
    lines = complaints(written(tmp_path, "{strategy: nearest, destinations: [shops, store]}"))
    assert lines == [
        "f:26:51: routes.sales.steps[0].destinations[1]: never rings in a nearest step: give it latitude and "
        "longitude"
    ]


@pytest.mark.parametrize(("code", "known"), [("02139", True), ("99999", False)])
def test_a_destination_may_have_a_postal_code(tmp_path: Path, code: str, known: bool) -> None:
    file = written(tmp_path, "{strategy: nearest, destinations: [shops, store]}")
    file.write_text(
        file.read_text().replace("    label: Store\n", f"    label: Store\n    postal_code: '{code}'\n")
    )
    assert bool(complaints(file)) != known
    if known:
        loaded = load(file, ENVIRONMENT)
        decision = decide(loaded.router, click("+18005550123", postal_code="02139"), TUESDAY)
        assert decision.plan.steps[0].endpoints[0].destination == "store"


def test_stores_of_a_country_whose_codes_nobody_knows(tmp_path: Path) -> None:
    berlin = STORES + "berlin,Berlin,+493055501234,52.52,13.40,10115,DE,\n"
    file = written(tmp_path, "{strategy: nearest, destinations: [shops]}", berlin)
    (line,) = complaints(file)
    assert line.startswith("f:26:20: routes.sales.steps[0].strategy: Ringback knows no postal codes of DE")
    (tmp_path / "codes.csv").write_text("postal_code,country,latitude,longitude\n10,DE,52.52,13.40\n")
    file = written(
        tmp_path, "{strategy: nearest, destinations: [shops]}", berlin, "geo: {postal_codes: codes.csv}\n"
    )
    assert complaints(file) == []
