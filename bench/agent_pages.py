"""Agents' pages: most are WebSockets that note what they are told, some are Chromium's, which paint it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import time
from collections.abc import AsyncIterator, Sequence

import httpx
from argon2 import PasswordHasher
from playwright.async_api import Browser, async_playwright
from websockets.asyncio.client import connect

from bench.servers import ServerError
from tests.plumbing.chromium import CHROMIUM, FLAGS

PASSWORD = "correct horse battery"
#: Cheap to check, as this bench does not measure how agents log in.
PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
#: What each call's page passes, so that it is found on the agents' pages: this and the shopper's number.
MARK = "mark-"
#: Notes when a mark was first painted: seen by an observer in whatever shadow root, and after the next frame.
_WATCH = """
window.painted = {};
const seen = new Set();
const look = (text) => {
  for (const [mark] of text.matchAll(/mark-\\d+/g)) {
    if (seen.has(mark)) continue;
    seen.add(mark);
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => { window.painted[mark] = Date.now() / 1000; };
      channel.port2.postMessage(null);
    });
  }
};
const observer = new MutationObserver((records) => {
  for (const { target, addedNodes } of records) {
    if (target.nodeType === Node.TEXT_NODE) look(target.data);
    for (const node of addedNodes) look(node.textContent ?? "");
  }
});
const watch = (root) => observer.observe(root, { subtree: true, childList: true, characterData: true });
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
  const root = attach.call(this, options);
  watch(root);
  return root;
};
watch(document);
"""


class AgentPages:
    """When each shopper's call was first shown, by number: ``told`` on whose WebSocket, and ``painted``.

    ``known`` is when the server says that it knew.
    """

    def __init__(self) -> None:
        self.told: dict[str, tuple[str, float]] = {}
        self.known: dict[str, float] = {}
        self.painted: dict[str, tuple[str, float]] = {}

    def heard(self, agent: str, text: str) -> None:
        """Note a message of an agent's page."""
        message = json.loads(text)
        if message.get("type") != "pop" or message["state"] != "offered":
            return
        for field in message["pop"]["claimed"]:
            if field["value"].startswith(MARK):
                number = field["value"].removeprefix(MARK)
                self.told.setdefault(number, (agent, time.time()))
                self.known.setdefault(number, message["since"])


@contextlib.asynccontextmanager
async def agent_pages(address: str, agents: Sequence[str], browsers: int) -> AsyncIterator[AgentPages]:
    """A page of each agent's; the first ``browsers`` of them have a Chromium's besides."""
    pages = AgentPages()
    async with contextlib.AsyncExitStack() as stack:
        for agent in agents:
            await stack.enter_async_context(_socket(pages, address, agent))
        if browsers:
            tool = await stack.enter_async_context(async_playwright())
            browser = await tool.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            stack.push_async_callback(browser.close)
            for agent in agents[:browsers]:
                await stack.enter_async_context(_tab(pages, address, agent, browser))
        yield pages


@contextlib.asynccontextmanager
async def _socket(pages: AgentPages, address: str, agent: str) -> AsyncIterator[None]:
    origin = f"http://{address}"
    # Cookies of their own: a log-in ends the session whose cookie comes with it.
    async with httpx.AsyncClient(base_url=origin, verify=False, trust_env=False, timeout=20) as http:
        answer = await http.post(
            "/v1/agent/login", json={"agent": agent, "password": PASSWORD}, headers={"Origin": origin}
        )
    if answer.status_code != 200:
        raise ServerError(f"{agent} cannot log in: {answer.status_code} {answer.text}")
    async with connect(
        f"ws://{address}/v1/agent/events",
        subprotocols=["ringback.v2"],  # type: ignore[list-item]
        origin=origin,  # type: ignore[arg-type]
        additional_headers={"Cookie": answer.headers["set-cookie"].split(";")[0]},
        proxy=None,
    ) as socket:
        await socket.send(json.dumps({"type": "choose_state", "state": "available"}))

        async def read() -> None:
            async for text in socket:
                pages.heard(agent, str(text))

        reading = asyncio.ensure_future(read())
        try:
            yield
        finally:
            reading.cancel()


@contextlib.asynccontextmanager
async def _tab(pages: AgentPages, address: str, agent: str, browser: Browser) -> AsyncIterator[None]:
    context = await browser.new_context()
    page = await context.new_page()
    await page.add_init_script(_WATCH)
    await page.goto(f"http://{address}/agent/")
    await page.get_by_label("Agent").fill(agent)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Log in").click()
    await page.get_by_text(re.compile("available", re.IGNORECASE)).first.wait_for(timeout=20_000)
    try:
        yield
    finally:
        for mark, at in (await page.evaluate("window.painted")).items():
            pages.painted[mark.removeprefix(MARK)] = (agent, at)
        await context.close()
