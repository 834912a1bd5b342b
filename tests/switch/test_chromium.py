"""A real Chromium on a real rtpengine, joined with a SIP phone."""

from __future__ import annotations

import pytest

from bridge.causes import HangupCause
from bridge.commands import Dial, Join
from bridge.events import LegEnded
from config.sections.webrtc import WebRtc
from media.engines.rtpengine import RTPENGINE
from routing.plan import BrowserEndpoint
from tests.aio import asyncio_test
from tests.media.conformance.engines import Candidate
from tests.media.conformance.far_side import SPOKEN, stage
from tests.media.conformance.test_audio import answered, hears
from tests.plumbing.chromium import CHROMIUM, tone
from tests.webrtc.chromium import tab

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")]


@asyncio_test(timeout=90)
async def test_each_hears_only_the_other_even_after_a_reload_and_by_opus() -> None:
    here_alone = WebRtc(bind_address="127.0.0.1")
    async with stage(Candidate("rtpengine", RTPENGINE), webrtc=here_alone) as here:
        rig = here.rig
        here.open("c")
        rig.media.perform("c", Dial("c-s", BrowserEndpoint("shopper", "Shopper")))
        async with tab(rig, "c-s", tone(440)) as page:
            await page.connect(1)
            await rig.answered("c-s")
            (phone,) = await answered(here, "c", "b")
            phone.rtp.speak(SPOKEN)
            rig.media.perform("c", Join("c-s", "c-b"))
            await hears(here, phone, 440, but_not=(SPOKEN,))
            await page.hears(SPOKEN, 440)
            assert (await page.statistics())["codec"] == "audio/PCMU"

            await page.load()
            await page.connect(2)
            await hears(here, phone, 440, but_not=(SPOKEN,))
            await page.hears(SPOKEN, 440)

            await page.connect(3, audio="opus")
            await hears(here, phone, 440, but_not=(SPOKEN,))
            await page.hears(SPOKEN, 440)
            assert (await page.statistics())["codec"] == "audio/opus"
            assert not rig.events(LegEnded)

            page.hang_up()
            assert (await rig.ended("c-s")).cause is HangupCause.NORMAL
        phone.rtp.hush()
