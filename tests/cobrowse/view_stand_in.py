"""A stand-in for the server, as the document of a shared view knows it: a token, and what a test tells it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.agents.view_files import view_policy
from tests.cobrowse.corpus import answer
from web import built

#: A desk that gives a token to whoever asks for one, as the real one does.
DESK = """<!doctype html><html lang="en"><title>Desk</title>
<iframe src="/agent/view/" title="The page" style="width: 1240px; height: 800px; border: 0"></iframe>
<script>addEventListener("message", ({ data, source, origin }) => {
  if (origin === location.origin && data.ringback === "token_wanted")
    source.postMessage({ ringback: "token", view: "v_1", token: "once" }, origin);
});</script></html>"""


@dataclass
class ViewServer:
    """The server, and what the document said to it."""

    port: int
    said: list[dict[str, Any]] = field(default_factory=list)
    #: What was asked of hosts that are not its own.
    elsewhere: list[str] = field(default_factory=list)
    told: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)

    @property
    def desk(self) -> str:
        return f"http://127.0.0.1:{self.port}/desk"

    def tell(self, kind: str, **more: Any) -> None:
        self.told.put_nowait({"type": kind, **more})

    async def socket(self, websocket: WebSocket) -> None:
        """The document's socket."""
        await websocket.accept(subprotocol="ringback.v2")
        telling = asyncio.ensure_future(self._tell(websocket))
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                self.said.append(await websocket.receive_json())
        telling.cancel()

    async def _tell(self, websocket: WebSocket) -> None:
        while True:
            await websocket.send_text(json.dumps(await self.told.get()))

    async def until(self, kind: str, within: float = 10) -> dict[str, Any]:
        """The first that it said of this kind, which is then taken."""
        async with asyncio.timeout(within):
            while not (found := [each for each in self.said if each["type"] == kind]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        self.said.remove(found[0])
        return found[0]


async def _files(request: Request) -> Response:
    path = request.path_params["path"] or "index.html"
    file = built("agent") / (f"{path}index.html" if path.endswith("/") else path)
    if not file.is_file():
        return Response(status_code=404)
    kinds = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    headers = {"Content-Security-Policy": view_policy(())}
    return Response(file.read_bytes(), media_type=kinds[file.suffix], headers=headers)


async def _desk(_: Request) -> Response:
    return HTMLResponse(DESK)


@contextlib.asynccontextmanager
async def view_server() -> AsyncIterator[ViewServer]:
    """A stand-in that serves."""
    bound = socket.create_server(("127.0.0.1", 0))
    here = ViewServer(bound.getsockname()[1])
    routes = [
        Route("/desk", _desk),
        Route("/pages/{path:path}", answer, methods=["GET", "POST"]),
        Route("/agent/{path:path}", _files),
        WebSocketRoute("/v1/agents/views/v_1", here.socket),
    ]
    app = Starlette(routes=routes)

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if (host := URL(scope=scope).hostname) not in ("127.0.0.1", "localhost"):
            here.elsewhere.append(f"{host}{scope['path']}")
        await app(scope, receive, send)

    config = uvicorn.Config(serve, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign, assignment]
    serving = asyncio.ensure_future(server.serve(sockets=[bound]))
    while not server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
        await asyncio.sleep(0.005)
    try:
        yield here
    finally:
        server.should_exit = True
        await serving
