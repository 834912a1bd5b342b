"""The panel over pages and tabs: what it keeps, what other tabs see, and one call for one wish."""

from __future__ import annotations

import json
from typing import Any

from bridge.progress import CallState
from tests.aio import asyncio_test
from tests.plumbing.chromium import TALKS, hears, tone
from tests.widget.page import SHOP, WITH_THE_PANEL, StandIn, expect, open_page, shoppers

pytestmark = WITH_THE_PANEL
NUMBER = "617 555 0123"


def _status(page: Any) -> Any:
    return expect(page.locator("ringback-call .status"))


async def _calls(page: Any) -> None:
    await page.click("#opener")
    await page.locator("#number").fill(NUMBER)
    await page.get_by_role("button", name="Call me now").click()
    await page.get_by_role("button", name="Hang up").wait_for()


@asyncio_test(timeout=60)
async def test_an_open_panel_and_what_was_typed_survive_pages() -> None:
    server = StandIn()
    async with shoppers(server) as context:
        page = await open_page(context)
        assert await page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
        await page.click("#opener")
        await page.locator("#number").fill(NUMBER)
        for go in (page.click("text=Next page"), page.reload(), page.go_back(), page.go_forward()):
            await go
            await expect(page.locator("#number")).to_have_value(NUMBER)
        # It came by itself, so the focus is where the shopper has it.
        assert await page.evaluate("document.activeElement.tagName") in ("BODY", "A")
        await page.get_by_role("button", name="Close").click()
        await page.goto(f"{SHOP}other")
        await page.wait_for_function("window.ready")
        assert await page.locator(".panel").count() == 0
        await page.click("#opener")
        assert page.troubles == []


@asyncio_test(timeout=60)
async def test_a_call_goes_on_over_pages_and_in_other_tabs() -> None:
    server = StandIn()
    async with shoppers(server) as context:
        page, other = await open_page(context), await open_page(context, "other")
        await _calls(page)
        assert await page.evaluate("inContact && comesBack")
        await page.click("text=Next page")
        server.say(CallState.HUNTING, ringing=("Boston store",), attempt=1, attempts=1)
        await _status(page).to_contain_text("Ringing the Boston store")
        # Another tab, opened before: it sees the same call as soon as it looks.
        await other.click("#opener")
        await _status(other).to_contain_text("Ringing the Boston store")
        third = await open_page(context, "third")
        await third.click("#opener")
        server.say(CallState.BRIDGED, connected_to="Kim")
        for each in (page, other, third):
            await _status(each).to_contain_text("Connected to Kim.")
        # Whichever tab answers a page that is shown, the others ask no more.
        server.push()
        await page.get_by_role("button", name="Open the page").wait_for()
        await page.get_by_role("button", name="No, stay here").click()
        for each in (other, third):
            await expect(each.get_by_role("button", name="Open the page")).to_have_count(0)
        await page.close()
        await other.get_by_role("button", name="Hang up").click()
        for each in (other, third):
            await _status(each).to_contain_text("you ended the call")
        assert await other.evaluate("localStorage.getItem('ringback.call')") is None
        assert await third.evaluate("inContact") is False
        # Only the tab that called tells the shop.
        assert [name for name, _ in await other.evaluate("told")] == ["opened"]
        assert len(server.asked) == 1
        assert page.troubles + other.troubles + third.troubles == []


@asyncio_test(timeout=60)
async def test_a_call_by_pc_stays_in_its_tab_and_others_say_so() -> None:
    server = StandIn()
    async with shoppers(server, (*TALKS, *hears(tone(440)))) as context:
        page, other = await open_page(context), await open_page(context, "other")
        await page.click("#opener")
        await page.get_by_role("radio", name="By PC").check()
        await page.get_by_role("meter").wait_for()
        await page.get_by_role("button", name="Call now").click()
        await page.get_by_role("button", name="Hang up").wait_for()
        server.say(CallState.BRIDGED, connected_to="Kim")
        await other.click("#opener")
        await _status(other).to_contain_text("Connected to Kim.")
        await expect(other.locator(".warning")).to_have_text("This call continues in another tab.")
        # It takes nothing of the call to itself: no leg, no microphone.
        assert await other.locator("ringback-controls").count() == 0
        assert not any("leg" in said for said in server.heard if said["type"] == "reattach")
        await page.reload()
        await page.wait_for_function("window.ready")
        await _status(page).to_contain_text("Connected to Kim.")
        await expect(page.locator(".warning")).to_have_count(0)
        assert page.troubles + other.troubles == []


@asyncio_test(timeout=60)
async def test_twenty_clicks_are_one_call_and_a_second_try_is_the_same_wish() -> None:
    server = StandIn(slow=0.3)
    async with shoppers(server) as context:
        page = await open_page(context)
        await page.click("#opener")
        await page.locator("#number").fill(NUMBER)
        server.refusal = (503, {"id": "out_of_capacity", "detail": "No room."})
        await page.get_by_role("button", name="Call me now").evaluate(
            "button => { for (let each = 0; each < 20; each++) button.click(); }"
        )
        await expect(page.get_by_role("alert")).to_contain_text("All our lines are busy")
        assert len(server.asked) == 1
        await page.get_by_role("button", name="Call me now").click()
        await page.get_by_role("button", name="Hang up").wait_for()
        assert len({each["request"] for each in server.asked}) == 1
        server.say(CallState.ENDED, disposition="bridged", cause="normal")
        await page.get_by_role("button", name="Call again").click()
        server.line = None
        await page.get_by_role("button", name="Call me now").click()
        await page.get_by_role("button", name="Hang up").wait_for()
        # Another wish, another call.
        assert len(server.asked) == 3
        assert len({each["request"] for each in server.asked}) == 2


@asyncio_test(timeout=60)
async def test_what_the_shop_fills_in_and_signs_goes_along() -> None:
    server = StandIn()
    async with shoppers(server) as context:
        page = await open_page(context)
        await page.evaluate(
            """() => {
                window.facts = {"contact.number": "617 555 0199", "contact.country": "CA", "cart.value": 120};
                window.answers = {calling: [null, Promise.resolve({signed: "a.b.c"})]};
            }"""
        )
        await page.click("#opener")
        await expect(page.locator("#number")).to_have_value("617 555 0199")
        await page.get_by_role("button", name="Call me now").click()
        await page.get_by_role("button", name="Hang up").wait_for()
        (asked,) = server.asked
        assert asked["signed"] == "a.b.c"
        assert (asked["number"], asked["country"]) == ("617 555 0199", "CA")
        assert json.dumps(asked["context"]) == '{"cart.value": 120}'
        assert asked["page"] == SHOP


@asyncio_test(timeout=60)
async def test_a_callback_with_its_time_is_seen_and_cancelled() -> None:
    server = StandIn()
    server.callback = {
        "at": 4_102_444_800, "when": "later", "state": "booked", "link": "https://calls.example/callbacks/s1",
    }  # fmt: skip
    async with shoppers(server) as context:
        page = await open_page(context)
        await _calls(page)
        server.say(CallState.ENDED, disposition="callback_booked", callback_at=4_102_444_800.0)
        await _status(page).to_contain_text("We will call you back on Thursday, December 31 at 7:00")
        await page.get_by_role("link", name="this link").wait_for()
        await page.get_by_role("button", name="Cancel the callback").click()
        await _status(page).to_contain_text("Your callback is cancelled.")
        await expect(page.locator("ringback-call .status")).to_be_focused()
        assert ["booked", {"kind": "callback"}] in await page.evaluate("told")
