"""The server's part of shared views: ``python -m bench.cobrowse`` prints a JSON object. One core, CPU time.

Full snapshots of pages of a shop with so many nodes: how long they take to be read, masked and written, and
how many bytes their mirrors hold. Then many views at once, each with small events as a busy shopper causes
them: the share of a core that they take, and how long one event takes.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import statistics
import time
import tracemalloc
from typing import Any

from cobrowse.mirror import Mirror
from cobrowse.outcomes import EventPassed
from cobrowse.rules import Rules

_SHOP = "https://shop.example"
_RULES = Rules(mask=[".account-number", "[data-private]"], show=["input[name=zip]"], never_click=["#delete"])
#: Nodes in one row of :func:`page_of`.
_PER_ROW = 12


def page_of(nodes: int) -> dict[str, Any]:
    """A full snapshot: rows of links, prices, pictures and fields, and a style sheet of 60 KiB."""
    count = 0

    def element(tag: str, attributes: dict[str, Any], *children: dict[str, Any]) -> dict[str, Any]:
        nonlocal count
        count += 1
        return {"type": 2, "tagName": tag, "attributes": attributes, "childNodes": [*children], "id": count}

    def text(words: str) -> dict[str, Any]:
        nonlocal count
        count += 1
        return {"type": 3, "textContent": words, "id": count}

    sheet = "".join(
        f".c{number}{{color:#333;margin:0 {number}px;background:url(/i/{number}.png)}}"
        for number in range(1000)
    )
    head = element("head", {}, element("style", {"_cssText": sheet}))
    rows = []
    while count < nodes - _PER_ROW:
        number = count
        rows.append(
            element(
                "div",
                {"class": "row item card", "data-id": str(number), "style": "width: 100%"},
                element(
                    "a", {"href": f"{_SHOP}/p/{number}?from=list", "class": "link"}, text("Harbor bike, blue")
                ),
                element("span", {"class": "price"}, text("$749.00"), element("b", {}, text("In stock"))),
                element("img", {"src": f"{_SHOP}/i/{number}.jpg?w=400", "alt": "bike"}),
                element("label", {"for": f"q{number}"}, text("Quantity")),
                element("input", {"type": "text", "name": "q", "id": f"q{number}", "value": "1"}),
            )
        )
    html = element("html", {"lang": "en"}, head, element("body", {}, *rows))
    root = {"type": 0, "childNodes": [html], "id": count + 1}
    return {"type": 2, "data": {"node": root, "initialOffset": {"left": 0, "top": 0}}, "timestamp": 1}


def snapshot(nodes: int, rounds: int) -> dict[str, Any]:
    """What one full snapshot costs."""
    event = json.dumps(page_of(nodes)).encode()
    times = []
    for _ in range(rounds):
        mirror = Mirror(_RULES, f"{_SHOP}/", {_SHOP})
        gc.collect()
        began = time.process_time()
        outcome = mirror.apply(event)
        times.append(time.process_time() - began)
        assert isinstance(outcome, EventPassed), outcome
    gc.collect()
    tracemalloc.start()
    mirror = Mirror(_RULES, f"{_SHOP}/", {_SHOP})
    mirror.apply(event)
    gc.collect()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return {
        "kib": round(len(event) / 1024),
        "ms_p50": round(statistics.median(times) * 1000, 1),
        "ms_max": round(max(times) * 1000, 1),
        "mirror_kib": round(held / 1024),
    }


def small_events(chance: random.Random, nodes: int, count: int) -> list[bytes]:
    """What a busy shopper causes: the pointer, scrolling, typing, and a page that changes with it."""
    told: list[dict[str, Any]] = []
    for number in range(count):
        some = chance.randrange(2, nodes - 20)
        match number % 20:
            case 0 | 1:
                told.append({"source": 5, "id": some, "text": "a quiet street", "isChecked": False})
            case 2 | 3 | 4 | 5:
                changes = [{"id": some, "attributes": {"class": "row open", "style": {"top": "4px"}}}]
                texts = [{"id": some + 1, "value": "Only 3 left"}]
                told.append({"source": 0, "texts": texts, "attributes": changes, "removes": [], "adds": []})
            case 6:
                new = 1_000_000 + number
                node = {
                    "type": 2,
                    "tagName": "p",
                    "attributes": {"class": "note"},
                    "childNodes": [],
                    "id": new,
                }
                add = {"parentId": nodes - 3, "nextId": None, "node": node}
                told.append({"source": 0, "texts": [], "attributes": [], "removes": [], "adds": [add]})
                told.append(
                    {
                        "source": 0,
                        "texts": [],
                        "attributes": [],
                        "removes": [{"parentId": 1, "id": new}],
                        "adds": [],
                    }
                )
            case 7 | 8 | 9:
                told.append({"source": 3, "id": some, "x": 0, "y": number})
            case _:
                positions = [{"x": number, "y": 7, "id": some, "timeOffset": -40 + 20 * n} for n in range(3)]
                told.append({"source": 1, "positions": positions})
    return [json.dumps({"type": 3, "data": data, "timestamp": 2}).encode() for data in told]


def views(count: int, rate: int, seconds: int, nodes: int) -> dict[str, Any]:
    """Many views, each with so many events a second: as if they came, without waiting for the clock."""
    page = json.dumps(page_of(nodes)).encode()
    mirrors = [Mirror(_RULES, f"{_SHOP}/", {_SHOP}) for _ in range(count)]
    for mirror in mirrors:
        mirror.apply(page)
    chance = random.Random(7)  # the same events in every run
    events = [small_events(chance, len(mirrors[0]), rate * seconds) for _ in mirrors]
    passed, times = 0, []
    began = time.process_time()
    for number in range(rate * seconds):
        for mirror, each in zip(mirrors, events, strict=True):
            at = time.perf_counter()
            passed += isinstance(mirror.apply(each[number]), EventPassed)
            times.append(time.perf_counter() - at)
    used = time.process_time() - began
    times.sort()
    return {
        "views": count,
        "events_a_second": rate,
        "percent_of_a_core": round(100 * used / seconds, 1),
        "passed_percent": round(100 * passed / len(times), 1),
        "event_us_p50": round(times[len(times) // 2] * 1e6, 1),
        "event_us_p99": round(times[len(times) * 99 // 100] * 1e6, 1),
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, nargs="*", default=[1000, 5000, 20_000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--views", type=int, default=50)
    parser.add_argument("--rate", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=20)
    asked = parser.parse_args()
    print(
        json.dumps(
            {
                "snapshots": {str(nodes): snapshot(nodes, asked.rounds) for nodes in asked.nodes},
                "views": views(asked.views, asked.rate, asked.seconds, 2000),
            }
        )
    )


if __name__ == "__main__":
    main()
