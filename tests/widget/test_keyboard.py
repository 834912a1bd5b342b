"""The panel by the keyboard alone: where the focus goes, what Escape closes, what takes no focus."""

from __future__ import annotations

from typing import Any

from bridge.progress import CallState
from tests.aio import asyncio_test
from tests.widget.page import WITH_THE_PANEL, StandIn, expect, open_page, shoppers

pytestmark = WITH_THE_PANEL
FOCUSED = """() => {
    let each = document.activeElement;
    while (each.shadowRoot?.activeElement) each = each.shadowRoot.activeElement;
    return each.id || each.getAttribute("aria-label") || each.innerText.trim() || each.tagName;
}"""


async def _focused(page: Any) -> str:
    return str(await page.evaluate(FOCUSED))


async def _tabs(page: Any, key: str = "Tab") -> str:
    await page.keyboard.press(key)
    return await _focused(page)


@asyncio_test(timeout=60)
async def test_a_call_without_a_mouse() -> None:
    server = StandIn()
    async with shoppers(server) as context:
        page = await open_page(context)
        await page.locator("#opener").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Talk by Phone")).to_be_focused()
        seen = [await _tabs(page) for _ in range(5)]
        assert seen == ["Close", "INPUT", "country", "number", "Call me now"]
        await page.keyboard.press("Enter")
        # What is missing has the focus, and is said.
        assert await _focused(page) == "number"
        await expect(page.get_by_role("alert")).to_contain_text("Please give the phone number")
        assert await page.locator("#number").get_attribute("aria-invalid") == "true"
        await page.keyboard.type("617 555 0123")
        await expect(page.locator("#reading")).to_contain_text("+1 617-555-0123")
        await page.keyboard.press("Enter")
        # The button that was pressed is gone; the focus is not.
        await page.get_by_role("button", name="Hang up").wait_for()
        await expect(page.get_by_role("heading", name="Talk by Phone")).to_be_focused()
        seen = [await _tabs(page) for _ in range(2)]
        assert seen == ["Close", "Hang up"]
        await page.keyboard.press("Enter")
        await expect(page.locator("ringback-call .status")).to_contain_text("you ended the call")
        await page.get_by_role("button", name="Call again").focus()
        await page.keyboard.press("Enter")
        # What was given once is not asked again.
        await expect(page.locator("#number")).to_have_value("617 555 0123")
        await expect(page.get_by_role("heading", name="Talk by Phone")).to_be_focused()
        await page.keyboard.press("Escape")
        await expect(page.locator(".panel")).to_have_count(0)
        assert await _focused(page) == "opener"
        assert [name for name, _ in await page.evaluate("told")] == [
            "opened", "calling", "contact", "ended", "closed",
        ]  # fmt: skip
        assert page.troubles == []


@asyncio_test(timeout=60)
async def test_escape_closes_what_has_the_focus_alone() -> None:
    server = StandIn()
    async with shoppers(server) as context:
        page = await open_page(context)
        await page.click("#opener")
        await page.locator("#search").focus()
        await page.keyboard.press("Escape")
        await expect(page.locator(".panel")).to_be_visible()
        await page.locator("#number").fill("617 555 0123")
        await page.keyboard.press("Enter")
        server.say(CallState.BRIDGED, connected_to="Kim")
        await expect(page.locator("ringback-call .status")).to_contain_text("Connected to Kim")
        # A page that is pushed, and the call's news, leave the focus to the shopper who types.
        await page.locator("#search").focus()
        server.push()
        await page.get_by_role("button", name="Open the page").wait_for()
        server.say(CallState.BRIDGED, connected_to="Kim", held=True)
        await expect(page.locator("ringback-call .status")).to_contain_text("on hold")
        assert await _focused(page) == "search"
        await page.get_by_role("button", name="No, stay here").focus()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("button", name="Open the page")).to_have_count(0)
        await expect(page.locator(".panel")).to_be_visible()
        assert server.heard == [{"type": "page_answer", "push": 1, "accepted": False}]
        live = page.locator("ringback-panel [aria-live=polite]")
        await expect(live).to_have_text("Kim put you on hold.")
        assert await live.count() == 1
        await page.get_by_role("button", name="Close").focus()
        await page.keyboard.press("Escape")
        await expect(page.locator(".panel")).to_have_count(0)
        pill = page.get_by_role("button", name="Kim put you on hold")
        await pill.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Talk by Phone")).to_be_focused()
        assert page.troubles == []


@asyncio_test(timeout=60)
async def test_targets_are_large_enough_for_fingers() -> None:
    server = StandIn()
    options = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    async with shoppers(server, **options) as context:
        page = await open_page(context)
        await page.tap("#opener")
        targets = page.locator("ringback-panel").locator("button, select, input[type=tel], .way")
        await expect(targets.first).to_be_visible()
        for box in [await each.bounding_box() for each in await targets.all()]:
            assert round(box["height"]) >= 44
            assert round(box["width"]) >= 44
