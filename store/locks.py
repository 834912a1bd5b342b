"""Rows that every node adds to all the time: who adds to them waits for its turn, and is not disturbed."""

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
