"""A stand-in for the server, as an agent's page knows it: log-in, WebSocket, callers that are aiortc peers.

It decides nothing by itself: the test lets callers ring, joins them, and takes the line away.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import aioice.ice
import numpy as np
import uvicorn
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.sdp import candidate_from_sdp
from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse, Response

from api.agents.view_files import ViewFiles
from api.edge import RequestContext
from api.page_files import OwnPageFiles
from api.routes import RouteTable
from api.subprotocol.agent import AGENT_TOLD
from api.subprotocol.base import type_of
from tests.cobrowse.view_stand_in import ViewServer
from tests.sip.core import free_port, until
from tests.webrtc.browser import _Tone as Tone
from web import built

aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]

BUILD = built("agent")
PASSWORD = "correct horse"
CALLER_HZ = 440
#: What a server may say, by its type: this one says nothing else.
MESSAGES = {type_of(model): model for model in AGENT_TOLD}
ABOUT = {
    "site": "Acme Bikes",
    "page": "https://bikes.example/city/harbor?colour=blue",
    "number": "+1 617 ••• ••23",
    "number_verified": True,
    "context": {"cart_total": "1,290.00", "customer": "gold", "looks at": "Harbor city bike, blue, frame 52"},
}


class Caller:
    """One leg: rings, and talks by aiortc with the page that takes it."""

    def __init__(self, server: StandIn, leg: str, **about: Any) -> None:
        self.server, self.leg, self.about = server, leg, {**ABOUT, **about}
        #: The page that has it.
        self.holder: WebSocket | None = None
        self.taken = False
        self.story = {"state": "ringing", "since": time.time()}
        #: What pages said about it.
        self.said: list[dict[str, Any]] = []
        #: Whether offers are answered, or lost.
        self.reachable = True
        #: What is told in place of an answer.
        self.refusal: str | None = None
        self.peers: dict[int, RTCPeerConnection] = {}
        self._samples: list[np.ndarray] = []
        self._rate = 8000
        self._tasks: set[asyncio.Task[None]] = set()

    def ring(self) -> dict[str, Any]:
        return {
            "type": "ring",
            "leg": self.leg,
            "call_id": self.leg.rpartition("-")[0],
            "ice_servers": [],
            "under_way": self.taken,
            "now": time.time(),
            **self.about,
            **self.story,
        }

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.said if message["type"] == kind]

    async def hear(self, page: WebSocket, message: dict[str, Any]) -> None:
        kind = message["type"]
        self.said.append(message)
        if kind in ("offer", "reattach") and self.holder is not page:
            self.taken, self.holder = True, page
            for other in self.server.pages:
                if other is not page:
                    await self.server.tell(other, type="gone", leg=self.leg, cause="answered_elsewhere")
        if kind == "hang_up" and self.holder in (None, page):
            await self.gone("declined" if not self.taken else "normal")
        elif self.holder is page and kind == "offer" and self.reachable:
            await self._answer(message)
        elif self.holder is page and kind == "candidate" and (peer := self.peers.get(message["session"])):
            candidate = candidate_from_sdp(message["candidate"].removeprefix("candidate:"))
            candidate.sdpMid, candidate.sdpMLineIndex = message["sdpMid"], message["sdpMLineIndex"]
            await peer.addIceCandidate(candidate)

    async def tell(self, **fields: Any) -> None:
        if self.holder is not None:
            await self.server.tell(self.holder, leg=self.leg, **fields)

    async def joined(self) -> None:
        """The caller is joined with the agent."""
        self.story = {"state": "joined", "since": time.time()}
        await self.tell(type="leg_state", **self.story)

    async def gone(self, cause: str) -> None:
        """The leg is over."""
        self.server.callers.pop(self.leg, None)
        for page in [self.holder] if self.holder else list(self.server.pages):
            await self.server.tell(page, type="gone", leg=self.leg, cause=cause)
        await self.close()
        await self.server.becomes("available")

    async def close(self) -> None:
        for peer in self.peers.values():
            await peer.close()

    def level(self, hertz: float, seconds: float = 0.3) -> float:
        """Amplitude of a tone that the caller heard in the last moment."""
        if not self._samples:
            return 0.0
        samples = np.concatenate(self._samples)[-int(seconds * self._rate) :]
        wave = np.exp(-2j * math.pi * hertz * np.arange(len(samples)) / self._rate)
        return float(abs(np.dot(samples, wave)) * 2 / len(samples))

    async def _answer(self, offer: dict[str, Any]) -> None:
        session = offer["session"]
        if self.refusal:
            await self.tell(type="failed", session=session, problem=self.refusal)
            return
        await self.server.becomes("on_call")
        peer = self.peers[session] = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        peer.addTrack(Tone(CALLER_HZ, 48000))

        @peer.on("track")
        def heard(track: MediaStreamTrack) -> None:
            task = asyncio.ensure_future(self._listen(track))
            self._tasks.add(task)

        @peer.on("connectionstatechange")
        async def changed() -> None:
            if peer.connectionState == "connected":
                await self.tell(type="connected", session=session)
                if self.story["state"] == "ringing":
                    self.story = {"state": "answered", "since": time.time()}
                    await self.tell(type="leg_state", **self.story)

        await peer.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        await self.tell(type="answer", session=session, sdp=peer.localDescription.sdp, audio="passthrough")

    async def _listen(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            self._rate = frame.sample_rate
            samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0]
            self._samples.append(samples.astype(float))
            del self._samples[:-100]


class StandIn:
    """The server."""

    def __init__(self) -> None:
        self.port = free_port()
        self.callers: dict[str, Caller] = {}
        self.pages: list[WebSocket] = []
        self.state = "offline"
        self.chosen = "away"
        self.tokens: set[str] = set()
        #: Seconds to wait before another password may be tried.
        self.wait = 0
        #: With which code WebSockets are closed at once; None: not.
        self.closes: int | None = None
        #: What a page is told of this desk when it connects; None: nothing.
        self.desk: dict[str, Any] | None = None
        #: What pages asked the desk for.
        self.asked: list[dict[str, Any]] = []
        #: The socket of the document of a shared view.
        self.view = ViewServer(self.port)
        self._app = self._make()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/agent/"

    async def call(self, leg: str = "c1-b1", **about: Any) -> Caller:
        """Let a caller ring on every page."""
        caller = self.callers[leg] = Caller(self, leg, **about)
        await self.becomes("ringing")
        for page in self.pages:
            await self.tell(page, **caller.ring())
        return caller

    async def tell(self, page: WebSocket, /, **message: Any) -> None:
        model = MESSAGES[message["type"]]
        if "now" in model.model_fields:
            message.setdefault("now", time.time())
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await page.send_text(model.model_validate(message).model_dump_json())

    async def say(self, kind: str, **fields: Any) -> None:
        """Tell every page something."""
        for page in list(self.pages):
            await self.tell(page, type=kind, **fields)

    async def asks(self, kind: str) -> dict[str, Any]:
        """What the agent asks for next, which must be of this kind."""
        await until(lambda: self.asked, 6)
        request = self.asked.pop(0)
        assert request["type"] == kind, request
        return request

    async def becomes(self, state: str) -> None:
        self.state = self.chosen if state == "available" else state
        for page in self.pages:
            await self.tell(page, type="me", **self.me())

    def me(self) -> dict[str, str]:
        return {"agent": "alice", "label": "Alice Young", "state": self.state}

    async def cut(self, code: int = 1012) -> None:
        """Take every page's WebSocket away."""
        for page in list(self.pages):
            await page.close(code)

    def _make(self) -> FastAPI:
        app = FastAPI()

        @app.post("/v1/agent/login")
        async def log_in(request: Request) -> Response:
            body = await request.json()
            if self.wait:
                return self._problem(429, "limit_login", retry_after=self.wait)
            if body != {"agent": "alice", "password": PASSWORD}:
                return self._problem(401, "login_refused")
            self.state = "away"
            response = JSONResponse(self.me())
            token = secrets.token_urlsafe()
            self.tokens.add(token)
            response.set_cookie("ringback_agent", token, path="/v1/agent", httponly=True, samesite="strict")
            return response

        @app.get("/v1/agent/me")
        async def me(request: Request) -> Response:
            if request.cookies.get("ringback_agent") not in self.tokens:
                return self._problem(401, "not_logged_in")
            return JSONResponse(self.me())

        @app.post("/v1/agent/logout")
        async def log_out(request: Request) -> Response:
            self.tokens.discard(request.cookies.get("ringback_agent", ""))
            await self.cut(4401)
            return Response(status_code=204)

        app.websocket("/v1/agent/events")(self._page)
        app.websocket("/v1/agents/views/v_1")(self.view.socket)
        files = OwnPageFiles("agent", "The agents' page", BUILD, frames=True)
        view = ViewFiles(lambda view: (), BUILD)
        app.add_route("/agent/view/", view.show)
        app.add_route("/agent/{path:path}", files.show)
        # With the headers that the page has to live with.
        table = RouteTable((*view.routes(), *files.routes()))
        app.add_middleware(RequestContext, table=table, requested=lambda *request: None)
        return app

    async def _page(self, page: WebSocket) -> None:
        await page.accept("ringback.v2")
        if page.cookies.get("ringback_agent") not in self.tokens:
            await page.close(4401)
            return
        if self.closes:
            await page.close(self.closes)
            return
        self.pages.append(page)
        if self.state == "offline":
            self.state = self.chosen
        await self.tell(page, type="me", **self.me())
        if self.desk:
            await self.tell(page, type="desk", **self.desk)
        for caller in list(self.callers.values()):
            await self.tell(page, **caller.ring())
        try:
            async for text in page.iter_text():
                message = json.loads(text)
                if message["type"] == "choose_state":
                    self.chosen = message["state"]
                    await self.becomes("available" if self.state in ("away", "available") else self.state)
                elif {"call_id", "chat_id", "talk", "view"} & message.keys():
                    self.asked.append(message)
                elif caller := self.callers.get(message["leg"]):
                    await caller.hear(page, message)
                elif message["type"] in ("offer", "reattach"):
                    await self.tell(page, type="gone", leg=message["leg"], cause="over")
        finally:
            self.pages.remove(page)
            for caller in self.callers.values():
                if caller.holder is page:
                    caller.holder = None
                    for other in self.pages:
                        await self.tell(other, **caller.ring())

    def _problem(self, status: int, name: str, retry_after: int = 0) -> Response:
        headers = {"Retry-After": str(retry_after)} if retry_after else {}
        return JSONResponse({"id": name, "detail": "", "status": status}, status, headers)


@contextlib.asynccontextmanager
async def stand_in() -> AsyncIterator[StandIn]:
    """A stand-in that serves."""
    here = StandIn()
    config = uvicorn.Config(
        here._app, host="127.0.0.1", port=here.port, log_config=None, ws="websockets-sansio"
    )
    server = uvicorn.Server(config)
    server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]
    serving = asyncio.ensure_future(server.serve())
    await until(lambda: server.started)
    try:
        yield here
    finally:
        await here.cut()
        for caller in here.callers.values():
            await caller.close()
        server.should_exit = True
        await serving
