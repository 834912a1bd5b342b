"""A chat in the demo shop, as a newcomer tries it: the shopper and the agent, over the whole server."""

from __future__ import annotations

from pathlib import Path

from tests.aio import asyncio_test
from tests.demo.test_stories_by_pc import VOICE, log_in
from tests.demo.visit import IN_A_BROWSER, demo_running, playwright, visitor

pytestmark = IN_A_BROWSER


@asyncio_test(timeout=150)
async def test_a_newcomer_chats_with_kim(tmp_path: Path) -> None:
    async with demo_running(tmp_path) as demo, visitor() as shopper, visitor(flags=VOICE) as kim:
        await shopper.open(demo.url)
        await shopper.page.get_by_role("radio", name="Kim answers").check()
        await log_in(kim, shopper, demo)
        # Of this story no call would ring Kim, unless she has the chat that it comes of.
        await shopper.page.get_by_role("radio", name="The store answers").check()
        await shopper.page.get_by_role("button", name="Talk by Phone").click()
        await shopper.page.get_by_role("radio", name="Chat").check()
        await shopper.page.get_by_label("Your message").fill("Does the Harbor have lights?")
        await shopper.page.keyboard.press("Enter")
        await kim.page.get_by_role("button", name="Accept").click()
        log = shopper.page.get_by_role("log", name="Chat")
        await playwright.expect(log).to_contain_text("Kim joined.")
        await kim.page.get_by_placeholder("Write, or / for canned replies").fill("It has, front and rear.")
        await kim.page.keyboard.press("Enter")
        await playwright.expect(log).to_contain_text("It has, front and rear.")
        await shopper.page.reload()
        await playwright.expect(log).to_contain_text("It has, front and rear.")
        await shopper.picture("demo-chat")
        await shopper.is_accessible()
        await shopper.page.get_by_role("button", name="Call me instead").click()
        await shopper.page.get_by_role("button", name="Call me now").click()
        await kim.page.get_by_role("button", name="Answer").click()
        await shopper.sees("Connected to Kim.")
        await shopper.page.get_by_role("button", name="Back to the chat").click()
        await playwright.expect(log).to_contain_text("The call is connected.")
        await shopper.picture("demo-chat-call")
        await shopper.page.get_by_role("button", name="Connected to Kim.").click()
        await shopper.page.get_by_role("button", name="Hang up").click()
        await shopper.sees("you hung up")
        assert shopper.troubles == []
