"""The media service with real processes, whose workers stand in for telephony."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp, Join, Play, RecordLeg
from bridge.events import LegAnswered, LegEnded, LegEvent, LegRinging, PromptFinished
from bridge.protocols import OutOfCapacityError
from config.sections.media import Media
from config.sections.sip import Sip
from config.sections.trunks import Trunk
from config.sections.webrtc import WebRtc
from media.call_legs import CallLegs
from media.engines.pjsua2 import WorkerSettings
from media.protocol import PROTOCOL, TO_CORE, Hello, Report
from media.service import MediaStartError
from media.shared_ports import choose
from media.timing import Timing
from media.worker import Worker, WorkerState
from media.zygote import NICER
from routing.plan import BrowserEndpoint, Screening, Speech
from tests.aio import asyncio_test
from tests.media.plans import QUEUE, TONE, endpoint, plan
from tests.media.rig import Rig, dead, gone, running, sip_settings, zygote

SIMPLE = plan(("in_order", 1))
ALICE = BrowserEndpoint("agent:alice", "Alice", "alice")


async def bridged(rig: Rig, call_id: str) -> int:
    """Open a simple call and bridge it; the pid of its worker."""
    rig.media.open_call(call_id, SIMPLE)
    for leg_id in (f"{call_id}-s", f"{call_id}-b"):
        rig.dial(call_id, leg_id)
        await rig.answered(leg_id)
    rig.media.perform(call_id, Join(f"{call_id}-s", f"{call_id}-b"))
    return (await rig.where(f"{call_id}-s"))[0]


def allowed_niceness() -> int:
    """That of a child of ours that wants the processor before others (capabilities(7), CAP_SYS_NICE)."""
    own = os.getpriority(os.PRIO_PROCESS, 0)
    wanted = max(own + NICER, -20)
    capabilities = Path("/proc/self/status").read_text().partition("CapEff:")[2].split()[0]
    may = int(capabilities, 16) >> 23 & 1 or resource.getrlimit(resource.RLIMIT_NICE)[0] >= 20 - wanted
    return wanted if may else own


async def tied(rig: Rig) -> None:
    """Call ``c`` with its shopper ``s`` at home and a business ``b3`` in another worker, answered both."""
    rig.media.open_call("c", plan(("all", 4)))
    for leg_id in ("s", "b1", "b2", "b3"):
        rig.dial("c", leg_id)
        await rig.answered(leg_id)
    assert (await rig.where("s"))[0] != (await rig.where("b3"))[0]


def joined(rig: Rig, leg_id: str, other: str) -> int:
    return rig.events(PromptFinished, leg_id).count(PromptFinished(leg_id, f"joined {other}"))


@asyncio_test(timeout=60)
async def test_a_call_from_open_to_close() -> None:
    async with running() as rig:
        assert rig.progress[-1] == (2, 2)
        assert rig.workers("idle") == 2
        await bridged(rig, "c")
        await rig.until(lambda: joined(rig, "c-s", "c-b"))
        assert (await rig.where("c-s"))[:2] == (await rig.where("c-b"))[:2]
        await rig.hang_up("c", "c-s", "c-b")
        assert rig.events(LegEnded) == [
            LegEnded("c-s", HangupCause.NORMAL),
            LegEnded("c-b", HangupCause.NORMAL),
        ]
        rig.media.perform("c", Play("c-s", TONE))  # too late, and no error
        snapshot = rig.media.snapshot()
        assert (snapshot.calls, snapshot.slots_used, snapshot.workers["busy"]) == (0, 0, 0)


@asyncio_test(timeout=60)
async def test_two_simple_calls_share_a_worker_and_spares_are_refilled() -> None:
    async with running() as rig:
        for number in range(4):
            rig.media.open_call(f"c{number}", SIMPLE)
            rig.dial(f"c{number}", f"s{number}")
        pids = [(await rig.where(f"s{number}"))[0] for number in range(4)]
        assert pids[0] == pids[1] != pids[2] == pids[3]
        assert os.getpriority(os.PRIO_PROCESS, pids[0]) == allowed_niceness()
        await rig.until(lambda: rig.workers("idle") == 2)
        assert rig.workers("busy") == 2


@asyncio_test(timeout=60)
async def test_full_means_full_and_at_once() -> None:
    async with running(Media(max_workers=2, spare_workers=1)) as rig:
        for number in range(4):  # the third call makes a worker, and waits for it
            rig.media.open_call(f"c{number}", SIMPLE)
        rig.dial("c3", "s3")
        with pytest.raises(OutOfCapacityError):
            rig.media.open_call("c4", SIMPLE)
        await rig.answered("s3")
        rig.media.close_call("c0")
        rig.media.open_call("c4", SIMPLE)
        snapshot = rig.media.snapshot()
        assert (snapshot.slots_free, sum(snapshot.workers.values())) == (0, 2)


@asyncio_test(timeout=60)
async def test_a_dial_beyond_all_room_ends_in_congestion() -> None:
    async with running(Media(max_workers=1, spare_workers=1)) as rig:
        rig.media.open_call("c", plan(("all", 12)))
        for number in range(13):
            rig.dial("c", f"leg{number}", "ring")
        await rig.until(lambda: len(rig.events(LegEnded)) == 9)
        assert {event.cause for event in rig.events(LegEnded)} == {HangupCause.CONGESTION}
        await rig.until(lambda: len(rig.events(LegRinging)) == 4)


@asyncio_test(timeout=60)
async def test_calls_that_wait_make_room_for_others_and_find_it_when_their_turn_comes() -> None:
    async with running(Media(max_workers=2, spare_workers=1)) as rig:
        for call_id in ("q1", "q2"):
            rig.media.open_call(call_id, plan(queue=QUEUE))
            rig.media.perform(call_id, Dial(f"{call_id}-s", SIMPLE.shopper))
            await rig.answered(f"{call_id}-s")
        await bridged(rig, "c")
        rig.media.open_call("q3", plan(queue=QUEUE))
        with pytest.raises(OutOfCapacityError):
            rig.media.open_call("q4", plan(queue=QUEUE))
        for call_id in ("q1", "q2"):
            for number in (1, 2):
                rig.dial(call_id, f"{call_id}-b{number}")
            await rig.answered(f"{call_id}-b1")
            assert (await rig.ended(f"{call_id}-b2")).cause is HangupCause.CONGESTION
            rig.media.perform(call_id, Join(f"{call_id}-s", f"{call_id}-b1"))
            await rig.until(lambda: joined(rig, f"{call_id}-s", f"{call_id}-b1"))  # noqa: B023


@asyncio_test(timeout=60)
async def test_the_business_first_and_the_shopper_after() -> None:
    callback = plan(("all", 12), first="business")
    async with running() as rig:
        rig.media.open_call("c", callback)
        for number in range(12):
            rig.dial("c", f"b{number}", "answer" if number == 11 else "ring")
        await rig.answered("b11")
        rig.media.perform("c", Dial("s", callback.shopper))
        await rig.answered("s")
        assert (await rig.where("s"))[0] == (await rig.where("b0"))[0]
        rig.media.perform("c", Join("s", "b11"))
        await rig.until(lambda: joined(rig, "s", "c-tie1-near") and joined(rig, "b11", "c-tie1-far"))


def heard(rig: Rig, leg_id: str) -> list[str]:
    return [e.prompt for e in rig.events(PromptFinished, leg_id) if e.prompt.startswith("played")]


@asyncio_test(timeout=60)
async def test_words_reach_a_leg_as_a_file_and_in_order() -> None:
    screened = replace(endpoint("answer"), screening=Screening(Speech("Press 1."), 20.0))
    async with running() as rig:
        rig.media.open_call("c", SIMPLE)
        for leg_id in ("s", "b"):
            rig.media.perform("c", Dial(leg_id, screened))
            await rig.answered(leg_id)
        rig.media.perform("c", Play("b", Speech("Press 1.", name="screening")))
        await rig.until(lambda: heard(rig, "b") == ["played screening"])
        rig.media.perform("c", Play("s", Speech("Nobody will ever hear this.", name="late")))
        rig.media.perform("c", Join("s", "b"))
        rig.media.perform("c", Play("b", Speech("Nor will this be heard by anybody.", name="late")))
        rig.media.perform("c", RecordLeg("b", "x.wav", 9.0, 9.0))
        await rig.until(lambda: joined(rig, "s", "b"))
        rig.media.perform("c", Play("b", Speech("Nor this, for it hangs up.", name="late")))
        folder = Path(rig.media._speech_files.beep).parent
        await rig.hang_up("c", "s", "b")
        await asyncio.sleep(0.3)
        assert heard(rig, "s") + heard(rig, "b") == ["played screening"]
        assert [path.name for path in folder.glob("*.wav")] == ["beep.wav"]
    assert not folder.exists()


@asyncio_test(timeout=60)
async def test_twelve_ring_at_once_and_the_last_one_is_joined_by_a_tie() -> None:
    async with running() as rig:
        rig.media.open_call("c", plan(("all", 12)))
        rig.dial("c", "s")
        await rig.answered("s")
        for number in range(12):
            rig.dial("c", f"b{number}", "answer" if number == 11 else "ring")
        await rig.until(lambda: len(rig.events(LegRinging)) == 13)
        await rig.answered("b11")
        rig.media.perform("c", Join("s", "b11"))
        for number in range(11):
            rig.media.perform("c", HangUp(f"b{number}", HangupCause.ANSWERED_ELSEWHERE))
        await rig.until(lambda: joined(rig, "s", "c-tie1-near") and joined(rig, "b11", "c-tie1-far"))
        await rig.until(lambda: len(rig.events(LegEnded)) == 11)
        assert rig.media.snapshot().slots_used == 4  # two legs and the two ends of their tie
        await rig.hang_up("c", "s", "b11")
        await rig.until(lambda: rig.media.snapshot().slots_used == 0)
        assert not [event for _, event in rig.reports if "tie" in event.leg_id]
        assert rig.workers("draining") == 0  # a tie that outlives its call by a moment condemns nobody


@asyncio_test(timeout=60)
async def test_a_tie_is_kept_while_one_side_hears_something_else() -> None:
    async with running() as rig:
        await tied(rig)
        rig.media.perform("c", Join("s", "b3"))
        rig.media.perform("c", Play("s", TONE))  # before the tie is up: it must not join them now
        await asyncio.sleep(0.1)
        assert not joined(rig, "s", "c-tie1-near")
        rig.media.perform("c", Join("b3", "s"))
        await rig.until(lambda: joined(rig, "s", "c-tie1-near") and joined(rig, "b3", "c-tie1-far"))


@asyncio_test(timeout=60)
async def test_a_tie_that_fails_ends_the_leg_away_from_home() -> None:
    async with running(sip=sip_settings("no ties")) as rig:
        await tied(rig)
        rig.media.perform("c", Join("s", "b3"))
        assert await rig.ended("b3") == LegEnded("b3", HangupCause.FAILED)
        assert not rig.events(LegEnded, "s")
        await rig.hang_up("c", "s", "b1", "b2")
        await rig.until(lambda: rig.media.snapshot().slots_used == 0)


@asyncio_test(timeout=60)
async def test_a_satellite_that_dies_costs_the_leg_in_it_and_not_the_shopper() -> None:
    async with running() as rig:
        await tied(rig)
        rig.media.perform("c", Join("s", "b3"))
        await rig.until(lambda: joined(rig, "s", "c-tie1-near"))
        os.kill((await rig.where("b3"))[0], signal.SIGKILL)
        assert await rig.ended("b3") == LegEnded("b3", HangupCause.WORKER_LOST)
        rig.dial("c", "b4")  # the hunt goes on
        await rig.answered("b4")
        rig.media.perform("c", Join("s", "b4"))
        await rig.until(lambda: any("joined" in e.prompt for e in rig.events(PromptFinished, "b4")))
        assert not rig.events(LegEnded, "s")


@asyncio_test(timeout=60)
async def test_a_killed_worker_costs_its_own_calls_once_and_is_replaced() -> None:
    async with running() as rig:
        pids = [await bridged(rig, f"c{number}") for number in range(4)]
        os.kill(pids[0], signal.SIGKILL)
        rig.media.perform("c0", HangUp("c0-s", HangupCause.NORMAL))  # races the death
        await rig.until(lambda: len(rig.events(LegEnded)) == 4)
        await rig.until(lambda: rig.workers("idle") == 2)
        await asyncio.sleep(0.2)
        assert sorted((e.leg_id, e.cause) for e in rig.events(LegEnded)) == [
            (leg_id, HangupCause.WORKER_LOST) for leg_id in ("c0-b", "c0-s", "c1-b", "c1-s")
        ]
        ends = [e.leg_id for e in rig.events(LegEnded)]
        assert all(ends.index(f"{c}-s") < ends.index(f"{c}-b") for c in ("c0", "c1")), "shoppers first"
        assert gone(pids[0])  # reaped, too
        assert rig.media.snapshot().workers_lost == 1
        rig.dial("c0", "c0-s2")  # the shopper is dialled once more
        await rig.answered("c0-s2")
        await rig.hang_up("c2", "c2-s", "c2-b")


@asyncio_test(timeout=60)
async def test_a_report_and_a_death_give_one_end() -> None:
    async with running() as rig:
        rig.media.open_call("c", SIMPLE)
        rig.dial("c", "s", "busy")
        rig.dial("c", "b", "crash")
        await rig.ended("b")
        assert rig.events(LegEnded) == [
            LegEnded("s", HangupCause.BUSY, 486),
            LegEnded("b", HangupCause.WORKER_LOST),
        ]


@asyncio_test(timeout=60)
async def test_a_hung_worker_is_killed() -> None:
    async with running() as rig:
        pid = await bridged(rig, "c")
        os.kill(pid, signal.SIGSTOP)
        assert (await rig.ended("c-s")).cause is HangupCause.WORKER_LOST
        await rig.until(lambda: gone(pid))


@asyncio_test(timeout=60)
async def test_a_core_that_slept_kills_nobody() -> None:
    async with running() as rig:
        pid = await bridged(rig, "c")
        await asyncio.sleep(0.35)  # a ping may be under way
        time.sleep(1.5)  # noqa: ASYNC251 - the very thing
        await asyncio.sleep(0.3)
        assert not gone(pid)
        assert not rig.events(LegEnded)


@asyncio_test(timeout=60)
async def test_a_worker_that_holds_legs_of_a_closed_call_is_replaced() -> None:
    async with running() as rig:
        rig.media.open_call("c", SIMPLE)
        rig.media.open_call("other", SIMPLE)
        rig.dial("c", "s", "undead")
        rig.dial("other", "o")
        pid = (await rig.where("s"))[0]
        assert (await rig.where("o"))[0] == pid
        rig.media.close_call("c")
        assert rig.workers("draining") == 1
        rig.media.open_call("next", SIMPLE)
        rig.dial("next", "n")
        assert (await rig.where("n"))[0] != pid
        assert not gone(pid)  # it still serves the other call
        await rig.hang_up("other", "o")
        await rig.until(lambda: gone(pid))


@asyncio_test(timeout=60)
async def test_a_dead_zygote_is_replaced_and_costs_no_call() -> None:
    async with running() as rig:
        pid = await bridged(rig, "c")
        forker = zygote(rig).pid
        os.kill(forker, signal.SIGKILL)
        await rig.until(lambda: gone(forker))
        for number in range(6):
            await rig.until(lambda: rig.workers("idle") > 0, seconds=8)
            await bridged(rig, f"d{number}")
        assert not gone(pid)
        assert not rig.events(LegEnded)


@asyncio_test(timeout=60)
async def test_a_worker_whose_zygote_died_before_it_told_of_it_is_lost_once() -> None:
    async with running(Media(max_workers=4, spare_workers=1)) as rig:
        zygote(rig)._zygote._on_forked = lambda token, pid: None  # what was told does not arrive
        for call_id in "ab":
            rig.media.open_call(call_id, plan(("all", 3)))
        rig.dial("b", "s")
        pid, _, _ = await rig.where("s")
        zygote(rig).kill()
        assert (await rig.ended("s")).cause is HangupCause.WORKER_LOST
        await rig.until(lambda: dead(pid))
        await rig.until(lambda: rig.workers("idle") == 1)
        rig.dial("b", "again")
        await rig.answered("again")
        assert len(rig.events(LegEnded)) == 1


@asyncio_test(timeout=90)
async def test_a_hung_zygote_is_replaced() -> None:
    async with running(timing=Timing(start=6, leave=0.5, tick=0.1)) as rig:
        forker = zygote(rig).pid
        os.kill(forker, signal.SIGSTOP)
        for number in range(4):
            await bridged(rig, f"c{number}")
        await rig.until(lambda: gone(forker), seconds=12)
        await rig.until(lambda: rig.workers("idle") == 2, seconds=12)


@asyncio_test(timeout=60)
async def test_a_call_that_gets_no_worker_is_told_soon() -> None:
    timing = Timing(ready=0.3, start=5, leave=0.5, tick=0.1)
    async with running(Media(max_workers=4, spare_workers=1), timing=timing) as rig:
        os.kill(zygote(rig).pid, signal.SIGSTOP)
        await bridged(rig, "a")
        await bridged(rig, "b")
        rig.media.open_call("c", SIMPLE)
        rig.dial("c", "s")
        assert await rig.ended("s") == LegEnded("s", HangupCause.CONGESTION)
        rig.dial("c", "s2")
        rig.media.perform("c", HangUp("s2", HangupCause.CANCELLED))
        assert await rig.ended("s2") == LegEnded("s2", HangupCause.CANCELLED)
        rig.media.close_call("c")
        zygote(rig).kill()


@asyncio_test(timeout=60)
async def test_a_reload_serves_old_calls_to_the_end_and_new_ones_by_new_settings() -> None:
    async with running(sip=sip_settings("old")) as rig:
        old = await bridged(rig, "c1")
        rig.media.configure(sip_settings("new"), Media(max_workers=8, spare_workers=2), {})
        assert rig.workers("draining") == 1
        await bridged(rig, "c2")
        assert (await rig.where("c2-s"))[2] == "new"
        rig.dial("c1", "more")
        assert (await rig.where("more"))[::2] == (old, "old")
        await rig.until(lambda: rig.workers("idle") == 2)
        assert not rig.events(LegEnded)
        await rig.hang_up("c1", "c1-s", "c1-b", "more")
        await rig.until(lambda: gone(old))
        assert rig.media.snapshot().workers_lost == 0


@asyncio_test(timeout=60)
async def test_an_old_call_grows_in_its_own_generation() -> None:
    async with running(sip=sip_settings("old")) as rig:
        rig.media.open_call("c", plan(("all", 6)))
        rig.dial("c", "s")
        await rig.answered("s")
        rig.media.configure(sip_settings("new"), Media(max_workers=8, spare_workers=1), {})
        for number in range(6):
            rig.dial("c", f"b{number}", "ring")
        assert {(await rig.where(f"b{number}"))[2] for number in range(6)} == {"old"}


@asyncio_test(timeout=60)
async def test_settings_that_stay_the_same_move_nobody() -> None:
    sip = sip_settings()
    async with running(sip=sip) as rig:
        forks = rig.media.snapshot().forks
        rig.media.configure(sip, Media(max_workers=8, spare_workers=2), {})
        await asyncio.sleep(0.3)
        assert rig.media.snapshot().forks == forks


@asyncio_test(timeout=60)
async def test_a_taken_port_is_passed_over() -> None:
    sip = sip_settings(workers=6)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as squatter:
        squatter.bind(("127.0.0.1", sip.ports.first))
        async with running(sip=sip) as rig:
            await bridged(rig, "c")
            assert (await rig.where("c-s"))[1] > sip.ports.first
            assert rig.media.snapshot().forks_failed == 1


@asyncio_test(timeout=60)
async def test_a_pool_that_cannot_start_says_why() -> None:
    with pytest.raises(MediaStartError, match="broken by the test"):
        async with running(sip=sip_settings("broken")):
            pass


@asyncio_test(timeout=60)
async def test_surplus_workers_leave_after_a_rush() -> None:
    async with running() as rig:
        for number in range(8):
            rig.media.open_call(f"c{number}", SIMPLE)
        await rig.until(lambda: rig.workers("idle") == 2)
        for number in range(8):
            rig.media.close_call(f"c{number}")
        await rig.until(lambda: sum(rig.media.snapshot().workers.values()) == 2)


@asyncio_test(timeout=60)
async def test_drain_waits_for_the_last_call() -> None:
    async with running() as rig:
        await bridged(rig, "c")
        draining = asyncio.ensure_future(rig.media.drain())
        await asyncio.sleep(0.05)
        with pytest.raises(OutOfCapacityError):
            rig.media.open_call("d", SIMPLE)
        assert not draining.done()
        await rig.hang_up("c", "c-s", "c-b")
        await asyncio.wait_for(draining, 1)


@asyncio_test(timeout=60)
async def test_stop_leaves_nothing_behind() -> None:
    async with running(sip=sip_settings("stubborn")) as rig:
        pid = await bridged(rig, "c")
        pids = [worker.pid for worker in rig.media._supervisor.workers.values() if worker.pid]
        forker, directory = zygote(rig).pid, rig.media._supervisor._directory
        assert pid in pids
        assert directory.stat().st_mode & 0o777 == 0o700
    assert all(gone(pid) for pid in [*pids, forker])
    assert directory.name not in os.listdir(directory.parent)
    assert {event.cause for event in rig.events(LegEnded)} == {HangupCause.WORKER_LOST}


STRANGERS = {
    "guesses": TO_CORE.dump(Hello("guess", 1, PROTOCOL)),
    "is of another version": TO_CORE.dump(Hello("guess", 1, "0" * 32)),
    "does not greet": TO_CORE.dump(Report(LegRinging("leg"))),
    "says too much": TO_CORE.dump(Hello("x" * 1000, 1, PROTOCOL)),
    "speaks something else": b"GET / HTTP/1.1\r\n\r\n",
    "says nothing of ours": b"\0\0\0\1\xc1",
}


@asyncio_test(timeout=60)
async def test_a_stranger_is_refused() -> None:
    async with running() as rig:
        for says in STRANGERS.values():
            reader, writer = await asyncio.open_unix_connection(rig.media._supervisor._socket_path)
            writer.write(says)
            assert await reader.read() == b""
            writer.close()
        assert rig.workers("idle") == 2


@asyncio_test(timeout=60)
async def test_a_worker_that_is_not_understood_is_lost_and_no_other() -> None:
    async with running() as rig:
        broken, sound = rig.media._supervisor.living("calls")
        assert broken.link is not None
        broken.link.data_received(b"\0\0\0\3\xc1\xc1\xc1")
        await rig.until(lambda: broken.state is WorkerState.GONE and rig.workers("idle") == 2)
        assert sound.state is WorkerState.READY


@asyncio_test(timeout=60)
async def test_a_message_that_fails_costs_the_next_ones_nothing(monkeypatch) -> None:
    report = CallLegs.worker_reported

    def fail(self: CallLegs, worker: Worker, event: LegEvent) -> None:
        if isinstance(event, LegRinging):
            raise ArithmeticError
        report(self, worker, event)

    monkeypatch.setattr(CallLegs, "worker_reported", fail)
    async with running() as rig:
        with capture_logs() as logs:
            await bridged(rig, "c")
        assert [line["kind"] for line in logs if line.get("exc_info")] == ["Report", "Report"]


@asyncio_test(timeout=60)
async def test_the_registrar_is_kept_and_replaced() -> None:
    registering = Trunk(host="127.0.0.1", username="u", password="p", registration=True)
    trunks = {"carrier": registering, "pbx": Trunk(host="127.0.0.2")}
    async with running(trunks=trunks) as rig:
        await rig.until(lambda: rig.media.trunks["carrier"].registered)
        assert set(rig.media.trunks) == {"carrier"}
        (worker,) = rig.media._supervisor.living("registrar")
        os.kill(worker.pid, signal.SIGKILL)
        await rig.until(lambda: not rig.media.trunks["carrier"].registered)
        await rig.until(lambda: rig.media.trunks["carrier"].registered)
        assert rig.media.trunks["carrier"].status == 200
        rig.media.configure(worker.config.sip, Media(max_workers=8, spare_workers=2), {})
        await rig.until(lambda: not list(rig.media._supervisor.living("registrar")))
        assert rig.media.trunks == {}


def told(worker: Worker) -> WorkerSettings:
    return WorkerSettings.model_validate_json(worker.settings)


@asyncio_test(timeout=60)
async def test_the_port_that_calls_share_is_the_registrars_for_good() -> None:
    registering = Trunk(host="127.0.0.1", username="u", password="p", registration=True)
    async with running(trunks={"carrier": registering}) as rig:
        await rig.until(lambda: rig.media.trunks["carrier"].registered)
        supervisor = rig.media._supervisor
        (worker,) = supervisor.living("registrar")
        port = worker.port_set.ports[0]
        assert told(worker).shared_ports == (port.first,) == (worker.config.sip.ports.first,)
        callers = list(supervisor.living("calls"))
        assert {told(caller).shared_ports for caller in callers} == {(port.first,)}
        assert port not in {caller.port_set.ports[0] for caller in callers}
        os.kill(worker.pid, signal.SIGKILL)
        await rig.until(lambda: worker.worker_id not in supervisor.workers)
        await rig.until(lambda: rig.media.trunks["carrier"].registered)
        (after,) = supervisor.living("registrar")
        assert after.port_set == worker.port_set
        # Trunks that do not want it have none.
        apart = registering.model_copy(update={"one_port": False})
        rig.media.configure(worker.config.sip, Media(max_workers=8, spare_workers=2), {"carrier": apart})
        await rig.until(lambda: after.worker_id not in supervisor.workers)
        await rig.until(lambda: rig.media.trunks["carrier"].registered)
        (last,) = supervisor.living("registrar")
        assert told(last).shared_ports == ()


def test_ports_that_are_shared_are_kept_where_they_serve() -> None:
    sip = Sip(ports="6000-6003")
    assert choose(sip, 0, (), ()) == ()
    assert choose(sip, 2, (), (6000,)) == (6001, 6002)
    assert choose(sip, 2, (6002,), ()) == (6002, 6000)
    assert choose(sip, 1, (6002, 6000), ()) == (6002,)
    assert choose(sip, 1, (6002,), (6002,)) == (6000,)  # another program has it
    assert choose(sip, 1, (7000,), ()) == (6000,)
    assert choose(sip, 5, (), ()) == ()


@asyncio_test(timeout=60)
async def test_commands_for_calls_and_legs_that_are_unknown() -> None:
    async with running() as rig:
        rig.media.perform("nowhere", Dial("x", endpoint("answer")))
        assert (await rig.ended("x")).cause is HangupCause.FAILED
        rig.media.perform("nowhere", Join("x", "y"))
        rig.media.close_call("nowhere")
        rig.media.open_call("c", SIMPLE)
        rig.dial("c", "s")
        await rig.answered("s")
        rig.media.perform("c", Join("s", "y"))
        assert rig.events(LegAnswered) == [LegAnswered("s")]


def test_nothing_outlives_a_core_that_is_killed() -> None:
    core = subprocess.Popen([sys.executable, "-m", "tests.media.a_core"], stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in core.stdout.readline().split()]
    assert len(pids) == 3
    os.kill(pids[-1], signal.SIGSTOP)  # a hung worker must go, too
    core.kill()
    core.wait()
    try:
        give_up = time.monotonic() + 5
        while not all(dead(pid) for pid in pids):
            assert time.monotonic() < give_up
            time.sleep(0.01)
    finally:
        core.stdout.close()


@asyncio_test(timeout=90)
async def test_whatever_dies_each_leg_ends_once() -> None:
    """Calls of all kinds, hang-ups, and kills of workers and of zygotes, at random but repeatable."""
    chance = random.Random(5)
    ends = ("answer", "answer", "ring", "busy", "crash")
    browser_ends = (*ends, "slow", "refused", "left", "crash-browser")
    async with running(Media(max_workers=10, spare_workers=3), webrtc=WebRtc(workers=2)) as rig:
        dialled: dict[str, list[str]] = {}
        for number in range(40):
            call_id = f"c{number}"
            try:
                rig.media.open_call(call_id, plan(("all", chance.choice((1, 2, 6)))))
            except OutOfCapacityError:
                await asyncio.sleep(0.05)
                continue
            dialled[call_id] = []
            for leg in range(chance.choice((2, 4, 7))):
                if chance.random() < 0.4:
                    dialled[call_id].append(f"{chance.choice(browser_ends)}.{call_id}-{leg}")
                    rig.media.perform(call_id, Dial(dialled[call_id][-1], ALICE))
                else:
                    dialled[call_id].append(f"{call_id}-{leg}")
                    rig.dial(call_id, f"{call_id}-{leg}", chance.choice(ends))
            await asyncio.sleep(chance.choice((0, 0.01, 0.03)))
            rig.media.perform(call_id, Join(dialled[call_id][0], dialled[call_id][-1]))
            if number % 9 == 4:
                os.kill(
                    chance.choice([w.pid for w in rig.media._supervisor.workers.values() if w.pid]),
                    signal.SIGKILL,
                )
            if number == 20:
                zygote(rig).kill()
            if number == 25:
                zygote(rig, "browser").kill()
            over = chance.choice(list(dialled))
            for leg_id in dialled[over]:
                rig.media.perform(over, HangUp(leg_id, HangupCause.NORMAL))
        legs = sorted(leg_id for leg_ids in dialled.values() for leg_id in leg_ids)
        for call_id, leg_ids in dialled.items():
            for leg_id in leg_ids:
                rig.media.perform(call_id, HangUp(leg_id, HangupCause.NORMAL))
        await rig.until(lambda: len(rig.events(LegEnded)) >= len(legs), seconds=10)
        for call_id in dialled:
            rig.media.close_call(call_id)
        await rig.until(lambda: rig.workers("idle") >= 3, seconds=10)
        assert sorted(event.leg_id for event in rig.events(LegEnded)) == legs
        ended: set[str] = set()
        for _, event in rig.reports:
            assert event.leg_id not in ended  # nothing is said of a leg after its end
            if isinstance(event, LegEnded):
                ended.add(event.leg_id)
        await rig.until(lambda: (rig.media.snapshot().slots_used, rig.workers("busy")) == (0, 0), seconds=8)
        assert not rig.media.legs.ties._of_leg
        assert not rig.media.legs.ties._of_end
        await rig.until(lambda: not rig.media.legs.browsers._legs)
        for leg_id in rig.said:
            assert rig.told(leg_id) == ["bye"]  # once, whatever died
