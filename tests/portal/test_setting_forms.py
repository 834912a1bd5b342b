"""Settings below settings by form: steps, texts by language, questions, names that are followed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.aio import asyncio_test
from tests.api.edited_file import TEXT
from tests.portal.test_settings_screen import PHONE, a_portal, expect, looks_right, pytestmark

__all__ = ["pytestmark"]


async def opened(page: Any, section: str, name: str) -> None:
    """The form of an item, straight by its address."""
    await page.evaluate(f"location.hash = '#/settings/{section}/{name}'")
    await expect(page.locator(".crumbs b")).to_have_text(name)


async def drafted(page: Any) -> str:
    """The settings as text, as the server keeps the draft."""
    asked = "fetch('/v1/portal/settings/text?file=settings.yaml').then((answer) => answer.json())"
    text: str = (await page.evaluate(asked))["text"]
    return text


@asyncio_test(timeout=60)
async def test_a_step_is_added_moved_and_told_what_it_lacks(tmp_path: Path) -> None:
    async with a_portal(tmp_path, bypass_csp=True) as (_, page, complaints):
        await opened(page, "routes", "sales")
        await page.get_by_role("button", name="Add to steps").click()
        second = page.locator("details", has=page.locator("summary", has_text="2")).last
        # What it cannot do without is said at its place.
        await expect(page.get_by_text("one problem").first).to_be_visible()
        await second.get_by_role("combobox", name="Add to destinations").fill("counter")
        await page.keyboard.press("Enter")
        await expect(second.get_by_role("button", name="Remove counter")).to_be_visible()
        await expect(page.get_by_text("one problem")).to_have_count(0)
        await second.locator("summary", has_text="More settings").click()
        await second.get_by_label("timeout", exact=False).first.fill("7s")
        await page.keyboard.press("Tab")
        await expect(page.get_by_text("7s").first).to_be_visible()
        await looks_right(page, "forms-route")
        assert "- {destinations: [counter], timeout: 7s}" in await drafted(page)
        await second.get_by_role("button", name="Move up").click()
        await expect(page.locator("summary", has_text="7s").first).to_contain_text("1")
        text = await drafted(page)
        assert text.index("7s") < text.index("20s")
        assert text.startswith("# Our shop.")
        assert complaints == []


@asyncio_test(timeout=60)
async def test_texts_have_languages_and_names_are_followed(tmp_path: Path) -> None:
    async with a_portal(tmp_path, viewport=PHONE, color_scheme="dark", bypass_csp=True) as (
        _,
        page,
        complaints,
    ):
        await page.get_by_role("button", name="Add to Canned replies").click()
        await page.get_by_role("textbox", name="Name of what is new").fill("hello")
        await page.keyboard.press("Enter")
        await page.get_by_label("title").fill("Greeting")
        await page.keyboard.press("Tab")
        await page.get_by_role("button", name="Add a language").click()
        await page.get_by_role("textbox", name="text in English").fill("Hello, I am {agent}.")
        await page.keyboard.press("Tab")
        await page.get_by_role("textbox", name="Language of another text").fill("de")
        await page.keyboard.press("Enter")
        await page.get_by_role("textbox", name="text in German").fill("Hallo!")
        await page.keyboard.press("Tab")
        await looks_right(page, "forms-canned-dark-phone")
        text = await drafted(page)
        assert "hello:" in text
        assert "Hello, I am {agent}." in text
        assert "de: Hallo!" in text
        await opened(page, "destinations", "counter")
        await looks_right(page, "forms-destination-dark-phone")
        await page.get_by_role("button", name="Rename").click()
        await page.get_by_label("New name").fill("front")
        await page.keyboard.press("Enter")
        await expect(page.locator(".crumbs b")).to_have_text("front")
        text = await drafted(page)
        assert "destinations: [front]" in text
        assert "order: [front]" in text
        await opened(page, "hours", "shop")
        await page.get_by_role("button", name="Remove", exact=True).click()
        await expect(page.get_by_text("destinations.front.hours")).to_be_visible()
        await looks_right(page, "forms-remove-dark-phone")
        await page.get_by_role("button", name="Remove it there, too").click()
        await expect(page.get_by_role("region", name="Opening hours")).to_be_visible()
        text = await drafted(page)
        assert "hours: shop" not in text
        assert "destinations: [front]" in text
        assert TEXT.splitlines()[0] in text
        assert complaints == []
