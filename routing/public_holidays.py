"""Which days are public holidays in a country or one of its regions."""

from __future__ import annotations

from datetime import UTC, date, datetime
from difflib import get_close_matches
from functools import lru_cache
from typing import Self

import holidays

from routing.hours_text import HoursError

#: The region that stands for the whole country alone.
NATIONAL = "national"


@lru_cache(maxsize=256)
def differ_by_region(country: str) -> bool:
    """Whether some region of a country has other public holidays than the country as a whole."""
    if country not in holidays.list_supported_countries():
        return False
    place = holidays.country_holidays(country)
    year = datetime.now(UTC).year
    common = set(holidays.country_holidays(country, years=year))
    return any(
        set(holidays.country_holidays(country, subdiv=region, years=year)) != common
        for region in place.subdivisions
    )


@lru_cache(maxsize=1024)
def knows_region(country: str, region: str | None) -> bool:
    """Whether a region of a country has holidays that are known."""
    if region is None or country not in holidays.list_supported_countries():
        return False
    place = holidays.country_holidays(country)
    return region in place.subdivisions or region in place.subdivisions_aliases


class PublicHolidays:
    """The public holidays of one place, days in lieu included; ``in`` asks for a day."""

    def __init__(self, country: str, region: str | None) -> None:
        if len(country) != 2 or country not in holidays.list_supported_countries():
            message = (
                f"no holidays are known for {country!r}; write an ISO 3166-1 code in capitals, such as US"
            )
            raise HoursError(country, 1, message, ("country",))
        place = holidays.country_holidays(country)
        regions = (*place.subdivisions, *place.subdivisions_aliases)
        if region is not None and region not in regions:
            nearest = get_close_matches(region, regions, 1) or get_close_matches(region.upper(), regions, 1)
            known = f"did you mean {nearest[0]}?" if nearest else f"known are {', '.join(regions) or 'none'}"
            raise HoursError(region, 1, f"{country} has no region {region!r}; {known}", ("region",))
        # The library computes a year when it is first asked for, and keeps it.
        self._days = holidays.country_holidays(country, subdiv=region)

    @classmethod
    @lru_cache(maxsize=1024)
    def of(cls, country: str | None, region: str | None) -> Self | frozenset[date]:
        """The holidays of a place, shared by all who have them; no days without a country."""
        if region == NATIONAL:
            region = None
        if country is not None:
            return cls(country, region)
        if region is not None:
            raise HoursError(region, 1, "a region needs its country as well", ("region",))
        return frozenset()

    def __contains__(self, day: date) -> bool:
        return day in self._days

    def name(self, day: date) -> str | None:
        """What the day is called, in English where the library knows it so: Patriots' Day."""
        name = self._days.get(day)
        return None if name is None else str(name)
