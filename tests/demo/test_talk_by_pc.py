"""Talk by PC as a shopper meets it: a real Chromium, the real server, and phones behind it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from bridge.causes import Disposition
from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ, Sound
from tests.agent_page.test_rings import PLUG
from tests.aio import asyncio_test
from tests.demo.tone_shop import EARS, hears, tone_shop
from tests.demo.visit import IN_A_BROWSER, Visitor, microphone, playwright, visitor
from tests.plumbing.chromium import tone

pytestmark = IN_A_BROWSER


@asyncio_test(timeout=120)
async def test_both_hear_each_other_through_keys_mute_a_lost_socket_and_a_reload(tmp_path: Path) -> None:
    flags = microphone(tone(SHOPPER_HZ))
    async with tone_shop(tmp_path) as shop, visitor(flags=flags) as who:
        await who.page.add_init_script(EARS)
        await who.open(shop.url)
        await who.talk_by_pc()
        await who.sees("Connected to the Boston store.")
        await hears(who, BUSINESS_HZ, SHOPPER_HZ)
        call = (await shop.phone.expect(wire.Answered)).call
        talking = time.time()
        await asyncio.sleep(2.0)

        await who.page.get_by_role("button", name="Keypad").click()
        await who.page.get_by_role("button", name="5", exact=True).click()
        await who.page.keyboard.type("#")
        pressed = [await shop.phone.expect(wire.Dtmf, call=call) for _ in "5#"]
        assert [each.digit for each in pressed] == ["5", "#"]

        await who.page.get_by_role("button", name="Mute").click()
        await playwright.expect(who.page.get_by_role("dialog").get_by_text("You are muted")).to_be_visible()
        # The recorder of a busy phone falls behind the clock by a little.
        await asyncio.sleep(0.7)
        muted = time.time()
        await asyncio.sleep(1.8)
        await who.page.get_by_role("button", name="Mute").click()

        # A lost socket is no lost call: the next one speaks for the same leg.
        await who.page.evaluate("sockets.at(-1).close()")
        await who.sees("Connected to the Boston store.")
        await asyncio.sleep(2)
        assert await who.page.evaluate("sockets.map(({ readyState }) => readyState)") == [3, 1]
        await hears(who, BUSINESS_HZ, SHOPPER_HZ)
        await who.page.get_by_role("button", name="8", exact=True).click()
        assert (await shop.phone.expect(wire.Dtmf, call=call)).digit == "8"

        await who.page.reload()
        await who.sees("Connected to the Boston store.")
        await playwright.expect(who.page.get_by_role("button", name="Mute")).to_be_visible(timeout=15_000)
        await hears(who, BUSINESS_HZ, SHOPPER_HZ)
        await asyncio.sleep(3)
        await who.page.get_by_role("button", name="Hang up").click()
        await who.sees("Ended: you hung up.")

        recorded = await shop.phone.expect(wire.Recorded, call=call)
        sound = Sound.read(recorded.path)

        def share(said: Sound, hertz: int = SHOPPER_HZ) -> float:
            """In how much of the time the phone heard a tone; a busy machine may swallow some of it."""
            slices = said.timeline([hertz])
            return sum(hertz in tones for _, tones in slices) / len(slices)

        def heard(at: float, seconds: float) -> Sound:
            return sound.between(at - recorded.started_at, at - recorded.started_at + seconds)

        assert share(heard(talking, 2.0)) > 0.3
        assert share(heard(muted, 0.8)) < 0.3
        assert share(sound.between(-3)) > 0.3
        assert share(sound, BUSINESS_HZ) == 0
        record = await shop.record()
        assert record.disposition is Disposition.BRIDGED
        (leg,) = (each for each in record.legs if each.role == "shopper")
        assert leg.uri == "browser:shopper"
        assert leg.stats
        assert leg.stats.codec == "PCMU"
        assert leg.heard, "the page told how it heard us"
        assert who.troubles == []


@asyncio_test(timeout=120)
async def test_a_call_by_keyboard_alone_and_a_closed_tab_that_ends_it_after_a_while(tmp_path: Path) -> None:
    flags = microphone(tone(SHOPPER_HZ))
    async with tone_shop(tmp_path) as shop, visitor(flags=flags) as who:
        await who.open(shop.url)
        for button in ("Talk by PC", "Call now"):
            await who.page.get_by_role("button", name=button).wait_for()
            await who.tabs_to(button)
            await who.page.keyboard.press("Enter")
        await who.sees("Connected to the Boston store.")
        call = (await shop.phone.expect(wire.Answered)).call
        await who.tabs_to("Mute")
        await who.page.keyboard.press("Space")
        await playwright.expect(who.page.get_by_role("dialog").get_by_text("You are muted")).to_be_visible()
        await who.tabs_to("Keypad")
        await who.page.keyboard.press("Enter")
        await who.page.keyboard.type("7")
        assert (await shop.phone.expect(wire.Dtmf, call=call)).digit == "7"
        closed = time.time()
        await who.page.close()
        ended = await shop.phone.expect(wire.Ended, call=call, within=25)
        # The settings' grace, and a little.
        assert 5 < ended.at - closed < 16
        assert (await shop.record()).disposition is Disposition.BRIDGED


@asyncio_test(timeout=120)
async def test_a_microphone_that_goes_in_the_middle_of_a_call_is_told_of_and_replaced(tmp_path: Path) -> None:
    flags = microphone(tone(SHOPPER_HZ))
    async with tone_shop(tmp_path) as shop, visitor(flags=flags) as who:
        await who.page.add_init_script(EARS)
        await who.page.add_init_script(PLUG)
        await who.open(shop.url)
        await who.talk_by_pc()
        await who.sees("Connected to the Boston store.")
        problem = who.page.locator("ringback-trouble")
        for why, words in (
            ("NotFoundError", "Your microphone was disconnected"),
            ("NotAllowedError", "This page may not use your microphone"),
            ("NotReadableError", "Your microphone does not start"),
        ):
            await who.page.evaluate("why => unplug(why)", why)
            await playwright.expect(problem).to_contain_text(words)
            button = problem.get_by_role("button", name="Try again")
            await playwright.expect(button).to_be_visible()
            if why == "NotAllowedError":  # it is allowed again, and no browser of the test tells
                await who.page.evaluate("window.missing = ''")
                await button.click()
            else:
                await who.page.evaluate("plugIn()")
            await playwright.expect(problem).to_have_count(0)
        await playwright.expect(who.page.get_by_text("You now use")).to_be_visible()
        await who.sees("Connected to the Boston store.")
        # The talk goes on counting where it was, also in a page that is reloaded.
        before = await _talk_time(who)
        await who.page.reload()
        await who.sees("Connected to the Boston store.")
        assert await _talk_time(who) >= before
        await hears(who, BUSINESS_HZ, SHOPPER_HZ)
        await who.page.get_by_role("button", name="Hang up").click()
        assert who.troubles == []


async def _talk_time(who: Visitor) -> int:
    words = await who.page.locator("ringback-call .clock").first.inner_text()
    minutes, seconds = words.removeprefix("Talk time ").split(":")
    return 60 * int(minutes) + int(seconds)


@asyncio_test(timeout=120)
async def test_without_storage_or_webrtc_the_page_says_what_does_not_work(tmp_path: Path) -> None:
    forbidden = """
        const no = { get() { throw new DOMException("The operation is insecure.", "SecurityError"); } };
        for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, no);
        delete window.RTCPeerConnection;
    """
    async with tone_shop(tmp_path) as shop, visitor(flags=["--use-fake-ui-for-media-stream"]) as who:
        await who.page.add_init_script(forbidden)
        await who.open(shop.url)
        await who.page.get_by_role("button", name="Talk by PC").click()
        await who.page.get_by_role("button", name="Check my microphone").click()
        await playwright.expect(who.page.locator("ringback-trouble")).to_contain_text("cannot make calls")
        await who.page.get_by_role("button", name="Talk by Phone instead").click()
        # The form says which number will ring.
        await who.page.locator("#number").fill("(617) 555.0101")
        reading = who.page.locator("#reading")
        await playwright.expect(reading).to_contain_text("We will call +1 617-555-0101")
        await who.page.locator("#number").fill("617 555")
        await playwright.expect(reading).to_contain_text("not a whole phone number")
        assert who.troubles == []


@asyncio_test(timeout=120)
async def test_who_holds_a_phone_talks_in_the_browser(tmp_path: Path) -> None:
    # Nobody talks "by PC" who holds a telephone.
    agent = (
        "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"
    )
    flags = microphone(tone(SHOPPER_HZ))
    small = {"width": 360, "height": 740}
    async with (
        tone_shop(tmp_path) as shop,
        visitor(small, flags=flags, user_agent=agent, has_touch=True, is_mobile=True) as who,
    ):
        await who.open(shop.url)
        await who.page.get_by_role("button", name="Talk in the browser").tap()
        await who.page.get_by_role("button", name="Call now").tap()
        await who.sees("Connected to the Boston store.")
        for name in ("Mute", "Hang up"):
            await playwright.expect(who.page.get_by_role("button", name=name)).to_be_in_viewport()
        await who.is_accessible()
        assert await who.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        await who.page.get_by_role("button", name="Hang up").tap()
        assert who.troubles == []


@asyncio_test(timeout=120)
async def test_what_is_wrong_with_the_microphone_is_told_and_can_be_solved(tmp_path: Path) -> None:
    there = ["--use-fake-device-for-media-stream"]
    insecure = "Object.defineProperty(window, 'isSecureContext', { value: false });"
    async with tone_shop(tmp_path) as shop:
        # Refused, then allowed.
        async with visitor({"width": 375, "height": 812}, flags=there) as who:
            await who.open(shop.url)
            await who.page.get_by_role("button", name="Talk by PC").click()
            await who.picture("phone-pc-form")
            await who.page.get_by_role("button", name="Check my microphone").click()
            problem = who.page.get_by_role("alert").filter(has_text="may not use your microphone")
            await playwright.expect(problem).to_contain_text("Allow the microphone")
            await who.picture("phone-pc-refused")
            await who.is_accessible()
            again = who.page.get_by_role("button", name="Try again")
            await again.click()
            # It says "Trying…" until the browser has refused again.
            await playwright.expect(again).to_be_visible()
            await playwright.expect(problem).to_be_visible()
            await who.page.context.grant_permissions(["microphone"])
            await again.click()
            check = who.page.get_by_role("heading", name="Microphone and sound")
            await playwright.expect(check).to_be_focused()
            await playwright.expect(who.page.get_by_role("meter")).to_be_visible()
            await playwright.expect(who.page.get_by_role("button", name="Call now")).to_be_visible()
            # Closed by the keyboard: nothing listens any more.
            await who.page.keyboard.press("Escape")
            await who.page.get_by_role("button", name="Talk by Phone").click()
            assert await who.page.get_by_role("meter").count() == 0
            assert who.troubles == []
        # There is none; it could also be a page that is not secure.
        for flags, script, words in (
            (["--use-fake-ui-for-media-stream"], "", "No microphone was found."),
            (microphone(tone(SHOPPER_HZ)), insecure, "secure pages only"),
        ):
            async with visitor(flags=flags) as who:
                await who.page.add_init_script(script)
                await who.open(shop.url)
                await who.page.get_by_role("button", name="Talk by PC").click()
                check = who.page.get_by_role("button", name="Check my microphone")
                problem = who.page.get_by_role("alert").filter(has_text=words)
                if not await problem.is_visible():
                    await check.click()
                await playwright.expect(problem).to_be_visible()
                await who.page.get_by_role("button", name="Talk by Phone instead").click()
                await playwright.expect(who.page.get_by_role("button", name="Call me now")).to_be_visible()
                assert who.troubles == []


@asyncio_test(timeout=120)
async def test_a_network_that_lets_no_audio_through_is_told(tmp_path: Path) -> None:
    blocked = """
        window.RTCPeerConnection = class extends RTCPeerConnection {
          constructor(settings) { super({ ...settings, iceTransportPolicy: "relay" }); }
        };
    """
    flags = microphone(tone(SHOPPER_HZ))
    async with tone_shop(tmp_path) as shop, visitor(flags=flags) as who:
        await who.page.add_init_script(blocked)
        await who.open(shop.url)
        await who.talk_by_pc()
        await who.sees("Connecting your microphone…")
        await who.picture("desk-pc-connecting")
        problem = who.page.get_by_role("alert").filter(has_text="Your network blocks the audio.")
        await playwright.expect(problem).to_be_visible(timeout=40_000)
        await who.sees("Ended:")
        await who.picture("desk-pc-no-path")
        await who.is_accessible()
        assert (await shop.record()).disposition is Disposition.SHOPPER_UNREACHABLE
        await who.page.get_by_role("button", name="Talk by Phone instead").click()
        await playwright.expect(who.page.get_by_role("button", name="Call me now")).to_be_visible()
        assert who.troubles == []
