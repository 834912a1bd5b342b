"""The table of stores: a business's branches, each with its place on the map and its phone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import NamedTuple, cast, get_args
from zoneinfo import available_timezones

from config.base import E164, Name, SipUri
from config.geography import coordinates_problem, country, degrees, postal_code, region
from config.problems import ConfigProblem, suggest
from config.sections.destinations import Screen
from config.tables import Column, CsvTable, Row, read_table, text_like

MOST_STORES = 100_000
#: Columns that are read elsewhere.
FURTHER_COLUMNS = ("max_calls", "weight")
#: What the names of columns begin with that are for the operator alone.
OWN_COLUMN = "x_"
_PAGE = re.compile(r"/[^\s?#]{0,500}")
_SYNONYMS = {
    "tz": "time_zone", "zone": "time_zone", "opening_hours": "hours", "open": "hours", "zip": "postal_code",
    "zipcode": "postal_code", "zip_code": "postal_code", "plz": "postal_code", "postcode": "postal_code",
    "lat": "latitude", "lon": "longitude", "lng": "longitude", "long": "longitude", "phone": "number",
    "tel": "number", "telephone": "number", "state": "region", "city": "area", "town": "area",
    "capacity": "max_calls", "calls": "max_calls", "title": "label", "id": "name",
}  # fmt: skip
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
    #: As for a destination; None: as its table says.
    screening: Screen | None = None
    #: The mailbox for messages to this store, in place of the one that the route ends in.
    mailbox: str | None = None
    #: Numbers where it is to be found once its own phone has rung, one after the other.
    find_me: tuple[str, ...] = ()
    #: The store's own page: who clicks there is with this store before all others.
    page: str | None = None
    #: The cells of further columns by the columns' names.
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)


class Flaw(NamedTuple):
    """What somebody who knows more than the table finds wrong with a store."""

    column: str
    text: str
    #: Characters into the cell.
    offset: int = 0
    #: Whether the store will do all the same, though hardly as its writer thinks.
    doubtful: bool = False


def read_stores(
    file: Path,
    check: Callable[[Store], Iterable[Flaw]] = lambda store: (),
    warnings: list[ConfigProblem] | None = None,
) -> tuple[Store, ...]:
    """Read a table of stores; :class:`~config.problems.ConfigError` with every problem and its place.

    Columns: name, label, sip or number, latitude, longitude, postal_code (may be empty), country; if wanted
    trunk, region, area, hours, time_zone, screening, mailbox, find_me, page; any other is kept with the
    store's attributes. ``check`` sees each store that is right by itself, and may know of hours and trunks.
    ``warnings`` gets what is doubtful.
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
            (table.doubtful if flaw.doubtful else table.wrong)(row, flaw.column, flaw.text, flaw.offset)
        stores.append(store)
    table.approve()
    _unread(table)
    if warnings is not None:
        warnings += table.warnings
    return tuple(stores)


def _unread(table: CsvTable) -> None:
    """Warnings for columns that nothing reads."""
    known = {column.name for column in _columns()} | set(FURTHER_COLUMNS)
    for cell in table.header:
        name = cell.text
        if name and name not in known and not name.startswith(OWN_COLUMN):
            meant = _SYNONYMS.get(name.casefold()) or next(iter(get_close_matches(name, known, 1, 0.7)), None)
            tip = (
                f'did you mean "{meant}"?' if meant else f'call it "{OWN_COLUMN}{name}" if it is only for you'
            )
            table.warnings.append(ConfigProblem(cell.place, "", f'nothing reads the column "{name}": {tip}'))


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
        Column("screening", _screening),
        Column("mailbox", text_like(Name)),
        Column("find_me", _numbers),
        Column("page", _page),
    )


def _screening(text: str) -> Screen:
    for known in get_args(Screen):
        if text == known:
            return cast(Screen, known)
    raise ValueError(f"not a known value: {suggest(text, get_args(Screen), 'values')}")


def _numbers(text: str) -> tuple[str, ...]:
    read = text_like(E164)
    return tuple(read(number) for number in text.split())


def _page(text: str) -> str:
    if _PAGE.fullmatch(text):
        return text
    raise ValueError("write the path of the store's page, such as /stores/boston")


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
