"""The people of a phone bench: shopper's and business's phones, called by the server itself."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

from bench.load import Gather, Load
from bench.servers import CallServer, World
from bench.sipp import Phones, phones


class PhonePeople:
    """Phones on both sides; the server is asked to ring them."""

    beside: tuple[str, ...] = ()

    def __init__(self, server: CallServer, people: Phones) -> None:
        self._server, self._people = server, people

    def pids(self) -> dict[str, list[int]]:
        """SIPp's two."""
        return {"sipp": self._people.pids}

    async def place(self, number: str) -> float:
        """Ask the server for one call; the seconds that took."""
        at = time.monotonic()
        await self._server.place(number)
        return time.monotonic() - at


def phone_people(server: CallServer, world: World, folder: Path) -> Gather:
    """How the people of each run are gathered."""

    @contextlib.asynccontextmanager
    async def gather(load: Load, most_seconds: float) -> AsyncIterator[PhonePeople]:
        with phones(folder, (world.shopper, world.business), load.ring, load.hold, most_seconds) as people:
            yield PhonePeople(server, people)

    return gather
