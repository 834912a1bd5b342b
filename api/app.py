"""The HTTP application: the URL table, and what surrounds it."""

from __future__ import annotations

from typing import Any

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from api.access import Access
from api.agents.events import AgentEvents
from api.agents.login import AgentLogins
from api.agents.page import AgentPage
from api.core import Core
from api.edge import BoundedBody, Failures, Trace
from api.operator.deliveries import Deliveries
from api.operator.health import Health
from api.operator.messages import Messages
from api.operator.people import People
from api.operator.records import Operator
from api.operator.retention import Retained
from api.operator.sessions import Sessions
from api.operator.spend import Spend
from api.operator.traces import SipTraces
from api.operator.trunks import Trunks
from api.origins import Cors, Origins
from api.problems import FieldError, Problem, ProblemDetails, RequestError, responses
from api.shop.callback_page import CallbackPage
from api.shop.callbacks import PAGE, Callbacks
from api.shop.calls import Calls
from api.shop.events import Events
from api.wire import Readiness
from store.errors import StoreError

P = Problem
_ALWAYS = (P.INTERNAL_ERROR,)
_BODY = (P.VALIDATION_FAILED, P.BODY_INVALID, P.BODY_TIMEOUT, P.BODY_TOO_LARGE)
_PLACE = (
    P.SITE_UNKNOWN, P.NUMBER_INVALID, P.ORIGIN_REFUSED, P.NUMBER_SHORT, P.NUMBER_TYPE_REFUSED,
    P.COUNTRY_REFUSED, P.LIMIT_NUMBER, P.LIMIT_IP, P.LIMIT_NUMBERS_PER_IP, P.LIMIT_SITE,
    P.FORM_TOKEN_MISSING, P.FORM_TOKEN_INVALID,
    P.SIGNED_MISSING, P.SIGNED_INVALID, P.SIGNED_EXPIRED, P.SIGNED_USED,
    P.TALK_REFUSED, P.LIMIT_LIVE_CALLS, P.SPEND_CAP, P.LIMIT_REQUESTS,
    P.OUT_OF_CAPACITY, P.DRAINING, P.STORE_UNAVAILABLE,
)  # fmt: skip
_LOGIN = (P.ORIGIN_REFUSED, P.LOGIN_REFUSED, P.CODE_REQUIRED, P.LIMIT_LOGIN)
_CALL = (P.CALL_UNKNOWN, P.STORE_UNAVAILABLE)
_LIST = (P.VALIDATION_FAILED, P.STORE_UNAVAILABLE)
_MESSAGE = (P.MESSAGE_UNKNOWN, P.STORE_UNAVAILABLE)
_CALLBACK = (P.CALLBACK_UNKNOWN, P.STORE_UNAVAILABLE)
_ADMIN = (P.ADMIN_KEY_WRONG, P.ADMIN_CLOSED)
_SERVER = (*_ADMIN, P.ADMIN_KEY_LIMITED)
_TRACE = (*_ADMIN, P.VALIDATION_FAILED, P.TOO_MANY_TRACES)


