"""The SIP dialogs of all workers, kept outside of them: in memory, and in a small file.

A worker that dies cannot hang up. What it reported of each dialog lets another worker do so, even after the
core itself died. A record is opaque here (``sip.gate.records``); only its Call-ID is read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import structlog

log = structlog.get_logger(__name__)

#: Bytes at which the file is rewritten, records kept at most, and the age in seconds at which a record of an
#: earlier run is ignored, because its call must be over.
LARGEST_FILE, MOST_RECORDS, OLDEST = 1_000_000, 4000, 86400.0


@dataclass(frozen=True, slots=True)
class KnownDialog:
    """One dialog; ``record`` has what is needed to end it."""

    leg_id: str
    call_id: str
    record: str
    noted_at: float


class DialogLog:
    """All dialogs. ``clock`` gives seconds since the epoch; without ``path`` there is no file."""

    def __init__(self, path: Path | None, clock: Callable[[], float]) -> None:
        self._path, self._clock = path, clock
        self._file: IO[str] | None = None
        #: Bytes in the file, and those of them that its last rewriting left.
        self._written = self._needed = 0
        #: By worker, then by Call-ID.
        self._dialogs: dict[int, dict[str, KnownDialog]] = {}
        #: By Call-ID: the dialogs of dead workers that are being ended.
        self._taken: dict[str, KnownDialog] = {}

    def __len__(self) -> int:
        return sum(len(dialogs) for dialogs in self._dialogs.values())

    def open(self) -> list[KnownDialog]:
        """Open the file, and return the dialogs that an earlier run left."""
        if self._path is None:
            return []
        left = self._read(self._path)
        self._taken = {dialog.call_id: dialog for dialog in left}
        self._rewrite()
        return left

    def close(self) -> None:
        """Close the file; its content stays for the next start."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def note(self, worker_id: int, leg_id: str, call_id: str, record: str) -> None:
        """A dialog began or changed, or ended if the record is empty."""
        dialogs = self._dialogs.setdefault(worker_id, {})
        if record and (call_id in dialogs or len(self) < MOST_RECORDS):
            dialogs[call_id] = KnownDialog(leg_id, call_id, record, self._clock())
            self._write(call_id, record)
        elif not record and dialogs.pop(call_id, None) is not None:
            self._write(call_id, "")
        if not dialogs:
            del self._dialogs[worker_id]

    def reclaim(self, worker_id: int, leg_id: str, call_id: str, record: str) -> None:
        """A dialog of an earlier run goes on in this worker."""
        self._taken.pop(call_id, None)
        self.note(worker_id, leg_id, call_id, record)

    def take(self, worker_id: int) -> list[KnownDialog]:
        """Remove and return the dialogs of a dead worker. They stay in the file until :meth:`ended`."""
        taken = self._dialogs.pop(worker_id, {})
        self._taken.update(taken)
        return list(taken.values())

    def ended(self, dialog: KnownDialog) -> None:
        """A dialog of a dead worker or an earlier run has been ended."""
        if self._taken.pop(dialog.call_id, None) is not None:
            self._write(dialog.call_id, "")

    # --- the file -------------------------------------------------------------------------------------

    def _read(self, path: Path) -> list[KnownDialog]:
        found: dict[str, KnownDialog] = {}
        try:
            lines = path.read_text().splitlines() if path.exists() else []
        except (OSError, UnicodeDecodeError) as error:
            log.warning("the file of live dialogs cannot be read", path=str(path), reason=str(error))
            return []
        for line in lines:
            try:
                call_id, record, at = json.loads(line)
                if record:
                    found[call_id] = KnownDialog("", call_id, record, float(at))
                else:
                    found.pop(call_id, None)
            except (ValueError, TypeError):
                continue  # the last line of a run that was killed may be cut off
        oldest = self._clock() - OLDEST
        return [dialog for dialog in found.values() if dialog.noted_at >= oldest][-MOST_RECORDS:]

    def _rewrite(self) -> None:
        if self._path is None:
            return
        self.close()
        try:
            new = self._path.with_suffix(".new")
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                for dialogs in (self._taken, *self._dialogs.values()):
                    for dialog in dialogs.values():
                        file.write(json.dumps([dialog.call_id, dialog.record, dialog.noted_at]) + "\n")
            new.replace(self._path)
            self._file = self._path.open("a", buffering=1)
            self._written = self._needed = self._path.stat().st_size
        except OSError as error:
            log.warning("the file of live dialogs cannot be written", path=str(self._path), reason=str(error))

    def _write(self, call_id: str, record: str) -> None:
        if self._file is None:
            return
        line = json.dumps([call_id, record, self._clock()]) + "\n"
        try:
            self._file.write(line)
        except OSError as error:
            log.warning("the file of live dialogs cannot be written", path=str(self._path), reason=str(error))
            return
        self._written += len(line)
        # What lives may itself be larger: then, too, it is rewritten once for many lines, not for each.
        if self._written > LARGEST_FILE + self._needed:
            self._rewrite()
