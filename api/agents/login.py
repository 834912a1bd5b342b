"""Agents over HTTP: log in, log out, who am I."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Security
from fastapi.security import APIKeyCookie
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import sender_of
from api.agents.cookies import SESSION, is_known_device, session_of, set_known_device, set_session
from api.agents.models import AgentLogin, AgentMe
from api.agents.passwords import Passwords
from api.agents.totp import OneTimeCodes
from api.audit import AuditTrail
from api.limits import RequestRate
from api.problems import Problem, RequestError
from api.routes import BODY_PROBLEMS, Audience, UrlRow
from api.sessions import LONGEST, AgentSessions, NotLoggedInError, Origin
from bridge.protocols import Clock
from config.fields import Window
from config.models import Config
from cti.agents import Agents
from notify.wording import one_line

#: Wrong passwords that one address may try; or one browser, if the agent has logged in there before: it is
#: not held to what others try from its address.
TRIES_PER_ADDRESS = TRIES_PER_DEVICE = (Window(10, 900.0),)
#: Wrong passwords for one agent from all unknown browsers together, beyond which each address may try one a
#: minute. A browser in which the agent has logged in before is not held to that: nobody locks an agent out.
TRIES_FROM_ANYWHERE = (Window(50, 900.0),)
TRIES_UNDER_ATTACK = (Window(1, 60.0),)
#: Characters of what a browser calls itself that are kept.
LONGEST_BROWSER = 200

Session = Annotated[
    str | None,
    Security(APIKeyCookie(name=SESSION, scheme_name="agent_session", auto_error=False)),
]


class LoginEndpoints:
    """Logs agents in and out."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        agents: Agents,
        sessions: AgentSessions,
        audit: AuditTrail,
    ) -> None:
        self._config = config
        self._clock = clock
        self._agents = agents
        self._sessions = sessions
        self._audit = audit
        self._passwords = Passwords()
        self._codes = OneTimeCodes()
        self._tries = {kind: RequestRate() for kind in ("address", "device", "anywhere", "attack")}

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of log-ins."""
        refusals = (Problem.LOGIN_REFUSED, Problem.CODE_REQUIRED, Problem.LIMIT_LOGIN)
        return (
            UrlRow("POST", "/v1/agent/login", self.log_in, "agent_login", Audience.OWN_PAGE,
                  (*BODY_PROBLEMS, *refusals)),
            UrlRow("GET", "/v1/agent/me", self.me, "agent_me", problems=(Problem.NOT_LOGGED_IN,)),
            UrlRow("POST", "/v1/agent/logout", self.log_out, "agent_logout", Audience.OWN_PAGE, status=204),
        )  # fmt: skip

    async def log_in(self, wanted: AgentLogin, request: Request, response: Response) -> AgentMe:
        """Log an agent in on this browser. A session that it had ends."""
        config = self._config()
        address = sender_of(request, config.server.trusted_proxies)
        admitted = self._admit(wanted.agent, address, request)
        agent = config.agents.get(wanted.agent)
        right = await self._passwords.right(wanted.password, agent.password_hash if agent else None)
        # A reload may have taken the agent away, or changed the password, while it was tried.
        right = right and self._config().agents.get(wanted.agent) == agent
        if right and agent is not None and agent.totp_secret is not None:
            if wanted.code is None:
                self._forgive(admitted)  # the password is right, and there is more to come
                raise RequestError(Problem.CODE_REQUIRED)
            secret = agent.totp_secret.get_secret_value()
            right = self._codes.right(wanted.agent, secret, wanted.code, self._clock.time())
        if not right:
            self._audit.write(request, "login_failed", agent=one_line(wanted.agent))
            raise RequestError(Problem.LOGIN_REFUSED)
        # A whole office logs in from one address when its shift begins.
        self._forgive(admitted)
        if self._agents.state(wanted.agent) == "offline":
            self._agents.choose(wanted.agent, "away")
        # A session that somebody else's cookie opened in this browser must not become the agent's.
        self._sessions.close(session_of(request, config))
        browser = one_line(request.headers.get("user-agent", ""), LONGEST_BROWSER)
        token = self._sessions.open(wanted.agent, Origin(address, browser))
        set_session(request, response, config, token, int(LONGEST))
        set_known_device(request, response, config, wanted.agent)
        self._audit.write(request, "agent_logged_in", agent=wanted.agent)
        return self.describe(wanted.agent)

    def _forgive(self, admitted: list[tuple[str, str, float]]) -> None:
        for kind, key, at in admitted:
            self._tries[kind].forgive(key, at)

    def _admit(self, agent: str, address: str, request: Request) -> list[tuple[str, str, float]]:
        """Count a try; RequestError where there were too many. Returns what is forgiven if it is right."""
        config, now = self._config(), self._clock.time()
        if (device := is_known_device(request, config, agent)) is not None:
            return [self._count("device", f"{device} {agent}", TRIES_PER_DEVICE, now, agent, request)]
        counted = [self._count("address", address, TRIES_PER_ADDRESS, now, agent, request)]
        if self._tries["anywhere"].admit(agent, TRIES_FROM_ANYWHERE, now) is None:
            return [*counted, ("anywhere", agent, now)]
        of_agent = f"{address} {agent}"
        return [*counted, self._count("attack", of_agent, TRIES_UNDER_ATTACK, now, agent, request)]

    def _count(
        self, kind: str, key: str, windows: tuple[Window, ...], now: float, agent: str, request: Request
    ) -> tuple[str, str, float]:
        wait = self._tries[kind].admit(key, windows, now)
        if wait is not None:
            self._audit.write(request, "login_limited", agent=one_line(agent))
            raise RequestError(Problem.LIMIT_LOGIN, retry_after=wait)
        return kind, key, now

    async def me(self, request: Request, token: Session = None) -> AgentMe:
        """Who is logged in on this browser."""
        try:
            return self.describe(self._sessions.agent_of(session_of(request, self._config())))
        except NotLoggedInError:
            raise RequestError(Problem.NOT_LOGGED_IN) from None

    async def log_out(self, request: Request, response: Response, token: Session = None) -> None:
        """End this browser's session. Without one it changes nothing."""
        config = self._config()
        agent = self._sessions.close(session_of(request, config))
        if agent is not None:
            self._audit.write(request, "agent_logged_out", agent=agent)
        set_session(request, response, config, "", 0)

    def describe(self, agent: str) -> AgentMe:
        """An agent as their own page sees them."""
        label = self._config().agents[agent].label
        return AgentMe(agent=agent, label=label, state=self._agents.state(agent))
