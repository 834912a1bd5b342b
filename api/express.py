"""The way past the application's routing, for the few addresses that pages ask for all the time.

Such a request passes the same layers as any other. But no route is searched, and the framework takes nothing
apart for the endpoint: that costs more than what the endpoint does.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, get_type_hints

from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.routes import UrlRow

#: Turns what an endpoint raises into a response, by its type.
Answers = Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]
Serve = Callable[[Request], Awaitable[Response]]


class Express:
    """Outermost layer: serves the rows that are ``express`` itself, and leaves the rest to the application.

    ``around(endpoint)`` puts the layers around an endpoint that any request passes.
    """

    def __init__(
        self, app: ASGIApp, rows: Iterable[UrlRow], around: Callable[[ASGIApp], ASGIApp], answers: Answers
    ) -> None:
        self._app = app
        self._rows = {(row.method, row.path): (row, _serving(row)) for row in rows if row.express}
        self._around = around(self._serve)
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        found = self._rows.get((scope.get("method", ""), scope["path"])) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
        else:
            scope["route"], scope[_SERVE] = found
            await self._around(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response: Response = await scope[_SERVE](request)
        except tuple(self._answers) as error:
            response = await next(
                answer for kind, answer in self._answers.items() if isinstance(error, kind)
            )(request, error)
        await response(scope, receive, send)


_SERVE = "ringback.serve"


def _serving(row: UrlRow) -> Serve:
    """What serves a row: its endpoint, or one that is called as the application would call it."""
    hints = get_type_hints(row.serve)
    if hints["return"] is Response:
        serve: Serve = row.serve
        return serve
    body = next((name for name, kind in hints.items() if _is_model(kind) and name != "return"), None)
    reads = None if body is None else TypeAdapter[Any](hints[body])
    requests = [name for name, kind in hints.items() if kind is Request]
    responses = [name for name, kind in hints.items() if kind is Response]

    async def serve_typed(request: Request) -> Response:
        told = Response()
        values: dict[str, Any] = dict.fromkeys(requests, request) | dict.fromkeys(responses, told)
        if body is not None and reads is not None:
            values[body] = await _read(request, reads)
        answer: BaseModel = await row.serve(**values)
        response = Response(answer.model_dump_json(), row.status, media_type="application/json")
        response.raw_headers += [each for each in told.raw_headers if each[0] != b"content-length"]
        return response

    return serve_typed


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


async def _read(request: Request, reads: TypeAdapter[Any]) -> Any:
    """The body, refused for the reasons and in the words of the application's other addresses."""
    body: Any = await request.body()
    if not body:
        raise RequestValidationError([{"type": "missing", "loc": ("body",), "msg": "Field required"}])
    try:
        # Else pages of other origins could ask without a preflight.
        value = json.loads(body) if _is_json(request.headers.get("content-type", "")) else body
    except json.JSONDecodeError as error:
        found = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "JSON decode error"}
        raise RequestValidationError([found]) from None
    except (ValueError, RecursionError):
        raise HTTPException(400) from None
    try:
        return reads.validate_python(value, from_attributes=True)
    except ValidationError as error:
        found_all = error.errors(include_input=False, include_url=False, include_context=False)
        raise RequestValidationError(
            [{**each, "loc": ("body", *each["loc"])} for each in found_all]
        ) from None


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))
