"""Leads in a real browser: the agent's list, the portal's, and the links of mails; on desktop and phone."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from demo.preflight import ROOT
from follow.lead import LeadPerson
from follow.links import SHOPPER, write_link
from tests.agent_page.chromium import AXE
from tests.aio import asyncio_test
from tests.api.portal.house import log_in
from tests.api.serving import Server, listening, serving
from tests.api.test_browser_legs import QUICK
from tests.api.test_callback_page_in_browser import is_accessible
from tests.api.test_leads import followed, missed
from tests.plumbing import chromium
from tests.plumbing.chromium import CHROMIUM, playwright

BUILD = ROOT / "web" / "dist"
SIZES = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
#: A folder that gets pictures of the pages, for people to look at.
PICTURES = os.environ.get("RINGBACK_PICTURES")
expect = playwright.expect
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not AXE.is_file(), reason="needs web/node_modules (make web)"),
    pytest.mark.skipif(not (BUILD / "agent" / "index.html").is_file(), reason="needs the pages (make web)"),
]


FOLLOWED = {"forms": {"times": {}}}


@asynccontextmanager
async def shop(tmp_path: Path) -> AsyncIterator[tuple[Server, str]]:
    """A server with its pages and three leads: one wants a call at a time, one may be several people's."""
    for name, build in (("agent-page", "agent"), ("portal", "portal")):
        (tmp_path / name).symlink_to(BUILD / build)
    config = followed()
    operators = {"maria": {"label": "Maria", "password_hash": QUICK, "rights": ["look"]}}
    config = type(config).model_validate(
        {
            **config.model_dump(mode="json", context={"reveal": True}),
            "operators": operators,
            "follow_up": {**FOLLOWED, "route": "sales", "promises": {"all": {"first": "4h"}}},
        },
        strict=False,
    )
    async with serving(tmp_path, config) as server, listening(server) as port:
        await server.leads.desk.start()
        missed(server, said="Do you have it in blue?\nAnd how soon?", queue="sales")
        server.clock.now += 60
        [start, *_] = server.leads.times.offered("shop").starts
        chosen = server.leads.times.choose("shop", start, "Europe/Berlin")
        missed(server, LeadPerson("+16175550144", name="Sam"), "call-2", chosen=chosen)
        missed(server, LeadPerson("+16175550177", "kim@mail.example"), "call-3")
        missed(server, LeadPerson("+16175550177", "other@mail.example"), "call-4")
        yield server, f"http://127.0.0.1:{port}"


async def picture(page: Any, name: str) -> None:
    if PICTURES:
        await page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


async def fits(page: Any) -> None:
    width = await page.evaluate("innerWidth")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def axe(page: Any) -> None:
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']})")
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]] == []


@asyncio_test(timeout=90)
async def test_an_agent_takes_and_closes_a_lead_by_keyboard(tmp_path: Path) -> None:
    async with shop(tmp_path) as (server, base), chromium.context(viewport=SIZES["desktop"]) as browser:
        cookie = {"name": "ringback_agent", "value": server.sessions.open("alice"), "url": base}
        await browser.add_cookies([cookie])
        page = await browser.new_page()
        await page.goto(f"{base}/agent/")
        row = page.get_by_role("button", name="Pat")
        await expect(row).to_be_visible()
        await expect(page.get_by_role("button", name="All (3)")).to_be_visible()
        await row.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator("blockquote")).to_contain_text("And how soon?")
        await axe(page)
        await picture(page, "agent-leads-desktop")
        take = page.get_by_role("button", name="I take it")
        await take.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("button", name="Mine (1)")).to_be_visible()
        await page.get_by_label("How it ended").select_option("sold")
        await page.get_by_label("A note").fill("Takes the blue one")
        await page.get_by_role("button", name="Close it").click()
        await expect(page.get_by_role("button", name="All (2)")).to_be_visible()
        [closed] = [live.lead for live in server.leads.desk.board if not live.lead.open]
        assert (closed.code, closed.note, closed.owner) == ("sold", "Takes the blue one", "alice")
        # What happens elsewhere shows by itself.
        missed(server, LeadPerson("+16175550188", name="Newcomer"), "call-9")
        await expect(page.get_by_role("button", name="Newcomer")).to_be_visible()
        await page.get_by_role("textbox", name="Search leads").fill("newc")
        await expect(page.get_by_role("button", name="Sam")).to_have_count(0)
        await page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
        await page.emulate_media(color_scheme="dark")
        await page.get_by_role("textbox", name="Search leads").fill("")
        sam = page.get_by_role("button", name="Sam")
        await expect(sam).to_contain_text("call Fri")
        await sam.click()
        await expect(page.get_by_role("button", name="I take it")).to_be_visible()
        await expect(page.locator("lead-list dl")).to_contain_text("the shopper chose ")
        await fits(page)
        await axe(page)
        await picture(page, "agent-leads-phone-chosen")
        await (
            page.get_by_role("button", name="kim@mail.example")
            .or_(page.get_by_role("button", name="+16175550177"))
            .click()
        )
        await expect(page.locator("lead-list .notice")).to_contain_text("Several people may be meant")
        await expect(page.locator("lead-list dl")).to_contain_text("other@mail.example")
        await fits(page)
        await axe(page)
        await picture(page, "agent-leads-phone-dark")


