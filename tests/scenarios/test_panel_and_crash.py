"""A shopper's real panel, in a chat, while the server is killed and started again."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

from tests.aio import asyncio_test
from tests.page.shopping import shopping
from tests.page.stand_in import ShopPage
from tests.scenarios.server import Server
from tests.scenarios.settings import SITE_KEY, write
from tests.scenarios.test_chats import ChattingAgent, chatting
from tests.widget.page import WITH_THE_PANEL, expect

pytestmark = WITH_THE_PANEL


@asyncio_test(timeout=120)
async def test_a_chat_in_the_panel_outlives_the_death_of_the_server(tmp_path: Path) -> None:
    config = chatting(tmp_path)
    async with shopping() as (shops, page):
        config["sites"]["shop"]["origins"] = [f"http://localhost:{shops.port}"]
        config["sites"]["shop"]["page"] = {"buttons": {"ways": ["phone", "chat"]}}
        server = Server(write(tmp_path / "ringback.yaml", config), config["server"]["listen_address"])
        line = f'<script async src="http://{server.listen}/p/{SITE_KEY}.js"></script>'
        body = '<button data-ringback="chat">Chat with us</button>'
        shops.pages["/"] = ShopPage(head=line, body=body)
        field, log = page.get_by_label("Your message"), page.get_by_role("log", name="Chat")

        async def write_in_it(text: str) -> None:
            await field.fill(text)
            await page.keyboard.press("Enter")

        await server.start()
        try:
            agent = ChattingAgent(server, "agent0")
            working = asyncio.ensure_future(agent.work())
            await page.goto(shops.shop())
            await page.get_by_role("button", name="Chat with us").click()
            await write_in_it("Is it ready for rain?")
            said = log.locator(".entry .said")
            await expect(said).to_have_text(["Is it ready for rain?", "ok"])
            await server.kill()
            await working
            await write_in_it("And for snow?")
            await expect(page.locator(".unsent")).to_contain_text("sending…")
            await expect(page.get_by_role("status").first).to_contain_text("onnect")
            await field.fill("half a sen")
            await server.start()
            agent.cookie = ""  # sessions end with the process
            working = asyncio.ensure_future(agent.work())
            everything = ["Is it ready for rain?", "ok", "And for snow?", "ok"]
            await expect(said).to_have_text(everything, timeout=30_000)
            await expect(page.locator(".unsent")).to_have_count(0)
            await expect(field).to_have_value("half a sen")
            # A page that was loaded since finds the same.
            await page.reload()
            await expect(said).to_have_text(everything, timeout=30_000)
            await expect(field).to_have_value("half a sen")
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working
            assert await server.stop() == 0
            assert server.complaints() == []
        finally:
            if server.running:
                await server.kill()
            await server.client.aclose()
    with contextlib.closing(sqlite3.connect(tmp_path / "ringback.sqlite3")) as database:
        chats = database.execute("SELECT count(*), count(agent), count(outcome) FROM chats").fetchone()
        assert chats == (1, 1, 0), "the chat goes on, with its agent"
