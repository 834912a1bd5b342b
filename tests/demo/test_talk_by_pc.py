"""Talk by PC as a shopper meets it: a real Chromium, the real server, and phones behind it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from bridge.causes import Disposition
from phones import wire
from phones.tones import ABSENT_DB, BUSINESS_HZ, HEARD_DB, SHOPPER_HZ, Sound
from tests.aio import asyncio_test
from tests.demo.tone_shop import EARS, hears, tone_file, tone_shop
from tests.demo.visit import IN_A_BROWSER, microphone, playwright, visitor

pytestmark = IN_A_BROWSER


@asyncio_test(timeout=120)
async def test_both_hear_each_other_through_keys_mute_and_a_reload(tmp_path: Path) -> None:
    flags = microphone(tone_file(tmp_path / "tone.wav"))
    async with tone_shop(tmp_path) as shop, visitor(flags=flags) as who:
        await who.page.add_init_script(EARS)
        await who.open(shop.url)
        await who.talk_by_pc()
        await who.sees("Connected to the Boston store.")
        await hears(who, BUSINESS_HZ, SHOPPER_HZ)
        call = (await shop.phone.expect(wire.Answered)).call

        await who.page.get_by_role("button", name="Keypad").click()
        await who.page.get_by_role("button", name="5", exact=True).click()
        await who.page.keyboard.type("#")
        pressed = [await shop.phone.expect(wire.Dtmf, call=call) for _ in "5#"]
        assert [each.digit for each in pressed] == ["5", "#"]

        await who.page.get_by_role("button", name="Mute").click()
        await playwright.expect(who.page.get_by_text("You are muted")).to_be_visible()
        await asyncio.sleep(0.7)
        muted = time.time()
        await asyncio.sleep(1.0)
        unmuted = time.time()
        await who.page.get_by_role("button", name="Mute").click()

        await who.page.reload()
        await who.sees("Connected to the Boston store.")
        await playwright.expect(who.page.get_by_role("button", name="Mute")).to_be_visible(timeout=15_000)
        await hears(who, BUSINESS_HZ, SHOPPER_HZ)
        rejoined = time.time()
        await asyncio.sleep(1.5)
        left = time.time()
        await who.page.get_by_role("button", name="Hang up").click()
        await who.sees("Ended: you hung up.")

        recorded = await shop.phone.expect(wire.Recorded, call=call)
        sound = Sound.read(recorded.path)

        def level(start: float, end: float, hertz: int = SHOPPER_HZ) -> float:
            return sound.between(start - recorded.started_at, end - recorded.started_at).level(hertz)

        assert level(pressed[0].at - 1, pressed[0].at) >= HEARD_DB
        assert level(muted, unmuted) < ABSENT_DB
        assert level(rejoined, left) >= HEARD_DB
        assert level(rejoined, left, BUSINESS_HZ) < ABSENT_DB
        record = await shop.record()
        assert record.disposition is Disposition.BRIDGED
        assert [leg.uri for leg in record.legs if leg.role == "shopper"] == ["browser:shopper"]
        assert who.troubles == []


@asyncio_test(timeout=120)
async def test_a_closed_tab_ends_the_call_after_a_while(tmp_path: Path) -> None:
    flags = microphone(tone_file(tmp_path / "tone.wav"))
    async with tone_shop(tmp_path) as shop, visitor(flags=flags) as who:
        await who.open(shop.url)
        await who.talk_by_pc()
        await who.sees("Connected to the Boston store.")
        call = (await shop.phone.expect(wire.Answered)).call
        closed = time.time()
        await who.page.close()
        ended = await shop.phone.expect(wire.Ended, call=call, within=25)
        # The settings' grace, and a little.
        assert 5 < ended.at - closed < 16
        assert (await shop.record()).disposition is Disposition.BRIDGED
