"""What the bench asks of a click-to-call server, whichever it is."""

from __future__ import annotations

import dataclasses
from typing import Protocol

from bench.peer_sdp import Codec
from bench.sipp import SippSide
from bench.web_signalling import WebServer


class ServerError(Exception):
    """A server did not do what the bench needs; the text says what."""


@dataclasses.dataclass(frozen=True)
class World:
    """What a server under test is built for: the two sides' phones, and how many calls at once.

    With ``pages`` the shoppers talk by PC, in this codec.
    """

    shopper: SippSide
    business: SippSide
    calls_at_once: int
    pages: Codec | None = None


@dataclasses.dataclass(frozen=True)
class ServerTold:
    """What a server says of its calls afterwards: how each ended, and RTP that it says was lost to it."""

    endings: dict[str, int]
    lost: int | None


class CallServer(Protocol):
    """A running server under test."""

    name: str
    version: str
    #: Its ports for RTP, and where it takes the audio of pages.
    rtp_ports: range
    page_ports: range

    def pids(self) -> list[int]:
        """All its processes, now."""

    def kind(self, pid: int) -> str:
        """What one of its processes is."""

    def pages(self) -> WebServer:
        """Where pages find it."""

    async def place(self, number: str) -> None:
        """Ask for a call to a shopper's phone; ServerError where it is refused."""

    async def told(self) -> ServerTold:
        """What it says of its calls, once all are over."""


class People(Protocol):
    """Everybody who calls and is called in one run, and how they call."""

    #: Numbers that call at the beginning, beside the load.
    beside: tuple[str, ...]

    def pids(self) -> dict[str, list[int]]:
        """Their processes, by what they are."""

    async def place(self, number: str) -> float:
        """Ask for one call; the seconds that took. ServerError where it is refused."""
