"""What nodes share that is no row: turns at what all of them write, and the time."""

from __future__ import annotations

from sqlalchemy import Connection, Table, text


def take_turns(connection: Connection, *tables: Table) -> None:
    """Have no other transaction write these tables until this one ends; others read them meanwhile.

    Call it first of all: PostgreSQL then shows what was written while this one waited, where it would take
    back a transaction that began before. On SQLite there is one writer at a time.
    """
    if connection.dialect.name == "postgresql":
        names = ", ".join(table.name for table in tables)
        connection.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))


def database_time(connection: Connection) -> float:
    """The database's own time, in epoch seconds: the one clock that all nodes see."""
    words = {
        "postgresql": "SELECT extract(epoch FROM clock_timestamp())::float8",
        "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
    }
    return float(connection.execute(text(words[connection.dialect.name])).scalar_one())
