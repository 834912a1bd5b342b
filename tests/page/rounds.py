"""What the loader must do in every browser: positions, a strict policy, an old library, a stopped server."""

from __future__ import annotations

from typing import Any, Protocol

from tests.page.shopping import INJECT, LAUNCHER, OLD_LIBRARY
from tests.page.stand_in import KEY, ShopPage, StandIn, offer, plan
from tests.sip.core import until

_ROOT = "document.querySelector('ringback-root')"
_LAUNCHER = f"{_ROOT}?.shadowRoot.querySelector('.launcher')?.textContent === '{LAUNCHER}'"
_INVITATION = f"{_ROOT}.shadowRoot.querySelector('div')?.shadowRoot?.querySelector('section')"
_GRID = """(() => {
  const tags = new Set();
  for (let x = 1; x < innerWidth; x += 20)
    for (let y = 1; y < innerHeight; y += 20) tags.add(document.elementFromPoint(x, y)?.tagName);
  return [...tags];
})()"""


class Tab(Protocol):
    """A tab of a browser."""

    async def open(self, url: str) -> None: ...
    async def evaluate(self, expression: str) -> Any: ...
    async def until(self, expression: str, within: float = 15.0) -> Any: ...
    async def point(self, x: int, y: int, *, click: bool = False) -> None: ...


async def all_rounds(server: StandIn, page: Tab, *, old_library: bool = True) -> None:
    """One browser goes through all of it.

    Without ``old_library`` where the browser is asked by scripts that such a library breaks.
    """
    await _wherever_it_is_embedded(server, page)
    await _invited_under_a_strict_policy(server, page)
    if old_library:
        await _beside_an_old_library(server, page)
    await _gone_with_its_server(server, page)


async def _wherever_it_is_embedded(server: StandIn, page: Tab) -> None:
    ways: dict[str, dict[str, Any]] = {
        "/head": {"head": server.script("")},
        "/head-async": {"head": server.script("async")},
        "/head-defer": {"head": server.script("defer")},
        "/injected": {"head": INJECT.replace("ADDRESS", f"{server.base}p/{KEY}.js")},
        "/body-first": {"body": server.script("") + "<h1>Bike</h1>"},
        "/body-last": {"body": "<h1>Bike</h1>" + server.script("")},
    }
    for path, way in ways.items():
        server.pages[path] = ShopPage(**way)
        await page.open(server.shop(path))
        await page.until(_LAUNCHER)
    assert len(server.questions) == len(ways)
    assert await page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


async def _invited_under_a_strict_policy(server: StandIn, page: Tab) -> None:
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
    await page.until(f"!!{_INVITATION}")
    await until(lambda: len(server.told("exposed")) == 1)
    assert await page.evaluate(f"{_ROOT}.matches(':popover-open')"), "it lies above everything"
    button = f"{_INVITATION}.querySelector('button').getBoundingClientRect()"
    x, y = await page.evaluate(f"[{button}.x + 20, {button}.y + 20].map(Math.round)")
    await page.point(x, y, click=True)
    await page.until("window.panel?.asked.length === 1")
    assert await page.evaluate("window.bad ?? []") == []
    assert await page.evaluate("panel.asked[0].offer") == {"id": "offer-1", "state": "open"}


async def _beside_an_old_library(server: StandIn, page: Tab) -> None:
    server.pages["/old"] = ShopPage(head=f"<script>{OLD_LIBRARY}</script>" + server.script(""))
    server.answer = lambda asked: plan(ask_again={"facts": ["cart.value"]})
    await page.open(server.shop("/old"))
    await page.until(_LAUNCHER)
    await page.point(80, 60)
    await page.evaluate("ringback.set('cart.value', 7)")
    await until(lambda: server.questions[-1]["facts"].get("cart.value") == 7)


async def _gone_with_its_server(server: StandIn, page: Tab) -> None:
    def stop(_: dict[str, Any]) -> dict[str, Any]:
        server.up = False
        return {}

    server.answer = stop
    server.pages["/gone"] = ShopPage(head=server.script(), body="<main style='height: 100vh'>Bikes</main>")
    await page.open(server.shop("/gone"))
    await until(lambda: not server.up)
    await page.point(100, 60)
    assert set(await page.evaluate(_GRID)) <= {"MAIN", "BODY", "HTML"}
