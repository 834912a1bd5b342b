"""Forms of shops' pages that leave leads: what is taken, what is refused, and how often."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.proofs import ProofChallenge, solve
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import ORIGIN, SITE_KEY, settings

KEY = "a" * 32


def shop(path: Path, **forms: Any) -> AbstractAsyncContextManager[Server]:
    """A shop that is followed up, and takes forms by these settings."""
    section = {"promises": {"all": {"first": "4h"}}, "forms": forms}
    proxied = {"trusted_proxies": ["198.51.100.7/32"]}
    return serving(path, settings(proxied, {"follow_up": section}))


async def send(
    server: Server, request: str = KEY, origin: str = ORIGIN, ip: str = "203.0.113.5", **form: Any
) -> httpx.Response:
    body = {"site_key": SITE_KEY, "request": request, "number": "(617) 555-0123", "said": request, **form}
    headers = {"Origin": origin, "X-Forwarded-For": ip}
    return await server.http.post("/v1/page/lead", json=body, headers=headers)


def key(number: int) -> str:
    return f"{number:032}"


@asyncio_test
async def test_a_form_is_a_lead_with_a_promise(tmp_path: Path) -> None:
    async with shop(tmp_path) as server:
        answer = await send(
            server,
            name=" Ann  Lee ",
            email="ann@mail.example",
            said="Blue?\r\nMy card is 4111 1111 1111 1111.",
            page="https://shop.example/sofa",
            context={"cart": {"value": 120}},
        )
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        [lead] = server.leads.desk.open_leads()
        assert (lead.kind, lead.site, lead.page) == ("form", "shop", "https://shop.example/sofa")
        person = lead.person
        assert (person.number, person.mail, person.name) == ("+16175550123", "ann@mail.example", "Ann Lee")
        assert lead.said == "Blue?\nMy card is ••••."
        assert lead.context["cart.value"] == "120"
        assert lead.due_at == server.clock.time() + 4 * 3600
        await server.leads.desk.writer.flushed()
        assert (await server.stores.leads.lead(lead.lead_id)).lead.person == person


@asyncio_test
async def test_the_same_form_again_is_the_same_lead_and_does_not_count(tmp_path: Path) -> None:
    async with shop(tmp_path, per_ip=["1 per 1h"]) as server:
        for _ in range(3):
            assert (await send(server)).status_code == 204
        [lead] = server.leads.desk.open_leads()
        assert len(server.leads.desk.board.get(lead.lead_id).contacts) == 1


@asyncio_test
async def test_one_address_sends_only_so_many(tmp_path: Path) -> None:
    async with shop(tmp_path, per_ip=["2 per 1h"]) as server:
        assert (await send(server, key(0), number="12")).status_code == 400  # does not count
        assert [(await send(server, key(n))).status_code for n in (1, 2)] == [204, 204]
        refused = await send(server, key(3), number="(617) 555-0177")
        assert (refused.status_code, refused.json()["id"]) == (429, "limit_leads")
        assert 0 < int(refused.headers["retry-after"]) <= 3600
        assert [lead.person.number for lead in server.leads.desk.open_leads()] == ["+16175550123"]
        assert (await send(server, key(3), ip="203.0.113.6")).status_code == 204
        server.clock.now += 3600
        assert (await send(server, key(4))).status_code == 204


@asyncio_test
async def test_one_site_takes_only_so_many_and_an_address_is_not_charged_for_it(tmp_path: Path) -> None:
    async with shop(tmp_path, per_ip=["1 per 1h"], per_site=["2 per 1h"]) as server:
        ips = [f"203.0.113.{n}" for n in range(1, 5)]
        sent = [await send(server, key(n), ip=ip, said=f"{n}") for n, ip in enumerate(ips)]
        assert [each.status_code for each in sent] == [204, 204, 429, 429]
        assert (sent[2].json()["id"], sent[2].headers["retry-after"]) == ("limit_site_leads", "3600")
        server.clock.now += 3601
        assert (await send(server, key(5), ip=ips[2], said="2")).status_code == 204


@asyncio_test
async def test_the_same_words_of_the_same_person_within_minutes_are_one_form(tmp_path: Path) -> None:
    async with shop(tmp_path, per_ip=["2 per 1h"]) as server:
        for number in range(5):
            assert (await send(server, key(number), said="In blue?")).status_code == 204
        [lead] = server.leads.desk.open_leads()
        assert len(server.leads.desk.board.get(lead.lead_id).contacts) == 1
        assert (await send(server, key(6), said="Or red?")).status_code == 204
        assert len(server.leads.desk.board.get(lead.lead_id).contacts) == 2
        assert (await send(server, key(7), said="Or green?")).json()["id"] == "limit_leads"
        # What was refused may be sent again.
        server.clock.now += 3601
        assert (await send(server, key(7), said="Or green?")).status_code == 204


@asyncio_test
async def test_the_limits_know_networks_of_ipv6(tmp_path: Path) -> None:
    async with shop(tmp_path, per_ip=["1 per 1h"]) as server:
        assert (await send(server, key(1), ip="2001:db8:0:1::1")).status_code == 204
        assert (await send(server, key(2), ip="2001:db8:0:1::2")).json()["id"] == "limit_leads"
        wider = [(await send(server, key(n), ip=f"2001:db8:0:{n}::1")).status_code for n in range(2, 6)]
        assert wider == [204, 204, 204, 429]  # four times as many by the /56


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"number": None}, "validation_failed"),
        ({"number": None, "email": "ann at home"}, "validation_failed"),
        ({"email": "ann@mail.example\r\nBcc: all@mail.example"}, "validation_failed"),
        ({"name": "Ann\nLee"}, "validation_failed"),
        ({"said": "x" * 2001}, "validation_failed"),
        ({"said": "\x00"}, "validation_failed"),
        ({"request": "short"}, "validation_failed"),
        ({"number": "+1 900 555 0123"}, "number_type_refused"),
        ({"number": "+33 1 42 68 53 00"}, "country_refused"),
        ({"origin": "https://evil.example"}, "origin_refused"),
        ({"site_key": "nobody-knows-it"}, "site_unknown"),
    ],
)
@asyncio_test
async def test_what_is_refused_leaves_no_lead(tmp_path: Path, form: dict[str, Any], refusal: str) -> None:
    async with shop(tmp_path) as server:
        assert (await send(server, **form)).json()["id"] == refusal
        assert server.leads.desk.open_leads() == []


@asyncio_test
async def test_an_address_alone_will_do(tmp_path: Path) -> None:
    async with shop(tmp_path) as server:
        assert (await send(server, number=None, email="ann@mail.example")).status_code == 204
        assert [lead.person.mail for lead in server.leads.desk.open_leads()] == ["ann@mail.example"]


@pytest.mark.parametrize("section", [None, {}, {"forms": {"sites": ["other"]}}])
@asyncio_test
async def test_where_the_settings_take_no_forms(tmp_path: Path, section: dict[str, Any] | None) -> None:
    config = settings(sections={} if section is None else {"follow_up": section})
    async with serving(tmp_path, config) as server:
        refused = await send(server)
        assert (refused.status_code, refused.json()["id"]) == (403, "lead_forms_off")


@asyncio_test
async def test_forms_may_need_a_proof_of_work_each_its_own(tmp_path: Path) -> None:
    section = {"promises": {"all": {"first": "4h"}}, "forms": {"proof": True}}
    async with serving(tmp_path, settings(sections={"follow_up": section}, proof_of_work="always")) as server:
        bare = await send(server, key(1))
        assert (bare.status_code, bare.json()["id"]) == (403, "proof_missing")
        question = {"site_key": SITE_KEY, "what": "lead"}
        given = await server.http.post("/v1/page/challenge", json=question, headers={"Origin": ORIGIN})
        proof = solve(ProofChallenge.model_validate(given.json()["challenge"]))
        assert (await send(server, key(2), number="12", proof=proof)).json()["id"] == "number_invalid"
        assert (await send(server, key(2), proof=proof)).status_code == 204
        assert (await send(server, key(3), said="Again", proof=proof)).json()["id"] == "proof_invalid"
        assert len(server.leads.desk.open_leads()) == 1
