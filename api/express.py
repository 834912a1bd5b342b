"""The way past the application's routing, for the few addresses that pages ask thousands of times a second.

Such a request passes the same layers as any other. But no route is searched, and nothing is taken apart for
the endpoint, which gets the request and gives a response: that costs more than what the endpoint does.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.routes import UrlRow

#: Turns what an endpoint raises into a response, by its type.
Answers = Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]


class Express:
    """Outermost layer: serves the rows that are ``express`` itself, and leaves the rest to the application.

    ``around(endpoint)`` puts the layers around an endpoint that any request passes.
    """

    def __init__(
        self, app: ASGIApp, rows: Iterable[UrlRow], around: Callable[[ASGIApp], ASGIApp], answers: Answers
    ) -> None:
        self._app = app
        self._rows = {(row.method, row.path): row for row in rows if row.express}
        self._around = around(self._serve)
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        row = self._rows.get((scope.get("method", ""), scope["path"])) if scope["type"] == "http" else None
        if row is None:
            await self._app(scope, receive, send)
        else:
            scope["route"] = row
            await self._around(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response: Response = await scope["route"].serve(request)
        except tuple(self._answers) as error:
            response = await next(
                answer for kind, answer in self._answers.items() if isinstance(error, kind)
            )(request, error)
        await response(scope, receive, send)
