"""What a call costs the core process alone: CPU from the request until it is bridged, and for its end.

The media engine is a stand-in that answers by the worker protocol (``bench.media_stand_in``), so no telephony
is in it. Prints one JSON object on one line.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from bench.command import host, tell
from bench.figures import Figures
from bench.media_stand_in import APART
from bench.processes import family
from bench.ringback_side import ORIGIN, SITE_KEY, settings_for
from bench.servers import ServerError, World
from bench.sipp import PORTS, SippSide
from tests.scenarios.settings import ADMIN_KEY, free_block, free_tcp_port, write

MOST_CALLS, MOST_ROUNDS = 2000, 20
_FIRST_NUMBER = 16175550000
_WARM_UP_CALLS = 20
_IDLE_SECONDS = 2.0
#: From the last request or hang-up until all is said and written.
_SETTLE = 1.5
_START_SECONDS = 30.0
#: As many legs as the calls need, and those of calls that are about to end.
_LEGS_A_CALL = 3


class Threads:
    """CPU seconds, to the nanosecond, of each thread of one process."""

    def __init__(self, pid: int) -> None:
        self.seconds: dict[int, float] = {}
        for task in Path(f"/proc/{pid}/task").iterdir():
            self.seconds[int(task.name)] = int((task / "schedstat").read_text().split()[0]) / 1e9
        self.at = time.monotonic()

    def since(self, earlier: Threads) -> dict[int, float]:
        """What each has used since then."""
        return {thread: used - earlier.seconds.get(thread, 0.0) for thread, used in self.seconds.items()}


class Core:
    """The core process under test."""

    def __init__(self, process: asyncio.subprocess.Process, http: httpx.AsyncClient) -> None:
        self.pid = process.pid
        self._process = process
        self._http = http

    async def ready(self) -> None:
        """Wait until it takes calls."""
        give_up = time.monotonic() + _START_SECONDS
        while time.monotonic() < give_up and self._process.returncode is None:
            try:
                if (await self._http.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass  # not listening yet
            await asyncio.sleep(0.1)
        raise ServerError("the core did not start; --keep has its log")

    async def place(self, index: int) -> None:
        """Ask for a call, as a shop's page does."""
        number = f"+{_FIRST_NUMBER + index}"
        body = {"site_key": SITE_KEY, "number": number, "country": "US", "page": f"{ORIGIN}/shoes"}
        answer = await self._http.post("/v1/calls", json=body, headers={"Origin": ORIGIN})
        if answer.status_code != 201:
            raise ServerError(f"{answer.status_code} {answer.text}")

    async def place_all(self, first: int, calls: int, rate: float) -> None:
        """The same for each of them at its time."""
        began = time.monotonic()

        async def place(index: int) -> None:
            await asyncio.sleep(began + index / rate - time.monotonic())
            await self.place(first + index)

        await asyncio.gather(*map(place, range(calls)))

    async def dispositions(self) -> list[str]:
        """Of all calls that have ended."""
        found: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            answer = await self._http.get(
                "/v1/cdrs",
                params={"limit": 500} | ({"cursor": cursor} if cursor else {}),
                headers={"Authorization": f"Bearer {ADMIN_KEY}"},
            )
            page = answer.raise_for_status().json()
            found += [record["disposition"] for record in page["cdrs"]]
            cursor = page["next"]
        return found

    async def hang_up(self, calls: int) -> None:
        """Have the business of each live call hang up, and wait until all is written."""
        _, worker = family(self.pid)
        os.kill(worker, signal.SIGUSR1)
        await asyncio.sleep(calls * APART + _SETTLE)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    async def stop(self) -> None:
        """End it; killed when it does not leave."""
        if self._process.returncode is None:
            self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), 20)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


async def measure(calls: int, rate: float, folder: Path, *, profile: bool) -> Figures:
    """One round: a fresh core, a few calls to warm it up, then the load."""
    block = free_block(2 * PORTS)
    world = World(SippSide("shopper", 0, block), SippSide("business", 0, block + PORTS), calls)
    listen = f"127.0.0.1:{free_tcp_port()}"
    content = settings_for(world, listen, 1)
    content["media"] = {"engine": "rtpengine", "most_legs": _LEGS_A_CALL * (calls + _WARM_UP_CALLS)}
    sip, rtp = free_block(2), free_block(4 * content["media"]["most_legs"])
    content["sip"] = {
        "bind_address": "127.0.0.1",
        "ports": f"{sip}-{sip + 1}",
        "rtp_ports": f"{rtp}-{rtp + 4 * content['media']['most_legs'] - 1}",
    }
    (folder / "admin.key").write_text(ADMIN_KEY + "\n")
    (folder / "admin.key").chmod(0o600)
    config, report = write(folder / "ringback.yaml", content), folder / "report.json"
    with (folder / "core.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.core_process", str(config), str(report),
            stdout=log, stderr=log,
        )  # fmt: skip
    async with httpx.AsyncClient(base_url=f"http://{listen}", timeout=20) as http:
        core = Core(process, http)
        try:
            figures = await _load(core, calls, rate, profile=profile)
        finally:
            await core.stop()
    return _told(figures, json.loads(report.read_text()), core.pid, profile=profile)


