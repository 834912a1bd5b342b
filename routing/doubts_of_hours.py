"""Doubts about opening hours by name: what their texts say, holidays of no region, time zones."""

from __future__ import annotations

import re

from config.draft import Draft
from config.problems import Loc
from config.sections.agents import Agent
from config.sections.destinations import Destination
from config.sections.hours import Hours
from config.sections.sites import Site
from config.sections.stores import StoreTable
from routing.doubts_of_hours_text import doubts
from routing.parts import Parts
from routing.public_holidays import differ_by_region

_HOLIDAY = re.compile(r"\bPH\b")
#: Zones that keep one offset all year, though their countries do not.
_NO_SUMMER = {"EST": "America/New_York", "MST": "America/Denver", "HST": "Pacific/Honolulu"}


def doubt_hours(draft: Draft, parts: Parts) -> None:
    """Warnings of opening hours by name, and of time zones."""
    for name, hours in draft.items(Hours).items():
        loc: Loc = ("hours", name)
        if (name, None) not in parts.hours:
            continue  # it cannot be read, which is reported already
        for at, text in doubts(
            hours.opening_hours, hours.country, hours.region, hours.holidays, hours.exceptions
        ):
            here = (*loc, "opening_hours") if isinstance(at, int) else (*loc, *at)
            draft.doubtful_within(here, at if isinstance(at, int) else 0, text)
        _region(draft, parts, name, hours)
        _utc(draft, name, hours)
    for section in ("sites", "hours", "destinations", "agents"):
        for here, zone in draft.at((section, "*", "time_zone")):
            if zone in _NO_SUMMER:
                draft.doubtful(
                    here, f"has no daylight saving time: write {_NO_SUMMER[zone]} for a place that does"
                )
            elif zone.startswith("Etc/GMT") and zone[-1:].isdigit() and zone[7:] not in ("0", "+0", "-0"):
                sign = "behind" if "+" in zone else "ahead of"
                draft.doubtful(here, f"is {zone[8:]} hours {sign} UTC all year: name the zone of a place")


def _region(draft: Draft, parts: Parts, name: str, hours: Hours) -> None:
    """Warn about the holidays of a country whose regions have their own, if no region is set."""
    rules = " ".join((hours.opening_hours, *hours.exceptions))
    if not hours.country or hours.region or not _HOLIDAY.search(rules) or not differ_by_region(hours.country):
        return
    if not _asked_without_region(draft, parts, name, hours.country):
        return
    draft.doubtful(
        draft.written(("hours", name, "country"), ("hours", name)),
        f'the holidays of {hours.country} differ by region: add "region", such as '
        f"{_example(hours.country)}, or region: national for the national holidays only",
    )


def _asked_without_region(draft: Draft, parts: Parts, name: str, country: str) -> bool:
    """Whether anybody keeps these hours whose own region does not count: not only stores that have one."""
    direct = any(
        named == name
        for pattern in (
            ("routes", "*", "hours"), ("destinations", "*", "hours"), ("agents", "*", "hours"),
            ("callbacks", "*", "hours"), ("destinations", "*", "find_me", "*", "hours"),
        )
        for _, named in draft.at(pattern)
    )  # fmt: skip
    tables = [table for table, settings in draft.items(StoreTable).items() if settings.hours == name]
    lacking = any(
        not store.region and not store.hours for table in tables for store in parts.tables.get(table, ())
    )
    return direct or lacking or not tables


def _example(country: str) -> str:
    return {"GB": "ENG", "DE": "BY", "CH": "ZH", "ES": "MD", "AU": "NSW", "CA": "ON", "US": "MA"}.get(
        country, "the code of ISO 3166-2"
    )


def _utc(draft: Draft, name: str, hours: Hours) -> None:
    """Warn about hours without a time zone when the sites are in other zones than UTC."""
    if draft.source.find(("hours", name, "time_zone")) or hours.opening_hours.strip() == "24/7":
        return
    zones = {site.time_zone for site in draft.items(Site).values()} - {"UTC"}
    told = any(
        item.hours == name and item.time_zone is None
        for section in (draft.items(Destination), draft.items(Agent))
        for item in section.values()
    ) or any(
        named == name
        for pattern in (("routes", "*", "hours"), ("callbacks", "*", "hours"))
        for _, named in draft.at(pattern)
    )
    if zones and told:
        draft.doubtful(
            ("hours", name),
            f'these hours are in UTC: add "time_zone", such as {sorted(zones)[0]}',
        )
