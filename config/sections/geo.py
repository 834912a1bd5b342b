"""The section ``geo``: how a shopper's place is found.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from config.base import Model
from config.section import Section


class Geo(Model):
    """How a shopper's place is found."""

    database: Path | None = None
    """A database in MaxMind's format (.mmdb) that knows the places of IP addresses."""
    prefixes: Path | None = None
    """A CSV table of number prefixes and their places: prefix, country, and if known region, area, latitude,
    longitude, radius_km (how far away such a shopper may be; without it the place counts as measured)."""
    postal_codes: Path | None = None
    """A CSV table of postal codes and their places: postal_code, country, latitude, longitude, and if known
    region, area, radius_km. Store tables say where their own postal codes are; Ringback knows those of the
    USA, and some of other countries."""
    order: Annotated[tuple[Literal["context", "postal", "number", "ip"], ...], Field(min_length=1)] = (
        "context",
        "postal",
        "number",
        "ip",
    )
    """Which source counts first: coordinates that the page passed (latitude, longitude), its postal_code, the
    shopper's number, or the IP address. What comes later adds what fits."""


GEO = Section()
