"""Which kind of database an address names."""

from __future__ import annotations

from sqlalchemy import URL

from store.dialects import StoreDialect
from store.errors import DatabaseUnusableError
from store.postgresql import POSTGRESQL
from store.sqlite import SQLITE

_DIALECTS = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def dialect_of(url: URL) -> StoreDialect:
    """How to talk to the database at this address; DatabaseUnusableError for one of another kind."""
    if (found := _DIALECTS.get(url.get_backend_name())) is None:
        raise DatabaseUnusableError(
            f"database {url.render_as_string()}: Ringback keeps its data in SQLite or PostgreSQL"
        )
    return found
