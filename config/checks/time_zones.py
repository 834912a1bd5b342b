"""The check of time zones that stand in the settings."""

from __future__ import annotations

from zoneinfo import available_timezones

from config.draft import Draft
from config.problems import Loc, suggest


def check_time_zones(draft: Draft, pattern: Loc) -> None:
    """Problems for time zones that are not in the IANA database."""
    zones = available_timezones()
    for loc, zone in draft.at(pattern):
        if zone not in zones:
            draft.wrong(loc, f"no such time zone: {suggest(zone, zones, 'time zones')}")
