"""What a row of the URL table says: an address, what serves it, who may ask, and what surrounds the answer.

Each class of endpoints has ``routes()``: its own rows. ``api.app`` makes the application from all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Protocol

from pydantic import BaseModel
from starlette.routing import compile_path
from starlette.types import Scope

from api.problems import Problem
from config.sections.operators import OperatorRight

#: Bytes of a request's body; the largest that means something has about half of it.
MAX_BODY = 16 * 1024
#: Headers of every answer, except where its route or the answer itself has another value.
DEFAULT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

#: What a route with a body can answer about the body.
BODY_PROBLEMS = (
    Problem.VALIDATION_FAILED, Problem.BODY_INVALID, Problem.BODY_TIMEOUT, Problem.BODY_TOO_LARGE,
)  # fmt: skip
#: What a log-in can answer.
LOGIN_PROBLEMS = (Problem.LOGIN_REFUSED, Problem.CODE_REQUIRED, Problem.LIMIT_LOGIN)
#: What a route that lists records can answer.
LIST_PROBLEMS = (Problem.VALIDATION_FAILED, Problem.STORE_UNAVAILABLE)


class Audience(Enum):
    """Who may ask; ``api.access`` checks it."""

    ANYONE = auto()
    #: Who has the call's token, or an admin key that opens the call's site.
    CALL = auto()
    #: Who has an admin key: the endpoint shows a customer what is of their sites, by ``api.askers.Whose``.
    OPERATOR = auto()
    #: Who has the server's admin key.
    SERVER = auto()
    #: Pages of Ringback itself.
    OWN_PAGE = auto()
    #: An operator who is logged in at the portal, and has the ``right`` of the row, if it names one. What
    #: changes something is asked by pages of Ringback itself alone.
    PORTAL = auto()


@dataclass(frozen=True, slots=True)
class UrlRow:
    """One row: a method and an address."""

    method: str
    path: str
    serve: Callable[..., Any]
    #: The operation's id in the OpenAPI document; empty for an address that people open, which is not in it.
    name: str = ""
    guard: Audience = Audience.ANYONE
    #: Those of the guard, and internal_error, need not be named.
    problems: tuple[Problem, ...] = ()
    #: The status of success.
    status: int = 200
    #: What the OpenAPI document says of answers beside that.
    answers: Mapping[int | str, Any] = field(default_factory=dict)
    #: Whether pages of the sites may ask, and read the answer (CORS).
    for_sites: bool = False
    max_body: int = MAX_BODY
    #: What the OpenAPI document says of a body that the endpoint reads itself, whatever its content type.
    body: type[BaseModel] | None = None
    #: Whether the request goes past the application's routing (:mod:`api.express`): its address has no parts
    #: that vary, anybody may ask, and the endpoint takes a body and the request at most.
    express: bool = False
    #: In place of :data:`DEFAULT_HEADERS`, or beside them; ``Cache-Control`` is one of those.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: What an operator must be allowed, where ``guard`` is ``Audience.PORTAL``; None for each of them.
    right: OperatorRight | None = None


@dataclass(frozen=True, slots=True)
class SocketRow:
    """One row for a WebSocket."""

    path: str
    follow: Callable[..., Any]


class Endpoints(Protocol):
    """Something that serves addresses."""

    def routes(self) -> Sequence[UrlRow | SocketRow]:
        """Its rows of the URL table."""


def for_people(
    path: str, serve: Callable[..., Any], headers: Mapping[str, str], method: str = "GET"
) -> tuple[UrlRow, ...]:
    """The rows of a page: it is in no OpenAPI document, and HEAD asks for what GET does."""
    methods = ("GET", "HEAD") if method == "GET" else (method,)
    return tuple(UrlRow(each, path, serve, headers=headers) for each in methods)


def binary(media_type: str) -> Mapping[int | str, Any]:
    """What the OpenAPI document says of an answer that is a file."""
    return {200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}}}


def route_of(scope: Scope) -> str:
    """The template of the address that was asked for, such as ``/v1/calls/{call_id}``."""
    return str(getattr(scope.get("route"), "path", "unmatched"))


class RouteTable:
    """All rows; finds the row of a request before the application does, for the layers around it."""

    def __init__(self, routes: Iterable[UrlRow]) -> None:
        self._rows = [(compile_path(route.path)[0], route) for route in routes]
        #: Most requests are for one of these: no pattern need be tried.
        self._at = {row.path: self._search(row.path) for _, row in self._rows if "{" not in row.path}
        self._rows_at = {(row.method, path): row for path, rows in self._at.items() for row in reversed(rows)}
        self._for_sites = {path: any(row.for_sites for row in rows) for path, rows in self._at.items()}

    def at(self, path: str) -> list[UrlRow]:
        """Every row whose address fits, of whatever method."""
        found = self._at.get(path)
        return self._search(path) if found is None else found

    def _search(self, path: str) -> list[UrlRow]:
        return [route for regex, route in self._rows if regex.match(path)]

    def find(self, method: str, path: str) -> UrlRow | None:
        """The row of a request; None where there is none."""
        if path in self._at:
            return self._rows_at.get((method, path))
        return next((route for route in self._search(path) if route.method == method), None)

    def for_sites(self, path: str) -> bool:
        """Whether sites' pages may ask at this address, by whatever method."""
        known = self._for_sites.get(path)
        return any(row.for_sites for row in self._search(path)) if known is None else known
