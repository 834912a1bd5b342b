"""The panel in each of its states and languages: what it says, by axe, on a strict page; and how it looks."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from bridge.progress import CallState
from tests.aio import asyncio_test
from tests.widget.page import PLAN, WITH_THE_PANEL, StandIn, dark, expect, open_page, shoppers
from web import built

pytestmark = WITH_THE_PANEL
AXE = Path(str(built("agent"))).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
#: A folder that gets pictures of the panel, for people to look at.
PICTURES = os.environ.get("RINGBACK_PICTURES")
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


async def is_accessible(page: Any) -> None:
    """axe-core finds nothing that breaks WCAG 2.2 A and AA. It is run past the page's trusted types."""
    session = await page.context.new_cdp_session(page)
    await session.send("Runtime.evaluate", {"expression": AXE.read_text()})
    found = await page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
    )
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]] == []


async def picture(page: Any, name: str) -> None:
    if PICTURES:
        await asyncio.sleep(0.4)
        await page.screenshot(path=Path(PICTURES) / f"{name}.png")


#: How the call goes on, and what the shopper reads.
STORY: tuple[tuple[str, CallState, dict[str, Any], str], ...] = (
    ("calling", CallState.CALLING_SHOPPER, {"shopper_ringing": True}, "Your phone is ringing"),
    ("ringing", CallState.HUNTING, {"ringing": ("Boston store",), "attempt": 1, "attempts": 1}, "Ringing"),
    ("queue", CallState.QUEUED, {"position": 2, "wait": 200.0}, "number 2 in line, about 4 minutes"),
    ("message", CallState.LEAVING_MESSAGE, {}, "leave your message after the tone"),
    ("connected", CallState.BRIDGED, {"connected_to": "Kim"}, "Connected to Kim."),
    ("held", CallState.BRIDGED, {"connected_to": "Kim", "held": True}, "Kim put you on hold"),
)  # fmt: skip


async def _story(look: str, page: Any, server: StandIn) -> None:
    """Every state of a call by phone, each looked at by axe."""
    await page.get_by_role("button", name="Talk to us").click()
    await expect(page.get_by_role("heading", name="Talk by Phone")).to_be_focused()
    await page.get_by_label("Your phone number").fill("(617) 555-0123")
    await expect(page.locator("#reading")).to_contain_text("We will call +1 617-555-0123")
    await picture(page, f"{look}-form")
    await is_accessible(page)
    await page.get_by_role("button", name="Call me now").click()
    for name, state, more, words in STORY:
        server.say(state, **more)
        await expect(page.locator("ringback-call .status")).to_contain_text(words)
        await picture(page, f"{look}-{name}")
        await is_accessible(page)
    server.push()
    await page.get_by_role("heading", name="Kim would like to show you a page").wait_for()
    await picture(page, f"{look}-push")
    await is_accessible(page)
    await page.get_by_role("button", name="No, stay here").click()
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("button", name="Kim put you on hold").wait_for()
    await picture(page, f"{look}-pill")
    await is_accessible(page)
    await page.get_by_role("button", name="Kim put you on hold").click()
    server.say(CallState.ENDED, disposition="bridged", cause="normal", connected_to="Kim")
    await expect(page.locator("ringback-call .status")).to_contain_text("your call with Kim is over")
    await picture(page, f"{look}-ended")
    await is_accessible(page)


@asyncio_test(timeout=90)
async def test_a_call_by_phone_in_every_state() -> None:
    looks: dict[str, dict[str, Any]] = {
        "desk-light": {},
        "phone-dark": {**PHONE, "color_scheme": "dark"},
    }
    for look, options in looks.items():
        server = StandIn(plan=dark(PLAN))
        async with shoppers(server, **options) as context:
            page = await open_page(context)
            await _story(look, page, server)
            assert page.troubles == []
            assert await page.evaluate("violations") == []


