"""The command line of the PC bench: a load of pages on Ringback, and on Asterisk, and one line of JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from bench.capture import CaptureError
from bench.command import host, kept, load_figures, tell
from bench.figures import Figures, figures
from bench.in_turn import SERVERS, add_argument, in_turn
from bench.load import Load, numbers, run
from bench.packets import CapturedPackets
from bench.page_audio import page_calls, page_figures, probe_figures
from bench.page_people import Heard, page_people
from bench.peer_sdp import Codec
from bench.servers import ServerError, World
from bench.sipp import PORTS, PhonesError, SippSide
from bench.sound import BUSINESS_HZ, SHOPPER_HZ
from tests.plumbing.chromium import CHROMIUM
from tests.plumbing.debian_sid import CannotInstallError
from tests.scenarios.settings import free_block

ABOUT = "Calls by PC through Ringback, and through Asterisk for comparison. Prints one line of JSON."
#: Seconds that a page may take until its audio flows, on a busy machine.
CONNECTING = 1.0
PRESETS = {
    "load": Load(calls=60, rate=4, hold=45, connecting=CONNECTING),
    "opus": Load(calls=15, rate=2, hold=35, connecting=CONNECTING),
    "idle": Load(calls=30, rate=1, hold=0.5, connecting=CONNECTING),
    "quick": Load(calls=2, rate=2, hold=5, connecting=CONNECTING),
}
#: What pages speak, by the way of the audio.
CODECS: dict[str, Codec] = {"passthrough": "PCMU", "opus": "opus"}
MOST_CALLS = 200
MOST_SECONDS = 720


def main() -> None:
    """Measure as the arguments say."""
    wanted = _arguments()
    try:
        result = asyncio.run(_bench(wanted))
    except (CaptureError, PhonesError, ServerError, CannotInstallError) as problem:
        sys.exit(f"pc_calls: {problem}")
    print(json.dumps(result))


class _PcWanted(argparse.Namespace):
    preset: str
    audio: str | None
    calls: int | None
    rate: float | None
    hold: float | None
    servers: tuple[str, ...]
    probe: bool
    keep: Path | None
    load: Load


async def _bench(wanted: _PcWanted) -> Figures:
    codec = CODECS[wanted.audio or ("opus" if wanted.preset == "opus" else "passthrough")]
    result = await in_turn(
        wanted.servers, lambda name: _measure(name, wanted.load, codec, wanted.probe, wanted.keep)
    )
    return {**result, "load": load_figures(wanted.load) | {"codec": codec}, "host": host()}


async def _measure(name: str, load: Load, codec: Codec, probe: bool, keep: Path | None) -> Figures:
    block, heard = free_block(2 * PORTS), Heard()
    world = World(
        SippSide("shopper", SHOPPER_HZ, block),
        SippSide("business", BUSINESS_HZ, block + PORTS),
        load.at_once + probe,
        codec,
    )
    with kept(keep) as folder:
        async with SERVERS[name](folder, world) as server:
            gather = page_people(server, world, folder, heard, probe)
            noted = await run(server, world, gather, load, folder, tell)
        tell(f"{server.name}: reading the capture")
        packets = CapturedPackets.read(folder / "wire.pcap")
    calls = page_calls(packets, world.business.sip, numbers(load), heard, codec)
    return {
        "version": server.version,
        **figures(noted, [call.followed for call in calls]),
        **page_figures(calls),
        "probe": probe_figures(packets, world.business.sip, heard),
    }


def _arguments() -> _PcWanted:
    parser = argparse.ArgumentParser(prog="pc_calls", description=ABOUT)
    parser.add_argument("--preset", choices=PRESETS, default="load", help="what the others default to (load)")
    parser.add_argument("--audio", choices=CODECS, help="how browsers' audio is carried (passthrough)")
    parser.add_argument("--calls", type=int, metavar="N", help=f"calls in all, at most {MOST_CALLS}")
    parser.add_argument("--rate", type=float, metavar="R", help="calls asked for in a second")
    parser.add_argument("--hold", type=float, metavar="S", help="seconds that each call is bridged")
    add_argument(parser)
    parser.add_argument(
        "--no-probe", dest="probe", action="store_false", help="go without a real Chromium among the calls"
    )
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave logs and the capture there")
    wanted = parser.parse_args(namespace=_PcWanted())
    preset = PRESETS[wanted.preset]
    wanted.probe = wanted.probe and CHROMIUM is not None
    wanted.load = Load(
        preset.calls if wanted.calls is None else wanted.calls,
        preset.rate if wanted.rate is None else wanted.rate,
        preset.hold if wanted.hold is None else wanted.hold,
        connecting=CONNECTING,
    )
    if not 1 <= wanted.load.calls <= MOST_CALLS or wanted.load.rate <= 0 or wanted.load.hold < 0.3:
        parser.error(f"1 to {MOST_CALLS} calls, a rate above 0, and at least 0.3 s of hold")
    if wanted.load.longest > MOST_SECONDS:
        parser.error(f"that would take longer than {MOST_SECONDS} s")
    return wanted
