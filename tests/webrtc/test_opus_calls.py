"""Opus toward the browser, G.711 toward the phone, over a network that loses and delays."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest

from bridge.causes import HangupCause
from bridge.events import LegEnded
from tests.aio import asyncio_test
from tests.plumbing.chromium import CHROMIUM, tone
from tests.sip.core import until
from tests.sip.ears import call_of
from tests.webrtc.browser import Browser
from tests.webrtc.chromium import tab
from tests.webrtc.core import BrowserWorker, stage
from tests.webrtc.ears import hears
from webrtc.signalling import ConnectFailed, Quality


def transcoding_of(worker: BrowserWorker) -> int:
    """The pid of a worker's transcoding process."""
    (pid,) = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()
    return int(pid)


@asyncio_test(timeout=60)
async def test_loss_and_jitter_are_repaired_on_the_way_to_the_phone() -> None:
    async with stage() as here:
        await here.talk(audio="opus")
        browser = Browser(here.browsers, "b", codecs=("opus", "PCMU"))
        assert await browser.connect(440) == "opus"
        await here.bridge()
        call_of(here.phone).rtp.speak(880)
        await hears(here.phone, 440, not_=(880,))
        await browser.hears(880, 440)
        browser.impair(random.Random(1), loss=0.05, jitter=0.05)
        await asyncio.sleep(3)
        await hears(here.phone, 440, not_=(880,))
        browser.hang_up()
        stats = (await here.phones.expect(LegEnded, "b")).stats
        # The phone worker saw a whole stream: what was lost on the way had been repaired.
        assert browser.impaired > 3
        assert stats.lost <= 1
        assert stats.received > 60
        await browser.close()


@asyncio_test(timeout=60)
async def test_a_poor_network_turns_to_opus_and_back() -> None:
    async with stage() as here:
        await here.talk()
        modes = []
        for session, audio in ((1, "auto"), (2, "opus"), (3, "auto")):
            browser = Browser(here.browsers, "b", session, codecs=("opus", "PCMU"))
            modes.append(await browser.connect(400 + 40 * session, audio))
            if session == 1:
                await here.bridge()
                call_of(here.phone).rtp.speak(880)
            await hears(here.phone, 400 + 40 * session, not_=(880,))
            await browser.hears(880, 400 + 40 * session)
            if session == 1:
                browser.impair(random.Random(1), loss=0.3, jitter=0.02)
                await until(lambda: any(one.advise_opus for one in here.browsers.got("b", Quality)), 12)
            await browser.close()
        assert modes == ["passthrough", "opus", "passthrough"]
        here.phones.hang_up("b", HangupCause.NORMAL)
        await here.phones.expect(LegEnded, "b")


@asyncio_test(timeout=60)
async def test_a_dead_transcoding_process_costs_no_call() -> None:
    async with stage() as here:
        await here.talk(audio="opus")
        first = Browser(here.browsers, "b", 1, codecs=("opus", "PCMU"))
        await first.connect(440)
        await here.bridge()
        await hears(here.phone, 440)
        os.kill(transcoding_of(here.browsers), signal.SIGKILL)
        await until(lambda: here.browsers.got("b", ConnectFailed))
        await first.close()
        second = Browser(here.browsers, "b", 2, codecs=("opus", "PCMU"))
        assert await second.connect(660) == "opus"
        await hears(here.phone, 660, not_=(440,))
        second.hang_up()
        await here.phones.expect(LegEnded, "b")
        await second.close()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
@asyncio_test(timeout=60)
async def test_chromium_speaks_opus() -> None:
    async with stage() as here, tab(here.browsers, "b", tone(440)) as page:
        await here.talk(audio="opus")
        await page.connect(1)
        await here.bridge()
        call_of(here.phone).rtp.speak(880)
        await hears(here.phone, 440, not_=(880,))
        await page.hears(880, 440)
        assert (await page.statistics())["codec"] == "audio/opus"
