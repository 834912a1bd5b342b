"""Routes that the framework takes apart when somebody first asks for them.

FastAPI reads every endpoint's signature and builds its validators as a route is added. For all our addresses
together that takes most of a second of a core, at each start of a server; for the one that is asked for, some
milliseconds.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from api.routes import UrlRow


class LateRoute(Route):
    """The route of one row. ``how()`` is what ``APIRouter.add_api_route`` is told beside its address."""

    def __init__(self, row: UrlRow, how: Callable[[], dict[str, Any]]) -> None:
        super().__init__(row.path, row.serve, name=row.name or None)
        self.methods = {row.method}  # Starlette would add HEAD to GET
        self._row, self._how = row, how

    @functools.cached_property
    def whole(self) -> APIRoute:
        """As FastAPI serves and describes it."""
        alone = APIRouter()
        alone.add_api_route(self._row.path, self._row.serve, methods=[self._row.method], **self._how())
        (route,) = alone.routes
        assert isinstance(route, APIRoute)  # noqa: S101 - for the types
        return route

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether the request is for it; what the layers around it read is then in the scope."""
        match, more = super().matches(scope)
        return match, {**more, "route": self}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self.whole.handle(scope, receive, send)
