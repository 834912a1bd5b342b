"""PortalReports over HTTP: as JSON for the screen, and as CSV. Both are made by :mod:`api.portal.reports`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Annotated
from zoneinfo import available_timezones

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from api.portal.report_models import ReportChoices, ReportView
from api.portal.reports import Compare, PortalReports, ReportQuery, Table, report_table
from api.portal_door import Asks, PortalDoor, PortalUser
from api.problems import FieldError, Problem, RequestError
from api.routes import LIST_PROBLEMS, Audience, UrlRow, binary
from bridge.protocols import Clock
from config.models import Config
from reports.csv_text import csv_text
from reports.parts import Channel, Part
from reports.periods import MOST_STEPS, Every, today
from reports.results import By

#: The longest period of a report, and one told hour by hour.
MOST_DAYS, MOST_DAYS_BY_HOUR = 1100, MOST_STEPS // 24 - 1
ZONES = frozenset(available_timezones())

FirstDay = Annotated[date | None, Query(description="Default: 29 days before the last.")]
LastDay = Annotated[date | None, Query(description="Default: today.")]
Zone = Annotated[str, Query(max_length=64, description="A time zone of the IANA database.")]
Name = Annotated[str, Query(max_length=128)]


class PortalReportEndpoints:
    """Shows reports of calls and of chats."""

    def __init__(
        self, *, config: Callable[[], Config], clock: Clock, reports: PortalReports, door: PortalDoor
    ) -> None:
        self._config = config
        self._clock = clock
        self._reports = reports
        self._door = door

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of reports."""
        at = "/v1/portal/reports"
        return (
            UrlRow("GET", f"{at}/choices", self.choices, "portal_report_choices", Audience.PORTAL,
                  right="reports"),
            UrlRow("GET", f"{at}/{{channel}}", self.report, "portal_report", Audience.PORTAL, LIST_PROBLEMS,
                  right="reports"),
            UrlRow("GET", f"{at}/{{channel}}/csv", self.csv, "portal_report_csv", Audience.PORTAL,
                  LIST_PROBLEMS, answers=binary("text/csv"), right="reports"),
        )  # fmt: skip

    async def choices(self) -> ReportChoices:
        """Sites, routes, queues, agents and zones that a report may be asked for, and every metric."""
        return self._reports.choices()

    async def report(
        self,
        channel: Channel,
        request: Request,
        user: Asks,
        first: FirstDay = None,
        last: LastDay = None,
        zone: Zone = "UTC",
        site: Name = "",
        part: Part = "all",
        value: Name = "",
        by: By | None = None,
        every: Every = "day",
        compare: Compare = "none",
    ) -> ReportView:
        """The metrics of whole days in a zone: all together, by stretches, hours of the week, and a part.

        ``site`` and one ``part`` with its ``value`` narrow it. What is narrowed by a part can be told apart
        by that part and by ``site`` alone. Counts lag behind calls and chats by a few seconds.
        """
        query = self._query(channel, first, last, zone, site, part, value, by, every, compare)
        self._check(request, user, query)
        return await self._reports.report(query)

    async def csv(
        self,
        channel: Channel,
        request: Request,
        user: Asks,
        table: Table = "steps",
        bom: Annotated[bool, Query(description="By which some spreadsheets know UTF-8.")] = False,
        first: FirstDay = None,
        last: LastDay = None,
        zone: Zone = "UTC",
        site: Name = "",
        part: Part = "all",
        value: Name = "",
        by: By | None = None,
        every: Every = "day",
        compare: Compare = "none",
    ) -> Response:
        """One table of the same report as CSV (RFC 4180), for which it takes the same parameters."""
        query = self._query(channel, first, last, zone, site, part, value, by, every, compare)
        self._check(request, user, query)
        head, rows = report_table(await self._reports.report(query), table)
        name = f"{channel}-{table}-{query.first}-{query.last}.csv"
        return Response(
            csv_text(head, rows, bom=bom),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _query(
        self,
        channel: Channel,
        first: date | None,
        last: date | None,
        zone: str,
        site: str,
        part: Part,
        value: str,
        by: By | None,
        every: Every,
        compare: Compare,
    ) -> ReportQuery:
        if zone not in ZONES:
            raise _wrong("zone", "not a time zone of the IANA database, such as America/New_York")
        last = last or today(self._clock.time(), zone)
        first = first or last - timedelta(days=29)
        most = MOST_DAYS_BY_HOUR if every == "hour" else MOST_DAYS
        if first > last:
            raise _wrong("first", "after the last day")
        if (last - first).days >= most:
            raise _wrong("first", f"a report has {most} days at most")
        if not date(2000, 1, 1) <= first or last.year > 2200:
            raise _wrong("first", "between 2000 and 2200")
        return ReportQuery(channel, first, last, zone, site, part, value, by, every, compare)

    def _check(self, request: Request, user: PortalUser, query: ReportQuery) -> None:
        """Numbers of one agent are for those who look after agents."""
        if "agent" in (query.by, query.part):
            self._door.require(request, user, "agents")
        if query.part != "all" and query.by not in (None, "site", query.part):
            raise _wrong("by", f"what is narrowed by {query.part} is told apart by site, or by {query.part}")


def _wrong(parameter: str, message: str) -> RequestError:
    error = FieldError(path=f"query.{parameter}", message=message)
    return RequestError(Problem.VALIDATION_FAILED, errors=[error])
