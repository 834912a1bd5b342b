"""A shop with the real loader, panel and agents' page over the real API, which may go and come back."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.models import Config
from tests.agent_page.chromium import Tab
from tests.api.chat_shop import ChatShop, chat_shop, chatting
from tests.api.pages import PASSWORD
from tests.api.shop import SITE_KEY
from tests.page.shopping import shopping
from tests.page.stand_in import ShopPage, StandIn
from web import built

BODY = '<h1>The Harbor</h1><button data-ringback="chat">Chat with us</button>'


@dataclass
class RealShop:
    """The server, and a shopper's tab in a page of the shop's."""

    path: Path
    config: Config
    shops: StandIn
    tab: Any
    shop: ChatShop
    running: contextlib.AsyncExitStack

    @property
    def desk_url(self) -> str:
        return f"http://{self.shop.address}/agent/"

    @property
    def log(self) -> Any:
        return self.tab.get_by_role("log", name="Chat")

    async def write(self, text: str) -> None:
        await self.tab.get_by_label("Your message").fill(text)
        await self.tab.keyboard.press("Enter")

    async def said(self) -> list[str]:
        """What the shopper reads of people."""
        return list(await self.log.locator(".entry .said").all_inner_texts())

    async def stop(self) -> int:
        """The server goes; the port that it had."""
        await self.running.aclose()
        return int(self.shop.address.rpartition(":")[2])

    async def start(self, port: int) -> None:
        """It comes back with what is on disk."""
        self.shop = await self.running.enter_async_context(chat_shop(self.path, self.config, port))
        await self.shop.server.office.chats.engine.start()


async def logs_in(tab: Tab, agent: str = "alice") -> None:
    """To the agents' page, where they are available from then on."""
    tab.expected += ("401 (Unauthorized)", "WebSocket connection", "ERR_CONNECTION_REFUSED")
    await tab.log_in(agent, PASSWORD)
    await tab.shows("You are away")
    await tab.becomes_available()


@contextlib.asynccontextmanager
async def real_shop(path: Path, body: str = BODY, **settings: Any) -> AsyncIterator[RealShop]:
    """``settings`` are of the site; those of its chat are ``chat``."""
    (path / "page").symlink_to(built("page"))
    (path / "widget").symlink_to(built("widget"))
    (path / "agent-page").symlink_to(built("agent"))
    chat = settings.pop("chat", {})
    async with shopping() as (shops, tab), contextlib.AsyncExitStack() as running:
        origin = f"http://localhost:{shops.port}"
        page = {"buttons": {"ways": ["phone", "chat"]}, "consent": "not_needed"}
        push = {
            "catalogue": {"12": {"title": "Opening hours", "url": f"{origin}/hours"}},
            "origins": [origin],
        }
        config = chatting(chat, **{"origins": [origin], "page": page, "page_push": push} | settings)
        shop = await running.enter_async_context(chat_shop(path, config))
        line = f'<script async src="http://{shop.address}/p/{SITE_KEY}.js"></script>'
        for where in ("/", "/hours"):
            shops.pages[where] = ShopPage(head=line, body=body)
        here = RealShop(path, config, shops, tab, shop, running)
        await tab.goto(shops.shop())
        yield here
