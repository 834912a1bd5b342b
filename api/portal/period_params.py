"""Whole days in a time zone, as the address of a report names them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import Query
from pydantic import BaseModel, Field

from api.problems import FieldError, Problem, RequestError
from reports.periods import today

#: The longest period.
MOST_DAYS = 1100
ZONES = frozenset(available_timezones())

Name = Annotated[str, Query(max_length=128)]


class PeriodParams(BaseModel):
    """Of when, and of which site."""

    first: date | None = Field(default=None, description="Default: 29 days before the last.")
    last: date | None = Field(default=None, description="Default: today.")
    zone: str = Field(default="UTC", max_length=64, description="A time zone of the IANA database.")
    site: Name = ""

    def days(self, now: float, most: int = MOST_DAYS) -> tuple[date, date]:
        """The first and the last day; ``validation_failed`` where there is no such period."""
        if self.zone not in ZONES:
            raise wrong_parameter("zone", "not a time zone of the IANA database, such as America/New_York")
        last = self.last or today(now, self.zone)
        if last.year > 2200 or last.year < 2000:
            raise wrong_parameter("last", "between 2000 and 2200")
        first = self.first or last - timedelta(days=29)
        if first > last:
            raise wrong_parameter("first", "after the last day")
        if (last - first).days >= most:
            raise wrong_parameter("first", f"a report has {most} days at most")
        if first < date(2000, 1, 1):
            raise wrong_parameter("first", "between 2000 and 2200")
        return first, last


def wrong_parameter(parameter: str, message: str) -> RequestError:
    """Why a parameter of an address is refused."""
    error = FieldError(path=f"query.{parameter}", message=message)
    return RequestError(Problem.VALIDATION_FAILED, errors=[error])
