"""The document that shows an agent a stranger's page asks nobody and runs nothing, whatever comes."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.aio import asyncio_test
from tests.cobrowse.hostile import hostile, page
from tests.cobrowse.view_stand_in import ViewServer, view_server
from tests.plumbing import chromium

_ALL: list[str] = ["see", "point", "fill"]


def _shown(n: int) -> dict[str, Any]:
    return {"n": n, "url": "http://shop.test/", "title": "A shop"}


async def _texts(frame: Any) -> str:
    """What the picture says."""
    return str(
        await frame.evaluate(
            """() => document.querySelector("shared-view-document").shadowRoot
              .querySelector(".pictures iframe")?.contentDocument.body?.textContent ?? "" """
        )
    )


async def _says(frame: Any, words: str, within: float = 10) -> None:
    end = asyncio.get_running_loop().time() + within
    while words not in (said := await _texts(frame)):
        assert asyncio.get_running_loop().time() < end, said
        await asyncio.sleep(0.02)


async def _open(server: ViewServer, tab: Any) -> Any:
    await tab.goto(server.desk)
    assert (await server.until("hello"))["token"] == "once"
    server.tell("welcome", state="seeing", scopes=_ALL, agreed=_ALL, page=_shown(1), ends_in=1700)
    return next(frame for frame in tab.frames if "/agent/view/" in frame.url)


@asyncio_test(timeout=120)
async def test_two_hundred_hostile_events_ask_nobody_and_run_nothing() -> None:
    async with view_server() as server, chromium.context() as context:
        tab = await context.new_page()
        frame = await _open(server, tab)
        server.tell("events", page=1, events=page())
        await _says(frame, "A page")
        asked: dict[str, str] = {}
        dialogs: list[str] = []
        log = await context.new_cdp_session(tab)
        await log.send("Network.enable")
        log.on("Network.requestWillBeSent", lambda it: asked.update({it["requestId"]: it["request"]["url"]}))
        # What the document's policy forbids is told as begun, and then as blocked before it left.
        log.on(
            "Network.loadingFailed", lambda it: it.get("blockedReason") and asked.pop(it["requestId"], None)
        )
        tab.on("dialog", lambda dialog: dialogs.append(dialog.message))
        events = list(hostile(f"http://evil.localhost:{server.port}"))
        assert len(events) >= 200
        for n, each in enumerate(events, 2):
            server.tell("page", **_shown(n))
            server.tell("events", page=n, events=each)
        last = len(events) + 2
        server.tell("page", **_shown(last))
        server.tell("events", page=last, events=page({"type": 3, "id": 50, "textContent": "It goes on"}))
        await _says(frame, "It goes on", within=60)
        assert [url for url in asked.values() if not url.startswith("data:")] == []
        assert server.elsewhere == []
        assert dialogs == []
        for each in tab.frames:
            assert await each.evaluate("[window.hacked, ({}).hacked].every((one) => one === undefined)")
        # The keyboard is the agent's own still.
        assert await tab.evaluate("document.activeElement.tagName") in ("BODY", "IFRAME")
        assert tab.url == server.desk


@asyncio_test(timeout=60)
async def test_what_cannot_be_shown_is_asked_for_anew_and_the_agent_chooses_by_keyboard() -> None:
    field = {
        "type": 2, "id": 20, "tagName": "input", "attributes": {"aria-label": "ZIP code"}, "childNodes": [],
    }  # fmt: skip
    async with view_server() as server, chromium.context() as context:
        tab = await context.new_page()
        frame = await _open(server, tab)
        server.tell("events", page=1, events=page(field))
        await _says(frame, "A page")
        server.tell("events", page=1, events=[{"type": 3, "data": {"source": 0, "adds": "none"}}])
        await server.until("again")
        server.tell("events", page=1, events=page(field, {"type": 3, "id": 50, "textContent": "Again"}))
        await _says(frame, "Again")

        await frame.get_by_role("button", name="ZIP code").focus()
        await tab.keyboard.press("Enter")
        await frame.get_by_label("What to write in it").fill("90210")
        await frame.get_by_role("button", name="Fill it in").focus()
        await tab.keyboard.press("Enter")
        said = await server.until("action")
        assert {key: said[key] for key in ("kind", "node", "value")} == {
            "kind": "fill", "node": 20, "value": "90210",
        }  # fmt: skip
        server.tell("result", action=said["action"], result="refused", reason="never_fill", detail="")
        log = frame.get_by_role("log")
        await log.get_by_text("not done: only the shopper may fill it in").wait_for()
        server.tell("ended", reason="shopper")
        await frame.get_by_text("The shopper has ended it.").wait_for()
        assert await _texts(frame) == ""
