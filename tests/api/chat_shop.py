"""A shop whose shoppers chat, on real WebSockets."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import connect

from config.models import Config
from tests.api.pages import Page, listening
from tests.api.shop import ORIGIN, SITE_KEY
from tests.api.test_browser_legs import Shop, agents_answer

GENEROUS = {"per_visitor": ["1000 per 1h"], "per_ip": ["1000 per 1h"]}


def chatting(chat: dict[str, Any] | None = None, **site: Any) -> Config:
    """Alice is asked first, then Ben; Cho supervises and takes no chats by herself."""
    settings = {
        "route": "help", "limits": GENEROUS, "otherwise": ["message", "callback"], "mailbox": "office",
        "callback": "later", **(chat or {}),
    }  # fmt: skip
    config = agents_answer(chat=settings, **site).model_dump(mode="json", context={"reveal": True})
    config["agents"]["cho"] = {**config["agents"]["ben"], "label": "Cho", "rights": ["supervise"]}
    config["routes"]["help"] = {
        "steps": [{"strategy": "in_order", "destinations": ["agent:alice", "agent:ben"]}],
        "queue": "help",
    }
    config["queues"] = {"help": {}}
    config["mailboxes"] = {"office": {"label": "Office", "email": ["office@shop.example"]}}
    config["desk"] = {"codes": {"sale": "Sale"}}
    return Config.model_validate(config, strict=False)


class ChatPage(Page):
    """A shopper's page of a chat, or an agent's. Keeps what was said, by number."""

    def __init__(self, socket: Any) -> None:
        super().__init__(socket)
        self.said: dict[int, dict[str, Any]] = {}
        #: How the flow stands, as it was told last.
        self.flow: dict[str, Any] | None = None

    async def next(self, *kinds: str) -> dict[str, Any]:
        message = await super().next(*kinds)
        if message["type"] == "chat_flow":
            self.flow = message
        if message["type"] in ("chat_entries", "desk_entries"):
            for entry in message["entries"]:
                assert self.said.get(entry["seq"], entry) == entry, "an entry changed"
                self.said[entry["seq"]] = entry
        return message

    @property
    def texts(self) -> list[str]:
        """What people and holding words said, in order."""
        rows = sorted(self.said.items())
        return [entry["text"] for seq, entry in rows if seq > 0 and entry["kind"] != "event"]

    @property
    def events(self) -> list[str]:
        """What happened, in order."""
        return [entry["text"] for _, entry in sorted(self.said.items()) if entry["kind"] == "event"]

    async def hears(self, text: str) -> dict[str, Any]:
        """Wait for an entry with this text."""
        while True:
            for entry in self.said.values():
                if entry["text"] == text:
                    return entry
            await self.next()

    async def write(self, text: str, **fields: Any) -> str:
        """Write something; returns its key."""
        key = secrets.token_urlsafe(12)
        await self.say("desk_say" if "chat_id" in fields else "chat_say", key=key, text=text, **fields)
        return key


@dataclass
class ChatShop(Shop):
    """With what shoppers do."""

    @property
    def offers(self) -> list[str]:
        """The chats that were offered, in order, as the facts told."""
        return self.server.office.chats.offered

    async def ask(self, **changed: Any) -> httpx.Response:
        """Ask for a chat from a page of the shop."""
        headers = {"Origin": ORIGIN} | changed.pop("headers", {})
        body = {"site_key": SITE_KEY, "key": secrets.token_urlsafe(24), **changed}
        return await self.server.http.post("/v1/threads", json=body, headers=headers)

    async def chat(self, **changed: Any) -> dict[str, Any]:
        """A chat that was asked for."""
        answer = await self.ask(**changed)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def shopper(self, chat: dict[str, Any], after: int | None = None, **options: Any) -> ChatPage:
        """A page of a chat, which follows it."""
        options = {"subprotocols": ["ringback.v2", f"token.{chat['token']}"], "origin": ORIGIN, **options}
        socket = await self.stack.enter_async_context(
            connect(f"ws://{self.address}{chat['events']}", proxy=None, **options)
        )
        page = ChatPage(socket)
        await page.say("chat_follow", after=after)
        return page

    async def desk(self, agent: str = "alice", *, available: bool = True) -> ChatPage:
        """An agent's page."""
        page = await (self.available(agent) if available else self.page(agent))
        return ChatPage(page._socket)

    async def talking(self, **changed: Any) -> tuple[dict[str, Any], ChatPage, ChatPage]:
        """A chat that Alice has, with both pages following it."""
        alice = await self.desk()
        chat = await self.chat(**changed)
        shopper = await self.shopper(chat)
        await alice.until("desk_chat", state="offered")
        await alice.say("chat_accept", chat_id=chat["id"])
        await alice.until("desk_chat", state="talking")
        await alice.say("desk_follow", chat_id=chat["id"], after=None)
        await shopper.hears("joined")
        await alice.hears("joined")
        return chat, shopper, alice


@asynccontextmanager
async def chat_shop(path: Path, config: Config | None = None, port: int = 0) -> AsyncIterator[ChatShop]:
    """A server whose shoppers chat."""
    async with (
        listening(path, config or chatting(), port=port, real_calls=True) as (server, address),
        contextlib.AsyncExitStack() as stack,
    ):
        yield ChatShop(server, address, stack)
