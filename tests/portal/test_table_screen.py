"""A table of stores in a real browser: a grid whose wrong cells say so."""

from __future__ import annotations

from pathlib import Path

from tests.aio import asyncio_test
from tests.changes.test_tables import TABLE, WITH, write
from tests.portal.test_settings_screen import PHONE, a_portal, expect, looks_right, pytestmark

__all__ = ["pytestmark"]
#: Milliseconds that the check of a draft may take, which is what the grid waits for.
CHECKED = 30_000


@asyncio_test(timeout=90)
async def test_a_cell_is_edited_told_what_is_wrong_with_it_and_put_right(tmp_path: Path) -> None:
    table, _ = write(tmp_path)
    (tmp_path / "settings.yaml").write_text(WITH)
    async with a_portal(tmp_path, bypass_csp=True) as (_, page, complaints):
        await page.get_by_role("link", name="shops", exact=True).click()
        latitude = page.get_by_role("textbox", name="latitude of salem")
        await expect(latitude).to_have_value("42.52")
        await latitude.fill("north")
        await page.keyboard.press("Tab")
        await expect(page.get_by_text("One problem, at its cell.")).to_be_visible(timeout=CHECKED)
        await expect(latitude).to_have_attribute("aria-invalid", "true")
        await looks_right(page, "table-wrong")
        await latitude.fill("42.53")
        await page.keyboard.press("Tab")
        await expect(page.get_by_text("at its cell")).to_have_count(0, timeout=CHECKED)
        await page.get_by_role("textbox", name="Name of a new store").fill("lynn")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("textbox", name="label of lynn")).to_have_attribute(
            "aria-invalid", "true", timeout=CHECKED
        )
        await page.set_viewport_size(PHONE)
        await page.emulate_media(color_scheme="dark")
        await looks_right(page, "table-new-dark-phone")
        await page.get_by_role("button", name="Remove lynn").click()
        await page.get_by_role("link", name="Review your draft").click()
        told = "Store table shops: latitude of salem is 42.53 instead of 42.52."
        await expect(page.get_by_text(told)).to_be_visible(timeout=CHECKED)
        await page.get_by_role("button", name="Apply").click()
        await expect(page.get_by_text("It is in force.")).to_be_visible(timeout=CHECKED)
        assert table.read_text() == TABLE.replace("42.52", "42.53")
        # Answers are text of the same draft.
        await page.get_by_role("link", name="help/answers.yaml").click()
        await expect(page.get_by_role("textbox", name="Settings as text")).to_contain_text("Measure first.")
        editor = page.get_by_role("textbox", name="Settings as text")
        await editor.click()
        await page.keyboard.press("Control+End")
        await page.keyboard.insert_text(
            "  repairs:\n    question: {en: Do you repair?}\n    answer: {en: We do.}\n"
        )
        await expect(page.get_by_text("Everything is kept in your draft.")).to_be_visible()
        await expect(page.get_by_role("region", name="Problems")).to_have_count(0)
        await page.get_by_role("link", name="Try", exact=True).click()
        await page.get_by_role("radio", name="Answers").check()
        await page.get_by_label("Question").fill("repair")
        await page.get_by_role("button", name="Try it").click()
        await expect(page.get_by_role("region", name="In force")).to_contain_text("Nothing is found.")
        await expect(page.get_by_role("region", name="With your draft")).to_contain_text("We do.")
        await looks_right(page, "try-answers-dark-phone")
        assert complaints == []
