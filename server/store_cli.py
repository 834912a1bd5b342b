"""``ringback move-store``: copies all that is kept into another database."""

from __future__ import annotations

import sys
import time
from typing import Annotated

import typer
from sqlalchemy import URL

from config.database import DatabasePlace
from server.listing import count_of
from server.options import EXIT_FAILED
from server.routes_cli import refuse
from store.address import url_of
from store.errors import StoreError
from store.moving import MovedTable, move

#: Seconds between two lines about a table that takes long.
TELL_EVERY = 2.0


def move_store(
    source: Annotated[str, typer.Argument(help="The database to copy, such as ringback.sqlite3.")],
    target: Annotated[
        str,
        typer.Argument(help="An empty one, such as postgresql://ringback@db.example/ringback."),
    ],
) -> None:
    """Copy everything into an empty database, and check it: all of it, or nothing. Stop the server first.

    A password for PostgreSQL comes from PGPASSWORD or ~/.pgpass.
    """
    begun = time.monotonic()
    try:
        moved = move(_url(source, "SOURCE", exists=True), _url(target, "TARGET"), _Teller().tell)
    except StoreError as error:
        print(f"ringback: {error}", file=sys.stderr)
        raise typer.Exit(EXIT_FAILED) from None
    for each in moved:
        if each.altered:
            print(
                f"{each.table}: {count_of(each.altered, 'row')} had a NUL (U+0000), which is U+FFFD now",
                file=sys.stderr,
            )
    rows = sum(each.rows for each in moved)
    print(f"copied and checked: {count_of(rows, 'row')} in {time.monotonic() - begun:.0f} s")
    print(f"now set server.database: {target}")


def _url(written: str, argument: str, *, exists: bool = False) -> URL:
    try:
        place = DatabasePlace.parse(written)
    except ValueError:
        refuse(
            "write a file, or an address without a password, such as postgresql://ringback@db.example/ringback",
            argument,
        )
    if exists and place.file is not None and not place.file.is_file():
        refuse(f"there is no file {place.file}", argument)
    return url_of(place)


class _Teller:
    """Tells on standard error how far the copy is."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def tell(self, moved: MovedTable) -> None:
        """Tell of a table that is done, and of one that takes long now and then."""
        now = time.monotonic()
        if moved.rows == moved.of or now - self._told > TELL_EVERY:
            self._told = now
            print(f"{moved.table}: {moved.rows:,} of {moved.of:,}", file=sys.stderr)
