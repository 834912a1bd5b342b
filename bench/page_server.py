"""What the page costs the server: decisions and events of many visitors, on one core."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import secrets
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bench.crowd import CrowdDid, Habits, address_of, visit
from bench.processes import Cpu
from bench.wire import HttpWire, HttpWireError, WireAnswer, connected
from tests.scenarios.server import Server
from tests.scenarios.settings import ORIGIN, SITE_KEY, Settings, settings, write

ABOUT = (
    "Pages of many visitors ask one server what to show, and tell what became of it. Prints one line of JSON."
)
CONNECTIONS = 8
MOST = 200_000
#: Rules of a busy shop, beside the one that holds.
RULES = 5
#: Requests a second at which latencies are measured: far from the limit, as a limit has no latency.
PACED = 200.0


class PageServerError(Exception):
    """The server did not do what the bench needs."""


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(prog="page", description=ABOUT)
    parser.add_argument("--decisions", type=int, default=20_000)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--rules", type=int, default=RULES)
    parser.add_argument(
        "--crowd", type=int, default=0, help="simulate so many visitors, in place of the load"
    )
    wanted = parser.parse_args()
    if not (100 <= wanted.decisions <= MOST and 100 <= wanted.events <= MOST and 1 <= wanted.rules <= 1000):
        parser.error(f"from 100 to {MOST} decisions and events, and from 1 to 1000 rules")
    if not 0 <= wanted.crowd <= MOST:
        parser.error(f"a crowd of at most {MOST}")
    try:
        if wanted.crowd:
            print(json.dumps({"crowd": asyncio.run(crowd(wanted.crowd))}))
            return
        result = asyncio.run(measure(wanted.decisions, wanted.events, wanted.rules))
    except (PageServerError, HttpWireError) as problem:
        sys.exit(f"page: {problem}")
    print(json.dumps({"server": result}))


async def measure(decisions: int, events: int, rules: int) -> dict[str, Any]:
    """The figures of one run."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        async with _serving(folder, rules) as server:
            async with connected(server.listen, ORIGIN, CONNECTIONS) as wires:
                await _load(wires, _questions(500), [])  # warms up
                paced = await _paced(wires[0], _questions(min(1000, decisions)))
                offers: list[tuple[str, str]] = []
                asked = await _measured(server, wires, _questions(decisions), offers)
                told = await _measured(server, wires, _events(offers, events), [])
            await asyncio.sleep(1.5)  # what was told is on disk within a second
            await server.stop()
        lost = _lost(folder / "ringback.sqlite3", len(offers), events)
    return {
        "rules": rules,
        "decisions": {**asked, **_percentiles(paced)},
        "events": {**told, "lost": lost},
        "connections": CONNECTIONS,
    }


#: What a crowd does in each trial, and its share of all visitors.
TRIALS = {
    "planted": (1.0, Habits(buys=0.04, buys_invited=0.08)),
    "a_a": (1.0, Habits(buys=0.04, buys_invited=0.04)),
    "leaves_at_once": (0.5, Habits(leaves=1.0)),
}


async def crowd(count: int) -> dict[str, Any]:
    """Simulated visitors, whose uplift is known: what the server's own report says of each trial."""
    told: dict[str, Any] = {}
    for name, (share, habits) in TRIALS.items():
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            async with _serving(folder, 1, control="50%") as server:
                async with connected(server.listen, ORIGIN, CONNECTIONS) as wires:
                    chance = random.Random(name)
                    did = await visit(wires, SITE_KEY, int(count * share), habits, chance)
                await asyncio.sleep(1.5)  # what was told is on disk within a second
                asked = await server.admin(
                    "GET", "/v1/reports/engagement", params={"since": 0, "until": 2**40}
                )
                await server.stop()
        told[name] = _judged(did, asked.json())
    return told


def _judged(did: CrowdDid, report: dict[str, Any]) -> dict[str, Any]:
    counted: Counter[tuple[str, str]] = Counter()
    for each in report["rules"]:
        for outcome, n in each["counts"].items():
            counted[each["arm"], outcome] += n
    (uplift,) = report["uplift"]
    bought = {"shown": uplift["treated"]["converted"], "control": uplift["control"]["converted"]}
    return {
        "visitors": sum(did.exposed.values()),
        "refused": did.refused,
        "counts_differ": {f"{arm} {what}": n for (arm, what), n in (counted - did.told).items()}
        | {f"{arm} {what}": -n for (arm, what), n in (did.told - counted).items()},
        "bought_differ": {arm: n - did.bought[arm] for arm, n in bought.items() if n != did.bought[arm]},
        "ratio_p": uplift["ratio_p"],
        "difference": round(uplift["difference"], 4),
        "verdict": uplift["verdict"],
    }


