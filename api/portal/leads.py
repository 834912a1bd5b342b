"""Leads in the portal, for operators who may ``look``."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from starlette.requests import Request

from api.lead_reports import KeptPromises, PromiseReport, Since, Until, promise_report
from api.lead_views import LeadDetail, LeadList, LeadView
from api.lead_work import LeadListName, LeadWork
from api.paging import read_cursor
from api.portal_audit import PortalAudit
from api.portal_door import Asks
from api.problems import Problem
from api.routes import LIST_PROBLEMS, Audience, UrlRow
from leads.records import PromiseKey


class PortalLeadEndpoints:
    """Lists leads, shows one, and tells how promises were kept. Nobody is called from the portal."""

    def __init__(
        self,
        *,
        work: LeadWork,
        store: KeptPromises,
        audit: PortalAudit,
    ) -> None:
        self._work = work
        self._store = store
        self._audit = audit

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of leads in the portal."""
        one = (Problem.LEAD_UNKNOWN, Problem.STORE_UNAVAILABLE)
        return (
            UrlRow("GET", "/v1/portal/leads", self.list, "portal_leads", Audience.PORTAL, LIST_PROBLEMS,
                  right="look"),
            UrlRow("GET", "/v1/portal/leads/{lead_id}", self.look, "portal_lead", Audience.PORTAL, one,
                  right="look"),
            UrlRow("GET", "/v1/portal/promises", self.promises, "portal_promises", Audience.PORTAL,
                  LIST_PROBLEMS, right="look"),
        )  # fmt: skip

    async def list(
        self,
        view: LeadListName | Literal["closed"] = "open",
        search: Annotated[str, Query(max_length=100)] = "",
        start: Annotated[str, Query(max_length=256, description="next of the page before.")] = "",
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> LeadList:
        """Open leads, the most urgent first; or closed ones, the newest first."""
        who = LeadView(None)
        if view != "closed":
            return self._work.list(who, view, search, int(start) if start.isdecimal() else 0, limit)
        return await self._work.closed(who, read_cursor(start or None), limit)

    async def look(self, lead_id: str, request: Request, user: Asks) -> LeadDetail:
        """One lead with its contacts and its chat; the audit trail says who looked."""
        found = await self._work.look(LeadView(None), lead_id)
        await self._audit.note(request, user, "lead_opened", lead_id=lead_id)
        return found

    async def promises(
        self, by: PromiseKey = "promise", since: Since = 0.0, until: Until = 9e12
    ) -> PromiseReport:
        """How many promises were kept and broken, and how long answers took."""
        return await promise_report(self._store, by, since, until, None)
