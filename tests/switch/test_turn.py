"""Where only TURN works, on a real rtpengine: a real coturn between two networks, and a real Chromium."""

from __future__ import annotations

import time

import pytest

from bridge.commands import Dial, Join
from config.sections.webrtc import WebRtc
from media.engines.rtpengine import RTPENGINE
from routing.plan import BrowserEndpoint
from tests.aio import asyncio_test
from tests.media.conformance.engines import Candidate
from tests.media.conformance.far_side import SPOKEN, stage
from tests.media.conformance.test_audio import answered, hears
from tests.plumbing.chromium import CHROMIUM, tone
from tests.webrtc.chromium import tab
from tests.webrtc.networks import SECRET, TURN_AT_BROWSER, WORKERS, only_turn
from webrtc.ice import ice_servers

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")]


@asyncio_test(timeout=90)
async def test_a_browser_that_reaches_nothing_but_turn_talks() -> None:
    settings = WebRtc(
        bind_address=WORKERS, turn=(f"turn:{TURN_AT_BROWSER}:3478?transport=udp",), turn_secret=SECRET
    )
    over_tcp = settings.model_copy(update={"turn": (f"turn:{TURN_AT_BROWSER}:3478?transport=tcp",)})
    microphone = tone(440)
    async with only_turn() as networks, stage(Candidate("rtpengine", RTPENGINE), webrtc=settings) as here:
        rig = here.rig
        here.open("c")
        rig.media.perform("c", Dial("c-s", BrowserEndpoint("shopper", "Shopper")))
        async with tab(rig, "c-s", microphone, program=networks.chromium(CHROMIUM)) as page:
            with pytest.raises(AssertionError):
                await page.connect(1, within=2)
            await page.load()
            await page.connect(2, servers=ice_servers(settings, "b", time.time()))
            await rig.answered("c-s")
            (phone,) = await answered(here, "c", "b")
            phone.rtp.speak(SPOKEN)
            rig.media.perform("c", Join("c-s", "c-b"))
            await hears(here, phone, 440, but_not=(SPOKEN,))
            await page.hears(SPOKEN, 440)
            found = await page.statistics()
            assert found["locals"][found["pair"]["localCandidateId"]] == "relay"
            await page.load()
            await page.connect(3, servers=ice_servers(over_tcp, "b", time.time()))
            await hears(here, phone, 440, but_not=(SPOKEN,))
            await page.hears(SPOKEN, 440)
        phone.rtp.hush()
