"""The whole demo as a newcomer meets it: ``python -m demo``, a real browser, real calls, and its end."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

from demo.preflight import ROOT
from tests.aio import asyncio_test
from tests.demo.visit import (
    IN_A_BROWSER,
    PHONE,
    Visitor,
    demo_running,
    hears_speech,
    playwright,
    visitor,
)
from tests.scenarios.settings import free_block

pytestmark = IN_A_BROWSER


@asyncio_test(timeout=150)
async def test_a_newcomer_clicks_watches_and_listens(tmp_path: Path) -> None:
    async with (
        demo_running(tmp_path) as demo,
        visitor() as desk,
        visitor(PHONE, color_scheme="dark", has_touch=True) as phone,
    ):
        await desk.open(demo.url)
        await desk.picture("desk-shop")
        await desk.is_accessible()
        await phone.open(demo.url)
        await phone.picture("phone-shop")
        # Two calls at once, each with its own story.
        async with asyncio.TaskGroup() as both:
            both.create_task(_is_answered(desk))
            both.create_task(_gets_the_call_centre(phone))
        assert desk.troubles == []
        assert phone.troubles == []
    assert demo.process.returncode == 0, demo.output.read_text()
    assert demo.living() == []


async def _is_answered(who: Visitor) -> None:
    await who.call("The store answers")
    await who.sees("Your phone is ringing")
    await who.sees("Ringing the Boston store")
    await who.picture("desk-ringing")
    await who.sees("Connected to the Boston store")
    await who.picture("desk-connected")
    await who.is_accessible()
    await who.sees("Ended: your call with the Boston store is over.", seconds=25)
    await hears_speech(who, ["What you heard", "What the Boston store heard"])
    await who.picture("desk-ended")
    await who.is_accessible()


async def _gets_the_call_centre(who: Visitor) -> None:
    await who.call("The first store is busy")
    await who.sees("Your phone is ringing")
    await who.picture("phone-calling")
    await who.sees("Trying the Cambridge store (2 of 3)")
    await who.sees("Trying the call centre (3 of 3)")
    await who.sees("Connected to the call centre")
    # The panel may be closed while talking; a button leads back.
    await who.close_panel()
    await who.picture("phone-pill")
    await who.page.get_by_role("button", name="Connected to the call centre").click()
    await who.sees("Ended: your call with the call centre is over.", seconds=25)
    await hears_speech(who, ["What you heard", "What the call centre heard"])
    await who.picture("phone-ended")
    await who.page.locator("call-recording").last.scroll_into_view_if_needed()
    await who.picture("phone-recordings")
    await who.is_accessible()


@asyncio_test(timeout=150)
async def test_unanswered_calls_a_callback_a_hang_up_and_wrong_numbers(tmp_path: Path) -> None:
    async with demo_running(tmp_path) as demo:
        async with visitor() as first, visitor(PHONE) as second:
            await first.open(demo.url)
            await second.open(demo.url)
            await first.page.get_by_role("button", name="Talk by Phone").click()
            await first.page.get_by_role("button", name="Which frame size fits me?").wait_for()
            await first.picture("desk-answers")
            await first.passes_the_answers()
            await first.picture("desk-form")
            await first.call("You do not pick up")
            await second.page.get_by_role("button", name="Talk by Phone").click()
            await second.passes_the_answers()
            number = second.page.get_by_label("Your phone number")
            for wrong, words in (
                ("", "Please give the phone number"),
                ("12", "does not look like a phone number"),
                ("+1 900 555 0123", "This kind of number cannot be called"),
                ("+49 30 23125 000", "cannot call numbers in this country"),
            ):
                await number.fill(wrong)
                await second.page.get_by_role("button", name="Call me now").click()
                await playwright.expect(second.page.get_by_role("alert")).to_contain_text(words)
                await playwright.expect(number).to_be_focused()
            await second.picture("phone-wrong-number")
            await second.is_accessible()
            await second.call("Nobody answers")
            await second.sees("Trying the call centre (3 of 3)")
            await second.page.get_by_role("button", name="Hang up").click()
            await second.sees("Ended: you ended the call before anybody picked up.")
            await first.sees("Ended: you did not pick up.", seconds=20)
            await first.page.locator("call-timeline").wait_for()
            await first.picture("desk-absent")
            await first.call("The store is closed")
            await first.sees("We will call you back tomorrow at")
            await playwright.expect(first.page.locator("call-record")).to_contain_text("No phone rang")
            await first.picture("desk-callback")
            await first.is_accessible()
            await first.page.get_by_role("button", name="Cancel the callback").click()
            await first.sees("Your callback is cancelled. We will not call you.")
            await playwright.expect(first.page.locator("ringback-call .status")).to_be_focused()
            await first.picture("desk-callback-cancelled")
            await first.is_accessible()
            assert first.troubles == []
        # A demo that dies takes everything along.
        demo.process.kill()
        for _ in range(100):
            if not (left := demo.living()):
                break
            await asyncio.sleep(0.1)
        assert left == []


@asyncio_test(timeout=150)
async def test_a_message_a_line_and_a_voicemail(tmp_path: Path) -> None:
    async with (
        demo_running(tmp_path) as demo,
        visitor() as desk,
        visitor(PHONE, color_scheme="dark", has_touch=True) as phone,
    ):
        await desk.open(demo.url)
        await phone.open(demo.url)
        async with asyncio.TaskGroup() as both:
            both.create_task(_leaves_a_message(desk))
            both.create_task(_waits_in_line(phone))
        await _meets_a_voicemail(desk)
        assert desk.troubles == []
        assert phone.troubles == []


async def _leaves_a_message(who: Visitor) -> None:
    await who.call("Nobody answers")
    await who.sees("Please leave your message after the tone")
    await who.picture("desk-message")
    await who.is_accessible()
    await who.sees("Your message has been taken.", seconds=30)
    await hears_speech(who, ["Your message", "What you heard"])
    await who.picture("desk-message-taken")
    await who.is_accessible()


async def _waits_in_line(who: Visitor) -> None:
    await who.call("Everybody is talking")
    # Number 2, or next where the machine was so slow that the shopper before them is through.
    await who.sees("in line, about 1 minute.", seconds=25)
    await who.picture("phone-line")
    await who.sees("You are next in line", seconds=25)
    await who.picture("phone-next")
    await who.is_accessible()
    await who.sees("Connected to the call centre.", seconds=25)
    await who.sees("Ended: your call with the call centre is over.", seconds=25)
    await hears_speech(who, ["What you heard", "What the call centre heard"])
    await who.picture("phone-line-ended")


async def _meets_a_voicemail(who: Visitor) -> None:
    await who.call("A voicemail picks up")
    await who.sees("Ringing the Boston store and the Cambridge store…")
    await who.sees("Connected to the Cambridge store.", seconds=25)
    await who.page.get_by_role("button", name="Hang up").click()
    heard = ["What you heard", "What the Boston store heard", "What the Cambridge store heard"]
    await hears_speech(who, heard)
    await playwright.expect(who.page.locator("call-timeline")).to_contain_text("an answering machine")
    await who.page.locator("call-timeline").scroll_into_view_if_needed()
    await who.picture("desk-voicemail")


@asyncio_test(timeout=60)
async def test_a_taken_port_is_told(tmp_path: Path) -> None:
    with socket.socket() as other:
        port = free_block(2)
        other.bind(("127.0.0.1", port + 1))
        other.listen()
        result = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "demo", "--port", str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=40,
        )
    assert result.returncode == 1
    assert f"Port {port + 1} on 127.0.0.1, for Ringback, is not free" in result.stdout
    assert "--port" in result.stdout
