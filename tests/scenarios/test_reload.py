"""Settings change under live calls, and the server stops without dropping them."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import httpx
import pytest

from phones import wire
from phones.tones import BUSINESS_HZ
from tests.aio import asyncio_test
from tests.scenarios.settings import step
from tests.scenarios.world import RINGS, Click, World, world


async def _bridged(here: World) -> Click:
    call = await here.click()
    await call.reaches("bridged")
    return call


async def _reload(here: World, by: str) -> None:
    before = (await here.server.readiness())["config"]
    if by == "signal":
        here.server.signal(signal.SIGHUP)
    else:
        await here.server.admin("POST", "/v1/reload")
    give_up = time.monotonic() + 5
    while (await here.server.readiness())["config"] == before:
        assert time.monotonic() < give_up, here.server.tail()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("by", ["signal", "command"])
@asyncio_test(timeout=40)
async def test_live_calls_keep_their_plan(tmp_path: Path, by: str) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston")
        cambridge = await here.business("cambridge", RINGS)
        await here.serve(step("boston"))
        old = await _bridged(here)
        here.route["steps"] = [step("cambridge", timeout="1s"), step("boston")]
        here.write()
        await _reload(here, by)
        await asyncio.sleep(0.5)
        assert (await old.look()).json()["state"] == "bridged"
        new = await _bridged(here)
        assert len(cambridge.seen(wire.Incoming)) == 1
        await shopper.send(wire.HangUpCall(1))
        assert (await old.over()).disposition == "bridged"
        ear = await here.heard(boston)
        assert ear.only(440, since=old.at("bridged") + 0.3, until=old.at("ending")), ear.story()
        await new.cancel()
        assert (await new.over()).causes[1:] == [("cambridge", "ring_timeout"), ("boston", "cancelled")]


@asyncio_test(timeout=40)
async def test_a_bad_file_changes_nothing_and_shows(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("boston")
        await here.serve()
        call = await _bridged(here)
        here.expected_complaints = "reload_refused"
        here.route["stepps"] = here.route.pop("steps")
        here.write()
        await _reload(here, "signal")
        readiness = await here.server.readiness()
        assert readiness["ready"]
        assert readiness["config"]["problems"] >= 1
        refused = await here.server.admin("POST", "/v1/reload")
        assert refused.status_code == 409
        assert "steps" in refused.text
        other = await _bridged(here)
        for each in (call, other):
            await each.cancel()
            assert (await each.over()).disposition == "bridged"
        here.route["steps"] = here.route.pop("stepps")
        here.write()
        await _reload(here, "command")
        assert (await here.server.readiness())["config"]["problems"] == 0


@asyncio_test(timeout=40)
async def test_a_stopping_server_lets_live_calls_end(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        await here.business("boston")
        await here.serve()
        await _bridged(here)
        here.server.signal(signal.SIGTERM)
        give_up = time.monotonic() + 3
        while not (await here.server.readiness())["draining"]:
            assert time.monotonic() < give_up, here.server.tail()
            await asyncio.sleep(0.05)
        refusal = await here.ask()
        assert refusal.status_code == 503, refusal.text
        assert "retry-after" in refusal.headers
        assert not (await here.server.readiness())["ready"]
        await asyncio.sleep(1)
        assert here.server.running
        await shopper.send(wire.HangUpCall(1))
        assert await here.server.ended(within=8) == 0
        ear = await here.heard(shopper)
        ended = (await shopper.expect(wire.Ended)).at
        assert ear.only(BUSINESS_HZ, since=ended - 1, until=ended - 0.1), ear.story()


@asyncio_test(timeout=40)
async def test_a_stopping_server_does_not_wait_for_ever(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston")
        here.settings["server"]["drain_timeout"] = "1s"
        await here.serve()
        await _bridged(here)
        here.server.signal(signal.SIGTERM)
        assert await here.server.ended(within=10) == 0
        for phone in (shopper, boston):
            assert (await phone.expect(wire.Ended)).was_answered
        with pytest.raises(httpx.TransportError):
            await here.ask()
