"""The table of stores: a business's branches, each with its place on the map and its phone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import available_timezones

from config.base import E164, Name, SipUri
from config.geography import coordinates_problem, country, degrees, postal_code, region
from config.problems import suggest
from config.tables import Column, Row, read_table, text_like

MOST_STORES = 100_000
LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class Store:
    """One branch. Exactly one of ``sip`` and ``number`` is given; coordinates are in degrees (WGS 84)."""

    name: str
    label: str
    latitude: float
    longitude: float
    country: str
    sip: str | None = None
    number: str | None = None
    trunk: str | None = None
    postal_code: str | None = None
    #: Subdivision of the country as in ISO 3166-2, behind the hyphen: MA.
    region: str | None = None
    #: Town or district in the words of the table.
    area: str | None = None
    #: Opening hours as OpenStreetMap writes them; not read here.
    hours: str | None = None
    #: IANA time zone.
    time_zone: str | None = None
    #: The cells of further columns by the columns' names.
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)


class Flaw(NamedTuple):
    """What somebody who knows more than the table finds wrong with a store."""

    column: str
    text: str
    #: Characters into the cell.
    offset: int = 0


def read_stores(file: Path, check: Callable[[Store], Iterable[Flaw]] = lambda store: ()) -> tuple[Store, ...]:
    """Read a table of stores; :class:`~config.problems.ConfigError` with every problem and its place.

    Columns: name, label, sip or number, latitude, longitude, postal_code (may be empty), country; if wanted
    trunk, region, area, hours, time_zone; any other is kept with the store's attributes. ``check`` sees each
    store that is right by itself, and may know of hours and trunks.
    """
    table = read_table(file, _columns(), MOST_STORES)
    table.distinct(("name",), "name")
    stores = []
    for row in table.right_rows:
        if problem := coordinates_problem(row) or _phone_problem(row):
            table.wrong(row, *problem)
            continue
        store = Store(**row.values, attributes=row.others)
        for flaw in check(store):
            table.wrong(row, *flaw)
        stores.append(store)
    table.approve()
    return tuple(stores)


@cache
def _columns() -> tuple[Column, ...]:
    # Once: it reads the folders of the time zones.
    zones = available_timezones()

    def time_zone(text: str) -> str:
        if text in zones:
            return text
        raise ValueError(f"no such time zone: {suggest(text, zones, 'time zones')}")

    return (
        Column("name", text_like(Name), filled=True),
        Column("label", _label, filled=True),
        Column("sip", text_like(SipUri)),
        Column("number", text_like(E164)),
        Column("trunk", text_like(Name)),
        Column("latitude", degrees(90, "42.3601"), filled=True),
        Column("longitude", degrees(180, "-71.0589"), filled=True),
        Column("postal_code", postal_code, present=True),
        Column("country", country, filled=True),
        Column("region", region),
        Column("area", str),
        Column("hours", str),
        Column("time_zone", time_zone),
    )


def _label(text: str) -> str:
    if len(text) <= LONGEST_LABEL:
        return text
    raise ValueError(f"too long: at most {LONGEST_LABEL} characters")


def _phone_problem(row: Row) -> tuple[str, str] | None:
    given = [name for name in ("sip", "number") if name in row.values]
    if not given:
        column = "number" if "number" in row.cells else "sip" if "sip" in row.cells else "name"
        return column, 'nothing to ring: give either "sip" or "number"'
    return ("number", 'give either "sip" or "number", not both') if len(given) == 2 else None
