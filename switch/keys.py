"""Keys by RFC 4733 that rtpengine heard: it tells of each by a datagram, when the key is let go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import cast

from sip.journal import note

_KEYS = "0123456789*#ABCD"


class Keys(asyncio.DatagramProtocol):
    """The port of loopback that rtpengine tells; ``pressed(tag, digit)`` is called for each key."""

    def __init__(self, pressed: Callable[[str, str], None]) -> None:
        self._pressed = pressed
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, port: int, pressed: Callable[[str, str], None]) -> Keys:
        """Listen at this port; OSError where another program has it."""
        _, keys = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: cls(pressed), local_addr=("127.0.0.1", port)
        )
        return keys

    def close(self) -> None:
        """Hear no more."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The port is there."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: object) -> None:
        """A key."""
        key = read(data)
        if key is None:
            note("key_unreadable", bytes=len(data))
        else:
            self._pressed(*key)


def read(data: bytes) -> tuple[str, str] | None:
    """The tag of the leg and the digit; None for anything else."""
    try:
        told = json.loads(data)
        tag, event = told["source_tag"], told["event"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(tag, str) or not isinstance(event, int) or not 0 <= event < len(_KEYS):
        return None
    return tag, _KEYS[event]
