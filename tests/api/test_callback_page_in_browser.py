"""The page behind a shopper's link in a real browser, without scripts, on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.callback import CallbackState
from tests.aio import asyncio_test
from tests.api.serving import listening, serving
from tests.plumbing import chromium
from tests.plumbing.chromium import CHROMIUM, playwright
from tests.store.records import a_callback, a_click

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"width": 320, "height": 568}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not AXE.is_file(), reason="needs web/node_modules (make web)"),
]


async def is_accessible(page: Any) -> None:
    """axe-core finds nothing that breaks WCAG 2.2 A and AA, and nothing has to be scrolled sideways."""
    await page.evaluate(AXE.read_text())
    found = await page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
    )
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]] == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@asyncio_test(timeout=60)
async def test_a_shopper_cancels_without_any_script(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as server,
        listening(server) as port,
        chromium.context(viewport=PHONE, java_script_enabled=False) as scriptless,
    ):
        for name in ("c1", "c2"):
            await server.callbacks.add_callback(a_callback(name, click=a_click(site="shop")))
        link = f"http://127.0.0.1:{port}/callbacks/secret-of-"

        plain = await scriptless.new_page()
        complaints: list[str] = []
        plain.on("console", lambda message: complaints.append(message.text))
        await plain.goto(link + "c1")
        await plain.keyboard.press("Tab")
        await plain.keyboard.press("Enter")
        # It asks first: one press costs nobody their call.
        await playwright.expect(plain.get_by_text("Shall we really not call you?")).to_be_visible()
        await playwright.expect(plain.get_by_role("heading")).to_have_text("We will call you back")
        booked = await server.callbacks.callback_by_secret("secret-of-c1")
        assert booked is not None
        assert booked.state is CallbackState.BOOKED
        await plain.keyboard.press("Tab")
        await plain.keyboard.press("Enter")
        await playwright.expect(plain.get_by_role("heading")).to_have_text("The callback is cancelled")
        assert plain.url == link + "c1"
        await plain.reload()  # asks nothing, and sends nothing again
        await playwright.expect(plain.get_by_role("heading")).to_have_text("The callback is cancelled")
        assert complaints == []  # the style was let through, and nothing was blocked
        cancelled = await server.callbacks.callback_by_secret("secret-of-c1")
        assert cancelled is not None
        assert cancelled.state is CallbackState.CANCELLED

        for scheme in ("light", "dark"):
            async with chromium.context(viewport=PHONE, color_scheme=scheme, bypass_csp=True) as scripted:
                page = await scripted.new_page()
                for secret in ("c2", "c1", "nobody"):
                    await page.goto(link + secret)
                    for question in await page.locator("summary").all():
                        await question.click()
                    await is_accessible(page)
