"""What the one line costs a shop's page, in Chromium: ``python -m bench.page_browser`` prints a JSON object.

The same page with and without the loader: CPU time of its main thread until it rests, layout shift, and
requests. By Lighthouse (``--lighthouse PROGRAM``) total blocking time and largest contentful paint, on a
network and a processor that are slowed down (``devtools``), and as Lighthouse calculates them (``simulate``).
How soon an invitation is in sight after its condition holds, and the panel after a click, also on slow 4G.
The server is a stand-in on loopback.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.page.shopping import LAUNCHER
from tests.page.stand_in import ShopPage, StandIn, offer, plan, standing_in
from tests.plumbing import chromium
from web import built

#: Seconds after its last request in which a page comes to rest.
SETTLED = 1.0
#: A slow 4G network, as Lighthouse has it: bytes a second, and milliseconds.
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_638_400 / 8,
    "uploadThroughput": 768_000 / 8,
}
_SHIFT = """
window.shift = 0;
new PerformanceObserver((list) => { for (const each of list.getEntries()) shift += each.value })
  .observe({ type: "layout-shift", buffered: true });
"""
_INVITED = """async () => {
  const root = document.querySelector("ringback-root").shadowRoot;
  const shown = new Promise((then) => new MutationObserver((_, watch) => {
    if (![...root.children].some((each) => each.shadowRoot?.querySelector("section"))) return;
    watch.disconnect();
    requestAnimationFrame(() => then(performance.now()));
  }).observe(root, { childList: true }));
  const began = performance.now();
  ringback.count("promo.failed", 2);
  return (await shown) - began;
}"""
_OPENED = """async () => {
  const root = document.querySelector("ringback-root").shadowRoot;
  const began = performance.now();
  root.querySelector(".launcher").click();
  const deep = (from) => [...from.querySelectorAll("*")].some(
    (each) => (each.matches("dialog,[role=dialog]") && each.checkVisibility())
      || (each.shadowRoot && deep(each.shadowRoot)),
  );
  const there = () => deep(root);
  while (!there()) await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""


def main() -> None:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(prog="page_browser", description="Prints one line of JSON.")
    parser.add_argument("--runs", type=int, default=5, help="of each page, 1 to 50")
    parser.add_argument("--lighthouse", help="the program lighthouse 12.2.3, if it should be asked")
    wanted = parser.parse_args()
    if not 1 <= wanted.runs <= 50:
        parser.error("from 1 to 50 runs")
    if chromium.CHROMIUM is None or not (built("page") / "loader.js").is_file():
        sys.exit("page_browser: needs Debian's chromium, and the pages (make web)")
    print(json.dumps({"browser": asyncio.run(measure(wanted.runs, wanted.lighthouse))}))


async def measure(runs: int, lighthouse: str | None) -> dict[str, Any]:
    """The figures of one run."""
    async with standing_in() as server:
        # The launcher's font: a browser's first use of a font takes longer than all else.
        body = (
            "<style>* { font: 16px system-ui, sans-serif }</style><h1>Harbor city bike</h1>"
            + "<p>Blue, frame 52, with lights and a bell.</p>" * 200
        )
        server.pages["/with"] = ShopPage(head=server.script(), body=body)
        server.pages["/without"] = ShopPage(body=body)
        for name in built("widget").glob("*.js"):
            (server.folder / name.name).write_bytes(name.read_bytes())
        panel = next(built("widget").glob("panel-*.js")).name
        server.answer = lambda asked: _plan(asked, f"p/files/{panel}")
        result: dict[str, Any] = {
            "loader_bytes": _sizes("page", "loader.js"),
            "page_bytes": _sizes("page", "page-*.js"),
            "panel_bytes": _sizes("widget", "panel-*.js"),
        }
        for path in ("/without", "/with"):
            result[path[1:]] = await _loads(server, path, runs)
        result["invited_ms"] = _spread([await _invited(server) for _ in range(runs)])
        opened = [await _opened(server) for _ in range(runs)]
        result["panel_cold_ms"] = _spread([cold for cold, _ in opened])
        result["panel_warm_ms"] = _spread([warm for _, warm in opened])
        slow = [await _opened(server, SLOW_4G) for _ in range(runs)]
        result["panel_cold_slow_4g_ms"] = _spread([cold for cold, _ in slow])
        for way in ("devtools", "simulate") if lighthouse else ():
            for path in ("/without", "/with"):
                audits = [await _lighthouse(lighthouse or "", server.shop(path), way) for _ in range(runs)]
                result[path[1:]][f"lighthouse_{way}"] = {
                    name: _spread([each[name] for each in audits]) for name in audits[0]
                }
        return result


def _plan(asked: dict[str, Any], widget: str) -> dict[str, Any]:
    invites = asked["facts"].get("promo.failed", 0) >= 2
    again = {"facts": ["promo.failed"], "busy": True}
    return plan(widget=widget, offer=offer(asked["view"]) if invites else None, ask_again=again)


def _sizes(build: str, pattern: str) -> list[int]:
    """Bytes as they are, and gzipped."""
    data = next(built(build).glob(pattern)).read_bytes()
    return [len(data), len(gzip.compress(data, 9))]


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": round(statistics.median(values), 1), "worst": round(max(values), 1)}


async def _loads(server: StandIn, path: str, runs: int) -> dict[str, Any]:
    """One page, opened again and again by new visitors."""
    busy, shift, requests = [], [], []
    for _ in range(runs):
        async with chromium.context() as context:
            await context.add_init_script(_SHIFT)
            page = await context.new_page()
            asked: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            session = await context.new_cdp_session(page)
            # CPU time, as others use the machine, too.
            await session.send("Performance.enable", {"timeDomain": "threadTicks"})
            await page.goto(server.shop(path))
            await page.wait_for_load_state("networkidle")
            await asyncio.sleep(SETTLED)  # nothing of ours is asked of the page meanwhile
            metrics = (await session.send("Performance.getMetrics"))["metrics"]
            tasks = {each["name"]: each["value"] for each in metrics}
            busy.append(tasks["TaskDuration"] * 1000)
            shift.append(await page.evaluate("shift"))
            launchers = await page.locator("ringback-root .launcher").count()
            assert launchers == (path == "/with"), "the loader did not run"
            requests.append(sum(url.startswith(server.base) for url in asked))
    return {
        "main_thread_cpu_ms": _spread(busy),
        "layout_shift": max(shift),
        "requests_to_ringback": max(requests),
    }


async def _invited(server: StandIn) -> float:
    """Milliseconds from the moment that the condition holds until the invitation is painted."""
    async with chromium.context() as context:
        page = await context.new_page()
        await page.goto(server.shop("/with"))
        await page.get_by_role("button", name=LAUNCHER).wait_for()
        await page.mouse.move(50, 50)
        await page.wait_for_load_state("networkidle")
        return float(await page.evaluate(_INVITED))


async def _opened(server: StandIn, network: dict[str, Any] | None = None) -> tuple[float, float]:
    """Milliseconds from the click until the panel is there: the first time, and on the next page."""
    async with chromium.context() as context:
        times = []
        for _ in range(2):
            page = await context.new_page()  # a tab that remembers no open panel
            if network is not None:
                session = await context.new_cdp_session(page)
                await session.send("Network.enable")
                await session.send("Network.emulateNetworkConditions", network)
            await page.goto(server.shop("/with"))
            await page.get_by_role("button", name=LAUNCHER).wait_for()
            times.append(float(await page.evaluate(_OPENED)))
        return times[0], times[1]


async def _lighthouse(program: str, url: str, throttling: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        flags = " ".join(("--headless", *chromium.FLAGS))
        process = await asyncio.create_subprocess_exec(
            program, url, "--quiet", "--output=json", f"--output-path={report}",
            "--only-categories=performance", f"--throttling-method={throttling}",
            f"--chrome-flags={flags}", env={**os.environ, "CHROME_PATH": str(chromium.CHROMIUM)},
        )  # fmt: skip
        if await process.wait():
            sys.exit(f"page_browser: {program} failed")
        audits = json.loads(report.read_text())["audits"]
    return {
        "total_blocking_ms": audits["total-blocking-time"]["numericValue"],
        "largest_paint_ms": audits["largest-contentful-paint"]["numericValue"],
        "layout_shift": audits["cumulative-layout-shift"]["numericValue"],
    }


if __name__ == "__main__":
    main()
