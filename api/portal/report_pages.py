"""PortalReports over HTTP: as JSON for the screen, and as CSV. Both are made by :mod:`api.portal.reports`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.portal.period_params import MOST_DAYS, Name, PeriodParams, wrong_parameter
from api.portal.report_models import ReportChoices, ReportView
from api.portal.reports import Compare, PortalReports, ReportQuery, Table, report_table
from api.portal_door import Asks, PortalDoor, PortalUser
from api.routes import LIST_PROBLEMS, Audience, UrlRow, binary
from bridge.protocols import Clock
from reports.csv_text import csv_text
from reports.parts import Channel, Part
from reports.periods import MOST_STEPS, Every
from reports.results import By

#: The longest report that is told hour by hour, in days.
MOST_DAYS_BY_HOUR = MOST_STEPS // 24 - 1


def csv_file(
    name: str, head: Sequence[str], rows: Iterable[Sequence[str | float | None]], *, bom: bool
) -> Response:
    """A table as a file to download; ``name`` without its ending."""
    return Response(
        csv_text(head, rows, bom=bom),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


class ReportParams(PeriodParams):
    """What a report may be asked for."""

    part: Part = "all"
    value: Name = ""
    also: Part = "all"
    also_value: Name = ""
    by: By | None = None
    every: Every = "day"
    compare: Compare = "none"


class CsvParams(ReportParams):
    """The same, and which table of it."""

    table: Table = "steps"
    bom: bool = Field(default=False, description="By which some spreadsheets know UTF-8.")


class PortalReportEndpoints:
    """Shows reports of calls and of chats."""

    def __init__(self, *, clock: Clock, reports: PortalReports, door: PortalDoor) -> None:
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
        self, channel: Channel, request: Request, user: Asks, asked: Annotated[ReportParams, Query()]
    ) -> ReportView:
        """The metrics of whole days in a zone: all together, by stretches, hours of the week, and a part.

        ``site``, a ``part`` with its ``value``, and another, ``also``, narrow it. Where more than one part is
        asked for, ``by`` too, it is counted from the calls or chats that are kept: see ``kept``. Counts lag
        behind calls and chats by a few seconds.
        """
        return await self._reports.report(self._query(channel, request, user, asked))

    async def csv(
        self, channel: Channel, request: Request, user: Asks, asked: Annotated[CsvParams, Query()]
    ) -> Response:
        """One table of the same report as CSV (RFC 4180), for which it takes the same parameters."""
        query = self._query(channel, request, user, asked)
        head, rows = report_table(await self._reports.report(query), asked.table)
        return csv_file(f"{channel}-{asked.table}-{query.first}-{query.last}", head, rows, bom=asked.bom)

    def _query(
        self, channel: Channel, request: Request, user: PortalUser, asked: ReportParams
    ) -> ReportQuery:
        most = MOST_DAYS_BY_HOUR if asked.every == "hour" else MOST_DAYS
        first, last = asked.days(self._clock.time(), most)
        # Numbers of one agent are for those who look after agents.
        if "agent" in (asked.by, asked.part, asked.also):
            self._door.require(request, user, "agents")
        if asked.also != "all" and asked.also == asked.part:
            raise wrong_parameter("also", f"it is narrowed by {asked.part} already")
        return ReportQuery(
            channel,
            first,
            last,
            asked.zone,
            asked.site,
            asked.part,
            asked.value,
            asked.by,
            asked.every,
            asked.compare,
            asked.also,
            asked.also_value,
        )
