"""A wallboard that a hundred pages look at while it changes; part of ``bench.portal``.

The server runs in a process of its own, over a real port; its pages are real WebSockets in this one. What is
told is the CPU of the server's process, by the kernel's count.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from api.passwords import hash_password
from bridge.cdr import CallRecord
from calls.waiting_room import QueueStanding
from config.models import Config
from tests.api.serving import listening, serving
from tests.api.shop import settings
from tests.reports.month import some_calls
from tests.store.test_reports import keep

VIEWERS, KIOSKS = 100, 20
PASSWORD = "of nobody"
#: Agents and queues on the board; agents who change what they do, each second.
AGENTS, QUEUES, CHANGES = 40, 6, 8
#: Calls of the last hour.
RECENT = 1000
#: Seconds before it is looked, and of the look.
WARM_UP, SECONDS = 4.0, 20.0
#: The whole must be over by then.
PATIENCE = 120.0


def busy_house() -> Config:
    """A shop with many agents, with queues, and with an operator."""
    config = settings().model_dump(mode="json", context={"reveal": True})
    secret = hash_password(PASSWORD)
    names = [f"agent{number}" for number in range(AGENTS)]
    config["agents"] = {name: {"label": name.title(), "password_hash": secret} for name in names}
    config["queues"] = {f"queue{number}": {} for number in range(QUEUES)}
    config["operators"] = {
        "olivia": {"label": "Olivia", "password_hash": secret, "rights": ["wallboard"]},
    }
    for route in config["routes"].values():
        route.update(steps=[{"destinations": [f"agent:{name}" for name in names]}], queue="queue0")
    return Config.model_validate(config, strict=False)


def _recent(now: float, route: str) -> Iterator[CallRecord]:
    """Ended calls of the last hour."""
    for number, (record, _, _) in enumerate(some_calls(RECENT)):
        at = now - 3600.0 * number / RECENT
        bridged = at + 12.0 if number % 4 else None
        yield replace(
            record, site="shop", route=route, requested_at=at, bridged_at=bridged, ended_at=at + 60.0, legs=()
        )


async def _serve(folder: Path) -> None:
    """The server's process: it says its address, and lets the board change until it is ended."""
    async with serving(folder, busy_house()) as server, listening(server) as port:
        names = list(server.world.config.agents)
        for name in names:
            server.agents.page_opened(name)
        began, since, number = time.monotonic(), server.clock.now, 0
        await keep(server.store, *_recent(since, next(iter(server.world.config.routes))))
        print(f"127.0.0.1:{port}", flush=True)
        while True:
            server.clock.now = since + time.monotonic() - began
            for _ in range(CHANGES):
                name = names[number % len(names)]
                server.agents.choose(name, "away" if number // len(names) % 2 else "available")
                number += 1
            for each in range(QUEUES):
                server.world.lines[f"queue{each}"] = QueueStanding(number % 7, 0, float(number % 90), 30.0)
            await asyncio.sleep(1.0)


class _Pages:
    """The pages that look, and what they got."""

    def __init__(self) -> None:
        self.messages = self.size = 0

    async def look(self, socket: ClientConnection) -> None:
        async for message in socket:
            self.messages += 1
            self.size += len(message)


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _measure(viewers: int, kiosks: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="board-") as folder:
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.portal_board", folder, stdout=asyncio.subprocess.PIPE
        )
        try:
            assert server.stdout is not None
            address = (await server.stdout.readline()).decode().strip()
            return await _look(server.pid, address, viewers, kiosks)
        finally:
            server.kill()
            await server.wait()


async def _look(pid: int, address: str, viewers: int, kiosks: int) -> dict[str, Any]:
    async with httpx.AsyncClient(
        base_url=f"http://{address}", headers={"Origin": f"http://{address}"}
    ) as http:
        answer = await http.post("/v1/portal/login", json={"operator": "olivia", "password": PASSWORD})
        cookie = answer.headers["set-cookie"].partition(";")[0]
        wish = {"label": "Hall", "days": 1}
        made = await http.post("/v1/portal/kiosks", json=wish, headers={"Cookie": cookie})
        secret = made.json()["secret"]
    pages, sockets = _Pages(), list[ClientConnection]()
    idle = _cpu(pid)
    await asyncio.sleep(5)
    idle = (_cpu(pid) - idle) / 5
    for number in range(viewers):
        protocols = ["ringback.v2", *([f"token.{secret}"] if number < kiosks else [])]
        headers = {} if number < kiosks else {"Cookie": cookie}
        sockets.append(
            await connect(
                f"ws://{address}/v1/portal/wallboard",
                origin=f"http://{address}",  # type: ignore[arg-type]
                subprotocols=protocols,  # type: ignore[arg-type]
                additional_headers=headers,
            )
        )
    looking = [asyncio.create_task(pages.look(socket)) for socket in sockets]
    await asyncio.sleep(WARM_UP)
    began, spent, before, size = time.monotonic(), _cpu(pid), pages.messages, pages.size
    await asyncio.sleep(SECONDS)
    lasted, cpu = time.monotonic() - began, _cpu(pid) - spent
    told = {
        "viewers": viewers,
        "kiosks": kiosks,
        "agents": AGENTS,
        "queues": QUEUES,
        "messages_a_second": round((pages.messages - before) / lasted, 1),
        "bytes_a_message": round((pages.size - size) / max(1, pages.messages - before)),
        "core_percent_without_viewers": round(idle * 100, 2),
        "core_percent": round(cpu / lasted * 100, 2),
    }
    for socket in sockets:
        await socket.close()
    await asyncio.gather(*looking, return_exceptions=True)
    return told


def measure(viewers: int = VIEWERS, kiosks: int = KIOSKS) -> dict[str, Any]:
    """How much of a core the server takes while so many pages look, some of them screens on walls."""
    return asyncio.run(asyncio.wait_for(_measure(viewers, kiosks), PATIENCE))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(_serve(Path(sys.argv[1])))
    else:
        print(json.dumps(measure(), indent=2))
