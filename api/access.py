"""Who may: the operator by the admin key, a shopper's page by its call's token."""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated

from fastapi import Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from api.audit import audit
from api.core import Core
from api.edge import route_of
from api.problems import Problem, RequestError

AdminKey = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(HTTPBearer(auto_error=False, scheme_name="admin_key", description="server.admin_key")),
]
CallToken = Annotated[
    HTTPAuthorizationCredentials | None,
    Security(
        HTTPBearer(
            auto_error=False, scheme_name="call_token", description="The call's token, or the admin key"
        )
    ),
]


class Access:
    """Checks credentials; every comparison takes the same time whatever is wrong."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def admin(self, credentials: AdminKey, connection: HTTPConnection) -> None:
        """Let the operator pass; ``admin_closed`` or ``admin_key_wrong`` for anybody else."""
        if self._core.config().server.admin_key is None:
            raise RequestError(Problem.ADMIN_CLOSED)
        if not self.is_admin(credentials):
            audit(self._core, connection, "admin_key_wrong", path=route_of(connection.scope))
            raise RequestError(Problem.ADMIN_KEY_WRONG, headers={"WWW-Authenticate": "Bearer"})

    def is_admin(self, credentials: AdminKey) -> bool:
        """Whether it is the operator who asks."""
        return credentials is not None and self._is_admin(credentials.credentials)

    async def call(self, call_id: str, credentials: CallToken, connection: HTTPConnection) -> None:
        """Let the holder of the call's token or the operator pass; ``call_unknown`` for anybody else."""
        secret = credentials.credentials if credentials else ""
        if not self._is_admin(secret) and not self.opens(call_id, secret, connection.headers.get("origin")):
            raise RequestError(Problem.CALL_UNKNOWN)

    def opens(self, call_id: str, secret: str, origin: str | None) -> bool:
        """Whether the token opens the call, to a page of this origin if to a page."""
        return self._core.tokens.opens(call_id, secret, origin)

    def _is_admin(self, secret: str) -> bool:
        key = self._core.config().server.admin_key
        if key is None:
            return False
        return hmac.compare_digest(_digest(key.get_secret_value()), _digest(secret))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
