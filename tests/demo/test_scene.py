"""The scene that it is all about: a code that fails, an invitation, a call that knows, a page that helps."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.aio import asyncio_test
from tests.demo.test_stories_by_pc import VOICE, log_in
from tests.demo.visit import IN_A_BROWSER, PHONE, Visitor, demo_running, playwright, visitor

pytestmark = IN_A_BROWSER
expect = playwright.expect
WORDS = "Trouble with a promotion code?"


def _invitation(who: Visitor) -> Any:
    return who.page.get_by_text(WORDS)


async def _fails_twice(who: Visitor) -> None:
    """Try an expired promotion code in the cart, and again."""
    for _ in range(2):
        await who.page.get_by_label("Promotion code").fill("spring")
        await who.page.get_by_role("button", name="Apply").click()
        await expect(who.page.locator(".form-error")).to_contain_text("SPRING has expired")


async def _is_shown_the_call_button_by_tier(who: Visitor) -> None:
    """Gold at once, silver and bronze only from two bikes in the cart on."""
    button = who.page.get_by_role("button", name="Talk by Phone")
    for customer in ("Sam Lee, silver", "Alex Wolf, bronze"):
        await who.page.locator(".customer select").select_option(label=customer)
        await expect(button).to_be_hidden()
        await expect(who.page.get_by_role("button", name="Talk by PC")).to_be_visible()
    for _ in range(2):
        await who.page.get_by_role("button", name="Add to cart").click()
    await expect(button).to_be_visible()
    await who.page.locator(".customer select").select_option(label="Jo Rivera, gold")


async def _declines_and_is_left_alone(who: Visitor) -> None:
    # Another customer: whoever declines is left alone on all their devices.
    await who.page.locator(".customer select").select_option(label="Alex Wolf, bronze")
    await expect(who.page.get_by_role("button", name="Talk by Phone")).to_be_hidden()
    await who.page.get_by_role("link", name="Cart is empty").click()
    await _fails_twice(who)
    await _invitation(who).wait_for()
    await who.picture("phone-invitation")
    await who.is_accessible()
    await who.page.get_by_role("button", name="No, thanks").click()
    await expect(_invitation(who)).to_have_count(0)
    for _ in range(2):
        await who.page.reload()
        await who.page.locator("[data-ringback-state=open]").first.wait_for()
        await _fails_twice(who)
        await asyncio.sleep(1.0)
        assert await _invitation(who).count() == 0


@asyncio_test(timeout=180)
async def test_an_expired_code_an_invitation_a_call_that_knows_and_a_page_that_is_shown(
    tmp_path: Path,
) -> None:
    async with (
        demo_running(tmp_path) as demo,
        visitor() as shopper,
        visitor(PHONE, has_touch=True) as other,
        visitor(flags=VOICE) as kim,
    ):
        await shopper.open(demo.url)
        await other.open(demo.url)
        await _declines_and_is_left_alone(other)
        await _is_shown_the_call_button_by_tier(shopper)
        page = shopper.page
        await page.get_by_role("radio", name="Kim answers").check()
        await log_in(kim, shopper, demo)
        await page.get_by_role("link", name="2 in cart").click()
        await _fails_twice(shopper)
        await _invitation(shopper).wait_for()
        await shopper.picture("desk-invitation")
        await shopper.is_accessible()
        await page.get_by_role("button", name="Call me", exact=True).click()
        await page.get_by_role("button", name="Call me now").click()
        await shopper.sees("Your phone is ringing")
        await shopper.sees("Ringing Kim")
        # Before she answers, Kim sees the code, the cart and the page.
        rings = kim.page.get_by_role("button", name="Answer")
        await rings.wait_for()
        for told in ("SPRING", "1498", "/cart", "gold"):
            await expect(kim.page.locator("body")).to_contain_text(told)
        await kim.picture("desk-kim-sees-it")
        await rings.click()
        await shopper.sees("Connected to Kim.")
        await kim.page.get_by_role("button", name="The Harbor rain cape").click()
        await page.get_by_role("heading", name="Kim would like to show you a page").wait_for()
        await shopper.picture("desk-kim-shows-a-page")
        await page.get_by_role("button", name="Open the page").click()
        await page.get_by_role("heading", name="The Harbor rain cape").wait_for()
        # The call goes on, and leads back to where the shopper was.
        await page.get_by_role("button", name="Connected to Kim").wait_for()
        await shopper.picture("desk-shown-cape")
        await page.get_by_role("link", name="Back to where you were").click()
        await page.get_by_label("Promotion code").fill("autumn")
        await page.get_by_role("button", name="Apply").click()
        await expect(page.locator(".basket")).to_contain_text("$1478")
        await kim.page.get_by_role("button", name="Hang up").click()
        await expect(page.locator("call-timeline")).to_contain_text("Kim's browser", timeout=15_000)
        assert shopper.troubles == []
        assert other.troubles == []
