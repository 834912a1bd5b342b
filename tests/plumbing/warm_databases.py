"""New databases without their migrations: a copy of one that had them.

Two dozen migrations take a tenth of a second of a core, and the tests make some seven hundred databases. What
they make of an empty one is the same each time, so the first is kept. A database that is there already is
migrated by the program itself; so are those of tests/store.
"""

from __future__ import annotations

import functools
import os
import tempfile
from pathlib import Path

from sqlalchemy import URL

from store import migrate
from store.database import sqlite_url


def upgrade(url: URL, revision: str = "head") -> None:
    """As ``store.migrate.upgrade``."""
    file = Path(url.database or ":memory:")
    # The server's claim on a database has created the file.
    if revision == "head" and file.is_file() and file.stat().st_size == 0 and os.access(file, os.W_OK):
        file.write_bytes(new())
    else:
        migrate.upgrade(url, revision)


@functools.cache
def new() -> bytes:
    """What a new database's file holds, when all migrations have run."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "new.sqlite3"
        migrate.upgrade(sqlite_url(file))
        assert [each.name for each in file.parent.iterdir()] == [file.name], "it is not all in one file"
        return file.read_bytes()
