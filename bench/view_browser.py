"""Shared views in two Chromiums and a real server: ``python -m bench.view_browser`` prints a JSON object.

A shopper's page of so many nodes and an agent's desk, each with its browser, and ``ringback serve`` between
them. Milliseconds from the shopper's click on *Agree* until the agent's document shows the page; from a
change of the page until it shows that; from an agent's button until it is done and the agent is told.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from bench.agent_pages import PASSWORD, PASSWORD_HASH
from bench.command import host
from bench.figures import Figures
from tests.page.shopping import shopping
from tests.page.stand_in import ShopPage
from tests.plumbing import chromium
from tests.scenarios.server import Server
from tests.scenarios.settings import SITE_KEY, Settings, settings, write

#: Nodes in one row of the page: an element, its text, twice, in one more element.
_PER_ROW = 5
_WITHIN = 15_000
_COUNT = """() => {
  const walker = document.createTreeWalker(document);
  let count = 1;
  while (walker.nextNode()) count++;
  return count;
}"""
#: Says when this selector's text is such, by the clock that both browsers share; in milliseconds.
_SEES = """([selector, text]) => new Promise(done => {
  const look = () => {
    let root = document;
    const shown = root.querySelector("shared-view-document")?.shadowRoot?.querySelector(".pictures iframe");
    const found = shown?.contentDocument?.querySelector(selector);
    if (found && found.textContent === text) done(Date.now());
    else setTimeout(look, 4);
  };
  look();
})"""


def page_body(nodes: int) -> str:
    """A list of articles, a field, and a line that changes."""
    rows = "".join(f"<p><b>Article {n}</b><i>{n}.00</i></p>" for n in range(nodes // _PER_ROW))
    return (
        '<h1>Price list</h1><label>ZIP code <input id="zip"></label><p id="line">Nothing yet</p>'
        f'<button data-ringback="chat">Chat with us</button>{rows}<p id="end">The end</p>'
    )


@contextlib.asynccontextmanager
async def _serving(folder: Path, origin: str) -> AsyncIterator[Server]:
    content: Settings = settings(folder, "127.0.0.1:9")
    content["destinations"] = {"sales": {"label": "Sales", "sip": "sip:sales@127.0.0.1:9"}}
    content["agents"] = {"alice": {"label": "Alice", "password_hash": PASSWORD_HASH, "hours": None}}
    content["media"] |= {"max_workers": 1, "spare_workers": 1}
    content["queues"] = {"help": {}}
    content["routes"]["main"]["steps"] = [{"destinations": ["sales"]}]
    content["routes"]["help"] = {"steps": [{"destinations": ["agent:alice"]}], "queue": "help"}
    content["sites"]["shop"] |= {
        "origins": [origin],
        "page": {"buttons": {"ways": ["phone", "chat"]}, "consent": "not_needed"},
        "chat": {"route": "help", "otherwise": ["message"], "mailbox": "office"},
        "cobrowse": {"show": ["#zip"]},
        "proof_of_work": "off",
    }
    server = Server(write(folder / "ringback.yaml", content), content["server"]["listen_address"])
    await server.start()
    try:
        yield server
    finally:
        if server.running:
            await server.kill()


async def measure(nodes: int, rounds: int) -> Figures:
    """The figures of one view."""
    async with contextlib.AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ringback-bench-")))
        shops, page = await stack.enter_async_context(shopping())
        server = await stack.enter_async_context(_serving(folder, f"http://localhost:{shops.port}"))
        line = f'<script async src="http://{server.listen}/p/{SITE_KEY}.js"></script>'
        shops.pages["/"] = ShopPage(head=line, body=page_body(nodes))
        alice = await (await stack.enter_async_context(chromium.context())).new_page()
        await alice.goto(f"http://{server.listen}/agent/")
        await alice.get_by_label("Agent").fill("alice")
        await alice.get_by_label("Password").fill(PASSWORD)
        await alice.get_by_role("button", name="Log in").click()
        await alice.get_by_text("Available", exact=True).click()
        await alice.get_by_role("heading", level=1, name="You are available").wait_for()
        await page.goto(shops.shop())
        await _ask(page, alice)
        picture = await _picture(page, alice)
        document = next(each for each in alice.frames if "/agent/view/" in each.url)
        changes = [await _change(page, document, number) for number in range(rounds)]
        told = [await _fill(page, document, f"{number:05}") for number in range(rounds)]
        return {
            "nodes": await page.evaluate(_COUNT),
            "rounds": rounds,
            "consent_to_picture_ms": picture,
            "change_to_agent_ms": _spread(changes),
            "action_to_told_ms": _spread(told),
            "host": host(),
        }


async def _ask(page: Any, alice: Any) -> None:
    await page.get_by_role("button", name="Chat with us").click()
    await page.get_by_label("Your message").fill("Which of them fits?")
    await page.keyboard.press("Enter")
    await alice.get_by_role("button", name="Accept", exact=True).click()
    await alice.get_by_role("button", name="Ask the shopper", exact=True).click()
    for each in ("Point and scroll", "Fill in and click"):
        await page.get_by_role("checkbox", name=each).check()


async def _picture(page: Any, alice: Any) -> int:
    began = time.time()
    await page.get_by_role("button", name="Agree to what is ticked").click()
    shown = await alice.locator("shared-view-card iframe").element_handle(timeout=_WITHIN)
    document = await shown.content_frame()
    await document.wait_for_selector("shared-view-document", state="attached")
    at: float = await document.evaluate(_SEES, ["#end", "The end"])
    return round(at - began * 1000)


async def _change(page: Any, document: Any, number: int) -> float:
    sees = asyncio.ensure_future(document.evaluate(_SEES, ["#line", f"Change {number}"]))
    await asyncio.sleep(0.05)
    changed = await page.evaluate(
        "text => { document.getElementById('line').textContent = text; return Date.now() }",
        f"Change {number}",
    )
    return float(await asyncio.wait_for(sees, 15) - changed)


async def _fill(page: Any, document: Any, value: str) -> float:
    await document.get_by_role("button", name="ZIP code").first.click(timeout=_WITHIN)
    await document.get_by_label("What to write in it").fill(value)
    took = await document.evaluate(
        """value => new Promise(done => {
          const root = document.querySelector("shared-view-document").shadowRoot;
          const all = (from) => [...from.querySelectorAll("*")].flatMap(
            each => [each, ...(each.shadowRoot ? all(each.shadowRoot) : [])]);
          const says = (each) => each.localName === "button" && each.textContent.trim() === "Fill it in";
          const button = all(root).find(says);
          const began = performance.now();
          button.click();
          const look = () => {
            const lines = [...root.querySelector("done-list").shadowRoot.querySelectorAll("li.done")];
            if (lines.some(each => each.textContent.includes(`with “${value}”`)))
              done(performance.now() - began);
            else setTimeout(look, 4);
          };
          look();
        })""",
        value,
    )
    assert await page.locator("#zip").input_value() == value, "the agent was told what was not done"
    return float(took)


def _spread(times: Sequence[float]) -> dict[str, int]:
    ordered = sorted(times)
    return {
        "p50": round(ordered[len(ordered) // 2]),
        "p95": round(ordered[len(ordered) * 95 // 100]),
        "max": round(ordered[-1]),
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=40, help="changes, and actions")
    asked = parser.parse_args()
    print(json.dumps(asyncio.run(measure(asked.nodes, asked.rounds))))


if __name__ == "__main__":
    main()
