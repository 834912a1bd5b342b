"""Hours of phone calls through Ringback: ``bench/soak.py`` prints a JSON object; README.md tells more.

So many calls talk at any time; each is followed by another one. Nothing is captured. The memory of each kind
of process is looked at every half minute: what grows is a leak.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Run as a file, Python would look for modules beside it instead of in the tree.
if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from bench.command import host, tell
from bench.in_turn import SERVERS
from bench.load import Load
from bench.phone_people import phone_people
from bench.processes import Cpu, memory_kb
from bench.servers import CallServer, People, ServerError, World
from bench.sipp import PORTS, SippSide
from bench.sound import BUSINESS_HZ, SHOPPER_HZ
from tests.scenarios.settings import free_block

#: Seconds between two looks, and of each call.
EVERY, HOLD = 30.0, 60.0
MOST_CALLS, MOST_MINUTES = 400, 240
_FIRST_NUMBER = 16175000000
#: Shoppers' numbers are used again after so many calls: limits per number are off, but CDRs stay readable.
_NUMBERS = 100_000
_MIB = 1024

Look = dict[str, float]


async def soak(server: CallServer, people: People, load: Load, minutes: float) -> dict[str, Any]:
    """Keep the load up for so many minutes; the looks at memory, and how calls ended."""
    began, looks, refused = time.monotonic(), list[Look](), 0
    cpu_before = Cpu(server.pids())
    placing: set[asyncio.Task[None]] = set()

    async def place(number: str) -> None:
        nonlocal refused
        try:
            await people.place(number)
        except ServerError as error:
            refused += 1
            if refused == 1:
                tell(f"{server.name}: a call was refused: {error}")

    until, next_look, count = began + 60 * minutes, began + HOLD, 0
    while (now := time.monotonic()) < until:
        task = asyncio.create_task(place(f"+{_FIRST_NUMBER + count % _NUMBERS}"))
        placing.add(task)
        task.add_done_callback(placing.discard)
        count += 1
        if now >= next_look:
            next_look += EVERY
            looks.append({"minutes": round((now - began) / 60, 1), **memory_of(server)})
            if len(looks) % 10 == 1:
                tell(f"{server.name}: {looks[-1]}, {count} calls, {refused} refused")
        await asyncio.sleep(max(0.0, began + count / load.rate - time.monotonic()))
    cpu = Cpu(server.pids()).since(cpu_before)
    await asyncio.sleep(load.length + 5.0)
    after = memory_of(server)
    told = await server.told()
    return {
        "version": server.version,
        "calls": count,
        "refused": refused,
        "endings": told.endings,
        "cpu_percent": round(100 * cpu / (60 * minutes), 1),
        "memory_mib": {kind: _over_time([look.get(kind, 0.0) for look in looks]) for kind in after},
        "after_mib": after,
        "growth_mib_an_hour": {kind: _growth(looks, kind) for kind in after},
        "looks": len(looks),
    }


def memory_of(server: CallServer) -> Look:
    """MiB of proportional set size, by kind of process."""
    by_kind: defaultdict[str, list[int]] = defaultdict(list)
    for pid in server.pids():
        by_kind[server.kind(pid)].append(pid)
    return {kind: round(memory_kb(pids) / _MIB, 1) for kind, pids in sorted(by_kind.items())}


def _over_time(values: Sequence[float]) -> list[float]:
    """At the beginning, after a quarter, half, three quarters, and at the end."""
    last = len(values) - 1
    return [values[round(last * part / 4)] for part in range(5)] if values else []


def _growth(looks: Sequence[Look], kind: str) -> float | None:
    """MiB an hour over the second half, by least squares: caches fill in the first."""
    half = looks[len(looks) // 2 :]
    if len(half) < 3:
        return None
    times, sizes = [look["minutes"] / 60 for look in half], [look.get(kind, 0.0) for look in half]
    middle, size = sum(times) / len(times), sum(sizes) / len(sizes)
    spread = sum((at - middle) ** 2 for at in times)
    pairs = zip(times, sizes, strict=True)
    return round(sum((at - middle) * (each - size) for at, each in pairs) / spread, 2)


async def _bench(name: str, calls: int, minutes: float) -> dict[str, Any]:
    load = Load(calls=calls, rate=calls / HOLD, hold=HOLD)
    block = free_block(2 * PORTS)
    sides = SippSide("shopper", SHOPPER_HZ, block), SippSide("business", BUSINESS_HZ, block + PORTS)
    with tempfile.TemporaryDirectory(prefix="ringback-soak-") as folder:
        world = World(*sides, calls + 20)
        async with SERVERS[name](Path(folder), world) as server:
            longest = 60 * minutes + 300
            async with phone_people(server, world, Path(folder))(load, longest) as people:
                return {name: await soak(server, people, load, minutes)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Soak as the arguments say."""
    parser = argparse.ArgumentParser(description="Hours of phone calls, and the memory that they take.")
    parser.add_argument("--calls", type=int, default=100, help="that talk at any time (default: 100)")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long (default: 60)")
    parser.add_argument("--server", choices=sorted(SERVERS), default="rtpengine")
    wanted = parser.parse_args(arguments)
    if not (1 <= wanted.calls <= MOST_CALLS and 1 <= wanted.minutes <= MOST_MINUTES):
        parser.error(f"at most {MOST_CALLS} calls and {MOST_MINUTES} minutes")
    try:
        result = asyncio.run(_bench(wanted.server, wanted.calls, wanted.minutes))
    except ServerError as problem:
        sys.exit(f"soak: {problem}")
    print(json.dumps({**result, "load": {"calls": wanted.calls, "minutes": wanted.minutes}, "host": host()}))


if __name__ == "__main__":
    main()
