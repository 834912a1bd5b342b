"""``kill -9`` of the core under a call: who talks goes on talking, and the next core takes the call over."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import pytest

from bench.processes import command_line, family
from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.aio import asyncio_test
from tests.scenarios import settings
from tests.scenarios.pages import agent_page, shopper_page
from tests.scenarios.settings import step
from tests.scenarios.test_browsers import by_pc, cdr, with_agents
from tests.scenarios.world import RINGS, Click, World, eventually, world


@pytest.fixture(autouse=True)
def _on_rtpengine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENGINE", "rtpengine")


def switch_of(here: World) -> int:
    (pid,) = [pid for pid in family(here.server.pid) if "media.exec_worker" in command_line(pid)]
    return pid


def alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and "media.exec_worker" in command_line(pid)


async def standing(here: World) -> list[tuple[str, str, bool]]:
    """The live calls as operators see them: id, state, and whether on hold."""
    calls = (await here.server.admin("GET", "/v1/calls")).json()["calls"]
    return [(each["call_id"], each["state"], each["held"]) for each in calls]


async def until_standing(here: World, wanted: list[tuple[str, str, bool]]) -> None:
    give_up = time.monotonic() + 5
    while (now := await standing(here)) != wanted:
        assert time.monotonic() < give_up, now
        await asyncio.sleep(0.05)


async def die(here: World, call: Click) -> None:
    """Kill the core; the page that followed the call is gone with it."""
    call.forget()
    await here.server.kill()


@asyncio_test(timeout=60)
async def test_a_bridged_call_goes_on_through_two_deaths(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper, boston = await here.shopper(), await here.business("boston")
        here.expected_complaints = "core_lost"
        await here.serve()
        call = await here.click()
        bridged_at = (await call.reaches("bridged"))["at"]
        await asyncio.sleep(0.7)
        switch = switch_of(here)
        await die(here, call)
        killed_at = time.time()
        await here.server.start()
        started_at = time.time()
        # It is the same call, in the same switch: limits and operators count it.
        assert alive(switch)
        assert await standing(here) == [(call.id, "bridged", False)]
        assert (await call.look()).json()["state"] == "bridged", "its page finds it again"
        await asyncio.sleep(1)
        # Put on hold in one core's time, and taken off while there is none.
        await boston.send(wire.Hold(1))
        await until_standing(here, [(call.id, "bridged", True)])
        await here.server.kill()
        await boston.send(wire.Resume(1))
        await here.server.start()
        assert alive(switch)
        await until_standing(here, [(call.id, "bridged", False)])
        await asyncio.sleep(1)
        hung_up_at = time.time()
        await shopper.send(wire.HangUpCall(1))
        await boston.expect(wire.Ended)
        record = await call.record()
        assert (record.disposition, record.cause) == ("bridged", "normal")
        assert record.causes == [("shopper", "normal"), ("boston", "peer_ended")]
        assert record.raw["bridged_at"] == pytest.approx(bridged_at, abs=0.5)
        assert record.raw["ended_at"] == pytest.approx(hung_up_at, abs=1.0)
        for leg in record.raw["legs"]:
            assert leg["joined_at"] == pytest.approx(bridged_at, abs=0.5)
        # Each heard the other all the while, but for the hold.
        for phone, tone in ((shopper, BUSINESS_HZ), (boston, SHOPPER_HZ)):
            ear = await here.heard(phone)
            assert ear.only(tone, since=killed_at - 0.5, until=started_at + 0.7), ear.story()
            assert ear.only(tone, since=hung_up_at - 0.7, until=hung_up_at), ear.story()
        # And the next call is whole.
        again = await here.click()
        await again.reaches("bridged")
        await again.cancel()
        assert (await again.over()).disposition == "bridged"


@asyncio_test(timeout=60)
async def test_a_call_that_ends_while_no_core_is_there_has_its_record(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper, boston = await here.shopper(), await here.business("boston")
        here.expected_complaints = "core_lost"
        await here.serve()
        call = await here.click()
        bridged_at = (await call.reaches("bridged"))["at"]
        await asyncio.sleep(0.3)
        await die(here, call)
        await asyncio.sleep(0.7)
        await boston.send(wire.HangUpCall(1))
        hung_up_at = time.time()
        # Nobody is left in a dead call.
        await shopper.expect(wire.Ended, within=3)
        await asyncio.sleep(0.7)
        await here.server.start()
        record = await call.record()
        assert (record.disposition, record.cause) == ("bridged", "normal")
        assert record.causes == [("shopper", "peer_ended"), ("boston", "normal")]
        assert record.raw["bridged_at"] == pytest.approx(bridged_at, abs=0.3)
        for at in (record.raw["ended_at"], *(leg["ended_at"] for leg in record.raw["legs"])):
            assert at == pytest.approx(hung_up_at, abs=0.5)
        assert all(leg["sip_call_id"] for leg in record.raw["legs"])
        assert await standing(here) == []


@asyncio_test(timeout=60)
async def test_beside_a_call_that_goes_on_the_others_end(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper, boston = await here.shopper(), await here.business("boston")
        here.expected_complaints = "core_lost"
        await here.serve()
        talks = await here.click()
        await talks.reaches("bridged")
        await boston.set_script(RINGS)
        hunts = await here.click()
        await boston.expect(wire.Ringing, call=2)
        await shopper.set_script(RINGS)
        rings = await here.click()
        await shopper.expect(wire.Ringing, call=3)
        for call in here.clicks:
            call.forget()
        await here.server.kill()
        for phone, number in ((shopper, 2), (boston, 2), (shopper, 3)):
            await phone.expect(wire.Ended, call=number, within=3)
        await here.server.start()
        assert await standing(here) == [(talks.id, "bridged", False)]
        for call in (hunts, rings):
            record = await call.record()
            assert (record.disposition, record.cause) == ("failed", "core_lost")
        # A stopping server gives it time, as any other call.
        here.server.signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        assert here.server.running
        await boston.send(wire.HangUpCall(1))
        await shopper.expect(wire.Ended, call=1)
        assert await here.server.ended(10) == 0


@asyncio_test(timeout=60)
async def test_without_another_core_calls_end_in_time_and_have_their_records(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper, boston = await here.shopper(), await here.business("boston")
        here.settings["media"]["keep_calls"] = "1s"
        here.expected_complaints = "core_lost|no_core_came"
        await here.serve()
        call = await here.click()
        await call.reaches("bridged")
        await asyncio.sleep(0.3)
        switch = switch_of(here)
        await die(here, call)
        killed_at = time.time()
        for phone in (shopper, boston):
            await phone.expect(wire.Ended, within=6)
        await eventually(lambda: not alive(switch), within=5)
        await here.server.start()
        record = await call.record()
        assert (record.disposition, record.cause) == ("bridged", "core_lost")
        assert record.causes == [("shopper", "core_lost"), ("boston", "peer_ended")]
        assert record.raw["ended_at"] == pytest.approx(killed_at + 1, abs=0.8)


@asyncio_test(timeout=90)
async def test_browsers_go_on_talking_and_find_their_call_again(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        with_agents(here, "alice")
        here.expected_complaints = "core_lost"
        await here.serve(step("agent:alice"))
        async with agent_page(here.server) as before:
            await before.tells(type="me", state="available")
            placed = await by_pc(here)
            async with shopper_page(here.server, placed) as shop:
                shopper = await shop.talk(placed["leg"], SHOPPER_HZ)
                leg = (await before.tells(type="ring"))["leg"]
                agent = await before.talk(leg, BUSINESS_HZ)
                await shop.tells(state="bridged")
                await agent.hears(SHOPPER_HZ, BUSINESS_HZ)
                await here.server.kill()
                for ear, hears, not_ in (
                    (agent, SHOPPER_HZ, BUSINESS_HZ),
                    (shopper, BUSINESS_HZ, SHOPPER_HZ),
                ):
                    ear.forget()
                    await ear.hears(hears, not_)
                await here.server.start()
                async with shopper_page(here.server, placed) as shop_again:
                    # The page still has its connection, and says so.
                    assert (await shop_again.tells(type="ring"))["under_way"]
                    await shop_again.say("reattach", leg=placed["leg"])
                    # The agent has to log in, and is in the call; their page connects once more.
                    async with agent_page(here.server) as again:
                        told = await again.tells(type="ring", under_way=True)
                        assert (told["leg"], told["state"]) == (leg, "joined")
                        await again.tells(type="me", state="on_call")
                        agent = await again.talk(leg, BUSINESS_HZ)
                        await agent.hears(SHOPPER_HZ, BUSINESS_HZ)
                        shopper.forget()
                        await shopper.hears(BUSINESS_HZ, SHOPPER_HZ)
                        await shop_again.say("hang_up", leg=placed["leg"], reason="hung_up")
                        await shop_again.tells(state="ended", disposition="bridged")
                        await again.tells(type="gone", leg=leg, cause="peer_ended")
                        await again.tells(type="me", state="available")
        record = await cdr(here, placed["id"])
        assert record.causes == [("shopper", "normal"), ("agent:alice", "peer_ended")]
