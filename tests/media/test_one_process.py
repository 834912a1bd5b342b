"""An engine of one process: no ties, no browser workers, no registrar, new settings while it runs."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp, Join
from bridge.events import LegAnswered, LegEnded, PromptFinished
from config.sections.media import Media
from config.sections.trunks import Trunk
from config.sections.webrtc import WebRtc
from media.worker import Worker
from routing.plan import BrowserEndpoint
from tests.aio import asyncio_test
from tests.media.plans import QUEUE, plan
from tests.media.rig import HASTY, Rig, gone, running, sip_settings
from tests.media.switch_stand_in import SLOTS, SWITCH
from webrtc.signalling import IceCandidate

ALICE = BrowserEndpoint("agent:alice", "Alice", "alice")
REGISTERING = Trunk(host="127.0.0.1", username="u", password="p", registration=True)


#: A Python of its own takes seconds to start on a busy machine.
UNHURRIED = replace(HASTY, ready=20.0, start=20.0)


def the_worker(rig: Rig) -> Worker:
    (worker,) = rig.media._supervisor.workers.values()
    return worker


@asyncio_test(timeout=60)
async def test_wide_calls_and_many_of_them_are_in_one_worker() -> None:
    async with running(Media(max_workers=8, spare_workers=2), engine=SWITCH, timing=UNHURRIED) as rig:
        rig.media.open_call("wide", plan(("all", 30)))
        for number in range(31):
            rig.dial("wide", f"w{number}")
        rig.media.open_call("waits", plan(queue=QUEUE))
        rig.dial("waits", "q-s")
        pids = {(await rig.where(leg_id))[0] for leg_id in [*(f"w{n}" for n in range(31)), "q-s"]}
        assert pids == {the_worker(rig).pid}
        rig.media.perform("wide", Join("w0", "w30"))
        await rig.until(lambda: PromptFinished("w0", "joined w30") in rig.events(PromptFinished, "w0"))
        snapshot = rig.media.snapshot()
        assert (snapshot.max_workers, snapshot.slots_used + snapshot.slots_free) == (1, SLOTS)


@asyncio_test(timeout=60)
async def test_a_leg_in_a_browser_needs_no_second_worker() -> None:
    async with running(webrtc=WebRtc(), engine=SWITCH, timing=UNHURRIED) as rig:
        rig.media.open_call("c", plan(("all", 2)))
        rig.media.perform("c", Dial("answer.1", ALICE))
        candidate = IceCandidate(session=1, candidate="x")
        rig.signal("answer.1", candidate)
        await rig.answered("answer.1")
        await rig.until(lambda: rig.said.get("answer.1") == [candidate])
        assert rig.media.snapshot().browser_legs == 1
        rig.media.perform("c", Dial("busy.1", ALICE))
        assert (await rig.ended("busy.1")).cause is HangupCause.BUSY
        rig.media.perform("c", HangUp("answer.1", HangupCause.NORMAL))
        assert (await rig.ended("answer.1")).cause is HangupCause.NORMAL
        await rig.until(lambda: rig.told("answer.1") == ["candidate", "bye"])
        assert rig.told("busy.1") == ["bye"]
        assert rig.media.snapshot().browser_legs == 0


@asyncio_test(timeout=60)
async def test_a_worker_that_dies_is_replaced_and_its_legs_and_browsers_are_told() -> None:
    async with running(
        trunks={"carrier": REGISTERING}, webrtc=WebRtc(), engine=SWITCH, timing=UNHURRIED
    ) as rig:
        await rig.until(lambda: rig.media.trunks["carrier"].registered)
        rig.media.open_call("c", plan(("all", 2)))
        rig.dial("c", "s")
        rig.media.perform("c", Dial("answer.1", ALICE))
        await rig.answered("answer.1")
        before = the_worker(rig).pid
        os.kill(before, signal.SIGKILL)
        for leg_id in ("s", "answer.1"):
            assert (await rig.ended(leg_id)).cause is HangupCause.WORKER_LOST
        await rig.until(lambda: rig.told("answer.1") == ["bye"])
        await rig.until(lambda: not rig.media.trunks["carrier"].registered or the_worker(rig).pid != before)
        await rig.until(lambda: rig.workers("busy") + rig.workers("idle") == 1, seconds=20)
        rig.dial("c", "again")
        await rig.answered("again")
        await rig.until(lambda: rig.media.trunks["carrier"].registered)
        assert gone(before)


@asyncio_test(timeout=60)
async def test_new_settings_reach_the_worker_while_its_calls_go_on() -> None:
    sip, media = sip_settings(), Media()
    async with running(media, sip, engine=SWITCH, timing=UNHURRIED) as rig:
        worker = the_worker(rig)
        rig.media.open_call("c", plan(("all", 3)))
        rig.dial("c", "before")
        await rig.answered("before")
        rig.media.configure(sip.model_copy(update={"user_agent": "new"}), media, {"carrier": REGISTERING})
        await rig.until(lambda: rig.media.trunks["carrier"].registered)
        rig.dial("c", "after")
        assert (await rig.where("after"))[2] == "new"
        rig.media.configure(sip.model_copy(update={"user_agent": "refused"}), media, {})
        rig.dial("c", "still")
        assert (await rig.where("still"))[2] == "new"
        assert the_worker(rig) is worker
        assert not rig.events(LegEnded)


@asyncio_test(timeout=60)
async def test_what_is_asked_before_the_worker_is_ready_waits() -> None:
    async with running(webrtc=WebRtc(), engine=SWITCH, timing=UNHURRIED) as rig:
        os.kill(the_worker(rig).pid, signal.SIGKILL)
        await rig.until(lambda: rig.workers("starting") == 1)
        rig.media.open_call("c", plan(("all", 2)))
        rig.media.perform("c", Dial("answer.1", ALICE))
        rig.signal("answer.1", IceCandidate(session=1, candidate="early"))
        assert not rig.events(LegAnswered)
        await rig.until(lambda: rig.events(LegAnswered), seconds=20)
        await rig.until(lambda: rig.told("answer.1") == ["candidate"])
        rig.media.perform("c", Dial("ring.2", ALICE))
        rig.media.close_call("c")
        await rig.until(lambda: rig.told("answer.1") == ["candidate", "bye"])
