"""What may be done to a settings file, as data, and why an edit was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from config.editing.data import Data
from config.problems import Loc, Position, write_loc

#: What an edit does inside a node that has an anchor and is used elsewhere too: refuse and tell who uses it,
#: change it for all of them, or write it out at this place.
Shared = Literal["ask", "all", "here"]


@dataclass(frozen=True, slots=True)
class Written:
    """The very characters of an entry or a value in the file it comes from."""

    text: str
    #: Whether the text is the entry's whole lines, with its comments; else it is the value alone.
    lines: bool = False
    #: Of whole lines: the column of the key or dash, from 0.
    column: int = 0


@dataclass(frozen=True, slots=True)
class Set:
    """Give the setting at ``loc`` a value; one that the file does not have yet is added."""

    loc: Loc
    value: Data
    shared: Shared = "ask"
    written: Written | None = None


@dataclass(frozen=True, slots=True)
class Add:
    """Add an entry to the mapping or list at ``loc``.

    ``key`` is the new key, or the index that the new item will have. In a mapping it comes behind the key
    ``after``; first where that is empty, last where it is None.
    """

    loc: Loc
    key: str | int
    value: Data
    after: str | None = None
    shared: Shared = "ask"
    written: Written | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove an entry with its comments."""

    loc: Loc
    shared: Shared = "ask"


@dataclass(frozen=True, slots=True)
class Rename:
    """Give an entry of a mapping another key. What refers to it is the caller's: see ``references``."""

    loc: Loc
    key: str
    shared: Shared = "ask"


@dataclass(frozen=True, slots=True)
class Move:
    """Move an entry with its comments before the one called ``before``; to the end where that is None."""

    loc: Loc
    before: str | int | None
    shared: Shared = "ask"


Edit = Set | Add | Remove | Rename | Move


class EditError(Exception):
    """The edit cannot be made: the setting's place, and what to do instead."""

    def __init__(self, place: Position, loc: Loc, why: str) -> None:
        self.place = place
        self.loc = loc
        self.why = why
        super().__init__(f"{place.line}:{place.column}: {write_loc(loc)}: {why}")


class SharedError(EditError):
    """Several places use this setting by an anchor: somebody must say which of them are to change."""

    def __init__(self, place: Position, loc: Loc, users: tuple[Loc, ...]) -> None:
        self.users = users
        where = ", ".join(write_loc(user) for user in users)
        super().__init__(place, loc, f"is used in several places ({where}): change all of them, or this one")
