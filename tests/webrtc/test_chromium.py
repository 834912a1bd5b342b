"""A real Chromium through both workers to a SIP phone."""

from __future__ import annotations

import pytest

from bridge.causes import HangupCause
from bridge.events import LegEnded
from tests.aio import asyncio_test
from tests.plumbing.chromium import CHROMIUM, tone
from tests.sip.ears import call_of
from tests.webrtc.chromium import tab
from tests.webrtc.core import stage
from tests.webrtc.ears import hears

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")]


@asyncio_test(timeout=60)
async def test_each_hears_only_the_other_even_after_a_reload() -> None:
    async with stage() as here, tab(here.browsers, "b", tone(440)) as page:
        await here.talk()
        assert await page.connect(1) < 5
        await here.bridge()
        call_of(here.phone).rtp.speak(880)
        await hears(here.phone, 440, not_=(880,))
        await page.hears(880, 440)
        assert (await page.statistics())["codec"] == "audio/PCMU"

        await page.load()
        await page.connect(2)
        await hears(here.phone, 440, not_=(880,))
        await page.hears(880, 440)
        assert not here.phones.got(LegEnded)

        page.hang_up()
        assert (await here.phones.expect(LegEnded, "b")).cause is HangupCause.NORMAL
