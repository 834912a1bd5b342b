"""A guided chat in the real panel leads to a call in the browser; tones prove who hears whom."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ, Sound
from tests.aio import asyncio_test
from tests.demo.tone_shop import EARS, hears
from tests.demo.visit import Visitor, microphone
from tests.page.shopping import shopping
from tests.page.stand_in import ShopPage
from tests.plumbing.chromium import tone
from tests.scenarios.settings import SITE_KEY, step
from tests.scenarios.test_browsers import with_agents
from tests.scenarios.world import answers, world
from tests.widget.page import WITH_THE_PANEL, expect

pytestmark = WITH_THE_PANEL
FLOW = {
    "questions": [{"ask": "Which make?", "as": "vehicle.make", "kind": "text"}],
    "then": [{"say": "Shall we talk about your {context.vehicle.make}?", "offer": ["pc", "later"]}],
}


@asyncio_test(timeout=120)
async def test_the_questions_lead_to_a_call_in_the_browser(tmp_path: Path) -> None:
    flags = microphone(tone(SHOPPER_HZ))
    async with world(tmp_path) as here, shopping(flags=flags) as (shops, page):
        await here.shopper()
        boston = await here.business("boston", answers())
        with_agents(here, "alice")
        here.settings["flows"] = {"parts": FLOW}
        here.settings["routes"]["help"] = {"steps": [step("agent:alice")], "queue": "help"}
        here.settings["queues"] = {"help": {}}
        here.site["origins"] = [f"http://localhost:{shops.port}"]
        here.site["page"] = {"buttons": {"ways": ["pc", "chat"]}}
        here.site["chat"] = {"route": "help", "flow": "parts"}
        here.site["data_pass"] = {"fields": {"vehicle.make": {"label": "Make"}}}
        await here.serve(step("boston"))
        line = f'<script async src="http://{here.server.listen}/p/{SITE_KEY}.js"></script>'
        shops.pages["/"] = ShopPage(head=line, body='<button data-ringback="chat">Chat with us</button>')
        who = Visitor(page)
        await page.add_init_script(EARS)
        await page.goto(shops.shop())
        await page.get_by_role("button", name="Chat with us").click()
        await page.get_by_role("button", name="Start", exact=True).click()
        log = page.get_by_role("log", name="Chat")
        await expect(log).to_contain_text("Which make?")
        await page.get_by_label("Your message").fill("Ford")
        await page.keyboard.press("Enter")
        await expect(log).to_contain_text("Shall we talk about your Ford?")
        await page.locator("ringback-ask .button.call").click()
        await page.get_by_role("button", name="Call now").click()
        await who.sees("Connected to", seconds=40)
        await hears(who, BUSINESS_HZ, SHOPPER_HZ)
        since, call = time.time(), (await boston.expect(wire.Answered)).call
        await asyncio.sleep(2)
        await page.get_by_role("button", name="Back to the chat").click()
        await expect(log).to_contain_text("The call is connected.")
        await page.get_by_role("button", name="Connected to").click()
        await page.get_by_role("button", name="Hang up").click()
        await who.sees("you hung up")
        ear = await here.heard(boston, call)
        slices = Sound.read(ear.path).between(since - ear.started_at).timeline([SHOPPER_HZ, BUSINESS_HZ])
        # A busy machine swallows some of what a browser sends.
        assert sum(SHOPPER_HZ in tones for _, tones in slices) > 0.3 * len(slices), ear.story()
        assert not any(BUSINESS_HZ in tones for _, tones in slices), ear.story()
        async with asyncio.timeout(10):
            while True:
                calls = (await here.server.admin("GET", "/v1/cdrs")).json()["cdrs"]
                if calls:
                    break
                await asyncio.sleep(0.1)
        (record,) = calls
        assert (record["disposition"], record["context"]["vehicle.make"]) == ("bridged", "Ford")
        assert record["chat_id"].startswith("th-")
