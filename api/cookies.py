"""The cookies of those who log in: the session's, and the one by which their browser is known again."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from api.accounts import Account
from api.origins import own_url
from config.models import Config

#: Browsers take a cookie of such a name from the host itself alone, by TLS, for all its paths (RFC 6265bis).
HOST = "__Host-"
#: Seconds that a browser is known after somebody logged in there.
DEVICE_LIFETIME = 90 * 86400


@dataclass(frozen=True, slots=True)
class LoginCookies:
    """The two cookies of one kind of log-in."""

    session: str
    device: str
    #: What they are sent to, where there is no TLS: below it are the addresses that want them.
    path: str

    def session_of(self, connection: HTTPConnection, config: Config) -> str:
        """The token of the browser's session; empty for none."""
        return _read(connection, config, self.session)

    def set_session(
        self, connection: HTTPConnection, response: Response, config: Config, token: str, lifetime: int
    ) -> None:
        """Have the browser keep a session's token, or forget it: a lifetime of 0."""
        self._set(connection, response, config, self.session, token, lifetime)

    def is_known_device(
        self, connection: HTTPConnection, config: Config, name: str, account: Account | None
    ) -> str | None:
        """What a browser is called in which ``name`` has logged in with the password of now; None for others.

        Nothing of it is kept here: the password's hash, which is secret, signs it.
        """
        known, _, signature = _read(connection, config, self.device).partition(".")
        if account is None or not known or len(known) > 64:
            return None
        right = self._signature(account, name, known)
        return known if hmac.compare_digest(right.encode(), signature.encode()) else None

    def set_known_device(
        self, connection: HTTPConnection, response: Response, config: Config, name: str, account: Account
    ) -> None:
        """Know this browser again as one of theirs."""
        known = secrets.token_hex(16)
        value = f"{known}.{self._signature(account, name, known)}"
        self._set(connection, response, config, self.device, value, DEVICE_LIFETIME)

    def _signature(self, account: Account, name: str, known: str) -> str:
        told = f"{self.device}:{name}:{known}".encode()
        return hmac.new(account.password_hash.encode(), told, hashlib.sha256).hexdigest()

    def _set(
        self,
        connection: HTTPConnection,
        response: Response,
        config: Config,
        name: str,
        value: str,
        lifetime: int,
    ) -> None:
        url = own_url(connection.headers, config)
        path = urlsplit(url).path.rstrip("/")
        response.set_cookie(
            _name(url, name),
            value,
            max_age=lifetime,
            path="/" if _is_secure(url) else f"{path}{self.path}",
            secure=_is_secure(url),
            httponly=True,
            samesite="strict",
        )


AGENT_COOKIES = LoginCookies("ringback_agent", "ringback_device", "/v1/agent")
PORTAL_COOKIES = LoginCookies("ringback_portal", "ringback_portal_device", "/v1/portal")


def _read(connection: HTTPConnection, config: Config, name: str) -> str:
    return connection.cookies.get(_name(own_url(connection.headers, config), name), "")


def _name(url: str, name: str) -> str:
    return f"{HOST}{name}" if _is_secure(url) else name


def _is_secure(url: str) -> bool:
    return urlsplit(url).scheme == "https"
