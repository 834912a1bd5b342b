"""The sessions of agents, for the operator: who is logged in where, and an end to it."""

from __future__ import annotations

from starlette.requests import Request

from api.audit import AuditTrail
from api.operator.models import SessionList, SessionView
from api.problems import Problem, RequestError
from api.routes import Audience, UrlRow
from api.sessions import LoginSessions


class SessionEndpoints:
    """Shows and ends sessions."""

    def __init__(self, sessions: LoginSessions, audit: AuditTrail) -> None:
        self._sessions = sessions
        self._audit = audit

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of sessions."""
        session, unknown = "/v1/sessions/{session_id}", (Problem.SESSION_UNKNOWN,)
        return (
            UrlRow("GET", "/v1/sessions", self.list, "sessions", Audience.SERVER),
            UrlRow("DELETE", session, self.end, "end_session", Audience.SERVER, unknown, status=204),
        )

    async def list(self) -> SessionList:
        """Every session, the one that was opened last first."""
        return SessionList(
            sessions=[
                SessionView(
                    id=each.session_id,
                    agent=each.name,
                    address=each.origin.address,
                    browser=each.origin.browser,
                    opened_at=each.opened_at,
                    used_at=each.used_at,
                    expires_at=each.expires_at,
                    pages=each.pages,
                )
                for each in self._sessions.sessions()
            ]
        )

    async def end(self, session_id: str, request: Request) -> None:
        """End a session at once, even in a call."""
        agent = self._sessions.end(session_id)
        if agent is None:
            raise RequestError(Problem.SESSION_UNKNOWN)
        self._audit.write(request, "session_ended", agent=agent, session=session_id)
