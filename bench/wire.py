"""A plain HTTP/1.1 connection that is kept open: it costs so little that the server is what is measured."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass


class HttpWireError(Exception):
    """The server closed the connection, or said something else than HTTP."""


@dataclass(frozen=True, slots=True)
class WireAnswer:
    """What came back."""

    status: int
    body: bytes


class HttpWire:
    """One connection; one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, origin: str) -> None:
        self._reader = reader
        self._writer = writer
        self._origin = origin

    async def post(
        self, path: str, body: bytes, address: str, kind: str = "text/plain;charset=UTF-8"
    ) -> WireAnswer:
        """Send a body as the loader does, or of another ``kind``, as if from this IP address."""
        return await self._ask(
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nOrigin: {self._origin}\r\nX-Forwarded-For: {address}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )

    async def get(self, path: str, address: str) -> WireAnswer:
        """Get something, as if from this IP address."""
        return await self._ask(
            f"GET {path} HTTP/1.1\r\nHost: bench\r\nOrigin: {self._origin}\r\n"
            f"X-Forwarded-For: {address}\r\n\r\n".encode()
        )

    async def _ask(self, request: bytes) -> WireAnswer:
        self._writer.write(request)
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise HttpWireError("the server closed the connection") from error
        lines = head.split(b"\r\n")
        length = next(
            (int(line.partition(b":")[2]) for line in lines if line[:15].lower() == b"content-length:"), 0
        )
        return WireAnswer(int(lines[0].split()[1]), await self._reader.readexactly(length) if length else b"")


@contextlib.asynccontextmanager
async def connected(listen: str, origin: str, count: int = 1) -> AsyncIterator[list[HttpWire]]:
    """So many connections to ``host:port``."""
    host, _, port = listen.rpartition(":")
    streams = [await asyncio.open_connection(host, int(port)) for _ in range(count)]
    try:
        yield [HttpWire(reader, writer, origin) for reader, writer in streams]
    finally:
        for _, writer in streams:
            writer.close()
