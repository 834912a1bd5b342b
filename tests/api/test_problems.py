"""Every stable id is met by a request, and every refusal is a problem of RFC 9457."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from api import edge, logins, problems, routes
from api.portal import wallboard
from api.problems import OF_CONNECTIONS, Problem
from bridge.tracing import TraceWish
from chat.events import ShopperEnded
from config.fields import Window
from config.problems import ConfigError, ConfigProblem, Position
from config.sections.chat import ChatSettings
from config.sections.customers import Customer
from follow.lead import LeadPerson
from media.traces import MOST_TRACES
from routing.directory import Directory
from store.errors import StoreError
from tests.aio import asyncio_test
from tests.api.pages import PASSWORD
from tests.api.portal.house import OWN, staffed
from tests.api.portal.house import log_in as log_in_at_the_portal
from tests.api.portal.refusals import REFUSALS
from tests.api.serving import Server, serving
from tests.api.shop import ORIGIN, SITE_KEY, admin, limits, settings
from tests.api.test_browser_legs import agents_answer
from tests.api.test_data_pass import SECRET, token
from tests.api.test_lead_forms import send as send_form
from tests.api.test_leads import Browser, followed, missed
from tests.store.records import a_message
from views import engine as engine_of_views

GOOD = {"site_key": SITE_KEY, "number": "617 555 0123", "country": "US"}
Cause = Callable[[Server], Awaitable[httpx.Response]]


async def post(server: Server, content: Any, **headers: str) -> httpx.Response:
    sent = {"Content-Type": "application/json", "Origin": ORIGIN, **headers}
    return await server.http.post("/v1/calls", content=content, headers=sent)


VISITOR = "visitor-of-the-shop"


async def limited(server: Server, **changed: Any) -> httpx.Response:
    server.world.config = settings(limits=limits(**changed))
    await server.place(visitor=VISITOR)
    return await server.place("617 555 0199", visitor=VISITOR)


async def limit_number(server: Server) -> httpx.Response:
    server.world.config = settings(limits=limits(calls_per_number=["1 per 1h"]))
    await server.place()
    return await server.place()


async def chat(
    server: Server, *, times: int = 1, off: bool = False, transcripts: bool = True, **limits: Any
) -> httpx.Response:
    """So many chats of one visitor, of a site that chats unless that is off."""
    site = server.world.config.sites["shop"]
    chats = {"route": "sales", "limits": limits, "transcript": {"shopper": transcripts}}
    settings = None if off else ChatSettings.model_validate(chats, strict=False)
    shop = site.model_copy(update={"chat": settings})
    server.world.config = server.world.config.model_copy(update={"sites": {"shop": shop}})
    asked = {"site_key": SITE_KEY, "visitor": "a-visitor-of-this-shop"}
    for number in range(times):
        asked["key"] = f"a-key-of-the-page-{number:04}"
        answer = await server.http.post("/v1/threads", json=asked, headers={"Origin": ORIGIN})
    return answer


async def chat_called(server: Server) -> httpx.Response:
    """A call for a chat that has ended."""
    asked = (await chat(server)).json()
    server.office.chats.engine.handle(asked["id"], ShopperEnded())
    return await server.place(thread={"id": asked["id"], "token": asked["token"]})


async def transcript(server: Server, *, given: bool = True, **asked: Any) -> httpx.Response:
    """The transcript of a chat that was just asked for."""
    opened = (await chat(server, transcripts=given)).json()
    path = f"/v1/threads/{opened['id']}/transcript"
    body = {"token": opened["token"], **asked}
    return await server.http.post(path, json=body, headers={"Origin": ORIGIN})


async def on_a_lead(
    server: Server,
    *steps: str,
    agent: str = "alice",
    owner: str | None = None,
    number: str = "+16175550123",
) -> httpx.Response:
    """What an agent does with the lead of a missed call: Bob follows the store, only Alice has its phone."""
    server.world.config = followed()
    await server.leads.desk.start()
    lead = missed(server, LeadPerson(number, "pat@mail.example"))
    if owner:
        await Browser(server, owner).post(f"{lead.lead_id}/take")
    for step in steps:
        answer = await Browser(server, agent).post(f"{lead.lead_id}/{step}", {} if step == "done" else None)
    return answer


async def bob_is_away(server: Server) -> httpx.Response:
    """He has no phone but his browser, and is not logged in there."""
    away = Directory(agents={"agent:bob": server.office.agents.state("bob")})
    with patch.object(server.office.chats.planner, "_directory", lambda call_id: away):
        return await on_a_lead(server, "call", agent="bob")


async def beyond_spend(server: Server) -> httpx.Response:
    server.world.beyond_spend = True
    return await server.place()


async def person_in_call(server: Server) -> httpx.Response:
    await server.place()
    return await server.http.post("/v1/person/erase", json={"number": "+16175550123"}, headers=admin())


async def form_token_missing(server: Server) -> httpx.Response:
    server.world.config = settings(form_token="required")
    return await server.place()


async def proof_missing(server: Server) -> httpx.Response:
    server.world.config = settings(proof_of_work="always")
    return await server.place()


async def limit_requests(server: Server) -> httpx.Response:
    server.world.config = settings({"requests_per_ip": ["1 per 1h"]})
    await server.place()
    return await server.place()


async def too_many_traces(server: Server) -> httpx.Response:
    for _ in range(MOST_TRACES):
        server.world.traces.begin(TraceWish())
    return await server.http.get("/v1/trace", headers=admin())


async def admin_closed(server: Server) -> httpx.Response:
    server.world.config = settings({"admin_key": None})
    return await server.http.get("/v1/calls", headers=admin("None"))


async def body_timeout(server: Server) -> httpx.Response:
    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    with patch.object(edge, "BODY_TIMEOUT", 0.05):
        return await post(server, slow())


async def config_invalid(server: Server) -> httpx.Response:
    wrong = ConfigProblem(Position(3, 7), "sites.shop.route", 'no route "sale"; did you mean "sales"?')
    server.world.reload_error = ConfigError(Path("/etc/ringback/ringback.yaml"), [wrong])
    return await server.http.post("/v1/reload", headers=admin())


async def internal_error(server: Server) -> httpx.Response:
    server.world.reload_error = RuntimeError("secret +16175550123")
    with capture_logs() as logs:
        answer = await server.http.post("/v1/reload", headers=admin())
    assert [(each["event"], each["path"]) for each in logs] == [("request_failed", "/v1/reload")]
    return answer


async def store_unavailable(server: Server) -> httpx.Response:
    async def fail(*_: Any, **__: Any) -> Any:
        raise StoreError("disk full")

    server.store.count = fail  # type: ignore[method-assign]
    return await server.place()


async def audio_missing(server: Server) -> httpx.Response:
    await server.messages.keep_message(a_message(path="recordings/gone.wav"), "m1", [])
    return await server.http.get("/v1/messages/m1/audio", headers=admin())


async def overloaded(server: Server, how: str) -> httpx.Response:
    setattr(server.engine, how, True)
    return await server.place()


async def log_in(server: Server, tries: int = 1) -> httpx.Response:
    body = {"agent": "nobody", "password": "guess"}
    for _ in range(tries):
        answer = await server.http.post(
            "/v1/agent/login", json=body, headers={"Origin": "http://ringback.example"}
        )
    return answer


async def right_missing(server: Server) -> httpx.Response:
    server.world.config = staffed()
    await log_in_at_the_portal(server, "look")
    return await server.http.get("/v1/portal/audit")


async def talk_unknown(server: Server) -> httpx.Response:
    server.world.config = staffed()
    await log_in_at_the_portal(server)
    return await server.http.get("/v1/portal/talks/calls/none")


async def kiosk_unknown(server: Server) -> httpx.Response:
    server.world.config = staffed()
    await log_in_at_the_portal(server)
    return await server.http.delete("/v1/portal/kiosks/none", headers=OWN)


async def too_many_links(server: Server) -> httpx.Response:
    server.world.config = staffed()
    await log_in_at_the_portal(server)
    wish = {"label": "hall", "days": 1}
    with patch.object(wallboard, "MOST_LINKS", 1):
        await server.http.post("/v1/portal/kiosks", json=wish, headers=OWN)
        return await server.http.post("/v1/portal/kiosks", json=wish, headers=OWN)


async def limit_login(server: Server) -> httpx.Response:
    with patch.object(logins, "TRIES_PER_ADDRESS", (Window(1, 60.0),)):
        return await log_in(server, 2)


async def signing(server: Server, signed: str | None, **wanted: bool) -> httpx.Response:
    server.world.config = settings(data_pass={"signing": {"secret": SECRET, **wanted}})
    return await server.place(signed=signed)


async def signed_twice(server: Server) -> httpx.Response:
    await signing(server, token())
    return await signing(server, token())


async def code_required(server: Server) -> httpx.Response:
    alice = agents_answer().agents["alice"].model_copy(update={"totp_secret": SecretStr("A" * 32)})
    config = settings({"public_url": "http://ringback.example"})
    server.world.config = config.model_copy(update={"agents": {"alice": alice}})
    body = {"agent": "alice", "password": PASSWORD}
    return await server.http.post("/v1/agent/login", json=body, headers={"Origin": "http://ringback.example"})


async def admin_key_limited(server: Server) -> httpx.Response:
    customer = Customer.model_validate({"admin_key": "a-key-of-acme-alone"}, strict=False)
    server.world.config = settings().model_copy(update={"customers": {"acme": customer}})
    return await server.http.post("/v1/reload", headers=admin("a-key-of-acme-alone"))


async def view_code(server: Server, *, off: bool = False) -> httpx.Response:
    """A code for a shopper who shares their page; there is room for none."""
    server.world.config = settings(cobrowse=None if off else {})
    with patch.object(engine_of_views, "MOST_VIEWS", 0):
        return await server.http.post(
            "/v1/views/codes", json={"site_key": SITE_KEY}, headers={"Origin": ORIGIN}
        )


async def lead_form(server: Server, **forms: Any) -> httpx.Response:
    """Two forms of one address, where the site takes them by these settings."""
    server.world.config = settings(sections={"follow_up": {"forms": forms} if forms else {}})
    await send_form(server, "a" * 32)
    return await send_form(server, "b" * 32)


async def gone_time(server: Server) -> httpx.Response:
    """A form with a time that is none of the site's."""
    section = {"promises": {"all": {"first": "4h"}}, "forms": {"times": {}}}
    server.world.config = settings(sections={"follow_up": section})
    return await send_form(server, at=1.0)


