"""Postal codes to places, through the operator's postal table and the stores' own codes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from config.geography import Area, read_postal_codes
from config.stores import Store
from routing.places import Finding, Place, found

_JUNK = re.compile(r"[\s-]+")
#: A whole British postcode; the blank before its last three characters keeps M1 1AA apart from M11 1AA.
_BRITISH = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9][A-Z]{2})", re.ASCII)
_LONGEST = 12


def normal_form(code: str, country: str) -> str:
    """A postal code in capitals without blanks and hyphens, but for a British one's blank."""
    bare = _JUNK.sub("", code).upper()
    if country == "GB" and (parts := _BRITISH.fullmatch(bare)):
        return f"{parts[1]} {parts[2]}"
    return bare


class PostalTable:
    """Coordinates of postal codes: the exact code's, else those of the longest common prefix.

    Of equally long ones, the code just below in order counts. The operator's own rows win over the stores'.
    """

    __slots__ = ("_codes", "_places")

    def __init__(self, areas: Iterable[Area] = (), stores: Iterable[Store] = ()) -> None:
        places: dict[str, dict[str, Place]] = {}

        def add(entry: Area | Store, code: str) -> None:
            place = Place(
                country=entry.country,
                region=entry.region,
                area=entry.area,
                latitude=entry.latitude,
                longitude=entry.longitude,
                source="postal",
            )
            places.setdefault(entry.country, {}).setdefault(normal_form(code, entry.country), place)

        for area in areas:
            add(area, area.key)
        # By name, so that of stores that share a code the same one always lends its place.
        for store in sorted(stores, key=lambda store: store.name):
            if store.postal_code:
                add(store, store.postal_code)
        self._places: Mapping[str, Mapping[str, Place]] = places
        self._codes = {country: sorted(codes) for country, codes in places.items()}

    @classmethod
    def load(cls, file: Path | None, stores: Iterable[Store] = ()) -> PostalTable:
        """Read the operator's postal table, if there is one; :class:`~config.problems.ConfigError`."""
        return cls(read_postal_codes(file) if file else (), stores)

    def find(self, code: str, country: str | None) -> Finding:
        """The place of a postal code of a country, and how it was found."""
        # What a shopper typed goes no further than this: it may be anything.
        wanted = normal_form(code, country or "")
        if not wanted:
            return Finding("postal", None, "the page passed no postal code")
        if len(wanted) > _LONGEST or not wanted.replace(" ", "").isalnum() or not wanted.isascii():
            return Finding("postal", None, "the page passed something that is no postal code")
        if country is None:
            return Finding("postal", None, f"postal code {wanted} of an unknown country")
        exact = self._places.get(country, {}).get(wanted)
        if exact:
            return found(replace(exact, postal_code=wanted), f"postal code {wanted} of {country} is known")
        bare = Place(country=country, postal_code=wanted, source="postal")
        likest = self._likest(wanted, country)
        if likest is None:
            return found(bare, f"no postal code of {country} is known that begins like {wanted}")
        near = self._places[country][likest]
        place = replace(bare, latitude=near.latitude, longitude=near.longitude)
        return found(place, f"postal code {wanted} of {country} begins like {likest}, and takes its place")

    def _likest(self, wanted: str, country: str) -> str | None:
        codes = self._codes.get(country, [])
        at = bisect_left(codes, wanted)
        # In sorted order the longest common prefix is always a neighbour's.
        neighbours = codes[max(0, at - 1) : at + 1]
        likest = max(neighbours, key=lambda code: _alike(code, wanted), default=None)
        return likest if likest and _alike(likest, wanted) else None


def _alike(code: str, other: str) -> int:
    """How many characters two codes have in common from the left."""
    length = 0
    for ours, theirs in zip(code, other, strict=False):
        if ours != theirs:
            break
        length += 1
    return length
