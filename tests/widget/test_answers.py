"""Answers in the panel before contact: found, read, judged, and the way on to somebody who can help."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from store.questions import AnswerCount
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import SITE_KEY, settings
from tests.plumbing.chromium import playwright
from tests.widget.page import BASE, PLAN, SHOP, WITH_THE_PANEL, StandIn, dark, open_page, shoppers
from tests.widget.test_states import PHONE, is_accessible, picture

pytestmark = WITH_THE_PANEL
expect = playwright.expect
ANSWERS = """\
answers:
  returns:
    question: {en: How do I send something back?, de: Wie schicke ich etwas zurück?}
    answer:
      en: |
        Print a label on [our form](/returns). Returns are free.

        Our [terms](https://law.example/terms) say more.
      de: Mit einem Schein.
    also: {en: [refund]}
  sizes:
    question: {en: Which frame size fits me?, de: Welche Größe passt mir?}
    answer: {en: Measure your inseam., de: Messen Sie die Schrittlänge.}
    pages: [/**]
"""


def before(*ways: str, **plan: Any) -> dict[str, Any]:
    """The plan of a site with answers before these ways."""
    return {**PLAN, "site": {**PLAN["site"], "answers": list(ways)}, **plan}


@asynccontextmanager
async def answering(
    tmp_path: Path, plan: dict[str, Any], language: str = "en", **options: Any
) -> AsyncIterator[tuple[Server, Any, StandIn]]:
    """A page with the panel, whose answers are those of the real API."""
    file = tmp_path / "answers.yaml"
    file.write_text(ANSWERS)
    config = settings(
        answers={"file": str(file)}, page={"languages": ["en", "de"]}, origins=[SHOP.rstrip("/")]
    )
    stand_in = StandIn(plan=plan, language=language)
    async with serving(tmp_path, config) as server, shoppers(stand_in, **options) as context:

        async def ask(route: Any) -> None:
            request = route.request
            answer = await server.http.request(
                request.method,
                "/" + request.url.removeprefix(BASE),
                content=request.post_data_buffer or b"",
                headers={**request.headers, "origin": SHOP.rstrip("/")},
            )
            await route.fulfill(status=answer.status_code, body=answer.content, headers=dict(answer.headers))

        await context.route(f"{BASE}v1/page/shop-public-key/answers*", ask)
        await context.route(f"{BASE}v1/page/answers/helped", ask)
        yield server, await open_page(context), stand_in


async def told(server: Server, expected: AnswerCount) -> None:
    """Wait until the server has counted this, and nothing else, of answers."""
    for _ in range(100):
        found = await server.stores.questions.answered(0)
        if found == [expected]:
            return
        await asyncio.sleep(0.05)
    assert found == [expected]


@pytest.mark.parametrize("look", ["desk-light", "phone-dark"])
@asyncio_test(timeout=60)
async def test_a_shopper_asks_reads_and_then_talks(look: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {**PHONE, "color_scheme": "dark"} if look == "phone-dark" else {}
    async with answering(tmp_path, dark(before("phone", "pc")), **options) as (server, page, stand_in):
        await page.get_by_role("button", name="Talk to us").click()
        suggested = page.get_by_role("button", name="Which frame size fits me?")
        await suggested.wait_for()
        await expect(page.get_by_role("button", name="Call me now")).to_have_count(0)
        await expect(page.get_by_role("heading", name="Talk by Phone")).to_be_focused()
        await picture(page, f"answers-{look}-suggested")
        await is_accessible(page)

        await page.get_by_label("What is your question?").fill("refunds")
        await page.get_by_role("button", name="How do I send something back?").click()
        await expect(suggested).to_have_count(0)
        form = page.get_by_role("link", name="our form")
        assert await form.get_attribute("href") == f"{SHOP}returns"
        assert await form.get_attribute("target") is None
        terms = page.get_by_role("link", name="terms (opens in a new tab)")
        assert await terms.get_attribute("rel") == "noopener noreferrer"
        await picture(page, f"answers-{look}-open")
        await is_accessible(page)

        await page.get_by_role("button", name="No", exact=True).click()
        await expect(page.get_by_text("Then talk to us.").first).to_be_visible()
        go_on = page.get_by_role("button", name="Talk to somebody")
        await expect(go_on).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Talk by Phone")).to_be_focused()
        await page.get_by_label("Your phone number").fill("(617) 555-0123")
        await told(server, AnswerCount("shop", "returns", 1, 0, 1, 1))
        await page.get_by_role("button", name="Call me now").click()
        await expect(page.locator("ringback-call")).to_have_count(1)
        assert len(stand_in.asked) == 1
        assert page.troubles == []
        assert await page.evaluate("violations") == []


@asyncio_test(timeout=60)
async def test_by_keyboard_alone_in_german(tmp_path: Path) -> None:
    async with answering(tmp_path, before("phone"), language="de-AT") as (server, page, _):
        await page.get_by_role("button", name="Talk to us").focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="Welche Größe passt mir?").wait_for()
        field = page.get_by_label("Was möchten Sie wissen?")
        for _ in range(6):
            await page.keyboard.press("Tab")
            if await field.evaluate("field => field.getRootNode().activeElement === field"):
                break
        await page.keyboard.type("ZURUCK")
        await page.keyboard.press("Enter")
        answer = page.get_by_role("button", name="Wie schicke ich etwas zurück?")
        await answer.wait_for()
        await page.keyboard.press("Tab")
        await expect(answer).to_be_focused()
        await expect(answer).to_have_attribute("aria-expanded", "false")
        await page.keyboard.press("Enter")
        await expect(answer).to_have_attribute("aria-expanded", "true")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Ja")).to_be_focused()
        await page.keyboard.press("Space")
        await expect(page.get_by_text("Das freut uns.").first).to_be_visible()
        await expect(answer).to_be_focused()
        await told(server, AnswerCount("shop", "returns", 1, 1, 0, 0))
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)


@asyncio_test(timeout=60)
async def test_nobody_who_wants_to_talk_is_held_up(tmp_path: Path) -> None:
    """Not by an invitation that was accepted, nor by answers that do not come, nor by a way that has none."""
    async with answering(tmp_path, before("phone")) as (_, page, _):
        number = page.get_by_label("Your phone number")
        await page.evaluate("panel.open({ way: 'phone', offer: { id: 'o1', state: 'open' } })")
        await number.wait_for()
        await page.evaluate("panel.close()")
        # A button that a rule shows is no invitation.
        await page.evaluate(
            """() => {
                plan.buttons = [{ way: "phone", offer: "o2" }];
                panel.planChanged();
                panel.open({ way: "phone", offer: { id: "o2", state: "open" } });
            }"""
        )
        await page.get_by_role("button", name="Talk to somebody").wait_for()
        await page.evaluate("panel.close()")

        await page.route(f"{BASE}v1/page/shop-public-key/answers*", lambda route: route.abort())
        await page.evaluate("panel.open({ way: 'phone' })")
        await page.get_by_text("The answers cannot be reached now. Talk to us.").first.wait_for()
        await page.get_by_role("button", name="Talk to somebody").click()
        await number.wait_for()

        await page.route("**/answers-pane-*.js", lambda route: route.abort())
        await page.reload()
        await page.wait_for_function("window.ready")
        await page.evaluate("panel.open({ way: 'phone' })")
        await number.wait_for()


@asyncio_test(timeout=60)
async def test_what_no_answer_fits_is_told_as_a_question(tmp_path: Path) -> None:
    async with answering(tmp_path, before("phone")) as (server, page, _):
        for _ in range(3):
            await page.reload()
            await page.wait_for_function("window.ready")
            await page.evaluate("panel.open({ way: 'phone' })")
            field = page.get_by_label("What is your question?")
            await field.fill("Do you rent helicopters")
            await page.get_by_text("We have no answer to that here. Talk to us.").first.wait_for()
            await field.press("Enter")
        # All were one visitor's: its words are not kept. Two more ask the same.
        assert await server.stores.questions.asked(0) == []
        for visitor in ("another-visitor-1", "another-visitor-2"):
            news = {"site": SITE_KEY, "what": "asked", "question": "do you rent helicopters?"}
            await server.http.post(
                "/v1/page/answers/helped", json={**news, "visitor": visitor}, headers={"Origin": SHOP[:-1]}
            )
        (question,) = await server.stores.questions.asked(0)
        assert (question.text, question.asked) == ("do you rent helicopters", 5)
