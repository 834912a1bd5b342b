"""The section ``hours``: opening hours by name.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.base import Country, Day, Model, Region, TimeZone
from config.draft import Draft
from config.marks import Form
from config.section import UNUSED, Section


class Hours(Model):
    """Opening hours with a name: routes, destinations and store tables refer to it."""

    opening_hours: Annotated[str, Field(min_length=1, max_length=2000)]
    """When it is open, in OpenStreetMap's opening_hours syntax:
    `Mo-Fr 09:00-18:00; Sa 10:00-14:00; PH off`."""
    time_zone: TimeZone = "UTC"
    """Where these hours are told; a destination with a time zone of its own takes that."""
    country: Country | None = None
    """The country whose public holidays `PH` means."""
    region: Region | None = None
    """The part of that country, where holidays differ: a state's code or name; or `national`, for the days of
    the whole country alone."""
    holidays: tuple[Day, ...] = ()
    """More days that `PH` means, from your own calendar."""
    exceptions: tuple[
        Annotated[str, Form("a day and what holds, such as 2026-12-24 14:00-24:00 closed")], ...
    ] = ()
    """What differs on single days: `2026-12-24 14:00-24:00 closed`, `2026-12-27 10:00-16:00`."""


def check_hours(draft: Draft) -> None:
    """Problems of opening hours; what their text says is read by :mod:`routing.hours`."""
    for name, hours in draft.items(Hours).items():
        if hours.region and not hours.country:
            draft.wrong(("hours", name, "region"), 'needs "country": add it')


HOURS = Section(checks=(check_hours,), one="opening hours", many="opening hours", unused=UNUSED)
