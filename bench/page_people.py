"""The people of a PC bench: pages that call (peers in a few processes, a real Chromium), and phones."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bench.chromium_probe import NUMBER, Probe, probe
from bench.load import Gather, Load
from bench.peers import Job, PeerStory, read_heard
from bench.processes import family
from bench.servers import CallServer, ServerError, World
from bench.sipp import Phones, phones
from bench.sound import SHOPPER_HZ
from tests.children import die_with_parent

#: A process of peers carries so many calls without being late.
_PEERS_A_PROCESS = 20
_LEAST_PROCESSES = 2
_ANSWER_SECONDS = 30.0
_END_SECONDS = 20.0
_ROOT = Path(__file__).resolve().parents[1]


@dataclasses.dataclass
class Heard:
    """What is known of a run's pages once its people have gone: by number, story and payloads by sequence."""

    peers: dict[str, tuple[PeerStory, dict[int, bytes]]] = dataclasses.field(default_factory=dict)
    probe: dict[str, Any] | None = None


class PagePeople:
    """Pages that call, and the business's phones."""

    def __init__(self, people: Phones, crews: list[_Crew], chromium: Probe | None) -> None:
        self.beside: tuple[str, ...] = (NUMBER,) if chromium is not None else ()
        self._people, self._crews, self._chromium = people, crews, chromium
        self._turn = 0

    def pids(self) -> dict[str, list[int]]:
        """SIPp, the peers' processes, and Chromium's."""
        pids = {"sipp": self._people.pids, "peers": [crew.pid for crew in self._crews]}
        return pids | ({"chromium": family(self._chromium.pid)} if self._chromium else {})

    async def place(self, number: str) -> float:
        """Have a page ask for a call; the seconds until that was accepted."""
        if number == NUMBER and self._chromium is not None:
            at = time.monotonic()
            await self._chromium.call()
            return time.monotonic() - at
        self._turn += 1
        return await self._crews[self._turn % len(self._crews)].place(number)


class _Crew:
    """One process of peers."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._ready = asyncio.get_running_loop().create_future()
        self._reading = asyncio.ensure_future(self._read())

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ready(self) -> None:
        async with asyncio.timeout(_ANSWER_SECONDS):
            await self._ready

    async def place(self, number: str) -> float:
        future = self._waiting[number.removeprefix("+")] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        self._process.stdin.write(f"{number}\n".encode())
        async with asyncio.timeout(_ANSWER_SECONDS):
            answer = await future
        if not answer["accepted"]:
            raise ServerError(answer["problem"])
        return float(answer["seconds"])

    async def end(self) -> None:
        """Have it write what it heard, and end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_END_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            answer = json.loads(line)
            if "ready" in answer:
                self._ready.set_result(None)
            elif future := self._waiting.pop(answer["number"].removeprefix("+"), None):
                future.set_result(answer)
        for future in [self._ready, *self._waiting.values()]:
            if not future.done():
                future.set_exception(ServerError("a process of peers ended"))


def page_people(server: CallServer, world: World, folder: Path, heard: Heard, with_probe: bool) -> Gather:
    """How the people of each run are gathered; ``heard`` is filled when they go."""

    @contextlib.asynccontextmanager
    async def gather(load: Load, most_seconds: float) -> AsyncIterator[PagePeople]:
        heard.peers.clear()
        count = max(_LEAST_PROCESSES, -(-load.calls // _PEERS_A_PROCESS))
        crews: list[_Crew] = []
        files = [folder / f"peers{number}.npz" for number in range(count)]
        async with contextlib.AsyncExitStack() as stack:
            phones_of = stack.enter_context(
                phones(folder, (world.business,), load.ring, load.hold, most_seconds)
            )
            chromium = await stack.enter_async_context(probe(server.pages(), folder)) if with_probe else None
            try:
                for file in files:
                    crews.append(await _start(server, world, file, most_seconds))  # noqa: PERF401 - all end
                for crew in crews:
                    await crew.ready()
                yield PagePeople(phones_of, crews, chromium)
                heard.probe = await chromium.story() if chromium else None
            finally:
                for crew in crews:
                    await crew.end()
        for file in files:
            heard.peers |= {story.number.removeprefix("+"): (story, got) for story, got in read_heard(file)}

    return gather


async def _start(server: CallServer, world: World, file: Path, most_seconds: float) -> _Crew:
    assert world.pages is not None
    job = Job(server.pages(), world.pages, SHOPPER_HZ, most_seconds, file)
    with file.with_suffix(".log").open("ab") as log:
        return _Crew(
            await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "bench.peers", job.dump()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=_ROOT,
                preexec_fn=die_with_parent,
            )
        )
