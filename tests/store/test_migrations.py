"""The tables reach their newest shape from any older one, or the operator reads why not."""

from __future__ import annotations

import pkgutil
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL

import store
from bridge.causes import Disposition
from store import reads
from store.database import Database, sqlite_url
from store.errors import DatabaseUnusableError
from store.migrate import MIGRATIONS, upgrade
from store.sqlite import engine_for
from store.tables import metadata
from tests.aio import asyncio_test

FIRST = "0001"


@pytest.fixture
def url(tmp_path: Path) -> URL:
    return sqlite_url(tmp_path / "ringback.sqlite3")


def raw(url: URL) -> sqlite3.Connection:
    return sqlite3.connect(str(url.database))


def shape(database: sqlite3.Connection) -> list[tuple[object, ...]]:
    """Every column and index of a database, as SQLite itself sees them."""
    return database.execute(
        """SELECT t.name, c.name, c.type, c."notnull", c.pk FROM sqlite_schema t, pragma_table_info(t.name) c
           WHERE t.type = 'table' AND t.name <> 'alembic_version'
           UNION ALL
           SELECT t.name, i.name, i.partial, i."unique", group_concat(x.name)
           FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) x
           WHERE t.type = 'table' AND t.name <> 'alembic_version' GROUP BY t.name, i.name
           ORDER BY 1, 2"""
    ).fetchall()


def test_tables_and_migrations_agree(url: URL, tmp_path: Path) -> None:
    upgrade(url)
    engine = engine_for(url, "read")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()
    # Alembic does not compare everything (partial indexes, keys): SQLite's own view does.
    fresh = sqlite_url(tmp_path / "fresh.sqlite3")
    engine = engine_for(fresh, "write")
    metadata.create_all(engine)
    engine.dispose()
    assert shape(raw(url)) == shape(raw(fresh))
    assert len(shape(raw(url))) > 30


def test_the_oldest_database_keeps_its_calls(url: URL) -> None:
    upgrade(url, FIRST)
    with raw(url) as database:
        database.execute(
            """INSERT INTO calls (id, site, route, number, page, context, client_ip, requested_at, ended_at,
               disposition, cause) VALUES ('old', 'boston', 'sales', '+16175550100', '/', '{}', '192.0.2.1',
               1.5, 3.25, 'unanswered', 'busy')"""
        )
        database.execute(
            """INSERT INTO legs (call_id, position, leg_id, role, destination, label, uri, dialed_at,
               ended_at, cause) VALUES ('old', 0, 'leg', 'shopper', 'shopper', '', 'sip:x@y', 1.6,
               3.25, 'busy')"""
        )
    upgrade(url)
    upgrade(url)
    engine = engine_for(url, "read")
    with engine.connect() as connection:
        record = reads.call(connection, "old")
    engine.dispose()
    assert record is not None
    assert (record.disposition, record.ended_at) == (Disposition.UNANSWERED, 3.25)
    assert [leg.leg_id for leg in record.legs] == ["leg"]
    assert (record.context, record.signed) == ({}, {})
    with raw(url) as database:
        for table in ("messages", "callbacks", "deliveries"):
            assert database.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_mails_of_an_older_database_get_their_site(url: URL) -> None:
    upgrade(url, "0010")
    with raw(url) as database:
        database.execute(
            """INSERT INTO messages (id, call_id, mailbox, site, number, page, context, path, seconds,
               taken_at) VALUES ('m1', 'old', 'sales', 'boston', '+1617', '/', '{}', 'x.wav', 2.5, 3.25)"""
        )
        for name, message, mailbox in (("a", "m1", "sales"), ("b", None, "site:paris"), ("c", None, "sales")):
            database.execute(
                """INSERT INTO deliveries (id, message_id, kind, mailbox, target, subject, body, created_at,
                   tries, error) VALUES (?, ?, 'email', ?, 'x@y.example', '', '', 3.5, 1, '')""",
                (name, message, mailbox),
            )
    upgrade(url)
    with raw(url) as database:
        found = dict(database.execute("SELECT id, site FROM deliveries").fetchall())
    assert found == {"a": "boston", "b": "paris", "c": ""}


def test_a_migration_that_fails_leaves_nothing_behind(url: URL) -> None:
    with raw(url) as database:
        database.execute("CREATE TABLE legs (theirs)")
    with pytest.raises(DatabaseUnusableError, match="legs already exists"):
        upgrade(url)
    with raw(url) as database:
        assert database.execute("SELECT name FROM sqlite_schema").fetchall() == [("legs",)]


def test_a_newer_database_is_refused(url: URL) -> None:
    upgrade(url)
    with raw(url) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseUnusableError, match=r"newer Ringback.*9999.*run that version"):
        upgrade(url)


def test_a_locked_database(url: URL) -> None:
    upgrade(url)
    other = raw(url)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnusableError, match="locked; another program"):
        upgrade(url.set(query={"timeout": "0.1"}))
    other.rollback()
    upgrade(url.set(query={"timeout": "0.1"}))


def test_a_read_only_database(url: URL) -> None:
    upgrade(url)
    read_only = URL.create("sqlite", database=f"file:{url.database}", query={"mode": "ro", "uri": "true"})
    with pytest.raises(DatabaseUnusableError, match=r"readonly.*owner and permissions"):
        upgrade(read_only)


def test_a_file_that_is_no_database(url: URL) -> None:
    Path(str(url.database)).write_text("sites: {}\n" * 500)
    with pytest.raises(DatabaseUnusableError, match=r"something else: name another file in server\.database"):
        upgrade(url)


@asyncio_test
async def test_a_place_where_no_database_can_be(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusableError, match="directory must exist"):
        await Database(sqlite_url(tmp_path / "missing" / "ringback.sqlite3")).open()
    with pytest.raises(DatabaseUnusableError, match="Is a directory"):
        await Database(sqlite_url(tmp_path)).open()
    with pytest.raises(DatabaseUnusableError, match="in memory"):
        await Database(URL.create("sqlite")).open()


def test_the_migrations_are_in_packages_and_so_are_installed() -> None:
    names = {module.name for module in pkgutil.walk_packages(store.__path__, "store.")}
    files = {file.stem for file in (MIGRATIONS / "versions").glob("[0-9]*.py")}
    assert files
    assert {f"store.migrations.versions.{name}" for name in files} <= names
