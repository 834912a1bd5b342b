"""Who may: the operator by the admin key, a customer by theirs, a shopper's page by its call's token."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Annotated, Any

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from api.askers import SERVER, Asker, asks
from api.audit import AuditTrail
from api.digests import digest_of
from api.origins import same_origin
from api.portal_door import PortalDoor
from api.problems import Problem, RequestError
from api.routes import Audience, UrlRow, route_of
from api.tokens import CallTokens
from config.models import Config

AdminKey = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(
        HTTPBearer(
            auto_error=False,
            scheme_name="admin_key",
            description="server.admin_key, or a customer's: it opens what is of the customer's own sites",
        )
    ),
]
CallToken = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(
        HTTPBearer(
            auto_error=False, scheme_name="call_token", description="The call's token, or the admin key"
        )
    ),
]

#: What a guard may answer.
GUARD_PROBLEMS = {
    Audience.ANYONE: (),
    Audience.CALL: (Problem.CALL_UNKNOWN, Problem.STORE_UNAVAILABLE),
    Audience.OPERATOR: (Problem.ADMIN_KEY_WRONG, Problem.ADMIN_CLOSED),
    Audience.SERVER: (Problem.ADMIN_KEY_WRONG, Problem.ADMIN_CLOSED, Problem.ADMIN_KEY_LIMITED),
    Audience.OWN_PAGE: (Problem.ORIGIN_REFUSED,),
    Audience.PORTAL: (Problem.NOT_LOGGED_IN, Problem.RIGHT_MISSING, Problem.ORIGIN_REFUSED),
}


class Access:
    """Checks credentials; every comparison takes the same time whatever is wrong.

    ``site_of(call_id)`` tells the site of a call, empty for one that nobody knows; it may raise StoreError.
    """

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        tokens: CallTokens,
        site_of: Callable[[str], Awaitable[str]],
        audit: AuditTrail,
        portal: PortalDoor,
    ) -> None:
        self._config = config
        self._tokens = tokens
        self._site_of = site_of
        self._audit = audit
        self._portal = portal

    def dependencies(self, row: UrlRow) -> list[Any]:
        """What FastAPI calls before the endpoint of a row."""
        if row.guard is Audience.PORTAL:
            return [Depends(self._portal.guard(row.right))]
        guards: Mapping[Audience, list[Any]] = {
            Audience.ANYONE: [],
            Audience.CALL: [Depends(self.call)],
            Audience.OPERATOR: [Depends(self.operator)],
            Audience.SERVER: [Depends(self.server_operator)],
            Audience.OWN_PAGE: [Depends(self.own_page)],
        }
        return guards[row.guard]

    async def operator(self, credentials: AdminKey, connection: HTTPConnection) -> None:
        """Let the holder of a key pass, and note whose it is for the endpoint.

        ``admin_closed`` or ``admin_key_wrong`` for anybody else.
        """
        asker = self._asker(credentials.credentials if credentials else "")
        if asker is None:
            if not any(True for _ in self._keys()):
                raise RequestError(Problem.ADMIN_CLOSED)
            self._audit.write(connection, "admin_key_wrong", path=route_of(connection.scope))
            raise RequestError(Problem.ADMIN_KEY_WRONG, headers={"WWW-Authenticate": "Bearer"})
        asks(connection, asker)

    async def server_operator(self, credentials: AdminKey, connection: HTTPConnection) -> None:
        """As ``operator``, for what concerns the whole server: ``admin_key_limited`` for a customer."""
        await self.operator(credentials, connection)
        if not self.is_admin(credentials):
            self._audit.write(connection, "admin_key_limited", path=route_of(connection.scope))
            raise RequestError(Problem.ADMIN_KEY_LIMITED)

    def is_admin(self, credentials: AdminKey) -> bool:
        """Whether it is the operator of the server who asks."""
        return credentials is not None and self._asker(credentials.credentials) == SERVER

    async def call(self, call_id: str, credentials: CallToken, connection: HTTPConnection) -> None:
        """Let the holder of the call's token or its operator pass; ``call_unknown`` for anybody else."""
        secret = credentials.credentials if credentials else ""
        asker = self._asker(secret)
        if asker is None:
            if not self.opens(call_id, secret, connection.headers.get("origin")):
                raise RequestError(Problem.CALL_UNKNOWN)
        elif asker != SERVER and not asker.sees(await self._site_of(call_id)):
            raise RequestError(Problem.CALL_UNKNOWN)

    def opens(self, call_id: str, secret: str, origin: str | None) -> bool:
        """Whether the token opens the call, to a page of this origin if to a page."""
        return self._tokens.opens(call_id, secret, origin)

    async def own_page(self, connection: HTTPConnection) -> None:
        """Let pages of our own pass: a foreign one must log nobody in or out."""
        if not same_origin(connection.headers, self._config()):
            raise RequestError(
                Problem.ORIGIN_REFUSED, detail="Origin is neither public_url's nor this host's."
            )

    def _asker(self, secret: str) -> Asker | None:
        """Whose key it is; the settings see to it that no two are the same."""
        found: Asker | None = None
        for asker, key in self._keys():
            if hmac.compare_digest(digest_of(key), digest_of(secret)):
                found = asker
        return found

    def _keys(self) -> Iterator[tuple[Asker, str]]:
        config = self._config()
        for name, customer in config.customers.items():
            if customer.admin_key is not None:
                yield Asker(name, config.sites_of(name)), customer.admin_key.get_secret_value()
        if config.server.admin_key is not None:
            yield SERVER, config.server.admin_key.get_secret_value()
