"""Agents over HTTP: log in, log out, who am I."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Security
from fastapi.security import APIKeyCookie
from starlette.requests import Request
from starlette.responses import Response

from api.accounts import agents_of
from api.agents.models import AgentLogin, AgentMe
from api.audit import AuditTrail
from api.cookies import AGENT_COOKIES
from api.logins import Logins
from api.problems import Problem
from api.routes import BODY_PROBLEMS, LOGIN_PROBLEMS, Audience, UrlRow
from api.sessions import LoginSessions
from bridge.protocols import Clock
from config.models import Config
from cti.agents import Agents

Session = Annotated[
    str | None,
    Security(APIKeyCookie(name=AGENT_COOKIES.session, scheme_name="agent_session", auto_error=False)),
]


class LoginEndpoints:
    """Logs agents in and out."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        agents: Agents,
        sessions: LoginSessions,
        audit: AuditTrail,
    ) -> None:
        self._config = config
        self._agents = agents
        self._logins = Logins(
            "agent",
            agents_of(config),
            AGENT_COOKIES,
            config=config,
            clock=clock,
            sessions=sessions,
            audit=audit,
        )

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of log-ins."""
        return (
            UrlRow("POST", "/v1/agent/login", self.log_in, "agent_login", Audience.OWN_PAGE,
                  (*BODY_PROBLEMS, *LOGIN_PROBLEMS)),
            UrlRow("GET", "/v1/agent/me", self.me, "agent_me", problems=(Problem.NOT_LOGGED_IN,)),
            UrlRow("POST", "/v1/agent/logout", self.log_out, "agent_logout", Audience.OWN_PAGE, status=204),
        )  # fmt: skip

    async def log_in(self, wanted: AgentLogin, request: Request, response: Response) -> AgentMe:
        """Log an agent in on this browser. A session that it had ends."""
        await self._logins.log_in(
            request, response, name=wanted.agent, password=wanted.password, code=wanted.code
        )
        if self._agents.state(wanted.agent) == "offline":
            self._agents.choose(wanted.agent, "away")
        return self.describe(wanted.agent)

    async def me(self, request: Request, token: Session = None) -> AgentMe:
        """Who is logged in on this browser."""
        return self.describe(self._logins.who(request))

    async def log_out(self, request: Request, response: Response, token: Session = None) -> None:
        """End this browser's session. Without one it changes nothing."""
        self._logins.log_out(request, response)

    def describe(self, agent: str) -> AgentMe:
        """An agent as their own page sees them."""
        label = self._config().agents[agent].label
        return AgentMe(agent=agent, label=label, state=self._agents.state(agent))
