"""The tests of the store on both databases, with nothing to do for whoever writes one.

Each that is a coroutine runs twice, as no other one can open a database. The second time, a file of SQLite
that it opens is a database of PostgreSQL. A test that is about SQLite itself, or reads that file, is marked
``sqlite``, and runs once.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from store.database import Database
from tests.plumbing import postgresql

SQLITE, POSTGRESQL = "sqlite", "postgresql"
#: Their tests run on both databases. More of them do where the environment says so, for a look at what is
#: rarely different: TEST_BOTH="leads changes api" make test TESTS=tests/api
FOLDERS = ("store", *os.environ.get("TEST_BOTH", "").split())
_TESTS = Path(__file__).parents[1]


def on_both(file: Path) -> bool:
    """Whether the tests of a file run on both databases."""
    return any(_TESTS / folder in file.parents for folder in FOLDERS)


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Have a test run twice, where it can open a database and is not about SQLite."""
    if not on_both(Path(metafunc.module.__file__ or "")):
        return
    if metafunc.definition.get_closest_marker(SQLITE):
        return
    if inspect.iscoroutinefunction(inspect.unwrap(metafunc.function)):
        metafunc.fixturenames.append("_database_kind")
        metafunc.parametrize("_database_kind", kinds(), indirect=True)


def kinds() -> list[Any]:
    """The two kinds, to parametrize with; PostgreSQL is passed over where it is missing, but not by CI."""
    marks = [getattr(pytest.mark, POSTGRESQL)]
    if (problem := postgresql.missing()) and os.environ.get("CI") != "true":
        marks.append(pytest.mark.skip(reason=problem))
    return [SQLITE, pytest.param(POSTGRESQL, marks=marks)]


def start(items: list[pytest.Item]) -> None:
    """Start PostgreSQL where a test will want it: a quick one may start nothing itself."""
    wants = (item for item in items if item.get_closest_marker(POSTGRESQL))
    if any(not item.get_closest_marker("skip") for item in wants):
        assert not postgresql.missing(), postgresql.missing()
        postgresql.start()


@contextmanager
def on(test: pytest.Item) -> Iterator[None]:
    """While a test runs, the kind of database that it is to run on."""
    if not test.get_closest_marker(POSTGRESQL):
        yield
        return
    made: dict[str, URL] = {}
    real = Database.__init__

    def open_at(self: Database, url: URL, *about: Any, **more: Any) -> None:
        if url.get_backend_name() == SQLITE and url.database and url.database != ":memory:":
            if url.database not in made:
                made[url.database] = postgresql.new_database()
            url = made[url.database]
        real(self, url, *about, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "__init__", open_at)
        yield
    for url in made.values():
        postgresql.drop(url)
