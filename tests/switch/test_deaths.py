"""``kill -9`` of the switch and of rtpengine, at each state of a call: nobody is left in a dead call."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from bench.processes import command_line, family
from phones import wire
from phones.tones import BUSINESS_HZ
from tests.aio import asyncio_test
from tests.scenarios import settings
from tests.scenarios.world import RINGS, World, answers, eventually, world
from tests.sip.uas import Phone as RawPhone
from tests.sip.uas import Sip

#: By a part of their command lines.
PROCESSES = {"switch": "media.exec_worker", "rtpengine": "rtpengine --foreground"}


@pytest.fixture(autouse=True)
def _on_rtpengine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENGINE", "rtpengine")


def pid_of(here: World, process: str) -> int:
    found = [pid for pid in family(here.server.pid) if PROCESSES[process] in command_line(pid)]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("state", ["calling_shopper", "hunting", "bridged"])
@pytest.mark.parametrize("process", PROCESSES)
@asyncio_test(timeout=60)
async def test_who_is_killed_leaves_nobody_in_a_dead_call(tmp_path: Path, process: str, state: str) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper(RINGS if state == "calling_shopper" else answers())
        boston = await here.business("boston", RINGS if state == "hunting" else answers())
        here.expected_complaints = "worker|rtpengine|dialog|media_"
        await here.serve()
        call = await here.click()
        if state == "calling_shopper":
            await call.tells(lambda line: line["shopper_ringing"])
        elif state == "hunting":
            await boston.expect(wire.Ringing)
            await asyncio.sleep(0.3)
        else:
            await call.reaches("bridged")
        # What they do with the next call; told early, so that they know it by then.
        for phone in (shopper, boston):
            await phone.send(wire.SetScript(answers()))
        killed = pid_of(here, process)
        os.kill(killed, signal.SIGKILL)
        # The record is whole, and each phone is told: by the switch, or by the next one in its place.
        record = await call.over(within=15)
        assert record.disposition == ("bridged" if state == "bridged" else "failed")
        assert "worker_lost" in [cause for _, cause in record.causes]
        assert len(record.causes) == (1 if state == "calling_shopper" else 2)
        for phone in (shopper, boston)[: len(record.causes)]:
            await phone.expect(wire.Ended, within=15)
        # And the next call is whole.
        await eventually(lambda: pid_of(here, process) != killed, within=15)
        again = await here.click()
        await again.reaches("bridged", within=15)
        await again.cancel()
        assert (await again.over()).disposition == "bridged"


@asyncio_test(timeout=60)
async def test_a_phone_whose_180_nobody_has_read_does_not_ring_on(tmp_path: Path) -> None:
    async with world(tmp_path) as here:

        async def die(phone: RawPhone, invite: Sip) -> None:
            await asyncio.sleep(0.05)
            os.kill(pid_of(here, "switch"), signal.SIGKILL)
            phone.respond(invite, 180, "Ringing")

        shopper = await RawPhone.start(lambda *invite: dying.append(asyncio.ensure_future(die(*invite))))
        dying: list[asyncio.Future[None]] = []
        here.settings = settings.settings(tmp_path, f"127.0.0.1:{shopper.port}")
        await here.business("boston", answers())
        here.expected_complaints = "worker|dialog"
        await here.serve()
        call = await here.click()
        assert (await shopper.expect("CANCEL", within=15)).get("Via") == shopper.log[0].get("Via")
        record = await call.over(within=15)
        assert [cause for _, cause in record.causes] == ["worker_lost"]
        shopper.close()


@asyncio_test(timeout=60)
async def test_the_shopper_is_dialled_again_where_the_route_says_so(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper, boston = await here.shopper(), await here.business("boston")
        here.route["on_loss"] = "redial"
        here.expected_complaints = "worker|rtpengine|dialog|media_"
        await here.serve()
        call = await here.click()
        await here.leg(shopper, call)
        await call.reaches("bridged")
        os.kill(pid_of(here, "rtpengine"), signal.SIGKILL)
        # Both are told, and the call starts over with the next one.
        for phone in (shopper, boston):
            await phone.expect(wire.Ended, call=1, within=10)
        again = await here.leg(shopper, call, within=10)
        assert again.call == 2
        await boston.expect(wire.Answered, call=2, within=10)
        await asyncio.sleep(0.8)
        heard_until = time.time()
        await shopper.send(wire.HangUpCall(2))
        record = await call.over()
        assert (record.disposition, record.cause) == ("bridged", "normal")
        assert record.causes.count(("shopper", "worker_lost")) == 1
        assert record.causes.count(("shopper", "normal")) == 1
        ear = await here.heard(shopper, call=2)
        assert ear.only(BUSINESS_HZ, since=heard_until - 0.5, until=heard_until), ear.story()
