"""Chats on the whole server: what survives the death of its process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import secrets
import sqlite3
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.aio import asyncio_test
from tests.api.pages import PASSWORD
from tests.api.test_browser_legs import QUICK
from tests.scenarios.server import Server
from tests.scenarios.settings import ORIGIN, SITE_KEY, Settings, settings, write

AGENTS, EACH = 10, 20
CHATS = AGENTS * EACH
OPEN = {"Origin": ORIGIN}


def chatting(folder: Path) -> Settings:
    """Agents with room for many chats each."""
    config = settings(folder, "127.0.0.1:5060")
    names = [f"agent{number}" for number in range(AGENTS)]
    config["server"] |= {"requests_per_ip": ["100000 per 1m"], "connections_per_ip": 1000}
    config["media"] |= {"max_workers": 2, "spare_workers": 1}
    plenty = {"per_visitor": ["1000 per 1h"], "per_ip": ["1000 per 1h"]}
    config["sites"]["shop"]["proof_of_work"] = "off"  # all shoppers come at once
    config["sites"]["shop"]["chat"] = {"route": "help", "limits": plenty}
    config["agents"] = {
        name: {"label": name.title(), "password_hash": QUICK, "chats": EACH} for name in names
    }
    config["destinations"]["boston"] = {"label": "Boston", "sip": "sip:boston@127.0.0.1:5061"}
    config["mailboxes"] = {"office": {"label": "Office"}}
    steps = [{"strategy": "longest_idle", "destinations": [f"agent:{name}" for name in names]}]
    config["routes"] = {
        "main": {"steps": [{"destinations": ["boston"]}], "message": "office"},
        "help": {"steps": steps, "queue": "help"},
    }
    config["queues"] = {"help": {}}
    return config


class ChattingAgent:
    """Accepts whatever is offered, and answers each entry of a shopper's once."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        self.cookie = ""

    async def log_in(self) -> None:
        if not self.cookie:
            # A log-in ends the session whose cookie comes with it.
            self.server.client.cookies.clear()
            answer = await self.server.client.post(
                "/v1/agent/login",
                json={"agent": self.name, "password": PASSWORD},
                headers={"Origin": f"http://{self.server.listen}"},
            )
            assert answer.status_code == 200, answer.text
            self.cookie = answer.cookies["ringback_agent"]

    async def work(self) -> None:
        await self.log_in()
        options: dict[str, Any] = {"additional_headers": {"Cookie": f"ringback_agent={self.cookie}"}}
        address = f"ws://{self.server.listen}/v1/agent/events"
        async with connect(
            address, proxy=None, subprotocols=["ringback.v2"],  # type: ignore[list-item]
            origin=f"http://{self.server.listen}", **options,
        ) as socket:  # fmt: skip
            await _say(socket, "choose_state", state="available")
            with contextlib.suppress(ConnectionClosed):
                async for text in socket:
                    await self._hear(socket, json.loads(text))

    async def _hear(self, socket: ClientConnection, told: dict[str, Any]) -> None:
        if told["type"] == "desk_chat" and told["state"] == "offered":
            await _say(socket, "chat_accept", chat_id=told["chat_id"])
        elif told["type"] == "desk_chat" and told["state"] == "talking":
            await _say(socket, "desk_follow", chat_id=told["chat_id"], after=None)
        elif told["type"] == "desk_entries":
            for entry in told["entries"]:
                if entry["by"] == "shopper":  # again with the same key after each connection
                    key = f"re-{entry['seq']:08}"
                    await _say(socket, "desk_say", chat_id=told["chat_id"], key=key, text="ok")


