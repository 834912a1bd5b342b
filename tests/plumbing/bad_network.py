"""A network between WebSockets and a server that delays, repeats and cuts, by chance."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

TEXT = 0x81  # a whole text message (RFC 6455 section 5.2)


@dataclass
class BadNetwork:
    """What it does with each frame, as chances from 0 to 1; nothing any more once it is ``calm``."""

    luck: random.Random
    delay: float = 0.3
    repeat: float = 0.1
    cut: float = 0.03
    longest_delay: float = 0.02
    calm: bool = False
    address: str = ""
    #: How often it did what.
    did: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("delay", "repeat", "cut"), 0))

    def does(self, what: str) -> bool:
        """Whether it does this now."""
        if self.calm or self.luck.random() >= getattr(self, what):
            return False
        self.did[what] += 1
        return True

    @asynccontextmanager
    async def toward(self, listen: str) -> AsyncIterator[BadNetwork]:
        """Stand between clients, who connect to ``address``, and the server that listens there."""
        host, _, port = listen.rpartition(":")

        async def come(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
            with contextlib.suppress(ConnectionError):
                far, forth = await asyncio.open_connection(host, int(port))
                await self._between(near, forth, far, back)

        server = await asyncio.start_server(come, "127.0.0.1", 0)
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()

    async def _between(
        self,
        near: asyncio.StreamReader,
        forth: asyncio.StreamWriter,
        far: asyncio.StreamReader,
        back: asyncio.StreamWriter,
    ) -> None:
        ways = [asyncio.ensure_future(self._carry(*way)) for way in ((near, forth), (far, back))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for writer in (forth, back):  # at once, and with no closing frame: as a broken line
                writer.transport.abort()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one way, until it ends or is cut."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            writer.write(await reader.readuntil(b"\r\n\r\n"))  # the handshake
            while True:
                frame = await _frame(reader)
                if self.does("delay"):
                    await asyncio.sleep(self.luck.uniform(0.0, self.longest_delay))
                if self.does("cut"):
                    writer.write(frame[: self.luck.randrange(len(frame))])  # perhaps in its middle
                    await asyncio.sleep(self.luck.choice((0.0, 0.002)))
                    return
                writer.write(frame)
                if frame[0] == TEXT and self.does("repeat"):
                    writer.write(frame)
                await writer.drain()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """The next frame as it is (RFC 6455 section 5.2)."""
    head = await reader.readexactly(2)
    length = head[1] & 0x7F
    if length >= 126:
        longer = await reader.readexactly(2 if length == 126 else 8)
        head, length = head + longer, int.from_bytes(longer, "big")
    return head + await reader.readexactly(length + (4 if head[1] & 0x80 else 0))
