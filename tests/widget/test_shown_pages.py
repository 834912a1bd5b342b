"""Pages that an agent shows to a shopper, in a browser: asked for or opened at once, with a way back."""

from __future__ import annotations

from typing import Any

from bridge.progress import CallState
from tests.aio import asyncio_test
from tests.widget.page import SHOP, WITH_THE_PANEL, StandIn, expect, open_page, shoppers
from tests.widget.test_states import PHONE, is_accessible, picture

pytestmark = WITH_THE_PANEL


async def _in_a_call(page: Any, server: StandIn) -> None:
    await page.click("#opener")
    await page.locator("#number").fill("617 555 0123")
    await page.get_by_role("button", name="Call me now").click()
    await page.get_by_role("button", name="Hang up").wait_for()
    server.say(CallState.BRIDGED, connected_to="Boston store")
    await expect(page.locator("ringback-call .status")).to_contain_text("Boston store")


@asyncio_test(timeout=60)
async def test_a_page_is_asked_for_shown_and_left_again() -> None:
    server = StandIn()
    async with shoppers(server) as context:
        page = await open_page(context)
        await _in_a_call(page, server)
        asked = page.get_by_role("heading", name="The Boston store would like to show you a page")
        server.push()
        await asked.wait_for()
        await page.get_by_role("button", name="No, stay here").click()
        await expect(asked).to_have_count(0)
        assert server.heard == [{"type": "page_answer", "push": 1, "accepted": False}]
        # Told again, as after a lost connection, it is answered and not asked.
        server.push()
        server.push(push=2)
        await asked.wait_for()
        assert server.heard[1:] == [{"type": "page_answer", "push": 1, "accepted": False}]
        await page.get_by_role("button", name="Open the page").click()
        await page.wait_for_url(f"{SHOP}sizes")
        assert server.heard[-1] == {"type": "page_answer", "push": 2, "accepted": True}
        # The call is found again, and the page is to be seen, not the panel.
        await page.get_by_role("button", name="Connected to the Boston store").wait_for()
        assert await page.locator(".panel").count() == 0
        await page.get_by_text("This page was shown to you").wait_for()
        await picture(page, "push-shown")
        await is_accessible(page)
        await page.get_by_role("link", name="Back to where you were").click()
        await page.wait_for_url(SHOP)
        await page.get_by_role("button", name="Connected to the Boston store").wait_for()
        assert await page.get_by_text("This page was shown to you").count() == 0
        assert page.troubles == []


@asyncio_test(timeout=60)
async def test_a_page_that_just_opens() -> None:
    server = StandIn()
    async with shoppers(server, **PHONE) as context:
        page = await open_page(context)
        await _in_a_call(page, server)
        server.push(mode="go", url=f"{SHOP}returns", title="Returns")
        await page.wait_for_url(f"{SHOP}returns")
        assert server.heard == [{"type": "page_answer", "push": 1, "accepted": True}]
        await page.get_by_text("This page was shown to you").wait_for()
        await picture(page, "push-phone")
        await is_accessible(page)
        await page.get_by_role("button", name="Stay here").click()
        await expect(page.get_by_text("This page was shown to you")).to_have_count(0)
        await page.go_back()
        await page.wait_for_url(SHOP)
        assert page.troubles == []


@asyncio_test(timeout=60)
async def test_a_call_is_told_of_before_the_file_that_draws_it_has_come() -> None:
    server = StandIn()
    async with shoppers(server) as context:
        page = await context.new_page()
        tries = 0

        async def fail_once(route: Any) -> None:
            nonlocal tries
            tries += 1
            await (route.abort() if tries == 1 else route.fallback())

        await page.route("**/in-call-*.js", fail_once)
        await page.goto(SHOP)
        await page.wait_for_function("window.ready")
        await _in_a_call(page, server)
        assert tries > 1
