"""A shopper's and an agent's browser look at a page of the corpus together, over the real server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent_page.chromium import agent
from tests.aio import asyncio_test
from tests.cobrowse.corpus import body_of, manifest
from tests.widget.page import WITH_THE_PANEL, expect
from tests.widget.real_shop import logs_in, real_shop

pytestmark = WITH_THE_PANEL
CORPUS = manifest()


@pytest.mark.browser
@asyncio_test(timeout=90)
async def test_an_agent_helps_at_the_checkout_and_sees_no_secret(tmp_path: Path) -> None:
    body = f'{body_of("checkout.html")}<button data-ringback="chat">Chat with us</button>'
    async with real_shop(tmp_path, body, cobrowse=CORPUS.rules) as it, agent(it.desk_url) as alice:
        got: list[str] = []
        alice.page.on(
            "websocket", lambda socket: socket.on("framereceived", lambda text: got.append(str(text)))
        )
        await logs_in(alice)
        await it.tab.get_by_role("button", name="Chat with us").click()
        await it.write("The checkout does not take my ZIP code")
        await alice.press("Accept")
        await alice.press("Ask the shopper")
        for each in ("Point and scroll", "Fill in and click"):
            await it.tab.get_by_role("checkbox", name=each).check()
        await it.tab.get_by_role("button", name="Agree to what is ticked").click()
        shown = alice.page.frame_locator("shared-view-card iframe")
        picture = shown.frame_locator("iframe")
        await expect(picture.get_by_text("A ZIP code has five digits.")).to_be_visible(timeout=15_000)

        await shown.get_by_role("button", name="ZIP code").click()
        await shown.get_by_label("What to write in it").fill(CORPUS.fill)
        await shown.get_by_role("button", name="Fill it in").click()
        await expect(it.tab.locator("#noticed")).to_have_text("Delivery to 90210")
        await expect(picture.get_by_text("Delivery to 90210")).to_be_visible()
        await picture.get_by_role("button", name="Pay 209.00").wait_for()
        await shown.get_by_role("button", name="Pay 209.00").click()
        await shown.get_by_role("button", name="Click it").click()
        log = shown.get_by_role("log")
        await expect(log).to_contain_text("not done: only the shopper may press it")
        await expect(log).to_contain_text("Filled ZIP code with “90210”")
        assert await it.tab.title() != "PAID"
        # A reload of the agent's page sees the page again, without asking the shopper.
        await alice.page.reload()
        await expect(picture.get_by_text("Delivery to 90210")).to_be_visible(timeout=15_000)
        assert CORPUS.leaks("".join(got)) == []
        await alice.press("End it")
        await expect(it.tab.get_by_role("region", name="Shared page")).to_have_count(0, timeout=1_000)
        await expect(alice.page.locator("shared-view-card iframe")).to_have_count(0, timeout=1_000)
