"""Where the settings say that the database is, as SQLAlchemy writes it."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import URL, make_url

from config.database import DatabasePlace


def sqlite_url(path: Path) -> URL:
    """The URL of a database in one file."""
    return URL.create("sqlite", database=str(path))


def url_of(place: DatabasePlace, password: SecretStr | None = None) -> URL:
    """The URL of the database at this place. Never print it: ``StoreDialect.name`` is for people."""
    if place.file is not None:
        return sqlite_url(place.file)
    url = make_url(place.server)
    return url.set(password=password.get_secret_value()) if password else url
