"""Agents over HTTP: log in, log out, who am I."""

from __future__ import annotations

from typing import Annotated

from fastapi import Security
from fastapi.security import APIKeyCookie
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import sender_of
from api.agents.cookies import SESSION, is_known_device, session_of, set_known_device, set_session
from api.agents.passwords import Passwords
from api.agents.sessions import LONGEST, NotLoggedInError, Origin
from api.agents.totp import OneTimeCodes
from api.audit import audit
from api.core import Core
from api.limits import RequestRate
from api.origins import same_origin
from api.problems import Problem, RequestError
from api.wire import AgentLogin, AgentMe
from config.fields import Window
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


class AgentLogins:
    """The endpoints of ``/v1/agent``."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._passwords = Passwords()
        self._codes = OneTimeCodes()
        self._tries = {kind: RequestRate() for kind in ("address", "device", "anywhere", "attack")}

    async def own_page(self, request: Request) -> None:
        """Let pages of our own pass: a foreign one must log nobody in or out."""
        if not same_origin(request.headers, self._core.config()):
            raise RequestError(
                Problem.ORIGIN_REFUSED, detail="Origin is neither public_url's nor this host's."
            )

    async def log_in(self, wanted: AgentLogin, request: Request, response: Response) -> AgentMe:
        """Log an agent in on this browser. A session that it had ends."""
        config = self._core.config()
        address = sender_of(request, config.server.trusted_proxies)
        admitted = self._admit(wanted.agent, address, request)
        agent = config.agents.get(wanted.agent)
        right = await self._passwords.right(wanted.password, agent.password_hash if agent else None)
        # A reload may have taken the agent away, or changed the password, while it was tried.
        right = right and self._core.config().agents.get(wanted.agent) == agent
        if right and agent is not None and agent.totp_secret is not None:
            if wanted.code is None:
                self._forgive(admitted)  # the password is right, and there is more to come
                raise RequestError(Problem.CODE_REQUIRED)
            secret = agent.totp_secret.get_secret_value()
            right = self._codes.right(wanted.agent, secret, wanted.code, self._core.clock.time())
        if not right:
            audit(self._core, request, "login_failed", agent=one_line(wanted.agent))
            raise RequestError(Problem.LOGIN_REFUSED)
        # A whole office logs in from one address when its shift begins.
        self._forgive(admitted)
        if self._core.agents.state(wanted.agent) == "offline":
            self._core.agents.choose(wanted.agent, "away")
        # Whoever put a session's cookie into this browser must not be in the agent's.
        self._core.agent_sessions.close(session_of(request, config))
        browser = one_line(request.headers.get("user-agent", ""), LONGEST_BROWSER)
        token = self._core.agent_sessions.open(wanted.agent, Origin(address, browser))
        set_session(request, response, config, token, int(LONGEST))
        set_known_device(request, response, config, wanted.agent)
        audit(self._core, request, "agent_logged_in", agent=wanted.agent)
        return self.describe(wanted.agent)

    def _forgive(self, admitted: list[tuple[str, str, float]]) -> None:
        for kind, key, at in admitted:
            self._tries[kind].forgive(key, at)

    def _admit(self, agent: str, address: str, request: Request) -> list[tuple[str, str, float]]:
        """Count a try; RequestError where there were too many. Returns what is forgiven if it is right."""
        config, now = self._core.config(), self._core.clock.time()
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
            audit(self._core, request, "login_limited", agent=one_line(agent))
            raise RequestError(Problem.LIMIT_LOGIN, retry_after=wait)
        return kind, key, now

    async def me(self, request: Request, token: Session = None) -> AgentMe:
        """Who is logged in on this browser."""
        try:
            return self.describe(self._core.agent_sessions.agent_of(session_of(request, self._core.config())))
        except NotLoggedInError:
            raise RequestError(Problem.NOT_LOGGED_IN) from None

    async def log_out(self, request: Request, response: Response, token: Session = None) -> None:
        """End this browser's session. Without one it changes nothing."""
        config = self._core.config()
        agent = self._core.agent_sessions.close(session_of(request, config))
        if agent is not None:
            audit(self._core, request, "agent_logged_out", agent=agent)
        set_session(request, response, config, "", 0)

    def describe(self, agent: str) -> AgentMe:
        """An agent as their own page sees them."""
        label = self._core.config().agents[agent].label
        return AgentMe(agent=agent, label=label, state=self._core.agents.state(agent))
