"""The connections of the HTTP side: uvicorn's protocols, with a bound on all that a stranger may send.

uvicorn's own take a request line and headers of any length, wait for them for ever, and keep a connection
whose client reads nothing. Here a head has a length and a time, an address has so many connections, and a
client takes its answer or loses its connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httptools
from uvicorn.config import Config as UvicornConfig
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.http11 import Request

from api.addresses import client_address, is_trusted
from api.problems import MEDIA_TYPE, Problem, RequestError
from config.sections.server import Server
from server.doors import Doors, FullError

#: Bytes of a request line, and of a whole head; header lines of one request, those after a body included.
LONGEST_LINE = 8 * 1024
LONGEST_HEAD = 32 * 1024
MOST_HEADERS = 100
#: Bytes of a request beyond its head and the content of its body: what chunks are wrapped in.
MOST_WRAPPING = 256 * 1024
#: Bytes of a body that anybody reads; api.edge refuses far smaller ones, once it has read them.
LONGEST_BODY = 4 * 1024 * 1024 + MOST_WRAPPING
#: Seconds for a head to be complete, from its first byte or from the connection's beginning.
HEAD_TIMEOUT = 10.0
#: Seconds that a connection may stay open between two requests.
IDLE_TIMEOUT = 20.0
#: Seconds in which a client must take something of what it is sent.
SEND_TIMEOUT = 30.0
#: Seconds, and bytes, for which we listen to a client that is refused: a close while it still sends would
#: keep the answer from it.
LINGER, MOST_LINGERING = 2.0, 1024 * 1024
#: Bytes of one message where pages say what they show; :mod:`server.http` bounds those of all others.
LONGEST_RECORDED, _RECORDED = 1024 * 1024, "/v1/views/"
#: Bytes that the parser gets at once, so that the bounds are looked at in between.
_PIECE = 8 * 1024


@dataclass(slots=True)
class Lobby:
    """What all connections share: the settings in force, who is connected, and what counts refusals."""

    settings: Callable[[], Server]
    refused: Callable[[Problem], None]
    #: The most connections that the open files of this process leave room for.
    room: int
    doors: Doors[asyncio.Transport] = field(default_factory=Doors)

    def enter(self, transport: asyncio.Transport) -> bool:
        """Let a connection in, if there is a place; somebody who only waits may lose theirs."""
        server = self.settings()
        peer = transport.get_extra_info("peername")
        host = str(peer[0]) if isinstance(peer, tuple) else None
        of_address = None if is_trusted(host, server.trusted_proxies) else server.connections_per_ip
        try:
            leaving = self.doors.enter(
                transport,
                client_address(host, (), ()),
                most=min(server.connections, self.room),
                most_of_address=of_address,
            )
        except FullError:
            return False
        if leaving is not None:
            self.refused(Problem.TOO_MANY_CONNECTIONS)
            leaving.abort()
        return True


class _Patience:
    """Ends a connection whose client takes nothing of what it is sent."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, transport: asyncio.WriteTransport) -> None:
        self.end()
        self._timer = self._loop.call_later(SEND_TIMEOUT, transport.abort)

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class _Bounded(asyncio.Protocol):
    """A connection that keeps its place among the others, and ends if its client does not read."""

    #: Set by :func:`protocols`.
    lobby: Lobby
    transport: asyncio.Transport
    _patience: _Patience | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        if self._patience is not None:
            self._patience.end()
        self.lobby.doors.leave(self.transport)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """More waits to be read than the client takes."""
        super().pause_writing()
        self._patience = self._patience or _Patience(asyncio.get_running_loop())
        self._patience.begin(self.transport)

    def resume_writing(self) -> None:
        """It has read on."""
        if self._patience is not None:
            self._patience.end()
        super().resume_writing()


