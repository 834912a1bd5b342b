"""Operators try a draft in a real browser: a call, a week, the invitations of a page, last week's calls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.aio import asyncio_test
from tests.api.edited_file import TEXT
from tests.portal.test_settings_screen import PHONE, a_portal, expect, looks_right, pytestmark
from tests.store.records import a_record
from tests.store.test_reports import keep

__all__ = ["pytestmark"]

RULES = """\
    page: {facts: {promo.failed: {type: number}}}
    engage:
      rules:
        promo: {when: promo.failed >= 2, show: {invitation: phone, text: {en: "Trouble with a code?"}}}
hours:
"""


@asyncio_test(timeout=90)
async def test_a_draft_is_tried_beside_what_is_in_force(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text(TEXT.replace("hours:\n", RULES, 1))
    async with a_portal(tmp_path, bypass_csp=True) as (server, page, complaints):
        now = server.world.clock.time()
        records = [
            replace(a_record(f"c{hour}", site="shop", requested_at=now - hour * 3600.0), legs=())
            for hour in range(1, 160)
        ]
        await keep(server.store, *records)
        await page.get_by_role("link", name="shop", exact=True).first.click()
        await page.get_by_role("textbox", name="Saturday until").fill("13:00")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Review your draft")).to_be_visible()
        await page.get_by_role("link", name="Try", exact=True).click()
        await page.get_by_label("When").fill("2026-03-07T13:30")
        await page.get_by_role("button", name="Try it").click()
        await expect(page.get_by_text("The draft does something else.")).to_be_visible()
        await expect(page.get_by_role("region", name="In force")).to_contain_text("Rings counter")
        await expect(page.get_by_role("region", name="With your draft")).to_contain_text("Rings nobody")
        await looks_right(page, "try-route")
        await page.get_by_label("A week of calls").check()
        await page.get_by_role("button", name="Try it").click()
        await expect(page.get_by_text("The draft differs on Saturday.")).to_be_visible()
        await expect(page.get_by_role("row", name="Saturday")).to_contain_text("13:00 rings counter")
        await looks_right(page, "try-week")
        await page.get_by_label("Invitations").check()
        await page.get_by_label("Facts").fill("promo.failed 2")
        await page.get_by_role("button", name="Try it").click()
        await expect(page.get_by_text('invites to phone: "Trouble with a code?"').first).to_be_visible()
        await page.set_viewport_size(PHONE)
        await page.emulate_media(color_scheme="dark")
        await looks_right(page, "try-engage-dark-phone")
        await page.get_by_role("radio", name="Last week").check()
        await page.get_by_role("button", name="Try it").click()
        await expect(page.get_by_text("of 159 calls would have gone another way.")).to_be_visible()
        await looks_right(page, "try-replay-dark-phone")
        assert complaints == []
