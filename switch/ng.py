"""The NG protocol: what rtpengine is asked to do, and what it answers, by UDP.

A request and its answer begin with a cookie. rtpengine remembers its last answers by their cookies, so a
request that is sent again, because its answer was lost, is not carried out again.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from itertools import count
from typing import cast

from sip.journal import note
from switch.bencode import BencodeError, Value, decode, encode

#: Seconds until a request is sent again, each time; then rtpengine is taken for dead. In all 3 s.
_AGAIN = (0.2, 0.4, 0.8, 1.6)
#: Requests that may wait for their answers at once.
_MOST_WAITING = 2000

Answer = dict[str, Value]


class NgError(Exception):
    """rtpengine refuses a request; the text is its reason."""


class NgGoneError(NgError):
    """Nobody answers: rtpengine is dead or hangs."""


class NgClient(asyncio.DatagramProtocol):
    """One rtpengine. ``gone`` is called as soon as the kernel tells that nobody listens there."""

    def __init__(self, gone: Callable[[], None] = lambda: None) -> None:
        self._gone = gone
        self._waiting: dict[bytes, asyncio.Future[Answer]] = {}
        self._name = secrets.token_hex(4)
        self._numbers = count(1)
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def connect(cls, host: str, port: int, gone: Callable[[], None] = lambda: None) -> NgClient:
        """A client for the rtpengine there, which need not run yet."""
        loop = asyncio.get_running_loop()
        _, client = await loop.create_datagram_endpoint(lambda: cls(gone), remote_addr=(host, port))
        return client

    def close(self) -> None:
        """Every request that waits for an answer fails."""
        if self._transport is not None:
            self._transport.close()
        self._fail("the connection to rtpengine was closed")

    async def ask(self, command: str, **arguments: Value) -> Answer:
        """Have a command carried out. In names of arguments ``_`` stands for ``-``.

        :class:`NgError` where rtpengine refuses it, :class:`NgGoneError` where it gives no answer for 3 s.
        """
        if self._transport is None or self._transport.is_closing():
            raise NgGoneError("there is no connection to rtpengine")
        if len(self._waiting) >= _MOST_WAITING:
            raise NgGoneError("too many requests wait for rtpengine")
        request: dict[str, Value] = {"command": command}
        request |= {name.replace("_", "-"): value for name, value in arguments.items()}
        cookie = f"{self._name}_{next(self._numbers)}".encode()
        answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[cookie] = answered
        try:
            answer = await self._send(cookie + b" " + encode(request), answered, command)
        finally:
            self._waiting.pop(cookie, None)
        if answer.get("result") not in ("ok", "pong"):
            raise NgError(str(answer.get("error-reason", "no reason given")))
        return answer

    async def _send(self, data: bytes, answered: asyncio.Future[Answer], command: str) -> Answer:
        for patience in _AGAIN:
            if self._transport is not None:
                self._transport.sendto(data)
            done, _ = await asyncio.wait({answered}, timeout=patience)
            if done:
                return answered.result()
        raise NgGoneError(f"rtpengine gave no answer to {command}")

    # --- asyncio.DatagramProtocol -----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """An answer."""
        cookie, _, body = data.partition(b" ")
        answered = self._waiting.get(cookie)
        if answered is None or answered.done():
            return
        try:
            answer = decode(body)
        except BencodeError as error:
            note("ng_answer_unreadable", reason=error)
            return
        if isinstance(answer, dict):
            answered.set_result(cast(Answer, answer))

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there (ICMP): no request that waits will be answered."""
        if isinstance(exc, ConnectionRefusedError):
            self._fail("rtpengine is gone")
            self._gone()

    def _fail(self, why: str) -> None:
        for answered in self._waiting.values():
            if not answered.done():
                answered.set_exception(NgGoneError(why))
