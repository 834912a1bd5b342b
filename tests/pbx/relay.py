"""A TCP relay on 127.0.0.1 that a test can cut, hold and restore: the network between Ringback and a PBX."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from tests.scenarios.settings import free_tcp_port


class Relay:
    """Make one with :func:`relay`."""

    def __init__(self, target: int) -> None:
        self.port = free_tcp_port()
        #: How many connections there were.
        self.connections = 0
        self._target = target
        self._flows = asyncio.Event()
        self._flows.set()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    async def restore(self) -> None:
        """Take connections again, and let everything through."""
        self._flows.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def cut(self) -> None:
        """Drop every connection, and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)

    def hold(self) -> None:
        """Let nothing through, and say nothing about it."""
        self._flows.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        for source, sink in ((reader, back), (there, writer)):
            self._open.add(sink)
            task = asyncio.ensure_future(self._pump(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65536):
                await self._flows.wait()
                sink.write(data)
                await sink.drain()
        sink.close()
        self._open.discard(sink)

    async def close(self) -> None:
        """End everything."""
        await self.cut()
        for task in list(self._tasks):
            task.cancel()


@contextlib.asynccontextmanager
async def relay(target: int) -> AsyncIterator[Relay]:
    """A relay to a port, open from the start."""
    made = Relay(target)
    await made.restore()
    try:
        yield made
    finally:
        await made.close()
