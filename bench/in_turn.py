"""The servers under test, and a run of one after the other, so that their figures can be compared."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from bench.asterisk_side import asterisk_server
from bench.figures import Figures, ratios
from bench.ringback_side import ringback
from bench.servers import CallServer, World
from config.engines import ENGINES

#: How a server under test is started.
Start = Callable[[Path, World], AbstractAsyncContextManager[CallServer]]

#: What the others are compared with.
PEER = "asterisk"
#: Ringback by its media engine, and its peer.
SERVERS: dict[str, Start] = {
    **{engine: functools.partial(ringback, engine=engine) for engine in ENGINES},
    PEER: asterisk_server,
}


def servers_of(text: str) -> tuple[str, ...]:
    """The servers that an argument names, in this order."""
    names = tuple(text.split(","))
    if not set(names) <= set(SERVERS) or len(set(names)) < len(names):
        raise argparse.ArgumentTypeError(f"each of {', '.join(SERVERS)} at most once, with commas between")
    return names


def add_argument(parser: argparse.ArgumentParser) -> None:
    """Let the user say which servers."""
    parser.add_argument(
        "--servers", type=servers_of, default=("pjsua2",), metavar="A,B",
        help=f"which get the load, one after the other: of {', '.join(SERVERS)} (pjsua2)",
    )  # fmt: skip


async def in_turn(names: Sequence[str], measure: Callable[[str], Awaitable[Figures]]) -> Figures:
    """The figures of each, and, where the peer is among them, those of the others divided by its own."""
    found = {name: await measure(name) for name in names}
    result: Figures = {"servers": found}
    if PEER in found:
        result["ratio"] = {
            name: ratios(figures, found[PEER]) for name, figures in found.items() if name != PEER
        }
    return result
