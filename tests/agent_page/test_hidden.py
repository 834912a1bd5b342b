"""A chat is offered to an agent whose tab lies in the background, where the browser slows it down."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.agent_page.hidden_tab import raw_browser
from tests.agent_page.test_rings import _RINGS
from tests.aio import asyncio_test
from tests.api.pages import PASSWORD
from tests.widget.page import WITH_THE_PANEL
from tests.widget.real_shop import real_shop

pytestmark = WITH_THE_PANEL
#: How slow timers are, as a page in the background sees it: milliseconds between those that ask for 50.
_SLOW = """new Promise((done) => {
  const since = performance.now();
  let left = 4;
  const go = () => (left-- ? setTimeout(go, 50) : done(Math.round(performance.now() - since)));
  go();
})"""


@asyncio_test(timeout=90)
async def test_a_tab_in_the_background_rings_at_once_and_not_late(tmp_path: Path) -> None:
    async with real_shop(tmp_path) as it, raw_browser() as browser:
        desk = await browser.tab(it.desk_url, _RINGS)
        await desk.until("document.readyState === 'complete'")
        said = f"{{agent: 'alice', password: '{PASSWORD}'}}"
        await desk.js(
            "fetch('/v1/agent/login', {method: 'POST', headers: {'Content-Type': 'application/json'}, "
            f"body: JSON.stringify({said})}}).then(() => location.reload())"
        )
        alice = await it.shop.desk("alice")  # another page of hers, which chose to be available
        await desk.until("document.title.startsWith('Available')")
        other = await browser.tab("about:blank")
        await other.show()
        await desk.until("document.hidden")
        # Timers go by the second now, and no frame is drawn.
        assert await desk.js(_SLOW) > 1500
        chat = await it.shop.chat(headers={"Origin": f"http://localhost:{it.shops.port}"})
        await alice.until("desk_chat", state="offered")
        await desk.until("rings.sounding === 1", within=8)
        assert await desk.js("[document.hidden, rings.started]") == [True, 1]
        await desk.until("document.title.startsWith('☎')")
        # The offer is gone before anybody looks: it is silent at once, and does not ring late.
        await alice.say("chat_decline", chat_id=chat["id"])
        await desk.until("rings.sounding === 0", within=8)
        assert await desk.js("document.hidden")
        await desk.show()
        await desk.until("!document.hidden")
        await asyncio.sleep(1.5)
        assert await desk.js("[rings.started, rings.sounding]") == [1, 0]
