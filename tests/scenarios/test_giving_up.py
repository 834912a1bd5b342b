"""Somebody gives up: by hanging up, or on the page. Every leg ends, whatever the state."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from phones import wire
from tests.aio import asyncio_test
from tests.scenarios.world import RINGS, answers, world


@asyncio_test(timeout=30)
async def test_the_shopper_hangs_up_while_the_business_rings(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston", RINGS)
        await here.serve()
        call = await here.click()
        await boston.expect(wire.Ringing)
        await shopper.send(wire.HangUpCall(1))
        ended = await boston.expect(wire.Ended)
        assert (ended.status, ended.was_answered) == (487, False)
        record = await call.over()
        assert (record.disposition, record.cause) == ("cancelled", "normal")
        assert record.causes == [("shopper", "normal"), ("boston", "peer_ended")]


@asyncio_test(timeout=30)
async def test_the_shopper_hangs_up_during_the_greeting(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper(answers(hang_up_after=0.5))
        boston = await here.business("boston")
        here.site["greeting"] = "greeting"
        here.route["dial_business"] = "after_greeting"
        await here.serve()
        record = await (await here.click()).over()
        assert record.disposition == "cancelled"
        assert record.causes == [("shopper", "normal")]
        assert boston.seen(wire.Incoming) == []


@asyncio_test(timeout=30)
async def test_the_business_hangs_up_during_the_greeting(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston", answers(after=0.05, hang_up_after=0.2))
        here.site["greeting"] = "greeting"
        await here.serve()
        record = await (await here.click()).over()
        # The person who answers is joined at once, so this counts as a (short) conversation.
        assert (record.disposition, record.cause) == ("bridged", "normal")
        assert record.causes == [("shopper", "peer_ended"), ("boston", "normal")]
        assert (await shopper.expect(wire.Ended)).was_answered
        assert len(boston.seen(wire.Incoming)) == 1


@asyncio_test(timeout=30)
async def test_both_hang_up_at_once(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston")
        await here.serve()
        call = await here.click()
        await call.reaches("bridged")
        await asyncio.gather(shopper.send(wire.HangUpCall(1)), boston.send(wire.HangUpCall(1)))
        record = await call.over()
        assert record.disposition == "bridged"
        assert len(record.causes) == 2


@pytest.mark.parametrize("state", ["calling_shopper", "greeting", "hunting", "bridged"])
@asyncio_test(timeout=30)
async def test_cancelled_on_the_page(tmp_path: Path, state: str) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper(RINGS if state == "calling_shopper" else answers())
        await here.business("boston", answers() if state == "bridged" else RINGS)
        here.site["greeting"] = "greeting"
        here.route["dial_business"] = "after_greeting"
        await here.serve()
        call = await here.click()
        await call.reaches(state)
        await shopper.expect(wire.Ringing)
        response = await call.cancel()
        assert response.status_code == 202
        assert response.json()["state"] in ("ending", "ended")
        record = await call.over()
        assert record.disposition == ("bridged" if state == "bridged" else "cancelled")
        assert {cause for _, cause in record.causes} == {"cancelled"}
        # Again, it changes nothing.
        again = await call.cancel()
        assert (again.status_code, again.json()["state"]) == (202, "ended")
        assert (await call.record()).disposition == record.disposition


@asyncio_test(timeout=30)
async def test_cancelled_before_anything_rings(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper(wire.Script(then="nothing", ring="silent"))
        await here.business("boston")
        await here.serve()
        call = await here.click()
        await call.cancel()
        record = await call.over(within=10)
        assert (record.disposition, record.cause) == ("cancelled", "cancelled")
        for invite in shopper.seen(wire.Incoming):
            await shopper.expect(wire.Ended, call=invite.call)


@asyncio_test(timeout=30)
async def test_a_call_has_its_longest_duration(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("boston")
        here.site["max_duration"] = "1500ms"
        await here.serve()
        record = await (await here.click()).over()
        assert (record.disposition, record.cause) == ("bridged", "time_limit")