@asyncio_test(timeout=90)
async def test_operators_see_leads_and_answer_times_in_the_portal(tmp_path: Path) -> None:
    async with shop(tmp_path) as (server, base), chromium.context(viewport=SIZES["desktop"]) as browser:
        value = (await log_in(server, "maria")).cookies["ringback_portal"]
        await browser.add_cookies([{"name": "ringback_portal", "value": value, "url": f"{base}/v1/portal"}])
        [lead] = [each for each in server.leads.desk.open_leads() if each.person.name == "Pat"]
        page = await browser.new_page()
        await page.goto(f"{base}/portal/#/leads")
        await page.get_by_role("button", name="Pat").click()
        await expect(page.locator("blockquote")).to_contain_text("And how soon?")
        await expect(page.get_by_role("button", name="I take it")).to_have_count(0)
        await axe(page)
        await picture(page, "portal-leads-desktop")
        server.leads.desk.served(lead.person, "shop", "alice")
        await server.leads.desk.writer.flushed()
        await page.locator("leads-screen select").select_option("queue")
        await expect(page.get_by_role("rowheader", name="sales")).to_be_visible()
        await page.get_by_role("button", name="Closed").click()
        await expect(page.get_by_role("button", name="Pat")).to_be_visible()
        await page.set_viewport_size(SIZES["phone"])  # type: ignore[arg-type]
        await page.emulate_media(color_scheme="dark")
        await fits(page)
        await axe(page)
        await picture(page, "portal-leads-phone-dark")
        entries = await server.stores.audit.entries(before=None, operator=None, limit=10)
        assert [(each.what, each.about) for each in entries] == [("lead_opened", {"lead_id": lead.lead_id})]


@asyncio_test(timeout=90)
async def test_the_links_of_mails_need_no_script_and_fit_any_phone(tmp_path: Path) -> None:
    async with shop(tmp_path) as (server, base):
        [lead] = [each for each in server.leads.desk.open_leads() if each.person.name == "Pat"]
        [sam] = [each for each in server.leads.desk.open_leads() if each.chosen]
        [kim] = [each for each in server.leads.desk.open_leads() if each.shared]
        for scheme in ("light", "dark"):
            size = {"width": 320, "height": 568}
            async with chromium.context(viewport=size, color_scheme=scheme, bypass_csp=True) as browser:
                page = await browser.new_page()
                for about, reader in (
                    (lead, "agent:alice"),
                    (lead, SHOPPER),
                    (lead, "agent:nobody"),
                    (sam, SHOPPER),
                    (kim, "agent:alice"),
                ):
                    await page.goto(f"{base}/follow-up/{write_link(about, reader, server.clock.time())}")
                    for more in await page.locator("summary").all():
                        await more.click()
                    await is_accessible(page)
                    await fits(page)
                    who = about.person.name or "several"
                    await picture(page, f"link-{reader.partition(':')[0]}-{who.lower()}-{scheme}")
        async with chromium.context(java_script_enabled=False) as browser:
            page = await browser.new_page()
            await page.goto(f"{base}/follow-up/{write_link(sam, SHOPPER, server.clock.time())}")
            await page.get_by_text("Choose another time").click()
            await page.get_by_label("When").select_option(index=2)
            await page.get_by_role("button", name="Call me then").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("We will call you")
            moved = server.leads.desk.board.get(sam.lead_id)
            assert moved is not None
            assert moved.lead.chosen.start == sam.chosen.start + 3600
            complaints: list[str] = []
            page.on("console", lambda message: complaints.append(message.text))
            await page.goto(f"{base}/follow-up/{write_link(lead, SHOPPER, server.clock.time())}")
            await page.get_by_text("I need nothing any more").click()
            await page.get_by_role("button", name="Do not answer me").click()
            await expect(page.get_by_role("heading")).to_have_text("We will not answer you")
            assert complaints == []
        live = server.leads.desk.board.get(lead.lead_id)
        assert live is not None
        assert live.lead.closed_how == "cancelled"
