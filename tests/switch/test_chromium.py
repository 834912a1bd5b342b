"""A real Chromium on a real rtpengine, joined with a SIP phone."""

from __future__ import annotations

import re
from typing import Any

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
from webrtc.signalling import SdpOffer

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


@asyncio_test(timeout=60)
async def test_a_browser_with_another_certificate_than_its_offer_says_hears_nothing_and_is_not_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RFC 8827, section 6.5: whoever does not hold the certificate of the offer is not who offered."""
    here_alone = WebRtc(bind_address="127.0.0.1")
    async with stage(Candidate("rtpengine", RTPENGINE), webrtc=here_alone) as here:
        rig = here.rig
        here.open("c")
        rig.media.perform("c", Dial("c-s", BrowserEndpoint("shopper", "Shopper")))
        tell = rig.signal

        def forged(leg_id: str, message: Any) -> None:
            if isinstance(message, SdpOffer) and message.session == 1:
                another = re.sub(r"(?m)^(a=fingerprint:sha-256 )..", r"\g<1>00", message.sdp)
                assert another != message.sdp
                message = message.model_copy(update={"sdp": another})
            tell(leg_id, message)

        monkeypatch.setattr(rig, "signal", forged)
        async with tab(rig, "c-s", tone(440)) as page:
            with pytest.raises(AssertionError):
                await page.connect(1, within=3)
            state = await page.page.evaluate("[connection.iceConnectionState, connection.connectionState]")
            assert state[0] == "connected"  # there is a path
            assert state[1] in ("connecting", "failed")  # and no keys
            assert not (await page.statistics()).get("inbound", {}).get("packetsReceived")
            await page.load()
            await page.connect(2)
            await rig.answered("c-s")
