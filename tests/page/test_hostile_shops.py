"""Pages that make it hard, in a real Chromium: strict policies, old libraries, routers that replace them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.aio import asyncio_test
from tests.page.shopping import LAUNCHER, OLD_LIBRARY, STOLEN, shopping
from tests.page.stand_in import KEY, OTHER_KEY, ShopPage, offer, plan
from tests.plumbing import chromium
from tests.sip.core import until

#: Where Debian has Prototype.js 1.7 and MooTools 1.4.
OLD_LIBRARIES = Path("/usr/share/javascript")

pytestmark = pytest.mark.skipif(chromium.CHROMIUM is None, reason="needs chromium")


@asyncio_test
async def test_a_strict_policy_is_not_violated() -> None:
    async with shopping() as (server, page):
        policy = (
            f"default-src 'none'; script-src 'nonce-abc' {server.base}; connect-src {server.base};"
            " img-src data:; base-uri 'none'; form-action 'none';"
            " require-trusted-types-for 'script'; trusted-types 'none'"
        )
        listener = (
            "addEventListener('securitypolicyviolation',"
            " (e) => (window.bad ??= []).push(e.violatedDirective + e.blockedURI))"
        )
        for isolation in (
            {},
            {"Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Opener-Policy": "same-origin"},
        ):
            server.pages["/"] = ShopPage(
                head=f"<script nonce=abc>{listener}</script>"
                + server.script("async crossorigin" if isolation else "async"),
                headers={"Content-Security-Policy": policy, **isolation},
            )
            server.answer = lambda asked: plan(offer=offer())
            await page.goto(server.shop())
            await page.get_by_role("button", name=LAUNCHER).wait_for()
            await page.mouse.move(50, 50)
            await page.get_by_role("button", name="Call me").click()
            # Playwright waits for functions by eval, which such a page forbids.
            while not await page.evaluate("window.panel?.asked.length ?? 0"):  # noqa: ASYNC110 - a page tells it no other way
                await asyncio.sleep(0.05)
            assert await page.evaluate("window.bad ?? []") == []
            position = "getComputedStyle(document.querySelector('ringback-root')).position"
            assert await page.evaluate(position) == "fixed", "styles pass, too"


@asyncio_test
async def test_it_works_beside_old_libraries_resets_and_high_z_indexes() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(
            head=f"<script>{OLD_LIBRARY}{STOLEN}</script>"
            + server.script("")
            + "<style>* { all: unset !important } div { z-index: 2147483647 !important;"
            " position: fixed !important; inset: 0 !important; background: red }</style>",
            body="<div>War</div>",
        )
        server.answer = lambda asked: plan(offer=offer(), ask_again={"facts": ["cart.value"]})
        await page.goto(server.shop())
        button = page.get_by_role("button", name=LAUNCHER)
        await button.wait_for()
        box = await button.bounding_box()
        assert box["height"] >= 44
        assert box["y"] > 500
        await page.mouse.move(50, 50)
        await page.evaluate("ringback.set('cart.value', 7)")
        await until(lambda: server.questions[-1]["facts"].get("cart.value") == 7)
        assert isinstance(server.questions[-1]["busy"], list)
        await button.click()
        await page.wait_for_function("window.panel?.asked.length")


@pytest.mark.parametrize("library", ["prototype/prototype.js", "mootools/mootools-core-nc.js"])
@asyncio_test
async def test_it_works_beside_the_old_libraries_themselves(library: str) -> None:
    source = OLD_LIBRARIES / library
    if not source.is_file():
        pytest.skip("needs Debian's libjs-prototype and libjs-mootools")
    async with shopping() as (server, page):
        server.libraries[f"/{library}"] = source
        server.pages["/"] = ShopPage(
            head=f'<script src="/{library}"></script>' + server.script(),
            body='<button id=call data-ringback="phone" hidden>Call us</button>',
        )
        server.answer = lambda asked: plan(
            offer=offer() if asked.get("trusted") else None, ask_again={"facts": ["cart.value"], "busy": True}
        )
        await page.goto(server.shop())
        assert await page.evaluate("!!(window.Prototype || window.MooTools)")
        await page.get_by_role("button", name="Call us").wait_for()
        await page.mouse.move(50, 50)
        await page.get_by_role("button", name="No, thanks").click()
        await until(lambda: len(server.told("declined")) == 1)
        await page.evaluate("ringback.set({'cart.value': 7})")
        await until(lambda: server.questions[-1]["facts"].get("cart.value") == 7)
        assert isinstance(server.questions[-1]["busy"], list), "no library's toJSON makes a text of it"
        await page.get_by_role("button", name="Call us").click()
        await page.wait_for_function("window.panel?.asked.length")


@asyncio_test
async def test_two_shops_of_different_origins_use_one_server() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = ShopPage(head=server.script())
        server.pages["/other"] = ShopPage(head=server.script(key=OTHER_KEY))
        await page.goto(server.shop(host="acme.localhost"))
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        await page.evaluate("ringback.consent(true)")
        await until(lambda: len(server.questions) == 2)
        await page.goto(server.shop("/other", host="zenith.localhost"))
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        assert [each["site"] for each in server.questions] == [KEY, KEY, OTHER_KEY]
        assert server.questions[2]["visitor"] is None, "what one shop's shoppers agreed to is not the other's"


@asyncio_test
async def test_it_survives_turbo_with_the_same_element() -> None:
    async with shopping() as (server, page):
        turbo = '<script type=module src="/modules/@hotwired/turbo/dist/turbo.es2017-esm.js"></script>'
        head = turbo + server.script()
        morph = '<meta name="turbo-refresh-method" content="morph">'
        server.pages["/"] = ShopPage(head=head + morph, body='<h1>One</h1><a href="/two">Next</a>')
        server.pages["/two"] = ShopPage(
            head=head + morph, body='<h1>Two</h1><button data-ringback="phone" hidden>Call us</button>'
        )
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).click()
        await page.wait_for_function("window.panel?.asked.length")
        await page.evaluate(
            "window.root = document.querySelector('ringback-root');"
            "window.kept = root.shadowRoot.querySelector('#panel')"
        )
        same = (
            "document.querySelector('ringback-root') === root && root.isConnected && kept.isConnected"
            " && root.matches(':popover-open') && document.querySelectorAll('ringback-root').length === 1"
        )
        await page.get_by_role("link", name="Next").click()
        await page.get_by_role("heading", name="Two").wait_for()
        await page.get_by_role("button", name="Call us").wait_for()
        assert await page.evaluate(same)
        # A refresh: Turbo morphs the page into the one that the server has now.
        server.pages["/two"].body += "<p>Only two left</p>"
        morphed = "new Promise((then) => addEventListener('turbo:morph', () => then(true), { once: true }))"
        await page.evaluate(f"window.morphed = {morphed}; Turbo.session.refresh(location.href)")
        assert await page.evaluate("window.morphed")
        await page.get_by_text("Only two left").wait_for()
        assert await page.evaluate(same)
        await page.go_back()
        await page.get_by_role("heading", name="One").wait_for()
        assert await page.evaluate(same)
        # As Astro's router, and code that knows no better.
        await page.evaluate("document.body.replaceWith(document.createElement('body'))")
        await page.evaluate(
            "document.documentElement.replaceChildren(document.head, document.createElement('body'))"
        )
        await page.wait_for_function(same)


@asyncio_test
async def test_an_open_panel_comes_back_on_the_next_page() -> None:
    async with shopping() as (server, page):
        server.pages["/"] = server.pages["/next"] = ShopPage(head=server.script())
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).click()
        await page.wait_for_function("window.panel?.asked.length")
        await page.evaluate("panel.context.comeBack(true)")
        await page.goto(server.shop("/next"))
        await page.wait_for_function("window.panel?.asked.length")
        assert await page.evaluate("panel.asked") == [{"back": True, "opener": None}]
        await page.goto(server.shop("/"))
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        assert await page.evaluate("window.panel ?? null") is None, "nobody asked for it on this page"
