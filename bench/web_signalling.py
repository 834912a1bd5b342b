"""What a page says to the server under test for one call: Ringback's own WebSocket, or SIP over WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any, Literal, Protocol

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from webrtc.sip_text import SipMessage, read_message, write_response

#: Seconds for each step of a call's set-up.
STEP_SECONDS = 20.0
ServerKind = Literal["ringback", "asterisk"]


class SignallingError(Exception):
    """The call was refused, or ended before it had an answer; the text says why."""


@dataclasses.dataclass(frozen=True)
class WebServer:
    """Where a page finds the server: ``ringback`` by HTTP, ``asterisk`` by the URL of its WebSocket."""

    kind: ServerKind
    url: str
    origin: str = ""
    site_key: str = ""
    audio: Literal["auto", "opus"] = "auto"


class WebCall(Protocol):
    """One call of one page."""

    #: When the server had accepted the call, in seconds since the epoch.
    accepted: float

    async def answer_to(self, sdp: str) -> str:
        """Send the offer; the SDP of the answer."""

    async def connected(self) -> None:
        """The server was told, or has found out, that audio flows."""

    async def over(self) -> None:
        """Wait for the call's end."""


@contextlib.asynccontextmanager
async def web_call(server: WebServer, number: str, http: httpx.AsyncClient) -> AsyncIterator[WebCall]:
    """Ask for a call to the business, as the shopper of this number; :class:`SignallingError` if refused."""
    if server.kind == "ringback":
        async with _ringback_call(server, number, http) as call:
            yield call
    else:
        async with connect(
            server.url, subprotocols=[Subprotocol("sip")], compression=None, ping_interval=None, proxy=None
        ) as socket:
            over_sip = SipCall(socket, number)
            try:
                yield over_sip
            finally:
                await over_sip.close()


@contextlib.asynccontextmanager
async def _ringback_call(
    server: WebServer, number: str, http: httpx.AsyncClient
) -> AsyncIterator[RingbackCall]:
    body = {
        "site_key": server.site_key, "by": "pc", "number": number, "country": "US",
        "page": f"{server.origin}/shoes",
    }  # fmt: skip
    answer = await http.post("/v1/calls", json=body, headers={"Origin": server.origin})
    if answer.status_code != 201:
        raise SignallingError(f"{answer.status_code} {answer.text[:200]}")
    accepted, call = time.time(), answer.json()
    url = server.url.replace("http", "ws", 1) + call["events"]
    protocols = [Subprotocol("ringback.v2"), Subprotocol(f"token.{call['token']}")]
    async with connect(
        url,
        subprotocols=protocols,
        origin=Origin(server.origin),
        compression=None,
        ping_interval=None,
        proxy=None,
    ) as socket:
        yield RingbackCall(socket, call["leg"], server.audio, accepted)


class RingbackCall:
    """By docs/api.md, "Agents and browser legs"."""

    def __init__(self, socket: ClientConnection, leg: str, audio: str, accepted: float) -> None:
        self.accepted = accepted
        self._socket, self._leg, self._audio = socket, leg, audio
        self._session = int(time.time())

    async def answer_to(self, sdp: str) -> str:
        """Send the offer; the SDP of the answer."""
        offer = {
            "type": "offer", "leg": self._leg, "session": self._session, "sdp": sdp, "audio": self._audio,
        }  # fmt: skip
        await self._socket.send(json.dumps(offer))
        return str((await self._next("answer"))["sdp"])

    async def connected(self) -> None:
        """The server says that audio flows."""
        await self._next("connected")

    async def over(self) -> None:
        """Wait for the call's end."""
        with contextlib.suppress(ConnectionClosed):
            async for _ in self._socket:
                pass

    async def _next(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(STEP_SECONDS):
            while True:
                try:
                    message = json.loads(await self._socket.recv())
                except ConnectionClosed as error:
                    raise SignallingError(f"closed before {kind}: {error}") from None
                if message.get("type") == kind:
                    return dict(message)
                if message.get("type") in ("failed", "gone") or message.get("state") == "ended":
                    raise SignallingError(f"{json.dumps(message)[:200]} instead of {kind}")


class SipCall:
    """SIP over WebSocket (RFC 7118), a caller's side of one call without digest."""

    def __init__(self, socket: ClientConnection, number: str) -> None:
        # There is no request before the INVITE.
        self.accepted = time.time()
        self._socket = socket
        self._host = f"{secrets.token_hex(6)}.invalid"
        self._uri = "sip:page@bench.invalid"
        self._from = f"<sip:{number.removeprefix('+')}@bench.invalid>;tag={secrets.token_hex(6)}"
        self._call_id = secrets.token_hex(12)
        self._target = self._uri
        self._to = f"<{self._uri}>"
        self._over = False

    async def answer_to(self, sdp: str) -> str:
        """INVITE the dial plan's page; the SDP of its 200, which is acknowledged."""
        await self._request("INVITE", 1, sdp)
        async with asyncio.timeout(STEP_SECONDS):
            while True:
                message = await self._message()
                if message.method != "INVITE" or message.status < 200:
                    continue
                self._to = message.get("to")
                if message.status >= 300:
                    await self._request("ACK", 1)
                    raise SignallingError(f"SIP {message.status}")
                self._target = message.get("contact").partition("<")[2].partition(">")[0] or self._target
                await self._request("ACK", 1)
                return message.body

    async def connected(self) -> None:
        """Asterisk does not say."""

    async def over(self) -> None:
        """Wait for BYE, and answer it."""
        while not self._over:
            try:
                message = await self._message()
            except SignallingError:
                return
            if not message.status and message.method != "ACK":
                await self._socket.send(write_response(message, 200, "", ()).decode())
                self._over = message.method == "BYE"

    async def close(self) -> None:
        """Say BYE where the other side has not."""
        if not self._over and self._target != self._uri:
            self._over = True
            with contextlib.suppress(ConnectionClosed):
                await self._request("BYE", 2)

    async def _message(self) -> SipMessage:
        while True:
            try:
                data = await self._socket.recv()
            except ConnectionClosed as error:
                raise SignallingError(f"closed: {error}") from None
            message = read_message(data.encode() if isinstance(data, str) else data)
            if message is not None:
                return message

    async def _request(self, method: str, number: int, sdp: str = "") -> None:
        lines = [
            f"{method} {self._target} SIP/2.0",
            f"Via: SIP/2.0/WS {self._host};branch=z9hG4bK{secrets.token_hex(8)}",
            "Max-Forwards: 70",
            f"From: {self._from}",
            f"To: {self._to}",
            f"Call-ID: {self._call_id}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:bench@{self._host};transport=ws>",
            *(["Content-Type: application/sdp"] if sdp else []),
            f"Content-Length: {len(sdp)}",
        ]
        await self._socket.send("\r\n".join(lines) + "\r\n\r\n" + sdp)
