"""A real Asterisk 22 under test: AMI Originate to the shopper, then Dial to the business."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from aioice.ice import get_host_addresses

from bench.servers import ServerError, ServerTold, World
from bench.web_signalling import WebServer
from tests.pbx.asterisk import MANAGER, SECRET, Asterisk, asterisk
from tests.scenarios.settings import free_tcp_port

TEMPLATES = Path(__file__).with_name("asterisk")
_ANSWER_SECONDS = 10.0


class AsteriskServer:
    """Asterisk, with a connection to its manager interface."""

    name = "asterisk"

    def __init__(
        self, pbx: Asterisk, version: str, rtp_ports: range, http_port: int, manager: _Manager, pages: bool
    ) -> None:
        self.version = version
        self.rtp_ports = rtp_ports
        # Phones and pages share them.
        self.page_ports = rtp_ports if pages else range(0)
        self._http_port = http_port
        self._pbx = pbx
        self._manager = manager

    def pids(self) -> list[int]:
        """Asterisk is one process."""
        return [self._pbx.pid]

    def kind(self, pid: int) -> str:
        """Asterisk is one process."""
        return self.name

    def pages(self) -> WebServer:
        """SIP over WebSocket, as Asterisk's HTTP server has it."""
        return WebServer("asterisk", f"ws://127.0.0.1:{self._http_port}/ws")

    async def place(self, number: str) -> None:
        """Ring the shopper; the dial plan rings the business when it answers."""
        await self._manager.act(
            Action="Originate",
            Channel=f"PJSIP/{number}@shopper",
            Context="bench",
            Exten="store",
            Priority="1",
            CallerID=number,
            Async="true",
            Timeout="30000",
        )

    async def told(self) -> ServerTold:
        """Asterisk keeps no records here."""
        return ServerTold({}, None)


class _Manager:
    """A connection to the manager interface that only asks, one action after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._asking = asyncio.Lock()

    async def act(self, **fields: str) -> None:
        """Send an action and wait for its response. ServerError where it is refused."""
        lines = "".join(f"{key}: {value}\r\n" for key, value in fields.items())
        async with self._asking:
            self._writer.write(f"{lines}\r\n".encode())
            async with asyncio.timeout(_ANSWER_SECONDS):
                while True:
                    block = (await self._reader.readuntil(b"\r\n\r\n")).decode(errors="replace")
                    if "Response: Error" in block:
                        raise ServerError(block)
                    if "Response: " in block:
                        return


@contextlib.asynccontextmanager
async def asterisk_server(folder: Path, world: World) -> AsyncIterator[AsteriskServer]:
    """Asterisk with room for ``world``; it is ended afterwards."""
    http_port = free_tcp_port()
    async with asterisk(
        folder,
        templates=TEMPLATES,
        rtp_ports=8 * world.calls_at_once + 40,
        shopper=f"127.0.0.1:{world.shopper.sip}",
        business=f"127.0.0.1:{world.business.sip}",
        http_port=str(http_port),
        ice_host_candidates="\n".join(f"{own} => 127.0.0.1" for own in get_host_addresses(True, False)),
        page_codec="opus" if world.pages == "opus" else "ulaw",
    ) as pbx:
        version = (await pbx.command("core show version")).split(" built")[0].removeprefix("Asterisk ")
        ports = pbx.ports
        reader, writer = await asyncio.open_connection("127.0.0.1", ports.manager)
        try:
            manager = _Manager(reader, writer)
            await manager.act(Action="Login", Username=MANAGER, Secret=SECRET, Events="off")
            rtp_ports = range(ports.rtp, ports.rtp + ports.rtp_count)
            yield AsteriskServer(pbx, version, rtp_ports, http_port, manager, world.pages is not None)
        finally:
            writer.close()