async def _load(core: Core, calls: int, rate: float, *, profile: bool) -> Figures:
    await core.ready()
    await core.place_all(0, _WARM_UP_CALLS, 20.0)
    await asyncio.sleep(_SETTLE)
    await core.hang_up(_WARM_UP_CALLS)
    looks = [Threads(core.pid)]
    await asyncio.sleep(_IDLE_SECONDS)
    looks.append(Threads(core.pid))
    if profile:
        core.signal(signal.SIGUSR1)
    await core.place_all(_WARM_UP_CALLS, calls, rate)
    await asyncio.sleep(_SETTLE)
    looks.append(Threads(core.pid))
    if profile:
        core.signal(signal.SIGUSR2)
    await core.hang_up(calls)
    looks.append(Threads(core.pid))
    endings = await core.dispositions()
    if endings.count("bridged") != calls + _WARM_UP_CALLS:
        raise ServerError(f"not all calls were bridged: {sorted(endings)[:3]}, {len(endings)} calls")
    idle, setup, end = (after.since(before) for before, after in itertools.pairwise(looks))
    spans = [after.at - before.at for before, after in itertools.pairwise(looks)]

    def a_call(used: dict[int, float], seconds: float) -> dict[int, float]:
        """Milliseconds a call of each thread, less what it uses when nothing happens."""
        idling = {thread: idle.get(thread, 0.0) / spans[0] * seconds for thread in used}
        return {thread: 1000 * (cpu - idling[thread]) / calls for thread, cpu in used.items()}

    return {"setup": a_call(setup, spans[1]), "end": a_call(end, spans[2])}


def _told(figures: Figures, report: dict[str, Any], pid: int, *, profile: bool) -> Figures:
    names = {pid: "main", **{int(thread): name for thread, name in report["threads"].items()}}
    threads: dict[str, float] = {}
    for thread, cost in figures["setup"].items():
        name = names.get(thread, "other")
        threads[name] = round(threads.get(name, 0.0) + cost, 2)
    told: Figures = {
        "setup_ms": round(sum(figures["setup"].values()), 2),
        "end_ms": round(sum(figures["end"].values()), 2),
        "setup_threads_ms": {name: cost for name, cost in threads.items() if cost >= 0.01},
    }
    if profile:
        samples = max(1, report["samples"])
        told["garbage"] = {
            kind: {"times": times, "ms": round(ms, 1)} for kind, (times, ms) in report["collected"].items()
        }
        for name in ("parts", "inner", "outer"):
            told[f"{name}_percent"] = {
                what: round(100 * count / samples, 1) for what, count in report[name].items()
            }
    return told


async def _rounds(calls: int, rate: float, rounds: int, keep: Path | None, *, profile: bool) -> Figures:
    found = []
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}: {calls} calls, {rate:g} a second")
        with tempfile.TemporaryDirectory(prefix="ringback-bench-") as name:
            folder = keep / f"round{number}" if keep else Path(name)
            folder.mkdir(parents=True, exist_ok=True)
            found.append(await measure(calls, rate, folder, profile=profile))
    setups = [each["setup_ms"] for each in found]
    return {
        "setup_ms_p50": round(statistics.median(setups), 2),
        "setup_ms_min": min(setups),
        "end_ms_p50": round(statistics.median(each["end_ms"] for each in found), 2),
        "calls": calls,
        "rate": rate,
        "rounds": found,
        "host": host(),
    }


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(prog="core_cost", description=__doc__)
    parser.add_argument("--calls", type=int, default=200, help=f"in each round, at most {MOST_CALLS} (200)")
    parser.add_argument("--rate", type=float, default=20.0, help="calls asked for in a second (20)")
    parser.add_argument("--rounds", type=int, default=3, help=f"fresh cores, at most {MOST_ROUNDS} (3)")
    parser.add_argument("--profile", action="store_true", help="sample what the set-up's time goes to")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave configs and logs there")
    wanted = parser.parse_args()
    if not (1 <= wanted.calls <= MOST_CALLS and 1 <= wanted.rounds <= MOST_ROUNDS and wanted.rate > 0):
        parser.error("a number is out of range")
    try:
        found = asyncio.run(
            _rounds(wanted.calls, wanted.rate, wanted.rounds, wanted.keep, profile=wanted.profile)
        )
    except ServerError as problem:
        sys.exit(f"core_cost: {problem}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
