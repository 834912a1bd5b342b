"""The sessions of agents, for the operator: who is logged in where, and an end to it."""

from __future__ import annotations

from starlette.requests import Request

from api.audit import audit
from api.core import Core
from api.problems import Problem, RequestError
from api.wire import SessionList, SessionView


class Sessions:
    """The endpoints of ``/v1/sessions``."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def list(self) -> SessionList:
        """Every session, the one that was opened last first."""
        return SessionList(
            sessions=[
                SessionView(
                    id=each.session_id,
                    agent=each.agent,
                    address=each.origin.address,
                    browser=each.origin.browser,
                    opened_at=each.opened_at,
                    used_at=each.used_at,
                    expires_at=each.expires_at,
                    pages=each.pages,
                )
                for each in self._core.agent_sessions.sessions()
            ]
        )

    async def end(self, session_id: str, request: Request) -> None:
        """End a session at once, even in a call."""
        agent = self._core.agent_sessions.end(session_id)
        if agent is None:
            raise RequestError(Problem.SESSION_UNKNOWN)
        audit(self._core, request, "session_ended", agent=agent, session=session_id)
