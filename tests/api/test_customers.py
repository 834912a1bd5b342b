"""One server, several customers: each key opens what is of its own sites, whatever is asked and however."""

from __future__ import annotations

import asyncio
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from structlog.testing import capture_logs

from api.cookies import AGENT_COOKIES
from api.late_routes import LateRoute
from api.problems import Problem
from bridge.causes import Disposition
from bridge.spend import SpendStanding
from bridge.tracing import Sighting
from config.models import Config
from follow.lead import Lead, LeadPerson
from leads.records import KeepLead
from server.reporting import CallCounter
from store.leads import SqlLeads
from store.recordings import KeptRecording
from store.reports import SqlReports
from store.retention import Expired
from store.visits import SqlVisits
from store.wrap_ups import SqlWrapUpStore
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import ADMIN, admin, settings
from tests.store.records import a_callback, a_click, a_delivery, a_leg, a_message, a_record
from visits.records import CountKey, VisitBatch

ACMES, BOLTS = "a-key-of-acme-and-nobody-else", "a-key-of-bolt-and-nobody-else"
KEYS = {"server": ADMIN, "acme": ACMES, "bolt": BOLTS, "nobody": "a-key-of-nobody-at-all"}
#: Of each site a number that stands in all its records.
NUMBERS = {"shop": "+16175550111", "other": "+16175550222"}


def agency(acme: str | None = ACMES, server: str | None = ADMIN) -> Config:
    """The shop is acme's, the other site bolt's."""
    plain = settings().model_dump(mode="json", exclude_unset=True)
    plain["server"]["admin_key"] = server
    plain["customers"] = {
        "acme": {"admin_key": acme, "public_url": "https://call.acme.example/rb/"},
        "bolt": {"admin_key": BOLTS},
    }
    plain["sites"]["shop"]["customer"] = "acme"
    plain["sites"]["other"]["customer"] = "bolt"
    return Config.model_validate(plain, strict=False)


