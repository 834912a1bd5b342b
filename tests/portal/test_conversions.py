"""Conversions in Chromium: what invitations brought, and beside it those who chose to talk."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.aio import asyncio_test
from tests.api.portal.experiments import with_experiments
from tests.plumbing.chromium import CHROMIUM
from tests.portal.browser import BUILD, DESK, PHONE, operator, portal

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (BUILD / "index.html").is_file(), reason="needs the built page (make web)"),
]
NOVEMBER = "#/conversions?first=2026-11-01&last=2026-11-30&zone=UTC"


@asyncio_test(timeout=120)
async def test_only_what_chance_decided_is_called_uplift(tmp_path: Path) -> None:
    async with portal(tmp_path) as (server, url):
        await with_experiments(server)
        for size, scheme, name in ((DESK, "light", ""), (PHONE, "dark", "-phone")):
            async with operator(url, size, color_scheme=scheme) as tab:
                page = tab.page
                await page.goto(f"{url}{NOVEMBER}")
                rescue = page.get_by_role("region", name="rescue")
                await expect(rescue.get_by_text("+6 points").first).to_be_visible()
                await expect(rescue.get_by_text("buy more than the control")).to_be_visible()
                await expect(rescue.get_by_role("complementary", name="Not causal: rescue")).to_contain_text(
                    "no uplift"
                )
                browse = page.get_by_role("region", name="browse")
                await expect(browse.get_by_text("About 400 more visitors")).to_be_visible()
                await expect(page.get_by_role("region", name="Orders")).to_contain_text(
                    "An invitation that was accepted"
                )
                files = page.get_by_role("region", name="As CSV")
                async with page.expect_download() as started:
                    await files.get_by_role("link", name="Uplift").click()
                file = await (await started.value).path()
                assert "rescue" in file.read_text()
                await tab.picture(f"portal-conversions{name}")
                await tab.is_accessible()
                width = await page.evaluate("document.documentElement.scrollWidth")
                assert width <= size["width"], "nothing is cut off at the side"
                tab.is_fine()
        # Another period is in the address, and a link shows the same.
        async with operator(url) as tab:
            await tab.page.goto(f"{url}{NOVEMBER}")
            await tab.page.get_by_label("To", exact=True).fill("2026-11-02")
            await expect(tab.page.get_by_text("+6 points").first).to_be_visible()
            assert "last=2026-11-02" in tab.page.url
