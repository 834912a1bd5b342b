"""Reports in Chromium: the figures, charts with their tables, from a number to the story of one call."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import expect

from api.portal import board
from bridge.causes import Disposition
from calls.waiting_room import QueueStanding
from config.sections.follow_up import FollowUp
from config.sections.queues import Queue
from reports.periods import period
from tests.agent_page.chromium import Tab
from tests.aio import asyncio_test
from tests.api.portal.house import staffed
from tests.api.portal.test_agent_time import renamed, with_queue
from tests.plumbing import chromium
from tests.plumbing.chromium import CHROMIUM
from tests.portal.browser import BUILD, DESK, NARROW, PHONE, operator, portal, with_calls
from tests.reports.month import some_calls

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (BUILD / "index.html").is_file(), reason="needs the built page (make web)"),
]
BEGINS, ENDS = period(date(2026, 10, 1), date(2026, 10, 31), ZoneInfo("Australia/Lord_Howe"))
OFFERED = sum(
    record.disposition is not Disposition.REFUSED and BEGINS <= record.requested_at < ENDS
    for record, _, _ in some_calls(400)
)
OCTOBER = "#/reports/calls?first=2026-10-01&last=2026-10-31&zone=Australia%2FLord_Howe"


@asyncio_test(timeout=120)
async def test_from_a_number_to_the_story_of_a_call(tmp_path: Path) -> None:
    async with portal(tmp_path) as (server, url):
        await with_calls(server)
        async with operator(url) as tab:
            page = tab.page
            await page.goto(f"{url}{OCTOBER}")
            await expect(page.locator(".tile.chosen .value")).to_have_text(str(OFFERED))
            await expect(page.locator("series-chart canvas").first).to_be_visible()
            busiest = page.get_by_role("region", name="Most calls at once", exact=True)
            await expect(busiest.locator("strong")).to_be_visible()
            await expect(busiest.locator("series-chart canvas")).to_be_visible()
            most = await busiest.locator("strong").inner_text()
            await busiest.locator("p a").click()
            await expect(page.get_by_role("heading", level=1)).to_contain_text("in progress on")
            await expect(page.locator("tbody tr")).to_have_count(int(most))
            await page.go_back()
            await expect(page.locator("series-chart canvas").first).to_be_visible()
            await tab.picture("portal-reports")
            await tab.is_accessible()

            # Another metric, by keyboard; the address has it.
            await page.get_by_role("button", name="Answer rate").focus()
            await page.keyboard.press("Enter")
            await expect(page.get_by_role("heading", name="Answer rate over time")).to_be_visible()
            assert "metric=answer_rate" in page.url
            await page.get_by_label("What Answer rate means").press("Enter")
            await expect(page.get_by_text("divided by the offered").first).to_be_visible()
            await page.get_by_label("What Answer rate means").press("Enter")
            await page.get_by_text("As a table").first.click()
            await expect(page.get_by_role("row")).not_to_have_count(0)

            # Other choices are in the address, too, and a link shows the same.
            await page.locator("select[name=by]").select_option("outcome")
            await page.locator("select[name=every]").select_option("week")
            await expect(page.get_by_role("heading", name="By outcome")).to_be_visible()
            assert "by=outcome" in page.url
            assert "every=week" in page.url
            await tab.picture("portal-reports-week")

            row = page.locator(".groups tr", has_text="cancelled")
            number = await row.get_by_role("link").nth(1).inner_text()
            await row.get_by_role("link").nth(1).click()
            await expect(page.get_by_role("heading", name="Calls")).to_be_visible()
            await expect(page.locator("tbody tr")).to_have_count(int(number))
            await tab.picture("portal-list")
            await tab.is_accessible()
            await page.locator("tbody tr th a").first.click()
            await expect(page.get_by_text("Asked for a call on the route")).to_be_visible()
            await page.goto(f"{url}#/reports/calls/talk/c0")
            await expect(page.get_by_text('The rule "rescue" offered to talk')).to_be_visible()
            await tab.picture("portal-story")
            await tab.is_accessible()

            await page.goto(f"{url}#/audit")
            await expect(page.get_by_text("Call opened").first).to_be_visible()
            await tab.picture("portal-audit")
            await tab.is_accessible()
            tab.is_fine()


@asyncio_test(timeout=90)
async def test_calls_are_narrowed_by_two_parts_and_the_address_has_both(tmp_path: Path) -> None:
    config = staffed(retention={"calls": "60d"})
    async with portal(tmp_path, config) as (server, url):
        await with_calls(server)
        server.clock.now = ENDS + 3600.0
        async with operator(url) as tab:
            page = tab.page
            await page.goto(f"{url}{OCTOBER}")
            await page.locator(".groups").get_by_role("link", name="sales", exact=True).click()
            await page.locator("select[name=by]").select_option("outcome")
            await expect(page.get_by_text("Counted from the calls that are kept")).to_be_visible()
            row = page.locator(".groups tr", has_text="cancelled")
            number = await row.locator("td a").first.inner_text()
            await row.get_by_role("link", name="cancelled").click()
            await expect(page.locator(".tile.chosen .value")).to_have_text(number)
            assert "part=route&value=sales&also=outcome&also_value=cancelled" in page.url
            await tab.picture("portal-two-parts")
            await tab.is_accessible()
            link = page.url
            await page.get_by_label("What Offered means").press("Enter")
            await page.get_by_role("link", name="Show them").first.click()
            await expect(page.locator("tbody tr")).to_have_count(int(number))
            await expect(page.get_by_role("heading", level=1)).to_contain_text(
                "route sales · outcome cancelled"
            )
            # A link shows the same; and says so where calls of the period are gone.
            retention = {"sites": {"shop": staffed(retention={"calls": "1d"}).sites["shop"]}}
            server.world.config = server.world.config.model_copy(update=retention)
            await page.goto("about:blank")
            await page.set_viewport_size(PHONE)
            await page.goto(link)
            await expect(page.get_by_text("Some of this period is not kept any more")).to_be_visible()
            await expect(page.locator(".tile.chosen .value")).to_have_text(number)
            await tab.picture("portal-two-parts-phone")
            await tab.is_accessible()
            await page.get_by_role("button", name="Route: sales").click()
            await expect(page.get_by_role("button", name="Outcome: cancelled")).to_be_visible()
            assert "part=outcome&value=cancelled&also=&" in page.url or "also=" not in page.url
            tab.is_fine()


@asyncio_test(timeout=90)
async def test_from_an_agents_occupancy_to_what_they_did(tmp_path: Path) -> None:
    async with portal(tmp_path, with_queue()) as (server, url):
        await server.stores.agent_time.note(renamed())
        async with operator(url) as tab:
            page = tab.page
            await page.goto(f"{url}#/reports/calls?first=2026-10-31&last=2026-11-05&zone=America%2FNew_York")
            await page.get_by_role("navigation", name="What of").get_by_role("link", name="Agents").click()
            await expect(page.get_by_role("heading", name="Occupancy over time")).to_be_visible()
            await expect(page.locator("series-chart canvas").first).to_be_visible()
            await page.get_by_label("What Occupancy means").press("Enter")
            await expect(page.get_by_text("divided by handling time and available time")).to_be_visible()
            await page.get_by_label("What Occupancy means").press("Enter")
            await tab.picture("portal-agents")
            await tab.is_accessible()
            await page.locator("select[name=by]").select_option("queue")
            await expect(page.locator(".groups tbody th")).to_have_text(["line"])
            await page.locator(".groups tbody th a").click()
            await expect(page.get_by_role("button", name="Queue: line")).to_be_visible()
            assert "part=queue&value=line" in page.url
            await expect(page.locator(".groups tbody th")).to_have_text(["Alice"])
            await page.get_by_role("button", name="On a call").click()
            await expect(page.get_by_role("heading", name="On a call over time")).to_be_visible()
            await page.locator(".groups tbody td a").first.click()
            await expect(page.get_by_role("heading", name="Agents' time: Alice · On a call")).to_be_visible()
            await expect(page.locator("tbody tr").first.get_by_role("link", name="Calls")).to_be_visible()
            await tab.picture("portal-agent-spans")
            await tab.is_accessible()
            await page.set_viewport_size(PHONE)
            await page.emulate_media(color_scheme="dark")
            await page.go_back()
            await expect(page.locator("series-chart canvas").first).to_be_visible()
            await tab.picture("portal-agents-dark-phone")
            await tab.is_accessible()
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= PHONE["width"], "nothing is cut off at the side"
            tab.is_fine()


@pytest.mark.parametrize(
    ("name", "size", "scheme"),
    [("dark", DESK, "dark"), ("phone", PHONE, "light"), ("narrow", NARROW, "dark")],
)
@asyncio_test(timeout=90)
async def test_every_size_and_scheme(tmp_path: Path, name: str, size: dict[str, int], scheme: str) -> None:
    async with portal(tmp_path) as (server, url):
        await with_calls(server, 100)
        async with operator(url, size, color_scheme=scheme) as tab:
            await tab.page.goto(f"{url}{OCTOBER}")
            await expect(tab.page.locator("series-chart canvas").first).to_be_visible()
            await tab.picture(f"portal-reports-{name}")
            await tab.is_accessible()
            width = await tab.page.evaluate("document.documentElement.scrollWidth")
            assert width <= size["width"], "nothing is cut off at the side"
            tab.is_fine()


@asyncio_test(timeout=60)
async def test_an_operator_has_the_screens_of_their_rights_and_is_told_when_the_session_is_over(
    tmp_path: Path,
) -> None:
    async with portal(tmp_path) as (server, url), operator(url, name="publish") as tab:
        await expect(tab.page.get_by_role("heading", level=1)).to_have_text("Nothing here for you yet")
        await tab.is_accessible()
        async with operator(url, name="reports") as other:
            await expect(other.page.get_by_role("heading", level=1)).to_have_text("Reports")
            assert await other.page.get_by_role("link", name="Audit").count() == 0
            assert await other.page.locator("select[name=by]").locator("option[value=agent]").count() == 0
            config = server.world.config
            server.world.config = config.model_copy(update={"operators": {}})
            await other.page.locator("select[name=every]").select_option("month")
            await expect(other.page.get_by_text("You have been logged out")).to_be_visible()
            await expect(other.page.get_by_label("Password")).to_be_focused()


@asyncio_test(timeout=90)
async def test_the_wallboard_and_its_link_for_a_screen_on_a_wall(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = staffed().model_copy(update={"queues": {"line": Queue()}, "follow_up": FollowUp()})
    async with portal(tmp_path, config) as (server, url), operator(url, color_scheme="dark") as tab:
        page = tab.page
        server.world.lines["line"] = QueueStanding(7, 0, 61.0, 90.0)
        await page.get_by_role("link", name="Wallboard").click()
        await expect(page.get_by_text("Many are waiting. Somebody waits too long")).to_be_visible()
        await expect(page.get_by_text("Alice")).to_be_visible()
        await expect(page.get_by_text("0 with a due time")).to_be_visible()
        await tab.picture("portal-wallboard")
        await tab.is_accessible()
        await page.get_by_text("Links for screens on a wall").click()
        await page.get_by_label("Where the screen hangs").fill("Hall")
        await page.get_by_role("button", name="Make a link").click()
        link = await page.locator("code").inner_text()
        await tab.picture("portal-links")
        await tab.is_accessible()
        async with chromium.context((), viewport=PHONE) as wall:
            screen = await Tab.open(wall, link)
            await expect(screen.page.get_by_role("heading", name="line")).to_be_visible()
            assert await screen.page.get_by_text("Alice").count() == 0
            await screen.picture("portal-kiosk-phone")
            await screen.is_accessible()
            await page.get_by_role("button", name="End Hall").click()
            await expect(screen.page.get_by_text("This link to the wallboard is over")).to_be_visible(
                timeout=15_000
            )
            screen.is_fine()
        # The server falls silent.
        monkeypatch.setattr(board, "EVERY", 3600.0)
        await expect(page.get_by_text("These figures are old.")).to_be_visible(timeout=15_000)
        await tab.picture("portal-wallboard-stale")
        await tab.is_accessible()
        tab.is_fine()
