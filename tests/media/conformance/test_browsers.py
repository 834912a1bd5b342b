"""Legs in browsers: heard and hearing, ended by either side, refused; real WebRTC, with any engine."""

from __future__ import annotations

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp, Join
from bridge.events import LegAnswered, LegRinging
from config.sections.webrtc import WebRtc
from routing.plan import BrowserEndpoint
from tests.aio import asyncio_test
from tests.media.conformance.engines import Candidate, every_real_engine
from tests.media.conformance.far_side import SPOKEN, stage
from tests.media.conformance.test_audio import answered, hears
from tests.scenarios.settings import free_block
from tests.webrtc.browser import Browser

SHOPPER = BrowserEndpoint("shopper", "Shopper")
PAGE_HZ = 440


@every_real_engine
@asyncio_test(timeout=90)
async def test_a_browser_and_a_phone_hear_each_other(candidate: Candidate) -> None:
    first = free_block(64)
    webrtc = WebRtc(bind_address="127.0.0.1", media_ports=f"{first}-{first + 63}")
    async with stage(candidate, webrtc=webrtc) as here:
        here.open("talks")
        here.rig.media.perform("talks", Dial("talks-s", SHOPPER))
        page = Browser(here.rig, "talks-s")
        await page.connect(PAGE_HZ)
        await here.rig.answered("talks-s")
        told = [type(event) for _, event in here.rig.reports if event.leg_id == "talks-s"]
        assert told in ([LegRinging, LegAnswered], [LegAnswered])
        (phone,) = await answered(here, "talks", "b")
        phone.rtp.speak(SPOKEN)
        here.rig.media.perform("talks", Join("talks-s", "talks-b"))
        await hears(here, phone, PAGE_HZ, but_not=(SPOKEN,))
        await page.hears(SPOKEN, PAGE_HZ)
        page.hang_up()
        assert (await here.rig.ended("talks-s")).cause is HangupCause.NORMAL
        await here.rig.until(lambda: here.rig.told("talks-s").count("bye") == 1)

        here.open("refused")
        here.rig.media.perform("refused", Dial("refused-s", SHOPPER))
        Browser(here.rig, "refused-s").hang_up("declined")
        assert (await here.rig.ended("refused-s")).cause is HangupCause.DECLINED

        here.open("stopped")
        here.rig.media.perform("stopped", Dial("stopped-s", SHOPPER))
        here.rig.media.perform("stopped", HangUp("stopped-s", HangupCause.CANCELLED))
        assert (await here.rig.ended("stopped-s")).cause is HangupCause.CANCELLED
        await here.rig.until(lambda: here.rig.told("stopped-s") == ["bye"])
        phone.rtp.hush()
        await page.close()
