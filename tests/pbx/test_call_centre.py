"""Agents behind a real Asterisk: who is shown a call, whatever the PBX does with it.

Few tests that do much each: a PBX, a server and the phones take ten seconds to be there.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.aio import asyncio_test
from tests.pbx.call_centre import CallCentre, call_centre
from tests.pbx.many_calls import AGENT, many_calls
from tests.scenarios.settings import step
from tests.scenarios.world import BUSINESS, RINGS, Click, refuses

pytestmark = pytest.mark.pbx


@asyncio_test(timeout=120)
async def test_each_call_is_shown_to_the_agent_that_the_queue_rings(tmp_path: Path) -> None:
    """Both queues at once; then the connection is cut, and what happened meanwhile is caught up with."""
    async with call_centre(tmp_path, "810", "811", alice=AGENT) as centre:
        await centre.phones["bob"].set_script(AGENT)
        for shown in await many_calls(centre, 4):
            assert shown.right, shown
        for phone in centre.phones.values():
            await phone.set_script(BUSINESS)
        first = await centre.office.world.click(number="+16175553001")
        agent, other = await _whose(centre, first)
        await centre.way.cut()
        await centre.linked("down")
        second = await centre.office.world.click(number="+16175553002")
        await centre.phones[other].expect(
            wire.Answered, call=centre.phones[other].seen(wire.Incoming)[-1].call + 1
        )
        assert centre.pops(second.id) == []
        await centre.way.restore()
        await centre.linked("up")
        await centre.popped(second, other, "answered")
        assert centre.pops(first.id) == [(agent, "offered"), (agent, "answered")]
        for whose, call in ((agent, first), (other, second)):
            await centre.hang_up(whose)
            await call.over()
            await centre.popped(call, whose, "over")


async def _whose(centre: CallCentre, call: Click) -> tuple[str, str]:
    """Who has answered a call, and who has not."""
    await call.reaches("bridged")
    while True:
        for agent, other in (("alice", "bob"), ("bob", "alice")):
            if (agent, "answered") in centre.pops(call.id):
                return agent, other
        await asyncio.sleep(0.02)


@asyncio_test(timeout=120)
async def test_a_call_that_moves_from_phone_to_phone(tmp_path: Path) -> None:
    """Alice declines, bob answers and passes the call on to alice; and routing knows who is busy."""
    variables = {"__CART": "{context.cart}"}
    async with call_centre(
        tmp_path, "810", "alice", "bob", alice=refuses(486), variables=variables
    ) as centre:
        the = centre.office
        the.world.route["steps"] = [step("pbx-810")]
        await centre.reload()
        call = await the.world.click(context={"cart": "120 dollars"})
        await centre.popped(call, "bob", "answered", within=15)
        channel = await centre.channel_of("open")
        told = (await the.pbx.command(f"core show channel {channel}")).splitlines()
        assert {f"RINGBACK_CALL_ID={call.id}", "CART=120 dollars"} <= set(told)
        await the.alice.set_script(BUSINESS)
        bobs = the.bob.seen(wire.Incoming)[-1].call
        await the.bob.send(wire.Transfer(bobs, f"sip:alice@{the.pbx.address}"))
        await centre.popped(call, "alice", "answered")
        await the.bob.send(wire.HangUpCall(bobs))
        # Alice is on the phone now, and bob is not: what rings her phone is not dialled.
        for name in ("alice", "bob"):
            the.world.settings["agents"][name]["phones"] = [f"pbx-{name}"]
        the.world.route["steps"] = [step("pbx-alice", "pbx-bob", strategy="in_order")]
        await centre.reload()
        await centre.does("bob", "available")
        await centre.does("alice", "on_call")
        other = await the.world.click(number="+16175553003")
        await other.reaches("bridged")
        await other.cancel()
        assert [name for name, _ in (await other.over()).causes] == ["shopper", "pbx-bob"]
        await centre.hang_up("alice")
        await call.over()
        await centre.popped(call, "alice", "over")
        assert centre.rung(call.number) == ["alice", "bob", "alice"]
        assert centre.pops(call.id) == [
            ("alice", "offered"), ("alice", "over"), ("bob", "offered"), ("bob", "answered"),
            ("bob", "over"), ("alice", "offered"), ("alice", "answered"), ("alice", "over"),
        ]  # fmt: skip
        # An agent who is paused in the queue is away from their phone.
        await the.pbx.command("queue pause member PJSIP/bob")
        the.world.route["steps"] = [step("pbx-bob", "pbx-alice", strategy="in_order")]
        await centre.reload()
        await centre.does("alice", "available")
        other = await the.world.click(number="+16175553004")
        await other.reaches("bridged")
        await other.cancel()
        assert [name for name, _ in (await other.over()).causes] == ["shopper", "pbx-alice"]


@asyncio_test(timeout=60)
async def test_a_call_that_is_picked_up_is_shown_to_the_agent_who_picked_it_up(tmp_path: Path) -> None:
    """Alice's phone rings, and bob takes the call from his; then he passes it to her."""
    async with call_centre(tmp_path, "812", alice=wire.Script(ring_for=9.0)) as centre:
        the = centre.office
        call = await the.world.click()
        await centre.popped(call, "alice", "offered", within=15)
        await the.pbx.act(
            Action="Originate",
            Channel="PJSIP/bob",
            Application="PickupChan",
            Data=await centre.channel_of("alice"),
            Async="true",
        )
        await centre.popped(call, "bob", "answered", within=15)
        await centre.popped(call, "alice", "over")
        await centre.desk("bob", call, "talking")
        await call.reaches("bridged")
        await the.alice.set_script(BUSINESS)
        bobs = the.bob.seen(wire.Incoming)[-1].call
        await the.bob.send(wire.Transfer(bobs, f"sip:alice@{the.pbx.address}"))
        await centre.popped(call, "alice", "answered", within=15)
        await centre.desk("alice", call, "talking")
        await the.bob.send(wire.HangUpCall(bobs))
        await centre.hang_up("alice")
        await call.over()
        shown = centre.pops(call.id)
        # Asterisk may tell of bob's phone before it tells that alice's is quiet.
        assert [state for agent, state in shown if agent == "alice"] == [
            "offered", "over", "offered", "answered", "over",
        ]  # fmt: skip
        assert [state for agent, state in shown if agent == "bob"] == ["offered", "answered", "over"]
        assert shown[-3:] == [("alice", "offered"), ("alice", "answered"), ("alice", "over")]