@contextlib.asynccontextmanager
async def _serving(folder: Path, rules: int, control: str = "10%") -> AsyncIterator[Server]:
    content: Settings = settings(folder, "127.0.0.1:9")
    content["server"] |= {"trusted_proxies": ["127.0.0.1/32"]}
    content["destinations"] = {"sales": {"label": "Sales", "sip": "sip:sales@127.0.0.1:9"}}
    content["routes"]["main"]["steps"] = [{"destinations": ["sales"]}]
    content["media"] |= {"max_workers": 1, "spare_workers": 1}
    show = {"invitation": "phone", "text": {"en": "Trouble with a code? Talk to us."}}
    others = {
        f"rule_{number}": {
            "when": f'page.path.startsWith("/sale/{number}/") && cart.value > {number} || time.idle > 600',
            "show": show,
        }
        for number in range(rules - 1)
    }
    content["sites"]["shop"]["engage"] = {
        "rules": {
            **others,
            "promo": {"when": "promo.failed >= 2", "show": show, "control": control, "since": "2026-11-01"},
        }
    }
    server = Server(write(folder / "ringback.yaml", content), content["server"]["listen_address"])
    await server.start()
    try:
        yield server
    finally:
        if server.running:
            await server.kill()


#: What is sent: the path, the body, from which address; and which page view it is of.
Sent = tuple[str, bytes, str, str]


def _questions(count: int) -> Iterator[Sent]:
    for number in range(count):
        view = secrets.token_urlsafe(12)
        body = {
            "v": 1, "site": SITE_KEY, "view": view, "visitor": secrets.token_urlsafe(16), "consent": True,
            "fresh": True,
            "language": "en", "device": "desktop", "trusted": True,
            "page": {"url": f"{ORIGIN}/cart?step=2", "title": "Cart", "referrer": ORIGIN},
            "facts": {"time.on_page": 12.5, "scroll.depth": 40, "cart.value": 120, "promo.failed": 2},
        }  # fmt: skip
        yield "/v1/page", json.dumps(body).encode(), address_of(number), view


def _events(offers: Sequence[tuple[str, str]], count: int) -> Iterator[Sent]:
    """Each offer is exposed once; all others are buttons that came into sight."""
    for number in range(count):
        said: dict[str, Any] = {"v": 1, "site": SITE_KEY}
        if number < len(offers):
            offer, view = offers[number]
            said |= {"view": view, "what": "exposed", "offer": offer}
        else:
            view = f"view-of-a-page-{number}"
            said |= {
                "view": view,
                "what": "button_seen",
                "place": "launcher",
                "way": "phone",
                "page": "/cart",
            }
        yield "/v1/page/events", json.dumps(said).encode(), address_of(number), view


async def _measured(
    server: Server, wires: Sequence[HttpWire], sent: Iterator[Sent], offers: list[tuple[str, str]]
) -> dict[str, Any]:
    """As many as the server answers: per second of the clock, and per second of its processor time."""
    everything = list(sent)
    before, began = Cpu([server.pid]), time.perf_counter()
    await _load(wires, iter(everything), offers)
    seconds, cpu = time.perf_counter() - began, Cpu([server.pid]).since(before)
    return {
        "count": len(everything),
        "per_second": round(len(everything) / seconds),
        "per_cpu_second": round(len(everything) / cpu),
        "cpu_us_each": round(cpu / len(everything) * 1e6),
    }


async def _load(wires: Sequence[HttpWire], sent: Iterator[Sent], offers: list[tuple[str, str]]) -> None:
    async def one_after_the_other(wire: HttpWire) -> None:
        for path, body, address, view in sent:
            answer = await wire.post(path, body, address)
            _check(answer)
            if answer.status == 200 and (offer := json.loads(answer.body)["offer"]) is not None:
                offers.append((offer["id"], view))

    await asyncio.gather(*(one_after_the_other(wire) for wire in wires))


async def _paced(wire: HttpWire, sent: Iterator[Sent]) -> list[float]:
    """Seconds that each answer took, while few ask: as one visitor's page sees it."""
    took: list[float] = []
    chance = random.Random(1)
    for path, body, address, _ in sent:
        await asyncio.sleep(chance.expovariate(PACED))
        began = time.perf_counter()
        _check(await wire.post(path, body, address))
        took.append(time.perf_counter() - began)
    return took


def _check(answer: WireAnswer) -> None:
    if answer.status not in (200, 204):
        raise PageServerError(f"{answer.status} {answer.body[:300].decode(errors='replace')}")


def _percentiles(took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    pick: Callable[[float], float] = lambda share: round(ordered[int(share * (len(ordered) - 1))] * 1000, 2)  # noqa: E731
    return {"ms_p50": pick(0.5), "ms_p95": pick(0.95), "ms_p99": pick(0.99)}


def _lost(database: Path, offers: int, events: int) -> int:
    """How many events are not among the counts."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        (exposed,) = connection.execute(
            "SELECT coalesce(sum(n), 0) FROM page_counts WHERE outcome = 'exposed'"
        ).fetchone()
        (seen,) = connection.execute("SELECT coalesce(sum(seen), 0) FROM placements").fetchone()
    lost: int = min(offers, events) - exposed + max(0, events - offers) - seen
    return lost
