"""Agents behind a real Asterisk: who is shown a call, whatever the PBX does with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from phones import wire
from tests.aio import asyncio_test
from tests.pbx.call_centre import call_centre
from tests.pbx.many_calls import AGENT, many_calls
from tests.scenarios.world import refuses

pytestmark = pytest.mark.pbx


@asyncio_test(timeout=90)
async def test_each_call_is_shown_to_whom_the_queue_rings(tmp_path: Path) -> None:
    async with call_centre(tmp_path, "810", "811", alice=AGENT) as centre:
        await centre.phones["bob"].set_script(AGENT)
        for shown in await many_calls(centre, 6):
            assert shown.right, shown


@asyncio_test(timeout=90)
async def test_a_call_that_moves_from_phone_to_phone(tmp_path: Path) -> None:
    """Alice declines, bob answers and passes the call on to alice by his phone's transfer key."""
    variables = {"__CART": "{context.cart}"}
    async with call_centre(tmp_path, "810", alice=refuses(486), variables=variables) as centre:
        call = await centre.office.world.click(context={"cart": "120 dollars"})
        await centre.popped(call, "bob", "answered", within=15)
        channel = await centre.channel_of("open")
        told = (await centre.office.pbx.command(f"core show channel {channel}")).splitlines()
        assert {f"RINGBACK_CALL_ID={call.id}", "CART=120 dollars"} <= set(told)
        await centre.phones["alice"].set_script(AGENT)
        bobs = centre.phones["bob"].seen(wire.Incoming)[-1].call
        await centre.phones["bob"].send(wire.Transfer(bobs, f"sip:alice@{centre.office.pbx.address}"))
        await centre.popped(call, "alice", "answered")
        await centre.phones["bob"].send(wire.HangUp(bobs))
        await call.over()
        await centre.popped(call, "alice", "over")
        assert centre.rung(call.number) == ["alice", "bob", "alice"]
        assert centre.pops(call.id) == [
            ("alice", "offered"), ("alice", "over"), ("bob", "offered"), ("bob", "answered"),
            ("bob", "over"), ("alice", "offered"), ("alice", "answered"), ("alice", "over"),
        ]  # fmt: skip


@asyncio_test(timeout=90)
async def test_what_happens_while_the_connection_is_cut_is_caught_up_with(tmp_path: Path) -> None:
    async with call_centre(tmp_path, "810", "811") as centre:
        first = await centre.office.world.click(number="+16175552001")
        await centre.popped(first, "alice", "answered")
        await centre.way.cut()
        await centre.linked("down")
        second = await centre.office.world.click(number="+16175552002")
        await centre.phones["bob"].expect(wire.Answered)
        assert centre.pops(second.id) == []
        await centre.way.restore()
        await centre.linked("up")
        await centre.popped(second, "bob", "answered")
        assert centre.pops(first.id) == [("alice", "offered"), ("alice", "answered")]
        for agent, call in (("alice", first), ("bob", second)):
            await centre.hang_up(agent)
            await call.over()
            await centre.popped(call, agent, "over")


@asyncio_test(timeout=90)
async def test_a_phone_that_is_busy_or_paused_counts_for_its_agent(tmp_path: Path) -> None:
    async with call_centre(tmp_path, "810") as centre:
        alice = centre.pages["alice"]
        await centre.office.pbx.command("queue pause member PJSIP/alice queue orders")
        call = await centre.office.world.click()
        await centre.popped(call, "bob", "answered")
        await centre.pages["bob"].tells(type="me", state="on_call")
        await call.cancel()
        await call.over()
        await centre.pages["bob"].tells(type="me", state="available")
        assert centre.rung(call.number) == ["bob"]
        assert all(told.get("state") != "ringing" for told in alice.told)
