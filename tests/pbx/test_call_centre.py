"""Agents behind a real Asterisk: who is shown a call, whatever the PBX does with it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.aio import asyncio_test
from tests.pbx.call_centre import CallCentre, call_centre
from tests.pbx.many_calls import AGENT, many_calls
from tests.scenarios.world import BUSINESS, RINGS, refuses

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


def _placed_by_asterisk(centre: CallCentre, channel: str) -> None:
    """Have Asterisk ring this for the first destination."""
    settings = centre.office.world.settings
    originate = {"asterisk": "pbx", "channel": channel, "endpoint": "open"}
    next(iter(settings["destinations"].values()))["originate"] = originate
    centre.office.world.route["steps"][0]["strategy"] = "in_order"


@pytest.mark.parametrize("channel", ["PJSIP/alice", "Local/810@from-ringback"])
@asyncio_test(timeout=90)
async def test_asterisk_places_the_leg(tmp_path: Path, channel: str) -> None:
    async with call_centre(tmp_path, "alice") as centre:
        _placed_by_asterisk(centre, channel)
        await centre.reload()
        the = centre.office
        call = await the.world.click()
        await centre.popped(call, "alice", "answered")
        await call.reaches("bridged")
        assert "Called PJSIP/open/sip:" in the.pbx.log()
        await asyncio.sleep(1.2)
        await centre.hang_up("alice")
        record = await call.over()
        await centre.popped(call, "alice", "over")
        assert record.causes == [("shopper", "peer_ended"), ("pbx-alice", "normal")]
        since, until = call.at("bridged") + 0.5, call.at("ending")
        for phone, hz in ((the.shopper, BUSINESS_HZ), (the.alice, SHOPPER_HZ)):
            ear = await the.world.heard(phone)
            assert ear.only(hz, since=since, until=until), ear.story()


@asyncio_test(timeout=120)
async def test_what_becomes_of_legs_that_asterisk_places(tmp_path: Path) -> None:
    async with call_centre(tmp_path, "alice", "bob") as centre:
        _placed_by_asterisk(centre, "PJSIP/alice")
        await centre.reload()
        the = centre.office
        for script, cause in ((refuses(486), "busy"), (refuses(603), "declined")):
            await the.alice.set_script(script)
            call = await the.world.click()
            await call.reaches("bridged")
            await call.cancel()
            assert (await call.over()).causes[1] == ("pbx-alice", cause)
        # The shopper gives up while it rings.
        await the.alice.set_script(RINGS)
        call = await the.world.click()
        await centre.popped(call, "alice", "offered")
        await call.tells(lambda line: line["ringing"])
        await call.cancel()
        await call.over()
        await the.alice.expect(wire.Ended, where=lambda ended: ended.status == 487)
        # Where Asterisk cannot be told to, the phone is dialled by SIP.
        await the.alice.set_script(BUSINESS)
        await centre.way.cut()
        await centre.linked("down")
        call = await the.world.click()
        await call.reaches("bridged")
        await call.cancel()
        assert (await call.over()).causes[1][0] == "pbx-alice"
