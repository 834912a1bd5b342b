"""Phone numbers to places: the operator's prefixes first, then the numbering plans of the world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType
from phonenumbers.phonenumberutil import is_number_type_geographical

from config.geography import Area, read_prefixes
from routing import shipped
from routing.places import Finding, Place, found

#: The regions of the countries that share the North American plan, as its area codes are described.
REGIONS: Mapping[str, str] = {
    "Alabama": "AL", "Alaska": "AK", "Alberta": "AB", "Arizona": "AZ", "Arkansas": "AR",
    "British Colombia": "BC", "British Columbia": "BC", "California": "CA", "Colorado": "CO",
    "Connecticut": "CT", "Delaware": "DE", "Florida": "FL", "Georgia": "GA", "Hawaii": "HI", "Idaho": "ID",
    "Illinois": "IL", "Indiana": "IN", "Iowa": "IA", "Kansas": "KS", "Kentucky": "KY", "Louisiana": "LA",
    "Maine": "ME", "Manitoba": "MB", "Maryland": "MD", "Massachusetts": "MA", "Michigan": "MI",
    "Minnesota": "MN", "Mississippi": "MS", "Missouri": "MO", "Montana": "MT", "Nebraska": "NE",
    "Nevada": "NV", "New Brunswick": "NB", "New Hampshire": "NH", "New Jersey": "NJ", "New Mexico": "NM",
    "New York": "NY", "Newfoundland and Labrador": "NL", "North Carolina": "NC", "North Dakota": "ND",
    "Ohio": "OH", "Oklahoma": "OK", "Ontario": "ON", "Oregon": "OR", "Pennsylvania": "PA", "Quebec": "QC",
    "Rhode Island": "RI", "Saskatchewan": "SK", "South Carolina": "SC", "South Dakota": "SD",
    "Tennessee": "TN", "Texas": "TX", "Utah": "UT", "Vermont": "VT", "Virginia": "VA",
    "Washington D.C.": "DC", "Washington State": "WA", "West Virginia": "WV", "Wisconsin": "WI",
    "Wyoming": "WY",
}  # fmt: skip
_PLACELESS = {
    PhoneNumberType.TOLL_FREE: "a toll-free number",
    PhoneNumberType.UAN: "a company-wide number",
    PhoneNumberType.VOICEMAIL: "a voicemail number",
}
_NORTH_AMERICA = 1


class NumberTable:
    """Places of phone numbers; the longest of the operator's prefixes wins over all that is known otherwise.

    With ``geocoding`` it knows areas (London, MA) besides countries. That costs 100 MB and a second, once in
    a process, so it is for those who ask for it.
    """

    __slots__ = ("_country_names", "_describe", "_locates", "_prefixes")

    def __init__(self, prefixes: Iterable[Area] = (), *, geocoding: bool = True) -> None:
        self._prefixes = {
            area.key: Place(
                country=area.country,
                region=area.region,
                area=area.area,
                latitude=area.latitude,
                longitude=area.longitude,
                source="number",
                radius_km=area.radius_km,
            )
            for area in prefixes
        }
        self._locates = any(place.measured for place in self._prefixes.values())
        self._describe = None
        self._country_names: Mapping[str, Mapping[str, str]] = {}
        if geocoding:
            # Imported here for its weight.
            from phonenumbers.geocoder import description_for_valid_number
            from phonenumbers.geodata.locale import LOCALE_DATA

            self._describe, self._country_names = description_for_valid_number, LOCALE_DATA

    @property
    def locates(self) -> bool:
        """Whether it knows the coordinates of any number, and does not guess them."""
        return self._locates

    @classmethod
    def load(cls, file: Path | None, *, geocoding: bool = True) -> NumberTable:
        """Read the operator's prefixes, if there are any; :class:`~config.problems.ConfigError`."""
        return cls(read_prefixes(file) if file else (), geocoding=geocoding)

    def find(self, e164: str) -> Finding:
        """The place of a number in E.164, or why there is none. About 150 µs."""
        digits = e164.removeprefix("+")
        for length in range(len(digits), 0, -1):
            if place := self._prefixes.get(digits[:length]):
                return found(place, f"the prefix table says +{digits[:length]} is {place}")
        if not digits:
            return _nothing("no number is known")
        number = read_number(e164)
        if number is None:
            return _nothing("this is no number in E.164")
        code = number.country_code or 0
        kind = phonenumbers.number_type(number)
        if kind in _PLACELESS:
            return _nothing(f"{_PLACELESS[kind]} has no place")
        country = _country(e164, code)
        if country is None:
            return _nothing(f"+{code} is no country's code alone")
        region, area = None, None
        if is_number_type_geographical(kind, code):
            region, area = self._area(number, country)
        place = Place(country=country, region=region, area=area, source="number")
        if self._describe and is_number_type_geographical(kind, code):
            place = _guessed(place, digits)
        return found(place, f"the number belongs to {place}")

    def _area(self, number: PhoneNumber, country: str) -> tuple[str | None, str | None]:
        """Region and area."""
        text = self._describe(number, "en") if self._describe else ""
        if not text or text == self._country_name(country):
            return None, None
        if number.country_code != _NORTH_AMERICA:
            return None, text
        if text in REGIONS:
            return REGIONS[text], None
        area, comma, region = text.rpartition(", ")
        return (region, area) if comma else (None, text)

    def _country_name(self, country: str) -> str:
        names = self._country_names.get(country, {})
        name = names.get("en", "")
        # The data spare a name that is the same in another language: *de stands for it.
        return names.get(name[1:], "") if name.startswith("*") else name


@lru_cache(maxsize=1024)
def read_number(e164: str) -> PhoneNumber | None:
    """A number in E.164; None for what is none. Do not change what this returns."""
    try:
        return phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        return None


@lru_cache(maxsize=1024)
def assigned_country(e164: str) -> str | None:
    """The country that a number in E.164 is assigned in; None where no single one has it."""
    number = read_number(e164)
    region = phonenumbers.region_code_for_number(number) if number else None
    return region if region in phonenumbers.SUPPORTED_REGIONS else None


def _country(e164: str, code: int) -> str | None:
    country = assigned_country(e164)
    # A number that is assigned to nobody still tells its country, but not in North America, which shares one
    # code among twenty.
    if country is None and code != _NORTH_AMERICA:
        country = phonenumbers.region_code_for_country_code(code)
    return country if country in phonenumbers.SUPPORTED_REGIONS else None


def _guessed(place: Place, digits: str) -> Place:
    """The place with the middle of its town, of its area code or of its region."""
    country, region, towns = place.country or "", place.region or "", shipped.towns()
    named = (towns.get((country, region, area.casefold())) for area in (place.area or "").split("/") if area)
    spot = next((spot for spot in named if spot), None)
    if spot is None and digits.startswith(str(_NORTH_AMERICA)):
        spot = shipped.area_codes().get(digits[:4]) or towns.get((country, region, ""))
    if spot is None:
        return place
    return replace(place, latitude=spot.latitude, longitude=spot.longitude, radius_km=spot.radius_km)


def _nothing(reason: str) -> Finding:
    return Finding("number", None, reason)
