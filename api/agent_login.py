"""Agents over HTTP: log in, log out, who am I."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Security
from fastapi.security import APIKeyCookie
from starlette.requests import Request
from starlette.responses import Response

from api.addresses import sender_of
from api.agent_sessions import LIFETIME, NotLoggedInError
from api.core import Core
from api.limits import RequestRate
from api.origins import same_origin
from api.passwords import Passwords
from api.problems import Problem, RequestError
from api.wire import AgentLogin, AgentMe
from config.fields import Window

COOKIE = "ringback_agent"
#: Wrong passwords that one address may try, and that may be tried for one agent.
TRIES_PER_ADDRESS = (Window(10, 900.0),)
TRIES_PER_AGENT = (Window(50, 900.0),)

Cookie = Annotated[
    str | None,
    Security(APIKeyCookie(name=COOKIE, scheme_name="agent_session", auto_error=False)),
]


class AgentLogins:
    """The endpoints of ``/v1/agent``."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._passwords = Passwords()
        self._by_address = RequestRate()
        self._by_agent = RequestRate()

    async def own_page(self, request: Request) -> None:
        """Let pages of our own pass: a foreign one must log nobody in or out."""
        if not same_origin(request.headers, self._core.config().server.public_url):
            raise RequestError(
                Problem.ORIGIN_REFUSED, detail="Origin is neither server.public_url's nor this host's."
            )

    async def log_in(self, wanted: AgentLogin, request: Request, response: Response) -> AgentMe:
        """Log an agent in on this browser."""
        config = self._core.config()
        now = self._core.clock.time()
        address = sender_of(request, config.server.trusted_proxies)
        for rate, key, windows in (
            (self._by_address, address, TRIES_PER_ADDRESS),
            (self._by_agent, wanted.agent, TRIES_PER_AGENT),
        ):
            wait = rate.admit(key, windows, now)
            if wait is not None:
                raise RequestError(Problem.LIMIT_LOGIN, retry_after=wait)
        agent = config.agents.get(wanted.agent)
        right = await self._passwords.right(wanted.password, agent.password_hash if agent else None)
        # A reload may have taken the agent away, or changed the password, while it was tried.
        if not right or self._core.config().agents.get(wanted.agent) != agent:
            raise RequestError(Problem.LOGIN_REFUSED)
        # A whole office logs in from one address when its shift begins.
        self._by_address.forgive(address, now)
        self._by_agent.forgive(wanted.agent, now)
        if self._core.agents.state(wanted.agent) == "offline":
            self._core.agents.choose(wanted.agent, "away")
        token = self._core.agent_sessions.open(wanted.agent)
        self._set_cookie(response, token, int(LIFETIME))
        return self.describe(wanted.agent)

    async def me(self, token: Cookie = None) -> AgentMe:
        """Who is logged in on this browser."""
        try:
            return self.describe(self._core.agent_sessions.agent_of(token or ""))
        except NotLoggedInError:
            raise RequestError(Problem.NOT_LOGGED_IN) from None

    async def log_out(self, response: Response, token: Cookie = None) -> None:
        """End this browser's session. Without one it changes nothing."""
        self._core.agent_sessions.close(token or "")
        self._set_cookie(response, "", 0)

    def describe(self, agent: str) -> AgentMe:
        """An agent as their own page sees them."""
        label = self._core.config().agents[agent].label
        return AgentMe(agent=agent, label=label, state=self._core.agents.state(agent))

    def _set_cookie(self, response: Response, value: str, max_age: int) -> None:
        public = urlsplit(self._core.config().server.public_url)
        response.set_cookie(
            COOKIE,
            value,
            max_age=max_age,
            path=f"{public.path.rstrip('/')}/v1/agent",
            secure=public.scheme == "https",
            httponly=True,
            samesite="strict",
        )
