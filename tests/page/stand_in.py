"""A stand-in for the server as the loader knows it, and shops that embed it, on one port with several hosts.

``127.0.0.1`` is Ringback, ``localhost`` and every ``NAME.localhost`` is a shop of another origin. It decides
nothing by itself: the test says what it answers. The files are served by the server's own code.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from api.edge import RequestContext
from api.page.files import PageFiles
from api.page.words import words_of
from api.routes import RouteTable
from web import built

KEY = "shop-key-0001"
OTHER_KEY = "shop-key-0002"
WEB = Path(__file__).parents[2] / "web"
#: A panel that only says what was asked of it.
PANEL = """
export function mount(context) {
  window.panel = { context, asked: [], changed: 0 };
  const element = document.createElement("div");
  element.attachShadow({ mode: "open" }).append("The panel");
  element.style.cssText = "position: fixed; bottom: 0; right: 0; width: 200px; height: 100px";
  element.id = "panel";
  return {
    open(how) {
      window.panel.asked.push({ ...how, opener: how.opener && (how.opener.id || how.opener.className) });
      context.host.append(element);
      context.tell("opened", {});
    },
    close() {
      element.remove();
      context.tell("closed", {});
    },
    planChanged() {
      window.panel.changed += 1;
    },
  };
}
"""
#: The folders that a server has: the real build, and a panel of this test.
_HASHED = re.compile(r"page-[\w-]+\.js")


def follower() -> str:
    """The address of the module that follows the page, in the build."""
    return next(f"p/files/{file.name}" for file in built("page").iterdir() if _HASHED.fullmatch(file.name))


def plan(**changed: Any) -> dict[str, Any]:
    """What a server answers that has nothing to offer but its launcher."""
    site = {
        "label": "Acme Bikes", "dark_theme": None,
        "theme": {"accent": "#1f5fa8", "on_accent": "#ffffff", "radius": "12px", "font": "system-ui"},
        "languages": ["en"], "launcher": "bottom_end", "ways": ["phone", "pc"], "country": None,
        "form_token": False, "consent": "required", "explain": False, "query": [],
    }  # fmt: skip
    return {
        "v": 1, "site": site | changed.pop("site", {}), "widget": "p/files/panel-0a1b2c3d.js",
        "follow": follower(), "state": "open", "ways": {"phone": "open", "pc": "open", "chat": "hidden"},
        "later": None, "buttons": [], "offer": None,
        "ask_again": {"facts": [], "seconds": None, "busy": False} | changed.pop("ask_again", {}),
        "watch": {}, "words": dict(words_of("en", ["en"])), **changed,
    }  # fmt: skip


def offer(name: str = "offer-1", **changed: Any) -> dict[str, Any]:
    """An invitation to a call."""
    return {
        "id": name, "kind": "invitation", "arm": "shown", "way": "phone",
        "text": "Trouble with a code? Talk to us.", "place": "corner", **changed,
    }  # fmt: skip


@dataclass
class ShopPage:
    """A page of a shop: what is in its head and body, and its headers."""

    head: str = ""
    body: str = "<h1>Harbor city bike</h1><p>Blue, frame 52.</p>"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class StandIn:
    """The server and its shops."""

    port: int
    folder: Path
    #: What a question is answered with.
    answer: Callable[[dict[str, Any]], dict[str, Any]] = lambda _: plan()
    #: What ``now`` says.
    now: dict[str, Any] = field(default_factory=lambda: {"state": "open", "offer": "open", "why": None})
    #: Whether Ringback answers at all.
    up: bool = True
    #: Set unless its answers are to wait.
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    pages: dict[str, ShopPage] = field(default_factory=dict)
    #: Files of the shop, such as scripts of others.
    libraries: dict[str, Path] = field(default_factory=dict)
    #: What was asked and told.
    questions: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    #: What was asked of the shops, in order: path and query.
    visited: list[str] = field(default_factory=list)
    #: Each request of Ringback: method, path, cookies.
    requests: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def script(self, attributes: str = "async", key: str = KEY) -> str:
        """The one line."""
        return f'<script {attributes} src="{self.base}p/{key}.js"></script>'

    def shop(self, path: str = "/", host: str = "localhost") -> str:
        return f"http://{host}:{self.port}{path}"

    def told(self, what: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["what"] == what]

    async def serve(self, scope: Any, receive: Any, send: Any) -> None:
        """One request, by its host."""
        request = Request(scope, receive)
        if request.url.hostname != "127.0.0.1":
            await self._shop(request)(scope, receive, send)
            return
        self.requests.append((request.method, request.url.path, request.headers.get("cookie", "")))
        if not self.up:
            await Response(status_code=503)(scope, receive, send)
            return
        if request.url.path.startswith("/p/"):
            await self._files(scope, receive, send)
            return
        body = await request.body()
        assert request.method in ("GET", "POST"), "a page asks nothing that needs a preflight"
        answer = self._answer(request.url.path, json.loads(body) if body else {})
        await self.answering.wait()
        answer.headers["Access-Control-Allow-Origin"] = request.headers.get("origin", "null")
        await answer(scope, receive, send)

    def _answer(self, path: str, told: dict[str, Any]) -> Response:
        if path == "/v1/page/events":
            self.events.append(told)
            return Response(status_code=204)
        if path.endswith("/now"):
            return JSONResponse(self.now)
        if path == "/v1/page":
            self.questions.append(told)
            return JSONResponse(self.answer(told))
        return JSONResponse({"decisions": []})

    def __post_init__(self) -> None:
        self.answering.set()
        (self.folder / "panel-0a1b2c3d.js").write_text(PANEL)
        sites = {key: SimpleNamespace(key=key) for key in (KEY, OTHER_KEY)}
        config: Any = SimpleNamespace(sites=sites)
        rows = PageFiles(lambda: config, [built("page"), self.folder]).routes()
        app = Starlette(routes=[Route(row.path, row.serve, methods=[row.method]) for row in rows])
        self._files = RequestContext(app, RouteTable(rows), lambda *_: None)

    def _shop(self, request: Request) -> Response:
        path = request.url.path
        self.visited.append(f"{path}?{request.url.query}".removesuffix("?"))
        if path.startswith("/modules/"):
            return FileResponse(WEB / "node_modules" / path.removeprefix("/modules/"))
        if path in self.libraries:
            return FileResponse(self.libraries[path])
        page = self.pages.get(path)
        if page is None:
            return Response(status_code=404)
        text = (
            '<!doctype html><html lang="en"><head><meta charset=utf-8><title>Acme Bikes</title>'
            '<meta name=viewport content="width=device-width"><link rel=icon href="data:,">'
            f"{page.head}</head>"
            f"<body>{page.body}</body></html>"
        )
        return HTMLResponse(text, headers=dict(page.headers))


@contextlib.asynccontextmanager
async def standing_in() -> AsyncIterator[StandIn]:
    """A stand-in that serves."""
    with tempfile.TemporaryDirectory(prefix="ringback-page-") as folder:
        bound = socket.create_server(("127.0.0.1", 0))
        here = StandIn(bound.getsockname()[1], Path(folder))
        server = uvicorn.Server(
            uvicorn.Config(
                here.serve,
                log_config=None,
                interface="asgi3",
                lifespan="off",
                timeout_graceful_shutdown=1,
            )
        )
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
        serving = asyncio.ensure_future(server.serve(sockets=[bound]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.005)
        try:
            yield here
        finally:
            server.should_exit = True
            await serving
