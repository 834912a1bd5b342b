"""A shop whose shoppers share their pages, on real WebSockets; the pages' recorder is played by the test."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from config.models import Config
from tests.api.chat_shop import ChatPage, ChatShop, chat_shop, chatting
from tests.api.pages import Page
from tests.api.shop import ORIGIN

URL = f"{ORIGIN}/checkout?session=SECRET-in-query#SECRET-in-fragment"
ALL = ["see", "point", "fill"]


def sharing(
    cobrowse: dict[str, Any] | None = None, page_push: dict[str, Any] | None = None, **agents: list[str]
) -> Config:
    """A chatting shop with shared views; ``agents`` says what some agents may do."""
    site = chatting(cobrowse=cobrowse or {}, **({} if page_push is None else {"page_push": page_push}))
    config = site.model_dump(mode="json", context={"reveal": True})
    for agent, scopes in agents.items():
        config["agents"][agent]["cobrowse"] = scopes
    return Config.model_validate(config, strict=False)


def element(node: int, tag: str, *children: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    """A node as rrweb serialises it."""
    return {"type": 2, "id": node, "tagName": tag, "attributes": attributes, "childNodes": list(children)}


def text(node: int, content: str) -> dict[str, Any]:
    """A text node."""
    return {"type": 3, "id": node, "textContent": content}


#: Node numbers of the page below.
BODY, HEADING, ZIP, CARD, PAY, LINK, UNKNOWN = 4, 5, 7, 8, 9, 11, 999


def page_events(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """What a recorder gives first: the size of the window, and the whole page."""
    body = element(
        BODY, "body",
        element(HEADING, "h1", text(6, "Checkout")),
        element(ZIP, "input", type="text", name="zip", value="SECRET-typed"),
        element(CARD, "input", type="text", name="cardnumber", autocomplete="cc-number", value="SECRET-card"),
        element(PAY, "button", text(10, "Pay"), type="submit", **{"data-ringback-never-click": ""}),
        element(LINK, "button", text(12, "Next"), type="button"),
        *more,
    )  # fmt: skip
    whole = {"type": 0, "id": 1, "childNodes": [element(2, "html", element(3, "head"), body)]}
    return [
        {"type": 4, "data": {"href": URL, "width": 1280, "height": 720}, "timestamp": 1},
        {"type": 2, "data": {"node": whole, "initialOffset": {"top": 0, "left": 0}}, "timestamp": 2},
    ]


def typed(node: int, value: str, at: int = 3) -> dict[str, Any]:
    """The shopper types."""
    return {"type": 3, "data": {"source": 5, "id": node, "text": value, "isChecked": False}, "timestamp": at}


def scrolled(y: int, at: int = 3) -> dict[str, Any]:
    """The shopper scrolls."""
    return {"type": 3, "data": {"source": 3, "id": 1, "x": 0, "y": y}, "timestamp": at}


class ViewPage(Page):
    """A page on a socket of a view; ``seen`` is all that it was told, as text."""

    def __init__(self, socket: Any) -> None:
        super().__init__(socket)
        self.seen: list[str] = []
        self.document = 0
        self.seq = 0

    async def next(self, *kinds: str) -> dict[str, Any]:
        """The next message, whatever it tells."""
        told = await asyncio.wait_for(self._socket.recv(), 5)
        self.seen.append(str(told))
        return dict(json.loads(told))

    async def say(self, message: str, /, **fields: Any) -> None:
        """Say something; who was shown the door already says it to nobody."""
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(json.dumps({"type": message, **fields}))

    async def events(self, *events: dict[str, Any]) -> None:
        """Say what the recorder gave."""
        await self.say("events", page=self.document, seq=self.seq, events=list(events))
        self.seq += 1

    async def records(self, *events: dict[str, Any]) -> None:
        """Begin to record, as the server says."""
        told = await self.until("record", on=True)
        self.document, self.seq = told["page"], 0
        await self.events(*(events or page_events()))


@dataclass
class ViewShop(ChatShop):
    """With what shoppers and agents do in shared views."""

    opened: list[ViewPage] = field(default_factory=list)

    async def tab(self, view: str, token: str, tab: str = "t1", **said: Any) -> ViewPage:
        """A page of the shopper's takes part."""
        origin = said.pop("origin", ORIGIN)
        page = await self._connect(f"/v1/views/{view}", origin)
        hello = {"url": URL, "title": "Checkout", "visible": True, **said}
        await page.say("hello", token=token, tab=tab, **hello)
        return page

    async def document(self, view: str, token: str) -> ViewPage:
        """An agent's document."""
        page = await self._connect(f"/v1/agents/views/{view}", f"http://{self.address}")
        await page.say("hello", token=token)
        return page

    async def _connect(self, path: str, origin: str) -> ViewPage:
        socket = await self.stack.enter_async_context(
            connect(f"ws://{self.address}{path}", proxy=None, subprotocols=["ringback.v2"], origin=origin,
                    max_size=None)
        )  # fmt: skip
        page = ViewPage(socket)
        self.opened.append(page)
        return page

    async def token(self, desk: ChatPage, view: str) -> str:
        """Another token for the desk."""
        await desk.say("view_token", view=view)
        while not (told := await desk.until("view"))["token"]:
            pass
        return str(told["token"])

    async def asked(self, scopes: list[str] | None = None) -> Asked:
        """Alice has a chat, and has asked its shopper."""
        chat, shopper, alice = await self.talking()
        await alice.say("ask_view", talk=chat["id"], scopes=scopes or ALL)
        question = await shopper.until("shared_view")
        return Asked(chat, shopper, alice, question)

    async def seeing(self, scopes: list[str] | None = None) -> Seeing:
        """Alice sees the page."""
        asked = await self.asked(scopes)
        view, question = asked.question["view"], asked.question
        tab = await self.tab(view, question["token"])
        await tab.until("welcome")
        await tab.say("consent", scopes=question["scopes"], version=question["consent"]["version"])
        agreed = await asked.alice.until("view", state="agreed")
        document = await self.document(view, agreed["token"])
        await document.until("welcome")
        await tab.records()
        await document.until("page")
        await document.until("events")
        return Seeing(view, asked, tab, document)


@dataclass
class Asked:
    """A shopper who is asked."""

    chat: dict[str, Any]
    shopper: ChatPage
    alice: ChatPage
    question: dict[str, Any]


@dataclass
class Seeing:
    """A view that goes on."""

    view: str
    asked: Asked
    tab: ViewPage
    document: ViewPage

    @property
    def alice(self) -> ChatPage:
        """The agent's desk."""
        return self.asked.alice

    async def does(self, kind: str, name: str = "a1", **fields: Any) -> dict[str, Any]:
        """What becomes of an action that the server refuses."""
        await self.document.say("action", action=name, kind=kind, **fields)
        return await self.document.until("result", action=name)


@asynccontextmanager
async def view_shop(path: Path, config: Config | None = None) -> AsyncIterator[ViewShop]:
    """A server whose shoppers share their pages."""
    async with chat_shop(path, config or sharing()) as shop, contextlib.AsyncExitStack() as stack:
        yield ViewShop(shop.server, shop.address, stack)
