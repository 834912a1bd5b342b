"""The panel on a shop's page that runs from right to left: it is mirrored, and each text runs its own way."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.progress import CallState
from tests.aio import asyncio_test
from tests.widget.page import WITH_THE_PANEL, StandIn, expect, open_page, shoppers
from tests.widget.test_chat_states import _heard, chatting
from tests.widget.test_states import PHONE, is_accessible, picture

pytestmark = WITH_THE_PANEL
HELLO = "مرحبا، هل الدراجة جاهزة للمطر؟"


#: On which side of its box a text begins.
GAPS = """element => {
  const range = document.createRange();
  range.selectNodeContents(element);
  const [box, text] = [element.getBoundingClientRect(), range.getClientRects()[0]];
  return text.left - box.left > box.right - text.right ? "right" : "left";
}"""


async def middle(part: Any) -> float:
    """Where the middle of something is, in pixels from the left."""
    box = await part.bounding_box()
    return float(box["x"] + box["width"] / 2)


@asyncio_test(timeout=60)
async def test_a_call() -> None:
    server = StandIn(language="ar", direction="rtl")
    async with shoppers(server) as context:
        page = await open_page(context)
        await page.click("#opener")
        close = page.get_by_role("button", name="Close")
        heading = page.get_by_role("heading", name="Talk by Phone")
        assert await middle(page.locator(".panel")) < 640, "at the end of the line, which is on the left"
        assert await middle(close) < await middle(heading)
        for text in (page.get_by_text("Your phone number"), page.get_by_text("We call you and connect you")):
            assert await text.evaluate(GAPS) == "right", "the line begins on the right, in English, too"
        number = page.locator("#number")
        await number.fill("(617) 555-0123")
        assert await number.evaluate("e => getComputedStyle(e).direction") == "ltr", "digits are read as ever"
        await picture(page, "rtl-form")
        await is_accessible(page)
        await page.get_by_role("button", name="Call me now").click()
        server.say(CallState.BRIDGED, connected_to="كريم")
        await expect(page.locator("ringback-call .status")).to_contain_text("كريم")
        yours, theirs = page.locator(".end").first, page.locator(".end").last
        assert await middle(yours) > await middle(theirs), "the story of a call begins on the right"
        await picture(page, "rtl-call")
        await is_accessible(page)
        assert page.troubles == []


@pytest.mark.parametrize("look", ["desk", "phone"])
@asyncio_test(timeout=60)
async def test_a_chat(look: str) -> None:
    async with chatting(**(PHONE if look == "phone" else {})) as it:
        page = it.page
        await page.evaluate("document.documentElement.dir = 'rtl'; panel.planChanged()")
        await page.evaluate("panel.open({ way: 'chat' })")
        await page.get_by_label("Your message").fill(HELLO)
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator(".unsent")).to_contain_text("sending…")
        (said,) = await _heard(it, "chat_say")
        it.entry(said["text"], "shopper", key=said["key"])
        it.stands("talking", agent="Kim")
        it.entry("Yes: with mudguards!")
        shopper, agent = page.locator(".entry.shopper").last, page.locator(".entry.agent").last
        await expect(agent).to_contain_text("mudguards")
        await expect(page.locator(".unsent")).to_have_count(0)
        own, theirs = shopper.locator(".said"), agent.locator(".said")
        assert await middle(own) < await middle(theirs), "the shopper's own words end the line"
        runs = "e => getComputedStyle(e).direction"
        assert [await own.evaluate(runs), await theirs.evaluate(runs)] == ["rtl", "ltr"]
        assert not await page.locator(".body").evaluate("e => e.scrollWidth > e.clientWidth")
        await picture(page, f"rtl-chat-{look}")
        await is_accessible(page)
