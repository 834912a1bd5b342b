"""How fast an agent sees who calls: from the ring of their phone to the pop that is painted. JSON on stdout.

``.venv/bin/python bench/screen_pop.py --calls 200 --rate 20``; see README.md beside this file.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

# Run as a file, Python would look for modules beside it instead of in the tree.
sys.path[0] = str(Path(__file__).resolve().parents[1])

import httpx  # noqa: E402

from bench.agent_pages import MARK, PASSWORD_HASH, AgentPages, agent_pages  # noqa: E402
from bench.asterisk_queue import QUEUE, asterisk_queue  # noqa: E402
from bench.capture import CaptureError, capture  # noqa: E402
from bench.command import host, kept, load_figures, tell  # noqa: E402
from bench.figures import Figures, percentiles  # noqa: E402
from bench.load import Load, numbers  # noqa: E402
from bench.packets import CapturedPackets  # noqa: E402
from bench.processes import Cpu, MachineCpu  # noqa: E402
from bench.ringback_side import ORIGIN, SITE_KEY, Ringback, ringback  # noqa: E402
from bench.servers import ServerError, World  # noqa: E402
from bench.sip_wire import DialogTimes, business_dialogs  # noqa: E402
from bench.sipp import PORTS, PhonesError, SippSide, phones  # noqa: E402
from bench.sound import BUSINESS_HZ, SHOPPER_HZ  # noqa: E402
from tests.pbx.asterisk import MANAGER, SECRET  # noqa: E402
from tests.plumbing.chromium import CHROMIUM  # noqa: E402
from tests.plumbing.debian_sid import CannotInstallError  # noqa: E402
from tests.scenarios.settings import Settings, free_block  # noqa: E402

MOST_CALLS = 2000
MOST_SECONDS = 600
MOST_AGENTS = 200
#: Seconds for which an agent is busy with a call beside ringing and holding.
_BETWEEN = 0.6
_WARM_UP = 16172550000
_GRACE_SECONDS = 4.0


async def _bench(load: Load, via: str, agents: Sequence[str], browsers: int, keep: Path | None) -> Figures:
    block = free_block(2 * PORTS)
    business = SippSide("business", BUSINESS_HZ, block + PORTS)
    world = World(SippSide("shopper", SHOPPER_HZ, block), business, load.at_once + 2)
    with kept(keep) as folder:
        async with _serving(folder, world, via, agents) as server:
            address = server.pages().url.removeprefix("http://")
            async with agent_pages(address, agents, browsers) as pages:
                with (
                    phones(folder, (world.shopper, world.business), load.ring, load.hold, load.longest),
                    capture(folder, [range(business.sip, business.sip + 1)], load.longest) as wire,
                ):
                    watch = _ProcessWatch(server)
                    refused = await _place_all(address, load, browsers)
                    used = watch.figures()
                    wire.stop()
        rings = business_dialogs(CapturedPackets.read(folder / "wire.pcap"), business.sip)
    return {
        "via": via,
        "agents": len(agents),
        "browsers": browsers,
        **_figures(load, rings, pages, refused),
        **used,
        "load": load_figures(load),
        "host": host(),
    }


class _ProcessWatch:
    """Looks at the CPU of Ringback, by kind of process, and of the machine; percent of a core."""

    def __init__(self, server: Ringback) -> None:
        self._server, self._began = server, time.monotonic()
        self._before, self._machine = Cpu(server.pids()), MachineCpu.now()

    def figures(self) -> Figures:
        """What was used since then."""
        seconds = time.monotonic() - self._began
        kinds: defaultdict[str, float] = defaultdict(float)
        for pid, used in Cpu(self._server.pids()).each_since(self._before).items():
            kinds[self._server.kind(pid)] += used
        busy = MachineCpu.now().busy - self._machine.busy
        return {
            "cpu_percent": {kind: round(100 * used / seconds, 1) for kind, used in sorted(kinds.items())},
            "machine": {
                "busy_percent": round(100 * busy / seconds, 1),
                "load_average": round(os.getloadavg()[0], 1),
            },
        }


@contextlib.asynccontextmanager
async def _serving(folder: Path, world: World, via: str, agents: Sequence[str]) -> AsyncIterator[Ringback]:
    """Ringback, and with ``via`` asterisk the PBX that it rings."""
    async with contextlib.AsyncExitStack() as stack:
        change = _own_phones(world, agents)
        if via == "asterisk":
            tell("starting Asterisk")
            pbx = await stack.enter_async_context(asterisk_queue(folder / "pbx", world, agents))
            (folder / "ami.secret").write_text(SECRET)
            (folder / "ami.secret").chmod(0o600)
            change = _behind_a_queue(pbx.address, pbx.ports.manager, agents)
        tell("starting Ringback")
        yield await stack.enter_async_context(ringback(folder, world, _with_room(change)))


def _with_room(change: Callable[[Settings], None]) -> Callable[[Settings], None]:
    def changed(content: Settings) -> None:
        change(content)
        # Where there are agents there is a browser worker, which wants a port too.
        content["media"]["max_workers"] -= 1

    return changed


def _own_phones(world: World, agents: Sequence[str]) -> Callable[[Settings], None]:
    def change(content: Settings) -> None:
        content["destinations"] = {
            f"desk-{agent}": {
                "label": agent,
                "sip": f"sip:{agent}@127.0.0.1:{world.business.sip}",
                "shown_number": "shopper",
                "max_calls": 1,
            }
            for agent in agents
        }
        step = {"strategy": "round_robin", "destinations": list(content["destinations"])}
        content["routes"]["main"]["steps"] = [step]
        content["agents"] = {
            agent: {"label": agent, "password_hash": PASSWORD_HASH, "phones": [f"desk-{agent}"]}
            for agent in agents
        }

    return change


def _behind_a_queue(address: str, manager: int, agents: Sequence[str]) -> Callable[[Settings], None]:
    def change(content: Settings) -> None:
        content["destinations"] = {
            "desk": {"label": "The desk", "sip": f"sip:{QUEUE}@{address}", "shown_number": "shopper"}
        }
        content["routes"]["main"]["steps"] = [{"destinations": ["desk"]}]
        content["asterisk"] = {
            "pbx": {"manager": f"127.0.0.1:{manager}", "username": MANAGER, "secret_file": "ami.secret"}
        }
        content["agents"] = {
            agent: {"label": agent, "password_hash": PASSWORD_HASH, "interface": f"PJSIP/{agent}"}
            for agent in agents
        }

    return change


async def _place_all(address: str, load: Load, browsers: int) -> Counter[str]:
    """Warm up, ask for every call at its time, and wait until all are over."""
    refused: Counter[str] = Counter()
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=20, trust_env=False) as http:

        async def place(number: str, at: float) -> None:
            await asyncio.sleep(at - time.monotonic())
            body = {"site_key": SITE_KEY, "number": f"+{number}", "country": "US", "page": f"{ORIGIN}/shoes"}
            body["context"] = {"order": f"{MARK}{number}"}  # type: ignore[assignment]
            answer = await http.post("/v1/calls", json=body, headers={"Origin": ORIGIN})
            if answer.status_code != 201:
                refused[f"{answer.status_code} {answer.text}"[:200]] += 1

        # One for each browser, as the agents are rung in turn.
        tell("warming up")
        for index in range(max(1, browsers)):
            await place(f"{_WARM_UP + index}", time.monotonic() + 0.3)
        await asyncio.sleep(load.length + _GRACE_SECONDS)
        tell(f"{load.calls} calls, {load.rate:g} a second")
        began = time.monotonic()
        await asyncio.gather(
            *(place(number, began + index / load.rate) for index, number in enumerate(numbers(load)))
        )
        await asyncio.sleep(load.length + _GRACE_SECONDS)
    return refused


def _figures(load: Load, rings: dict[str, DialogTimes], pages: AgentPages, refused: Counter[str]) -> Figures:
    rung = {number: rings[number] for number in numbers(load) if number in rings}
    told = {number: pages.told[number] for number in rung if number in pages.told}
    painted = {number: pages.painted[number] for number in rung if number in pages.painted}
    return {
        "calls": load.calls,
        "refused": dict(refused),
        "rung": len(rung),
        "popped": len(told),
        "to_the_right_agent": sum(rung[number].called == agent for number, (agent, _) in told.items()),
        "painted": len(painted),
        **percentiles("invite_to_known_ms", (pages.known[number] - rung[number].invited for number in told)),
        **percentiles("invite_to_told_ms", (at - rung[number].invited for number, (_, at) in told.items())),
        **percentiles("ring_to_told_ms", (_since_ring(rung[number], at) for number, (_, at) in told.items())),
        **percentiles(
            "invite_to_painted_ms", (at - rung[number].invited for number, (_, at) in painted.items())
        ),
        **percentiles(
            "ring_to_painted_ms", (_since_ring(rung[number], at) for number, (_, at) in painted.items())
        ),
    }


def _since_ring(ring: DialogTimes, at: float) -> float | None:
    return at - ring.rang if ring.rang is not None else None


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(prog="screen_pop", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=200, help=f"calls in all, at most {MOST_CALLS}")
    parser.add_argument("--rate", type=float, default=20.0, help="calls asked for in a second (20)")
    parser.add_argument("--hold", type=float, default=1.0, help="seconds that each call is held (1)")
    parser.add_argument(
        "--via", choices=["asterisk", "phones"], default="asterisk",
        help="agents behind a real Asterisk's queue, matched by AMI, or on phones that Ringback rings",
    )  # fmt: skip
    parser.add_argument(
        "--agents", type=int, help="how many there are; without it, as many as the rate needs"
    )
    parser.add_argument("--browsers", type=int, default=2, help="agents whose page is in Chromium (2)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave logs and the capture there")
    wanted = parser.parse_args()
    load = Load(wanted.calls, wanted.rate, wanted.hold)
    if not 1 <= load.calls <= MOST_CALLS or load.rate <= 0 or load.hold < 0.3:
        parser.error(f"1 to {MOST_CALLS} calls, a rate above 0, and at least 0.3 s of hold")
    if load.longest > MOST_SECONDS:
        parser.error(f"that would take longer than {MOST_SECONDS} s")
    needed = 4 + math.ceil(load.rate * (load.ring + load.hold + _BETWEEN))
    count = needed if wanted.agents is None else wanted.agents
    if not 1 <= count <= MOST_AGENTS or not 0 <= wanted.browsers <= min(8, count):
        parser.error(f"1 to {MOST_AGENTS} agents, at most 8 of them with a browser")
    if wanted.browsers and CHROMIUM is None:
        parser.error("no Chromium to paint in (Debian: chromium): install it, or say --browsers 0")
    agents = [f"agent{number}" for number in range(count)]
    try:
        result = asyncio.run(_bench(load, wanted.via, agents, wanted.browsers, wanted.keep))
    except (CaptureError, PhonesError, ServerError, CannotInstallError) as problem:
        sys.exit(f"screen_pop: {problem}")
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
