"""A browser worker's life: its start, what it refuses, its end."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegEnded, LegRinging
from config.models import WebRtc
from config.sections.media import Media
from config.sections.sip import Sip
from media.engines.pjsua2 import PJSUA2
from media.protocol import Signal, WorkerRefusedError
from media.timing import Timing
from tests.aio import asyncio_test
from tests.media.rig import gone, running
from tests.sip.core import Worker, free_range, until
from tests.webrtc.browser import Browser
from tests.webrtc.core import BrowserWorker, stage
from tests.webrtc.nat import one_to_one
from webrtc.leg_table import BrowserWorkerError, LegTable
from webrtc.signalling import ConnectFailed, SdpAnswer, SdpOffer


@asyncio_test(timeout=30)
async def test_it_ends_with_its_core_and_ends_its_calls_first() -> None:
    async with stage() as here:
        await here.talk()
        browser = Browser(here.browsers, "b")
        await browser.connect()
        await here.phones.expect(LegAnswered, "b")
        here.browsers.line._transport.abort()
        assert (await here.phones.expect(LegEnded, "b")).cause is HangupCause.NORMAL
        await asyncio.wait_for(here.browsers.process.wait(), 3)
        await browser.close()


@asyncio_test(timeout=30)
async def test_what_makes_no_sense_is_refused_and_harms_nobody() -> None:
    worker = await BrowserWorker.start()
    try:
        await worker.open("b")
        for leg_id, codecs, audio in (
            ("b", "PCMU", "passthrough"),
            ("c", "GSM", "passthrough"),
            ("d", "PCMU", "x"),
        ):
            with pytest.raises(WorkerRefusedError):
                await worker.open(leg_id, codecs, audio)
        worker.line.tell(Signal("b", '{"type": "dtmf"}'))
        worker.line.tell(Signal("nobody", '{"type": "hang_up"}'))
        worker.signal("b", SdpOffer(session=1, sdp="v=0"))
        await until(lambda: worker.got("b", ConnectFailed))
        assert worker.got("b", ConnectFailed)[0].problem == "bad_offer"
        worker.close("nobody")
        await worker.ping()
        worker.close("b")
        await until(lambda: worker.ends == {"b": ["ended"]})
        assert any("signal_refused" in line for line in worker.stderr)
        worker.stderr.clear()
    finally:
        await worker.stop()


@asyncio_test(timeout=30)
async def test_a_browser_without_a_common_codec_is_told_and_may_try_again() -> None:
    worker = await BrowserWorker.start()
    try:
        await worker.open("b", "PCMA")
        first = Browser(worker, "b", 1, codecs=("PCMU",))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(first.offer(), 1)
        await until(lambda: worker.got("b", ConnectFailed))
        assert worker.got("b", ConnectFailed)[0].problem == "no_common_codec"
        second = Browser(worker, "b", 2, codecs=("PCMU", "PCMA"))
        await second.connect()
        await first.close()
        await second.close()
    finally:
        await worker.stop()


@asyncio_test(timeout=30)
async def test_a_call_that_comes_after_the_refusal_is_told_why() -> None:
    async with stage() as here:
        uri = await here.browsers.open("b")
        Browser(here.browsers, "b").hang_up("declined")
        await until(lambda: here.browsers.ends)
        here.phones.dial("b", uri)
        ended = await here.phones.expect(LegEnded, "b")
        assert (ended.sip_status, ended.cause) == (603, HangupCause.DECLINED)
        other = await here.browsers.open("c")
        here.phones.dial("c", other)
        await here.phones.expect(LegRinging, "c")
        here.phones.dial("d", other)  # the same secret again
        assert (await here.phones.expect(LegEnded, "d")).sip_status == 486
        here.phones.dial("e", other.replace("sip:", "sip:x"))
        assert (await here.phones.expect(LegEnded, "e")).sip_status == 404


@asyncio_test(timeout=10)
async def test_a_taken_sip_port_is_told() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(BrowserWorkerError, match=rf"{port}.*sip\.ports"):
            await LegTable.start(WebRtc(), Sip(bind_address="127.0.0.1"), port, print, print, print, print)


@asyncio_test(timeout=20)
async def test_behind_nat_browsers_are_told_the_public_address() -> None:
    worker = await BrowserWorker.start(WebRtc(bind_address="127.0.0.1", public_address="127.0.0.2"))
    try:
        await worker.open("b")
        browser = Browser(worker, "b")
        ports = worker.settings.webrtc.media_ports
        async with one_to_one("127.0.0.2", "127.0.0.1", ports):
            await browser.connect()
            (answer,) = worker.got("b", SdpAnswer)
            candidates = [line for line in answer.sdp.splitlines() if line.startswith("a=candidate")]
            assert [line.split()[4] for line in candidates] == ["127.0.0.2"]
            assert ports.first <= int(candidates[0].split()[5]) <= ports.last
            pair = browser.pc.getTransceivers()[0].receiver.transport.transport._connection._nominated[1]
            assert pair.remote_addr[0] == "127.0.0.2"
            await browser.close()
    finally:
        await worker.stop()


@asyncio_test(timeout=30)
async def test_a_phone_worker_may_dial_it_as_a_tie() -> None:
    """The browser worker's port is one of sip.ports, as every worker's is, so the firewall knows it."""
    first = free_range()
    worker = await BrowserWorker.start(sip_port=first)
    phones = await Worker.start(sip_port=first + 1, ports=f"{first}-{first + 1}")
    try:
        await phones.dial_tie("b", await worker.open("b", "PCMU"))
        browser = Browser(worker, "b")
        await browser.connect()
        await phones.expect(LegAnswered, "b")
        browser.hang_up()
        await phones.expect(LegEnded, "b")
        await browser.close()
    finally:
        await phones.stop()
        await worker.stop()


def own_memory(pid: int) -> int:
    """Memory that a process shares with no other, in kB."""
    return int(Path(f"/proc/{pid}/smaps_rollup").read_text().split("Private_Dirty:")[1].split()[0])


@asyncio_test(timeout=40)
async def test_a_zygote_forks_it() -> None:
    timing = Timing(ping=1.0, tick=0.2, start=15.0)
    media = Media(max_workers=2, spare_workers=2)
    only_browsers = replace(PJSUA2, programs={"calls": PJSUA2.programs["browser"]})
    async with running(media, engine=only_browsers, timing=timing) as rig:
        await rig.until(lambda: rig.workers("idle") == 2, 15)
        (pid, *_) = [worker.pid for worker in rig.media._supervisor.workers.values()]
        assert own_memory(pid) < 24_000  # kB; spawned, it would be 60,000
    assert gone(pid)
