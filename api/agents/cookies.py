"""The cookies of agents' browsers: the session's, and the one by which a browser is known again."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from api.origins import own_url
from config.models import Config

SESSION, DEVICE = "ringback_agent", "ringback_device"
#: Browsers take a cookie of such a name from the host itself alone, by TLS, for all its paths (RFC 6265bis).
HOST = "__Host-"
#: Seconds that a browser is known after its agent logged in there.
DEVICE_LIFETIME = 90 * 86400


def session_of(connection: HTTPConnection, config: Config) -> str:
    """The token of the browser's session; empty for none."""
    return _read(connection, config, SESSION)


def set_session(
    connection: HTTPConnection, response: Response, config: Config, token: str, lifetime: int
) -> None:
    """Have the browser keep a session's token, or forget it: a lifetime of 0."""
    _set(connection, response, config, SESSION, token, lifetime)


def is_known_device(connection: HTTPConnection, config: Config, agent: str) -> str | None:
    """What the browser is called in which this agent has logged in with the password of now; None for others.

    Nothing of it is kept here: the agent's password hash, which is secret, signs the name.
    """
    known = config.agents.get(agent)
    name, _, signature = _read(connection, config, DEVICE).partition(".")
    if known is None or not name or len(name) > 64:
        return None
    right = _signature(known.password_hash, agent, name)
    return name if hmac.compare_digest(right.encode(), signature.encode()) else None


def set_known_device(connection: HTTPConnection, response: Response, config: Config, agent: str) -> None:
    """Know this browser again as one of the agent's."""
    name = secrets.token_hex(16)
    signature = _signature(config.agents[agent].password_hash, agent, name)
    _set(connection, response, config, DEVICE, f"{name}.{signature}", DEVICE_LIFETIME)


def _signature(password_hash: str, agent: str, name: str) -> str:
    return hmac.new(password_hash.encode(), f"device:{agent}:{name}".encode(), hashlib.sha256).hexdigest()


def _read(connection: HTTPConnection, config: Config, name: str) -> str:
    return connection.cookies.get(_name(own_url(connection.headers, config), name), "")


def _name(url: str, name: str) -> str:
    return f"{HOST}{name}" if _is_secure(url) else name


def _is_secure(url: str) -> bool:
    return urlsplit(url).scheme == "https"


def _set(
    connection: HTTPConnection, response: Response, config: Config, name: str, value: str, lifetime: int
) -> None:
    url = own_url(connection.headers, config)
    path = urlsplit(url).path.rstrip("/")
    response.set_cookie(
        _name(url, name),
        value,
        max_age=lifetime,
        path="/" if _is_secure(url) else f"{path}/v1/agent",
        secure=_is_secure(url),
        httponly=True,
        samesite="strict",
    )