@asyncio_test(timeout=60)
async def test_the_consulted_agent_has_the_call_in_the_end(tmp_path: Path) -> None:
    """Alice talks to bob first, and then leaves: the PBX's attended transfer."""
    async with call_centre(tmp_path, "812") as centre:
        call = await centre.office.world.click()
        await centre.popped(call, "alice", "answered")
        await centre.desk("alice", call, "talking")
        await centre.office.pbx.act(
            Action="Atxfer",
            Channel=await centre.channel_of("alice"),
            Exten="813",
            Context="from-ringback",
        )
        await centre.popped(call, "bob", "answered", within=15)
        await centre.desk("alice", call, "talking")
        await centre.hang_up("alice")
        await centre.desk("bob", call, "talking")
        await centre.popped(call, "alice", "over")
        await centre.hang_up("bob")
        await call.over()
        await centre.popped(call, "bob", "over")


@asyncio_test(timeout=120)
async def test_asterisk_places_the_leg(tmp_path: Path) -> None:
    """A phone, then a queue; busy, declined, given up; and by SIP where Asterisk cannot be told to."""
    async with call_centre(tmp_path, "alice", "bob") as centre:
        the = centre.office
        the.world.route["steps"][0]["strategy"] = "in_order"
        origination = {"asterisk": "pbx", "endpoint": "open"}
        the.world.settings["destinations"]["pbx-alice"]["origination"] = origination
        for channel in ("PJSIP/alice", "Local/810@from-ringback"):
            origination["channel"] = channel
            await centre.reload()
            call = await the.world.click()
            await centre.popped(call, "alice", "answered")
            await call.reaches("bridged")
            await asyncio.sleep(1.2)
            await centre.hang_up("alice")
            record = await call.over()
            await centre.popped(call, "alice", "over")
            assert record.causes == [("shopper", "peer_ended"), ("pbx-alice", "normal")]
            since, until = call.at("bridged") + 0.5, call.at("ending")
            for phone, hz in ((the.shopper, BUSINESS_HZ), (the.alice, SHOPPER_HZ)):
                ear = await the.world.heard(phone)
                assert ear.only(hz, since=since, until=until), ear.story()
        assert the.pbx.log().count("Called PJSIP/open/sip:") == 2
        origination["channel"] = "PJSIP/alice"
        await centre.reload()
        for script, cause in ((refuses(486), "busy"), (refuses(603), "declined")):
            await the.alice.set_script(script)
            call = await the.world.click()
            await call.reaches("bridged")
            await call.cancel()
            assert (await call.over()).causes[1] == ("pbx-alice", cause)
        await the.alice.set_script(RINGS)
        call = await the.world.click()
        await centre.popped(call, "alice", "offered")
        await call.tells(lambda line: line["ringing"])
        await call.cancel()
        await call.over()
        await the.alice.expect(wire.Ended, where=lambda ended: ended.status == 487)
        await the.alice.set_script(BUSINESS)
        await centre.way.cut()
        await centre.linked("down")
        call = await the.world.click()
        await call.reaches("bridged")
        await call.cancel()
        assert (await call.over()).causes[1][0] == "pbx-alice"
