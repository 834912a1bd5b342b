"""A switch that its core has left: bridged calls go on, until another core comes or the patience is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet import protocol

from bridge.commands import MediaCommand
from bridge.events import LegEvent
from media.core_link import CoreLine, CoreLink
from media.protocol import RECORD, SOCKET, TO_CORE, Holding
from sip.journal import note
from switch.keeping import CallKeeping


class WithoutCore:
    """The calls of one switch that go on without its core.

    ``perform`` carries out a command, and ``over`` is called when no core has come in time.
    """

    def __init__(
        self, link: CoreLink, perform: Callable[[MediaCommand], None], over: Callable[[], None]
    ) -> None:
        self._link = link
        self._perform_one = perform
        self._over = over
        self._keeping = CallKeeping()
        self._listening: Any = None
        self._patience: asyncio.TimerHandle | None = None

    @property
    def alone(self) -> bool:
        """Whether no core has adopted the calls since the last one died."""
        return self._keeping.alone

    def keep(self, call_id: str, legs: tuple[str, str], memo: bytes) -> None:
        """The core wants this call to go on without it, or not any more."""
        self._keeping.keep(call_id, legs, memo)

    def core_lost(self, live: list[str], folder: Path, seconds: float) -> bool:
        """The core is gone, and these legs live; whether any call goes on for so many seconds."""
        if self.alone:  # one that came has died before it had adopted the calls
            self._listen(folder)
            return True
        commands = self._keeping.core_lost(live)
        if not self._keeping.known:
            return False
        note("core_lost", "error", calls=len(self._keeping.told()), seconds=seconds)
        self._perform(commands)
        self._patience = asyncio.get_running_loop().call_later(seconds, self._time_over)
        self._listen(folder)
        return True

    def took(self, event: LegEvent, *, carries: bool) -> None:
        """A leg reports something; ``carries``: its keys have to be sent to the leg that it talks to."""
        if self.alone:
            self._perform(self._keeping.took(event, time.monotonic(), carries=carries))

    def met_core(self) -> Holding:
        """A core is there: take no other one. Returns what it is told."""
        if self._listening is not None:
            self._listening.stopListening()
            self._listening = None
        return Holding(self._keeping.told())

    def adopted(self, call_ids: tuple[str, ...]) -> None:
        """It goes on with these."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        note("calls_adopted", "info", calls=len(call_ids))
        self._perform(self._keeping.adopted(call_ids))

    def leave_record(self, folder: Path) -> None:
        """Leave for a later core what no core has been told."""
        if self.alone and self._keeping.known:
            record = folder / RECORD
            written = record.with_suffix(".new")
            written.touch(mode=0o600)
            written.write_bytes(TO_CORE.dump(Holding(self._keeping.told())))
            written.replace(record)

    def _time_over(self) -> None:
        note("no_core_came", "error")
        self._perform(self._keeping.time_over())
        self._over()

    def _perform(self, commands: list[MediaCommand]) -> None:
        for command in commands:
            self._perform_one(command)

    def _listen(self, folder: Path) -> None:
        path = folder / SOCKET
        path.unlink(missing_ok=True)
        self._listening = self._link.reactor.listenUNIX(str(path), _Door(self._link), mode=0o600, backlog=1)


class _Door(protocol.ServerFactory):
    """Lets one core in."""

    def __init__(self, link: CoreLink) -> None:
        self._link = link

    def buildProtocol(self, address: Any) -> CoreLine | None:  # noqa: N802 - Twisted's name
        """Build the line to the core that comes first."""
        return CoreLine(self._link) if self._link.lonely else None
