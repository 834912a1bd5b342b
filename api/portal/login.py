"""Operators over HTTP: log in, log out, who am I."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from api.accounts import operators_of
from api.audit import AuditTrail
from api.cookies import PORTAL_COOKIES
from api.logins import Logins
from api.portal.models import OperatorLogin, OperatorMe
from api.portal_door import Asks, PortalDoor, PortalUser
from api.routes import BODY_PROBLEMS, LOGIN_PROBLEMS, Audience, UrlRow
from bridge.protocols import Clock
from config.models import Config


class PortalLoginEndpoints:
    """Logs operators in and out."""

    def __init__(
        self, *, config: Callable[[], Config], clock: Clock, door: PortalDoor, audit: AuditTrail
    ) -> None:
        self._door = door
        self._logins = Logins(
            "operator",
            operators_of(config),
            PORTAL_COOKIES,
            config=config,
            clock=clock,
            sessions=door.sessions,
            audit=audit,
        )

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of log-ins."""
        return (
            UrlRow("POST", "/v1/portal/login", self.log_in, "portal_login", Audience.OWN_PAGE,
                  (*BODY_PROBLEMS, *LOGIN_PROBLEMS)),
            UrlRow("GET", "/v1/portal/me", self.me, "portal_me", Audience.PORTAL),
            UrlRow("POST", "/v1/portal/logout", self.log_out, "portal_logout", Audience.OWN_PAGE, status=204),
        )  # fmt: skip

    async def log_in(self, wanted: OperatorLogin, request: Request, response: Response) -> OperatorMe:
        """Log an operator in on this browser. A session that it had ends."""
        await self._logins.log_in(
            request, response, name=wanted.operator, password=wanted.password, code=wanted.code
        )
        return _view(self._door.describe(wanted.operator))

    async def me(self, user: Asks) -> OperatorMe:
        """Who is logged in on this browser, and what they may do."""
        return _view(user)

    async def log_out(self, request: Request, response: Response) -> None:
        """End this browser's session. Without one it changes nothing."""
        self._logins.log_out(request, response)


def _view(user: PortalUser) -> OperatorMe:
    return OperatorMe(operator=user.name, label=user.label, rights=sorted(user.rights))