class BoundedHttp(_Bounded, HttpToolsProtocol):
    """One connection, until it becomes a WebSocket or ends."""

    def __init__(
        self,
        config: UvicornConfig,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._head_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        #: Whether anything of a request has come whose head is not complete; whether a body follows it.
        self._in_head, self._in_body = False, False
        #: Of the request so far: its bytes, those of its body's content among them, and its header lines.
        self._bytes, self._content = 0, 0
        self._lines, self._bytes_of_lines = 0, 0
        self._refusal: Problem | None = None
        self._lingered = 0
        #: Whether what comes is no HTTP any more.
        self._deaf = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or refuse it where there are too many."""
        super().connection_made(transport)
        if self.lobby.enter(transport):
            self._await_head()
        else:
            self._refuse(Problem.TOO_MANY_CONNECTIONS)
            transport.close()  # it may not linger: there is no room

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._stop_timers()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Give the parser what has come, piece by piece, within the bounds."""
        self._unset_keepalive_if_required()
        if self._deaf:
            return
        if self._refusal is not None:
            self._lingered += len(data)
            if self._lingered > MOST_LINGERING:
                self.transport.abort()
            return
        if not self._in_body and self._head_timer is None:
            self._await_head()
        for start in range(0, len(data), _PIECE):
            if self.transport.is_closing() or not self._feed(data[start : start + _PIECE]):
                return

    def _feed(self, piece: bytes) -> bool:
        """Parse a piece; whether the next one is to be parsed too."""
        self._bytes += len(piece)
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
            else:  # RFC 9110 section 7.8: the request is answered as if it asked for nothing else
                self.cycle.keep_alive = False
                self._deaf = True
            return False
        except httptools.HttpParserError:
            self._refuse(self._refusal or Problem.REQUEST_INVALID)
            return False
        if self._too_much():
            self._refuse(self._refusal or Problem.HEADERS_TOO_LARGE)
            return False
        return True

    def _too_much(self) -> bool:
        if self._refusal is not None:
            return True
        if not self._in_body and self._bytes > LONGEST_HEAD:
            # Without a single header, all of it is the request line, or what stands before one.
            self._refusal = Problem.ADDRESS_TOO_LONG if not self._lines and not self._content else None
            return True
        return self._bytes - self._content > LONGEST_HEAD + MOST_WRAPPING or self._content > LONGEST_BODY

    # --- what the parser tells ------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Another request begins."""
        super().on_message_begin()
        self._await_head()
        self._in_head, self._in_body = True, False
        self._forget_request()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        super().on_url(url)
        if len(self.url) > LONGEST_LINE:
            self._give_up(Problem.ADDRESS_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line."""
        self._lines += 1
        self._bytes_of_lines += len(name) + len(value) + 4
        if self._lines > MOST_HEADERS or self._bytes_of_lines > LONGEST_HEAD:
            self._give_up(Problem.HEADERS_TOO_LARGE)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is complete: the request is answered from now on."""
        if not self._right_host():
            self._give_up(Problem.REQUEST_INVALID)
        self._in_head, self._in_body = False, True
        self._stop_timers()
        self.lobby.doors.served(self.transport)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body's content."""
        self._content += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is complete."""
        self._in_body = False
        self._forget_request()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """A request is answered."""
        super().on_response_complete()
        if self.cycle.response_complete:
            self.lobby.doors.waits(self.transport)

    def _forget_request(self) -> None:
        self._bytes = self._content = self._lines = self._bytes_of_lines = 0

    def _right_host(self) -> bool:
        """RFC 9112 section 3.2: one Host header, which HTTP/1.0 alone may leave out."""
        hosts = [value for name, value in self.headers if name == b"host"]
        return len(hosts) == 1 or (not hosts and self.parser.get_http_version() == "1.0")

    def _give_up(self, problem: Problem) -> None:
        self._refusal = problem
        raise _GivenUpError(problem.id)  # which ends the parsing; _feed answers

    # --- refusals -------------------------------------------------------------------------------------

    def _refuse(self, problem: Problem) -> None:
        """Answer in the place of the application, and close once the client has had time to read it."""
        self._refusal = problem
        self._stop_timers()
        self.lobby.refused(problem)
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.abort()  # an answer here would seem to be that of the request before
            return
        self.transport.write(_answer(problem))
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._linger_timer = self.loop.call_later(LINGER, self.transport.abort)

    def _await_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT, self._head_is_late)

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self.transport.is_closing():
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self._await_head()  # it waits for us: the answer to an earlier request is not complete
        elif self._in_head:
            self._refuse(Problem.HEAD_TIMEOUT)
        else:
            self.transport.close()  # it never said anything

    def _stop_timers(self) -> None:
        for timer in (self._head_timer, self._linger_timer):
            if timer is not None:
                timer.cancel()
        self._head_timer = self._linger_timer = None


class BoundedWebSocket(_Bounded, WebSocketsSansIOProtocol):
    """A WebSocket on a connection that was counted when it was opened."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection becomes a WebSocket."""
        super().connection_made(transport)
        self.lobby.doors.served(self.transport)

    def handle_connect(self, event: Request) -> None:
        """Read what is asked for: pages that are seen send longer messages than all others."""
        if event.path.startswith(_RECORDED):
            self.conn.max_message_size = LONGEST_RECORDED
        super().handle_connect(event)


class _GivenUpError(Exception):
    """Ends the parsing of a request that is refused."""


def protocols(lobby: Lobby) -> tuple[type[BoundedHttp], type[BoundedWebSocket]]:
    """uvicorn's ``http`` and ``ws`` for one server."""
    return (
        type("BoundedHttp", (BoundedHttp,), {"lobby": lobby}),
        type("BoundedWebSocket", (BoundedWebSocket,), {"lobby": lobby}),
    )


def _answer(problem: Problem) -> bytes:
    body = bytes(RequestError(problem).response().body)
    lines = [
        f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}",
        f"content-type: {MEDIA_TYPE}",
        f"content-length: {len(body)}",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        *(["retry-after: 10"] if problem.status == HTTPStatus.SERVICE_UNAVAILABLE else []),
        "connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
