"""Copies a whole database into another one, in one transaction there: afterwards it is all in, or nothing is.

What arrived is read again: each table must have as many rows as it had, and the same ones, by the sum of the
hashes of all rows. So the order in which a database gives rows does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    JSON,
    URL,
    Connection,
    Integer,
    Row,
    Table,
    Text,
    TextClause,
    bindparam,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from store.dialect_of import dialect_of
from store.dialects import StoreDialect, words_of
from store.errors import DatabaseUnusableError, StoreError
from store.migrate import upgrade
from store.tables import metadata

#: Rows that are written at once, and that are held in memory.
BATCH = 1000
#: Sums of hashes are kept in so many bits.
_SUM = 1 << 128


@dataclass(frozen=True, slots=True)
class MovedTable:
    """How far a table is copied."""

    table: str
    rows: int
    #: Rows that it has in all.
    of: int
    #: Rows in which the new database cannot hold a character: it has another in its place.
    altered: int = 0


def move(source: URL, target: URL, tell: Callable[[MovedTable], None]) -> list[MovedTable]:
    """Copy all tables into a new, empty database, and check them; what was copied. Blocks.

    Both are brought up to date first. ``tell`` hears of each batch. StoreError where the source is in use,
    the target has rows already or does not take one, or what arrived is not the same: then it has no row.
    """
    here, there = dialect_of(source), dialect_of(target)
    with ExitStack() as stack:
        for dialect, url in ((here, source), (there, target)):
            claim = dialect.claim(url, "")
            claim.take()
            stack.callback(claim.drop)
            upgrade(url)
        reader, writer = here.engine_for(source, "read"), there.engine_for(target, "migrate")
        stack.callback(reader.dispose)
        stack.callback(writer.dispose)
        try:
            with reader.connect() as old, writer.begin() as new:
                there.prepare(new)
                _refuse_rows(new, there, target)
                return [_move(old, new, there, table, tell) for table in metadata.sorted_tables]
        except DBAPIError as error:
            raise there.unusable(target, error) from error


def _refuse_rows(connection: Connection, dialect: StoreDialect, url: URL) -> None:
    for table in metadata.sorted_tables:
        if connection.execute(select(*table.primary_key).limit(1)).first():
            raise DatabaseUnusableError(
                f"database {dialect.name(url)}: its table {table.name} has rows already: name a new one"
            )


def _move(
    old: Connection,
    new: Connection,
    dialect: StoreDialect,
    table: Table,
    tell: Callable[[MovedTable], None],
) -> MovedTable:
    of, names = _count(old, table), [column.name for column in table.columns]
    done, altered, sent = 0, 0, 0
    for rows in _batches(old, table):
        kept = [{name: dialect.kept(it) for name, it in zip(names, row, strict=True)} for row in rows]
        _write(new, table, kept, done)
        done += len(rows)
        altered += sum(tuple(it.values()) != tuple(row) for it, row in zip(kept, rows, strict=True))
        sent = (sent + sum(_hash(it.values()) for it in kept)) % _SUM
        tell(MovedTable(table.name, done, of, altered))
    arrived = 0
    for rows in _batches(new, table):
        arrived = (arrived + sum(_hash(row) for row in rows)) % _SUM
    if (count := _count(new, table)) != done or arrived != sent:
        raise StoreError(
            f"the table {table.name} did not arrive as it was sent ({count} rows of {done});"
            " nothing is copied"
        )
    _set_sequence(new, table)
    return MovedTable(table.name, done, of, altered)


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:
    # JSON as it is written: read and written anew, a null of SQL would become one of JSON.
    columns = [cast(it, Text) if isinstance(it.type, JSON) else it for it in table.columns]
    # With a cursor on the server: the driver else reads the whole table into memory.
    options = {"yield_per": BATCH}
    try:
        yield from connection.execute(select(*columns), execution_options=options).partitions()
    except DBAPIError as error:
        raise StoreError(f"the table {table.name} cannot be read: {words_of(error)}") from error


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _write(connection: Connection, table: Table, rows: list[dict[str, Any]], before: int) -> None:
    """Write rows; StoreError that tells which one the database does not take."""
    try:
        with connection.begin_nested():
            connection.execute(_insert(table), rows)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        if len(rows) == 1:
            raise StoreError(
                f"row {before + 1} of the table {table.name} is not taken: {words_of(error)};"
                " nothing is copied"
            ) from error
        half = len(rows) // 2
        _write(connection, table, rows[:half], before)
        _write(connection, table, rows[half:], before + half)


def _insert(table: Table) -> TextClause:
    """As SQL, as a text of JSON has no type there: SQLAlchemy would write it as a text within JSON."""
    names = [f'"{column.name}"' for column in table.columns]
    places = [f":{column.name}" for column in table.columns]
    statement = text(
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join(places)})"  # noqa: S608 - ours
    )
    typed = [column for column in table.columns if not isinstance(column.type, JSON)]
    return statement.bindparams(*(bindparam(column.name, type_=column.type) for column in typed))


def _set_sequence(connection: Connection, table: Table) -> None:
    """Have a table that numbers its rows go on after the last number."""
    column = table.autoincrement_column
    if column is None or not isinstance(column.type, Integer) or connection.dialect.name != "postgresql":
        return
    connection.execute(
        text(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), max({column.name}))"  # noqa: S608 - names of ours
            f" FROM {table.name} HAVING max({column.name}) IS NOT NULL"
        )
    )


def _hash(row: Any) -> int:
    return int.from_bytes(sha256(repr(tuple(row)).encode("utf-8", "backslashreplace")).digest()[:16], "big")
