"""A shopper in Debian's Firefox and an agent in Chromium look at a checkout together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent_page.chromium import agent
from tests.aio import asyncio_test
from tests.cobrowse.corpus import body_of, manifest
from tests.demo.firefox import FIREFOX, firefox
from tests.widget.page import WITH_THE_PANEL, expect
from tests.widget.real_shop import logs_in, real_shop

pytestmark = WITH_THE_PANEL
CORPUS = manifest()


@pytest.mark.browser
@pytest.mark.skipif(FIREFOX is None, reason="needs Debian's firefox-esr")
@asyncio_test(timeout=120)
async def test_what_a_shopper_in_firefox_shares_is_seen_and_filled_in(tmp_path: Path) -> None:
    body = f'{body_of("checkout.html")}<button data-ringback="chat">Chat with us</button>'
    async with (
        real_shop(tmp_path, body, cobrowse=CORPUS.rules) as it,
        firefox(tmp_path, 440) as page,
        agent(it.desk_url) as alice,
    ):
        got: list[str] = []
        alice.page.on(
            "websocket", lambda socket: socket.on("framereceived", lambda text: got.append(str(text)))
        )
        await logs_in(alice)
        await page.open(it.shops.shop())
        await page.press("Chat with us")
        await page.until("""(() => {
            const field = all("textarea").find((each) => each.checkVisibility());
            if (!field) return false;
            field.value = "The checkout does not take my ZIP code";
            field.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
            return true;
        })()""")
        await page.press("Send")
        await alice.press("Accept")
        await alice.press("Ask the shopper")
        await page.until("""(() => {
            const boxes = all("input[name=see], input[name=point], input[name=fill]");
            for (const box of boxes) if (!box.checked) box.click();
            return boxes.length === 3;
        })()""")
        await page.press("Agree to what is ticked")
        shown = alice.page.frame_locator("shared-view-card iframe")
        picture = shown.frame_locator("iframe")
        await expect(picture.get_by_text("A ZIP code has five digits.")).to_be_visible(timeout=15_000)

        await shown.get_by_role("button", name="ZIP code").click()
        await shown.get_by_label("What to write in it").fill(CORPUS.fill)
        await shown.get_by_role("button", name="Fill it in").click()
        await page.until('document.getElementById("noticed").innerText === "Delivery to 90210"')
        await expect(picture.get_by_text("Delivery to 90210")).to_be_visible()
        assert CORPUS.leaks("".join(got)) == []

        await page.press("End")
        await expect(alice.page.locator("shared-view-card iframe")).to_have_count(0, timeout=1_000)
        await page.until('all("ringback-view-bar").length === 0', within=1)
