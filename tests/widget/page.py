"""A shop's page with the panel in it, and a server that only says what a test wants.

The page stands for the loader: it gives the panel what `web/page/src/widget-seam.ts` says, and keeps what
the panel tells. So a test sees the panel alone, in every state, without phones.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

from api.subprotocol.shopper import progress
from bridge.progress import CallProgress, CallState
from tests.plumbing import chromium
from tests.plumbing.chromium import CHROMIUM, playwright
from web import built

BUILD = built("widget")
#: Patient: a machine may be busy.
expect = type(playwright.expect)()
expect.set_options(timeout=15_000)
#: The marks of every test with the panel.
WITH_THE_PANEL = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not list(BUILD.glob("panel-*.js")), reason="needs the built panel (make web)"),
]
SHOP = "http://127.0.0.1:9/"
BASE = "http://127.0.0.1:10/ringback/"
#: No style but adopted sheets, no script but files, no string into HTML.
STRICT = (
    "default-src 'none'; script-src 'self' http://127.0.0.1:10 'nonce-test'; connect-src http://127.0.0.1:10 "
    "ws://127.0.0.1:10; require-trusted-types-for 'script'; trusted-types lit-html"
)
PLAN: dict[str, Any] = {
    "v": 1,
    "site": {
        "label": "Acme Bikes",
        "theme": {},
        "languages": [],
        "ways": ["phone", "pc", "chat"],
        "country": "US",
        "countries": ["US", "CA", "GB"],
    },
    "widget": "",
    "state": "open",
    "ways": {"phone": "open", "pc": "open", "chat": "open"},
    "later": None,
    "buttons": [],
    "offer": None,
    "watch": {},
}
_DARK = {
    "accent": "#8ab8f0", "on_accent": "#0d1f33", "background": "#14181d", "surface": "#1f252c",
    "text": "#eef1f5", "muted": "#a9b4c0", "border": "#76828f", "danger": "#ff8a80",
}  # fmt: skip
_HTML = """<!doctype html>
<html lang="{language}" dir="{direction}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Acme Bikes</title>
<body>
<h1>The Harbor</h1>
<p>A city bike that is quiet and ready for rain.</p>
<button id="opener">Talk to us</button> <a href="./next">Next page</a>
<label>Search <input id="search"></label>
<script type="module" nonce="test">
  import {{ mount }} from "{base}{widget}";
  const told = (window.told = []);
  window.plan = {plan};
  window.violations = [];
  addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
  const root = document.documentElement.appendChild(document.createElement("ringback-root"));
  root.popover = "manual";
  root.style.cssText = "all: initial; position: fixed; display: block";
  const host = root.attachShadow({{ mode: "open" }}).appendChild(document.createElement("div"));
  root.showPopover();
  const panel = (window.panel = mount({{
    host,
    base: "{base}",
    site: "shop-public-key",
    plan: () => window.plan,
    page: () => ({{ url: location.href, title: document.title, data: window.facts ?? {{}} }}),
    visitor: () => "v".repeat(22),
    view: () => "w".repeat(22),
    token: () => null,
    language: () => document.documentElement.lang,
    now: async () => window.now ?? null,
    tell: (name, detail) => (told.push([name, detail]), window.answers?.[name] ?? []),
    inContact: (truth) => (window.inContact = truth),
    comeBack: (truth) => (window.comesBack = truth),
  }}));
  document.getElementById("opener").onclick = (event) => panel.open({{ opener: event.currentTarget }});
  addEventListener("pagehide", () => window.comesBack && sessionStorage.setItem("back", "1"));
  if (sessionStorage.getItem("back")) panel.open({{ back: true }});
  sessionStorage.removeItem("back");
  window.ready = true;
