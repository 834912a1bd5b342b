"""The panel's own form where nobody is there: a number, a question, a time by two clocks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from api.proofs import ProofChallenge, solve
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import settings
from tests.plumbing.chromium import playwright
from tests.widget.page import BASE, PLAN, SHOP, WITH_THE_PANEL, StandIn, dark, open_page, shoppers
from tests.widget.test_states import PHONE, is_accessible, picture

pytestmark = WITH_THE_PANEL
expect = playwright.expect
CONSENT = {
    "en": "We use your number for this answer alone.",
    "de": "Wir nutzen Ihre Nummer nur für diese Antwort.",
}
SMALL = {**PHONE, "viewport": {"width": 320, "height": 640}}


def nobody(when: str = "nobody", **ways: str) -> dict[str, Any]:
    """The plan of a site where nobody is there, with the form."""
    form = {"when": when, "times": True, "consent": CONSENT}
    hidden = {"phone": "hidden", "pc": "hidden", "chat": "hidden"}
    return {**PLAN, "site": {**PLAN["site"], "form": form}, "ways": {**hidden, **ways}}


@asynccontextmanager
async def asked(
    tmp_path: Path, plan: dict[str, Any], language: str = "en", proof: bool = False, **options: Any
) -> AsyncIterator[tuple[Server, Any]]:
    """A page with the panel, whose form goes to the real API."""
    config = settings(
        sections={
            "hours": {"office": {"opening_hours": "Mo-Su 09:00-17:00", "time_zone": "Europe/Berlin"}},
            "follow_up": {
                "promises": {"all": {"first": "4h"}},
                "forms": {
                    "times": {"in": "office", "most": 1, "ahead": "2d"},
                    "consent": CONSENT,
                    "proof": proof,
                },
            },
        },
        page={"languages": ["en", "de"]},
        origins=[SHOP.rstrip("/")],
        time_zone="Europe/Berlin",
        proof_of_work="always",
    )
    async with (
        serving(tmp_path, config) as server,
        shoppers(StandIn(plan=plan, language=language), **options) as context,
    ):

        async def ask(route: Any) -> None:
            request = route.request
            answer = await server.http.request(
                request.method,
                "/" + request.url.removeprefix(BASE),
                content=request.post_data_buffer or b"",
                headers={**request.headers, "origin": SHOP.rstrip("/")},
            )
            await route.fulfill(status=answer.status_code, body=answer.content, headers=dict(answer.headers))

        await context.route(f"{BASE}v1/page/shop-public-key/times", ask)
        await context.route(f"{BASE}v1/page/lead", ask)
        await context.route(f"{BASE}v1/page/challenge", ask)
        yield server, await open_page(context)


@pytest.mark.parametrize("look", ["desk-light", "phone-dark", "small-light"])
@asyncio_test(timeout=60)
async def test_a_shopper_leaves_a_number_and_chooses_a_time(look: str, tmp_path: Path) -> None:
    sizes = {"phone-dark": {**PHONE, "color_scheme": "dark"}, "small-light": SMALL}
    async with asked(tmp_path, dark(nobody()), **sizes.get(look, {})) as (server, page):
        await page.get_by_role("button", name="Talk to us").click()
        send = page.get_by_role("button", name="Send")
        await send.wait_for()
        await picture(page, f"lead-{look}")
        await is_accessible(page)
        await send.click()
        await expect(page.get_by_role("alert")).to_contain_text(
            "Please give a phone number or an e-mail address"
        )
        number = page.get_by_label("Your phone number")
        await expect(number).to_be_focused()
        await number.fill("12")
        await page.get_by_label("Your e-mail address").fill("ann at home")
        await send.click()
        await expect(page.get_by_role("alert")).to_contain_text("does not look like an e-mail address")
        await page.get_by_label("Your e-mail address").fill("")
        await send.click()
        await expect(page.get_by_role("alert")).to_contain_text("does not look like a phone number")
        await number.fill("(617) 555-0123")
        await expect(page.get_by_role("alert")).to_be_empty()  # what was wrong need not be wrong now
        await page.get_by_label("Your name").fill("Ann Lee")
        await page.get_by_label("Your question").fill("Do you have it in blue?")
        times = page.get_by_label("When shall we call?")
        await expect(page.get_by_text("By your own clock; in brackets by that of Berlin")).to_be_visible()
        first = times.locator("optgroup option").first
        chosen = (await first.inner_text()).strip()
        assert chosen.endswith("AM)"), chosen  # Berlin opens while New York sleeps
        await times.select_option(await first.get_attribute("value"))
        await picture(page, f"lead-{look}-filled")
        await is_accessible(page)
        await send.click()
        await expect(page.get_by_role("heading", name="Thank you")).to_be_focused()
        told = f"We will call you: {chosen.removesuffix(')')} Berlin)."
        await expect(page.get_by_text(told).first).to_be_visible()
        await picture(page, f"lead-{look}-sent")
        await is_accessible(page)
        [lead] = server.leads.desk.open_leads()
        assert (lead.person.number, lead.person.name, lead.said) == (
            "+16175550123",
            "Ann Lee",
            "Do you have it in blue?",
        )
        assert lead.chosen is not None
        assert lead.chosen.zone == "America/New_York"
        link = await page.get_by_role("link", name="this link").get_attribute("href")
        assert f"/follow-up/{lead.lead_id}." in link
        assert ["booked", {"kind": "callback"}] in await page.evaluate("told")
        assert page.troubles == []
        assert await page.evaluate("violations") == []


@asyncio_test(timeout=60)
async def test_a_time_that_is_gone_by_now_and_a_form_beside_the_call(tmp_path: Path) -> None:
    plan = nobody("always", phone="open")
    async with asked(tmp_path, plan, language="de", proof=True) as (server, page):
        await page.get_by_role("button", name="Talk to us").click()
        await page.get_by_label("Ihre Telefonnummer").fill("(617) 555-0123")
        await page.get_by_role("button", name="Lieber schreiben").click()
        form = page.locator("ringback-lead")
        # What was typed before is there.
        await expect(form.get_by_label("Ihre Telefonnummer")).to_have_value("(617) 555-0123")
        await expect(form.get_by_text(CONSENT["de"])).to_be_visible()
        times = form.get_by_label("Wann sollen wir anrufen?")
        start = await times.locator("optgroup option").first.get_attribute("value")
        await times.select_option(start)
        taken = server.leads.times.choose("shop", float(start), "")
        assert taken is not None
        wish = {
            "site_key": "shop-public-key",
            "request": "x" * 32,
            "number": "(617) 555-0177",
            "at": float(start),
        }
        origin = {"Origin": SHOP[:-1]}
        question = {"site_key": "shop-public-key", "what": "lead"}
        given = (await server.http.post("/v1/page/challenge", json=question, headers=origin)).json()
        wish["proof"] = solve(ProofChallenge.model_validate(given["challenge"]))
        answer = await server.http.post("/v1/page/lead", json=wish, headers=origin)
        assert answer.status_code == 200, answer.text
        await form.get_by_role("button", name="Senden").click()
        await expect(form.get_by_role("alert")).to_contain_text("Diese Zeit ist gerade vergeben worden")
        await expect(times).to_be_focused()
        await expect(times.locator(f"option[value='{start}']")).to_have_count(0)
        await times.select_option("")
        await form.get_by_role("button", name="Senden").click()
        await expect(form.get_by_role("heading", name="Vielen Dank")).to_be_focused()
        await expect(form.get_by_role("link")).to_have_count(0)


@asyncio_test(timeout=60)
async def test_where_somebody_is_there_the_form_is_not(tmp_path: Path) -> None:
    async with asked(tmp_path, nobody(phone="open")) as (_, page):
        await page.get_by_role("button", name="Talk to us").click()
        await page.get_by_role("button", name="Call me now").wait_for()
        await expect(page.get_by_role("button", name="Write to us instead")).to_have_count(0)
