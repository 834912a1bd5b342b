"""The switch that has outlived its core, as the next core meets it.

It listens at :data:`~media.protocol.SOCKET` in the folder of this node's media, and takes one core. Where no
core came in time, it has left in :data:`~media.protocol.RECORD` what it would have told.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from bridge.events import LegEvent
from bridge.leg_ids import call_of
from bridge.snapshot import KeptCall
from media.frames import LONGEST, FrameError, FrameReader
from media.protocol import (
    PROTOCOL,
    RECORD,
    SOCKET,
    TO_CORE,
    DialogNoted,
    Hello,
    Holding,
    Report,
    ToCore,
)
from media.worker import Worker
from media.worker_link import WorkerLifecycle, WorkerLink, WorkerReports

log = structlog.get_logger(__name__)

#: Seconds for the switch to say what it has, and for its process to end where it does not.
_PATIENCE, _END = 5.0, 3.0


class HeldLink(WorkerLink):
    """The connection to such a switch. Until :meth:`adopt`, all that it says is kept."""

    def __init__(self, lifecycle: WorkerLifecycle, reports: WorkerReports) -> None:
        super().__init__(lifecycle, reports)
        self._reader.longest = LONGEST
        self.told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        #: Whether it is there.
        self.alive = True
        self.dialogs: list[DialogNoted] = []
        self.calls: dict[str, KeptCall] = {}
        self._early: list[ToCore] = []

    def taken(self, message: ToCore) -> None:
        """Keep it, or hand it on."""
        if self._worker is not None:
            super().taken(message)
            return
        match message:
            case Hello(protocol=protocol):
                if protocol != PROTOCOL:
                    self._fail("it speaks another version's protocol")
            case DialogNoted():
                self.dialogs.append(message)
            case Holding(calls):
                self.calls = {call.call_id: call for call in calls}
                if not self.told.done():
                    self.told.set_result(None)
            case Report(event):
                self._add(event)
            case _:
                self._early.append(message)

    def _add(self, event: LegEvent) -> None:
        call = self.calls.get(call_of(event.leg_id))
        if call is not None:
            self.calls[call.call_id] = replace(call, story=(*call.story, (time.monotonic(), event)))

    def adopt(self, worker: Worker) -> None:
        """This core's worker it is, from now on."""
        self._worker = worker
        early, self._early = self._early, []
        for message in early:
            super().taken(message)

    def ended(self) -> None:
        """It is gone."""
        self.alive = False
        self._fail("it is gone")
        super().ended()

    def _fail(self, why: str) -> None:
        if not self.told.done():
            self.told.set_exception(ConnectionError(why))


async def find(folder: Path, make_link: Callable[[], HeldLink]) -> tuple[HeldLink, int] | None:
    """Connect to the switch that waits in this folder, and hear what it has; with its process id.

    None where none waits, or it cannot be understood: then it is killed, and its dialogs are ended as the
    records say.
    """
    with suppress(FileNotFoundError, ConnectionRefusedError):
        transport, link = await asyncio.get_running_loop().create_unix_connection(
            make_link, str(folder / SOCKET)
        )
        pid = _listener(transport.get_extra_info("socket"))
        try:
            await asyncio.wait_for(link.told, _PATIENCE)
        except (TimeoutError, ConnectionError) as error:
            log.error("a switch without a core cannot be taken over", pid=pid, reason=str(error) or "silence")
            transport.abort()
            await _end(pid)
        else:
            log.info("switch_found", pid=pid, calls=len(link.calls))
            return link, pid
    return None


def read_record(folder: Path) -> tuple[KeptCall, ...]:
    """What a switch has left that no core came for; nothing where there is none, or it cannot be read."""
    try:
        data = (folder / RECORD).read_bytes()
    except OSError:
        return ()
    try:
        for payload in FrameReader().feed(data):
            message = TO_CORE.load(payload)
            if isinstance(message, Holding):
                return message.calls
    except FrameError as error:
        log.warning("the record of kept calls cannot be read", reason=str(error))
    return ()


def forget_record(folder: Path) -> None:
    """It has served."""
    (folder / RECORD).unlink(missing_ok=True)


def _listener(connection: Any) -> int:
    """The process that listens at the other end of a Unix socket (SO_PEERCRED, unix(7))."""
    size = struct.calcsize("3i")
    pid, _, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(pid)


async def _end(pid: int) -> None:
    loop = asyncio.get_running_loop()
    with suppress(ProcessLookupError, TimeoutError):
        pidfd, over = os.pidfd_open(pid), asyncio.Event()
        try:
            loop.add_reader(pidfd, over.set)
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            await asyncio.wait_for(over.wait(), _END)
        finally:
            loop.remove_reader(pidfd)
            os.close(pidfd)
