"""Shared views through the server's parts: ``python -m bench.view_server`` prints a JSON object.

Messages of pages are read, masked and queued for an agent who takes each, as on the server, but for the
sockets themselves. ``load`` has many views at once: the share of a core, and what a view holds in memory.
``soak`` has one busy page for so many minutes, as fast as it goes: what it holds in memory on the way.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import random
import time
import tracemalloc
from typing import Any

import structlog

from bench.cobrowse import page_of, small_events
from bench.view_people import URL, ViewHall, WatchedPage
from cobrowse.mirror import Mirror
from cobrowse.outcomes import NeedsSnapshot
from cobrowse.rules import Rules
from tests.api.shop import ORIGIN

#: Different events of the soak, before they come again.
_DIFFERENT = 4000


def usual_events(hall: ViewHall, snapshot: str, nodes: int, count: int) -> list[str]:
    """Events after which no new snapshot is needed."""
    mirror, found = Mirror(Rules.of(hall.config.sites["shop"]), URL, {ORIGIN}), list[str]()
    mirror.apply(snapshot)
    for event in small_events(random.Random(7), nodes, 2 * count):  # the same in every run
        if isinstance(mirror.apply(event), NeedsSnapshot):
            mirror.apply(snapshot)
        elif len(found) < count:
            found.append(event.decode())
    return found


async def load(views: int, rate: int, seconds: int, nodes: int) -> dict[str, Any]:
    """Many views at once, as if the clock went on."""
    hall, snapshot = ViewHall(), json.dumps(page_of(nodes))
    first, *events = usual_events(hall, snapshot, nodes, rate * seconds + 1)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    people = [await WatchedPage.begin(hall, f"c{number}", snapshot) for number in range(views)]
    for person in people:
        await person.hears(first)
    await asyncio.sleep(0)  # the agents read, and let go of the whole picture
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    hall.counts.fates.clear()
    told = sum(each.told for each in people)
    began = time.process_time()
    for event in events:
        for person in people:
            await person.hears(event)
        await asyncio.sleep(0)  # the agents read
        hall.clock.now += 1 / rate
    used = time.process_time() - began
    hall.all_go_on()
    return {
        "views": views,
        "nodes": nodes,
        "events_a_second": rate,
        "percent_of_a_core": round(100 * used / seconds, 1),
        "mib_a_view": round(held / views / 2**20, 2),
        "passed_percent": hall.passed_percent(),
        "told_kib": (sum(each.told for each in people) - told) // 1024,
    }


async def soak(minutes: float, rate: int, nodes: int) -> dict[str, Any]:
    """One view for a long time, whose clock goes on with it."""
    hall, snapshot = ViewHall(), json.dumps(page_of(nodes))
    person = await WatchedPage.begin(hall, "c1", snapshot)
    events = usual_events(hall, snapshot, nodes, _DIFFERENT)
    total, held = int(minutes * 60 * rate), list[float]()
    tracemalloc.start()
    for number in range(total):
        await person.hears(events[number % len(events)])
        await asyncio.sleep(0)  # the agent reads
        hall.clock.now += 1 / rate
        if number % max(1, total // 10) == 0:
            gc.collect()
            held.append(round(tracemalloc.get_traced_memory()[0] / 2**20, 2))
    tracemalloc.stop()
    hall.all_go_on()
    return {
        "minutes": minutes,
        "nodes": nodes,
        "events": total,
        "mib_more": held,
        "passed_percent": hall.passed_percent(),
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    many = kinds.add_parser("load")
    many.add_argument("--views", type=int, default=50)
    many.add_argument("--seconds", type=int, default=20)
    one = kinds.add_parser("soak")
    one.add_argument("--minutes", type=float, default=60.0)
    for each in (many, one):
        each.add_argument("--rate", type=int, default=20)
        each.add_argument("--nodes", type=int, default=5000)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    if asked.kind == "load":
        measured = load(asked.views, asked.rate, asked.seconds, asked.nodes)
    else:
        measured = soak(asked.minutes, asked.rate, asked.nodes)
    print(json.dumps(asyncio.run(measured)))


if __name__ == "__main__":
    main()
