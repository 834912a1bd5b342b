"""What the loader tells the server, in a real Chromium, and when it asks again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.aio import asyncio_test
from tests.page.shopping import LAUNCHER, shopping
from tests.page.stand_in import KEY, ShopPage, plan
from tests.plumbing import chromium
from tests.sip.core import until

pytestmark = pytest.mark.skipif(chromium.CHROMIUM is None, reason="needs chromium")


@asyncio_test
async def test_commands_wait_for_it_and_facts_are_asked_for_again_when_they_change() -> None:
    async with shopping() as (server, page):
        queue = "window.ringback = function () { (ringback.q = ringback.q || []).push(arguments) };"
        server.pages["/"] = ShopPage(
            head=f'<script>{queue} ringback("set", "cart.value", 120); ringback("set", {{"cart.count": 2}});'
            f'ringback("identify", "a.b.c");</script>{server.script()}',
            body='<p data-ringback-set=\'{"product.sku": "HB-52"}\'></p><div id=form></div>',
        )
        server.answer = lambda _: plan(
            ask_again={"facts": ["cart.value", "promo.failed", "errors.count"]},
            watch={"errors.count": ".error:not(:empty)", "errors.text": ".error", "errors.any": ".error"},
            watch_kinds={"errors.text": "text", "errors.any": "truth"},
        )
        await page.goto(server.shop("/?utm_source=news&q=secret#part"))
        await until(lambda: bool(server.questions))
        first = server.questions[0]
        facts = first["facts"]
        assert (facts["cart.value"], facts["cart.count"], facts["product.sku"]) == (120, 2, "HB-52")
        assert first["token"] == "a.b.c"
        assert first["page"]["url"] == server.shop("/?utm_source=news"), (
            "what somebody typed stays in the page"
        )

        async def asked_after(script: str) -> dict[str, Any]:
            before = len(server.questions)
            await page.evaluate(script)
            await until(lambda: len(server.questions) > before)
            await asyncio.sleep(0.1)
            assert len(server.questions) == before + 1, script
            return dict(server.questions[-1]["facts"])

        await page.mouse.move(50, 50)
        await page.wait_for_load_state("networkidle")
        assert (await asked_after("ringback.set('cart.value', 250)"))["cart.value"] == 250
        assert (await asked_after("ringback.count('promo.failed')"))["promo.failed"] == 1
        mark = "form.innerHTML = '<p data-ringback-count=\"promo.failed\">Expired</p>'"
        assert (await asked_after(mark))["promo.failed"] == 2
        error = (
            "form.innerHTML = '<p class=error> The code\\n <b>has expired</b></p><p class=error>Wrong</p>'"
        )
        found = await asked_after(error)
        assert (found["errors.count"], found["errors.any"]) == (2, True)
        assert found["errors.text"] == "The code has expired"
        before = len(server.questions)
        await page.evaluate("ringback.set('cart.count', 9); ringback.set('contact.number', '617 555 0123')")
        await page.evaluate(
            "ringback.set('cart.value', 250); ringback('nothing'); ringback.count('promo.failed', 0)"
        )
        await asyncio.sleep(0.3)
        assert len(server.questions) == before, "nobody asked for these"
        assert "contact.number" not in str(server.questions)


@asyncio_test
async def test_time_counts_only_while_the_page_is_in_sight() -> None:
    async with shopping() as (server, page):
        server.answer = lambda asked: plan(
            ask_again={"seconds": max(0.0, 40 - asked["facts"]["time.on_page"])}
            if asked["facts"]["time.on_page"] < 40
            else {}
        )
        server.pages["/"] = ShopPage(head=server.script())
        await page.clock.install()
        await page.goto(server.shop())
        await page.clock.run_for(100)
        await until(lambda: bool(server.questions))
        await page.mouse.move(50, 50)
        await page.clock.run_for(1_000)
        await page.wait_for_load_state("networkidle")
        await page.clock.run_for(40_000)

        def times() -> list[float]:
            return [asked["facts"]["time.on_page"] for asked in server.questions]

        # This clock goes on by itself, too, and counts whole milliseconds, the page's own fractions of them.
        await until(lambda: times()[-1] >= 39.999)
        # Once, and once more where the first came a fraction too early: never in between.
        late = [at for at in times() if at >= 10]
        assert all(39.9 <= at < 43 for at in late), times()
        assert len(late) <= 2
        assert sum(at >= 40 for at in late) <= 1


@asyncio_test
async def test_an_app_of_one_page_has_a_new_view_at_each_address() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(head=server.script())
        await page.goto(server.shop())
        await page.mouse.move(50, 50)
        await page.wait_for_function(
            "performance.getEntriesByType('resource').some((e) => e.name.includes('/page-'))"
        )
        await page.wait_for_load_state("networkidle")
        first = server.questions[-1]
        asked = len(server.questions)
        await page.evaluate("history.replaceState({}, '', '#part')")
        await page.evaluate("history.pushState({}, '', '/checkout')")
        await until(lambda: len(server.questions) == asked + 1)
        second = server.questions[-1]
        assert second["page"]["url"] == server.shop("/checkout")
        assert second["view"] != first["view"]
        assert second["facts"]["visit.pages"] == 2
        assert second["facts"]["time.on_page"] < first["facts"]["time.on_page"] + 1
        await page.go_back()
        await until(lambda: len(server.questions) > asked + 1)
        assert server.questions[-1]["page"]["url"] == server.shop("/")
        assert await page.evaluate("history.pushState.toString().includes('native')"), (
            "nothing of it is patched"
        )


@asyncio_test
async def test_it_comes_back_from_the_back_forward_cache_and_counts_nothing_twice() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(head=server.script())
        server.pages["/next"] = ShopPage()
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        await page.evaluate("window.same = true; ringback.consent(true)")
        await until(lambda: len(server.questions) == 2)
        await page.goto(server.shop("/next"))
        await page.go_back()
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        if await page.evaluate("window.same ?? false"):  # else the browser loaded it again, as it may
            kept = await page.evaluate(f"JSON.parse(localStorage['ringback.{KEY}'])")
            assert kept["pages"] == 1
