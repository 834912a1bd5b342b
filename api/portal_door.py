"""Who may what at the portal: each row of its addresses names the right that it needs, and this checks it.

An endpoint takes an :data:`Asks` parameter to be told who asks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import APIKeyCookie
from starlette.requests import HTTPConnection

from api.audit import AuditTrail
from api.cookies import PORTAL_COOKIES
from api.origins import same_origin
from api.problems import Problem, RequestError
from api.routes import route_of
from api.sessions import LoginSessions, NotLoggedInError
from config.models import Config
from config.sections.operators import OperatorRight

#: Methods that change nothing (RFC 9110 section 9.2.1).
_SAFE = frozenset({"GET", "HEAD"})

PortalCookie = Annotated[
    str | None,
    Security(APIKeyCookie(name=PORTAL_COOKIES.session, scheme_name="portal_session", auto_error=False)),
]


@dataclass(frozen=True, slots=True)
class PortalUser:
    """An operator who is logged in, as the settings have them now."""

    name: str
    label: str
    rights: frozenset[OperatorRight]

    def may(self, right: OperatorRight) -> bool:
        """Whether they have this right."""
        return right in self.rights


class PortalDoor:
    """Finds out who asks, and refuses those who may not."""

    def __init__(self, *, config: Callable[[], Config], sessions: LoginSessions, audit: AuditTrail) -> None:
        self._config = config
        self.sessions = sessions
        self._audit = audit

    def guard(self, right: OperatorRight | None) -> Callable[..., Awaitable[None]]:
        """What lets operators with this right pass, and notes who it is for the endpoint.

        RequestError: ``not_logged_in``, ``right_missing``, and ``origin_refused`` for a change that a page of
        somebody else asks for.
        """

        async def passes(connection: HTTPConnection, cookie: PortalCookie = None) -> None:
            user = self.user(connection)
            if connection.scope["method"] not in _SAFE and not same_origin(
                connection.headers, self._config()
            ):
                raise RequestError(
                    Problem.ORIGIN_REFUSED, detail="Origin is neither public_url's nor this host's."
                )
            if right is not None:
                self.require(connection, user, right)
            connection.state.portal_user = user

        return passes

    def user(self, connection: HTTPConnection) -> PortalUser:
        """Who is logged in on this browser; RequestError ``not_logged_in``."""
        config = self._config()
        try:
            name = self.sessions.name_of(PORTAL_COOKIES.session_of(connection, config))
        except NotLoggedInError:
            raise RequestError(Problem.NOT_LOGGED_IN) from None
        return self.describe(name)

    def describe(self, name: str) -> PortalUser:
        """An operator of the settings."""
        operator = self._config().operators[name]
        return PortalUser(name, operator.label, frozenset(operator.rights))

    def require(self, connection: HTTPConnection, user: PortalUser, right: OperatorRight) -> None:
        """Refuse who lacks a right, where the address alone does not tell which one is needed."""
        if not user.may(right):
            self._audit.write(
                connection, "right_missing", operator=user.name, right=right, path=route_of(connection.scope)
            )
            raise RequestError(Problem.RIGHT_MISSING, detail=f'This needs the right "{right}".')


def _asks(connection: HTTPConnection) -> PortalUser:
    """Who asks; an error where no guard has looked: then nothing may be shown."""
    user: PortalUser = connection.state.portal_user
    return user


#: A parameter of an endpoint behind ``Audience.PORTAL``.
Asks = Annotated[PortalUser, Depends(_asks)]
