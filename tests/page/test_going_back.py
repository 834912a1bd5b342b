"""Pages that browsers prepare before anybody sees them, and pages that they keep whole and show again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.aio import asyncio_test
from tests.children import die_with_parent
from tests.page.shopping import LAUNCHER, shopping
from tests.page.stand_in import KEY, ShopPage, plan, standing_in
from tests.plumbing import chromium
from tests.sip.core import until

pytestmark = pytest.mark.skipif(chromium.CHROMIUM is None, reason="needs chromium")

_PREPARE = """<script type=speculationrules>
  {"prerender": [{"source": "list", "urls": ["/next"], "eagerness": "immediate"}]}
</script>"""

#: Tells the shop when it is prepared, with what the loader has done by then, and when somebody sees it.
_SAYS = """<script>
  const say = (what) => (new Image().src = what);
  if (document.prerendering) {
    say("/prepared?" + typeof window.ringback?.set);
    document.addEventListener("prerenderingchange", () => say("/seen"));
  }
</script>"""


@asyncio_test
async def test_a_page_that_is_only_prepared_asks_counts_and_keeps_nothing(tmp_path: Path) -> None:
    async with standing_in() as server:
        server.answer = lambda _: plan(site={"consent": "not_needed"})
        # The visitor goes on by themselves: a browser that is driven prepares no pages.
        go_on = "<script>setTimeout(() => location.href = '/next', 2500)</script>"
        server.pages["/"] = ShopPage(head=server.script() + _PREPARE + go_on)
        server.pages["/next"] = ShopPage(head=server.script("") + _SAYS)
        assert chromium.CHROMIUM is not None
        browser = await asyncio.create_subprocess_exec(
            chromium.CHROMIUM, "--headless", *chromium.FLAGS, f"--user-data-dir={tmp_path}", server.shop(),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, preexec_fn=die_with_parent,
        )  # fmt: skip
        try:
            await until(lambda: "/prepared?undefined" in server.visited, 20)
            before = len(server.questions)
            await until(lambda: "/seen" in server.visited, 20)
            await until(lambda: server.questions[-1]["page"]["url"].endswith("/next"))
            # The first page asks again, as the visitor may be remembered; the second one in the same moment.
            asked = [each["page"]["url"].rpartition("/")[2] for each in server.questions]
            assert asked.index("next") >= before
            assert server.visited.index("/prepared?undefined") < server.visited.index("/seen")
            assert server.questions[-1]["facts"]["visit.pages"] == 2, "one page after the other"
        finally:
            browser.terminate()
            await browser.wait()


@asyncio_test
async def test_a_page_that_comes_back_whole_goes_on_with_its_contact() -> None:
    async with shopping(flags=chromium.KEEPS_PAGES) as (server, page):
        server.answer = lambda _: plan(site={"consent": "not_needed"})
        server.pages["/"] = ShopPage(head=server.script(), body='<a href="/next">Next</a>')
        server.pages["/next"] = ShopPage(body="<h1>Next</h1>")
        await page.goto(server.shop())
        await page.get_by_role("button", name=LAUNCHER).click()
        await page.wait_for_function("window.panel?.asked.length")
        await page.evaluate(
            "panel.context.inContact(true); panel.context.comeBack(true);"
            "window.kept = document.querySelector('ringback-root').shadowRoot.querySelector('#panel')"
        )
        asked = len(server.questions)
        await page.get_by_role("link", name="Next").click()
        await page.get_by_role("heading", name="Next").wait_for()
        # Playwright itself waits for a page that is loaded anew.
        await page.evaluate("setTimeout(() => history.back())")
        await page.wait_for_function("window.kept?.isConnected")  # the same page, with all that it had
        assert await page.evaluate("panel.asked.length") == 1, "nothing is opened a second time"
        assert await page.evaluate("sessionStorage.length") == 0
        assert await page.evaluate(f"JSON.parse(localStorage['ringback.{KEY}']).pages") == 1
        assert not await page.get_by_role("button", name=LAUNCHER).is_visible(), "the contact goes on"
        locks = "async () => (await navigator.locks.query()).held.map((each) => each.name)"
        assert any("contact" in name for name in await page.evaluate(locks))
        await page.evaluate("panel.context.inContact(false)")
        assert len(server.questions) - asked <= 1
