"""How shops embed the loader, in a real Chromium, and what it keeps in their browsers."""

from __future__ import annotations

import pytest

from tests.aio import asyncio_test
from tests.page.shopping import INJECT, LAUNCHER, shopping
from tests.page.stand_in import KEY, OTHER_KEY, ShopPage, plan
from tests.plumbing import chromium
from tests.sip.core import until

pytestmark = pytest.mark.skipif(chromium.CHROMIUM is None, reason="needs chromium")


@asyncio_test
async def test_it_runs_wherever_and_however_a_shop_embeds_it() -> None:
    async with shopping() as (server, page):
        ways = {
            "/head-blocking": ShopPage(head=server.script("")),
            "/head-async": ShopPage(head=server.script("async")),
            "/head-defer": ShopPage(head=server.script("defer")),
            "/head-injected": ShopPage(head=INJECT.replace("ADDRESS", f"{server.base}p/{KEY}.js")),
            "/body-first": ShopPage(body=server.script("") + "<h1>Bike</h1>"),
            "/body-async": ShopPage(body="<h1>Bike</h1>" + server.script("async")),
            "/body-last": ShopPage(body="<h1>Bike</h1>" + server.script("")),
            "/twice": ShopPage(head=server.script() + server.script(), body=server.script("")),
            "/two-sites": ShopPage(head=server.script() + server.script(key=OTHER_KEY)),
        }
        server.pages = ways
        for path in ways:
            server.questions.clear()
            await page.goto(server.shop(path))
            await page.get_by_role("button", name=LAUNCHER).wait_for()
            assert await page.locator("ringback-root").count() == 1, path
            assert len(server.questions) == 1, path


@asyncio_test
async def test_it_does_nothing_in_a_frame_that_does_not_ask_for_it() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(
            body=f'<iframe src="{server.shop("/in")}"></iframe><iframe src="/too"></iframe>'
        )
        server.pages["/in"] = ShopPage(head=server.script())
        server.pages["/too"] = ShopPage(head=server.script("async data-frames"))
        await page.goto(server.shop())
        await page.frame_locator("iframe >> nth=1").get_by_role("button", name=LAUNCHER).wait_for()
        assert len(server.questions) == 1


@asyncio_test
async def test_a_page_that_nobody_touches_makes_two_requests_and_keeps_nothing() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(head=server.script())
        elsewhere: list[str] = []
        page.on("request", lambda request: elsewhere.append(request.url))
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        await page.wait_for_load_state("networkidle")
        assert [(method, path) for method, path, _ in server.requests] == [
            ("GET", f"/p/{KEY}.js"),
            ("POST", "/v1/page"),
        ]
        assert {url.split("/")[2].split(":")[0] for url in elsewhere if url.startswith("http")} == {
            "localhost",
            "127.0.0.1",
        }
        kept = "[localStorage.length, sessionStorage.length, document.cookie]"
        assert await page.evaluate(kept) == [0, 0, ""]
        await page.mouse.move(50, 50)
        await page.wait_for_load_state("networkidle")
        assert await page.evaluate(kept) == [0, 0, ""]
        assert await page.context.cookies() == []
        assert server.questions[0]["visitor"] is None
        # Their own click is another thing: a call needs to be found again.
        await page.get_by_role("button", name=LAUNCHER).click()
        await page.wait_for_function("window.panel?.asked.length")
        assert await page.evaluate("Object.keys(localStorage)") == [f"ringback.{KEY}"]
        assert await page.context.cookies() == []
        assert {cookies for _, _, cookies in server.requests} == {""}


@asyncio_test
async def test_consent_keeps_one_record_and_its_withdrawal_none() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(head=server.script())
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        await page.evaluate("ringback.consent(true)")
        await until(lambda: len(server.questions) == 2)
        visitor = server.questions[1]["visitor"]
        assert server.questions[1]["consent"]
        assert len(visitor) == 32
        await page.evaluate("ringback.count('promo.failed')")
        await page.reload()
        await until(lambda: len(server.questions) == 3)
        again = server.questions[2]
        assert (again["visitor"], again["consent"]) == (visitor, True)
        assert (again["facts"]["visit.pages"], again["facts"]["promo.failed"]) == (2, 1)
        assert again["view"] != server.questions[0]["view"]
        await page.evaluate("ringback.consent(false)")
        await until(lambda: len(server.questions) == 4)
        assert server.questions[3]["visitor"] is None
        assert await page.evaluate("localStorage.length") == 0


@asyncio_test
async def test_what_another_version_of_the_loader_kept_is_left_alone() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(head=server.script())
        await page.add_init_script(f'localStorage.setItem(\'ringback.{KEY}\', \'{{"v":2,"id":"x"}}\')')
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        assert server.questions[0]["visitor"] is None


@asyncio_test
async def test_it_works_with_an_older_and_a_newer_server() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(
            head=server.script(), body='<button data-ringback="phone" hidden>Call</button>'
        )
        old = plan()
        for later_field in ("follow", "watch"):
            del old[later_field]
        del old["site"]["dark_theme"]
        new = plan(v=2, offers=[{"kind": "hologram"}], site={"launcher": "bottom_start", "mood": "good"})
        new["ways"]["hologram"] = "open"
        for answer in (old, new):
            server.answer = lambda _, answer=answer: answer  # type: ignore[misc]
            await page.goto(server.shop())
            await page.get_by_role("button", name=LAUNCHER).wait_for()
            await page.get_by_role("button", name="Call", exact=True).wait_for()
            await page.mouse.move(40, 60)
