"""The business's phones are behind a real Asterisk 22: calls, refusals, queue, menu, hold, transfer."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.aio import asyncio_test
from tests.pbx.asterisk import HOLD_MUSIC_HZ
from tests.pbx.office import BOB_HZ, office
from tests.scenarios.world import RINGS, answers, refuses

pytestmark = pytest.mark.pbx


@asyncio_test(timeout=40)
async def test_each_hears_only_the_other(tmp_path: Path) -> None:
    async with office(tmp_path) as the:
        await the.serve("alice")
        call = await the.world.click()
        await call.reaches("bridged")
        await asyncio.sleep(1.2)
        await the.alice.send(wire.HangUpCall(1))
        record = await call.over()
        assert record.disposition == "bridged"
        assert record.causes == [("shopper", "peer_ended"), ("pbx-alice", "normal")]
        since, until = call.at("bridged") + 0.4, call.at("ending")
        ear = await the.world.heard(the.shopper)
        assert ear.only(BUSINESS_HZ, since=since, until=until), ear.story()
        ear = await the.world.heard(the.alice)
        assert ear.only(SHOPPER_HZ, since=since, until=until), ear.story()


@asyncio_test(timeout=60)
async def test_what_the_pbx_says_of_those_who_do_not_answer(tmp_path: Path) -> None:
    async with office(tmp_path) as the:
        await the.serve("alice", "803", "804", "nobody", "bob")
        # Busy, then no answer, then a decline: each time the hunt goes on until bob answers.
        for script, cause in (
            (refuses(486), "busy"),
            (RINGS, "no_answer"),  # Asterisk says 480, and why by its Reason (Q.850 19)
            (refuses(603), "declined"),  # and 403 for a decline, with Q.850 21
        ):
            await the.alice.set_script(script)
            call = await the.world.click()
            bridged = await call.reaches("bridged", within=12)
            assert bridged["connected_to"] == "Extension bob"
            await call.cancel()
            record = await call.over()
            assert record.causes[1] == ("pbx-alice", cause)
            assert record.causes[2] == ("pbx-803", "congestion")
            assert record.causes[3][1] in ("unreachable", "not_found")


@asyncio_test(timeout=40)
async def test_the_shopper_hangs_up_while_the_pbx_rings(tmp_path: Path) -> None:
    async with office(tmp_path, alice=RINGS) as the:
        await the.serve("alice")
        call = await the.world.click()
        await the.alice.expect(wire.Ringing)
        await the.shopper.send(wire.HangUpCall(1))
        assert (await the.alice.expect(wire.Ended)).status == 487
        assert (await call.over()).causes == [("shopper", "normal"), ("pbx-alice", "peer_ended")]


@asyncio_test(timeout=40)
async def test_a_queue_with_music(tmp_path: Path) -> None:
    async with office(tmp_path, alice=answers(after=2.0)) as the:
        await the.serve("800")
        call = await the.world.click()
        await call.reaches("bridged")  # with the queue, which answers at once
        answered = await the.alice.expect(wire.Answered)
        await asyncio.sleep(1)
        await the.shopper.send(wire.HangUpCall(1))
        await call.over()
        ear = await the.world.heard(the.shopper)
        since, until = call.at("bridged") + 0.4, answered.at - 0.3
        assert ear.only(HOLD_MUSIC_HZ, since=since, until=until), ear.story(HOLD_MUSIC_HZ)
        assert ear.only(
            BUSINESS_HZ, since=answered.at + 0.4, until=call.at("ending"), not_hz=(HOLD_MUSIC_HZ,)
        )


@pytest.mark.parametrize("by", ["rfc4733", "info"])
@asyncio_test(timeout=40)
async def test_press_one_for_sales(tmp_path: Path, by: str) -> None:
    async with office(tmp_path, pbx_settings={"dtmf_mode": by}) as the:
        the.trunk["dtmf"] = by
        await the.serve("801")
        call = await the.world.click()
        await call.reaches("bridged")
        await asyncio.sleep(0.5)
        await the.shopper.send(wire.PressKeys(1, "1"))
        await the.alice.expect(wire.Answered)
        await call.cancel()
        await call.over()


@pytest.mark.parametrize("passthrough", ["no", "yes"])
@asyncio_test(timeout=40)
async def test_hold_in_the_pbx(tmp_path: Path, passthrough: str) -> None:
    """Alice holds: Asterisk plays its own music, or passes the hold on by re-INVITE."""
    async with office(tmp_path, pbx_settings={"moh_passthrough": passthrough}) as the:
        await the.serve("alice")
        call = await the.world.click()
        await call.reaches("bridged")
        await asyncio.sleep(0.5)
        await the.alice.send(wire.Hold(1))
        held = await the.alice.expect(wire.Held)
        await asyncio.sleep(1.5)
        if passthrough == "yes":
            await call.tells(lambda line: line["held"])
        await the.alice.send(wire.Resume(1))
        resumed = await the.alice.expect(wire.Resumed)
        await asyncio.sleep(1.2)
        await the.alice.send(wire.HangUpCall(1))
        await call.over()
        ear = await the.world.heard(the.shopper)
        since, until = held.at + 0.5, resumed.at - 0.2
        music = None if passthrough == "yes" else HOLD_MUSIC_HZ
        assert ear.only(music, since=since, until=until), ear.story(BUSINESS_HZ, HOLD_MUSIC_HZ)
        assert ear.only(BUSINESS_HZ, since=resumed.at + 0.5, until=call.at("ending"))


@asyncio_test(timeout=40)
async def test_blind_transfer_in_the_pbx(tmp_path: Path) -> None:
    async with office(tmp_path) as the:
        await the.serve("alice")
        call = await the.world.click()
        await call.reaches("bridged")
        await asyncio.sleep(0.5)
        await the.alice.send(wire.Transfer(1, f"sip:bob@{the.pbx.address}"))
        answered = await the.bob.expect(wire.Answered)
        await the.alice.send(wire.HangUpCall(1))  # as a phone does once it is told that the transfer worked
        await the.alice.expect(wire.Ended)
        await asyncio.sleep(1.2)
        await the.bob.send(wire.HangUpCall(1))
        record = await call.over()
        assert record.causes == [("shopper", "peer_ended"), ("pbx-alice", "normal")]
        ear = await the.world.heard(the.shopper)
        assert ear.only(BOB_HZ, since=answered.at + 0.4, until=call.at("ending"), not_hz=(BOB_HZ,))


@asyncio_test(timeout=40)
async def test_early_media_of_the_pbx(tmp_path: Path) -> None:
    async with office(tmp_path) as the:
        the.world.route["early_media"] = True
        await the.serve("802")
        call = await the.world.click()
        await call.reaches("bridged")
        await call.cancel()
        await call.over()
        ear = await the.world.heard(the.shopper)
        since = call.at("hunting") + 0.5
        assert ear.only(660, since=since, until=since + 0.8, not_hz=(425,)), ear.story(660, 425)


@asyncio_test(timeout=40)
async def test_the_context_arrives_in_the_dialplan(tmp_path: Path) -> None:
    async with office(tmp_path, alice=RINGS) as the:
        await the.serve("alice", headers={"X-Cart": "{context.cart}"})
        call = await the.world.click(context={"cart": "120 dollars"})
        await the.alice.expect(wire.Ringing)
        assert "call for alice, cart 120 dollars" in the.pbx.log()
        await call.cancel()
        await call.over()
