"""One run: phones, a server under test, calls at a steady rate, and looks at the processes meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from bench.capture import Capture, capture
from bench.processes import Cpu, MachineCpu, UdpDrops, memory_kb
from bench.servers import CallServer, People, ServerError, ServerTold, World
from bench.sipp import PORTS

Progress = Callable[[str], None]
#: The people of one run, by its load and the seconds that it takes at most.
Gather = Callable[["Load", float], AbstractAsyncContextManager[People]]

_FIRST_NUMBER = 16175550000
#: Calls before the run proper, so that nothing is done for the first time in it.
WARM_UP_CALLS = 4
_WARM_UP_NUMBER = 16172550000
_WARM_UP_HOLD = 0.5
_IDLE_SECONDS = 2.0
#: From the last request until every call is bridged, beside the ringing.
_SETTLE_SECONDS = 1.3
#: Room that is kept for calls that come and go slowly, as on a busy machine.
_SLOWEST_END = 6.0
#: After the last call should have ended.
_GRACE_SECONDS = 2.0
#: A shorter time with all calls bridged tells nothing.
_SHORTEST_MEDIA = 1.0


@dataclasses.dataclass(frozen=True)
class Load:
    """``calls`` calls, ``rate`` a second; each phone rings for ``ring`` s, and a call is held ``hold`` s.

    ``connecting`` are the seconds that a shopper's page may take until its audio flows.
    """

    calls: int
    rate: float
    hold: float
    ring: float = 0.1
    connecting: float = 0.0

    @property
    def length(self) -> float:
        """Seconds of one call, from the request for it."""
        return 2 * self.ring + self.hold

    @property
    def placing(self) -> float:
        """Seconds from the first request to the last."""
        return (self.calls - 1) / self.rate

    @property
    def at_once(self) -> int:
        """How many calls live at once at most."""
        return min(self.calls, int(self.rate * (self.length + self.connecting + _SLOWEST_END)) + 2)

    @property
    def longest(self) -> float:
        """Seconds after which something is wrong."""
        return self.placing + self.connecting + self.length + 60.0


@dataclasses.dataclass(frozen=True)
class Span:
    """CPU seconds that the server used in a stretch of time."""

    since: float
    until: float
    cpu: float
    #: The same by kind of process.
    kinds: dict[str, float] = dataclasses.field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.until - self.since


@dataclasses.dataclass(frozen=True)
class Run:
    """What was noted. ``media`` and ``memory_kb`` are None where not all calls were bridged at once."""

    idle: Span
    setup: Span
    whole: Span
    media: Span | None
    idle_memory_kb: int
    memory_kb: int | None
    processes: int
    kernel_drops: int
    capture_missed: int
    request_seconds: list[float]
    refused: dict[str, int]
    told: ServerTold
    #: Calls that the bench placed beside the load.
    beside: int
    #: Over the whole run, in percent of a core: the bench's own processes, and the whole machine.
    bench_cpu_percent: dict[str, float]
    machine_busy_percent: float
    machine_stolen_percent: float


class _Watch:
    """Looks at the server's CPU."""

    def __init__(self, server: CallServer) -> None:
        self._server = server
        self.restart()

    def restart(self) -> None:
        """Count from now on."""
        self._since, self._before = time.time(), Cpu(self._server.pids())

    def span(self) -> Span:
        """What it used since then."""
        now = time.time()
        kinds: defaultdict[str, float] = defaultdict(float)
        each = Cpu(self._server.pids()).each_since(self._before)
        for pid, seconds in each.items():
            kinds[self._server.kind(pid)] += seconds
        return Span(self._since, now, sum(each.values()), dict(kinds))


