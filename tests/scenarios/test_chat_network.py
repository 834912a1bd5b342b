"""Chats over a network that cuts, delays and repeats: in the end both sides have read the same.

``RINGBACK_CHAT_RUNS=1000 pytest tests/scenarios/test_chat_network.py`` tries that many.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidMessage, WebSocketException

from tests.aio import asyncio_test
from tests.plumbing.bad_network import BadNetwork
from tests.scenarios.server import Server
from tests.scenarios.settings import ORIGIN, write
from tests.scenarios.test_chats import ChattingAgent, ChattingShopper, chatting

RUNS = int(os.environ.get("RINGBACK_CHAT_RUNS", "24"))
#: Entries of each side in a chat: within what one side may write in five seconds.
EACH = 5
#: What ends a connection.
BROKEN = (OSError, EOFError, TimeoutError, WebSocketException, InvalidHandshake, InvalidMessage)


@dataclass
class OneSide:
    """What one side of a chat has read and written, as its page keeps it."""

    name: str
    #: Sends an entry with its key; whoever has no connection just now loses it.
    send: Callable[[str, str], Any] | None = None
    transcript: list[tuple[int, str]] = field(default_factory=list)
    unsure: dict[str, str] = field(default_factory=dict)
    wrote: int = 0

    @property
    def last(self) -> int:
        return self.transcript[-1][0] if self.transcript else 0

    def read(self, entries: list[dict[str, Any]]) -> None:
        """Entries come in order, none is left out, and one that is known says the same."""
        known = dict(self.transcript)
        for entry in entries:
            if entry["seq"] <= self.last:
                assert known.get(entry["seq"], entry["text"]) == entry["text"], "an entry changed"
                continue
            assert entry["seq"] == self.last + 1, f"{self.name}: {entry['seq']} after {self.last}"
            self.transcript.append((entry["seq"], entry["text"]))
            self.unsure.pop(entry["key"] or "", None)

    async def write_all(self, luck: random.Random) -> None:
        """Write this side's entries, at any time."""
        while self.wrote < EACH:
            await asyncio.sleep(luck.uniform(0.0, 0.08))
            self.wrote += 1
            key, text = secrets.token_urlsafe(9), f"{self.name} says {self.wrote}"
            self.unsure[key] = text
            await self.again(key)

    async def again(self, key: str) -> None:
        if self.send is not None and key in self.unsure:
            await self.send(key, self.unsure[key])

    async def refused(self, told: dict[str, Any]) -> None:
        """Pages say "not sent", and whoever wrote it tries again."""
        assert told["reason"] == "too_fast", told
        await asyncio.sleep(0.5)
        await self.again(told["key"])


class Connected:
    """Somebody who connects again and again."""

    def __init__(self, network: BadNetwork) -> None:
        self.network = network
        self.connections = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self.socket: ClientConnection | None = None

    async def stay(self, path: str, **options: Any) -> None:
        while True:
            with contextlib.suppress(*BROKEN):
                async with connect(
                    f"ws://{self.network.address}{path}", proxy=None, open_timeout=5, **options
                ) as socket:
                    self.connections += 1
                    self.socket = socket
                    await self.begin()
                    async for text in socket:
                        await self.hear(json.loads(text))
            self.socket = None
            await asyncio.sleep(0.05)

    async def say(self, kind: str, **fields: Any) -> None:
        if self.socket is not None:
            with contextlib.suppress(*BROKEN):
                await self.socket.send(json.dumps({"type": kind, **fields}))

    def later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def begin(self) -> None:
        raise NotImplementedError

    async def hear(self, told: dict[str, Any]) -> None:
        raise NotImplementedError


class FarShopper(Connected):
    """A shopper behind the network."""

    def __init__(self, network: BadNetwork) -> None:
        super().__init__(network)
        self.side = OneSide("shopper", send=lambda key, text: self.say("chat_say", key=key, text=text))

    async def begin(self) -> None:
        await self.say("chat_follow", after=self.side.last)
        for key in list(self.side.unsure):
            await self.side.again(key)

    async def hear(self, told: dict[str, Any]) -> None:
        if told["type"] == "chat_entries":
            self.side.read(told["entries"])
        elif told["type"] == "refused":
            self.later(self.side.refused(told))


class FarAgent(Connected):
    """An agent behind the network, with one chat at a time, in which they write as much as the shopper."""

    def __init__(self, network: BadNetwork, luck: random.Random) -> None:
        super().__init__(network)
        self.luck = luck
        self.sides: dict[str, OneSide] = {}

    async def begin(self) -> None:
        await self.say("choose_state", state="available")

    def side(self, chat_id: str) -> OneSide:
        return self.sides.setdefault(
            chat_id,
            OneSide(
                "agent", send=lambda key, text: self.say("desk_say", chat_id=chat_id, key=key, text=text)
            ),
        )

    async def hear(self, told: dict[str, Any]) -> None:
        chat_id = told.get("chat_id", "")
        if told["type"] == "desk_chat" and told["state"] == "offered":
            await self.say("chat_accept", chat_id=chat_id)
        elif told["type"] == "desk_chat" and told["state"] == "talking":
            new, side = chat_id not in self.sides, self.side(chat_id)
            await self.say("desk_follow", chat_id=chat_id, after=side.last)
            for key in list(side.unsure):
                await side.again(key)
            if new:
                self.later(side.write_all(self.luck))
        elif told["type"] == "desk_entries" and chat_id in self.sides:
            self.side(chat_id).read([entry for entry in told["entries"] if entry["seq"] > 0])
        elif told["type"] == "refused" and told["request"] == "desk_say":
            self.later(self.side(chat_id).refused(told))


