"""What is wrong with a config file, and where: data first, one line of text each when asked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

#: The way to a setting: names of mappings and numbers of list items, from the root down.
Loc = tuple[str | int, ...]

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")


class Position(NamedTuple):
    """A position in the file; both numbers count from 1."""

    line: int
    column: int
    #: The file, where that is not the config file itself: one that it includes.
    file: str = ""


#: Where a problem stands that belongs to the file as a whole.
START = Position(1, 1)


@dataclass(frozen=True, slots=True, order=True)
class ConfigProblem:
    """One thing that is wrong, or (as a warning) doubtful: where, and what to do about it."""

    place: Position
    #: The setting, as written by :func:`write_loc`; empty for the file as a whole.
    path: str
    text: str
    #: The table it stands in, where that is not the config file itself.
    file: str = ""
    #: The included file that led to it, where it stands in another one, such as a table.
    part: str = field(default="", compare=False)

    def line(self, file: Path) -> str:
        """``file:line:column: path: text``; ``file`` is the config file."""
        where = f"{self.file or self.place.file or file}:{self.place.line}:{self.place.column}"
        return f"{where}: {self.path}: {self.text}" if self.path else f"{where}: {self.text}"


class ConfigError(Exception):
    """The operator must fix the config file: every problem of it at once, in the file's order."""

    def __init__(self, file: Path, problems: Iterable[ConfigProblem]) -> None:
        self.file = file
        self.problems = in_order(problems)
        super().__init__(file, self.problems)

    def __str__(self) -> str:
        return "\n".join(problem.line(self.file) for problem in self.problems)


def in_order(problems: Iterable[ConfigProblem]) -> tuple[ConfigProblem, ...]:
    """Each problem once, by line and column; those of tables last."""
    return tuple(sorted(set(problems), key=lambda problem: (problem.file or problem.place.file, problem)))


def write_loc(loc: Loc) -> str:
    """``routes.sales.steps[0].timeout``; a key that is no plain name stands in quotes."""
    text = ""
    for step in loc:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_NAME.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{shorten(step)!r}]"
    return text


def shorten(text: str) -> str:
    """The text, cut where it is too long to show in a message."""
    return text if len(text) <= 60 else f"{text[:57]}..."


def suggest(word: str, known: Iterable[str], kind: str) -> str:
    """ "did you mean …?" where a known word is close or begins or ends so, else which words there are."""
    words = list(known)
    folded = {known_word.casefold(): known_word for known_word in words}
    near = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6) or _longer_names(
        word.casefold(), folded
    )
    if 0 < len(near) <= 3:
        return "did you mean {}?".format(" or ".join(f'"{folded[each]}"' for each in near))
    if not words:
        return f"there are no {kind} yet"
    listed = ", ".join(sorted(words)[:8]) + (", ..." if len(words) > 8 else "")
    return f"the {kind} are: {listed}"


def _longer_names(word: str, known: Iterable[str]) -> list[str]:
    """The known words that have this one as a part: ``most_waiting`` for ``most``."""
    return [name for name in known if word in name.split("_") or (len(word) > 2 and name.startswith(word))]
