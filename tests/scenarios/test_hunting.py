"""The hunt: one after the other, all at once, twelve at once, and two who answer at the same moment."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from phones import wire
from phones.tones import SHOPPER_HZ
from tests.aio import asyncio_test
from tests.scenarios.settings import step
from tests.scenarios.world import RINGS, answers, refuses, world


@asyncio_test(timeout=40)
async def test_in_order(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        boston = await here.business("boston", refuses(486))
        cambridge = await here.business("cambridge", RINGS)
        salem = await here.business("salem")
        await here.serve(step("boston", "cambridge", "salem", strategy="in_order", timeout="1s"))
        call = await here.click()
        bridged = await call.reaches("bridged")
        assert (bridged["connected_to"], bridged["attempt"], bridged["attempts"]) == ("The salem store", 3, 3)
        await salem.send(wire.HangUpCall(1))
        record = await call.over()
        assert record.causes == [
            ("shopper", "peer_ended"),
            ("boston", "busy"),
            ("cambridge", "ring_timeout"),
            ("salem", "normal"),
        ]
        assert (await boston.expect(wire.Ended)).status == 486
        assert (await cambridge.expect(wire.Ended)).status == 487
        rang = [line["ringing"] for line in call.story if line["ringing"]]
        assert all(len(names) == 1 for names in rang)


@asyncio_test(timeout=40)
async def test_all_at_once_and_the_losers_are_told_why(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        losers = [await here.business(name, RINGS) for name in ("boston", "cambridge")]
        salem = await here.business("salem", answers(after=1.5))
        await here.serve()
        call = await here.click()
        await call.reaches("bridged")
        for loser in losers:
            ended = await loser.expect(wire.Ended)
            assert (ended.status, ended.was_answered) == (487, False)
            assert ended.reason is not None
            assert ended.reason.startswith("SIP;cause=200")
        await asyncio.sleep(0.6)
        await shopper.send(wire.HangUpCall(1))
        record = await call.over()
        assert sorted(record.causes) == [
            ("boston", "answered_elsewhere"),
            ("cambridge", "answered_elsewhere"),
            ("salem", "peer_ended"),
            ("shopper", "normal"),
        ]
        ear = await here.heard(salem)
        assert ear.only(SHOPPER_HZ, since=call.at("bridged") + 0.2, until=call.at("ending")), ear.story()


@asyncio_test(timeout=40)
async def test_all_at_once_then_the_next_step(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("boston", refuses(486))
        await here.business("cambridge", refuses(603))
        await here.business("salem")
        await here.serve(step("boston", "cambridge"), step("salem"))
        call = await here.click()
        assert (await call.reaches("bridged"))["connected_to"] == "The salem store"
        await call.cancel()
        assert (await call.over()).disposition == "bridged"


@pytest.mark.parametrize("apart", [0.0, 0.002, 0.01])
@asyncio_test(timeout=40)
async def test_two_answer_at_the_same_moment(tmp_path: Path, apart: float) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston", RINGS)
        cambridge = await here.business("cambridge", RINGS)
        await here.serve()
        call = await here.click()
        await boston.expect(wire.Ringing)
        await cambridge.expect(wire.Ringing)
        await boston.send(wire.Answer(1))
        await asyncio.sleep(apart)
        await cambridge.send(wire.Answer(1))
        bridged = await call.reaches("bridged")
        winner, loser = boston, cambridge
        if bridged["connected_to"] != "The boston store":
            winner, loser = loser, winner
        # The loser's 200 and our CANCEL may cross: then a BYE follows.
        ended = await loser.expect(wire.Ended)
        assert ended.status in (200, 487)
        await asyncio.sleep(0.8)
        assert winner.seen(wire.Ended) == []
        await shopper.send(wire.HangUpCall(1))
        record = await call.over()
        assert dict(record.causes)[loser.name] == "answered_elsewhere"
        assert dict(record.causes)[winner.name] == "peer_ended"
        ear = await here.heard(winner)
        assert ear.only(SHOPPER_HZ, since=call.at("bridged") + 0.2, until=call.at("ending")), ear.story()
        if ended.was_answered:
            assert (await here.heard(loser)).only(None, since=0, until=ended.at + 10)


@asyncio_test(timeout=60)
async def test_twelve_at_once(tmp_path: Path) -> None:
    """More than one media worker can hold; three phones stand in for four destinations each."""
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        for name in ("north", "south", "west"):
            phone = await here.business(name, RINGS)
            del here.settings["destinations"][name]
            for number in range(1, 5):
                here.settings["destinations"][f"{name}-{number}"] = {
                    "label": f"{name} {number}",
                    "sip": f"sip:{name}-{number}@{phone.address}",
                }
        await here.serve()
        call = await here.click()
        ringing = await call.tells(lambda line: len(line["ringing"]) == 12)
        assert ringing["attempts"] == 12
        west = here.phones["west"]
        for _ in range(4):
            await west.expect(wire.Ringing)
        await west.send(wire.Answer(3))
        bridged = await call.reaches("bridged")
        assert bridged["connected_to"].startswith("west")
        await asyncio.sleep(0.8)
        losers = [each for phone in here.phones.values() for each in phone.seen(wire.Ended)]
        assert len(losers) == 11
        await shopper.send(wire.HangUpCall(1))
        record = await call.over()
        assert len(record.causes) == 13
        assert [cause for _, cause in record.causes].count("answered_elsewhere") == 11
        ear = await here.heard(west)
        assert ear.only(SHOPPER_HZ, since=call.at("bridged") + 0.3, until=call.at("ending")), ear.story()


@asyncio_test(timeout=60)
async def test_three_clicks_at_once_reach_three_phones_that_take_one_call_each(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper(answers(after=1.5, hz=SHOPPER_HZ))
        for name in ("boston", "cambridge", "salem"):
            await here.business(name)
            here.settings["destinations"][name]["max_calls"] = 1
        await here.serve(step("boston", "cambridge", "salem", strategy="round_robin"))
        calls = [await here.click() for _ in range(3)]
        connected = {(await call.reaches("bridged"))["connected_to"] for call in calls}
        assert len(connected) == 3
        for call in calls:
            await call.cancel()
            record = await call.over()
            assert len(record.causes) == 2, "nobody was rung who has another call"
