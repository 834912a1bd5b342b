"""Reports of agents' time over HTTP: as those of calls and chats, and the spans behind a number."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from api.paging import CursorText, read_cursor
from api.portal.agent_reports import AgentReports, TimeBy, TimeQuery
from api.portal.period_params import MOST_DAYS, Name, PeriodParams
from api.portal.report_models import AgentSpanList, AgentSpanView, ReportView
from api.portal.report_pages import MOST_DAYS_BY_HOUR, csv_file
from api.portal.reports import Compare, Table, report_table
from api.portal.talks import At
from api.portal_audit import PortalAudit
from api.portal_door import Asks, PortalDoor, PortalUser
from api.routes import LIST_PROBLEMS, Audience, UrlRow, binary
from bridge.protocols import Clock
from reports.agent_time import Doing
from reports.periods import Every
from store.agent_time import SpanQuestion, SqlAgentTime
from store.paging import Cursor


class TimeParams(PeriodParams):
    """What a report of agents' time may be asked for."""

    agent: Name = ""
    queue: Name = ""
    by: TimeBy | None = None
    every: Every = "day"
    compare: Compare = "none"


class TimeCsvParams(TimeParams):
    """The same, and which table of it."""

    table: Table = "steps"
    bom: bool = Field(default=False, description="By which some spreadsheets know UTF-8.")


class AgentTimeEndpoints:
    """Shows how long agents did what."""

    def __init__(
        self,
        *,
        clock: Clock,
        reports: AgentReports,
        store: SqlAgentTime,
        door: PortalDoor,
        audit: PortalAudit,
    ) -> None:
        self._clock = clock
        self._reports = reports
        self._store = store
        self._door = door
        self._audit = audit

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses; they stand before those with a channel in the address."""
        at = "/v1/portal/reports/agents"
        return (
            UrlRow("GET", at, self.report, "portal_agent_report", Audience.PORTAL, LIST_PROBLEMS,
                   right="reports"),
            UrlRow("GET", f"{at}/csv", self.csv, "portal_agent_report_csv", Audience.PORTAL, LIST_PROBLEMS,
                   answers=binary("text/csv"), right="reports"),
            UrlRow("GET", f"{at}/spans", self.spans, "portal_agent_spans", Audience.PORTAL, LIST_PROBLEMS,
                   right="agents"),
        )  # fmt: skip

    async def report(self, request: Request, user: Asks, asked: Annotated[TimeParams, Query()]) -> ReportView:
        """How long agents were there and did what, and their occupancy, of whole days in a zone.

        ``queue`` narrows it to the agents whom the queue's routes ring by the settings in force.
        """
        return await self._reports.report(self._query(request, user, asked))

    async def csv(self, request: Request, user: Asks, asked: Annotated[TimeCsvParams, Query()]) -> Response:
        """One table of the same report as CSV (RFC 4180), for which it takes the same parameters."""
        query = self._query(request, user, asked)
        head, rows = report_table(await self._reports.report(query), asked.table)
        return csv_file(f"agents-{asked.table}-{query.first}-{query.last}", head, rows, bom=asked.bom)

    async def spans(
        self,
        since: At,
        until: At,
        request: Request,
        user: Asks,
        agent: Name = "",
        state: Doing | None = None,
        cursor: CursorText = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> AgentSpanList:
        """What agents did within ``since`` <= t < ``until``, the newest first; the audit trail notes it."""
        after = read_cursor(cursor)
        if after is None:
            await self._audit.note(request, user, "agent_time_opened", agent=agent)
        question = SpanQuestion(since, until, (agent,) if agent else None, (state,) if state else None)
        found = await self._store.spans(question, limit + 1, (after.at, after.row_id) if after else None)
        last = found[limit - 1] if len(found) > limit else None
        return AgentSpanList(
            spans=[
                AgentSpanView(
                    agent=each.agent,
                    label=self._reports.label(each.agent),
                    state=each.state,
                    begins=each.begins,
                    ends=None if each.open else each.ends,
                )
                for each in found[:limit]
            ],
            next=str(Cursor(last.begins, last.agent)) if last else None,
        )

    def _query(self, request: Request, user: PortalUser, asked: TimeParams) -> TimeQuery:
        first, last = asked.days(
            self._clock.time(), MOST_DAYS_BY_HOUR if asked.every == "hour" else MOST_DAYS
        )
        # Numbers of one agent are for those who look after agents.
        if asked.agent or asked.by == "agent":
            self._door.require(request, user, "agents")
        return TimeQuery(
            first, last, asked.zone, asked.agent, asked.queue, asked.by, asked.every, asked.compare
        )
