"""An agent on their own phone, whose page in Chromium does all but the talking, through a whole Ringback."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from api.passwords import hash_password
from phones import wire
from tests.agent_page.chromium import agent
from tests.agent_page.stand_in import BUILD
from tests.aio import asyncio_test
from tests.plumbing.chromium import CHROMIUM
from tests.scenarios.settings import ORIGIN, step
from tests.scenarios.world import answers, eventually, world

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (BUILD / "index.html").is_file(), reason="needs the built page (make web)"),
]
PASSWORD = "correct horse"


@asyncio_test(timeout=150)
async def test_from_the_pop_to_the_wrap_up(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("boston", answers(after=3.0))
        cambridge = await here.business("cambridge", answers())
        here.site["page_push"] = {
            "catalogue": {"12": {"title": "Opening hours", "url": f"{ORIGIN}/hours"}},
        }
        here.settings["agents"] = {
            "alice": {"label": "Alice", "password_hash": hash_password(PASSWORD), "phones": ["boston"]}
        }
        here.settings["desk"] = {
            "wrap_up": "60s",
            "codes": {"sale": "Sale", "question": "Question answered"},
            "transfers": {"destinations": ["cambridge"]},
        }
        await here.serve(step("boston"))
        async with agent(f"http://{here.server.listen}/agent/") as tab:
            page = tab.page
            tab.expected += ("401 (Unauthorized)",)
            await tab.log_in("alice", PASSWORD)
            await tab.shows("You are away")
            await tab.becomes_available()
            call = await here.click(context={"cart": "120.50"})
            await tab.shows("The shop is calling", within=15)
            await tab.says("120.50")
            await tab.says("You are talking, on your phone", within=15)

            await page.get_by_role("button", name="Opening hours").click()
            (pushed,) = await eventually(lambda: call.told)
            assert (pushed["url"], pushed["mode"]) == (f"{ORIGIN}/hours", "ask")
            await tab.says("Waiting for the shopper")

            await tab.press("Hold")
            await tab.says("The caller is on hold")
            assert (await call.tells(lambda line: line["held"]))["state"] == "bridged"
            await tab.press("On hold")
            await tab.says("You are talking, on your phone")

            await page.get_by_label("Notes", exact=True).fill("Wants size 9")
            await expect(page.locator("note-pad")).to_contain_text("Saved", timeout=8000)
            await tab.press("Transfer")
            await page.get_by_role("option", name="The cambridge store").click()
            await tab.press("Ask first")
            await tab.says("You are talking to The cambridge store")
            await tab.picture("own-phone-consults")
            await tab.press("Put the caller through")
            await call.tells(lambda line: line["connected_to"] == "The cambridge store")
            await page.get_by_text("Question answered").click()
            await tab.press("Done")
            await tab.shows("You are available")
            await cambridge.send(wire.HangUpCall(1))
            record = await call.over()
            tab.is_fine()
        assert record.causes == [
            ("shopper", "peer_ended"),
            ("boston", "transferred"),
            ("cambridge", "normal"),
        ]
        (written,) = record.raw["wrap_ups"]
        assert (written["agent"], written["code"], written["note"]) == ("alice", "question", "Wants size 9")
