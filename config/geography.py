"""Tables of places: number prefixes and postal codes of the operator's own, and the IP database's file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import maxminddb
import phonenumbers

from config.tables import Column, Row, read_table

#: The most prefixes, or postal codes, in one table.
MOST_AREAS = 250_000

_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{1,15})?", re.ASCII)
_KILOMETRES = re.compile(r"[0-9]{1,5}(\.[0-9]{1,3})?", re.ASCII)
_PREFIX = re.compile(r"\+?[1-9][0-9]{0,14}", re.ASCII)
_POSTAL_CODE = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z -]{0,10}[0-9A-Za-z])?", re.ASCII)
#: MaxMind's kinds of database that know no places.
_PLACELESS = ("ASN", "ISP", "Domain", "Connection-Type", "Anonymous-IP", "Anonymous-Plus", "User-Count")


@dataclass(frozen=True, slots=True)
class Area:
    """A row of the operator's own: what a number prefix or a postal code stands for."""

    #: A prefix as digits from the country code on, or a postal code as written.
    key: str
    country: str
    region: str | None
    area: str | None
    latitude: float | None
    longitude: float | None
    #: How far from there somebody may be, in km; None where the coordinates are to be taken as measured.
    radius_km: float | None = None


def degrees(most: int, example: str) -> Callable[[str], float]:
    """A column's ``read`` for decimal degrees between ``-most`` and ``most``."""

    def read(text: str) -> float:
        if _DEGREES.fullmatch(text) and abs(value := float(text)) <= most:
            return value
        raise ValueError(f"write degrees from -{most} to {most} with a decimal point, such as {example}")

    return read


def country(text: str) -> str:
    """A country's letters; ValueError for what is none, such as UK."""
    if text in phonenumbers.SUPPORTED_REGIONS:
        return text
    raise ValueError("write a country's two capital letters, such as US (the United Kingdom is GB)")


def postal_code(text: str) -> str:
    """A postal code as written; ValueError for what cannot be one."""
    if _POSTAL_CODE.fullmatch(text):
        return text
    raise ValueError("write a postal code of at most 12 letters and digits, such as 02139 or SW1A 1AA")


def region(text: str) -> str:
    """A country's subdivision, as ISO 3166-2 codes it behind the hyphen."""
    if re.fullmatch(r"[A-Z0-9]{1,3}", text, re.ASCII):
        return text
    raise ValueError("write a region as in ISO 3166-2 after the hyphen, such as MA for US-MA")


def read_prefixes(file: Path) -> tuple[Area, ...]:
    """Read ``prefix,country[,region,area,latitude,longitude,radius_km]``; ConfigError."""
    return _read_areas(file, Column("prefix", _prefix, filled=True), ("prefix",), located=False)


def read_postal_codes(file: Path) -> tuple[Area, ...]:
    """Read ``postal_code,country,latitude,longitude[,region,area,radius_km]``; ConfigError."""
    code = Column("postal_code", postal_code, filled=True)
    return _read_areas(file, code, ("country", "postal_code"), located=True)


def place_database_problem(file: Path) -> str | None:
    """Why the file cannot tell places of IP addresses; None for a usable database of MaxMind's format."""
    try:
        if not file.is_file():
            return f"no such file: {file}"
        with maxminddb.open_database(file) as database:
            kind = database.metadata().database_type
    except OSError as error:
        return f"cannot read {file} ({error.strerror}): check its owner and permissions"
    except (maxminddb.InvalidDatabaseError, ValueError):
        return f"{file} is not a MaxMind database (.mmdb): unpack it, or download it again"
    if kind.endswith(_PLACELESS):
        return f"{file} is a database of {kind}, which contains no places: use a City or Country database"
    return None


def coordinates_problem(row: Row) -> tuple[str, str] | None:
    """The column and the words where a row gives one coordinate alone, or the 0, 0 of failed look-ups."""
    latitude, longitude = row.values.get("latitude"), row.values.get("longitude")
    if (latitude is None) != (longitude is None):
        missing = "latitude" if latitude is None else "longitude"
        return missing, "give both latitude and longitude, or neither"
    if latitude == 0 and longitude == 0:
        return "latitude", "0, 0 is in the Atlantic: look up the coordinates again"
    return None


def _read_areas(file: Path, key: Column, unique: tuple[str, ...], *, located: bool) -> tuple[Area, ...]:
    columns = (
        key,
        Column("country", country, filled=True),
        Column("region", region),
        Column("area", str),
        Column("latitude", degrees(90, "42.3601"), filled=located),
        Column("longitude", degrees(180, "-71.0589"), filled=located),
        Column("radius_km", _radius),
    )
    table = read_table(file, columns, MOST_AREAS)
    table.distinct(unique, key.name.replace("_", " "))
    for row in table.right_rows:
        if problem := coordinates_problem(row):
            table.wrong(row, *problem)
    table.approve()
    return tuple(_area(row.values, key.name) for row in table.rows)


def _area(values: Mapping[str, Any], key: str) -> Area:
    return Area(
        key=values[key],
        country=values["country"],
        region=values.get("region"),
        area=values.get("area"),
        latitude=values.get("latitude"),
        longitude=values.get("longitude"),
        radius_km=values.get("radius_km"),
    )


def _radius(text: str) -> float:
    if _KILOMETRES.fullmatch(text):
        return float(text)
    raise ValueError("write kilometres, such as 15")


def _prefix(text: str) -> str:
    if _PREFIX.fullmatch(text):
        return text.removeprefix("+")
    raise ValueError("write a prefix with its country code, such as +1617")
