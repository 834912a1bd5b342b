"""Operators edit settings in a real browser: the week, the text, a conflict, applying and undoing."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.aio import asyncio_test
from tests.api.edited_file import TEXT
from tests.api.pages import PASSWORD
from tests.api.portal.house import staffed
from tests.api.serving import Server, listening, serving
from tests.plumbing import chromium
from tests.plumbing.chromium import CHROMIUM, playwright
from web import built

AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = os.environ.get("RINGBACK_PICTURES")
DESK, PHONE = {"width": 1280, "height": 860}, {"width": 320, "height": 700}
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not AXE.is_file(), reason="needs web/node_modules (make web)"),
    pytest.mark.skipif(not built("portal").is_dir(), reason="needs web/dist (make web)"),
]
expect = playwright.expect if playwright else None


async def looks_right(page: Any, name: str) -> None:
    """axe-core finds nothing, nothing has to be scrolled sideways; a picture for people."""
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    await page.evaluate(AXE.read_text())
    found = await page.evaluate(
        "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
    )
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]] == []
    wide = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], name


@asynccontextmanager
async def a_portal(
    folder: Path, *, flags: Sequence[str] = (), **context: Any
) -> AsyncIterator[tuple[Server, Any, list[str]]]:
    """A server with the portal's build, and an operator who is logged in, in a browser with these flags."""
    (folder / "portal").symlink_to(built("portal"))
    options = {"viewport": DESK, "bypass_csp": False, **context}
    async with (
        serving(folder, staffed()) as server,
        listening(server) as port,
        chromium.context(flags, **options) as browser,
    ):
        page = await browser.new_page()
        complaints: list[str] = []
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(f"http://127.0.0.1:{port}/portal/#/settings")
        await page.get_by_label("Operator").fill("olivia")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
        complaints.clear()  # that nobody was logged in
        yield server, page, complaints


@asyncio_test(timeout=60)
async def test_saturday_is_shortened_tried_applied_and_undone_by_keyboard(tmp_path: Path) -> None:
    async with a_portal(tmp_path, bypass_csp=True) as (server, page, complaints):
        file = server.edited.file
        await expect(page.get_by_role("link", name="shop", exact=True).first).to_be_visible()
        await page.get_by_role("link", name="Leads").focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name="Settings", exact=True).focus()
        await page.keyboard.press("Enter")
        # The screen has the focus, for screen readers; no frame is drawn around it.
        outline = "getComputedStyle(document.querySelector('portal-page').shadowRoot.activeElement)"
        await expect(page.get_by_role("main", name="Settings")).to_be_focused()
        assert await page.evaluate(f"{outline}.outlineStyle") == "none"
        await looks_right(page, "settings-list")
        await page.get_by_role("link", name="shop", exact=True).first.click()
        until = page.get_by_role("textbox", name="Saturday until")
        await expect(until).to_have_value("14:00")
        await looks_right(page, "settings-hours")
        await until.focus()
        await page.keyboard.press("Control+a")
        await page.keyboard.type("13:00")
        await page.keyboard.press("Tab")
        review = page.get_by_role("link", name="Review your draft")
        await review.focus()
        await page.keyboard.press("Enter")
        told = "Saturday closes at 13:00 instead of 14:00."
        await expect(page.get_by_text(told)).to_be_visible()
        await expect(page.get_by_text("1 of 1 pass.")).to_be_visible()
        replay = page.get_by_role("button", name="Replay last week")
        await replay.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("of 0 calls would have")).to_be_visible()
        await looks_right(page, "settings-review")
        await page.get_by_label("Why").focus()
        await page.keyboard.type("Summer")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("It is in force.")).to_be_visible()
        assert file.read_text() == TEXT.replace("14:00", "13:00")
        await looks_right(page, "settings-changes")
        undo = page.get_by_role("button", name="Undo").first
        await undo.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("It is undone")).to_be_visible()
        assert file.read_text() == TEXT
        assert complaints == []


@asyncio_test(timeout=60)
async def test_text_is_kept_and_its_problems_are_shown_where_they_are(tmp_path: Path) -> None:
    async with a_portal(tmp_path) as (server, page, complaints):
        await page.get_by_role("link", name="settings.yaml").click()
        editor = page.get_by_role("textbox", name="Settings as text")
        await expect(editor).to_contain_text("route: sales")
        await editor.click()
        await page.keyboard.press("Control+Home")
        await page.keyboard.type("nonsense: [\n")
        problem = page.get_by_role("button", name="settings.yaml, line")
        await expect(problem.first).to_be_visible()
        await expect(page.locator(".cm-lint-marker-error").first).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("textbox", name="Settings as text")).to_contain_text("nonsense: [")
        assert server.edited.file.read_text() == TEXT
        # A strict policy of the page blocked nothing of the editor's.
        assert complaints == []


@asyncio_test(timeout=60)
async def test_a_conflict_shows_both_sides_and_a_phone_shows_everything(tmp_path: Path) -> None:
    for scheme in ("light", "dark"):
        folder = tmp_path / scheme
        folder.mkdir()
        async with a_portal(folder, viewport=PHONE, color_scheme=scheme, bypass_csp=True) as (
            server,
            page,
            _,
        ):
            await expect(page.get_by_role("link", name="shop", exact=True).first).to_be_visible()
            await looks_right(page, f"settings-list-{scheme}-phone")
            await page.get_by_role("link", name="shop", exact=True).first.click()
            await page.get_by_role("button", name="Remove 10:00 to 14:00 of Saturday").click()
            await expect(page.get_by_role("link", name="Review your draft")).to_be_visible()
            await looks_right(page, f"settings-hours-{scheme}-phone")
            server.edited.file.write_text(TEXT.replace("10:00-14:00", "11:00-14:00"))
            await page.get_by_role("link", name="Review your draft").click()
            await expect(page.get_by_text("Somebody else changed")).to_be_visible()
            await looks_right(page, f"settings-conflict-{scheme}-phone")
            await page.get_by_role("button", name="Take mine").click()
            await expect(page.get_by_text("Saturday is closed instead of open 11:00")).to_be_visible()
            await expect(page.get_by_text("0 of 1 pass.")).to_be_visible()
            await looks_right(page, f"settings-review-{scheme}-phone")
            await page.get_by_role("link", name="settings.yaml").click()
            await expect(page.get_by_role("textbox", name="Settings as text")).to_contain_text("Our shop")
            await looks_right(page, f"settings-text-{scheme}-phone")
