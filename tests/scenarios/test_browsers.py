"""Shoppers and agents in browsers, through the whole product: who hears whom, and how calls end."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.aio import asyncio_test
from tests.scenarios.pages import PASSWORD_HASH, agent_page, shopper_page
from tests.scenarios.settings import free_block, step
from tests.scenarios.world import Record, World, answers, world


def with_agents(here: World, *agents: str) -> None:
    """Let people answer in browsers, and shoppers talk by PC."""
    here.settings["agents"] = {
        name: {"label": name.title(), "password_hash": PASSWORD_HASH} for name in agents
    }
    here.site["talk_methods"] = ["phone", "pc"]
    ports = free_block(40)
    here.settings["webrtc"] = {"bind_address": "127.0.0.1", "media_ports": f"{ports}-{ports + 39}"}


async def cdr(here: World, call_id: str) -> Record:
    """The CDR of a call that is about to end."""
    async with asyncio.timeout(10):
        while True:
            for item in (await here.server.admin("GET", "/v1/cdrs")).json()["cdrs"]:
                if item["call_id"] == call_id:
                    return Record(item)
            await asyncio.sleep(0.05)


async def by_pc(here: World) -> dict[str, Any]:
    answer = await here.ask(by="pc", number=None, country=None)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


@asyncio_test(timeout=90)
async def test_an_agent_answers_a_shopper_on_the_phone(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        with_agents(here, "alice")
        await here.serve(step("agent:alice"))
        async with agent_page(here.server) as page:
            await page.tells(type="me", state="available")
            call = await here.click()
            ring = await page.tells(type="ring")
            browser = await page.talk(ring["leg"], BUSINESS_HZ)
            bridged = await call.reaches("bridged")
            assert bridged["connected_to"] == "Alice"
            await page.tells(type="leg_state", state="joined")
            await browser.hears(SHOPPER_HZ, BUSINESS_HZ)
            await asyncio.sleep(1.5)
            browser.hang_up()
            record = await call.over()
            await page.tells(type="gone", cause="normal")
            assert record.causes == [("shopper", "peer_ended"), ("agent:alice", "normal")]
            assert record.disposition == "bridged"
            ear = await here.heard(shopper)
            since, until = call.at("bridged") + 0.5, call.at("ending")
            assert ear.only(BUSINESS_HZ, since=since, until=until), ear.story()
    # What she did is in the report of her time, and nothing of it goes on once the server has stopped.
    with contextlib.closing(sqlite3.connect(tmp_path / "ringback.sqlite3")) as database:
        spans = database.execute("SELECT agent, state, open FROM agent_spans").fetchall()
        counted = database.execute("SELECT agent, state FROM agent_time WHERE ms > 1000").fetchall()
    assert ("alice", "on_call", 0) in spans
    assert ("alice", "on_call") in counted
    assert not any(open_still for _, _, open_still in spans)


@asyncio_test(timeout=90)
async def test_browser_to_browser_and_a_reload_between(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        with_agents(here, "alice")
        await here.serve(step("agent:alice"))
        async with agent_page(here.server) as page:
            await page.tells(type="me", state="available")
            placed = await by_pc(here)
            async with shopper_page(here.server, placed) as shop:
                ring = await shop.tells(type="ring", under_way=False)
                assert ring["leg"] == placed["leg"]
                shopper = await shop.talk(placed["leg"], SHOPPER_HZ)
                leg = (await page.tells(type="ring"))["leg"]
                agent = await page.talk(leg, BUSINESS_HZ)
                await shop.tells(state="bridged")
                await agent.hears(SHOPPER_HZ, BUSINESS_HZ)
                await shopper.hears(BUSINESS_HZ, SHOPPER_HZ)
                await page.close()
                async with agent_page(here.server) as again:
                    told = await again.tells(type="ring", under_way=True)
                    assert (told["leg"], told["state"]) == (leg, "joined")
                    agent = await again.talk(leg, BUSINESS_HZ, session=2)
                    await agent.hears(SHOPPER_HZ, BUSINESS_HZ)
                    shopper.forget()
                    await shopper.hears(BUSINESS_HZ, SHOPPER_HZ)
                    shopper.hang_up()
                    await shop.tells(state="ended", disposition="bridged")
                    await again.tells(type="gone", leg=leg, cause="peer_ended")
                    await again.tells(type="me", state="available")
        record = await cdr(here, placed["id"])
        assert record.causes == [("shopper", "normal"), ("agent:alice", "peer_ended")]


@asyncio_test(timeout=90)
async def test_a_shopper_in_the_browser_and_a_business_on_the_phone(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        boston = await here.business("boston", answers())
        with_agents(here, "alice")
        # Alice is offline, and passed over.
        await here.serve(step("agent:alice", "boston", strategy="in_order"))
        placed = await by_pc(here)
        async with shopper_page(here.server, placed) as shop:
            shopper = await shop.talk(placed["leg"], SHOPPER_HZ)
            await shop.tells(state="bridged", connected_to="The boston store")
            await shopper.hears(BUSINESS_HZ, SHOPPER_HZ)
            await shop.say("dtmf", leg=placed["leg"], digit="7")
            heard = await boston.expect(wire.Dtmf)
            assert heard.digit == "7"
            shopper.hang_up()
            await shop.tells(type="gone", leg=placed["leg"])
        record = await cdr(here, placed["id"])
        assert record.causes == [("shopper", "normal"), ("boston", "peer_ended")]


@asyncio_test(timeout=90)
async def test_an_agent_declines_and_the_next_one_rings(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        with_agents(here, "alice", "ben")
        await here.serve(step("agent:alice", "agent:ben", strategy="in_order"))
        async with agent_page(here.server) as alice, agent_page(here.server, "ben") as ben:
            for page in (alice, ben):
                await page.tells(type="me", state="available")
            call = await here.click()
            leg = (await alice.tells(type="ring"))["leg"]
            await alice.say("hang_up", leg=leg, reason="declined")
            await alice.tells(type="gone", leg=leg, cause="declined")
            leg = (await ben.tells(type="ring"))["leg"]
            browser = await ben.talk(leg, BUSINESS_HZ)
            await call.reaches("bridged")
            browser.hang_up()
            record = await call.over()
            assert record.causes[1:] == [("agent:alice", "declined"), ("agent:ben", "normal")]


@asyncio_test(timeout=90)
async def test_an_agents_browser_that_dies_leaves_the_shopper_to_the_next_agent(tmp_path: Path) -> None:
    """And a shopper's browser that is gone for the moment is told to the agent."""
    async with world(tmp_path) as here:
        await here.shopper()
        with_agents(here, "alice", "ben")
        here.settings["webrtc"]["grace_period"] = "2s"
        here.site["lost_connection"] = {"prompt": "greeting"}
        await here.serve(step("agent:alice", "agent:ben", strategy="in_order"))
        async with agent_page(here.server, "ben") as ben:
            await ben.tells(type="me", state="available")
            placed = await by_pc(here)
            async with shopper_page(here.server, placed) as shop:
                await shop.tells(type="ring")
                async with agent_page(here.server) as alice:
                    await alice.tells(type="me", state="available")
                    shopper = await shop.talk(placed["leg"], SHOPPER_HZ)
                    await alice.talk((await alice.tells(type="ring"))["leg"], BUSINESS_HZ)
                    await shop.tells(state="bridged")
                # Her page is gone, and so is her browser.
                await shop.tells(state="hunting", ringing=["Ben"])
                browser = await ben.talk((await ben.tells(type="ring"))["leg"], BUSINESS_HZ)
                await ben.tells(type="desk_call", state="talking", shopper="there")
                await browser.hears(SHOPPER_HZ, BUSINESS_HZ)
                await shopper.close()
                await ben.tells(type="desk_call", shopper="lost")
                again = await shop.talk(placed["leg"], SHOPPER_HZ, session=2)
                await ben.tells(type="desk_call", shopper="there")
                browser.forget()
                await browser.hears(SHOPPER_HZ, BUSINESS_HZ)
                again.hang_up()
                await shop.tells(state="ended", disposition="bridged")
        record = await cdr(here, placed["id"])
        assert record.causes == [
            ("shopper", "normal"), ("agent:alice", "media_timeout"), ("agent:ben", "peer_ended"),
        ]  # fmt: skip
        assert all(leg["joined_at"] for leg in record.raw["legs"])
