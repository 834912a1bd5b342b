"""Invitations in a real Chromium: when they appear, what is told of them, and what they give way to."""

from __future__ import annotations

import asyncio

import pytest

from tests.aio import asyncio_test
from tests.page.shopping import LAUNCHER, accessible, shopping
from tests.page.stand_in import ShopPage, offer, plan
from tests.plumbing import chromium
from tests.sip.core import until

pytestmark = pytest.mark.skipif(chromium.CHROMIUM is None, reason="needs chromium")


@asyncio_test
async def test_an_invitation_is_told_when_it_is_shown_and_the_control_group_alike() -> None:
    for arm in ("shown", "control"):
        async with shopping() as (server, page):
            server.pages["/"] = ShopPage(head=server.script())
            server.answer = lambda asked, arm=arm: plan(  # type: ignore[misc]
                offer=offer(arm=arm, text="Trouble?" if arm == "shown" else "")
                if asked.get("trusted")
                else None,
                ask_again={"busy": True},
            )
            await page.goto(server.shop())
            await page.get_by_role("button", name=LAUNCHER).wait_for()
            await page.mouse.move(50, 50)
            await until(lambda: len(server.told("exposed")) == 1)
            assert server.told("exposed")[0]["offer"] == "offer-1"
            assert await page.get_by_role("button", name="No, thanks").count() == (arm == "shown")
            # What a page says as it goes arrives.
            await page.goto("about:blank")
            assert len(server.events) == 1


@asyncio_test
async def test_an_invitation_waits_for_typing_and_dialogs_to_end() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(
            head=server.script(), body="<input aria-label=Search><dialog>Cookies?<button>OK</button></dialog>"
        )
        server.answer = lambda asked: plan(
            offer=None if asked.get("busy") or not asked.get("trusted") else offer(), ask_again={"busy": True}
        )
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        await page.evaluate("document.querySelector('dialog').showModal()")
        await page.mouse.move(50, 50)
        await until(lambda: server.questions[-1].get("busy") == ["dialog"])
        # The dialog gives way to typing, so that no moment is left between the two.
        await page.evaluate(
            "() => { document.querySelector('dialog').close(); const field = document.querySelector('input');"
            "field.focus(); field.dispatchEvent(new KeyboardEvent('keydown', { key: 'b', bubbles: true })) }"
        )
        await until(lambda: server.questions[-1].get("busy") == ["typing"])
        await page.get_by_label("Search").press_sequentially("bik")
        await asyncio.sleep(0.3)
        assert server.told("exposed") == []
        assert not await page.get_by_text("Trouble").is_visible()
        assert "bik" not in str(server.questions)
        await page.get_by_label("Search").blur()
        await page.get_by_text("Trouble").wait_for()
        assert await page.evaluate("document.activeElement.tagName") == "BODY", "it takes no focus"


@asyncio_test
async def test_an_offer_that_became_untrue_is_not_shown_or_says_so_at_the_click() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(head=server.script())
        server.answer = lambda asked: plan(offer=offer(), ask_again={"busy": True})
        server.now = {"state": "later", "offer": "callback", "why": "agents"}
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        await page.mouse.move(50, 50)
        await until(lambda: bool(server.told("held")))
        assert server.told("held")[0]["reason"] == "agents"
        assert not server.told("exposed")
        server.now = {"state": "open", "offer": "open", "why": None}
        await page.evaluate("ringback.identify('d.e.f')")
        await page.get_by_text("Trouble").wait_for()
        server.now = {"state": "later", "offer": "callback", "why": "queue"}
        await page.get_by_role("button", name="Call me").click()
        await page.wait_for_function("window.panel?.asked.length")
        assert (await page.evaluate("panel.asked"))[0]["offer"] == {
            "id": "offer-1",
            "state": "callback",
            "why": "queue",
        }


