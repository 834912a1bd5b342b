"""Browsers (aiortc peers) through the media service to phones: who hears whom, and what dies with what."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp, Join
from bridge.events import LegAnswered, LegEnded, LegRinging
from config.sections.media import Media
from config.sections.webrtc import WebRtc
from media.engines.pjsua2 import PJSUA2
from media.timing import Timing
from routing.plan import BrowserEndpoint
from tests.aio import asyncio_test
from tests.media.plans import endpoint, plan
from tests.media.rig import Rig, gone, running, sip_settings
from tests.scenarios.settings import free_block
from tests.sip.ears import call_of, hears
from tests.sip.uas import Phone, level
from tests.webrtc.browser import Browser

UNHURRIED = Timing(ping=2.0, tick=0.2, start=15.0, ready=5.0)
SHOPPER = BrowserEndpoint("shopper", "Shopper")
ALICE = BrowserEndpoint("agent:alice", "Alice", "alice")
BY_PC = replace(plan(("in_order", 1)), shopper=SHOPPER)


def webrtc(**others) -> WebRtc:
    first = free_block(64)
    return WebRtc(bind_address="127.0.0.1", media_ports=f"{first}-{first + 63}", **others)


@asynccontextmanager
async def stage(
    settings: WebRtc | None = None, media: Media | None = None
) -> AsyncIterator[tuple[Rig, Phone]]:
    """A media service with real workers of both kinds, and a phone."""
    phone = await Phone.start()
    try:
        async with running(
            media or Media(max_workers=8, spare_workers=2),
            engine=PJSUA2,
            timing=UNHURRIED,
            webrtc=settings or webrtc(),
        ) as rig:
            yield rig, phone
    finally:
        phone.close()


def ring(rig: Rig, call_id: str, leg_id: str, who: BrowserEndpoint = SHOPPER) -> None:
    rig.media.perform(call_id, Dial(leg_id, who))


async def bridged(rig: Rig, phone: Phone, browser: Browser, call_id: str = "c") -> None:
    """Join a browser's answered leg with the phone, which speaks."""
    await rig.answered(browser.leg_id)
    rig.media.perform(call_id, Dial(f"{call_id}-b", endpoint("phone", at=f"127.0.0.1:{phone.port}")))
    await rig.answered(f"{call_id}-b")
    rig.media.perform(call_id, Join(browser.leg_id, f"{call_id}-b"))
    list(phone.dialogs.values())[-1].rtp.speak(880)


@asynccontextmanager
async def talking() -> AsyncIterator[tuple[Rig, Phone, Browser]]:
    """Call ``c``: a shopper by PC ``s`` talks with a phone."""
    async with stage() as (rig, phone):
        rig.media.open_call("c", BY_PC)
        ring(rig, "c", "s")
        browser = Browser(rig, "s")
        await browser.connect(440)
        await bridged(rig, phone, browser)
        await hears(phone, 440, not_=(880,))
        await browser.hears(880, 440)
        try:
            yield rig, phone, browser
        finally:
            await browser.close()


@asyncio_test(timeout=90)
async def test_each_hears_only_the_other_and_the_browser_hangs_up() -> None:
    async with talking() as (rig, _, browser):
        assert [type(e) for _, e in rig.reports if e.leg_id == "s"] == [LegRinging, LegAnswered]
        browser.hang_up()
        ended = await rig.ended("s")
        assert (ended.cause, ended.stats.codec) == (HangupCause.NORMAL, "PCMU")
        assert ended.stats.received > 0
        await rig.until(lambda: rig.told("s")[-1] == "bye")
        await rig.hang_up("c", "c-b")
        await rig.until(lambda: rig.media.snapshot().slots_used == 0)
        assert rig.media.snapshot().browser_legs == 0


@asyncio_test(timeout=90)
async def test_we_hang_up_a_browser_that_talks() -> None:
    async with talking() as (rig, _, _):
        rig.media.perform("c", HangUp("s", HangupCause.PEER_ENDED))
        assert (await rig.ended("s")).cause is HangupCause.PEER_ENDED
        await rig.until(lambda: rig.told("s")[-1] == "bye")
        assert rig.told("s").count("bye") == 1


@asyncio_test(timeout=90)
async def test_a_browser_worker_that_dies_ends_its_legs_and_the_shopper_is_rung_again() -> None:
    async with talking() as (rig, phone, _):
        (worker,) = rig.media._supervisor.living("browser")
        os.kill(worker.pid, signal.SIGKILL)
        assert await rig.ended("s") == LegEnded("s", HangupCause.WORKER_LOST)
        assert not rig.events(LegEnded, "c-b")
        ring(rig, "c", "s2")
        again = Browser(rig, "s2")
        await again.connect(660)
        await rig.answered("s2")
        rig.media.perform("c", Join("s2", "c-b"))
        await hears(phone, 660, not_=(440, 880))
        await again.hears(880, 660)
        assert rig.told("s")[-1] == "bye"
        await rig.hang_up("c", "s2", "c-b")
        await rig.until(lambda: rig.media.snapshot().slots_used == 0)
        assert len(rig.events(LegEnded)) == 3
        await again.close()


@asyncio_test(timeout=90)
async def test_a_phone_worker_that_dies_frees_the_browser() -> None:
    async with talking() as (rig, _, _):
        os.kill(rig.media.legs.live["s"].worker.pid, signal.SIGKILL)
        assert await rig.ended("s") == LegEnded("s", HangupCause.WORKER_LOST)
        await rig.until(lambda: rig.told("s")[-1] == "bye")
        ring(rig, "c", "s2")
        again = Browser(rig, "s2")
        await again.connect(660)
        await rig.answered("s2")
        await again.close()


