"""Doubts about a row of a store table: a place far from its postal code, an unknown region."""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.stores import Flaw, Store
from routing import shipped
from routing.numbers import REGIONS
from routing.postal_parts import normal_form, parts_of
from routing.public_holidays import differ_by_region, knows_region
from routing.sphere import distance

#: A store farther from its postal code than this many km plus the code's radius is somewhere else.
_FAR = 400
#: Postal codes as their countries write them, and their length: spreadsheets drop leading zeros.
_CODES = {
    country: (re.compile(rf"[0-9]{{{length}}}", re.ASCII), length)
    for length, countries in ((5, "US DE FR ES IT FI SE MX"), (4, "BE CH AT DK NO AU NZ"))
    for country in countries.split()
}
_HOLIDAY = re.compile(r"\bPH\b")


def doubt_store(store: Store) -> Iterator[Flaw]:
    """What is doubtful about a row that is right by itself."""
    yield from _code(store)
    spot = _spot(store)
    if spot and (away := distance((store.latitude, store.longitude), spot[:2])) > _FAR + spot.radius_km:
        swapped = abs(store.longitude) <= 90 and (
            distance((store.longitude, store.latitude), spot[:2]) <= _FAR + spot.radius_km
        )
        tip = "latitude and longitude are swapped" if swapped else "check both"
        yield Flaw(
            "latitude",
            f"is {away:.0f} km from the postal code {store.postal_code} of {store.country}: {tip}",
            doubtful=True,
        )
    if store.region and _is_no_region(store.country, store.region):
        yield Flaw("region", f"{store.country} has no region {store.region}", doubtful=True)
    elif (
        store.hours
        and _HOLIDAY.search(store.hours)
        and not knows_region(store.country, store.region)
        and differ_by_region(store.country)
    ):
        yield Flaw(
            "hours",
            f'the holidays of {store.country} differ by region: fill in the column "region"',
            doubtful=True,
        )


def _code(store: Store) -> Iterator[Flaw]:
    known = _CODES.get(store.country)
    if not known or not store.postal_code:
        return
    form, length = known
    code = normal_form(store.postal_code, store.country)
    if not form.fullmatch(code):
        lost = code.isdigit() and len(code) < length
        tip = f'write "{code.zfill(length)}" (spreadsheets drop zeros)' if lost else f"it has {length} digits"
        yield Flaw("postal_code", f"is not a postal code of {store.country}: {tip}", doubtful=True)


def _spot(store: Store) -> shipped.Spot | None:
    """Where its postal code is."""
    code = normal_form(store.postal_code or "", store.country)
    if store.country in _CODES and not _CODES[store.country][0].fullmatch(code):
        return None
    if spot := shipped.postal_codes().get(store.country, {}).get(code):
        return spot
    parts = shipped.postal_parts().get(store.country, {})
    return next((parts[part] for part, _ in parts_of(code, store.country) if part in parts), None)


def _is_no_region(country: str, region: str) -> bool:
    return country in ("US", "CA") and region not in REGIONS.values() and not knows_region(country, region)