@asyncio_test(timeout=60)
async def test_three_states_from_one_truth() -> None:
    """Open, later by callback or message, hidden; and an invitation that is not true any more."""
    server = StandIn()
    async with shoppers(server) as context:
        page = await open_page(context)

        async def stands(
            state: str, later: dict[str, Any] | None, offer: dict[str, Any] | None = None
        ) -> None:
            await page.evaluate(
                """([state, later, offer]) => {
                    panel.close();
                    window.plan = {...plan, state, ways: {phone: state, pc: state, chat: "hidden"}, later};
                    panel.planChanged();
                    panel.open(offer ? {way: "phone", offer} : {});
                }""",
                [state, later, offer],
            )

        soon = {"ways": ["callback"], "opens_at": 4_102_444_800, "opens": "later"}
        await stands("later", soon)
        await expect(page.locator(".notice")).to_contain_text(
            "Nobody is free right now. We can call you back on"
        )
        await page.get_by_role("button", name="Call me back").wait_for()
        await picture(page, "later-callback")
        await is_accessible(page)
        await stands("later", {**soon, "ways": ["message"], "opens_at": None})
        await page.get_by_role("button", name="Leave a message").wait_for()
        await is_accessible(page)
        await stands("hidden", None)
        await expect(page.locator(".notice")).to_contain_text("We are closed now.")
        assert await page.get_by_label("Your phone number").count() == 0
        await picture(page, "hidden")
        await is_accessible(page)
        await stands("open", None, {"id": "o1", "state": "callback", "why": "agents"})
        await expect(page.locator(".notice")).to_contain_text("Everybody has just been taken.")
        await page.get_by_role("button", name="Call me back").wait_for()
        await picture(page, "untrue")
        await is_accessible(page)
        await stands("hidden", None, {"id": "o1", "state": "open"})
        await page.get_by_role("button", name="Call me now").wait_for()
        await stands("hidden", None, {"id": "o1", "state": "gone"})
        await expect(page.locator(".notice")).to_contain_text("This offer is over.")
        await stands("open", None, {"id": "o1", "state": "gone"})
        await page.get_by_role("button", name="Call me now").wait_for()
        assert await page.locator(".notice").count() == 0
        # What the server says at the click counts, not what it said when the page opened.
        await page.evaluate(
            "window.now = {state: 'later', ways: {phone: 'later', pc: 'hidden'}, later: null}"
        )
        await stands("open", None)
        await expect(page.locator(".notice")).to_contain_text("We are closed now.")
        assert page.troubles == []


@pytest.mark.parametrize(
    ("language", "direction", "words"),
    [
        ("de-AT", "ltr", "Jetzt anrufen lassen"),
        ("es", "ltr", "Llámenme ahora"),
        ("fr-CA", "ltr", "Appelez-moi maintenant"),
        ("ar", "rtl", "Call me now"),
    ],
)
@asyncio_test(timeout=60)
async def test_languages_and_directions(language: str, direction: str, words: str) -> None:
    server = StandIn(language=language, direction=direction)
    async with shoppers(server, locale="en-US", **PHONE) as context:
        page = await open_page(context)
        await page.click("#opener")
        await page.get_by_role("button", name=words).wait_for()
        await picture(page, f"form-{language}")
        await is_accessible(page)
        await page.locator("#number").fill("(617) 555-0123")
        await page.get_by_role("button", name=words).click()
        server.say(CallState.BRIDGED, connected_to="Kim")
        await expect(page.locator("ringback-call .status")).to_contain_text("Kim")
        await picture(page, f"connected-{language}")
        await is_accessible(page)
        assert page.troubles == []


@asyncio_test(timeout=60)
async def test_narrow_zoomed_loud_and_printed_pages() -> None:
    """320 px, which is 400 % of 1280; a shop with letters of its own size; forced colours; print."""
    server = StandIn()
    async with shoppers(server, viewport={"width": 320, "height": 568}) as context:
        page = await open_page(context)
        await page.evaluate("document.documentElement.style.fontSize = '7px'")
        await page.click("#opener")
        button = page.get_by_role("button", name="Call me now")
        await button.scroll_into_view_if_needed()
        for part in (button, page.locator("#number"), page.get_by_role("button", name="Close")):
            box = await part.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 320
            assert box["height"] >= 40  # of its own letters, not of the shop's
        wide = "e => e.scrollWidth > e.clientWidth"
        assert not await page.locator(".body").evaluate(wide)
        await picture(page, "narrow")
        await is_accessible(page)
        await page.emulate_media(forced_colors="active", reduced_motion="reduce")
        await picture(page, "forced-colours")
        assert await page.locator(".panel").evaluate("e => getComputedStyle(e).animationName") == "none"
        assert await page.locator(".panel").evaluate("e => getComputedStyle(e).borderTopStyle") == "solid"
        await page.emulate_media(media="print")
        await expect(page.locator("ringback-panel")).to_be_hidden()
