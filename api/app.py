"""The HTTP application: every row of the URL table, and what surrounds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp

from api.access import GUARD_PROBLEMS, Access
from api.edge import BoundedBody, Failures, RequestContext
from api.express import Express
from api.late_routes import LateRoute
from api.origins import Cors, Origins
from api.problems import FieldError, Problem, ProblemDetails, RequestError, responses
from api.routes import Audience, Endpoints, RouteTable, UrlRow
from store.errors import StoreError


def create_app(
    endpoints: Iterable[Endpoints],
    *,
    access: Access,
    origins: Origins,
    requested: Callable[[str, str, int], None],
) -> FastAPI:
    """The application of all these endpoints; it belongs to the running event loop.

    ``requested(method, route, status)`` counts each request.
    """
    rows = [row for each in endpoints for row in each.routes()]
    routes = [row for row in rows if isinstance(row, UrlRow)]
    # FastAPI's pages of documentation load scripts from elsewhere, and its telemetry, if the environment
    # turns it on, sends requests with their phone numbers elsewhere.
    app = FastAPI(
        title="Ringback",
        version="1",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    for row in routes:
        assert not row.express or (row.guard is Audience.ANYONE and "{" not in row.path)  # noqa: S101
        app.router.routes.append(_route(row, access))
    for socket in rows:
        if not isinstance(socket, UrlRow):
            app.add_api_websocket_route(socket.path, socket.follow)

    # The last one added is the outermost.
    table = RouteTable(routes)
    app.add_middleware(BoundedBody, table=table)
    app.add_middleware(Failures)
    app.add_middleware(Cors, table=table, origins=origins)
    app.add_middleware(RequestContext, table=table, requested=requested)

    def around(endpoint: ASGIApp) -> ASGIApp:
        inner = Failures(BoundedBody(endpoint, table))
        return RequestContext(Cors(inner, table, origins), table, requested)

    app.add_middleware(Express, rows=routes, around=around, answers=_ANSWERS)
    for kind, answer in _ANSWERS.items():
        app.add_exception_handler(kind, answer)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _route(row: UrlRow, access: Access) -> LateRoute:
    def how() -> dict[str, Any]:
        problems = (*GUARD_PROBLEMS[row.guard], *row.problems, Problem.INTERNAL_ERROR)
        told: dict[str, Any] = {
            "status_code": row.status,
            "dependencies": access.dependencies(row),
            "responses": responses(*problems) | dict(row.answers),
        }
        if row.body is not None:
            told["openapi_extra"] = {"requestBody": _body(row.body)}
        if row.name:
            return told | {"operation_id": row.name, "name": row.name}
        return told | {"include_in_schema": False, "response_model": None}

    return LateRoute(row, how)


# --- exceptions as problems -------------------------------------------------------------------------------


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)  # noqa: S101 - registered for it
    return error.response()


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it
    found = [
        FieldError(path=".".join(str(step) for step in each["loc"]), message=str(each["msg"]))
        for each in error.errors()[:20]
    ]
    syntax = any(each["type"] == "json_invalid" for each in error.errors())
    return RequestError(
        Problem.BODY_INVALID if syntax else Problem.VALIDATION_FAILED, errors=found
    ).response()


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    problem = _BY_STATUS.get(error.status_code, Problem.INTERNAL_ERROR)
    headers = {"Allow": _allowed(request)} if problem is Problem.METHOD_NOT_ALLOWED else error.headers
    return RequestError(problem, headers=headers).response()


def _allowed(request: Request) -> str:
    """Every method that works at this address (RFC 9110 section 10.2.1): each has a route of its own."""
    methods: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, StarletteRoute) and route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    return ", ".join(sorted(methods))


async def _store_failed(request: Request, error: Exception) -> Response:
    return RequestError(Problem.STORE_UNAVAILABLE, retry_after=5).response()


_BY_STATUS = {
    400: Problem.BODY_INVALID,
    404: Problem.NOT_FOUND,
    405: Problem.METHOD_NOT_ALLOWED,
}
_ANSWERS = {
    RequestError: _refused,
    RequestValidationError: _invalid,
    HTTPException: _http,
    StoreError: _store_failed,
}


# --- OpenAPI ----------------------------------------------------------------------------------------------


def _body(model: type[BaseModel]) -> dict[str, Any]:
    """A body in plain text that holds JSON, with what is in the model written out."""
    schema = model.model_json_schema()
    inner = schema.pop("$defs", {})

    def written_out(value: Any) -> Any:
        if isinstance(value, list):
            return [written_out(each) for each in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            return written_out(inner[str(value["$ref"]).rpartition("/")[2]])
        return {key: written_out(each) for key, each in value.items()}

    return {"required": True, "content": {"text/plain": {"schema": written_out(schema)}}}


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with our problems in the place of FastAPI's own 422."""
    if app.openapi_schema is None:
        routes = [each.whole if isinstance(each, LateRoute) else each for each in app.routes]
        document = get_openapi(title=app.title, version=app.version, routes=routes)
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        details = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= details.pop("$defs") | {"ProblemDetails": details}
        app.openapi_schema = document
    return app.openapi_schema
