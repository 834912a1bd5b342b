"""The bridged calls that outlive a core: what is kept of them now, and what the core before has left."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from bridge.causes import HangupCause
from bridge.events import LegEnded
from bridge.snapshot import CallSnapshot, KeptCall, Story
from media import memo
from media.held import HeldLink, find, forget_record, read_record
from media.protocol import SOCKET
from media.worker import Worker

log = structlog.get_logger(__name__)

#: Bytes of the longest path that a Unix socket may have (sockaddr_un, unix(7)).
_LONGEST_PATH = 107


@dataclass(frozen=True, slots=True)
class LeftCall:
    """A bridged call that the core before has left, and what became of it since, by CLOCK_MONOTONIC.

    In ``known`` the times are CLOCK_MONOTONIC's, too.
    """

    known: CallSnapshot
    story: Story
    #: What was kept beside it.
    keepsake: bytes

    @property
    def live(self) -> frozenset[str]:
        """The legs that have not ended."""
        over = {event.leg_id for _, event in self.story if isinstance(event, LegEnded)}
        return frozenset(self.known.talking) - over


class KeptCalls:
    """Those of one node; ``folder`` is where cores and switches find one another.

    ``keepsake(call_id)`` is what is kept beside each call.
    """

    def __init__(self, folder: Path, keepsake: Callable[[str], bytes]) -> None:
        self._folder = folder
        self._keepsake = keepsake
        self._found: HeldLink | None = None
        self._pid = 0
        self._recorded: tuple[KeptCall, ...] = ()
        #: Who keeps each call.
        self._keepers: dict[str, Worker] = {}

    # --- of this core ---------------------------------------------------------------------------------

    def keep(self, worker: Worker | None, call_id: str, known: CallSnapshot | None, ahead: float) -> None:
        """Have the worker keep a call as it stands now; None: not any more."""
        before = self._keepers.pop(call_id, None)
        if known is not None and worker is not None:
            self._keepers[call_id] = worker
            written = memo.write(memo.Memo(known, ahead, self._keepsake(call_id)))
            worker.keep(call_id, known.talking, written)
        elif before is not None:
            before.keep(call_id, ("", ""), b"")

    # --- of the core before ---------------------------------------------------------------------------

    async def find(self, make_link: Callable[[], HeldLink]) -> None:
        """Look for a switch that waits for a core, or for what one has left."""
        found = await find(self._folder, make_link)
        if found is not None:
            self._found, self._pid = found
        self._recorded = read_record(self._folder)

    @property
    def found(self) -> tuple[HeldLink, int] | None:
        """The switch that waits, with its process id, while it is there."""
        return (self._found, self._pid) if self._found is not None and self._found.alive else None

    def left(self) -> list[LeftCall]:
        """The calls that there are, as far as this version can read what is written of them."""
        calls = {call.call_id: call for call in self._recorded}
        if self._found is not None:
            calls |= self._found.calls
        return [left for call in calls.values() if (left := self._read(call))]

    def _read(self, call: KeptCall) -> LeftCall | None:
        try:
            written = memo.read(call.memo)
        except ValueError as error:
            log.warning("a kept call cannot be read and is ended", call_id=call.call_id, reason=str(error))
            return None
        left = LeftCall(written.known.moved(-written.ahead), call.story, written.keepsake)
        if self._found is not None and self._found.alive and call.call_id in self._found.calls:
            return left
        live = [leg for leg in left.known.talking if leg in left.live]
        lost = [(time.monotonic(), LegEnded(leg, HangupCause.WORKER_LOST)) for leg in live]
        return replace(left, story=(*left.story, *lost))

    def adopted(self, worker: Worker | None, call_ids: Collection[str]) -> None:
        """These calls go on in this core; the others end."""
        if worker is not None:
            worker.adopted(tuple(call_ids))
        self._recorded = ()
        forget_record(self._folder)


def usable(folder: Path) -> bool:
    """Whether a socket fits there."""
    fits = len(os.fsencode(folder / SOCKET)) <= _LONGEST_PATH
    if not fits:
        log.warning("calls do not outlive the server: the path is too long for a socket", folder=str(folder))
    return fits
