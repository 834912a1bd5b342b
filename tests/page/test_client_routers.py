"""Shops whose router swaps the document in place, as Astro's ``<ClientRouter />`` does."""

from __future__ import annotations

import pytest

from tests.aio import asyncio_test
from tests.page.shopping import LAUNCHER, shopping
from tests.page.stand_in import ShopPage, plan
from tests.plumbing import chromium
from tests.sip.core import until

pytestmark = pytest.mark.skipif(chromium.CHROMIUM is None, reason="needs chromium")

#: What that router does with a page, in its order: within a view transition it takes the root's attributes,
#: the whole head and the body from the next page, and then runs the scripts that it has not met before.
ROUTER = """<script>
  const met = new Set();
  const isMet = ({ src, textContent }) => met.has(src || textContent) || !met.add(src || textContent);
  function swap(next) {
    for (const script of next.scripts) if (isMet(script)) script.dataset.ran = "";
    const root = document.documentElement;
    for (const { name } of [...root.attributes]) root.removeAttribute(name);
    for (const { name, value } of next.documentElement.attributes) root.setAttribute(name, value);
    for (const each of [...document.head.children]) each.remove();
    document.head.append(...next.head.children);
    document.body.replaceWith(next.body);
  }
  function runScripts() {
    for (const script of [...document.scripts]) {
      if (script.dataset.ran !== undefined) continue;
      const again = document.createElement("script");
      again.textContent = script.textContent;
      for (const { name, value } of script.attributes) again.setAttribute(name, value);
      again.dataset.ran = "";
      script.replaceWith(again);
    }
  }
  let last;
  async function go(to, push) {
    const text = await (await fetch(to)).text();
    const next = new DOMParser().parseFromString(text, "text/html");
    last?.skipTransition();
    last = document.startViewTransition(() => {
      swap(next);
      if (push) history.pushState({}, "", to);
    });
    last.ready.catch(() => {});  // it was skipped
    await last.updateCallbackDone;
    runScripts();
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    go(link.href, true);
  });
  addEventListener("popstate", () => go(location.href, false));
  addEventListener("load", () => { for (const script of document.scripts) isMet(script); });
</script>"""
_LINKS = '<nav><a href="/">Home</a> <a href="/bikes">Bikes</a> <a href="/cart">Cart</a></nav>'


@asyncio_test(timeout=60)
async def test_the_panel_outlives_every_swap_of_the_document() -> None:
    async with shopping() as (server, page):
        server.answer = lambda _: plan(site={"consent": "not_needed"})
        # The first page has no loader: a shop may have it only where it sells something.
        server.pages["/"] = ShopPage(head=ROUTER, body=f"<h1>Home</h1>{_LINKS}")
        head = ROUTER + "<style>h1 { color: teal }</style>" + server.script()
        server.pages["/bikes"] = ShopPage(head=head, body=f"<h1>Bikes</h1>{_LINKS}")
        facts = "<p data-ringback-set='{\"cart.value\": 120}'>120</p>"
        button = '<button data-ringback="phone" hidden>Call us</button>'
        server.pages["/cart"] = ShopPage(head=head, body=f"<h1>Cart</h1>{_LINKS}{facts}{button}")
        await page.goto(server.shop())
        await page.get_by_role("link", name="Bikes").click()
        await page.get_by_role("button", name=LAUNCHER).click()
        await page.wait_for_function("window.panel?.asked.length")
        await page.evaluate(
            "window.root = document.querySelector('ringback-root');"
            "window.kept = root.shadowRoot.querySelector('#panel')"
        )
        same = (
            "document.querySelector('ringback-root') === root && kept.isConnected"
            " && root.matches(':popover-open') && document.querySelectorAll('ringback-root').length === 1"
        )
        await page.get_by_role("link", name="Cart").click()
        await page.get_by_role("heading", name="Cart").wait_for()
        await page.get_by_role("button", name="Call us").wait_for()
        assert await page.evaluate(same)
        await until(lambda: server.questions[-1]["facts"].get("cart.value") == 120)
        assert server.questions[-1]["page"]["url"].endswith("/cart")
        assert server.questions[-1]["facts"]["visit.pages"] == 2, "each swap is a page of the visit"
        await page.go_back()
        await page.get_by_role("heading", name="Bikes").wait_for()
        assert await page.evaluate(same)
        # Two at once: the router skips the first one's transition.
        await page.evaluate("go('/', true); go('/cart', true)")
        await page.get_by_role("heading", name="Cart").wait_for()
        await page.wait_for_function(same)
        assert await page.evaluate("panel.asked.length") == 1, "it was mounted and opened once"