@asynccontextmanager
async def two_customers(tmp_path: Path) -> AsyncIterator[Server]:
    """Of each site a live call, and a record of every kind."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    config = agency()
    config = config.model_copy(update={"server": config.server.model_copy(update={"recordings": folder})})
    async with serving(tmp_path, config) as server:
        for site, number in NUMBERS.items():
            origin, key = f"https://{site}.example", f"{site}-public-key"
            placed = await server.place(number, site_key=key, headers={"Origin": origin})
            assert placed.status_code == 201
            call = f"done-{site}"
            await server.store.open_call(call, a_click(number, site=site), "sales", 100.0)
            legs = (a_leg(f"{call}-s1", role="shopper", uri=f"sip:{number}@carrier.example"),)
            await server.store.write_cdr(a_record(call, site=site, number=number, legs=legs))
            notes = SqlWrapUpStore(server.store._database)
            await notes.keep(call, "jo", f"call {NUMBERS['shop']} of {site}", None, 170.0)
            audio = folder / f"{site}.wav"
            audio.write_bytes(b"RIFF")
            message = a_message(call, site=site, number=number, path=str(audio))
            mail = a_delivery(f"mail-{site}", site=site, body=f"From {number}", mailbox=site)
            await server.messages.keep_message(message, f"message-{site}", [mail])
            (folder / f"talk-{site}.wav").write_bytes(b"RIFF")
            talk = KeptRecording(
                f"talk-{site}", call, site, f"{call}-b1", "boston", str(folder / f"talk-{site}.wav"), 120.0
            )
            await server.stores.recordings.begin(replace(talk, seconds=9.5))
            click = replace(a_click(number, site=site), reached=False)
            await server.callbacks.add_callback(a_callback(f"back-{site}", click=click, call_id=call))
            exposed = CountKey(site, 900, "promo", "", "shown", "exposed", "", "phone")
            await SqlVisits(server.store._database).write(VisitBatch({exposed: 1}))
        now = server.clock.time()
        leads = [
            Lead(f"lead-{site}", site, LeadPerson(number), opened_at=now, last_at=now)
            for site, number in NUMBERS.items()
        ]
        await SqlLeads(server.store._database).write_leads([KeepLead(lead) for lead in leads])
        await server.leads.desk.start()
        await server.deliveries.add_deliveries([a_delivery("mail-none", body="a trunk's alarm")])
        await CallCounter(SqlReports(server.store._database), server.world.settings).count()
        server.world.expired = _expired
        server.world.spend = [
            SpendStanding(
                account=account, day="2026-11-30", currency="USD", spent=Decimal(1), cap=None,
                minutes=Decimal(1), cap_minutes=None, live_legs=0, level=0,
            )
            for account in ("site:shop", "site:other", "trunk:carrier")
        ]  # fmt: skip
        yield server


async def _expired() -> list[Expired]:
    return [Expired(site, "calls", 1.0, 1) for site in ("shop", "other", "")]


LIVE = {"shop": "call1", "other": "call2"}
#: What is shown by what it is of: to its customer and to the server's operator, to nobody else.
LISTS: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "/v1/calls", None),
    ("GET", "/v1/cdrs", None),
    ("GET", "/v1/callbacks", None),
    ("GET", "/v1/messages", None),
    ("GET", "/v1/recordings", None),
    ("GET", "/v1/deliveries", None),
    ("GET", "/v1/retention", None),
    ("GET", "/v1/reports/calls?since=0&until=9000000000", None),
    ("GET", "/v1/reports/threads?since=0&until=9000000000", None),
    ("GET", "/v1/reports/engagement?since=0&until=9000000000", None),
    ("GET", "/v1/reports/questions?since=0", None),
    ("GET", "/v1/reports/promises?since=0", None),
    ("GET", "/v1/leads", None),
    ("GET", "/v1/spend", None),
    ("POST", "/v1/person/export", {"number": NUMBERS["shop"]}),
    ("POST", "/v1/person/erase", {"number": "+16175550999"}),
    ("GET", "/v1/trace?seconds=1", None),
]
#: Of these lists the tests below look at what they show.
ELSEWHERE = (
    "/v1/reports/threads?since=0&until=9000000000",
    "/v1/reports/questions?since=0",
    "/v1/reports/promises?since=0",
    "/v1/person/export",
    "/v1/person/erase",
    "/v1/trace?seconds=1",
)
#: One thing of the shop, by its id: for anybody else there is no such thing.
THINGS = [
    ("GET", f"/v1/calls/{LIVE['shop']}"),
    ("DELETE", f"/v1/calls/{LIVE['shop']}"),
    ("GET", "/v1/calls/done-shop"),
    ("DELETE", "/v1/calls/done-shop"),
    ("GET", "/v1/calls/done-shop/callback"),
    ("GET", "/v1/leads/lead-shop"),
    ("GET", "/v1/messages/message-shop/audio"),
    ("GET", "/v1/recordings/talk-shop/audio"),
    ("DELETE", "/v1/recordings/talk-shop"),
    ("POST", "/v1/deliveries/mail-shop/resend"),
    ("DELETE", "/v1/messages/message-shop"),
]
#: What concerns the whole server, with what the server's key gets.
WHOLE: list[tuple[str, str, dict[str, Any] | None, int]] = [
    ("GET", "/v1/receivers", None, 200),
    ("POST", "/v1/receivers/resume", {"target": "https://nobody.example"}, 404),
    ("GET", "/v1/sessions", None, 200),
    ("DELETE", "/v1/sessions/none", None, 404),
    ("GET", "/v1/trunks", None, 200),
    ("POST", "/v1/reports/rebuild", None, 200),
    ("POST", "/v1/reload", None, 200),
    ("PUT", "/v1/log-level", {"level": "debug"}, 200),
]


def sites_in(text: str) -> set[str]:
    """The sites whose records an answer shows."""
    return set(re.findall(r'(?:"site":"|done-|mail-|message-|talk-|back-|lead-|site:)(shop|other)\b', text))


@asyncio_test
async def test_every_endpoint_of_operators_is_tried_here(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        routes = [each.whole for each in server.app.routes if isinstance(each, LateRoute)]

    def tried(route: APIRoute, table: list[tuple[str, str]]) -> bool:
        return any(
            method in (route.methods or ()) and route.path_regex.fullmatch(path.partition("?")[0])
            for method, path in table
        )

    scoped = [(method, path) for method, path, _ in LISTS] + THINGS
    whole = [(method, path) for method, path, _, _ in WHOLE]
    guarded = 0
    for route in routes:
        guards = {getattr(each.call, "__name__", "") for each in route.dependant.dependencies}
        if guards & {"operator", "call"}:
            assert tried(route, scoped), route.path
        elif "server_operator" in guards:
            assert tried(route, whole), route.path
        else:
            assert not tried(route, scoped + whole), route.path
            continue
        guarded += 1
    assert guarded == 34


@pytest.mark.parametrize("whose", KEYS)
@asyncio_test
async def test_a_list_shows_what_is_of_the_keys_own_sites(tmp_path: Path, whose: str) -> None:
    own = {"server": {"shop", "other"}, "acme": {"shop"}, "bolt": {"other"}, "nobody": set[str]()}[whose]
    async with two_customers(tmp_path) as server:
        for method, path, body in LISTS:
            answer = await server.http.request(method, path, json=body, headers=admin(KEYS[whose]))
            if whose == "nobody":
                assert (answer.status_code, answer.json()["id"]) == (401, "admin_key_wrong"), path
                continue
            assert answer.status_code == 200, path
            if path not in ELSEWHERE:
                assert sites_in(answer.text) == own, path
                foreign = ("mail-none", "trunk:carrier", '"site":""')
                assert whose == "server" or not any(each in answer.text for each in foreign), path
            if path in ("/v1/cdrs", "/v1/messages", "/v1/recordings"):  # nor does a filter give anything away
                wanted = {"site": "shop"}
                answer = await server.http.get(path, params=wanted, headers=admin(KEYS[whose]))
                assert sites_in(answer.text) == own & {"shop"}, path


@pytest.mark.parametrize("whose", KEYS)
@asyncio_test
async def test_one_thing_is_its_customers(tmp_path: Path, whose: str) -> None:
    async with two_customers(tmp_path) as server:
        for method, path in THINGS:
            answer = await server.http.request(method, path, headers=admin(KEYS[whose]))
            if whose in ("server", "acme"):
                assert answer.status_code < 300, path
                continue
            of_call = path.startswith("/v1/calls/")
            assert answer.status_code == (404 if whose == "bolt" or of_call else 401), path
            # There is no telling whether there is such a thing.
            none = re.sub(r"call1|(done|message|talk|mail|lead)-shop", "none", path)
            missing = await server.http.request(method, none, headers=admin(KEYS[whose]))
            assert answer.json() == missing.json(), path
        if whose in ("bolt", "nobody"):  # nothing happened to any of it
            progress = server.engine.progress(LIVE["shop"])
            assert progress is not None
            assert progress.disposition is not Disposition.CANCELLED
            assert await server.messages.message("message-shop") is not None
            assert (tmp_path / "recordings" / "shop.wav").exists()
            mail = await server.deliveries.delivery("mail-shop")
            assert mail is not None
            assert mail.next_at == 200.25


@pytest.mark.parametrize("whose", KEYS)
@asyncio_test
async def test_what_concerns_the_whole_server_wants_its_key(tmp_path: Path, whose: str) -> None:
    async with two_customers(tmp_path) as server:
        for method, path, body, status in WHOLE:
            answer = await server.http.request(method, path, json=body, headers=admin(KEYS[whose]))
            if whose == "server":
                assert answer.status_code == status, path
            elif whose == "nobody":
                assert (answer.status_code, answer.json()["id"]) == (401, "admin_key_wrong"), path
            else:
                assert (answer.status_code, answer.json()["id"]) == (403, "admin_key_limited"), path
        assert server.world.log_levels == (["debug"] if whose == "server" else [])


@pytest.mark.parametrize("path", ["/v1/cdrs", "/v1/messages"])
@asyncio_test
async def test_a_cursor_of_anothers_record_leads_to_ones_own(tmp_path: Path, path: str) -> None:
    async with two_customers(tmp_path) as server:
        first = (await server.http.get(path, params={"limit": "1"}, headers=admin())).json()
        assert first["next"]
        for whose, site, foreign in (("acme", "shop", "other"), ("bolt", "other", "shop")):
            page = await server.http.get(path, params={"cursor": first["next"]}, headers=admin(KEYS[whose]))
            assert foreign not in sites_in(page.text)
            alone = await server.http.get(path, params={"limit": "1"}, headers=admin(KEYS[whose]))
            assert sites_in(alone.text) == {site}
            assert alone.json()["next"] is None


@asyncio_test
async def test_a_person_is_exported_and_erased_at_ones_own_sites_alone(tmp_path: Path) -> None:
    async with two_customers(tmp_path) as server:
        # The shop's shopper is in a call, and a note of the other site names their number.
        body = {"number": NUMBERS["shop"]}

        async def export(whose: str) -> Mapping[str, list[dict[str, Any]]]:
            answer = await server.http.post("/v1/person/export", json=body, headers=admin(KEYS[whose]))
            with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
                return dict(json.loads(packed.read("person.json")))

        assert [row["call_id"] for row in (await export("server"))["wrap_ups"]] == ["done-other", "done-shop"]
        acmes, bolts = await export("acme"), await export("bolt")
        assert [row["call_id"] for row in acmes["wrap_ups"]] == ["done-shop"]
        assert {row["site"] for row in acmes["messages"]} == {"shop"}
        assert bolts["calls"] == bolts["messages"] == bolts["callbacks"] == bolts["deliveries"] == []
        assert [row["call_id"] for row in bolts["wrap_ups"]] == ["done-other"]
        # Whether they are in a call at the shop is not bolt's to know.
        erased = await server.http.post("/v1/person/erase", json=body, headers=admin(BOLTS))
        assert (erased.status_code, erased.json()["wrap_ups"], erased.json()["calls"]) == (200, 1, 0)
        busy = await server.http.post("/v1/person/erase", json=body, headers=admin(ACMES))
        assert (busy.status_code, busy.json()["id"]) == (409, "person_in_call")
        await server.engine.end(LIVE["shop"])
        assert [row["call_id"] for row in (await export("acme"))["wrap_ups"]] == ["done-shop"]
        erased = await server.http.post("/v1/person/erase", json=body, headers=admin(ACMES))
        assert (erased.status_code, erased.json()["messages"]) == (200, 1)
        assert await server.messages.message("message-other") is not None


@asyncio_test
async def test_a_trace_shows_the_messages_of_ones_own_calls(tmp_path: Path) -> None:
    async with two_customers(tmp_path) as server:

        async def traced(whose: str, **params: str) -> list[str]:
            before = len(server.world.wishes)
            wanted = {"seconds": "1", **params}
            looking = asyncio.create_task(
                server.http.get("/v1/trace", params=wanted, headers=admin(KEYS[whose]))
            )
            while len(server.world.wishes) == before:  # noqa: ASYNC110 - the request is on its way
                await asyncio.sleep(0.01)
            for leg_id in ("call1-s1", "call2-s1", "done-shop-s1", ""):
                server.world.traces.sighted(
                    Sighting(
                        at=1.0, sent=True, transport="udp", local_address="192.0.2.1", local_port=5100,
                        peer_address="192.0.2.7", peer_port=5060, leg_id=leg_id, trunk="carrier", text="BYE",
                    )
                )  # fmt: skip
            answer = await looking
            return [json.loads(line)["leg_id"] for line in answer.text.splitlines() if line]

        assert await traced("server") == ["call1-s1", "call2-s1", "done-shop-s1", ""]
        assert await traced("acme") == ["call1-s1"]
        assert await traced("bolt", trunk="carrier") == ["call2-s1"]
        # A customer leaves traces for others; one that is over counts no more.
        many = [server.http.get("/v1/trace", params={"seconds": "1"}, headers=admin(ACMES)) for _ in range(3)]
        statuses = sorted([answer.status_code for answer in await asyncio.gather(*many)])
        assert statuses == [200, 200, Problem.TOO_MANY_TRACES.status]
        assert await traced("acme") == ["call1-s1"]
        unknown = await server.http.get("/v1/trace", params={"trunk": "x"}, headers=admin(ACMES))
        assert unknown.status_code == 400


@asyncio_test
async def test_a_customers_key_is_in_the_audit_trail_and_no_key_opens_by_its_absence(tmp_path: Path) -> None:
    async with two_customers(tmp_path) as server:
        with capture_logs() as lines:
            await server.http.get("/v1/messages/message-shop/audio", headers=admin(ACMES))
            await server.http.post("/v1/reload", headers=admin(BOLTS))
        told = {line["event"]: line.get("customer") for line in lines if line.get("log") == "audit"}
        assert told == {"message_heard": "acme", "admin_key_limited": "bolt"}
        server.world.config = agency(acme=None, server=None)
        for secret in ("", "None", ADMIN, ACMES):
            refused = await server.http.get("/v1/cdrs", headers=admin(secret))
            assert (refused.status_code, refused.json()["id"]) == (401, "admin_key_wrong")
        assert (await server.http.get("/v1/cdrs", headers=admin(BOLTS))).status_code == 200
        # Health tells a customer no more than a stranger.
        assert (await server.http.get("/readyz", headers=admin(BOLTS))).json()["trunks"] in (None, {})


@asyncio_test
async def test_links_begin_with_the_customers_own_address(tmp_path: Path) -> None:
    async with two_customers(tmp_path) as server:
        for site, base in (("shop", "https://call.acme.example/rb"), ("other", "http://127.0.0.1:8080")):
            found = await server.http.get(f"/v1/calls/done-{site}/callback", headers=admin())
            assert found.json()["link"] == f"{base}/callbacks/secret-of-back-{site}"


@pytest.mark.parametrize(
    ("host", "origin", "refused"),
    [
        ("call.acme.example", "https://call.acme.example", False),
        ("127.0.0.1:8080", "http://127.0.0.1:8080", False),
        ("127.0.0.1:8080", "https://call.acme.example", True),
        ("call.acme.example", "https://www.bolt.example", True),
    ],
)
@asyncio_test
async def test_agents_may_come_by_a_customers_address(
    tmp_path: Path, host: str, origin: str, refused: bool
) -> None:
    async with two_customers(tmp_path) as server:
        body = {"agent": "nobody", "password": "x"}
        answer: httpx.Response = await server.http.post(
            "/v1/agent/login", json=body, headers={"Host": host, "Origin": origin}
        )
        assert answer.status_code == (403 if refused else 401)


@pytest.mark.parametrize(
    ("host", "cookie", "flags"),
    [
        ("call.acme.example", "__Host-ringback_agent=x", {"Path=/", "Secure"}),
        ("127.0.0.1:8080", "ringback_agent=x", {"Path=/v1/agent"}),
        ("call.elsewhere.example", "ringback_agent=x", {"Path=/v1/agent"}),
    ],
)
def test_an_agents_cookie_fits_the_address_that_they_came_by(host: str, cookie: str, flags: set[str]) -> None:
    headers = [(b"host", host.encode()), (b"cookie", cookie.encode())]
    request, response = Request({"type": "http", "headers": headers}), Response()
    AGENT_COOKIES.set_session(request, response, agency(), "x", 60)
    told = response.headers["set-cookie"].split("; ")
    assert told[0] == cookie
    assert {each for each in told if each.startswith("Path=") or each == "Secure"} == flags
    assert AGENT_COOKIES.session_of(request, agency()) == "x"