CAUSES: dict[Problem, Cause] = {
    Problem.LEAD_FORMS_OFF: lead_form,
    Problem.LIMIT_LEADS: lambda s: lead_form(s, per_ip=["1 per 1h"]),
    Problem.TIME_GONE: lambda s: gone_time(s),
    Problem.LIMIT_SITE_LEADS: lambda s: lead_form(s, per_site=["1 per 1h"]),
    Problem.VIEWS_OFF: lambda s: view_code(s, off=True),
    Problem.VIEWS_FULL: view_code,
    Problem.VALIDATION_FAILED: lambda s: s.place(country="usa", context={"a b": 1}),
    Problem.BODY_INVALID: lambda s: post(s, b'{"site_key": '),
    Problem.SITE_UNKNOWN: lambda s: s.place(site_key="nobody-has-this"),
    Problem.NUMBER_INVALID: lambda s: s.place("12"),
    Problem.ADMIN_KEY_WRONG: lambda s: s.http.get("/v1/cdrs", headers=admin("guess")),
    Problem.ADMIN_KEY_LIMITED: admin_key_limited,
    Problem.ORIGIN_REFUSED: lambda s: s.place(headers={"Origin": "https://evil.example"}),
    Problem.NUMBER_SHORT: lambda s: s.place("911"),
    Problem.NUMBER_TYPE_REFUSED: lambda s: s.place("900 234 5678"),
    Problem.COUNTRY_REFUSED: lambda s: s.place("876 926 1234"),
    Problem.LOGIN_REFUSED: log_in,
    Problem.CODE_REQUIRED: code_required,
    Problem.NOT_LOGGED_IN: lambda s: s.http.get("/v1/agent/me"),
    Problem.TALK_REFUSED: lambda s: s.place(by="pc"),
    Problem.FORM_TOKEN_MISSING: form_token_missing,
    Problem.FORM_TOKEN_INVALID: lambda s: s.place(form_token="made up"),
    Problem.PROOF_MISSING: proof_missing,
    Problem.PROOF_INVALID: lambda s: s.place(proof="made up"),
    Problem.SIGNED_MISSING: lambda s: signing(s, None, token_required=True),
    Problem.SIGNED_INVALID: lambda s: signing(s, "a.b.c"),
    Problem.SIGNED_EXPIRED: lambda s: signing(s, token(iat=s.clock.now - 99, exp=s.clock.now - 31)),
    Problem.SIGNED_USED: signed_twice,
    Problem.LIMIT_LOGIN: limit_login,
    Problem.RIGHT_MISSING: right_missing,
    Problem.TALK_UNKNOWN: talk_unknown,
    Problem.KIOSK_UNKNOWN: kiosk_unknown,
    Problem.TOO_MANY_LINKS: too_many_links,
    Problem.NOT_FOUND: lambda s: s.http.get("/docs"),
    Problem.CALL_UNKNOWN: lambda s: s.http.get("/v1/calls/none", headers=admin()),
    Problem.LEAD_UNKNOWN: lambda s: s.http.get("/v1/leads/none", headers=admin()),
    Problem.LEAD_OVER: lambda s: on_a_lead(s, "done", "take"),
    Problem.LEAD_TAKEN: lambda s: on_a_lead(s, "take", owner="bob"),
    Problem.LEAD_NO_NUMBER: lambda s: on_a_lead(s, "call", number=""),
    Problem.LEAD_NO_PHONE: lambda s: bob_is_away(s),
    Problem.CALLBACK_UNKNOWN: lambda s: s.http.get("/v1/callbacks/none"),
    Problem.MESSAGE_UNKNOWN: lambda s: s.http.delete("/v1/messages/none", headers=admin()),
    Problem.RECORDING_UNKNOWN: lambda s: s.http.delete("/v1/recordings/none", headers=admin()),
    Problem.AUDIO_MISSING: audio_missing,
    Problem.RECEIVER_UNKNOWN: lambda s: s.http.post(
        "/v1/receivers/resume", json={"target": "https://none.example/"}, headers=admin()
    ),
    Problem.SESSION_UNKNOWN: lambda s: s.http.delete("/v1/sessions/none", headers=admin()),
    Problem.DELIVERY_UNKNOWN: lambda s: s.http.post("/v1/deliveries/none/resend", headers=admin()),
    Problem.ADMIN_CLOSED: admin_closed,
    Problem.EXPLAIN_OFF: lambda s: s.http.post(
        "/v1/page/explain", json={"site": SITE_KEY, "view": "v" * 16}, headers={"Origin": ORIGIN}
    ),
    Problem.METHOD_NOT_ALLOWED: lambda s: s.http.put("/v1/calls", json={}),
    Problem.BODY_TIMEOUT: body_timeout,
    Problem.CONFIG_INVALID: config_invalid,
    Problem.BODY_TOO_LARGE: lambda s: post(s, b" " * (routes.MAX_BODY + 1)),
    Problem.LIMIT_NUMBER: limit_number,
    Problem.LIMIT_IP: lambda s: limited(s, calls_per_ip=["1 per 1h"]),
    Problem.LIMIT_NUMBERS_PER_IP: lambda s: limited(s, numbers_per_ip=["1 per 1h"]),
    Problem.LIMIT_VISITOR: lambda s: limited(s, calls_per_visitor=["1 per 1h"]),
    Problem.LIMIT_NUMBERS_PER_VISITOR: lambda s: limited(s, numbers_per_visitor=["1 per 1h"]),
    Problem.LIMIT_SITE: lambda s: limited(s, calls_per_site=["1 per 1h"]),
    Problem.CHAT_OFF: lambda s: chat(s, off=True),
    Problem.CHAT_UNKNOWN: lambda s: s.place(thread={"id": "th-1", "token": "none"}),
    Problem.CHAT_CALLED: chat_called,
    Problem.TRANSCRIPT_OFF: lambda s: transcript(s, given=False),
    Problem.MAIL_OFF: lambda s: transcript(s, email="ann@x.example"),
    Problem.CHAT_OPEN: lambda s: chat(s, times=2),
    Problem.LIMIT_CHATS: lambda s: chat(s, per_visitor=["0 per 1h"]),
    Problem.LIMIT_LIVE_CALLS: lambda s: limited(s, live_calls_per_site=1),
    Problem.SPEND_CAP: beyond_spend,
    Problem.PERSON_IN_CALL: person_in_call,
    Problem.LIMIT_REQUESTS: limit_requests,
    Problem.TOO_MANY_TRACES: too_many_traces,
    Problem.INTERNAL_ERROR: internal_error,
    Problem.OUT_OF_CAPACITY: lambda s: overloaded(s, "full"),
    Problem.STORE_UNAVAILABLE: store_unavailable,
    Problem.DRAINING: lambda s: overloaded(s, "draining"),
    **REFUSALS,
}


