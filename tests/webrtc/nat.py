"""A 1:1 NAT: what comes to a port of the public address goes on to the same port of the private one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from config.fields import PortRange


class _Inside(asyncio.DatagramProtocol):
    """One browser's flow, seen from the private side."""

    def __init__(self, outside: asyncio.DatagramTransport, browser: tuple[str, int]) -> None:
        self._outside, self._browser = outside, browser

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._outside.sendto(data, self._browser)


class _Outside(asyncio.DatagramProtocol):
    """One port of the public address."""

    def __init__(self, private: tuple[str, int]) -> None:
        self._private = private
        self.flows: dict[tuple[str, int], asyncio.Task] = {}

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if addr not in self.flows:
            self.flows[addr] = asyncio.ensure_future(
                asyncio.get_running_loop().create_datagram_endpoint(
                    lambda: _Inside(self.transport, addr), remote_addr=self._private
                )
            )
        self.flows[addr].add_done_callback(lambda flow: flow.result()[0].sendto(data))


@contextlib.asynccontextmanager
async def one_to_one(public: str, private: str, ports: PortRange) -> AsyncIterator[None]:
    """Forward these ports."""
    loop = asyncio.get_running_loop()
    doors = [
        (
            await loop.create_datagram_endpoint(
                lambda port=port: _Outside((private, port)), local_addr=(public, port)
            )
        )[1]
        for port in range(ports.first, ports.last + 1)
    ]
    try:
        yield
    finally:
        for door in doors:
            door.transport.close()
            for flow in door.flows.values():
                flow.result()[0].close()
