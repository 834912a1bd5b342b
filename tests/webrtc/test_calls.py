"""A browser (an aiortc peer) through both workers to a SIP phone: who hears whom, and how calls end."""

from __future__ import annotations

import asyncio

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegEnded, LegFaltered, LegRecovered, LegRinging
from config.sections.webrtc import WebRtc
from tests.aio import asyncio_test
from tests.sip.core import until
from tests.sip.ears import call_of
from tests.webrtc.browser import Browser
from tests.webrtc.core import stage
from tests.webrtc.ears import hears
from webrtc.signalling import Bye, Quality


@asyncio_test(timeout=60)
async def test_each_hears_only_the_other_and_the_phone_hangs_up() -> None:
    async with stage() as here:
        await here.talk()
        await here.phones.expect(LegRinging, "b")
        browser = Browser(here.browsers, "b")
        assert await browser.connect(440) == "passthrough"
        await here.bridge()
        call_of(here.phone).rtp.speak(880)
        await hears(here.phone, 440, not_=(880,))
        await browser.hears(880, 440)
        await until(lambda: here.browsers.got("b", Quality), 7)
        quality = here.browsers.got("b", Quality)[0]
        assert quality.up_loss < 5
        assert 0 < quality.up_jitter_ms < 200
        here.phones.hang_up("b", HangupCause.NORMAL)
        await here.phones.expect(LegEnded, "b")
        await until(lambda: here.browsers.ends == {"b": ["ended"]})
        assert here.browsers.got("b", Bye)[0].cause == "ended"
        await browser.close()


@asyncio_test(timeout=60)
async def test_the_browser_connects_before_it_is_dialled_and_hangs_up() -> None:
    async with stage() as here:
        uri = await here.browsers.open("b", "G722,PCMA,PCMU")
        browser = Browser(here.browsers, "b", codecs=("PCMA", "PCMU"))
        await browser.connect(440)
        here.phones.dial("b", uri)
        await here.bridge()
        call_of(here.phone).rtp.speak(880)
        await browser.hears(880, 440)
        browser.hang_up()
        ended = await here.phones.expect(LegEnded, "b")
        assert ended.cause is HangupCause.NORMAL
        assert ended.stats.codec == "PCMA"
        await until(lambda: here.browsers.ends == {"b": ["hung_up"]})
        await browser.close()


@asyncio_test(timeout=60)
async def test_g722_passes() -> None:
    async with stage() as here:
        await here.talk(codecs="G722,PCMU")
        browser = Browser(here.browsers, "b", codecs=("PCMU", "G722"))
        await browser.connect(440)
        await here.bridge()
        call_of(here.phone).rtp.speak(880)
        await hears(here.phone, 440, not_=(880,))
        await browser.hears(880, 440)
        here.phones.hang_up("b", HangupCause.NORMAL)
        assert (await here.phones.expect(LegEnded, "b")).stats.codec == "G722"
        await browser.close()


@asyncio_test(timeout=30)
async def test_what_the_browser_declines_is_refused_with_the_right_cause() -> None:
    async with stage() as here:
        for reason, status, cause in (
            ("declined", 603, HangupCause.DECLINED),
            ("busy", 486, HangupCause.BUSY),
            ("no_microphone", 480, HangupCause.UNREACHABLE),
        ):
            await here.talk(reason)
            await here.phones.expect(LegRinging, reason)
            Browser(here.browsers, reason).hang_up(reason)
            ended = await here.phones.expect(LegEnded, reason)
            assert (ended.sip_status, ended.cause) == (status, cause)
            await until(lambda reason=reason: here.browsers.ends.get(reason) == [reason])


@asyncio_test(timeout=30)
async def test_a_ringing_leg_is_cancelled() -> None:
    async with stage() as here:
        await here.talk()
        await here.phones.expect(LegRinging, "b")
        here.phones.hang_up("b", HangupCause.CANCELLED)
        await here.phones.expect(LegEnded, "b")
        await until(lambda: here.browsers.ends == {"b": ["cancelled"]})
        assert here.browsers.got("b", Bye)[0].cause == "cancelled"