@asyncio_test(timeout=90)
async def test_a_reload_of_the_settings_does_not_cut_a_browser_off() -> None:
    async with talking() as (rig, phone, browser):
        (before,) = rig.media._supervisor.living("browser")
        rig.media.configure(
            sip_settings(), Media(max_workers=8, spare_workers=2), {}, webrtc(grace_period="5s")
        )
        await rig.until(lambda: rig.media.snapshot().browser_workers["ready"] == 1, 15)
        other = await Phone.start()
        rig.media.open_call("d", BY_PC)
        ring(rig, "d", "t")
        second = Browser(rig, "t")
        await second.connect(660)
        await bridged(rig, other, second, "d")
        await hears(other, 660)
        browser.forget()
        await browser.hears(880, 440)
        await hears(phone, 440, not_=(660, 880))
        assert not rig.events(LegEnded)
        reloaded = Browser(rig, "s", session=2)  # a page that is loaded again finds its old worker
        await reloaded.connect(550)
        await hears(phone, 550, not_=(440,))
        await rig.hang_up("c", "s", "c-b")
        await rig.until(lambda: gone(before.pid))
        assert rig.media.snapshot().workers_lost == 0
        for page in (second, reloaded):
            await page.close()
        other.close()


@asyncio_test(timeout=90)
async def test_hung_up_at_every_moment_of_its_opening() -> None:
    async with stage(media=Media(max_workers=16, spare_workers=4)) as (rig, _):
        for number in range(12):
            call_id, leg_id = f"c{number}", f"s{number}"
            rig.media.open_call(call_id, BY_PC)
            ring(rig, call_id, leg_id)
            await asyncio.sleep(number * 0.001)
            rig.media.perform(call_id, HangUp(leg_id, HangupCause.CANCELLED))
            ended = await rig.ended(leg_id)
            assert ended.cause is HangupCause.CANCELLED
            rig.media.close_call(call_id)
            await rig.until(lambda: rig.told(leg_id) == ["bye"])  # noqa: B023
        await rig.until(lambda: rig.media.snapshot().slots_used == 0)
        assert rig.workers("draining") == 0
        assert not rig.media.legs.browsers._legs
        assert len(rig.events(LegEnded)) == 12


@asyncio_test(timeout=90)
async def test_a_page_that_declines_is_refused_with_its_reason() -> None:
    async with stage() as (rig, _):
        for reason, cause in (
            ("declined", HangupCause.DECLINED),
            ("busy", HangupCause.BUSY),
            ("no_microphone", HangupCause.UNREACHABLE),
        ):
            for early in (True, False):
                leg_id = f"{reason}{early}"
                rig.media.open_call(leg_id, BY_PC)
                ring(rig, leg_id, leg_id, ALICE)
                if not early:
                    await rig.until(lambda: rig.events(LegRinging, leg_id))  # noqa: B023
                Browser(rig, leg_id).hang_up(reason)  # kept until the leg is open: before anybody dials it
                assert (await rig.ended(leg_id)).cause is cause
                rig.media.close_call(leg_id)


@asyncio_test(timeout=90)
async def test_a_browser_that_vanishes_is_no_hang_up() -> None:
    async with stage(webrtc(grace_period="1s")) as (rig, phone):
        rig.media.open_call("c", BY_PC)
        ring(rig, "c", "s")
        browser = Browser(rig, "s")
        await browser.connect(440)
        await bridged(rig, phone, browser)
        browser.vanish()
        await rig.until(lambda: rig.events(LegEnded, "s"), 8)
        assert (await rig.ended("s")).cause is HangupCause.MEDIA_TIMEOUT
        await browser.close()


@asyncio_test(timeout=60)
async def test_ten_browsers_at_once() -> None:
    """Five calls from browser to browser, offers sent before the legs are open."""
    async with stage(webrtc(workers=2), Media(max_workers=8, spare_workers=5)) as (rig, _):
        await rig.until(lambda: rig.media.snapshot().browser_workers["ready"] == 2, 10)
        pages = []
        for number in range(5):
            rig.media.open_call(f"c{number}", BY_PC)
            for leg_id, who in ((f"s{number}", SHOPPER), (f"a{number}", ALICE)):
                ring(rig, f"c{number}", leg_id, who)
                pages.append(Browser(rig, leg_id))
        loads = [load.legs for load in rig.media.legs.browsers.loads()]
        assert loads == [5, 5]
        await asyncio.gather(*(page.connect(400 + 60 * at) for at, page in enumerate(pages)))
        for page in pages:
            await rig.answered(page.leg_id)
        for number in range(5):
            rig.media.perform(f"c{number}", Join(f"s{number}", f"a{number}"))
        for at, page in enumerate(pages):
            partner = at + 1 if at % 2 == 0 else at - 1
            await page.hears(400 + 60 * partner, 400 + 60 * at, within=15)
        for number in range(5):
            await rig.hang_up(f"c{number}", f"s{number}", f"a{number}")
        await rig.until(lambda: not rig.media.legs.browsers._legs)
        for page in pages:
            assert rig.told(page.leg_id)[-1] == "bye"
            await page.close()


@asyncio_test(timeout=90)
async def test_opus_toward_the_browser() -> None:
    async with stage() as (rig, phone):
        rig.media.open_call("c", BY_PC)
        ring(rig, "c", "s", BrowserEndpoint("shopper", "Shopper", audio="opus"))
        browser = Browser(rig, "s", codecs=("opus", "PCMU"))
        assert await browser.connect(440) == "opus"
        await bridged(rig, phone, browser)
        rtp = call_of(phone).rtp
        await rig.until(lambda: level(rtp.heard(0.4), 440) > 2000, 8)
        await browser.hears(880, 440, within=8)
        assert [load.load for load in rig.media.legs.browsers.loads()] == [7]
        await browser.close()
