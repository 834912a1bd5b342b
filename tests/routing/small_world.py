"""A small world for tests: addresses in a real database, and a few stores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet

from config.stores import Store
from routing.places import Place
from routing.stores import StoreIndex

BOSTON: dict[str, Any] = {
    "country": {"iso_code": "US", "names": {"en": "United States"}},
    "registered_country": {"iso_code": "US"},
    "subdivisions": [{"iso_code": "MA", "names": {"en": "Massachusetts"}}],
    "city": {"names": {"en": "Boston"}},
    "postal": {"code": "02108"},
    "location": {"latitude": 42.3601, "longitude": -71.0589, "accuracy_radius": 20},
}
#: What MaxMind says of an address of which it knows the country alone: the middle of Kansas.
SOMEWHERE = {
    "country": {"iso_code": "US"},
    "location": {"latitude": 37.751, "longitude": -97.822, "accuracy_radius": 1000},
}
RECORDS: dict[str, Any] = {
    "8.8.0.0/16": BOSTON,
    "9.9.9.0/24": SOMEWHERE,
    "9.9.8.0/24": {"country": {"iso_code": "US"}, "location": {"latitude": 37.751, "longitude": -97.822}},
    "9.9.7.0/24": {"registered_country": {"iso_code": "DE"}},
    "9.9.6.0/24": {"country": "DE", "subdivisions": {}, "city": [], "location": "here"},
    "2a00:1450::/32": {
        "country": {"iso_code": "GB"},
        "city": {"names": {"en": "London"}},
        "location": {"latitude": 51.5, "longitude": -0.12},
    },
    "10.0.0.0/8": BOSTON,
}


def write_database(file: Path, records: Mapping[str, Any], kind: str = "Test-City", version: int = 6) -> Path:
    writer = MMDBWriter(ip_version=version, ipv4_compatible=version == 6, database_type=kind)
    for network, record in records.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(file))
    return file


BOSTON_BY_IP = Place("US", "MA", "Boston", "02108", 42.3601, -71.0589, "ip", 20)


def certain(place: Place | None) -> Place | None:
    """A place without the coordinates that are guessed."""
    if place is None or place.measured:
        return place
    return replace(place, latitude=None, longitude=None, radius_km=None)


def shop(name: str, code: str | None, latitude: float, longitude: float, country: str = "US") -> Store:
    return Store(
        name, name, latitude, longitude, country, number="+16175550100", postal_code=code, region="MA"
    )


STORES = StoreIndex(
    [
        shop("boston", "02108", 42.36, -71.06),
        shop("boston_2", "02108", 42.37, -71.07),
        shop("worcester", "01608", 42.26, -71.8),
        shop("manchester", "M1 1AA", 53.48, -2.24, "GB"),
        shop("salford", "M11 4AB", 53.47, -2.18, "GB"),
        shop("hongkong", None, 22.28, 114.17, "HK"),
    ]
)