class ChattingShopper:
    """Writes until told to stop; knows which of its entries the server has told as stored."""

    def __init__(self, server: Server, number: int) -> None:
        self.server = server
        self.asked = {
            "site_key": SITE_KEY,
            "key": secrets.token_urlsafe(24),
            "visitor": f"visitor-{number:016}",
        }
        self.chat: dict[str, Any] = {}
        self.seen: dict[int, str] = {}
        self.unsent: dict[str, str] = {}
        self.state: dict[str, Any] = {}
        self.said = 0

    async def ask(self) -> None:
        answer = await self.server.client.post("/v1/threads", json=self.asked, headers=OPEN, timeout=30)
        assert answer.status_code == 201, answer.text
        self.chat = answer.json()

    async def stay(self) -> None:
        token = f"token.{self.chat['token']}"
        async with connect(
            f"ws://{self.server.listen}{self.chat['events']}", proxy=None, origin=ORIGIN,  # type: ignore[arg-type]
            subprotocols=["ringback.v2", token],  # type: ignore[list-item]
        ) as socket:  # fmt: skip
            await _say(socket, "chat_follow", after=max(self.seen, default=0))
            for key, text in self.unsent.items():
                await _say(socket, "chat_say", key=key, text=text)
            with contextlib.suppress(ConnectionClosed):
                writing = asyncio.ensure_future(self._write(socket))
                try:
                    async for text in socket:
                        self._hear(json.loads(text))
                finally:
                    writing.cancel()

    async def _write(self, socket: ClientConnection) -> None:
        while self.said < 6:
            await asyncio.sleep(random.uniform(0.1, 1.0))
            self.said += 1
            key, text = secrets.token_urlsafe(9), f"entry {self.said}"
            self.unsent[key] = text
            await _say(socket, "chat_say", key=key, text=text)

    def _hear(self, told: dict[str, Any]) -> None:
        if told["type"] == "chat_state":
            self.state = told
        for entry in told.get("entries", ()):
            assert entry["seq"] not in self.seen, "told twice"
            self.seen[entry["seq"]] = entry["text"]
            self.unsent.pop(entry["key"], None)


async def _say(socket: ClientConnection, kind: str, **fields: Any) -> None:
    with contextlib.suppress(ConnectionClosed):
        await socket.send(json.dumps({"type": kind, **fields}))


async def _until(what: Any, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not what():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.05)


@asyncio_test(timeout=170)
async def test_a_killed_core_loses_no_entry_and_no_chat(tmp_path: Path) -> None:
    config = chatting(tmp_path)
    server = Server(write(tmp_path / "ringback.yaml", config), config["server"]["listen_address"])
    agents = [ChattingAgent(server, name) for name in config["agents"]]
    shoppers = [ChattingShopper(server, number) for number in range(CHATS)]
    await server.start()
    try:
        working = [asyncio.ensure_future(agent.work()) for agent in agents]
        await asyncio.gather(*(shopper.ask() for shopper in shoppers))
        staying = [asyncio.ensure_future(shopper.stay()) for shopper in shoppers]
        await _until(lambda: sum(len(shopper.seen) for shopper in shoppers) > 2 * CHATS, 60)
        await server.kill()  # in the middle of it all
        await asyncio.gather(*working, *staying, return_exceptions=True)  # some were just connecting
        await server.start()
        for agent in agents:
            agent.cookie = ""  # sessions end with the process
        working = [asyncio.ensure_future(agent.work()) for agent in agents]
        staying = [asyncio.ensure_future(shopper.stay()) for shopper in shoppers]
        await _until(
            lambda: all(
                shopper.said == 6 and not shopper.unsent and list(shopper.seen.values()).count("ok") >= 6
                for shopper in shoppers
            ),
            60,
        )
        for task in (*working, *staying):
            task.cancel()
        await asyncio.gather(*working, *staying, return_exceptions=True)
        assert await server.stop() == 0
        assert server.complaints() == []
    finally:
        if server.running:
            await server.kill()
        await server.client.aclose()
    with contextlib.closing(sqlite3.connect(tmp_path / "ringback.sqlite3")) as database:
        for shopper in shoppers:
            rows = database.execute(
                "SELECT seq, text FROM chat_entries WHERE chat_id = ? ORDER BY seq", (shopper.chat["id"],)
            ).fetchall()
            assert [seq for seq, _ in rows] == list(range(1, len(rows) + 1))
            stored = dict(rows)
            assert shopper.seen.items() <= stored.items(), "what was told was stored"
            texts = [text for _, text in rows]
            assert sorted(text for text in texts if text.startswith("entry")) == [
                f"entry {n}" for n in range(1, 7)
            ]
            assert texts.count("ok") == 6
        owners = database.execute("SELECT count(*), count(agent), count(outcome) FROM chats").fetchone()
        assert owners == (CHATS, CHATS, 0), "each goes on, with its agent"
