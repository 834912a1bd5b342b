"""The demo's stories by PC: a message, a line, a callback, and an agent who answers in her browser."""

from __future__ import annotations

import asyncio
from pathlib import Path

from demo.dialogue import SOUNDS
from tests.aio import asyncio_test
from tests.demo.visit import (
    IN_A_BROWSER,
    Demo,
    Visitor,
    demo_running,
    hears_speech,
    microphone,
    playwright,
    visitor,
)

pytestmark = IN_A_BROWSER

#: What the shopper's microphone hears: somebody who speaks.
VOICE = microphone(SOUNDS / "shopper_message.wav")
SMALL = {"width": 375, "height": 780}


@asyncio_test(timeout=180)
async def test_a_message_a_callback_and_a_line_by_pc(tmp_path: Path) -> None:
    async with (
        demo_running(tmp_path) as demo,
        visitor(flags=VOICE) as desk,
        visitor(SMALL, flags=VOICE, color_scheme="dark", has_touch=True) as phone,
    ):
        await desk.open(demo.url)
        await phone.open(demo.url)
        async with asyncio.TaskGroup() as both:
            both.create_task(_leaves_a_message_and_is_called_back(desk))
            both.create_task(_waits_in_line(phone))
        assert desk.troubles == []
        assert phone.troubles == []


async def _leaves_a_message_and_is_called_back(who: Visitor) -> None:
    await who.wants("Talk by PC", "Nobody answers")
    await playwright.expect(who.page.get_by_text("We hear you.")).to_be_visible(timeout=10_000)
    await who.page.get_by_role("button", name="Play a test sound").click()
    await playwright.expect(who.page.get_by_text("No sound?")).to_be_visible()
    await who.picture("desk-pc-check")
    await who.is_accessible()
    await who.page.get_by_role("button", name="Call now").click()
    await who.sees("Please leave your message after the tone", seconds=30)
    await who.picture("desk-pc-message")
    await asyncio.sleep(12)
    await who.page.get_by_role("button", name="Keypad").click()
    await who.page.get_by_role("button", name="hash").click()
    await who.picture("desk-pc-keypad")
    await who.is_accessible()
    await who.sees("Your message has been taken.", seconds=15)
    await hears_speech(who, ["Your message"])
    await who.is_accessible()
    await who.talk_by_pc("The store is closed")
    await who.sees("We will call you back tomorrow at")
    await who.picture("desk-pc-callback")
    await who.page.get_by_role("button", name="Cancel the callback").click()
    await who.sees("Your callback is cancelled.")


async def _waits_in_line(who: Visitor) -> None:
    await who.talk_by_pc("Everybody is talking")
    await who.sees("in line, about 1 minute.", seconds=25)
    await who.picture("phone-pc-line")
    await who.is_accessible()
    await who.sees("You are next in line", seconds=35)
    await who.sees("Connected to the call centre.", seconds=35)
    # The panel may be closed while talking; a button leads back.
    await who.page.keyboard.press("Escape")
    await who.page.get_by_role("button", name="Connected to the call centre").click()
    await who.picture("phone-pc-connected")
    await who.is_accessible()
    await asyncio.sleep(3)
    await who.page.get_by_role("button", name="Hang up").click()
    await who.sees("Ended: you hung up.")
    await hears_speech(who, ["What the call centre heard"])
    await who.picture("phone-pc-ended")


@asyncio_test(timeout=180)
async def test_kim_answers_in_her_browser_calls_by_pc_and_by_phone(tmp_path: Path) -> None:
    async with (
        demo_running(tmp_path) as demo,
        visitor(flags=VOICE) as shopper,
        visitor(flags=VOICE) as kim,
    ):
        await shopper.open(demo.url)
        await shopper.page.get_by_role("radio", name="Kim answers").check()
        await shopper.page.get_by_text("First open the agent").scroll_into_view_if_needed()
        await shopper.picture("desk-pc-kim")
        await log_in(kim, shopper, demo)
        await shopper.talk_by_pc("Kim answers")
        await shopper.sees("Ringing Kim")
        await kim.page.get_by_role("button", name="Answer").click()
        await shopper.sees("Connected to Kim.")
        await shopper.picture("desk-pc-with-kim")
        await kim.page.get_by_role("button", name="Hang up").click()
        await shopper.sees("Ended: your call with Kim is over.")
        await playwright.expect(shopper.page.locator("call-timeline")).to_contain_text("Kim's browser")

        await shopper.call("Kim answers")
        await shopper.sees("Ringing Kim")
        await kim.page.get_by_role("button", name="Answer").click()
        await shopper.sees("Connected to Kim.")
        await asyncio.sleep(6)  # the shopper's phone asks its question
        await kim.page.get_by_role("button", name="Hang up").click()
        await shopper.sees("Ended: your call with Kim is over.")
        await hears_speech(shopper, ["What you heard"])
        assert shopper.troubles == []


async def log_in(kim: Visitor, shopper: Visitor, demo: Demo) -> None:
    """As the shop's page says that it is done."""
    link = shopper.page.get_by_role("link", name="open the agent")
    address = await link.get_attribute("href")
    name, password = await shopper.page.locator("story-choice code").all_inner_texts()
    assert password in demo.output.read_text()
    await kim.page.goto(address)
    await kim.page.get_by_label("Agent").fill(name)
    await kim.page.get_by_label("Password").fill(password)
    await kim.page.get_by_role("button", name="Log in").click()
    await kim.page.get_by_text("Available", exact=True).click()
    await playwright.expect(kim.page.get_by_role("heading", level=1)).to_contain_text("You are available")
