"""The tables reach their newest shape from any older one, or the operator reads why not."""

from __future__ import annotations

import pkgutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, Connection, inspect, text

import store
from bridge.causes import Disposition
from store import reads
from store.database import Database, sqlite_url
from store.dialect_of import dialect_of
from store.errors import DatabaseUnusableError
from store.migrate import MIGRATIONS, upgrade
from store.tables import metadata
from tests.aio import asyncio_test
from tests.plumbing import databases, postgresql

FIRST = "0001"


@pytest.fixture
def file(tmp_path: Path) -> URL:
    """A database in a file that is not there yet."""
    return sqlite_url(tmp_path / "ringback.sqlite3")


@pytest.fixture(params=databases.kinds())
def url(request: pytest.FixtureRequest, file: URL) -> Iterator[URL]:
    """An empty database of each kind."""
    if request.param == databases.SQLITE:
        yield file
        return
    with postgresql.empty_database() as made:
        yield made


@contextmanager
def raw(url: URL) -> Iterator[Connection]:
    """A connection for any statement, committed in the end."""
    engine = dialect_of(url).engine_for(url, "migrate")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def lock(url: URL) -> sqlite3.Connection:
    shell = sqlite3.connect(str(url.database))
    shell.execute("BEGIN IMMEDIATE")
    return shell


def shape(url: URL) -> list[tuple[object, ...]]:
    """Every column and index of a database, as it sees them itself."""
    with raw(url) as connection:
        words = text(_SHAPE[url.get_backend_name()])
        return [tuple(row) for row in connection.execute(words)]


_SHAPE = {
    "sqlite": """SELECT t.name, c.name, c.type, c."notnull", c.pk
           FROM sqlite_schema t, pragma_table_info(t.name) c
           WHERE t.type = 'table' AND t.name <> 'alembic_version'
           UNION ALL
           SELECT t.name, i.name, i.partial, i."unique", group_concat(x.name)
           FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) x
           WHERE t.type = 'table' AND t.name <> 'alembic_version' GROUP BY t.name, i.name
           ORDER BY 1, 2""",
    "postgresql": """SELECT table_name, column_name, data_type, is_nullable, coalesce(column_default, '')
           FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
           UNION ALL
           SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes
           WHERE schemaname = 'public' AND tablename <> 'alembic_version'
           UNION ALL
           SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '' FROM pg_constraint
           WHERE connamespace = 'public'::regnamespace AND conrelid <> 'alembic_version'::regclass
           ORDER BY 1, 2, 3""",
}


def test_alembic_finds_no_difference_between_tables_and_migrations(file: URL) -> None:
    upgrade(file)
    engine = dialect_of(file).engine_for(file, "read")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_tables_and_migrations_agree(url: URL) -> None:
    upgrade(url)
    # Alembic does not compare everything (partial indexes, keys): the database's own view does.
    migrated = shape(url)
    with raw(url) as connection:
        metadata.drop_all(connection)
        metadata.create_all(connection)
    assert migrated == shape(url)
    assert len(migrated) > 30


def test_the_oldest_database_keeps_its_calls(url: URL) -> None:
    upgrade(url, FIRST)
    with raw(url) as database:
        database.exec_driver_sql(
            """INSERT INTO calls (id, site, route, number, page, context, client_ip, requested_at, ended_at,
               disposition, cause) VALUES ('old', 'boston', 'sales', '+16175550100', '/', '{}', '192.0.2.1',
               1.5, 3.25, 'unanswered', 'busy')"""
        )
        database.exec_driver_sql(
            """INSERT INTO legs (call_id, position, leg_id, role, destination, label, uri, dialed_at,
               ended_at, cause) VALUES ('old', 0, 'leg', 'shopper', 'shopper', '', 'sip:x@y', 1.6,
               3.25, 'busy')"""
        )
    upgrade(url)
    upgrade(url)
    with raw(url) as connection:
        record = reads.call(connection, "old")
    assert record is not None
    assert (record.disposition, record.ended_at) == (Disposition.UNANSWERED, 3.25)
    assert [leg.leg_id for leg in record.legs] == ["leg"]
    assert (record.context, record.signed) == ({}, {})
    with raw(url) as database:
        for table in ("messages", "callbacks", "deliveries"):
            assert database.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0


def test_mails_of_an_older_database_get_their_site(url: URL) -> None:
    upgrade(url, "0010")
    with raw(url) as database:
        database.exec_driver_sql(
            """INSERT INTO messages (id, call_id, mailbox, site, number, page, context, path, seconds,
               taken_at) VALUES ('m1', 'old', 'sales', 'boston', '+1617', '/', '{}', 'x.wav', 2.5, 3.25)"""
        )
        for name, message, mailbox in (("a", "m1", "sales"), ("b", None, "site:paris"), ("c", None, "sales")):
            database.execute(
                text(
                    """INSERT INTO deliveries (id, message_id, kind, mailbox, target, subject, body,
                       created_at, tries, error)
                       VALUES (:name, :message, 'email', :mailbox, 'x@y.example', '', '', 3.5, 1, '')"""
                ),
                {"name": name, "message": message, "mailbox": mailbox},
            )
    upgrade(url)
    with raw(url) as database:
        found = {row.id: row.site for row in database.execute(text("SELECT id, site FROM deliveries"))}
    assert found == {"a": "boston", "b": "paris", "c": ""}


def test_a_migration_that_fails_leaves_nothing_behind(url: URL) -> None:
    with raw(url) as database:
        database.exec_driver_sql("CREATE TABLE legs (theirs INTEGER)")
    with pytest.raises(DatabaseUnusableError, match=r"legs\"? already exists"):
        upgrade(url)
    with raw(url) as database:
        assert inspect(database).get_table_names() == ["legs"]


def test_a_newer_database_is_refused(url: URL) -> None:
    upgrade(url)
    with raw(url) as database:
        database.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseUnusableError, match=r"newer Ringback.*9999.*run that version"):
        upgrade(url)


def test_a_locked_database(file: URL) -> None:
    upgrade(file)
    other = lock(file)
    with pytest.raises(DatabaseUnusableError, match="locked; another program"):
        upgrade(file.set(query={"timeout": "0.1"}))
    other.rollback()
    upgrade(file.set(query={"timeout": "0.1"}))


def test_a_read_only_database(file: URL) -> None:
    upgrade(file)
    read_only = URL.create("sqlite", database=f"file:{file.database}", query={"mode": "ro", "uri": "true"})
    with pytest.raises(DatabaseUnusableError, match=r"readonly.*owner and permissions"):
        upgrade(read_only)


def test_a_file_that_is_no_database(file: URL) -> None:
    Path(str(file.database)).write_text("sites: {}\n" * 500)
    with pytest.raises(DatabaseUnusableError, match=r"something else: name another file in server\.database"):
        upgrade(file)


@pytest.mark.sqlite
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
