"""A shopper's browser in a shared view over the real API: from the chat to the field that is filled in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.aio import asyncio_test
from tests.page.stand_in import ShopPage
from tests.views.shop import ViewPage, ViewShop
from tests.widget.page import WITH_THE_PANEL, expect
from tests.widget.real_shop import real_shop
from tests.widget.sharing import CHECKOUT, nodes

pytestmark = WITH_THE_PANEL


async def _does(document: ViewPage, kind: str, name: str, node: int, **more: Any) -> tuple[str, str]:
    await document.say("action", action=name, kind=kind, node=node, **more)
    told = await document.until("result", action=name)
    return told["result"], told["reason"]


async def _zip_code(document: ViewPage) -> int:
    """The number of the field, once the agent sees it."""
    while True:
        told = await document.until("events")
        for each in nodes(told["events"]):
            if each.get("attributes", {}).get("id") == "zip":
                return int(each["id"])


@asyncio_test(timeout=90)
async def test_an_agent_of_a_chat_sees_points_and_fills_in(tmp_path: Path) -> None:
    body = CHECKOUT + '<button data-ringback="chat">Chat with us</button>'
    async with real_shop(tmp_path, body, cobrowse={"show": ["#zip"], "mask": [".account-number"]}) as it:
        shop = ViewShop(it.shop.server, it.shop.address, it.running)
        alice, page = await it.shop.desk(), it.tab
        await page.get_by_role("button", name="Chat with us").click()
        await it.write("My ZIP code does not work.")
        chat = (await alice.until("desk_chat", state="offered"))["chat_id"]
        await alice.say("chat_accept", chat_id=chat)
        await alice.until("desk_chat", state="talking")
        await alice.say("ask_view", talk=chat, scopes=["see", "point", "fill"])
        card = page.locator("ringback-consent")
        for scope in ("see", "point", "fill"):
            await card.locator(f"input[name={scope}]").check()
        await card.get_by_role("button", name="Agree to what is ticked").click()
        agreed = await alice.until("view", state="agreed")
        document = await shop.document(agreed["view"], agreed["token"])
        field = await _zip_code(document)
        assert await _does(document, "highlight", "a1", field, word="This one, please") == ("done", "")
        await expect(page.locator("ringback-pointer-layer .box")).to_contain_text("This one, please")
        assert await _does(document, "fill", "a2", field, value="02134") == ("done", "")
        assert await page.locator("#zip").input_value() == "02134"
        # The next page of the shop is shown without a question, and the list goes on.
        await page.goto(f"{it.shops.shop()}hours")
        await document.until("page")
        field = await _zip_code(document)
        await expect(page.locator("ringback-view-bar")).to_contain_text("Alice sees this page")
        await expect(card).to_have_count(0)
        assert await _does(document, "fill", "a3", field, value="90210") == ("done", "")
        # A page that is too large says so on both sides, and the view goes on.
        it.shops.pages["/large"] = ShopPage(
            head=it.shops.pages["/"].head, body="<ul></ul>" + "<i></i>" * 20_100
        )
        await page.goto(f"{it.shops.shop()}large")
        await document.until("too_large")
        await expect(page.locator("ringback-view-bar")).to_contain_text("This page is too large to be shown.")
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        assert (await document.until("ended"))["reason"] == "shopper"
        await expect(page.locator("ringback-view-bar")).to_have_count(0)
        assert [told for told in document.seen if "SECRET" in told] == []
