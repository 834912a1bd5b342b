"""Postal codes to places: the operator's table, the stores' own codes, and what Ringback ships."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from config.geography import Area, read_postal_codes
from config.stores import Store
from routing import shipped
from routing.places import Finding, Place, found
from routing.postal_parts import PARTS, normal_form, parts_of
from routing.shipped import Spot

__all__ = ["PostalTable", "normal_form"]

_LONGEST = 12
#: So few codes of a part may all lie at one edge of it.
_FEW = 3


class PostalTable:
    """Coordinates of postal codes: those of the exact code, else a guess from what it begins with.

    A guess says how far off it may be. Which beginnings mean anything, each country's post decides. The
    operator's own rows win over the stores', and both over what is ``shipped``.
    """

    __slots__ = ("_listed", "_parts", "_places", "_shipped")

    def __init__(
        self, areas: Iterable[Area] = (), stores: Iterable[Store] = (), *, with_shipped: bool = False
    ) -> None:
        places: dict[str, dict[str, Place]] = {}
        areas = tuple(areas)

        def add(entry: Area | Store, code: str, radius_km: float | None) -> None:
            place = Place(
                country=entry.country,
                region=entry.region,
                area=entry.area,
                latitude=entry.latitude,
                longitude=entry.longitude,
                source="postal",
                radius_km=radius_km,
            )
            places.setdefault(entry.country, {}).setdefault(normal_form(code, entry.country), place)

        for area in areas:
            add(area, area.key, area.radius_km)
        # By name, so that of stores that share a code the same one always lends its place.
        for store in sorted(stores, key=lambda store: store.name):
            if store.postal_code:
                add(store, store.postal_code, None)
        self._places: Mapping[str, Mapping[str, Place]] = places
        self._listed = frozenset(area.country for area in areas)
        self._parts = _by_part(places)
        self._shipped = with_shipped

    @classmethod
    def load(
        cls, file: Path | None, stores: Iterable[Store] = (), *, with_shipped: bool = False
    ) -> PostalTable:
        """Read the operator's postal table, if there is one; :class:`~config.problems.ConfigError`."""
        return cls(read_postal_codes(file) if file else (), stores, with_shipped=with_shipped)

    def knows(self, country: str) -> bool:
        """Whether it places codes of this country that no store has."""
        return country in self._listed or (
            self._shipped and (country in shipped.postal_codes() or country in shipped.postal_parts())
        )

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
        bare = Place(country=country, postal_code=wanted, source="postal")
        if exact is None and self._shipped and (spot := shipped.postal_codes().get(country, {}).get(wanted)):
            exact = replace(bare, latitude=spot.latitude, longitude=spot.longitude)
        if exact:
            return found(replace(exact, postal_code=wanted), f"postal code {wanted} of {country} is known")
        for part, radius in parts_of(wanted, country):
            if spot := self._spot(country, part, radius):
                place = replace(
                    bare, latitude=spot.latitude, longitude=spot.longitude, radius_km=spot.radius_km
                )
                told = f"postal code {wanted} of {country} is not known, but where codes begin with {part}"
                return found(place, f"{told}: a guess, within {spot.radius_km:.0f} km")
        if country not in PARTS:
            told = f"postal code {wanted} of {country} is not known, and a part of a code means nothing there"
            return found(bare, told)
        return found(bare, f"no postal code of {country} is known that is of the same part as {wanted}")

    def _spot(self, country: str, part: str, radius: float) -> Spot | None:
        """The middle of a part: the operator's row, what is shipped, or that of the codes known in it."""
        own = self._places.get(country, {}).get(part)
        if own and own.coordinates:
            return Spot(*own.coordinates, radius if own.radius_km is None else own.radius_km)
        if self._shipped and (spot := shipped.postal_parts().get(country, {}).get(part)):
            return spot
        points = self._parts.get((country, part))
        if not points:
            return None
        return shipped.middle_of(points, radius if len(points) > _FEW else 2 * radius)


def _by_part(
    places: Mapping[str, Mapping[str, Place]],
) -> Mapping[tuple[str, str], list[tuple[float, float]]]:
    found: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for country, codes in places.items():
        for code, place in codes.items():
            for part, _ in parts_of(code, country):
                if place.coordinates:
                    found[country, part].append(place.coordinates)
    return found
