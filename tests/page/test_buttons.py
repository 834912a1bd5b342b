"""The shop's own buttons, in a real Chromium, and what they open."""

from __future__ import annotations

import asyncio

import pytest

from tests.aio import asyncio_test
from tests.page.shopping import LAUNCHER, shopping, top_at
from tests.page.stand_in import ShopPage, plan
from tests.plumbing import chromium
from tests.sip.core import until

pytestmark = pytest.mark.skipif(chromium.CHROMIUM is None, reason="needs chromium")


@asyncio_test
async def test_elements_of_the_shop_become_buttons_in_three_states() -> None:
    async with shopping() as (server, page):
        server.answer = lambda _: plan(
            state="later",
            ways={"phone": "later", "pc": "hidden", "chat": "hidden"},
            site={"launcher": "none"},
        )
        server.pages["/"] = ShopPage(
            head=server.script() + "<style>button { display: inline-block }</style>",
            body='<button id=a data-ringback="phone" hidden>Call us</button>'
            '<button data-ringback="pc">By PC</button>'
            '<a id=tel href="tel:+16175550123" data-ringback="choose">+1 617 555 0123</a>'
            '<div data-ringback="phone" data-ringback-name="footer">Call from here</div>',
        )
        await page.goto(server.shop())
        await page.get_by_role("button", name="Call us").wait_for()
        assert await page.locator("#a").get_attribute("data-ringback-state") == "later"
        assert not await page.get_by_text("By PC").is_visible()
        assert not await page.locator("ringback-root button").count()
        await page.mouse.move(50, 50)
        await until(lambda: len(server.told("button_seen")) == 3)
        assert {event["place"] for event in server.told("button_seen")} == {"a", "tel", "footer"}
        # A button of the keyboard as well, and one that comes later.
        await page.get_by_role("button", name="Call from here").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_function("window.panel?.asked.length === 1")
        await page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<button data-ringback=pc>Late</button>"
            "<button id=later data-ringback=phone hidden>Later</button>')"
        )
        await page.get_by_role("button", name="Later").click()
        await page.locator("#tel").click()
        await page.wait_for_function("window.panel.asked.length === 3")
        assert [(each.get("way"), each["opener"]) for each in await page.evaluate("panel.asked")] == [
            ("phone", ""), ("phone", "later"), (None, "tel"),
        ]  # fmt: skip
        assert not await page.get_by_text("Late", exact=True).is_visible()
        assert [event["place"] for event in server.told("button_clicked")] == ["footer", "later", "tel"]


@asyncio_test
async def test_a_link_goes_where_it_goes_while_the_server_is_away() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(
            head=server.script(), body='<a href="/contact" data-ringback="phone">Call us</a>'
        )
        server.pages["/contact"] = ShopPage(body="<h1>Our number</h1>")
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        server.up = False
        await page.reload()
        await page.get_by_text("Call us").click()
        await page.get_by_text("Our number").wait_for()


@asyncio_test
async def test_a_click_before_the_server_has_answered_opens_the_panel_when_it_has() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(
            head=server.script(), body="<button data-ringback=phone>Call us</button>"
        )
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        server.answering.clear()
        await page.reload()
        await until(lambda: len(server.questions) == 2)
        await page.get_by_text("Call us").click()
        assert await page.evaluate("window.panel") is None
        server.answering.set()
        await page.wait_for_function("window.panel?.asked.length === 1")
        assert [each["way"] for each in await page.evaluate("panel.asked")] == ["phone"]


@asyncio_test
async def test_the_page_stays_the_shops_where_the_server_stops_after_the_loader() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(head=server.script(), body="<main style='height: 100vh'>Bikes</main>")
        server.answer = lambda _: setattr(server, "up", False) or {}  # type: ignore[func-returns-value]
        await page.goto(server.shop())
        await until(lambda: bool(server.questions))
        await page.mouse.move(50, 50)
        await page.evaluate("ringback.open('phone').catch(String), ringback.set('cart.value', 3), 0")
        await asyncio.sleep(0.3)
        assert await top_at(page) <= {"MAIN", "BODY", "HTML"}


@asyncio_test
async def test_twenty_clicks_open_one_panel_that_is_loaded_once() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(head=server.script())
        await page.goto(server.shop())
        button = page.get_by_role("button", name=LAUNCHER)
        await button.wait_for()
        await page.evaluate(
            "() => { const b = document.querySelector('ringback-root').shadowRoot.querySelector('button');"
            "for (let i = 0; i < 20; i++) setTimeout(() => b.click(), i * 10); }"
        )
        await page.wait_for_function("window.panel?.asked.length")
        await asyncio.sleep(0.4)
        assert await page.locator("#panel").count() == 1
        assert sum(path.startswith("/p/files/panel") for _, path, _ in server.requests) == 1
