"""Leads on the agents' page: look, take, give back, call with one click, close with a code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel
from starlette.requests import Request

from api.agents.login import Session
from api.audit import AuditTrail
from api.cookies import AGENT_COOKIES
from api.lead_views import LeadDetail, LeadDone, LeadList, LeadView, agent_view
from api.lead_work import LeadListName, LeadWork
from api.problems import FieldError, Problem, RequestError
from api.routes import BODY_PROBLEMS, Audience, UrlRow
from api.sessions import LoginSessions, NotLoggedInError
from config.base import AGENT
from config.models import Config
from leads.watchers import LeadWatchers


class LeadCall(BaseModel):
    """The call that answers a lead."""

    call_id: str


Search = Annotated[str, Query(max_length=100, description="Part of a name, number, address or word.")]
Start = Annotated[int, Query(ge=0, le=1_000_000)]
PageOf = Annotated[int, Query(ge=1, le=500)]


class AgentLeadEndpoints:
    """Who is logged in works on the leads that are theirs, or nobody's."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        sessions: LoginSessions,
        work: LeadWork,
        watchers: LeadWatchers,
        audit: AuditTrail,
    ) -> None:
        self._config = config
        self._sessions = sessions
        self._work = work
        self._watchers = watchers
        self._audit = audit

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of leads for agents."""
        one = (Problem.NOT_LOGGED_IN, Problem.LEAD_UNKNOWN, Problem.STORE_UNAVAILABLE)
        do = (*one, Problem.LEAD_OVER, Problem.LEAD_TAKEN)
        full = (Problem.SPEND_CAP, Problem.OUT_OF_CAPACITY, Problem.DRAINING)
        call = (*do, Problem.LEAD_NO_NUMBER, Problem.LEAD_NO_PHONE, *full)
        path, own = "/v1/agent/leads", Audience.OWN_PAGE
        return (
            UrlRow("GET", path, self.list, "agent_leads",
                   problems=(Problem.NOT_LOGGED_IN, Problem.VALIDATION_FAILED)),
            UrlRow("GET", f"{path}/{{lead_id}}", self.look, "agent_lead", problems=one),
            UrlRow("POST", f"{path}/{{lead_id}}/take", self.take, "take_lead", own, do),
            UrlRow("POST", f"{path}/{{lead_id}}/release", self.release, "release_lead", own, do),
            UrlRow("POST", f"{path}/{{lead_id}}/answered", self.answered, "answer_lead", own, do),
            UrlRow("POST", f"{path}/{{lead_id}}/call", self.call, "call_lead", own, call),
            UrlRow("POST", f"{path}/{{lead_id}}/done", self.done, "close_lead", own, (*BODY_PROBLEMS, *do)),
        )  # fmt: skip

    async def list(
        self,
        request: Request,
        token: Session = None,
        view: LeadListName = "open",
        search: Search = "",
        start: Start = 0,
        limit: PageOf = 100,
    ) -> LeadList:
        """The open leads of the agent and their team, the most urgent first."""
        who = self._view(request)
        self._watchers.asked(f"{AGENT}{who.agent}")
        return self._work.list(who, view, search, start, limit)

    async def look(self, lead_id: str, request: Request, token: Session = None) -> LeadDetail:
        """One lead: what is known of the shopper, what happened, and their chat."""
        who = self._view(request)
        found = await self._work.look(who, lead_id)
        self._audit.write(request, "lead_seen", agent=who.agent, lead_id=lead_id)
        return found

    async def take(self, lead_id: str, request: Request, token: Session = None) -> LeadDetail:
        """Make it the agent's own."""
        return await self._work.take(self._view(request), lead_id)

    async def release(self, lead_id: str, request: Request, token: Session = None) -> LeadDetail:
        """Give it back to the team."""
        return await self._work.release(self._view(request), lead_id)

    async def answered(self, lead_id: str, request: Request, token: Session = None) -> LeadDetail:
        """The agent has written to the shopper: that is an answer, and the lead stays open."""
        return await self._work.answered(self._view(request), lead_id)

    async def call(self, lead_id: str, request: Request, token: Session = None) -> LeadCall:
        """Ring the agent's own phones, then the shopper's; the lead becomes the agent's."""
        return LeadCall(call_id=await self._work.call(self._view(request), lead_id))

    async def done(
        self, lead_id: str, wanted: LeadDone, request: Request, token: Session = None
    ) -> LeadDetail:
        """Close it."""
        who = self._view(request)
        codes = self._config().desk_of(who.agent).codes
        if wanted.code and wanted.code not in codes:
            wrong = FieldError(path="code", message="no code of the settings")
            raise RequestError(Problem.VALIDATION_FAILED, errors=[wrong])
        return await self._work.close(who, lead_id, wanted.code, wanted.note.strip())

    def _view(self, request: Request) -> LeadView:
        try:
            agent = self._sessions.name_of(AGENT_COOKIES.session_of(request, self._config()))
        except NotLoggedInError:
            raise RequestError(Problem.NOT_LOGGED_IN) from None
        return agent_view(agent, self._config())
