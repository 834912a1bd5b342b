"""The Radiator story in the demo: a chat asks for the vehicle, the workshop sees it and answers."""

from __future__ import annotations

from pathlib import Path

from tests.aio import asyncio_test
from tests.demo.test_missed_call import opens_the_portal
from tests.demo.test_stories_by_pc import VOICE
from tests.demo.visit import IN_A_BROWSER, PHONE, Visitor, demo_running, hears_speech, playwright, visitor

pytestmark = IN_A_BROWSER
expect = playwright.expect
TALKS = "/v1/portal/talks/calls?since=0&until=9e9"


async def origin_of(visitor: Visitor) -> str:
    """The server's, whose page a visitor has open."""
    return str(await visitor.page.evaluate("location.origin"))


@asyncio_test(timeout=150)
async def test_a_newcomer_finds_a_radiator_and_the_workshop_sees_the_vehicle(tmp_path: Path) -> None:
    async with (
        demo_running(tmp_path) as demo,
        visitor(PHONE, has_touch=True) as shopper,
        visitor() as hank,
        visitor(flags=VOICE) as olivia,
    ):
        page = shopper.page
        await shopper.open(f"{demo.url}radiators", "Find my radiator")
        password = await page.locator(".steps code").nth(1).inner_text()
        await hank.page.goto(str(await page.locator(".steps a").first.get_attribute("href")))
        await hank.page.get_by_label("Agent").fill("hank")
        await hank.page.get_by_label("Password").fill(password)
        await hank.page.get_by_role("button", name="Log in").click()
        await shopper.picture("radiator-page")
        await shopper.is_accessible()

        await page.get_by_role("button", name="Find my radiator").click()
        await page.get_by_role("button", name="Start").click()
        log, field = page.get_by_role("log", name="Chat"), page.get_by_label("Your message")
        for question, answer in (
            ("Which year?", "'98"),
            ("Which make?", "frod"),
            ("Which model?", "f150"),
            ("Which engine?", "5.0"),
            ("What is your ZIP code?", "02139"),
        ):
            await expect(log).to_contain_text(question)
            await field.fill(answer)
            await page.keyboard.press("Enter")
        # Cambridge is nearer, and closed.
        await expect(log).to_contain_text("Coolway Boston is open now and 2.3 miles away.")
        await expect(log).to_contain_text("your 1998 Ford?")
        await shopper.picture("radiator-offer")
        await shopper.is_accessible()
        await page.get_by_role("button", name="Call me", exact=True).click()
        await expect(log).to_contain_text("Which number shall we call?")
        await field.fill("617 555 0111")  # who picks up at once, and talks for a short while
        await page.keyboard.press("Enter")

        # While the workshop's phone rings, its counter sees the vehicle.
        pop = hank.page.locator("pop-panel")
        for told in ("1998", "Ford", "F-150", "5.0 V8", "02139"):
            await expect(pop).to_contain_text(told, timeout=20_000)
        await expect(hank.page.locator("main")).not_to_contain_text("You are talking")
        await hank.picture("radiator-hank")
        await hank.is_accessible()
        await expect(log).to_contain_text("The call is connected.", timeout=30_000)
        await shopper.picture("radiator-connected")
        await expect(log).to_contain_text("The call is over.", timeout=30_000)
        await page.get_by_role("button", name="Close").click()
        await hears_speech(shopper, ["What you heard", "What the workshop heard"])
        await shopper.picture("radiator-heard")
        await expect(page.locator("call-timeline")).to_contain_text("Coolway Boston")
        # The call was recorded, and the operator hears it in its story.
        await opens_the_portal(olivia, shopper, demo, "#/reports/calls")
        await expect(olivia.page.get_by_role("heading", level=1)).to_have_text("Reports")
        talks = await (await olivia.page.request.get(f"{await origin_of(olivia)}{TALKS}")).json()
        (talk,) = [each for each in talks["talks"] if each["site"] == "coolway"][:1]
        await olivia.page.evaluate("id => { location.hash = '#/reports/calls/talk/' + id; }", talk["id"])
        audio = olivia.page.locator("audio")
        await expect(audio).to_have_count(1)
        played = await audio.evaluate(
            "async audio => { await audio.play(); await new Promise(go => setTimeout(go, 800));"
            " return [audio.duration, audio.currentTime]; }"
        )
        assert played[0] > 5
        assert played[1] > 0.2
        await olivia.picture("radiator-recording")
        await olivia.is_accessible()
        await shopper.open(f"{demo.url}radiators?lang=es", "Find my radiator")
        await page.get_by_role("button", name="Find my radiator").click()
        await page.get_by_role("button", name="Chat nuevo").click()
        await page.get_by_role("button", name="Empezar").click()
        await expect(page.get_by_role("log")).to_contain_text("¿De qué año es?")
        await shopper.picture("radiator-es")
        assert shopper.troubles == []
