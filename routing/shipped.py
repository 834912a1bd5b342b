"""The places that Ringback ships, read when first asked for: see ``routing/data/README.md``."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from routing.sphere import distance

_DATA = Path(__file__).parent / "data"


class Spot(NamedTuple):
    """A middle in degrees (WGS 84), and how far from it somebody may be, in km."""

    latitude: float
    longitude: float
    radius_km: float


def middle_of(points: Sequence[tuple[float, float]], least_km: float) -> Spot:
    """The middle of some points, with the distance to the farthest of them, at least ``least_km``."""
    # Points of one postal area: near enough to each other to take the mean of their degrees.
    latitude = sum(at[0] for at in points) / len(points)
    longitude = sum(at[1] for at in points) / len(points)
    farthest = max(distance((latitude, longitude), at) for at in points)
    return Spot(latitude, longitude, max(least_km, round(farthest)))


@cache
def postal_codes() -> Mapping[str, Mapping[str, Spot]]:
    """Whole codes, by country."""
    codes: dict[str, dict[str, Spot]] = defaultdict(dict)
    for code, latitude, longitude in _rows("us_zips.csv"):
        codes["US"][code] = Spot(float(latitude), float(longitude), 0.0)
    for country, part, latitude, longitude, radius in _rows("postal_areas.csv"):
        if country not in _PARTIAL:
            codes[country][part] = Spot(float(latitude), float(longitude), float(radius))
    return codes


@cache
def postal_parts() -> Mapping[str, Mapping[str, Spot]]:
    """What codes begin with, by country: postcode areas, forward sortation areas, ZIP3."""
    parts: dict[str, dict[str, Spot]] = defaultdict(dict)
    for country, part, latitude, longitude, radius in _rows("postal_areas.csv"):
        if country in _PARTIAL:
            parts[country][part] = Spot(float(latitude), float(longitude), float(radius))
    by_three: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for code, spot in postal_codes()["US"].items():
        by_three[code[:3]].append(spot[:2])
    parts["US"] = {part: middle_of(points, 10) for part, points in by_three.items()}
    return parts


@cache
def towns() -> Mapping[tuple[str, str, str], Spot]:
    """By country, region (in North America) and name in lower case; without a name, the region itself."""
    return {
        (country, region, area): Spot(float(latitude), float(longitude), float(radius))
        for country, region, area, latitude, longitude, radius in _rows("towns.csv")
    }


@cache
def area_codes() -> Mapping[str, Spot]:
    """Area codes of North America, with the 1 before them."""
    return {
        prefix: Spot(float(latitude), float(longitude), float(radius))
        for prefix, latitude, longitude, radius in _rows("area_codes.csv")
    }


#: Countries that we know parts of codes of, and no whole ones.
_PARTIAL = ("GB", "CA")


def _rows(name: str) -> Iterator[list[str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        yield from rows
