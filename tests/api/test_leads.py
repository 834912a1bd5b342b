"""Leads for agents and operators: who sees which, taking, calling, closing; and the links in mails."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.models import Config
from follow.lead import ContactKind, Lead, LeadContact, LeadPerson, Unserved
from follow.links import LIFE, SHOPPER, write_link
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import admin, settings

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g"
OWN = "http://ringback.example"
PAT = LeadPerson("+16175550123", "pat@mail.example", name="Pat")


def followed(**agents: Any) -> Config:
    """Alice and Bob of the Boston store, and Carol of none."""
    return settings(
        sections={
            "agents": {
                "alice": {
                    "label": "Alice",
                    "password_hash": HASH,
                    "phones": ["boston"],
                    "rights": ["numbers"],
                },
                "bob": {"label": "Bob", "password_hash": HASH, "follows": ["boston"]},
                "carol": {"label": "Carol", "password_hash": HASH},
                **agents,
            },
            "desk": {"codes": {"sold": "Sold"}},
            "follow_up": {"route": "sales", "promises": {"all": {"first": "4h"}}},
        }
    )


@asynccontextmanager
async def office(tmp_path: Path, config: Config | None = None) -> AsyncIterator[Server]:
    async with serving(tmp_path, config or followed()) as server:
        await server.leads.desk.start()
        yield server


def missed(server: Server, person: LeadPerson = PAT, ref: str = "call-1", **more: Any) -> Lead:
    contact = LeadContact(ContactKind.CALL_UNANSWERED, ref, server.clock.time())
    context = {"cart.value": "120", "customer.name": person.name}
    lead = server.leads.desk.unserved(
        Unserved("shop", contact, person, "https://shop.example/sofa", context, **more)
    )
    assert lead is not None
    return lead


class Browser:
    """The browser of an agent who is logged in."""

    def __init__(self, server: Server, agent: str) -> None:
        self._http = server.http
        self._headers = {"Cookie": f"ringback_agent={server.sessions.open(agent)}", "Origin": OWN}

    async def get(self, path: str = "", **query: Any) -> httpx.Response:
        return await self._http.get(f"/v1/agent/leads{path}", params=query, headers=self._headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self._http.post(
            f"/v1/agent/leads/{path}", json=body, headers={**self._headers, **headers}
        )


@asyncio_test
async def test_agents_see_their_own_and_work_on_them(tmp_path):
    async with office(tmp_path) as server:
        lead = missed(server, queue="sales")
        alice, bob, carol = (Browser(server, name) for name in ("alice", "bob", "carol"))
        found = (await alice.get()).json()
        assert found["counts"] == {"open": 1, "due": 1, "overdue": 0, "mine": 0}
        assert found["codes"] == {"sold": "Sold"}
        [entry] = found["leads"]
        assert (entry["name"], entry["number"], entry["assigned"]) == ("Pat", PAT.number, ["alice", "bob"])
        assert entry["explanation"].startswith("due ")
        [hidden] = (await bob.get(view="team")).json()["leads"]
        assert (hidden["number"], hidden["email"]) == ("+1617•••••23", "pa•••@mail.example")
        assert (await carol.get()).json()["leads"] == []
        assert (await carol.get(f"/{lead.lead_id}")).json()["id"] == "lead_unknown"

        taken = await alice.post(f"{lead.lead_id}/take")
        assert taken.json()["owner_label"] == "Alice"
        assert (await bob.post(f"{lead.lead_id}/take")).json()["id"] == "lead_taken"
        assert (await alice.get(view="mine")).json()["counts"]["mine"] == 1
        assert (await bob.post(f"{lead.lead_id}/release")).json()["owner"] == "alice"
        assert (await alice.post(f"{lead.lead_id}/release")).json()["owner"] is None
        assert (await bob.post(f"{lead.lead_id}/answered")).json()["state"] == "answered"
        wrong = await bob.post(f"{lead.lead_id}/done", {"code": "none of ours"})
        assert wrong.status_code == 400
        done = await bob.post(f"{lead.lead_id}/done", {"code": "sold", "note": " two "})
        assert (done.json()["closed_how"], done.json()["note"]) == ("done", "two")
        assert (await bob.post(f"{lead.lead_id}/take")).json()["id"] == "lead_over"


@asyncio_test
async def test_only_pages_of_ours_and_who_is_logged_in(tmp_path):
    async with office(tmp_path) as server:
        lead = missed(server)
        alice = Browser(server, "alice")
        foreign = await alice.post(f"{lead.lead_id}/take", Origin="https://evil.example")
        assert foreign.json()["id"] == "origin_refused"
        assert (await server.http.get("/v1/agent/leads")).json()["id"] == "not_logged_in"
        nobody = await server.http.post(f"/v1/agent/leads/{lead.lead_id}/call", headers={"Origin": OWN})
        assert nobody.json()["id"] == "not_logged_in"


@asyncio_test
async def test_one_click_calls_the_agents_own_phone_first_then_the_shopper(tmp_path):
    async with office(tmp_path) as server:
        lead = missed(server)
        alice, bob = Browser(server, "alice"), Browser(server, "bob")
        answer = await alice.post(f"{lead.lead_id}/call")
        click, plan = server.engine._clicks[answer.json()["call_id"]]
        assert click.number == PAT.number
        assert plan.first == "business"
        assert plan.ending is None
        [step] = plan.steps
        [phone] = [each for each in step.endpoints if each.destination == "boston"]
        assert phone.screening is not None  # a voicemail takes no such call
        assert phone.screening.prompt.text.startswith("Web lead for Shop")
        assert (await alice.get(view="mine")).json()["counts"]["mine"] == 1
        assert (await bob.post(f"{lead.lead_id}/call")).json()["id"] == "lead_taken"


@asyncio_test
async def test_numbers_that_are_not_called_and_a_server_that_is_full(tmp_path):
    async with office(tmp_path) as server:
        premium = missed(server, LeadPerson("+19005550123"), "call-2")
        plain = missed(server, LeadPerson("+16175550199"), "call-3")
        alice = Browser(server, "alice")
        assert (await alice.post(f"{premium.lead_id}/call")).json()["id"] == "lead_no_number"
        server.engine.full = True
        assert (await alice.post(f"{plain.lead_id}/call")).json()["id"] == "out_of_capacity"


@asyncio_test
async def test_a_lead_tells_all_that_is_known(tmp_path):
    async with office(tmp_path) as server:
        lead = missed(server, said="Do you have it in blue?")
        missed(server, ref="call-2", person=LeadPerson(mail=PAT.mail))
        found = (await Browser(server, "alice").get(f"/{lead.lead_id}")).json()
        assert [(each["kind"], each["ref"]) for each in found["contacts"]] == [
            ("call_unanswered", "call-1"),
            ("call_unanswered", "call-2"),
        ]
        assert {each["label"]: each["value"] for each in found["fields"]}["Cart value"] == "120"
        assert found["said_all"] == "Do you have it in blue?"


@asyncio_test
async def test_the_list_searches_and_pages(tmp_path):
    async with office(tmp_path) as server:
        for number in range(25):
            missed(server, LeadPerson(f"+1617555{number:04}", name=f"Guest {number}"), f"call-{number}")
        alice = Browser(server, "alice")
        first = (await alice.get(limit=20)).json()
        rest = (await alice.get(limit=20, start=first["next"])).json()
        assert (len(first["leads"]), len(rest["leads"]), rest["next"]) == (20, 5, None)
        found = (await alice.get(search="guest 24")).json()
        assert [each["name"] for each in found["leads"]] == ["Guest 24"]
        assert len((await alice.get(search="5550007")).json()["leads"]) == 1


@asyncio_test
async def test_operators_list_leads_and_answer_times(tmp_path):
    async with office(tmp_path) as server:
        lead = missed(server, queue="sales")
        missed(server, LeadPerson("+16175550144"), "call-2")
        server.clock.now += 60
        await Browser(server, "alice").post(f"{lead.lead_id}/done", {"code": "sold"})
        await server.leads.desk.writer.flushed()
        ask = server.http.get
        page = (await ask("/v1/leads", headers=admin())).json()
        assert [each["number"] for each in page["leads"]] == ["+16175550144"]
        closed = (await ask("/v1/leads?view=closed", headers=admin())).json()["leads"]
        assert [(each["lead_id"], each["code"]) for each in closed] == [(lead.lead_id, "sold")]
        [row] = (await ask("/v1/reports/promises?by=queue", headers=admin())).json()["rows"]
        assert (row["key"], row["kept"], row["broken"], row["mean_seconds"]) == ("sales", 1, 0, 60.0)
        assert (await ask("/v1/leads")).status_code == 401
        assert (await ask("/v1/leads?cursor=x", headers=admin())).json()["id"] == "validation_failed"
        assert (await ask("/v1/leads/nothing", headers=admin())).json()["id"] == "lead_unknown"
        seen = (await ask(f"/v1/leads/{lead.lead_id}", headers=admin())).json()
        assert seen["contacts"][0]["ref"] == "call-1"


# --- links -------------------------------------------------------------------------------------------------


def link(server: Server, lead: Lead, reader: str) -> str:
    return f"/follow-up/{write_link(lead, reader, server.clock.time())}"


def actions(page: str, path: str) -> list[str]:
    """Where a page's buttons go, as a browser at ``path`` would ask for it."""
    found = re.findall(r'<form method="post"(?: action="([^"]*)")?', page)
    return [str(httpx.URL(f"{OWN}{path}").join(each)).removeprefix(OWN) for each in found]


