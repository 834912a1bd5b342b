"""Where a shopper is, as far as anything tells, and how two tellings fit together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from routing.sphere import distance

Source = Literal["context", "postal", "number", "ip"]
#: Two sets of coordinates at most this many km apart tell of the same place.
SAME_PLACE = 50.0


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of where somebody is; coordinates in degrees (WGS 84), both or neither."""

    #: ISO 3166-1 alpha-2.
    country: str | None = None
    #: The country's subdivision as in ISO 3166-2, behind the hyphen: MA.
    region: str | None = None
    #: Town or district, in words.
    area: str | None = None
    postal_code: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    #: What told; of several, the one that decided. None where nothing did.
    source: Source | None = None
    #: How far from the coordinates the shopper may be, in km, where those are a guess; None: measured.
    radius_km: float | None = None

    @property
    def coordinates(self) -> tuple[float, float] | None:
        """Latitude and longitude."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude

    @property
    def measured(self) -> bool:
        """Whether it has coordinates that are no guess."""
        return self.coordinates is not None and self.radius_km is None

    @property
    def known(self) -> bool:
        """Whether this tells anything at all."""
        return any((self.country, self.region, self.area, self.postal_code, self.coordinates))

    def __str__(self) -> str:
        parts = [self.area, self.region, self.postal_code, self.country]
        if at := self.coordinates:
            guess = "" if self.radius_km is None else f", a guess, within {self.radius_km:.0f} km"
            parts.append(f"({at[0]:.4f}, {at[1]:.4f}{guess})")
        return " ".join(part for part in parts if part) or "nowhere known"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one source told, in words for ``ringback route test``; no place where it told nothing."""

    source: Source
    place: Place | None
    reason: str


def found(place: Place, reason: str) -> Finding:
    """The finding of a place that knows its source."""
    assert place.source is not None  # noqa: S101 - every source signs its places
    return Finding(place.source, place if place.known else None, reason)


def contradiction(place: Place, other: Place) -> str | None:
    """Why ``other`` cannot add details to ``place``; None where it confirms the finest thing known of it."""
    if place.country and other.country and place.country != other.country:
        return f"its country is {other.country}, not {place.country}"
    here, there = place.coordinates, other.coordinates
    if place.measured and not there:
        return "it cannot confirm the coordinates"
    if here and there and (place.measured or not (place.region or place.area)):
        apart = distance(here, there)
        near = SAME_PLACE + (0 if place.measured else (place.radius_km or 0) + (other.radius_km or 0))
        return None if apart <= near else f"it lies {apart:.0f} km away"
    for name in ("region", "area"):
        ours, theirs = getattr(place, name), getattr(other, name)
        if ours:
            if not theirs:
                return f"it does not confirm the {name} {ours}"
            return None if ours.casefold() == theirs.casefold() else f"its {name} is {theirs}, not {ours}"
    return None


def refine(place: Place, other: Place) -> Place:
    """``place`` with what only ``other`` knows."""
    best = min((place, other), key=_doubt)
    return replace(
        place,
        country=place.country or other.country,
        region=place.region or other.region,
        area=place.area or other.area,
        postal_code=place.postal_code or other.postal_code,
        latitude=best.latitude,
        longitude=best.longitude,
        radius_km=best.radius_km,
    )


def _doubt(place: Place) -> float:
    """How far off the coordinates may be, in km."""
    if place.coordinates is None:
        return float("inf")
    return place.radius_km or 0.0
