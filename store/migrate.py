"""Bring a database's tables up to date, or say why that cannot be."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DatabaseError

from store.errors import DatabaseUnusableError
from store.sqlite import engine_for

MIGRATIONS = Path(__file__).parent / "migrations"

#: What the database says, and what the operator can do about it.
_ADVICE = {
    "locked": "another program is writing to it: close that program and start again",
    "readonly": "it cannot be written: check its owner and permissions",
    "unable to open": "it cannot be opened: check that it is a file, and its owner and permissions",
    "not a database": "that file is something else: name another file in server.database",
    "malformed": "the file is damaged: restore it from a backup",
    "full": "the disk is full",
}


def upgrade(url: URL, revision: str = "head") -> None:
    """Run the missing migrations, all in one transaction. Blocks: not for the loop's thread.

    DatabaseUnusableError where the database is newer than this program, locked, read-only, damaged, or
    no database.
    """
    engine = engine_for(url, "migrate")
    try:
        with engine.begin() as connection:
            _upgrade(connection, url, revision)
    except DatabaseError as error:
        says = str(error.orig)
        advice = next((advice for sign, advice in _ADVICE.items() if sign in says), "see what it says")
        raise DatabaseUnusableError(f"database {_name(url)}: {says}; {advice}") from error
    finally:
        engine.dispose()


def _upgrade(connection: Connection, url: URL, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = ScriptDirectory.from_config(config)
    newer = set(MigrationContext.configure(connection).get_current_heads()) - {
        script.revision for script in known.walk_revisions()
    }
    if newer:
        raise DatabaseUnusableError(
            f"database {_name(url)} was last used by a newer Ringback (its revision {', '.join(newer)} is"
            f" unknown here, {known.get_current_head()} is the newest known): run that version"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    # Even a database that needed no migration is written to now, so that one that is read-only shows.
    connection.execute(text("UPDATE alembic_version SET version_num = version_num"))


def _name(url: URL) -> str:
    return url.database or url.render_as_string(hide_password=True)
