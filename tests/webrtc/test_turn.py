"""Where only TURN works: a real coturn between two networks, and a real Chromium."""

from __future__ import annotations

import time

import pytest

from config.sections.webrtc import WebRtc
from tests.aio import asyncio_test
from tests.plumbing.chromium import CHROMIUM, tone
from tests.sip.ears import call_of
from tests.webrtc.chromium import tab
from tests.webrtc.core import stage
from tests.webrtc.ears import hears
from tests.webrtc.networks import SECRET, TURN_AT_BROWSER, WORKERS, only_turn
from webrtc.ice import ice_servers
from webrtc.signalling import Connected

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")]


@asyncio_test(timeout=90)
async def test_a_browser_that_reaches_nothing_but_turn_talks() -> None:
    settings = WebRtc(
        bind_address=WORKERS, turn=(f"turn:{TURN_AT_BROWSER}:3478?transport=udp",), turn_secret=SECRET
    )
    over_tcp = settings.model_copy(update={"turn": (f"turn:{TURN_AT_BROWSER}:3478?transport=tcp",)})
    microphone = tone(440)
    async with (
        only_turn() as networks,
        stage(settings) as here,
        tab(here.browsers, "b", microphone, program=networks.chromium(CHROMIUM)) as page,
    ):
        await here.talk()
        with pytest.raises(AssertionError):
            await page.connect(1, within=2)
        wrong = ice_servers(settings, "b", time.time() - 7200)  # its password is no good any more
        await page.load()
        with pytest.raises(AssertionError):
            await page.connect(2, servers=wrong, within=2)
        await page.load()
        await page.connect(3, servers=ice_servers(settings, "b", time.time()))
        await here.bridge()
        call_of(here.phone).rtp.speak(880)
        await hears(here.phone, 440, not_=(880,))
        await page.hears(880, 440)
        found = await page.statistics()
        assert found["locals"][found["pair"]["localCandidateId"]] == "relay"
        await page.load()
        await page.connect(4, servers=ice_servers(over_tcp, "b", time.time()))
        await hears(here.phone, 440, not_=(880,))
        await page.hears(880, 440)
        assert [m.session for m in here.browsers.got("b", Connected)] == [3, 4]