@asyncio_test
async def test_a_robot_that_follows_every_link_changes_nothing(tmp_path):
    async with office(tmp_path) as server:
        lead = missed(server)
        for reader in ("agent:alice", "mailbox:office", SHOPPER):
            path = link(server, lead, reader)
            for target in (path, f"{path}/mute"):
                page = await server.http.get(target)
                head = await server.http.head(target)
                assert head.status_code == page.status_code
                for act in actions(page.text, target):
                    answer = await server.http.get(act)
                    assert answer.status_code in (200, 404, 405)
        assert server.leads.desk.board.get(lead.lead_id).lead == lead
        assert await server.stores.leads.muted() == frozenset()
        assert server.engine._clicks == {}


@asyncio_test
async def test_the_buttons_of_an_agents_link(tmp_path):
    async with office(tmp_path) as server:
        lead = missed(server, said="<b>bold</b>")
        path = link(server, lead, "agent:alice")
        page = await server.http.get(path)
        assert "<b>bold</b>" not in page.text
        assert "&lt;b&gt;bold&lt;/b&gt;" in page.text
        call, take, done = actions(page.text, path)
        assert "script" not in page.headers["content-security-policy"]
        back = await server.http.post(take)
        assert back.status_code == 303
        assert str(httpx.URL(f"{OWN}{take}").join(back.headers["location"])) == f"{OWN}{path}"
        assert "Give it back" in (await server.http.get(path)).text
        assert (await server.http.post(call)).status_code == 303
        assert len(server.engine._clicks) == 1
        bob = await server.http.post(link(server, lead, "agent:bob") + "/take")
        assert bob.status_code == 409
        assert "A colleague has this lead" in bob.text
        assert (await server.http.post(done)).status_code == 303
        assert "nothing left to do" in (await server.http.get(path)).text


