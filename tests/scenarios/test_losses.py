"""What dies under a call: a phone's battery, a media worker, the core."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.aio import asyncio_test
from tests.scenarios.server import came_from, udp_ports
from tests.scenarios.settings import GREETING_HZ, step
from tests.scenarios.world import RINGS, Click, Heard, World, answers, eventually, world

#: What the second store says, and every tone that the shopper could hear.
SALEM_HZ = 1320
TONES = (SHOPPER_HZ, BUSINESS_HZ, GREETING_HZ, SALEM_HZ)


@asyncio_test(timeout=40)
async def test_when_the_business_goes_dead_the_shopper_is_told_and_the_next_one_rings(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston")
        salem = await here.business("salem", answers(after=1.5, hz=SALEM_HZ))
        here.site["media_timeout"] = "2s"
        here.site["lost_connection"] = {"prompt": "greeting"}
        await here.serve(step("boston", "salem", strategy="in_order"))
        call = await here.click()
        await call.reaches("bridged")
        await asyncio.sleep(1)
        boston.freeze()
        await call.tells(lambda line: line["state"] == "hunting" and line["ringing"] == ["The salem store"])
        lost_at = call.story[-1]["at"]
        await call.tells(lambda line: line["connected_to"] == "The salem store")
        bridged_at = call.story[-1]["at"]
        assert call.states[-3:] == ["bridged", "hunting", "bridged"]
        await asyncio.sleep(1)
        await salem.send(wire.HangUpCall(1))
        ended_at = time.time()
        boston.thaw()  # and takes the BYE
        record = await call.over()
        assert (record.disposition, record.cause) == ("bridged", "normal")
        assert record.causes == [
            ("shopper", "peer_ended"), ("boston", "media_timeout"), ("salem", "normal"),
        ]  # fmt: skip
        assert all(leg["joined_at"] for leg in record.raw["legs"])
        ear = Heard(await shopper.expect(wire.Recorded))
        assert ear.only(GREETING_HZ, since=lost_at + 0.4, until=lost_at + 1.0, not_hz=TONES), ear.story(
            *TONES
        )
        assert ear.only(SALEM_HZ, since=bridged_at + 0.5, until=ended_at, not_hz=TONES), ear.story(*TONES)


@asyncio_test(timeout=40)
async def test_the_shopper_goes_dead(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston", RINGS)
        here.site["media_timeout"] = "2s"
        await here.serve()
        call = await here.click()
        await call.reaches("hunting")
        await asyncio.sleep(1)
        shopper.freeze()
        await call.reaches("ending", within=6)
        assert (await boston.expect(wire.Ended)).status == 487
        shopper.thaw()
        record = await call.over()
        assert (record.disposition, record.cause) == ("failed", "media_timeout")


async def _two_calls_on_two_workers(here: World) -> list[tuple[Click, int]]:
    """Two bridged calls with the pid of the worker of each."""
    found: dict[int, Click] = {}
    for _ in range(4):
        call = await here.click()
        invite = await here.phones["shopper"].expect(wire.Incoming)
        await call.reaches("bridged")
        pid = here.server.worker_of(invite)
        found.setdefault(pid, call)  # one more on the same worker stays, and fills it
        if len(found) == 2:
            return [(call, pid) for pid, call in found.items()]
    raise AssertionError("four calls in a row came to the same worker")


def _worker_dies(here: World, pid: int) -> None:
    """Kill it. Its legs' phones wait for a BYE that nobody will send."""
    ports = udp_ports(pid)
    for phone in here.phones.values():
        lost = [invite.call for invite in phone.seen(wire.Incoming) if came_from(invite) in ports]
        here.abandoned |= {(phone.name, call) for call in lost}
    here.expected_complaints = r"worker"
    os.kill(pid, signal.SIGKILL)


@pytest.mark.pjsua2
@asyncio_test(timeout=60)
async def test_a_killed_worker_costs_only_its_own_calls(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("boston")
        await here.serve()
        (first, pid), (second, _) = await _two_calls_on_two_workers(here)
        _worker_dies(here, pid)
        record = await first.over(within=10)
        assert (record.disposition, record.cause) == ("bridged", "worker_lost")
        assert [cause for _, cause in record.causes] == ["worker_lost", "worker_lost"]
        await asyncio.sleep(0.5)
        assert (await second.look()).json()["state"] == "bridged"
        third = await here.click()
        await third.reaches("bridged")
        for call in (second, third):
            await call.cancel()
            assert (await call.over()).cause == "cancelled"
        assert (await here.server.readiness())["pool"]["has_room"]
        for call in here.clicks:
            await call.cancel()
            await call.over()


@asyncio_test(timeout=60)
async def test_a_lost_shopper_is_redialled_where_the_route_says_so(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        await here.business("boston")
        here.route["on_loss"] = "redial"
        await here.serve()
        call = await here.click()
        invite = await shopper.expect(wire.Incoming)
        await call.reaches("bridged")
        _worker_dies(here, here.server.worker_of(invite))
        again = await shopper.expect(wire.Incoming, within=10)
        await eventually(lambda: call.states.count("bridged") == 2)
        await asyncio.sleep(0.8)
        await shopper.send(wire.HangUpCall(again.call))
        record = await call.over()
        assert record.disposition == "bridged"
        assert [cause for _, cause in record.causes].count("worker_lost") >= 1
        assert record.causes.count(("shopper", "normal")) == 1
        ear = Heard(await shopper.expect(wire.Recorded, call=again.call))
        assert ear.only(BUSINESS_HZ, since=again.at + 1, until=call.at("ending")), ear.story()


@pytest.mark.pjsua2  # with rtpengine, who talks goes on talking: tests/switch/test_core_deaths.py
@asyncio_test(timeout=60)
async def test_a_killed_core_finds_its_unfinished_calls(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston")
        await here.serve()
        bridged = await here.click()
        await bridged.reaches("bridged")
        await boston.set_script(RINGS)
        hunting = await here.click()
        await boston.expect(wire.Ringing, call=2)
        await asyncio.sleep(1)  # longer than changes are gathered for
        killed_at = time.time()
        await here.server.kill()
        for call in here.clicks:
            call.forget()
        # Its workers do not outlive it, and tell the phones before they go.
        for phone in (shopper, boston):
            for number in (1, 2):
                await phone.expect(wire.Ended, call=number, within=10)
        await asyncio.sleep(1)
        await here.server.start()
        talked = await bridged.record()
        assert (talked.disposition, talked.cause) == ("bridged", "core_lost")
        assert talked.causes == [("shopper", "core_lost"), ("boston", "core_lost")]
        assert all(leg["joined_at"] and leg["ended_at"] <= killed_at for leg in talked.raw["legs"])
        assert talked.raw["ended_at"] <= killed_at, "the outage is no talk time"
        lost = await hunting.record()
        assert (lost.disposition, lost.cause) == ("failed", "core_lost")
        assert lost.causes == [("shopper", "core_lost"), ("boston", "core_lost")]
        await boston.set_script(wire.Script())
        fresh = await here.click()
        await fresh.reaches("bridged")
        await fresh.cancel()
        await fresh.over()
