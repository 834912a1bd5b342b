"""Make the recordings that ``test_recordings.py`` reads: what rrweb sends of pages with planted secrets.

    python -m tests.cobrowse.record_again

Real Chromium, rrweb's recorder as it is installed for the pages, and none of its own masks: nothing but
the server's mirror stands between these events and an agent. Each page is recorded, does what a
page does with secrets while it is looked at, and is recorded on.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.cobrowse.corpus import PAGES
from tests.plumbing import chromium

HERE = Path(__file__).parent / "recordings"
RECORDER = Path(__file__).parents[2] / "web/node_modules/@rrweb/record/dist/record.umd.min.cjs"
SHOP = "https://shop.example"
#: Pages of the corpus; those of frameworks are bundled, and are tried in browsers instead.
OF_CORPUS = ("plain", "checkout", "editor", "shadow", "styles", "dialogs")
RECORD = """() => {
  window.events = [];
  const emit = (event) => window.events.push(JSON.stringify(event));
  window.rrwebRecord.record({ emit, maskAllInputs: false, maskInputOptions: { password: false } });
}"""
#: What the first page, whose secrets are those that rrweb's own masks let through, does meanwhile.
LEAKS_LIVE = """async () => {
  const byId = (id) => document.getElementById(id);
  byId("live").setAttribute("value", "SECRET-attr-live");
  byId("ta").textContent = "SECRET-textarea-children";
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.value = "SECRET-hidden-added";
  document.forms[0].append(hidden);
  const masked = document.querySelector(".rr-mask");
  masked.setAttribute("aria-label", "SECRET-aria-changed");
  const added = document.createElement("span");
  added.textContent = "SECRET-added-in-mask";
  masked.append(added);
  document.title = "SECRET-doctitle";
  history.pushState({}, "", "?q=SECRET-query");
}"""


async def main() -> None:
    """Record every page, and write what rrweb sent of it."""
    HERE.mkdir(exist_ok=True)
    for name in ("leaks", *OF_CORPUS):
        events = await record(name)
        text = json.dumps(events, ensure_ascii=False, separators=(",", ":"))
        (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        print(f"{name}: {len(events)} events, {len(text)} characters")


async def record(name: str) -> list[Any]:
    """What rrweb sends of one page."""
    async with chromium.context() as context:
        await context.route(f"{SHOP}/**", _answer)
        await context.route("http://**", lambda route: route.abort())
        page = await context.new_page()
        await page.goto(f"{SHOP}/{name}.html")
        await page.add_script_tag(content=RECORDER.read_text(encoding="utf-8"))
        await page.evaluate(RECORD)
        await page.wait_for_function("window.events.some((event) => JSON.parse(event).type === 2)")
        await page.wait_for_timeout(200)
        if name == "leaks":
            await page.evaluate(LEAKS_LIVE)
            await page.fill("#pw", "SECRET-typed-password")
            await page.evaluate("document.getElementById('pw').type = 'text'")
            await page.fill("#pw", "SECRET-typed-password-seen")
            await page.fill("#cc", "4111111111111111")
            await page.evaluate("document.getElementById('ce').textContent = 'SECRET-contenteditable-typed'")
        else:
            await page.evaluate("window.live()")
            await page.mouse.move(40, 40)
            await page.click("#more")
            await page.fill("#zip", "90210")
        await page.wait_for_timeout(700)
        await page.evaluate("window.rrwebRecord.record.takeFullSnapshot()")
        # As texts: what is undefined would come as null, which is not what goes over the wire.
        return [json.loads(event) for event in await page.evaluate("window.events")]


async def _answer(route: Any) -> None:
    name = route.request.url.removeprefix(f"{SHOP}/").split("?", 1)[0]
    file = HERE / name if name == "leaks.html" else PAGES / name
    if file.is_file():
        await route.fulfill(path=file)
    else:
        await route.fulfill(status=404)


if __name__ == "__main__":
    asyncio.run(main())
