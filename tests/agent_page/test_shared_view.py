"""Looking at the shopper's page together, at the desk in Chromium, beside a stand-in for the server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cobrowse.mirror import Mirror
from cobrowse.outcomes import EventPassed
from cobrowse.rules import Rules
from tests.agent_page.chromium import PHONE, Tab, agent, expect
from tests.agent_page.stand_in import BUILD, PASSWORD, StandIn, stand_in
from tests.agent_page.test_chats import at_desk
from tests.agent_page.test_desk import DESK
from tests.aio import asyncio_test
from tests.cobrowse.corpus import manifest
from tests.plumbing.chromium import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (BUILD / "view" / "index.html").is_file(), reason="needs the built page"),
]
RECORDED = Path(__file__).parents[1] / "cobrowse" / "recordings" / "checkout.json"
ALL = ["see", "point", "fill"]
VIEW: dict[str, Any] = {
    "view": "v_1", "talk": "chat-1", "state": "seeing", "scopes": ALL, "agreed": ["see", "point"],
    "ends_in": 1500,
}  # fmt: skip
PAGE = {"n": 1, "url": "https://bikes.example/checkout", "title": "Checkout · The Harbor"}


def masked() -> list[dict[str, Any]]:
    """A checkout, as the server passes it on."""
    rules = manifest().rules
    mirror = Mirror(Rules(mask=rules["mask"], show=rules["show"]), PAGE["url"], [])  # type: ignore[arg-type]
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    events = recorded["events"] if isinstance(recorded, dict) else recorded
    outcomes = (mirror.apply(event) for event in events)
    return [json.loads(each.data) for each in outcomes if isinstance(each, EventPassed)]


async def _ready(tab: Tab, server: StandIn) -> None:
    server.desk = DESK | {"views": {"bikes": ALL}}
    tab.expected += ("401 (Unauthorized)",)
    await tab.log_in("alice", PASSWORD)
    await tab.shows("You are away")
    await server.say("desk_chat", **at_desk("talking"))
    await server.asks("desk_follow")


@asyncio_test(timeout=120)
async def test_the_agent_asks_sees_helps_and_is_told_why_not() -> None:
    async with stand_in() as server, agent(server.url) as tab:
        page = tab.page
        await _ready(tab, server)
        card = page.locator("shared-view-card")
        await expect(card).to_contain_text("Look at the page together")
        await tab.is_accessible()
        await tab.picture("shared-view-begin")
        await page.get_by_label("fill in and click").uncheck()
        await tab.press("Ask the shopper")
        assert (await server.asks("ask_view"))["scopes"] == ["see", "point"]
        await server.say(
            "view", **VIEW | {"view": "", "state": "ended", "refused": "x", "detail": "No page is open."}
        )
        await expect(card.get_by_role("alert")).to_contain_text("No page is open.")
        await tab.press("Ask the shopper")
        await server.asks("ask_view")
        await server.say("view", **VIEW | {"state": "asked", "agreed": [], "ends_in": None})
        await expect(card).to_contain_text("The shopper is being asked")
        await server.say("view", **VIEW)
        assert (await server.asks("view_token"))["view"] == "v_1"
        await server.say("view", **VIEW | {"token": "once"})
        view = server.view
        assert (await view.until("hello"))["token"] == "once"
        view.tell("welcome", state="seeing", scopes=ALL, agreed=["see", "point"], page=PAGE, ends_in=1500)
        view.tell("events", page=1, events=masked())

        shown = page.frame_locator("shared-view-card iframe")
        picture = shown.frame_locator("iframe")
        await expect(picture.get_by_text("Delivery to 90210")).to_be_visible()
        await expect(shown.locator("header")).to_contain_text(
            "They let you see the page and point and scroll."
        )
        # By keyboard alone, from the list.
        await shown.get_by_role("button", name="ZIP code").focus()
        await page.keyboard.press("Enter")
        await shown.get_by_label("A word beside it").fill("This one, please")
        await shown.get_by_role("button", name="Highlight").focus()
        await page.keyboard.press("Enter")
        said = await view.until("action")
        assert (said["kind"], said["word"], said["value"]) == ("highlight", "This one, please", None)
        log = shown.get_by_role("log")
        await expect(log).to_contain_text("Highlight ZIP code")
        await expect(log).to_contain_text("waiting for the page")
        view.tell("result", action=said["action"], result="done", reason="", detail="")
        await expect(log).to_contain_text("Highlighted ZIP code")
        # By a click in the picture, which does nothing of itself.
        box = await picture.get_by_text("Pay 209.00").bounding_box()
        assert box is not None
        await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await expect(shown.get_by_role("heading", name="Pay 209.00")).to_be_visible()
        await expect(shown.get_by_role("button", name="Click it")).to_have_count(0)
        await shown.get_by_role("button", name="Ask to fill in and click").click()
        assert (await view.until("ask"))["scopes"] == ["fill"]
        view.tell("agreed", scopes=ALL, declined=False)
        await shown.get_by_role("button", name="Click it").click()
        refused = await view.until("action")
        assert refused["kind"] == "click"
        view.tell("result", action=refused["action"], result="refused", reason="never_click", detail="")
        await expect(log).to_contain_text("Click Pay 209.00")
        await expect(log).to_contain_text("not done: only the shopper may press it")
        await tab.picture("shared-view")
        await tab.is_accessible()
        await page.emulate_media(color_scheme="dark")
        await tab.picture("shared-view-dark")
        await tab.is_accessible()
        await page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        await tab.picture("shared-view-phone")
        await tab.press("End it")
        assert (await server.asks("end_view"))["view"] == "v_1"
        await server.say("view", **VIEW | {"state": "ended", "reason": "agent"})
        await expect(card.locator("iframe")).to_have_count(0, timeout=1_000)
        await expect(card).to_contain_text("You have ended it.")
        tab.is_fine()


@asyncio_test(timeout=120)
async def test_a_supervisor_watches_a_view_of_somebody_elses() -> None:
    async with stand_in() as server, agent(server.url) as tab:
        page = tab.page
        server.desk = DESK
        tab.expected += ("401 (Unauthorized)",)
        await tab.log_in("alice", PASSWORD)
        await tab.shows("You are away")
        row = {
            "view": "v_1",
            "talk": "c1",
            "site": "bikes",
            "state": "seeing",
            "agent": "Ben",
            "agents": ["Ben"],
        }
        await server.say("views", views=[row])
        await page.get_by_role("button", name="Watch Ben").click()
        assert (await server.asks("view_token"))["view"] == "v_1"
        await server.say("view", **VIEW | {"talk": "c1", "token": "once"})
        assert (await server.view.until("hello"))["token"] == "once"
        server.view.tell("welcome", state="seeing", scopes=["see"], agreed=ALL, page=PAGE, ends_in=900)
        server.view.tell("events", page=1, events=masked())
        picture = page.frame_locator("views-board iframe").frame_locator("iframe")
        await expect(picture.get_by_text("Delivery to 90210")).to_be_visible()
        await server.say("views", views=[row | {"agents": ["Ben", "Cho"]}])
        board = page.locator("views-board")
        await expect(board).to_contain_text("also watched by Cho")
        await tab.picture("shared-views-board")
        await tab.is_accessible()
        await server.say("views", views=[])
        await expect(board.get_by_role("status")).to_contain_text("is over")
        await expect(board.locator("iframe")).to_have_count(0)
        tab.is_fine()
