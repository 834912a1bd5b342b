"""The command line: a load on Ringback, the same one on Asterisk, and one JSON object of both."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import platform
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.audio_wire import CallAudio, Streams, call_audio
from bench.capture import CaptureError
from bench.figures import Figures, Followed, figures
from bench.in_turn import SERVERS, add_argument, in_turn
from bench.load import Load, numbers, run
from bench.packets import CapturedPackets
from bench.phone_people import phone_people
from bench.servers import ServerError, World
from bench.sip_wire import wire_calls
from bench.sipp import PORTS, PhonesError, SippSide
from bench.sound import BUSINESS_HZ, SHOPPER_HZ
from tests.plumbing.debian_sid import CannotInstallError
from tests.scenarios.settings import free_block

ABOUT = "Phone calls through Ringback, and through Asterisk for comparison. Prints one line of JSON."
PRESETS = {
    "load": Load(calls=100, rate=10, hold=40),
    "idle": Load(calls=100, rate=1, hold=0.5),
    "setups": Load(calls=1200, rate=20, hold=1),
    "quick": Load(calls=2, rate=2, hold=6, connecting=1),
}
MOST_CALLS = 2000
MOST_SECONDS = 900


def main() -> None:
    """Measure as the arguments say."""
    wanted = _arguments()
    try:
        result = asyncio.run(_bench(wanted.load, wanted.servers, wanted.keep))
    except (CaptureError, PhonesError, ServerError, CannotInstallError) as problem:
        sys.exit(f"phone_calls: {problem}")
    print(json.dumps(result))


async def _bench(load: Load, servers: Sequence[str], keep: Path | None) -> Figures:
    result = await in_turn(servers, lambda name: _measure(name, load, keep))
    return {**result, "load": load_figures(load), "host": host()}


async def _measure(name: str, load: Load, keep: Path | None) -> Figures:
    block = free_block(2 * PORTS)
    world = World(
        SippSide("shopper", SHOPPER_HZ, block), SippSide("business", BUSINESS_HZ, block + PORTS), load.at_once
    )
    with kept(keep) as folder:
        async with SERVERS[name](folder, world) as server:
            gather = phone_people(server, world, folder)
            noted = await run(server, world, gather, load, folder, tell)
        tell(f"{server.name}: reading the capture")
        packets = CapturedPackets.read(folder / "wire.pcap")
    calls = wire_calls(packets, world.shopper.sip, world.business.sip)
    streams = Streams(packets)
    followed = []
    for number in numbers(load):
        wire = calls.get(number)
        followed.append(Followed(wire, call_audio(streams, wire) if wire else CallAudio(None, None)))
    return {"version": server.version, **figures(noted, followed)}


@contextlib.contextmanager
def kept(keep: Path | None) -> Iterator[Path]:
    """A folder for one server's run; what is in it at its end is moved to a new one in ``keep``."""
    with tempfile.TemporaryDirectory(prefix="ringback-bench-") as name:
        try:
            yield Path(name)
        finally:
            if keep is not None:
                count = len(list(keep.iterdir())) if keep.exists() else 0
                shutil.copytree(name, keep / f"run{count}", ignore=_sockets)


def load_figures(load: Load) -> Figures:
    """The load as it is printed."""
    return {"calls": load.calls, "rate": load.rate, "hold": load.hold, "ring": load.ring}


def host() -> Figures:
    """The machine as it is printed."""
    return {"cores": os.cpu_count(), "kernel": platform.release(), "python": platform.python_version()}


def _sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if stat.S_ISSOCK(Path(folder, name).lstat().st_mode)]


def tell(what: str) -> None:
    """Progress, on stderr."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


class _Wanted(argparse.Namespace):
    preset: str
    calls: int | None
    rate: float | None
    hold: float | None
    servers: tuple[str, ...]
    keep: Path | None
    load: Load


def _arguments() -> _Wanted:
    parser = argparse.ArgumentParser(prog="phone_calls", description=ABOUT)
    parser.add_argument("--preset", choices=PRESETS, default="load", help="what the others default to (load)")
    parser.add_argument("--calls", type=int, metavar="N", help=f"calls in all, at most {MOST_CALLS}")
    parser.add_argument("--rate", type=float, metavar="R", help="calls asked for in a second")
    parser.add_argument("--hold", type=float, metavar="S", help="seconds that each call is bridged")
    add_argument(parser)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave logs and the capture there")
    wanted = parser.parse_args(namespace=_Wanted())
    preset = PRESETS[wanted.preset]
    wanted.load = Load(
        preset.calls if wanted.calls is None else wanted.calls,
        preset.rate if wanted.rate is None else wanted.rate,
        preset.hold if wanted.hold is None else wanted.hold,
    )
    if not 1 <= wanted.load.calls <= MOST_CALLS or wanted.load.rate <= 0 or wanted.load.hold < 0.3:
        parser.error(f"1 to {MOST_CALLS} calls, a rate above 0, and at least 0.3 s of hold")
    if wanted.load.longest > MOST_SECONDS:
        parser.error(f"that would take longer than {MOST_SECONDS} s")
    return wanted
