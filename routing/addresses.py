"""IP addresses to places, through a database of MaxMind's format."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import maxminddb

from config.geography import place_database_problem
from config.problems import START, ConfigError, ConfigProblem
from routing.places import Finding, Place, found

#: Coordinates that are blurred further than this, in km, stand for a country's middle and for nobody.
MOST_BLUR = 200
#: How far from their town's coordinates somebody may be, in km, where the database does not say.
TOWN = 50


class AddressTable:
    """Places of IP addresses. Knows none without a database."""

    __slots__ = ("_database", "_ip_version")

    def __init__(self, database: maxminddb.Reader | None = None) -> None:
        self._database = database
        self._ip_version = database.metadata().ip_version if database else 6

    @classmethod
    def load(cls, file: Path) -> AddressTable:
        """Map the file into memory; :class:`~config.problems.ConfigError`.

        A new edition must replace the file (as a rename does) and be followed by a reload. Writing into a
        mapped file would end the process.
        """
        if problem := place_database_problem(file):
            raise ConfigError(file, [ConfigProblem(START, "", problem)])
        return cls(maxminddb.open_database(file))

    def find(self, address: str) -> Finding:
        """The place of an IPv4 or IPv6 address, or why there is none."""
        if not address:
            return _nothing("no address is known")
        try:
            ip = ip_address(address.partition("%")[0])
        except ValueError:
            return _nothing("this is no IP address")
        if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        if kind := _special(ip):
            return _nothing(f"{ip} is {kind}: it has no place")
        if self._database is None:
            return _nothing("no IP database is configured")
        if ip.version == 6 and self._ip_version == 4:
            return _nothing(f"the database knows IPv4 alone, and {ip} is IPv6")
        try:
            record = self._database.get(ip)
        except (maxminddb.InvalidDatabaseError, ValueError, OSError):
            return _nothing(f"the database is damaged where it should know {ip}")
        place = _place(record) if isinstance(record, Mapping) else Place(source="ip")
        if not place.known:
            return _nothing(f"the database does not know {ip}")
        return found(place, f"{ip} is in {place}")


def _nothing(reason: str) -> Finding:
    return Finding("ip", None, reason)


def _special(ip: IPv4Address | IPv6Address) -> str | None:
    """In words, why an address has no place on the Internet."""
    # First, as it is what nearly all are, and each of these questions walks a list of networks.
    if ip.is_global and not ip.is_multicast:
        return None
    if ip.is_loopback:
        return "this machine itself"
    if ip.is_link_local:
        return "a link-local address"
    if ip.is_multicast:
        return "a multicast address"
    if ip.is_unspecified or ip.is_reserved:
        return "a reserved address"
    if ip.is_private:
        return "a private address"
    return "an address shared behind a carrier's NAT"


def _place(record: Mapping[str, Any]) -> Place:
    """A record of MaxMind's City or Country schema; anything else in it is left alone."""
    country = _text(record, "country", "iso_code") or _text(record, "registered_country", "iso_code")
    subdivisions = record.get("subdivisions")
    region = None
    if isinstance(subdivisions, list) and subdivisions and isinstance(subdivisions[0], Mapping):
        region = _text(subdivisions[0], "iso_code")
    area = _text(record, "city", "names", "en")
    postal_code = _text(record, "postal", "code")
    place = Place(country=country, region=region, area=area, postal_code=postal_code, source="ip")
    location = record.get("location")
    if not isinstance(location, Mapping):
        return place
    latitude, longitude = location.get("latitude"), location.get("longitude")
    # A record that knows the country alone carries the coordinates of its middle, which would send every
    # such shopper to the same store.
    blur = location.get("accuracy_radius", 0 if region or area or postal_code else MOST_BLUR + 1)
    if not isinstance(latitude, float) or not isinstance(longitude, float) or blur > MOST_BLUR:
        return place
    radius = float(location.get("accuracy_radius", TOWN))
    return Place(country, region, area, postal_code, latitude, longitude, "ip", radius)


def _text(record: Mapping[str, Any], *path: str) -> str | None:
    value: Any = record
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) and value else None
