"""Browser legs in the media service, whose workers stand in for telephony and for browsers."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp, Join
from bridge.events import LegAnswered, LegEnded, PromptFinished
from config.sections.media import Media
from config.sections.webrtc import WebRtc
from media.kept_signals import MOST_KEPT
from media.service import MediaStartError
from media.timing import Timing
from routing.plan import BrowserEndpoint
from tests.aio import asyncio_test
from tests.media.browser_stand_in import SLOW
from tests.media.plans import plan
from tests.media.rig import Rig, gone, running, sip_settings, zygote
from webrtc.signalling import IceCandidate

SIMPLE = plan(("in_order", 1))
ALICE = BrowserEndpoint("agent:alice", "Alice", "alice")
ONE = WebRtc()
TWO = WebRtc(workers=2)


def ring(rig: Rig, call_id: str, leg_id: str, audio: str = "passthrough") -> None:
    rig.media.perform(call_id, Dial(leg_id, BrowserEndpoint("agent:alice", "Alice", "alice", audio)))


def browser_workers(rig: Rig) -> list:
    return list(rig.media._supervisor.living("browser"))


def legs_in(rig: Rig) -> int:
    return sum(load.legs for load in rig.media.legs.browsers.loads())


async def talking(rig: Rig, leg_id: str, call_id: str = "c") -> None:
    """A call of its own with a browser leg that was answered."""
    rig.media.open_call(call_id, SIMPLE)
    ring(rig, call_id, leg_id)
    await rig.answered(leg_id)


@asyncio_test(timeout=60)
async def test_a_leg_is_opened_dialled_and_hung_up() -> None:
    async with running(webrtc=ONE) as rig:
        assert rig.progress[-1] == (3, 3)
        await talking(rig, "answer.1")
        snapshot = rig.media.snapshot()
        assert snapshot.browser_workers == {"starting": 0, "ready": 1, "draining": 0, "leaving": 0}
        assert (snapshot.browser_legs, snapshot.browser_room) == (1, 104)
        await rig.hang_up("c", "answer.1")
        await rig.until(lambda: rig.told("answer.1") == ["bye"])
        assert [type(e).__name__ for _, e in rig.reports if not isinstance(e, PromptFinished)] == [
            "LegRinging",
            "LegAnswered",
            "LegEnded",
        ]
        assert (rig.media.snapshot().browser_legs, rig.media.snapshot().slots_used) == (0, 0)
        await rig.until(lambda: legs_in(rig) == 0)


@asyncio_test(timeout=60)
async def test_hung_up_while_it_opens() -> None:
    async with running(webrtc=ONE) as rig:
        rig.media.open_call("c", SIMPLE)
        ring(rig, "c", "slow.1")
        await asyncio.sleep(SLOW / 4)
        await rig.hang_up("c", "slow.1")
        assert legs_in(rig) == 1
        await rig.until(lambda: legs_in(rig) == 0)
        assert rig.told("slow.1") == ["bye"]
        assert rig.reports == [("c", LegEnded("slow.1", HangupCause.NORMAL))]
        assert rig.media.snapshot().slots_used == 0


@asyncio_test(timeout=60)
async def test_what_does_not_open_ends_in_congestion() -> None:
    async with running(webrtc=ONE, timing=Timing(ready=1.0, tick=0.1)) as rig:
        rig.media.open_call("c", SIMPLE)
        for leg_id in ("refused.1", "never.1"):
            ring(rig, "c", leg_id)
            assert await rig.ended(leg_id) == LegEnded(leg_id, HangupCause.CONGESTION)
        assert rig.told("refused.1") == ["bye"]
        await talking(rig, "answer.1", "d")
        assert rig.media.snapshot().slots_used == 4  # two calls' promise, and no more


@asyncio_test(timeout=60)
async def test_without_browser_workers_nobody_can_be_rung() -> None:
    async with running() as rig:
        rig.media.open_call("c", SIMPLE)
        ring(rig, "c", "answer.1")
        assert await rig.ended("answer.1") == LegEnded("answer.1", HangupCause.CONGESTION)
        assert zygote(rig, "browser").pid is None
        rig.media.signal("answer.1", "{}")  # dropped


@asyncio_test(timeout=60)
async def test_what_a_browser_says_early_is_kept_in_order_and_bounded() -> None:
    async with running(webrtc=ONE) as rig:
        rig.media.open_call("c", SIMPLE)
        ring(rig, "c", "slow.1")
        for number in range(MOST_KEPT + 5):
            rig.signal("slow.1", IceCandidate(session=number, candidate="x"))
        assert rig.said == {}  # never from within
        await rig.until(lambda: len(rig.said.get("slow.1", [])) >= MOST_KEPT)
        rig.signal("slow.1", IceCandidate(session=MOST_KEPT, candidate="x"))
        rig.media.signal("slow.1", "€" * 30_000)  # more bytes than a frame of ours holds
        await rig.until(lambda: len(rig.said["slow.1"]) > MOST_KEPT)
        assert [said.session for said in rig.said["slow.1"]] == list(range(MOST_KEPT + 1))


@asyncio_test(timeout=60)
async def test_a_browser_that_left_before_it_was_dialled() -> None:
    async with running(webrtc=ONE) as rig:
        rig.media.open_call("c", SIMPLE)
        ring(rig, "c", "left.1")
        assert await rig.ended("left.1") == LegEnded("left.1", HangupCause.DECLINED)
        ring(rig, "c", "busy.1")  # the phone worker's word alone
        assert await rig.ended("busy.1") == LegEnded("busy.1", HangupCause.BUSY, 486)
        await rig.until(lambda: legs_in(rig) == 0)


@asyncio_test(timeout=60)
async def test_a_dead_browser_worker_costs_its_legs_and_is_replaced() -> None:
    async with running(webrtc=ONE) as rig:
        await talking(rig, "answer.1")
        rig.media.open_call("d", SIMPLE)
        ring(rig, "d", "slow.1")
        ring(rig, "d", "ring.1")
        (worker,) = browser_workers(rig)
        os.kill(worker.pid, signal.SIGKILL)
        for leg_id in ("answer.1", "slow.1", "ring.1"):
            assert await rig.ended(leg_id) == LegEnded(leg_id, HangupCause.WORKER_LOST)
        ring(rig, "c", "answer.2")  # at once, before there is another worker
        await rig.answered("answer.2")
        assert browser_workers(rig)[0].pid != worker.pid
        assert rig.told("answer.1") == rig.told("slow.1") == rig.told("ring.1") == ["bye"]
        assert len(rig.events(LegEnded)) == 3
        await rig.hang_up("c", "answer.2")
        rig.media.close_call("d")
        await rig.until(lambda: rig.media.snapshot().slots_used == 0)
        assert rig.workers("draining") == 0


@asyncio_test(timeout=60)
async def test_a_redial_at_once_finds_room_in_a_full_worker() -> None:
    async with running(Media(max_workers=1, spare_workers=1), webrtc=ONE) as rig:
        for call_id in ("c", "d"):
            await talking(rig, f"answer.{call_id}", call_id)
            rig.dial(call_id, f"{call_id}-b")
            await rig.answered(f"{call_id}-b")
            rig.media.perform(call_id, Join(f"answer.{call_id}", f"{call_id}-b"))
        report, lost = rig.media.legs._report, ["c", "d"]

        def redial(call_id: str, event: object) -> None:
            report(call_id, event)
            if isinstance(event, LegEnded) and call_id in lost:
                lost.remove(call_id)  # once: what follows is the end of the test, not of its calls
                ring(rig, call_id, f"answer.{call_id}-again")

        rig.media.legs._report = redial
        os.kill(browser_workers(rig)[0].pid, signal.SIGKILL)
        for call_id in ("c", "d"):
            await rig.answered(f"answer.{call_id}-again")
        assert len(rig.events(LegEnded)) == 2


@asyncio_test(timeout=60)
async def test_a_dead_phone_worker_frees_the_browser() -> None:
    async with running(webrtc=ONE) as rig:
        await talking(rig, "answer.1")
        os.kill((await rig.where("answer.1"))[0], signal.SIGKILL)
        assert await rig.ended("answer.1") == LegEnded("answer.1", HangupCause.WORKER_LOST)
        await rig.until(lambda: rig.told("answer.1") == ["bye"])
        await rig.until(lambda: legs_in(rig) == 0)


@asyncio_test(timeout=60)
async def test_legs_are_spread_and_ports_shared_out() -> None:
    webrtc = WebRtc(workers=2, media_ports="42000-42007")
    async with running(webrtc=webrtc) as rig:
        await rig.until(lambda: rig.media.snapshot().browser_workers["ready"] == 2)
        workers = browser_workers(rig)
        assert sorted(worker.port_set.shared for worker in workers) == [((42000, 42003),), ((42004, 42007),)]
        every = [worker.port_set.ports[0].first for worker in rig.media._supervisor.workers.values()]
        assert len(set(every)) == len(every)
        rig.media.open_call("c", plan(("all", 5)))
        for number in range(5):
            ring(rig, "c", f"answer.{number}")
            if number < 4:
                await rig.answered(f"answer.{number}")
                loads = [load.legs for load in rig.media.legs.browsers.loads()]
                assert max(loads) - min(loads) <= 1
        assert await rig.ended("answer.4") == LegEnded("answer.4", HangupCause.CONGESTION)
        assert rig.media.snapshot().browser_room == 0


@asyncio_test(timeout=60)
async def test_opus_weighs_more() -> None:
    async with running(webrtc=TWO) as rig:
        await rig.until(lambda: rig.media.snapshot().browser_workers["ready"] == 2)
        rig.media.open_call("c", plan(("all", 4)))
        ring(rig, "c", "answer.0", "opus")
        for number in (1, 2, 3):
            ring(rig, "c", f"answer.{number}")
            await rig.answered(f"answer.{number}")
        assert sorted(load.legs for load in rig.media.legs.browsers.loads()) == [1, 3]


@asyncio_test(timeout=60)
async def test_a_reload_while_a_browser_leg_lives() -> None:
    old, sip = WebRtc(), sip_settings()
    async with running(sip=sip, webrtc=old) as rig:
        await talking(rig, "answer.1")
        (before,) = browser_workers(rig)
        await rig.until(lambda: rig.workers("idle") == 2)
        forks = rig.media.snapshot().forks
        media = Media(max_workers=8, spare_workers=2)
        rig.media.configure(sip, media, {}, WebRtc(stun=("stun:stun.example:3478",)))
        await asyncio.sleep(0.2)
        assert rig.media.snapshot().forks == forks  # which is for pages to know
        rig.media.configure(sip, media, {}, WebRtc(grace_period="5s"))
        await talking(rig, "answer.2", "d")
        (other,) = [worker for worker in browser_workers(rig) if worker is not before]
        assert rig.media.snapshot().browser_workers["draining"] == 1
        assert rig.media.legs.browsers._legs["answer.2"].worker is other
        rig.signal("answer.1", IceCandidate(session=1, candidate="x"))
        await rig.until(lambda: rig.told("answer.1") == ["candidate"])
        ring(rig, "c", "answer.3")  # an old call stays with the old
        await rig.answered("answer.3")
        assert rig.media.legs.browsers._legs["answer.3"].worker is before
        assert not rig.events(LegEnded)
        await rig.hang_up("c", "answer.1", "answer.3")
        await rig.until(lambda: gone(before.pid))
        rig.media.configure(sip, media, {})
        await rig.hang_up("d", "answer.2")
        await rig.until(lambda: not browser_workers(rig))
        assert rig.media.snapshot().workers_lost == 0


@asyncio_test(timeout=60)
async def test_an_old_call_finds_a_browser_worker_though_its_own_died() -> None:
    sip = sip_settings()
    async with running(sip=sip, webrtc=ONE) as rig:
        await talking(rig, "answer.1")
        (before,) = browser_workers(rig)
        rig.media.configure(sip_settings("new"), Media(max_workers=8, spare_workers=2), {}, ONE)
        os.kill(before.pid, signal.SIGKILL)
        await rig.ended("answer.1")
        ring(rig, "c", "answer.2")
        await rig.answered("answer.2")
        assert rig.media.legs.browsers._legs["answer.2"].worker.config.sip == sip


@asyncio_test(timeout=60)
async def test_a_pool_whose_browser_workers_cannot_start_says_so() -> None:
    with pytest.raises(MediaStartError, match=r"no browser worker starts: .*broken by the test"):
        async with running(webrtc=WebRtc(bind_address="broken")):
            pass


@asyncio_test(timeout=60)
async def test_a_call_that_closes_early_closes_its_browsers() -> None:
    async with running(webrtc=ONE) as rig:
        await talking(rig, "answer.1")
        rig.media.close_call("c")
        await rig.until(lambda: rig.told("answer.1") == ["bye"])
        await rig.until(lambda: (legs_in(rig), rig.media.snapshot().slots_used) == (0, 0))
        assert not rig.events(LegEnded)


@asyncio_test(timeout=60)
async def test_a_leg_that_waits_for_a_phone_worker() -> None:
    """The browser worker is ready, the phone worker is not: the leg can be hung up all the same."""
    async with running(Media(max_workers=4, spare_workers=1), webrtc=ONE) as rig:
        rig.media.open_call("a", plan(("all", 3)))
        os.kill(zygote(rig).pid, signal.SIGSTOP)
        rig.media.open_call("b", plan(("all", 3)))
        rig.media.open_call("c", plan(("all", 3)))
        ring(rig, "c", "answer.1")
        await asyncio.sleep(0.1)
        assert not rig.events(LegAnswered)
        rig.media.perform("c", HangUp("answer.1", HangupCause.CANCELLED))
        assert await rig.ended("answer.1") == LegEnded("answer.1", HangupCause.CANCELLED)
        await rig.until(lambda: rig.told("answer.1") == ["bye"])
        os.kill(zygote(rig).pid, signal.SIGCONT)