@asyncio_test
async def test_only_one_tab_invites_and_none_while_a_call_goes_on() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(head=server.script())
        server.answer = lambda asked: plan(
            offer=None if asked.get("busy") else offer(asked["view"]), ask_again={"busy": True}
        )
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        await page.mouse.move(50, 50)
        await page.get_by_text("Trouble").wait_for()
        # Two windows side by side: in headless Chromium each page is in sight.
        other = await page.context.new_page()
        await other.goto(server.shop())
        await other.get_by_role("button", name=LAUNCHER).wait_for()
        await other.mouse.move(50, 50)
        await until(lambda: len(server.questions) >= 3)
        await asyncio.sleep(0.5)
        assert not await other.get_by_text("Trouble").is_visible()
        await page.get_by_role("button", name="Call me").click()
        await page.wait_for_function("window.panel?.asked.length")
        await page.evaluate("panel.context.tell('closed', {}); panel.context.inContact(true)")
        assert not await page.get_by_role("button", name=LAUNCHER).is_visible()
        await other.evaluate("ringback.identify('d.e.f')")
        await until(lambda: server.questions[-1].get("busy") == ["in_contact"])
        await page.evaluate("panel.context.inContact(false)")
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        await other.get_by_text("Trouble").wait_for()


@asyncio_test
async def test_an_invitation_is_read_and_answered_by_keyboard() -> None:
    async with shopping(viewport={"width": 390, "height": 844}) as (server, page):
        server.pages["/"] = ShopPage(
            head=server.script(),
            body="<header style='position: sticky; top: 0; height: 56px'><a href='#'>Bikes</a></header>"
            "<div style='height: 3000px'></div>"
            "<div style='position: fixed; inset: auto 0 0; height: 200px'>Cookies?</div>",
        )
        server.answer = lambda asked: plan(offer=offer(text="Trouble with a code? " * 14))
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        await page.get_by_role("link", name="Bikes").focus()
        await page.keyboard.press("Shift")
        region = page.get_by_role("region", name="Acme Bikes")
        await region.wait_for()
        await page.wait_for_function(
            "document.querySelector('ringback-root').shadowRoot.querySelector('div')"
            ".shadowRoot.querySelector('p').textContent"
        )
        box = await region.bounding_box()
        assert box["height"] <= 0.3 * 844 + 1, "a phone shows the shop"
        assert box["y"] >= 56, "below the shop's header"
        assert box["y"] + box["height"] <= 422, "the lower half is for cookie banners"
        launcher = await page.get_by_role("button", name=LAUNCHER).bounding_box()
        assert launcher["y"] + launcher["height"] <= 644
        await accessible(page)
        assert await page.evaluate("document.activeElement.textContent") == "Bikes"
        await page.get_by_role("button", name="No, thanks").focus()
        await page.keyboard.press("Escape")
        await region.wait_for(state="detached")
        assert await page.evaluate("document.activeElement.textContent") == "Bikes"
        await until(lambda: len(server.told("declined")) == 1)
        assert await page.evaluate("ringback.leave(), localStorage.length") == 1
        await until(
            lambda: server.questions[-1].get("busy") == ["opted_out"] or bool(server.told("opted_out"))
        )


@asyncio_test
async def test_an_invitation_lies_in_what_two_fingers_have_zoomed_into() -> None:
    phone = {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "has_touch": True}
    async with shopping(**phone) as (server, page):
        server.pages["/"] = ShopPage(head=server.script(), body="<p>Blue, frame 52.</p>" * 100)
        server.answer = lambda asked: plan(
            offer=offer() if asked.get("trusted") else None, ask_again={"busy": True}
        )
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        session = await page.context.new_cdp_session(page)
        await session.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 3})
        await page.wait_for_function("visualViewport.scale === 3")
        await page.touchscreen.tap(60, 60)
        await page.get_by_text("Trouble with a code?").wait_for()
        within = """() => {
          const { scale, width, height, offsetLeft, offsetTop } = visualViewport;
          const root = document.querySelector("ringback-root").shadowRoot;
          const host = [...root.children].find((each) => each.shadowRoot?.querySelector("section"));
          const box = host.shadowRoot.querySelector("section");
          const { left, right, top, bottom } = box.getBoundingClientRect();
          return scale * (right - left) > 300 && left >= offsetLeft && right <= offsetLeft + width + 1
            && top >= offsetTop && bottom <= offsetTop + height / 2;
        }"""
        await page.wait_for_function(within)
        await session.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 1})
        await page.wait_for_function(f"visualViewport.scale === 1 && ({within})()")
        await page.get_by_role("button", name="No, thanks").click()
        await until(lambda: len(server.told("declined")) == 1)
