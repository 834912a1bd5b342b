"""The URL table: which row a request has, and what a row changes of what surrounds the answer."""

from __future__ import annotations

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api.access import GUARD_PROBLEMS, Access
from api.accounts import operators_of
from api.app import create_app
from api.audit import AuditTrail
from api.origins import Origins
from api.portal_door import PortalDoor
from api.routes import DEFAULT_HEADERS, MAX_BODY, Audience, RouteTable, UrlRow, for_people
from api.sessions import LoginSessions
from api.tokens import CallTokens
from config.models import Config
from tests.aio import asyncio_test
from tests.api.paper import SetClock
from tests.api.shop import ORIGIN, settings


async def _length(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


class Feature:
    """A feature to come: two addresses of its own, one with deliberate exceptions."""

    def routes(self) -> tuple[UrlRow, ...]:
        headers = {"Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "public, max-age=60"}
        return (
            UrlRow("POST", "/v1/page", _length, "page", for_sites=True, max_body=2 * MAX_BODY),
            UrlRow("GET", "/v1/page", _length, "plain", Audience.SERVER),
            *for_people("/p/{file}", _length, headers),
        )


def _access(config: Config) -> Access:
    async def site_of(call_id: str) -> str:
        return ""

    audit = AuditTrail(lambda: config)
    clock = SetClock()
    door = PortalDoor(
        config=lambda: config, sessions=LoginSessions(operators_of(lambda: config), clock), audit=audit
    )
    return Access(config=lambda: config, tokens=CallTokens(clock), site_of=site_of, audit=audit, portal=door)


def _client() -> httpx.AsyncClient:
    config = settings()
    app = create_app(
        [Feature()], access=_access(config), origins=Origins(lambda: config), requested=lambda *request: None
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ringback.example")


@asyncio_test
async def test_each_row_has_its_own_bound_on_bodies() -> None:
    async with _client() as http:
        assert (await http.post("/v1/page", content=b"x" * 2 * MAX_BODY)).text == str(2 * MAX_BODY)
        assert (await http.post("/v1/page", content=b"x" * (2 * MAX_BODY + 1))).status_code == 413
        assert (await http.request("GET", "/v1/page", content=b"x" * (MAX_BODY + 1))).status_code == 413
        assert (await http.post("/nowhere", content=b"x" * (MAX_BODY + 1))).status_code == 413


@asyncio_test
async def test_each_row_has_its_own_headers() -> None:
    async with _client() as http:
        for method in ("GET", "HEAD"):
            file = await http.request(method, "/p/loader.js")
            assert file.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
            assert file.headers["Cache-Control"] == "public, max-age=60"
            assert file.headers["X-Content-Type-Options"] == "nosniff"
        for other in (
            await http.post("/v1/page"),
            await http.get("/nowhere"),
            await http.post("/p/loader.js"),
        ):
            assert {name: other.headers[name] for name in DEFAULT_HEADERS} == DEFAULT_HEADERS


@asyncio_test
async def test_rows_say_which_addresses_pages_of_sites_may_ask() -> None:
    async with _client() as http:
        asks = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
        assert (await http.options("/v1/page", headers=asks)).status_code == 204
        told = await http.post("/v1/page", headers={"Origin": ORIGIN})
        assert told.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert (
            "Access-Control-Allow-Origin" not in (await http.get("/p/x", headers={"Origin": ORIGIN})).headers
        )
        assert (await http.options("/p/x", headers=asks)).status_code == 405


@asyncio_test
async def test_rows_say_who_may_ask_and_the_document_shows_it() -> None:
    async with _client() as http:
        assert (await http.get("/v1/page")).json()["id"] == "admin_key_wrong"
        document = (await http.get("/openapi.json")).json()
        assert set(document["paths"]) == {"/v1/page"}
        refusals = document["paths"]["/v1/page"]["get"]["responses"]["401"]["content"]
        assert "admin_key_wrong" in refusals["application/problem+json"]["examples"]


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("POST", "/v1/calls/token", "token"),
        ("GET", "/v1/calls/token", "call"),
        ("POST", "/v1/calls/c1", None),
        ("GET", "/v1/calls/c1/audio", None),
    ],
)
def test_the_row_of_a_request_is_that_of_its_method(method: str, path: str, name: str | None) -> None:
    table = RouteTable(
        [
            UrlRow("GET", "/v1/calls/{id}", _length, "call"),
            UrlRow("POST", "/v1/calls/token", _length, "token"),
        ]
    )
    found = table.find(method, path)
    assert (found.name if found else None) == name


def test_every_guard_is_checked_and_documented() -> None:
    assert GUARD_PROBLEMS.keys() == set(Audience)
    access = _access(settings())
    for guard in Audience:
        guards = access.dependencies(UrlRow("GET", "/v1/x", _length, "x", guard))
        assert bool(guards) is (guard is not Audience.ANYONE)