class FarWorld:
    """A server, and everybody who reaches it over a bad network."""

    def __init__(self, server: Server, folder: Path, luck: random.Random) -> None:
        self.server = server
        self.disk = folder / "ringback.sqlite3"
        self.luck = luck
        self.agents: list[FarAgent] = []
        self.cuts = 0
        #: Whoever stays for good; what goes wrong with them is raised.
        self.staying: set[asyncio.Task[None]] = set()

    def stays(self, person: Connected, path: str, **options: Any) -> asyncio.Task[None]:
        """Have somebody connect again and again."""
        staying = asyncio.ensure_future(person.stay(path, **options))
        self.staying.add(staying)
        return staying

    async def run(self, number: int) -> None:
        """One chat, from its beginning until both sides have read all of it."""
        asks = ChattingShopper(self.server, number)
        await asks.ask()
        chat_id, network = asks.chat["id"], BadNetwork(random.Random(self.luck.random()))
        async with network.toward(self.server.listen):
            shopper = FarShopper(network)
            protocols = ["ringback.v2", f"token.{asks.chat['token']}"]
            staying = self.stays(shopper, asks.chat["events"], subprotocols=protocols, origin=ORIGIN)
            try:
                await shopper.side.write_all(network.luck)
                network.calm = True
                agent = await self._until(lambda: self._agent_of(chat_id, shopper.side))
                self._judge(chat_id, shopper.side, agent.sides[chat_id])
                await shopper.say("chat_end")
                await self._until(lambda: shopper.side.transcript[-1][1] == "ended_by_shopper")
            finally:
                staying.cancel()
                self.staying.discard(staying)
                await asyncio.gather(staying, *shopper.tasks, return_exceptions=True)
        self.cuts += network.did["cut"]

    def _agent_of(self, chat_id: str, shopper: OneSide) -> FarAgent | None:
        """The agent of a chat in which all is said and read."""
        agent = next((each for each in self.agents if chat_id in each.sides), None)
        if agent is None or shopper.unsure:
            return None
        side = agent.sides[chat_id]
        whole = side.wrote == EACH and not side.unsure and len(side.transcript) == len(shopper.transcript)
        return agent if whole else None

    def _judge(self, chat_id: str, shopper: OneSide, agent: OneSide) -> None:
        with contextlib.closing(sqlite3.connect(self.disk)) as disk:
            stored = disk.execute(
                "SELECT seq, text FROM chat_entries WHERE chat_id = ? AND seq > 0 ORDER BY seq", (chat_id,)
            ).fetchall()
        assert shopper.transcript == agent.transcript == stored
        said = sorted(text for _, text in stored if " says " in text)
        assert said == sorted(f"{name} says {n}" for name in ("agent", "shopper") for n in range(1, EACH + 1))

    async def _until(self, what: Callable[[], Any]) -> Any:
        async with asyncio.timeout(60):
            while not (found := what()):
                for each in self.staying:
                    if each.done():
                        await each
                await asyncio.sleep(0.02)
        return found


@asyncio_test(timeout=60 + 4 * RUNS)
async def test_both_sides_read_the_same_over_a_network_that_cuts_delays_and_repeats(
    tmp_path: Path,
) -> None:
    config = chatting(tmp_path)
    for each in config["agents"].values():
        each["chats"] = 1
    server = Server(write(tmp_path / "ringback.yaml", config), config["server"]["listen_address"])
    await server.start()
    luck = random.Random(13)
    world = FarWorld(server, tmp_path, luck)
    try:
        async with contextlib.AsyncExitStack() as stack:
            for name in config["agents"]:
                known = ChattingAgent(server, name)
                await known.log_in()
                network = BadNetwork(random.Random(luck.random()), cut=0.01)
                await stack.enter_async_context(network.toward(server.listen))
                agent = FarAgent(network, luck)
                world.agents.append(agent)
                staying = world.stays(
                    agent,
                    "/v1/agent/events",
                    subprotocols=["ringback.v2"],
                    origin=f"http://{network.address}",
                    additional_headers={"Cookie": f"ringback_agent={known.cookie}"},
                )
                stack.callback(staying.cancel)
            at_once = asyncio.Semaphore(len(world.agents))

            async def run(number: int) -> None:
                async with at_once:
                    await world.run(number)

            await asyncio.gather(*map(run, range(RUNS)))
        assert world.cuts + sum(agent.connections - 1 for agent in world.agents) >= RUNS // 2
        assert await server.stop() == 0
        assert server.complaints() == []
    finally:
        if server.running:
            await server.kill()
        await server.client.aclose()