</script>
"""


@dataclass
class StandIn:
    """Ringback and the shop's web server, as far as the browser asks them."""

    plan: dict[str, Any] = field(default_factory=lambda: dict(PLAN))
    language: str = "en"
    direction: str = "ltr"
    #: What calls were asked for.
    asked: list[dict[str, Any]] = field(default_factory=list)
    #: What the pages said on WebSockets.
    heard: list[Any] = field(default_factory=list)
    sockets: list[Any] = field(default_factory=list)
    #: The answer to the next call: a status and a body, in place of a call.
    refusal: tuple[int, dict[str, Any]] | None = None
    #: Seconds that an answer to a call takes.
    slow: float = 0.0
    line: CallProgress | None = None
    callback: dict[str, Any] | None = None

    async def stand(self, context: Any) -> None:
        """Answer all that pages of this context ask."""
        await context.route(f"{SHOP}**", self._page)
        await context.route(f"{BASE}**", self._answer)
        await context.route_web_socket("ws://127.0.0.1:10/**", self._follow)

    def say(self, state: CallState, **more: Any) -> None:
        """The call goes on: all pages that follow it are told."""
        sequence = self.line.sequence + 1 if self.line else 0
        self.line = a_line(state, sequence, **more)
        for socket in self.sockets:
            with contextlib.suppress(Exception):
                socket.send(_told(self.line))

    def push(self, **more: Any) -> None:
        """An agent shows a page."""
        page = {"type": "open_page", "push": 1, "url": f"{SHOP}sizes", "title": "Bike sizes", "mode": "ask"}
        for socket in self.sockets:
            with contextlib.suppress(Exception):
                socket.send(json.dumps(page | more))

    async def _page(self, route: Any) -> None:
        html = _HTML.format(
            base=BASE,
            widget=_entry().name,
            plan=json.dumps(self.plan),
            language=self.language,
            direction=self.direction,
        )
        headers = {"Content-Security-Policy": STRICT, "Content-Type": "text/html"}
        await route.fulfill(body=html, headers=headers)

    async def _answer(self, route: Any) -> None:
        path = route.request.url.removeprefix(BASE).partition("?")[0]
        cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*",
                "Access-Control-Allow-Methods": "*"}  # fmt: skip
        if route.request.method == "OPTIONS":
            return await route.fulfill(status=204, headers=cors)
        if path.endswith(".js"):
            script = cors | {"Content-Type": "text/javascript"}
            return await route.fulfill(body=(BUILD / path).read_bytes(), headers=script)
        if path == "v1/page/number":
            typed = route.request.post_data_json["number"]
            digits = "".join(each for each in typed if each.isdigit())
            shown = f"+1 {digits[-10:-7]}-{digits[-7:-4]}-{digits[-4:]}" if len(digits) >= 10 else None
            return await route.fulfill(json={"number": shown, "hint": None}, headers=cors)
        if path == "v1/page/challenge":
            return await route.fulfill(json={"challenge": None, "expires_in": 300}, headers=cors)
        if path == "v1/calls":
            return await self._call(route, cors)
        if path.endswith("/callback") or path.startswith("v1/callbacks/"):
            if route.request.method == "DELETE":
                self.callback = {**(self.callback or {}), "state": "cancelled"}
            return await route.fulfill(json=self.callback, headers=cors)
        if route.request.method == "DELETE":
            self.say(CallState.ENDED, disposition="cancelled", cause="cancelled")
            return await route.fulfill(status=202, json=asdict(self.line), headers=cors)  # type: ignore[arg-type]
        line = self.line
        return await route.fulfill(
            status=200 if line else 404, json=asdict(line) if line else {"id": "call_unknown"}, headers=cors
        )

    async def _call(self, route: Any, cors: dict[str, str]) -> None:
        self.asked.append(route.request.post_data_json)
        await asyncio.sleep(self.slow)
        if self.refusal:
            status, body = self.refusal
            self.refusal = None
            return await route.fulfill(status=status, json=body, headers=cors)
        self.line = self.line or a_line(CallState.CALLING_SHOPPER, 0)
        body = {"id": "c1", "token": "t1", "progress": asdict(self.line)}
        if self.asked[-1].get("by") == "pc":
            body |= {"leg": "leg-1", "ice_servers": []}
        await route.fulfill(status=201, headers=cors, json=body)

    async def _follow(self, socket: Any) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda text: self.heard.append(json.loads(text)))
        if self.line:
            socket.send(_told(self.line))


def a_line(state: CallState, sequence: int, **more: Any) -> CallProgress:
    """One line of progress of the call."""
    usual: dict[str, Any] = {"shopper_ringing": False, "attempt": 0, "attempts": 0}
    return CallProgress("c1", "shop", sequence, time.time(), state, **(usual | more))


def _told(line: CallProgress) -> str:
    now = time.time()
    bridged = now if line.state is CallState.BRIDGED else None
    return progress(line, now, now, bridged).model_dump_json()


def _entry() -> Path:
    (entry,) = BUILD.glob("panel-*.js")
    return entry


def dark(plan: dict[str, Any]) -> dict[str, Any]:
    """The plan with a theme for dark systems."""
    return {**plan, "site": {**plan["site"], "dark_theme": _DARK}}


@contextlib.asynccontextmanager
async def shoppers(stand_in: StandIn, flags: Sequence[str] = (), **options: Any) -> AsyncIterator[Any]:
    """A browser context whose pages are the shop's: ``await open_page(context)``."""
    options = {"viewport": {"width": 1280, "height": 860}, "timezone_id": "America/New_York"} | options
    async with chromium.context(flags, **options) as context:
        await stand_in.stand(context)
        yield context


async def open_page(context: Any, path: str = "") -> Any:
    """A page of the shop, with the panel in it, closed."""
    page = await context.new_page()
    page.troubles = []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    await page.goto(SHOP + path)
    await page.wait_for_function("window.ready")
    return page
