"""Pages of a scenario: the shopper's and the agent's WebSockets, whose audio is an aiortc peer's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from argon2 import PasswordHasher
from pydantic import BaseModel, ValidationError
from websockets.asyncio.client import ClientConnection, connect

from tests.scenarios.server import Server
from tests.scenarios.settings import ORIGIN
from tests.webrtc.browser import Browser
from webrtc.signalling import read_to_browser

PASSWORD = "correct horse battery"
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)


class Page:
    """A page; to a :class:`Browser` it is what carries signalling."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        #: What it was told, lines of progress too.
        self.told: list[dict[str, Any]] = []
        self.listeners: dict[str, asyncio.Queue[Any]] = {}
        #: For the messages of a failed test.
        self.said, self.stderr = self.told, ""
        self.browsers: list[Browser] = []
        self._sending: set[asyncio.Task[None]] = set()
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            self.told.append(message)
            if queue := self.listeners.get(message.get("leg", "")):
                try:
                    queue.put_nowait(read_to_browser(text))
                except ValidationError:
                    continue  # not about the leg's media

    async def tells(self, within: float = 8.0, **fields: Any) -> dict[str, Any]:
        """Wait for a message with these fields, and forget those up to it."""
        async with asyncio.timeout(within):
            while True:
                for index, message in enumerate(self.told):
                    if fields.items() <= message.items():
                        del self.told[: index + 1]
                        return message
                await asyncio.sleep(0.01)

    def signal(self, leg_id: str, message: BaseModel) -> None:
        """As the page's script."""
        said = {"leg": leg_id, **message.model_dump(exclude_none=True)}
        task = asyncio.ensure_future(self._socket.send(json.dumps(said)))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def say(self, kind: str, **fields: Any) -> None:
        await self._socket.send(json.dumps({"type": kind, **fields}))

    async def talk(self, leg_id: str, hertz: float, session: int = 1) -> Browser:
        """Offer, and wait until audio flows."""
        browser = Browser(self, leg_id, session)  # type: ignore[arg-type]
        self.browsers.append(browser)
        await browser.connect(hertz)
        return browser

    async def close(self) -> None:
        """As a reload: nothing is said, all is gone."""
        self._reading.cancel()
        await self._socket.close()
        for browser in self.browsers:
            await browser.close()


@asynccontextmanager
async def agent_page(server: Server, agent: str = "alice") -> AsyncIterator[Page]:
    """An agent's page, where they are available from now on."""
    origin = f"http://{server.listen}"
    server.client.cookies.clear()  # another person's browser: a log-in ends the session that its cookie has
    answer = await server.client.post(
        "/v1/agent/login", json={"agent": agent, "password": PASSWORD}, headers={"Origin": origin}
    )
    assert answer.status_code == 200, answer.text
    cookie = answer.headers["set-cookie"].split(";")[0]
    async with connect(
        f"ws://{server.listen}/v1/agent/events",
        subprotocols=["ringback.v2"],
        origin=origin,
        additional_headers={"Cookie": cookie},
        proxy=None,
    ) as socket:
        page = Page(socket)
        await page.say("choose_state", state="available")
        try:
            yield page
        finally:
            await page.close()


@asynccontextmanager
async def shopper_page(server: Server, placed: dict[str, Any]) -> AsyncIterator[Page]:
    """The page of a shopper who has asked for a call."""
    async with connect(
        f"ws://{server.listen}{placed['events']}",
        subprotocols=["ringback.v2", f"token.{placed['token']}"],
        origin=ORIGIN,
        proxy=None,
    ) as socket:
        page = Page(socket)
        try:
            yield page
        finally:
            await page.close()