async def run(
    server: CallServer, world: World, gather: Gather, load: Load, folder: Path, tell: Progress
) -> Run:
    """Put the load on the server, once; the capture stays in ``folder`` as ``wire.pcap``."""
    tell(f"{server.name}: warming up")
    async with gather(dataclasses.replace(load, hold=_WARM_UP_HOLD), 60) as people:
        for index in range(WARM_UP_CALLS):
            await people.place(f"+{_WARM_UP_NUMBER + index}")
            await asyncio.sleep(0.1)
        await asyncio.sleep(load.connecting + 2 * load.ring + _WARM_UP_HOLD + _GRACE_SECONDS)
    async with gather(load, load.longest) as people:
        await asyncio.sleep(0.5)
        idle_memory = memory_kb(server.pids())
        watch = _Watch(server)
        await asyncio.sleep(_IDLE_SECONDS)
        idle = watch.span()
        ports = [range(world.shopper.sip, world.business.sip + PORTS), server.page_ports]
        with capture(folder, [some for some in ports if some], load.longest) as wire:
            return await _measured(server, load, people, wire, idle, idle_memory, tell)


async def _measured(
    server: CallServer,
    load: Load,
    people: People,
    wire: Capture,
    idle: Span,
    idle_memory: int,
    tell: Progress,
) -> Run:
    drops = UdpDrops([server.rtp_ports, server.page_ports])
    watching = asyncio.ensure_future(_watch_drops(drops))
    machine_before = MachineCpu.now()
    bench = {**people.pids(), "capture": [wire.pid], "own": [os.getpid()]}
    bench_before = {name: Cpu(pids) for name, pids in bench.items()}
    tell(f"{server.name}: {load.calls} calls, {load.rate:g} a second, held {load.hold:g} s")
    whole, began = _Watch(server), time.time()
    requests, refused = await _place_all(people, load)
    await asyncio.sleep(load.connecting + 2 * load.ring + _SETTLE_SECONDS)
    setup = whole.span()
    media, memory = None, None
    left = began + load.length - time.time() - 0.5
    if left >= _SHORTEST_MEDIA + 0.5:
        memory = memory_kb(server.pids())
        tell(f"{server.name}: all calls should be bridged; measuring for {left - 0.5:.0f} s")
        await asyncio.sleep(0.5)
        watch = _Watch(server)
        await asyncio.sleep(left - 0.5)
        media = watch.span()
    processes = len(server.pids())
    tell(f"{server.name}: waiting for the calls to end")
    end = began + load.placing + load.connecting + load.length
    await asyncio.sleep(max(0.0, end + _GRACE_SECONDS - time.time()))
    total = whole.span()
    bench_percent = {
        name: 100 * Cpu(bench[name]).since(before) / total.seconds for name, before in bench_before.items()
    }
    machine = MachineCpu.now()
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    wire.stop()
    return Run(
        idle,
        setup,
        total,
        media,
        idle_memory,
        memory,
        processes,
        drops.total,
        wire.missed(),
        requests,
        refused,
        await server.told(),
        len(people.beside),
        bench_percent,
        100 * (machine.busy - machine_before.busy) / total.seconds,
        100 * (machine.stolen - machine_before.stolen) / total.seconds,
    )


async def _place_all(people: People, load: Load) -> tuple[list[float], dict[str, int]]:
    """Ask for every call at its time, whether the earlier ones were answered or not."""
    seconds: list[float] = []
    refused: Counter[str] = Counter()
    began = time.monotonic()

    async def place(number: str, after: float) -> None:
        await asyncio.sleep(began + after - time.monotonic())
        try:
            seconds.append(await people.place(number))
        except (ServerError, OSError) as error:
            refused[str(error)[:200]] += 1

    at_once = [place(number, 0.0) for number in people.beside]
    in_turn = [place(f"+{number}", index / load.rate) for index, number in enumerate(numbers(load))]
    await asyncio.gather(*at_once, *in_turn)
    return seconds, dict(refused)


async def _watch_drops(drops: UdpDrops) -> None:
    while True:
        drops.look()
        await asyncio.sleep(1.0)


def numbers(load: Load) -> list[str]:
    """The shoppers' numbers of the run proper, without a plus."""
    return [str(_FIRST_NUMBER + index) for index in range(load.calls)]