@asyncio_test(timeout=30)
async def test_the_core_closes_a_leg() -> None:
    async with stage() as here:
        await here.talk()
        browser = Browser(here.browsers, "b")
        await browser.connect()
        await here.phones.expect(LegAnswered, "b")
        here.browsers.close("b")
        assert (await here.phones.expect(LegEnded, "b")).cause is HangupCause.NORMAL
        await browser.close()


@asyncio_test(timeout=60)
async def test_a_reloaded_page_takes_the_leg_over() -> None:
    async with stage() as here:
        await here.talk()
        first = Browser(here.browsers, "b", session=1)
        await first.connect(440)
        await here.bridge()
        call_of(here.phone).rtp.speak(880)
        await hears(here.phone, 440, not_=(880,))
        first.vanish()
        second = Browser(here.browsers, "b", session=2)
        await second.connect(660)
        await hears(here.phone, 660, not_=(440, 880))
        await second.hears(880, 660)
        assert not here.phones.got(LegEnded)
        second.hang_up()
        await here.phones.expect(LegEnded, "b")
        await first.close()
        await second.close()


@asyncio_test(timeout=60)
async def test_a_dead_browser_ends_its_leg_after_the_grace() -> None:
    async with stage(WebRtc(bind_address="127.0.0.1", grace_period="1s")) as here:
        await here.talk()
        browser = Browser(here.browsers, "b")
        await browser.connect(440)
        await here.bridge()
        await hears(here.phone, 440)
        browser.vanish()
        await asyncio.sleep(2)
        assert not here.phones.got(LegEnded)
        await here.phones.expect(LegEnded, "b", within=6)
        await until(lambda: here.browsers.ends == {"b": ["lost"]})
        assert here.browsers.got("b", Bye)[0].cause == "lost"
        await browser.close()


@asyncio_test(timeout=60)
async def test_a_browser_that_is_silent_but_lives_keeps_its_leg() -> None:
    async with stage(WebRtc(bind_address="127.0.0.1", grace_period="1s")) as here:
        await here.talk()
        browser = Browser(here.browsers, "b")
        await browser.connect(440)
        await here.bridge()
        call_of(here.phone).rtp.speak(880)
        await hears(here.phone, 440)
        speak_again = browser.hush()
        await hears(here.phone, not_=(440,))
        # Well beyond the grace, and beyond what a browser that is gone has before it is missed.
        await asyncio.sleep(4.9)
        await browser.hears(880, 440)
        await asyncio.sleep(2)
        assert here.browsers.ends == {}
        assert here.browsers.reports == [], "who lives is not lost"
        assert not here.phones.got(LegEnded)
        speak_again()
        await hears(here.phone, 440)
        here.phones.hang_up("b", HangupCause.NORMAL)
        # Silence went on in place of what was not said: no phone worker takes the leg for dead.
        assert (await here.phones.expect(LegEnded, "b")).stats.received > 200
        await browser.close()


@asyncio_test(timeout=60)
async def test_a_closed_tab_leaves_silence_and_a_new_one_takes_over() -> None:
    async with stage() as here:
        await here.talk()
        first = Browser(here.browsers, "b", session=1)
        await first.connect(440)
        await here.bridge()
        await hears(here.phone, 440)
        await first.close()
        await hears(here.phone, not_=(440,))
        await until(lambda: here.browsers.reports == [LegFaltered("b")])
        second = Browser(here.browsers, "b", session=2)
        await second.connect(660)
        await hears(here.phone, 660, not_=(440,))
        assert here.browsers.reports == [LegFaltered("b"), LegRecovered("b")]
        await second.close()
        here.phones.hang_up("b", HangupCause.NORMAL)
        stats = (await here.phones.expect(LegEnded, "b")).stats
        assert stats.lost < 5


@asyncio_test(timeout=60)
async def test_candidates_may_come_at_once_or_be_hidden() -> None:
    async with stage() as here:
        await here.talk()
        for session, tell in ((1, "at once"), (2, "never")):
            browser = Browser(here.browsers, "b", session)
            await browser.connect(440, tell=tell)
            await browser.close()
