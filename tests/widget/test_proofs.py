"""The panel and the proof of work: begun at the first focus, and told in words when it cannot be made."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from api.proofs import Proofs
from tests.aio import asyncio_test
from tests.plumbing.chromium import playwright
from tests.widget.page import BASE, PLAN, WITH_THE_PANEL, StandIn, open_page, shoppers

pytestmark = WITH_THE_PANEL
expect = playwright.expect
FAILED = {
    "en": "Your browser could not finish the security check.",
    "de": "Ihr Browser konnte die Sicherheitsprüfung nicht beenden.",
}


@pytest.mark.parametrize("language", FAILED)
@asyncio_test(timeout=60)
async def test_a_proof_that_cannot_be_made_is_told_and_the_next_try_places_the_call(language: str) -> None:
    given: list[str] = []
    works = {"now": False}

    async def challenge(route: Any) -> None:
        cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
        if route.request.method == "OPTIONS":
            return await route.fulfill(status=204, headers=cors)
        given.append(route.request.post_data)
        made = Proofs().challenge("shop", "https://shop.example", 16, 1_800_000_000.0).model_dump()
        if not works["now"]:
            made["algorithm"] = "SHA-1024"  # a server of tomorrow
        return await route.fulfill(json={"challenge": made, "expires_in": 300}, headers=cors)

    server = StandIn(plan=PLAN, language=language)
    async with shoppers(server) as context:
        await context.route(f"{BASE}v1/page/challenge", challenge)
        page = await open_page(context)
        await page.evaluate("panel.open({ way: 'phone' })")
        number = page.locator("#number")
        await number.wait_for()
        assert given == []
        await number.focus()
        async with asyncio.timeout(10):
            while not given:  # noqa: ASYNC110 - the browser asks
                await asyncio.sleep(0.02)
        await number.fill("(617) 555-0123")
        call = page.locator("ringback-form").get_by_role("button")
        await call.click()
        await expect(page.get_by_role("alert")).to_contain_text(FAILED[language])
        assert server.asked == []
        works["now"] = True
        await call.click()
        await expect(page.locator("ringback-call")).to_have_count(1)
        (asked,) = server.asked
        assert asked["proof"]
        assert page.troubles == []
