"""A whole database is copied into PostgreSQL and back, with whatever its rows hold; or nothing is."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, URL, Boolean, Column, Double, LargeBinary, Table, insert, text
from sqlalchemy.types import Integer
from typer.testing import CliRunner

from server.cli import app
from store.address import sqlite_url
from store.dialect_of import dialect_of
from store.errors import StoreError
from store.migrate import upgrade
from store.moving import BATCH, MovedTable, move
from store.postgresql import NO_NUL
from store.tables import metadata, portal_audit
from tests.plumbing import databases, postgresql
from tests.store.test_crash import a_core

pytestmark = databases.kinds()[1].marks
WORDS = (
    "", "plain", "Größe 7", "日本語", "🛒" * 40, "it's \"quoted\"", "a\\b\r\n\t", "%s :name %(x)s", "{}",
    "null", "\x01", "é", "x" * 3000, " padded ", "\N{RIGHT-TO-LEFT OVERRIDE}ab",
)  # fmt: skip
NUMBERS = (0, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63))
DOUBLES = (0.0, -0.0, 0.1, 1e-308, 1.7976931348623157e308, 1767225600.123456, -3.5)
#: No column holds a bare number: SQLite would keep that as a number.
VALUES = ({}, [], {"a": {"b": [12345678901234567890, None, "\0", "é"]}}, {"z": 1.5, "a": 2}, None, "text")


@pytest.fixture
def target() -> Iterator[URL]:
    with postgresql.empty_database() as made:
        yield made


def a_value(chance: random.Random, column: Column[Any], number: int) -> Any:
    kind = column.type
    if column.nullable and chance.random() < 0.3:
        return None
    if isinstance(kind, JSON):
        return chance.choice(VALUES)
    if isinstance(kind, LargeBinary):
        return chance.randbytes(chance.choice((0, 1, 300)))
    if isinstance(kind, Double):
        return chance.choice(DOUBLES)
    if isinstance(kind, Boolean):
        return chance.random() < 0.5
    if isinstance(kind, Integer):
        return chance.choice(NUMBERS)
    return chance.choice(WORDS)


def some_rows(
    chance: random.Random, table: Table, made: dict[str, list[dict[str, Any]]]
) -> list[dict[str, Any]]:
    """Rows of all that columns can hold, no two with one key, that refer to rows which there are."""
    rows = []
    for number in range(BATCH + 7 if table.name == "chat_entries" else 25):
        row = {column.name: a_value(chance, column, number) for column in table.columns}
        for column in table.columns:
            if column.foreign_keys:
                (key,) = column.foreign_keys
                row[column.name] = made[key.column.table.name][number % 25][key.column.name]
            elif column.primary_key or column.name in ("key", "secret", "key_digest"):
                words = f"{number} {chance.choice(WORDS)}"
                row[column.name] = number if isinstance(column.type, Integer | Double) else words
        rows.append(row)
    return rows


def full(folder: Path, *, nuls: bool = False) -> URL:
    """A SQLite file with rows in every table."""
    url, chance = sqlite_url(folder / "ringback.sqlite3"), random.Random(17)
    upgrade(url)
    made: dict[str, list[dict[str, Any]]] = {}
    engine = dialect_of(url).engine_for(url, "write")
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            made[table.name] = some_rows(chance, table, made)
            connection.execute(insert(table), made[table.name])
        if nuls:
            connection.execute(text("UPDATE calls SET page = 'a' || char(0) || 'b' WHERE id = :id"),
                               {"id": made["calls"][3]["id"]})  # fmt: skip
    engine.dispose()
    return url


def everything(url: URL) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of a SQLite file, as SQLite has them."""
    with closing(sqlite3.connect(str(url.database))) as database:
        return {
            table.name: sorted(database.execute(f"SELECT * FROM {table.name}").fetchall(), key=repr)
            for table in metadata.sorted_tables
        }


def count(url: URL) -> int:
    engine = dialect_of(url).engine_for(url, "read")
    with engine.connect() as connection:
        found = [
            connection.execute(text(f"SELECT count(*) FROM {it.name}")).scalar_one()
            for it in metadata.sorted_tables
        ]
    engine.dispose()
    return sum(found)


def test_every_row_of_every_table_arrives_and_comes_back_as_it_was(tmp_path: Path, target: URL) -> None:
    source, told = full(tmp_path), list[MovedTable]()
    moved = move(source, target, told.append)
    assert [each.table for each in moved] == [table.name for table in metadata.sorted_tables]
    assert sum(each.rows for each in moved) == count(target) == count(source)
    assert [each.rows for each in told if each.table == "chat_entries"] == [BATCH, BATCH + 7]
    assert not any(each.altered for each in moved)
    back = sqlite_url(tmp_path / "back.sqlite3")
    move(target, back, told.append)
    before, after = everything(source), everything(back)
    for table, rows in before.items():
        assert after[table] == rows, table
    # What numbers its rows goes on where it was.
    engine = dialect_of(target).engine_for(target, "write")
    with engine.begin() as connection:
        row = {"at": 1.0, "operator": "o", "address": "", "what": "w", "about": {}}
        done = connection.execute(insert(portal_audit).values(row).returning(portal_audit.c.id))
        assert done.scalar_one() == 25
    engine.dispose()


def test_the_command_tells_what_it_does_and_of_nuls(tmp_path: Path, target: URL) -> None:
    full(tmp_path, nuls=True)
    words = ["move-store", str(tmp_path / "ringback.sqlite3"), target.render_as_string()]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "calls: 25 of 25" in done.stderr
    assert "calls: 1 row had a NUL" in done.stderr
    assert f"server.database: {target.render_as_string()}" in done.stdout
    engine = dialect_of(target).engine_for(target, "read")
    with engine.connect() as connection:
        words_of_one = connection.execute(
            text("SELECT count(*) FROM calls WHERE page = :page"), {"page": f"a{NO_NUL}b"}
        )
        assert words_of_one.scalar_one() == 1
    engine.dispose()
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 1
    assert "has rows already: name a new one" in again.stderr


def test_a_row_that_is_not_taken_leaves_nothing_behind(tmp_path: Path, target: URL) -> None:
    source = full(tmp_path)
    with closing(sqlite3.connect(str(source.database))) as database:
        database.execute("UPDATE questions SET first_at = 'never' WHERE rowid = 9")
        database.commit()
    with pytest.raises(StoreError, match=r"row 9 of the table questions is not taken: .*nothing is copied"):
        move(source, target, lambda told: None)
    assert count(target) == 0


def test_a_file_that_a_server_uses_or_that_is_not_there(tmp_path: Path, target: URL) -> None:
    source = sqlite_url(tmp_path / "ringback.sqlite3")
    with a_core(source) as core:
        assert core.stdout is not None
        core.stdout.readline()
        with pytest.raises(StoreError, match="in use by another Ringback server"):
            move(source, target, lambda told: None)
    for words, said in (
        (["no.sqlite3", target.render_as_string()], "there is no file"),
        ([str(source.database), "postgresql://u:hush@h/d"], "without a password"),
    ):
        done = CliRunner().invoke(app, ["move-store", *words])
        assert done.exit_code == 2
        assert said in " ".join(done.output.replace("│", " ").split())
        assert "hush" not in done.output