@asyncio_test
async def test_the_link_of_a_shopper_shows_what_is_promised_and_cancels(tmp_path):
    async with office(tmp_path) as server:
        lead = missed(server)
        path = link(server, lead, SHOPPER)
        page = await server.http.get(path)
        assert "We will answer you" in page.text
        [cancel] = actions(page.text, path)
        for other in ("take", "done", "call", "mute"):
            assert (await server.http.post(f"{path}/{other}")).status_code == 404
        assert (await server.http.post(cancel)).status_code == 303
        assert "We will not answer you" in (await server.http.get(path)).text
        assert server.leads.desk.open_leads() == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-1] + ("A" if text[-1] != "A" else "B"),
        lambda text: text.replace(text.split(".")[1], "YWdlbnQ6Ym9i"),  # agent:bob
        lambda text: text.replace(text.split(".")[2], "9999999999"),
        lambda text: "nonsense",
        lambda text: "f" * 24 + text[24:],
    ],
)
@asyncio_test
async def test_a_link_that_we_did_not_write_opens_nothing(tmp_path, spoil):
    async with office(tmp_path) as server:
        lead = missed(server)
        token = spoil(write_link(lead, "agent:alice", server.clock.time()))
        for act in ("", "/take", "/mute"):
            assert (await server.http.post(f"/follow-up/{token}{act}")).status_code in (404, 405)
        assert (await server.http.get(f"/follow-up/{token}")).status_code == 404
        assert server.leads.desk.board.get(lead.lead_id).lead == lead


@asyncio_test
async def test_links_expire_and_end_with_whom_they_are_for(tmp_path):
    async with office(tmp_path) as server:
        lead = missed(server)
        path, carol = link(server, lead, "agent:alice"), link(server, lead, "agent:carol")
        assert (await server.http.get(carol)).status_code == 404
        assert (await server.http.get(link(server, lead, "agent:gone"))).status_code == 404
        server.clock.now += LIFE
        assert (await server.http.get(path)).status_code == 404


@asyncio_test
async def test_a_mail_program_unsubscribes_with_one_click(tmp_path):
    """RFC 8058: a POST without a page, a cookie, or an Origin."""
    async with office(tmp_path) as server:
        lead = missed(server)
        path = link(server, lead, "agent:alice")
        answer = await server.http.post(
            f"{path}/mute",
            content="List-Unsubscribe=One-Click",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert answer.status_code == 200
        assert await server.stores.leads.muted() == {"agent:alice"}
        [again] = actions(answer.text, f"{path}/mute")
        assert (await server.http.post(again)).status_code == 200
        assert await server.stores.leads.muted() == frozenset()
