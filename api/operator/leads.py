"""Leads and answer times, for the operator and their customers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field
from starlette.requests import Request

from api.askers import Whose
from api.audit import AuditTrail
from api.lead_reports import KeptPromises, PromiseReport, Since, Until, promise_report
from api.lead_views import LeadCounts, LeadDetail, LeadEntry, LeadView
from api.lead_work import LeadListName, LeadWork
from api.paging import CursorText, PageSize, read_cursor
from api.problems import FieldError, Problem, RequestError
from api.routes import LIST_PROBLEMS, Audience, UrlRow
from leads.records import PromiseKey


class LeadPage(BaseModel):
    """A page of leads, for operators."""

    leads: list[LeadEntry]
    counts: LeadCounts
    next: str | None = Field(description="`cursor` of the next page; None on the last.")


class LeadReportEndpoints:
    """Lists leads, and tells how promises were kept."""

    def __init__(
        self,
        *,
        work: LeadWork,
        store: KeptPromises,
        audit: AuditTrail,
    ) -> None:
        self._work = work
        self._store = store
        self._audit = audit

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of leads and answer times."""
        one = (Problem.LEAD_UNKNOWN, Problem.STORE_UNAVAILABLE)
        return (
            UrlRow("GET", "/v1/leads", self.list, "leads", Audience.OPERATOR, LIST_PROBLEMS),
            UrlRow("GET", "/v1/leads/{lead_id}", self.look, "lead", Audience.OPERATOR, one),
            UrlRow(
                "GET", "/v1/reports/promises", self.promises, "promises", Audience.OPERATOR, LIST_PROBLEMS
            ),
        )

    async def list(
        self,
        asker: Whose,
        view: LeadListName | Literal["closed"] = "open",
        cursor: CursorText = None,
        limit: PageSize = 100,
    ) -> LeadPage:
        """Open leads, the most urgent first; or closed ones, the newest first."""
        who = LeadView(asker.sites)
        if view == "closed":
            page = await self._work.closed(who, read_cursor(cursor), limit)
        elif cursor is not None and not cursor.isdecimal():
            wrong = FieldError(path="query.cursor", message="not a cursor that this server gave")
            raise RequestError(Problem.VALIDATION_FAILED, errors=[wrong])
        else:
            page = self._work.list(who, view, "", int(cursor or 0), limit)
        return LeadPage(leads=page.leads, counts=page.counts, next=page.next)

    async def look(self, lead_id: str, request: Request, asker: Whose) -> LeadDetail:
        """One lead with its contacts and its chat."""
        found = await self._work.look(LeadView(asker.sites), lead_id)
        self._audit.write(request, "lead_seen", lead_id=lead_id)
        return found

    async def promises(
        self, asker: Whose, by: PromiseKey = "promise", since: Since = 0.0, until: Until = 9e12
    ) -> PromiseReport:
        """How many promises were kept and broken, and how long answers took."""
        return await promise_report(self._store, by, since, until, asker.sites)
