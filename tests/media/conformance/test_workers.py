"""What every engine's processes do: they die and are replaced, answer pings, take settings, and leave."""

from __future__ import annotations

import asyncio
import os
import signal

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegEnded
from config.sections.media import Media
from config.sections.trunks import Trunk
from tests.aio import asyncio_test
from tests.media.conformance.engines import Candidate, every_engine
from tests.media.conformance.far_side import stage
from tests.media.rig import gone

REGISTERING = Trunk(host="replaced.invalid", username="u", password="p", registration=True)


@every_engine
@asyncio_test(timeout=90)
async def test_a_worker_that_dies_or_hangs_is_told_and_replaced(candidate: Candidate) -> None:
    async with stage(candidate) as here:
        for number, (how, call_id) in enumerate(((signal.SIGKILL, "dies"), (signal.SIGSTOP, "hangs"))):
            here.open(call_id)
            here.dial(call_id, f"{call_id}-s", "at_once")
            await here.rig.until(lambda: len(here.rig.events(LegAnswered)) > 2 * number, 20)  # noqa: B023
            pid = await here.rig.until(lambda: here.rig.media.legs.live[f"{call_id}-s"].worker.pid)  # noqa: B023
            os.kill(pid, how)
            ended = await here.rig.until(lambda: here.rig.events(LegEnded, f"{call_id}-s"), 15)  # noqa: B023
            assert [event.cause for event in ended] == [HangupCause.WORKER_LOST]
            await here.rig.until(lambda: gone(pid))  # noqa: B023
            here.dial(call_id, f"{call_id}-again", "at_once")
            await here.rig.until(lambda: here.rig.events(LegAnswered, f"{call_id}-again"), 20)  # noqa: B023
        assert here.rig.media.snapshot().workers_lost == 2


@every_engine
@asyncio_test(timeout=90)
async def test_new_settings_are_for_new_calls_and_no_call_is_cut(candidate: Candidate) -> None:
    async with stage(candidate, trunks={"carrier": REGISTERING}) as here:
        await here.rig.until(lambda: here.rig.media.trunks["carrier"].registered, 10)
        here.open("before")
        here.dial("before", "before-s", "at_once")
        await here.rig.answered("before-s")
        sip = here.rig.sip.model_copy(update={"user_agent": "New"})
        here.rig.media.configure(sip, Media(max_workers=8, spare_workers=2), {})
        assert here.rig.media.trunks == {}
        await asyncio.sleep(0.3)
        here.open("after")
        here.dial("after", "after-s", "at_once-after")
        await here.rig.until(lambda: here.rig.events(LegAnswered, "after-s"), 20)
        assert not here.rig.events(LegEnded)
        if candidate.real:
            assert (await here.dialog("at_once-after")).log[0].get("User-Agent") == "New"
        await here.rig.hang_up("after", "after-s")
        await here.rig.hang_up("before", "before-s")


@every_engine
@asyncio_test(timeout=60)
async def test_a_stop_hangs_up_and_leaves_no_process(candidate: Candidate) -> None:
    async with stage(candidate) as here:
        here.open("c")
        here.dial("c", "c-s", "at_once")
        await here.rig.answered("c-s")
        pids = await here.rig.until(lambda: _pids(here.rig.media._supervisor.workers.values()))
        await here.rig.media.stop()
        assert all(gone(pid) for pid in pids)
        if candidate.real:
            assert any(sip.method == "BYE" for sip in here.phone.log)


def _pids(workers: object) -> list[int]:
    pids = [worker.pid for worker in workers]
    return pids if all(pids) else []
