"""The pool with real processes, whose workers stand in for telephony."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

import pytest

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp, Join, Play
from bridge.events import LegAnswered, LegEnded, LegRinging, PromptFinished
from bridge.protocols import OutOfCapacityError
from config.models import Media, Trunk
from media.pool import MediaStartError
from routing.plan import Tone
from tests.aio import asyncio_test
from tests.media.plans import endpoint, plan
from tests.media.pools import HASTY, Rig, running, sip_settings

SIMPLE = plan(("in_order", 1))


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@asyncio_test(timeout=20)
async def test_a_call_from_open_to_close() -> None:
    async with running() as rig:
        assert rig.progress[-1] == (2, 2)
        assert rig.workers("idle") == 2
        rig.pool.open_call("c1", SIMPLE)
        rig.dial("c1", "s1")
        await rig.answered("s1")
        rig.dial("c1", "b1")
        await rig.answered("b1")
        rig.pool.perform("c1", Join("s1", "b1"))
        await rig.until(lambda: PromptFinished("s1", "joined b1") in rig.events(PromptFinished))
        assert (await rig.where("s1"))[:2] == (await rig.where("b1"))[:2]
        await rig.hang_up("c1", "s1", "b1")
        assert rig.events(LegEnded, "s1") == [LegEnded("s1", HangupCause.NORMAL)]
        snapshot = rig.pool.snapshot()
        assert (snapshot.calls, snapshot.slots_used) == (0, 0)


@asyncio_test(timeout=20)
async def test_two_simple_calls_share_a_worker_and_spares_are_refilled() -> None:
    async with running() as rig:
        for number in range(4):
            rig.pool.open_call(f"c{number}", SIMPLE)
            rig.dial(f"c{number}", f"s{number}")
        pids = [(await rig.where(f"s{number}"))[0] for number in range(4)]
        assert pids[0] == pids[1] != pids[2] == pids[3]
        await rig.until(lambda: rig.workers("idle") == 2)
        assert rig.workers("busy") == 2
