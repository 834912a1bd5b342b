"""What the bench asks of a click-to-call server, whichever it is."""

from __future__ import annotations

import dataclasses
from typing import Protocol

from bench.sipp import Side


class ServerError(Exception):
    """A server did not do what the bench needs; the text says what."""


@dataclasses.dataclass(frozen=True)
class World:
    """What a server under test is built for: the two sides' phones, and how many calls at once."""

    shopper: Side
    business: Side
    calls_at_once: int


@dataclasses.dataclass(frozen=True)
class Told:
    """What a server says of its calls afterwards: how each ended, and RTP that it says was lost to it."""

    endings: dict[str, int]
    lost: int | None


class CallServer(Protocol):
    """A running server under test."""

    name: str
    version: str
    #: Its RTP ports.
    rtp_ports: range

    def pids(self) -> list[int]:
        """All its processes, now."""

    async def place(self, number: str) -> None:
        """Ask for a call to a shopper; ServerError where it is refused."""

    async def told(self) -> Told:
        """What it says of its calls, once all are over."""
