"""What differs between the databases that Ringback runs on. Each has one file; all else is portable SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

from store.errors import DatabaseUnusableError

#: What a connection is for. A ``read`` one cannot write.
Purpose = Literal["write", "read", "migrate"]


class DatabaseClaim(Protocol):
    """What keeps two servers from being the same one on a database."""

    def take(self) -> None:
        """Take the claim; DatabaseUnusableError if another server has it."""

    def hold(self, engine: Engine) -> None:
        """Have each connection of the writer hold the claim as well, where that is what holds it."""

    def drop(self) -> None:
        """Give the claim up; harmless without one."""


@dataclass(frozen=True, slots=True)
class StoreDialect:
    """One kind of database."""

    #: ``engine_for(url, purpose)``: an engine whose connections are set up for their purpose.
    engine_for: Callable[[URL, Purpose], Engine]
    #: ``claim(url, node)``, the node's name empty for who is none.
    claim: Callable[[URL, str], DatabaseClaim]
    #: Whether several servers may share one database.
    shared: bool
    #: How the operator knows this database: without a password.
    name: Callable[[URL], str]
    #: Has only one program migrate at a time, and refuses what is no home for the tables.
    prepare: Callable[[Connection], None]
    #: What the database says, and what the operator can do about it; the first that is in its words counts.
    advice: Mapping[str, str]
    #: Whether a transaction that ended so can be carried out again from its beginning: nothing of it is kept.
    #: Told whether it had come to its commit.
    repeatable: Callable[[DBAPIError, bool], bool]
    #: A value as this database keeps it.
    kept: Callable[[Any], Any]
    #: Breaks the connection of an engine that has one, for a transaction that gets no answer; None where a
    #: transaction cannot hang.
    cut: Callable[[Engine], None] | None
    #: Seconds after a failed connect in which no other is tried.
    breather: float

    def unusable(self, url: URL, error: DBAPIError) -> DatabaseUnusableError:
        """The same, as the operator reads it: which database, what it says, and what to do."""
        says = words_of(error)
        advice = next((advice for sign, advice in self.advice.items() if sign in says), "see what it says")
        return DatabaseUnusableError(f"database {self.name(url)}: {says}; {advice}")


def words_of(error: DBAPIError) -> str:
    """What the database says, in one line. Further lines may quote what is in a row."""
    return str(error.orig).strip().partition("\n")[0]
