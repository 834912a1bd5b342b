"""The loader in Debian's Firefox: positions, a strict policy, an old library, a server that stops."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.aio import asyncio_test
from tests.demo.firefox import FIREFOX, FirefoxPage, firefox
from tests.page.shopping import INJECT, LAUNCHER, OLD_LIBRARY
from tests.page.stand_in import KEY, ShopPage, StandIn, offer, plan, standing_in
from tests.sip.core import until

pytestmark = pytest.mark.skipif(FIREFOX is None, reason="needs Debian's firefox-esr")

_LAUNCHER = f"all('button.launcher').map((each) => each.textContent).join() === '{LAUNCHER}'"
_GRID = """(() => {
  const tags = new Set();
  for (let x = 1; x < innerWidth; x += 20)
    for (let y = 1; y < innerHeight; y += 20) tags.add(document.elementFromPoint(x, y)?.tagName);
  return [...tags];
})()"""


@asyncio_test(timeout=120)
async def test_the_loader_works_in_firefox(tmp_path: Path) -> None:
    async with standing_in() as server, firefox(tmp_path, 440) as page:
        await _wherever_it_is_embedded(server, page)
        await _invited_under_a_strict_policy(server, page)
        await _beside_an_old_library(server, page)
        await _gone_with_its_server(server, page)


async def _wherever_it_is_embedded(server: StandIn, page: FirefoxPage) -> None:
    inject = INJECT.replace("ADDRESS", f"{server.base}p/{KEY}.js")
    ways: dict[str, dict[str, Any]] = {
        "/head": {"head": server.script("")},
        "/head-async": {"head": server.script("async")},
        "/head-defer": {"head": server.script("defer")},
        "/injected": {"head": inject},
        "/body-first": {"body": server.script("") + "<h1>Bike</h1>"},
        "/body-last": {"body": "<h1>Bike</h1>" + server.script("")},
    }
    for path, way in ways.items():
        server.pages[path] = ShopPage(**way)
        await page.open(server.shop(path))
        await page.until(_LAUNCHER)
    assert len(server.questions) == len(ways)
    assert await page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


async def _invited_under_a_strict_policy(server: StandIn, page: FirefoxPage) -> None:
    policy = (
        f"default-src 'none'; script-src 'nonce-abc' {server.base}; connect-src {server.base}; img-src data:"
    )
    listener = (
        "addEventListener('securitypolicyviolation', (e) => (window.bad ??= []).push(e.violatedDirective))"
    )
    server.pages["/strict"] = ShopPage(
        head=f"<script nonce=abc>{listener}</script>" + server.script(),
        headers={"Content-Security-Policy": policy},
    )
    server.answer = lambda asked: plan(
        offer=offer() if asked.get("trusted") else None, ask_again={"busy": True}
    )
    await page.open(server.shop("/strict"))
    await page.until(_LAUNCHER)
    await page.point(60, 60)
    await page.until("all('section p').some((each) => each.textContent.startsWith('Trouble'))")
    await until(lambda: len(server.told("exposed")) == 1)
    # What lies above the page, and where it is read last.
    assert await page.evaluate("document.querySelector('ringback-root').matches(':popover-open')")
    place = "all('section button')[0].getBoundingClientRect()"
    x, y = await page.evaluate(f"[{place}.x + 20, {place}.y + 20].map(Math.round)")
    await page.point(x, y, click=True)
    await page.until("window.panel?.asked.length === 1")
    assert await page.evaluate("window.bad ?? []") == []
    assert await page.evaluate("panel.asked[0].offer") == {"id": "offer-1", "state": "open"}


async def _beside_an_old_library(server: StandIn, page: FirefoxPage) -> None:
    server.pages["/old"] = ShopPage(head=f"<script>{OLD_LIBRARY}</script>" + server.script(""))
    server.answer = lambda asked: plan(ask_again={"facts": ["cart.value"]})
    await page.open(server.shop("/old"))
    await page.until("!!document.querySelector('ringback-root')?.shadowRoot.querySelector('.launcher')")
    await page.point(80, 60)
    await page.evaluate("ringback.set('cart.value', 7)")
    await until(lambda: server.questions[-1]["facts"].get("cart.value") == 7)


async def _gone_with_its_server(server: StandIn, page: FirefoxPage) -> None:
    def stop(_: dict[str, Any]) -> dict[str, Any]:
        server.up = False
        return {}

    server.answer = stop
    server.pages["/gone"] = ShopPage(head=server.script(), body="<main style='height: 100vh'>Bikes</main>")
    await page.open(server.shop("/gone"))
    await until(lambda: not server.up)
    await page.point(100, 60)
    assert set(await page.evaluate(_GRID)) <= {"MAIN", "BODY", "HTML"}
