"""Bring a database's tables up to date, or say why that cannot be."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DatabaseError

from store.dialect_of import dialect_of
from store.errors import DatabaseUnusableError

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: URL, revision: str = "head") -> None:
    """Run the missing migrations, all in one transaction. Blocks: not for the loop's thread.

    DatabaseUnusableError where the database is newer than this program, locked, read-only, damaged, or
    no database; the text says what to do.
    """
    dialect = dialect_of(url)
    engine = dialect.engine_for(url, "migrate")
    try:
        with engine.begin() as connection:
            dialect.prepare(connection)
            _upgrade(connection, dialect.name(url), revision)
    except DatabaseError as error:
        raise dialect.unusable(url, error) from error
    finally:
        engine.dispose()


def _upgrade(connection: Connection, name: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = ScriptDirectory.from_config(config)
    newer = set(MigrationContext.configure(connection).get_current_heads()) - {
        script.revision for script in known.walk_revisions()
    }
    if newer:
        raise DatabaseUnusableError(
            f"database {name} was last used by a newer Ringback (its revision {', '.join(newer)} is"
            f" unknown here, {known.get_current_head()} is the newest known): run that version"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    # Even a database that needed no migration is written to now, so that one that is read-only shows.
    connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
