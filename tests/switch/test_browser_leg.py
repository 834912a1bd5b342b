"""A leg in a browser whose page does not connect, is lost, or has no microphone; its media is made up."""

from __future__ import annotations

import asyncio

import pytest

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegEnded, LegFaltered, LegRecovered
from media.browser_choices import cause_of_end
from switch import browser_leg
from switch.browser_leg import BrowserLegHost, SwitchBrowserLeg
from switch.media import PageState
from tests.aio import asyncio_test
from tests.sip.core import until
from tests.switch.test_pages import HOST, MADE, OFFER
from webrtc.signalling import IceCandidate, SdpOffer


class Around:
    """The switchboard, the core and the media of one leg."""

    def __init__(self, grace: float = 0.3) -> None:
        self.events, self.said, self.told, self.asked = [], [], [], []
        #: How the page's connection is.
        self.state = PageState(True, 0.0, 100)
        host = BrowserLegHost(
            "127.0.0.1", "loop", None, grace,
            tell=lambda leg_id, message: self.said.append(message.type),
            told_all=lambda leg_id, cause: self.told.append(cause),
            why=lambda ending, answered: cause_of_end(HangupCause.NORMAL, ending, answered),
        )  # fmt: skip
        self.leg = SwitchBrowserLeg("c-s", self, self, host, "passthrough")

    def report(self, event) -> None:
        self.events.append(event)

    def leg_ended(self, leg) -> None:
        self.asked.append("forgotten")

    async def open_page(self, leg_id, session, sdp, codec, terms, interface) -> str:
        return MADE

    async def tell_page(self, leg_id, session, sdp, codec) -> None:
        self.asked.append(sdp)

    async def look_at_page(self, leg_id, session) -> PageState:
        return self.state

    async def take_over(self, leg_id, session, sdp, codec) -> None:
        self.asked.append(f"has {session}")

    async def drop_page(self, leg_id, session) -> None:
        self.asked.append(f"dropped {session}")

    async def fill(self, leg_id, *, on) -> None:
        self.asked.append(f"fill {on}")

    def codec_beside(self, leg_id) -> None:
        return None

    def answered(self, leg_id) -> None:
        self.asked.append("answered")

    async def close(self, leg_id) -> None:
        return None


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_leg, "_LOOK", 0.05)
    monkeypatch.setattr(browser_leg, "_CONNECT_WITHIN", 0.3)


@asyncio_test(timeout=30)
async def test_a_page_that_does_not_connect_is_told_and_is_unreachable_after_the_grace_period() -> None:
    it = Around()
    it.state = PageState(False, None)  # a wrong certificate, or no path
    it.leg.signal(SdpOffer(session=1, sdp=OFFER))
    it.leg.signal(IceCandidate(session=1, candidate=HOST))
    await until(lambda: it.events)
    assert it.events == [LegEnded("c-s", HangupCause.UNREACHABLE)]
    assert it.said == ["answer", "failed", "bye"]
    assert it.told == ["no_path"]
    assert "dropped 1" in it.asked
    assert any(HOST in one for one in it.asked)


@asyncio_test(timeout=30)
async def test_a_page_that_is_lost_may_come_back_by_its_next_offer_and_otherwise_ends_the_leg() -> None:
    it = Around(grace=1.0)
    it.leg.signal(SdpOffer(session=1, sdp="nonsense"))
    assert it.said == ["failed"]
    it.leg.signal(SdpOffer(session=2, sdp=OFFER))
    await until(lambda: it.events == [LegAnswered("c-s")])
    it.state = PageState(True, 4.0, 100)
    await until(lambda: it.events[-1] == LegFaltered("c-s"))
    it.state = PageState(True, 0.0, 10)
    it.leg.signal(SdpOffer(session=2, sdp=OFFER))  # repeated: no new one
    it.leg.signal(SdpOffer(session=3, sdp=OFFER))
    await until(lambda: it.events[-1] == LegRecovered("c-s"))
    await until(lambda: "has 3" in it.asked and "fill False" in it.asked)
    it.state = PageState(True, 9.0, 10)
    await until(lambda: len(it.events) == 5)
    assert it.events[3:] == [LegFaltered("c-s"), LegEnded("c-s", HangupCause.MEDIA_TIMEOUT)]
    assert it.told == ["lost"]


@asyncio_test(timeout=30)
async def test_a_page_that_sends_reports_and_no_audio_is_there() -> None:
    it = Around(grace=0.2)
    it.leg.signal(SdpOffer(session=1, sdp=OFFER))
    await until(lambda: it.events)
    it.state = PageState(True, 4.0, 100)
    await until(lambda: it.events[-1] == LegFaltered("c-s"))
    it.state = PageState(True, 0.5, 101)  # a report
    await until(lambda: it.events[-1] == LegRecovered("c-s"))
    it.state = PageState(True, 5.0, 101)
    await asyncio.sleep(0.5)
    assert it.events[-1] == LegRecovered("c-s")
    it.leg.hang_up(HangupCause.PEER_ENDED)
    await until(lambda: it.events[-1] == LegEnded("c-s", HangupCause.PEER_ENDED))
    assert it.said[-1] == "bye"
