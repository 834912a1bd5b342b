"""What chats cost the core, and how quick they are: many open ones with agents, on real WebSockets.

The core is a whole server but for its media engine, which carries nothing. One line of JSON on stdout.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from bench.agent_pages import PASSWORD_HASH
from bench.chat_people import (
    AgentAtDesk,
    Notes,
    ShopperOnPage,
    agent_at_desk,
    ask_for_chat,
    shopper_on_page,
)
from bench.command import host, tell
from bench.core_cost import Core, Threads
from bench.figures import Figures
from bench.processes import MachineCpu, memory_kb
from bench.servers import ServerError
from bench.wire import HttpWire, HttpWireError, connected
from tests.scenarios.settings import ORIGIN, Settings, free_block, settings, write

MOST_CHATS, MOST_SECONDS = 5000, 300.0
#: An agent has as many chats as the settings allow at most.
_EACH = 20
_CONNECTIONS = 8
#: What begins at once, in a second: nobody's pages all open in the same moment.
_SOCKETS_A_SECOND = 100.0
_SETTLE, _IDLE_SECONDS = 2.0, 5.0
#: Of so many entries, one is looked up in the database when an agent is told of it.
_LOOK_AT = 10
#: Chats that wait for somebody to be free.
_WAITING = 50
_OFFER_SECONDS = 5.0
_LEGS = 8


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(prog="chats", description=__doc__)
    parser.add_argument("--chats", type=int, default=2000, help=f"open at once, at most {MOST_CHATS} (2000)")
    parser.add_argument("--rate", type=float, default=200.0, help="entries a second (200)")
    parser.add_argument("--seconds", type=float, default=30.0, help="of that load (30)")
    parser.add_argument("--profile", action="store_true", help="sample what the load's time goes to")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave config and log there")
    wanted = parser.parse_args()
    if not (
        _EACH <= wanted.chats <= MOST_CHATS
        and 0 < wanted.rate <= 2000
        and 1 <= wanted.seconds <= MOST_SECONDS
    ):
        parser.error("a number is out of range")
    try:
        with tempfile.TemporaryDirectory(prefix="ringback-bench-") as name:
            folder = wanted.keep or Path(name)
            folder.mkdir(parents=True, exist_ok=True)
            found = asyncio.run(
                measure(folder, wanted.chats, wanted.rate, wanted.seconds, profile=wanted.profile)
            )
    except (ServerError, HttpWireError) as problem:
        sys.exit(f"chats: {problem}")
    print(json.dumps(found))


async def measure(folder: Path, chats: int, rate: float, seconds: float, *, profile: bool) -> Figures:
    """The figures of one run."""
    content = _settings(folder, -(-chats // _EACH))
    listen = content["server"]["listen_address"]
    async with contextlib.AsyncExitStack() as stack:
        core = await stack.enter_async_context(_core(folder, content))
        bench = Bench(core, listen, folder / "ringback.sqlite3")
        stack.push_async_callback(bench.close)
        figures = await bench.run(list(content["agents"]), chats, rate, seconds, profile=profile)
    if profile:
        report = json.loads((folder / "report.json").read_text())
        samples = max(1, report["samples"])
        figures |= {
            f"{part}_percent": {what: round(100 * n / samples, 1) for what, n in report[part].items()}
            for part in ("parts", "inner", "outer")
        }
    return {**figures, "host": host()}


def _settings(folder: Path, agents: int) -> Settings:
    content = settings(folder, "127.0.0.1:9")
    content["server"] |= {
        "trusted_proxies": ["127.0.0.1/32"],
        "connections": 3 * MOST_CHATS,
        "requests_per_ip": ["1000000 per 1m"],
    }
    rtp = free_block(4 * _LEGS)
    content["media"] = {"engine": "rtpengine", "most_legs": _LEGS}
    content["sip"]["rtp_ports"] = f"{rtp}-{rtp + 4 * _LEGS - 1}"
    content["destinations"] = {"sales": {"label": "Sales", "sip": "sip:sales@127.0.0.1:9"}}
    content["agents"] = {
        f"agent{number}": {"label": f"Agent {number}", "password_hash": PASSWORD_HASH, "chats": _EACH}
        for number in range(agents)
    }
    content["sites"]["shop"]["chat"] = {
        "route": "help",
        "limits": {"open_per_site": 2 * MOST_CHATS},
        "holding": [{"after": "30s", "texts": ["I am looking that up.", "One moment, please."]}],
    }
    content["sites"]["shop"]["proof_of_work"] = "off"  # all shoppers come within a minute
    content["queues"] = {"help": {}}
    content["routes"] = {
        "main": {"steps": [{"destinations": ["sales"]}], "message": "office"},
        "help": {
            "steps": [
                {
                    "strategy": "longest_idle",
                    "destinations": [f"agent:{name}" for name in content["agents"]],
                }
            ],
            "queue": "help",
        },
    }
    return content


@contextlib.asynccontextmanager
async def _core(folder: Path, content: Settings) -> AsyncIterator[Core]:
    config, report = write(folder / "ringback.yaml", content), folder / "report.json"
    with (folder / "core.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.core_process", str(config), str(report),
            stdout=log, stderr=log,
        )  # fmt: skip
    async with httpx.AsyncClient(
        base_url=f"http://{content['server']['listen_address']}", timeout=20, trust_env=False
    ) as http:
        core = Core(process, http)
        try:
            await core.ready()
            yield core
        finally:
            await core.stop()


class Bench:
    """The pages of one run, and what is measured with them."""

    def __init__(self, core: Core, listen: str, database: Path) -> None:
        self._core = core
        self._listen = listen
        self._disk = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        self._told = self._told_not_stored = self._looked = 0
        self._notes = Notes(look=self._look)
        self._agents: list[AgentAtDesk] = []
        self._shoppers: list[ShopperOnPage] = []

    async def run(
        self, agents: Sequence[str], chats: int, rate: float, seconds: float, *, profile: bool
    ) -> Figures:
        """Have all come, chat, and leave."""
        for number, name in enumerate(agents):
            self._agents.append(await agent_at_desk(self._notes, self._listen, number, name))
        empty = self._memory()
        tell(f"{len(agents)} agents are there")
        opened = await self._open(0, chats)
        await self._until(lambda: sum(len(each.chats) for each in self._agents) >= chats, 60.0)
        await asyncio.sleep(_SETTLE)
        without_pages = self._memory()
        tell(f"{chats} chats are open")
        began = time.monotonic()
        for number, chat in enumerate(opened):
            await asyncio.sleep(max(0.0, began + number / _SOCKETS_A_SECOND - time.monotonic()))
            self._shoppers.append(await shopper_on_page(self._notes, self._listen, chat))
        await asyncio.sleep(_SETTLE)
        with_pages = self._memory()
        tell("all shoppers' pages are there")
        looks = [Threads(self._core.pid)]
        await asyncio.sleep(_IDLE_SECONDS)
        looks.append(Threads(self._core.pid))
        machine = MachineCpu.now()
        if profile:
            self._core.signal(signal.SIGUSR1)
        own = time.process_time()
        written = await self._load(rate, seconds)
        own = time.process_time() - own
        if profile:
            self._core.signal(signal.SIGUSR2)
        looks.append(Threads(self._core.pid))
        busy = MachineCpu.now()
        spans = [after.at - before.at for before, after in itertools.pairwise(looks)]
        idle, load = (
            100 * sum(after.since(before).values()) / (after.at - before.at)
            for before, after in itertools.pairwise(looks)
        )
        await asyncio.sleep(_SETTLE)
        offers = await self._offers(chats)
        return {
            "chats": chats,
            "agents": len(agents),
            "entries_per_second": round(written / spans[1], 1),
            "entry_ms": {by: _percentiles(took) for by, took in self._notes.took.items()},
            "lost": written - sum(map(len, self._notes.took.values())),
            "stored_before_told": {"looked_at": self._looked, "not_stored": self._told_not_stored},
            "core_percent": round(load, 1),
            "core_idle_percent": round(idle, 1),
            "kb_per_chat": round((with_pages - empty) / chats, 1),
            "kb_per_chat_without_page": round((without_pages - empty) / chats, 1),
            "offer_ms": _percentiles(offers),
            "refused": sorted(set(self._notes.refused)),
            "bench_percent": round(100 * own / spans[1], 1),
            "machine": {
                "busy_percent": round(100 * (busy.busy - machine.busy) / spans[1], 1),
                "stolen_percent": round(100 * (busy.stolen - machine.stolen) / spans[1], 1),
            },
        }

    async def close(self) -> None:
        """Close all pages."""
        self._disk.close()
        await asyncio.gather(*(page.close() for page in (*self._shoppers, *self._agents)))

    def _memory(self) -> int:
        return memory_kb([self._core.pid])

    async def _open(self, first: int, count: int) -> list[dict[str, Any]]:
        numbers = iter(range(first, first + count))
        opened: list[dict[str, Any]] = []

        async def one_after_the_other(wire: HttpWire) -> None:
            for number in numbers:
                opened.append(await ask_for_chat(wire, number))  # noqa: PERF401 - many do so at once

        async with connected(self._listen, ORIGIN, _CONNECTIONS) as wires:
            await asyncio.gather(*map(one_after_the_other, wires))
        return opened

    async def _load(self, rate: float, seconds: float) -> int:
        """Shoppers and agents in turn write, each entry at its time; how many were written."""
        chance, began, written = random.Random(1), time.monotonic(), 0
        chats = [(agent, chat) for agent in self._agents for chat in agent.chats]
        for each in self._notes.took.values():
            each.clear()
        while (due := began + written / rate) < began + seconds:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if written % 2:
                agent, chat = chance.choice(chats)
                await agent.write(chat)
            else:
                await chance.choice(self._shoppers).write()
            written += 1
        return written

    def _look(self, chat_id: str, seq: int) -> None:
        self._told += 1
        if self._told % _LOOK_AT == 0:
            self._looked += 1
            which = "SELECT 1 FROM chat_entries WHERE chat_id = ? AND seq = ?"
            self._told_not_stored += self._disk.execute(which, (chat_id, seq)).fetchone() is None

    async def _offers(self, chats: int) -> list[float]:
        """All agents have as many chats as they may; each that ends makes room for one that waits."""
        waiting = [each["id"] for each in await self._open(chats, _WAITING)]
        await asyncio.sleep(_SETTLE)
        if early := [each for each in waiting if each in self._notes.offered]:
            raise ServerError(f"{len(early)} chats were offered though nobody was free")
        took = []
        for number, next_one in enumerate(waiting):
            agent = self._agents[number % len(self._agents)]
            ended = time.monotonic()
            await agent.say("desk_end", chat_id=next(iter(agent.chats)), code=None)
            await self._until(lambda it=next_one: it in self._notes.offered, _OFFER_SECONDS)
            took.append(self._notes.offered[next_one] - ended)
        return took

    @staticmethod
    async def _until(what: Any, seconds: float) -> None:
        give_up = time.monotonic() + seconds
        while not what():
            if time.monotonic() > give_up:
                raise ServerError("the server did not come so far; --keep has its log")
            await asyncio.sleep(0.002)


def _percentiles(seconds: Sequence[float]) -> Figures:
    if not seconds:
        return {}
    parts = {f"p{part}": round(1000 * float(np.percentile(seconds, part)), 2) for part in (50, 95, 99)}
    return {**parts, "max": round(1000 * max(seconds), 2), "n": len(seconds)}


if __name__ == "__main__":
    main()