def create_app(core: Core) -> FastAPI:
    """The application over ``core``; it belongs to the running event loop."""
    access, origins = Access(core), Origins(core.config)
    calls, operator, health = Calls(core), Operator(core), Health(core, access)
    traces = SipTraces(core)
    messages, callbacks, deliveries = Messages(core), Callbacks(core), Deliveries(core)
    spend, people = Spend(core), People(core)
    page, agent_page = CallbackPage(core), AgentPage(core.agent_page)
    agents, agent_events = AgentLogins(core), AgentEvents(core)
    sessions = Sessions(core)
    events = Events(core, access, origins)
    # ``admin`` endpoints show a customer what is of their sites; what is of no site is for the server's key.
    admin, server_only = [Depends(access.operator)], [Depends(access.server_operator)]
    owner = [Depends(access.call)]
    own_page = [Depends(agents.own_page)]

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
    for method, path, name, endpoint, status, guard, problems in (
        ("POST", "/v1/calls", "place_call", calls.place, 201, [], _BODY + _PLACE),
        ("POST", "/v1/calls/token", "form_token", calls.form_token, 201, [],
         (*_BODY, P.SITE_UNKNOWN, P.ORIGIN_REFUSED, P.LIMIT_REQUESTS)),
        ("GET", "/v1/calls/{call_id}", "show_call", calls.show, 200, owner, _CALL),
        ("DELETE", "/v1/calls/{call_id}", "cancel_call", calls.cancel, 202, owner, _CALL),
        ("GET", "/v1/calls", "live_calls", operator.live, 200, admin, _ADMIN),
        ("GET", "/v1/cdrs", "cdrs", operator.cdrs, 200, admin, _ADMIN + _LIST),
        ("GET", "/v1/calls/{call_id}/callback", "callback_of_call", callbacks.of_call, 200, owner,
         (P.CALL_UNKNOWN, *_CALLBACK)),
        ("GET", "/v1/callbacks/{secret}", "show_callback", callbacks.show, 200, [], _CALLBACK),
        ("DELETE", "/v1/callbacks/{secret}", "cancel_callback", callbacks.cancel, 200, [], _CALLBACK),
        ("GET", "/v1/callbacks", "callbacks", callbacks.list, 200, admin, _ADMIN + _LIST),
        ("GET", "/v1/messages", "messages", messages.list, 200, admin, _ADMIN + _LIST),
        ("GET", "/v1/messages/{message_id}/audio", "message_audio", messages.audio, 200, admin,
         (*_ADMIN, *_MESSAGE, P.AUDIO_MISSING)),
        ("DELETE", "/v1/messages/{message_id}", "delete_message", messages.delete, 204, admin,
         _ADMIN + _MESSAGE),
        ("POST", "/v1/person/export", "export_person", people.export, 200, admin,
         (*_ADMIN, *_BODY, P.STORE_UNAVAILABLE)),
        ("POST", "/v1/person/erase", "erase_person", people.erase, 200, admin,
         (*_ADMIN, *_BODY, P.PERSON_IN_CALL, P.STORE_UNAVAILABLE)),
        ("GET", "/v1/retention", "retention", Retained(core).list, 200, admin,
         (*_ADMIN, P.STORE_UNAVAILABLE)),
        ("GET", "/v1/spend", "spend", spend.list, 200, admin, _ADMIN),
        ("GET", "/v1/deliveries", "deliveries", deliveries.list, 200, admin, _ADMIN + _LIST),
        ("POST", "/v1/deliveries/{delivery_id}/resend", "resend_delivery", deliveries.resend, 202, admin,
         (*_ADMIN, P.DELIVERY_UNKNOWN, P.STORE_UNAVAILABLE)),
        ("GET", "/v1/receivers", "receivers", deliveries.receivers, 200, server_only, _SERVER),
        ("POST", "/v1/receivers/resume", "resume_receiver", deliveries.resume, 200, server_only,
         (*_SERVER, *_BODY, P.RECEIVER_UNKNOWN)),
        ("GET", "/v1/sessions", "sessions", sessions.list, 200, server_only, _SERVER),
        ("DELETE", "/v1/sessions/{session_id}", "end_session", sessions.end, 204, server_only,
         (*_SERVER, P.SESSION_UNKNOWN)),
        ("POST", "/v1/agent/login", "agent_login", agents.log_in, 200, own_page, _BODY + _LOGIN),
        ("GET", "/v1/agent/me", "agent_me", agents.me, 200, [], (P.NOT_LOGGED_IN,)),
        ("POST", "/v1/agent/logout", "agent_logout", agents.log_out, 204, own_page, (P.ORIGIN_REFUSED,)),
        ("GET", "/v1/trunks", "trunks", Trunks(core).list, 200, server_only, _SERVER),
        ("POST", "/v1/reload", "reload", operator.reload, 200, server_only, (*_SERVER, P.CONFIG_INVALID)),
        ("GET", "/v1/trace", "trace", traces.follow, 200, admin, _TRACE),
        ("PUT", "/v1/log-level", "log_level", operator.log_level, 200, server_only, (*_SERVER, *_BODY)),
        ("GET", "/healthz", "alive", health.alive, 200, [], ()),
        ("GET", "/readyz", "ready", health.ready, 200, [], ()),
        ("GET", "/metrics", "metrics", health.metrics, 200, [], ()),
    ):  # fmt: skip
        app.add_api_route(
            path,
            endpoint,
            methods=[method],
            operation_id=name,
            name=name,
            status_code=status,
            dependencies=guard,
            responses=responses(*problems, *_ALWAYS) | _MORE.get(path, {}),
        )
    # For people, not for programs.
    path = f"{PAGE}{{secret}}"
    app.add_api_route(path, page.show, methods=["GET", "HEAD"], response_model=None, include_in_schema=False)
    app.add_api_route(path, page.cancel, methods=["POST"], response_model=None, include_in_schema=False)
    for path, serve in (("/agent", agent_page.enter), ("/agent/{path:path}", agent_page.show)):
        app.add_api_route(path, serve, methods=["GET", "HEAD"], response_model=None, include_in_schema=False)
    app.add_api_websocket_route("/v1/calls/{call_id}/events", events.follow)
    app.add_api_websocket_route("/v1/agent/events", agent_events.follow)

    # The last one added is the outermost.
    app.add_middleware(BoundedBody)
    app.add_middleware(Failures)
    app.add_middleware(Cors, origins=origins)
    app.add_middleware(Trace, metrics=core.metrics)
    for kind, answer in _ANSWERS.items():
        app.add_exception_handler(kind, answer)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


_MORE: dict[str, dict[int | str, dict[str, Any]]] = {
    "/readyz": {503: {"model": Readiness, "description": "Not ready; the same account of it."}},
    "/v1/messages/{message_id}/audio": {
        200: {"content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}}
    },
    "/v1/person/export": {
        200: {"content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}}}
    },
    "/metrics": {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
}


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
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
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


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with our problems in the place of FastAPI's own 422."""
    if app.openapi_schema is None:
        document = get_openapi(title=app.title, version=app.version, routes=app.routes)
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
        schemas = document["components"]["schemas"]
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        details = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= details.pop("$defs") | {"ProblemDetails": details}
        app.openapi_schema = document
    return app.openapi_schema
