"""All that is particular to SQLite: connections, durability, and one server per file.

Measured for a transaction of one insert: ``synchronous=NORMAL`` 0.024 ms (p99 0.08), ``FULL`` 0.13 ms
(p99 0.37); for a whole call 0.5 ms more CPU. Both survive the death of the process; only FULL survives the
loss of power, and no CDR is worth less than that.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from store.dialects import Purpose, StoreDialect
from store.errors import DatabaseUnusableError

#: Seconds to wait for a lock that somebody else holds, such as an operator's SQL shell.
BUSY_TIMEOUT = 5.0


def engine_for(url: URL, purpose: Purpose) -> Engine:
    """An engine whose connections are set up for their purpose.

    ``migrate`` leaves foreign keys alone: rebuilding a table, which is how SQLite alters one, drops the
    old one, and its dependents would be deleted with it.
    """
    timeout = {} if "timeout" in url.query else {"timeout": BUSY_TIMEOUT}
    engine = create_engine(url, hide_parameters=True, connect_args=timeout)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver begins no transactions behind our back
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA foreign_keys = {'OFF' if purpose == 'migrate' else 'ON'}")
        connection.execute(f"PRAGMA query_only = {'ON' if purpose == 'read' else 'OFF'}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Locking at the start, not at the first write, lets a writer wait instead of failing half-way.
        connection.exec_driver_sql("BEGIN" if purpose == "read" else "BEGIN IMMEDIATE")

    return engine


class Claim:
    """A claim on a database file, in a lock file beside it; the system drops it when the process dies.

    Two servers on one file would close each other's calls as lost.
    """

    def __init__(self, url: URL, node: str) -> None:
        self._path = Path(url.database or ":memory:")
        self._lock = -1

    def take(self) -> None:
        """Take the claim, creating the file for its owner's eyes alone; DatabaseUnusableError if taken."""
        if self._path.name == ":memory:":
            raise DatabaseUnusableError("a database in memory forgets every call: name a file")
        try:
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DatabaseUnusableError(
                f"database {self._path}: {error.strerror}; its directory must exist,"
                " and the server must be allowed to write there"
            ) from error
        try:
            fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.read(self._lock, 20).decode(errors="replace")
            self.drop()
            raise DatabaseUnusableError(
                f"database {self._path} is in use by another Ringback server (process {owner})"
            ) from error
        os.truncate(self._lock, 0)
        os.write(self._lock, str(os.getpid()).encode())

    def hold(self, engine: Engine) -> None:
        """The lock is the process's."""

    def drop(self) -> None:
        """Give the claim up; harmless without one."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


#: What it says, and what the operator can do about it.
_ADVICE = {
    "locked": "another program is writing to it: close that program and start again",
    "readonly": "it cannot be written: check its owner and permissions",
    "unable to open": "it cannot be opened: check that it is a file, and its owner and permissions",
    "not a database": "that file is something else: name another file in server.database",
    "malformed": "the file is damaged: restore it from a backup",
    "full": "the disk is full",
}

SQLITE = StoreDialect(
    engine_for=engine_for,
    claim=Claim,
    shared=False,
    name=lambda url: url.database or "sqlite:",
    prepare=lambda connection: None,  # BEGIN IMMEDIATE has locked it
    advice=_ADVICE,
    repeatable=lambda error, committing: False,  # a writer waits for its turn before it begins
    kept=lambda value: value,
    cut=None,  # what waits for a lock gives up by itself
    breather=0.0,
)