# Those of connections are met in tests/server/test_connections.py, over sockets.
@pytest.mark.parametrize(
    "problem", [each for each in Problem if each not in OF_CONNECTIONS], ids=lambda problem: problem.id
)
@asyncio_test
async def test_every_problem_is_met(tmp_path: Path, problem: Problem) -> None:
    async with serving(tmp_path) as server:
        answer = await CAUSES[problem](server)
        assert answer.status_code == problem.status
        assert answer.headers["Content-Type"] == "application/problem+json"
        body = answer.json()
        assert body["id"] == problem.id
        assert body["type"] == f"urn:ringback:problem:{problem.id}"
        assert body["status"] == problem.status
        assert body["title"] == problem.title
        assert body["detail"]
        assert set(body) <= {"type", "title", "status", "detail", "id", "errors"}
        assert ("Retry-After" in answer.headers) == (problem.status in (429, 503))
        assert answer.headers["X-Request-Id"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "6175550123" not in answer.text


@asyncio_test
async def test_headers_that_belong_to_a_problem(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        assert (await CAUSES[Problem.ADMIN_KEY_WRONG](server)).headers["WWW-Authenticate"] == "Bearer"
        allow = (await CAUSES[Problem.METHOD_NOT_ALLOWED](server)).headers["Allow"]
        assert allow == "GET, POST"
        for path, methods in (
            ("/v1/calls/x", "DELETE, GET"),
            ("/v1/messages/x", "DELETE"),
            ("/callbacks/x", "GET, HEAD, POST"),
            ("/healthz", "GET"),
        ):
            assert (await server.http.put(path)).headers["Allow"] == methods
        assert (await CAUSES[Problem.BODY_TOO_LARGE](server)).headers["Connection"] == "close"


OUT_OF_BOUNDS: list[tuple[dict[str, Any], str]] = [
    ({"number": 6175550123}, "body.number"),
    ({"number": ""}, "body.number"),
    ({"number": "1" * 41}, "body.number"),
    ({"country": "us"}, "body.country"),
    ({"country": "XX"}, "body.country"),
    ({"site_key": None}, "body.site_key"),
    ({"page": "p" * 2049}, "body.page"),
    ({"page": "a\r\nX-Evil: 1"}, "body.page"),
    ({"surprise": 1}, "body.surprise"),
    ({"context": {"a": "x" * 513}}, "body.context.a"),
    ({"context": {"a": "x\ny"}}, "body.context.a"),
    ({"context": {"a": [[[[[[[[[1]]]]]]]]]}}, "body.context.a"),
    ({"signed": "no token"}, "body.signed"),
    ({"context": {"a": 10**400}}, "body.context.a"),
    ({"context": {"a": float("nan")}}, "body"),
    ({"context": {"a": float("inf")}}, "body"),
    ({"context": {"a\n": 1}}, "body.context.a"),
    ({"context": {str(n): n for n in range(65)}}, "body.context"),
    ({"context": []}, "body.context"),
    ({"context": {"a": "\ud800"}}, "body"),
    ({"page": "\ud800"}, "body"),
]


@asyncio_test
async def test_what_is_out_of_bounds_is_named(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        for changed, path in OUT_OF_BOUNDS:
            answer = await post(server, json.dumps({**GOOD, **changed}))
            assert answer.status_code == 400, (changed, answer.text)
            assert answer.json()["id"] in ("validation_failed", "body_invalid")
            assert any(each["path"].startswith(path) for each in answer.json()["errors"]), answer.text


NO_REQUESTS = [
    b"",
    b"null",
    b"[]",
    b'"text"',
    b"[" * 16_000,
    b'{"context":' * 1_400,
    b'{"number": ' + b"9" * 10_000 + b"}",
    b"\xff\xfe\x00",
    b'{"a": 1}' * 2,
]


@asyncio_test
async def test_bodies_that_are_no_request(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        for body in NO_REQUESTS:
            assert (await post(server, body)).status_code == 400, body[:20]
        wrong_type = await server.http.post(
            "/v1/calls", content=json.dumps(GOOD), headers={"Origin": ORIGIN, "Content-Type": "text/plain"}
        )
        assert wrong_type.status_code == 400


@asyncio_test
async def test_a_body_is_bounded_though_its_length_is_not_told(tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1000

    async with serving(tmp_path) as server:
        assert (await post(server, endless())).status_code == 413
        assert (await post(server, b"{}", **{"Content-Length": "junk"})).status_code == 413


@asyncio_test
async def test_a_request_keeps_its_id(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        named = await server.http.get("/healthz", headers={"X-Request-Id": "from-proxy.1"})
        assert named.headers["X-Request-Id"] == "from-proxy.1"
        for bad in ("a b", "x" * 65, "<script>", ""):
            other = await server.http.get("/healthz", headers={"X-Request-Id": bad})
            assert other.headers["X-Request-Id"] not in (bad, "")


def test_the_documented_table_is_the_real_one() -> None:
    documented = Path(__file__).parents[2].joinpath("docs", "api.md").read_text()
    assert problems.table() in documented, "put the output of `python -m api.problems` into docs/api.md"
