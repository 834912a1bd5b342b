"""The people of a chat bench: agents at their pages and shoppers on theirs, on real WebSockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bench.agent_pages import PASSWORD
from bench.crowd import address_of
from bench.servers import ServerError
from bench.wire import HttpWire
from tests.scenarios.settings import ORIGIN, SITE_KEY

#: Entries carry the time they were written at. In letters, as long numbers may look like those of cards.
_LETTERS = str.maketrans("0123456789", "abcdefghij")
_DIGITS = str.maketrans("abcdefghij", "0123456789")
#: Visitors have addresses below those of agents.
AGENTS_FROM = 1 << 22


def stamp() -> str:
    """A text that says when it was written."""
    return f"Is it in stock? {str(time.monotonic_ns()).translate(_LETTERS)}"


def age_of(text: str) -> float | None:
    """Seconds since a text was written; None for one that does not say."""
    words = text.split(" ")
    if not text.startswith("Is it in stock? "):
        return None
    return (time.monotonic_ns() - int(words[-1].translate(_DIGITS))) / 1e9


@dataclass
class Notes:
    """What the pages have noted."""

    #: Seconds from writing to reading, by who wrote.
    took: dict[str, list[float]] = field(default_factory=lambda: {"shopper": [], "agent": []})
    #: When each chat was first offered.
    offered: dict[str, float] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    #: Looks into the database when an agent is told of an entry.
    look: Callable[[str, int], None] = lambda chat_id, seq: None

    def read(self, reader: str, entry: dict[str, Any], chat_id: str) -> None:
        """Somebody reads an entry of the other side's."""
        if entry["by"] == reader or (took := age_of(entry["text"])) is None:
            return
        self.took[entry["by"]].append(took)
        if reader == "agent":
            self.look(chat_id, entry["seq"])


class BenchPage:
    """One page on its WebSocket."""

    def __init__(self, notes: Notes, socket: ClientConnection) -> None:
        self.notes = notes
        self.socket = socket
        self.reading = asyncio.ensure_future(self._read())

    async def say(self, kind: str, **fields: Any) -> None:
        """Send a message."""
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def close(self) -> None:
        """Close the page."""
        self.reading.cancel()
        await self.socket.close()

    async def _read(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for text in self.socket:
                told = json.loads(text)
                if told["type"] == "refused":
                    self.notes.refused.append(told["reason"])
                await self.hear(told)

    async def hear(self, told: dict[str, Any]) -> None:
        """Take what the server tells."""
        raise NotImplementedError


class AgentAtDesk(BenchPage):
    """Accepts every chat that is offered, and follows it."""

    def __init__(self, notes: Notes, socket: ClientConnection) -> None:
        super().__init__(notes, socket)
        #: The chats that they have.
        self.chats: set[str] = set()

    async def hear(self, told: dict[str, Any]) -> None:
        """Take what the server tells."""
        if told["type"] == "desk_entries":
            for entry in told["entries"]:
                self.notes.read("agent", entry, told["chat_id"])
        elif told["type"] == "desk_chat":
            await self._chat(told["chat_id"], told["state"])

    async def _chat(self, chat_id: str, state: str) -> None:
        if state == "offered":
            if chat_id not in self.notes.offered:
                self.notes.offered[chat_id] = time.monotonic()
                await self.say("chat_accept", chat_id=chat_id)
        elif state == "talking" and chat_id not in self.chats:
            self.chats.add(chat_id)
            await self.say("desk_follow", chat_id=chat_id, after=None)
        elif state == "over":
            self.chats.discard(chat_id)

    async def write(self, chat_id: str) -> None:
        """Write something in a chat of theirs."""
        await self.say("desk_say", chat_id=chat_id, key=secrets.token_urlsafe(9), text=stamp())


class ShopperOnPage(BenchPage):
    """Follows one chat."""

    async def hear(self, told: dict[str, Any]) -> None:
        """Take what the server tells."""
        if told["type"] == "chat_entries":
            for entry in told["entries"]:
                self.notes.read("shopper", entry, "")

    async def write(self) -> None:
        """Write something."""
        await self.say("chat_say", key=secrets.token_urlsafe(9), text=stamp())


async def agent_at_desk(notes: Notes, address: str, number: int, name: str) -> AgentAtDesk:
    """An agent who has logged in and is available."""
    origin, seen_as = f"http://{address}", {"X-Forwarded-For": address_of(AGENTS_FROM + number)}
    # Cookies of their own: a log-in ends the session whose cookie comes with it.
    async with httpx.AsyncClient(base_url=origin, verify=False, trust_env=False, timeout=20) as http:
        answer = await http.post(
            "/v1/agent/login",
            json={"agent": name, "password": PASSWORD},
            headers={"Origin": origin, **seen_as},
        )
    if answer.status_code != 200:
        raise ServerError(f"{name} cannot log in: {answer.status_code} {answer.text}")
    cookie = answer.headers["set-cookie"].split(";")[0]
    page = AgentAtDesk(
        notes,
        await connect(
            f"ws://{address}/v1/agent/events",
            subprotocols=["ringback.v2"],  # type: ignore[list-item]
            origin=origin,  # type: ignore[arg-type]
            additional_headers={"Cookie": cookie, **seen_as},
            proxy=None,
        ),
    )
    await page.say("choose_state", state="available")
    return page


async def ask_for_chat(wire: HttpWire, number: int) -> dict[str, Any]:
    """Ask for a chat, as one of many visitors."""
    body = {
        "site_key": SITE_KEY,
        "key": secrets.token_urlsafe(24),
        "visitor": f"visitor-{number:016}",
        "page": f"{ORIGIN}/shoes/{number}",
        "context": {"cart": {"value": 120.5}},
    }
    answer = await wire.post("/v1/threads", json.dumps(body).encode(), address_of(number), "application/json")
    if answer.status != 201:
        raise ServerError(f"no chat: {answer.status} {answer.body.decode(errors='replace')}")
    return dict(json.loads(answer.body))


async def shopper_on_page(notes: Notes, address: str, chat: dict[str, Any]) -> ShopperOnPage:
    """A shopper's page, which follows the chat. It offers compression, as browsers do."""
    page = ShopperOnPage(
        notes,
        await connect(
            f"ws://{address}{chat['events']}",
            subprotocols=["ringback.v2", f"token.{chat['token']}"],  # type: ignore[list-item]
            origin=ORIGIN,  # type: ignore[arg-type]
            proxy=None,
        ),
    )
    await page.say("chat_follow", after=None)
    return page
