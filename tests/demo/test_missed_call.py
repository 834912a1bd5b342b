"""The demo's story of a missed call: a lead at the desk and the portal, called back with one click."""

from __future__ import annotations

from pathlib import Path

from tests.aio import asyncio_test
from tests.demo.test_stories_by_pc import VOICE, log_in
from tests.demo.visit import IN_A_BROWSER, Demo, Visitor, demo_running, playwright, visitor

pytestmark = IN_A_BROWSER
expect = playwright.expect
WHO = "Jo Rivera"


async def opens_the_portal(olivia: Visitor, shopper: Visitor, demo: Demo, place: str) -> None:
    """As the demo says in the terminal that it is done."""
    setup = await (await shopper.page.request.get(f"{demo.url}demo/setup.json")).json()
    told = setup["operator"]
    await olivia.page.goto(told["url"] + place)
    await olivia.page.get_by_label("Operator").fill(told["name"])
    await olivia.page.get_by_label("Password").fill(told["password"])
    await olivia.page.get_by_role("button", name="Log in").click()


@asyncio_test(timeout=180)
async def test_a_missed_call_becomes_a_lead_and_is_called_back(tmp_path: Path) -> None:
    async with (
        demo_running(tmp_path) as demo,
        visitor(flags=VOICE) as shopper,
        visitor(flags=VOICE) as kim,
        visitor() as olivia,
    ):
        await shopper.open(demo.url)
        await shopper.page.get_by_role("radio", name="A missed call").check()
        await log_in(kim, shopper, demo)
        await shopper.call("A missed call")
        await shopper.sees("Ringing the Boston store")
        await shopper.sees("Ended: ", seconds=25)
        # It is at the desk by itself, with the time by which an answer is promised, and why.
        lead = kim.page.get_by_role("button", name=WHO)
        await expect(lead).to_contain_text("Nobody took the call", timeout=10_000)
        await expect(lead).to_contain_text("due in 3 h 59 min")
        await lead.click()
        await expect(kim.page.locator("lead-list dl")).to_contain_text("+1617•••••09")
        await expect(kim.page.locator("lead-list dl")).to_contain_text("EST: 4 h on ")
        await kim.picture("desk-kim-lead")
        await opens_the_portal(olivia, shopper, demo, "#/leads")
        await expect(olivia.page.get_by_role("button", name=WHO)).to_be_visible()
        await olivia.picture("portal-lead")
        # One click: first her own page rings, then, once she has answered, the shopper's phone.
        await kim.page.get_by_role("button", name="Call: my phone first").click()
        answer = kim.page.get_by_role("button", name="Answer")
        await answer.wait_for()
        await kim.picture("desk-kim-calls-back")
        await answer.click()
        joined = kim.page.locator("h1[data-phase=joined]")
        await expect(joined).to_contain_text(WHO, timeout=15_000)
        # Served: it is closed by itself.
        await olivia.page.get_by_role("button", name="Closed").click()
        await expect(olivia.page.get_by_role("button", name=WHO)).to_contain_text("served")
        await olivia.picture("portal-lead-served")
        assert shopper.troubles == []
