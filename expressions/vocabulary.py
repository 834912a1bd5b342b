"""What conditions may name: each feature brings its own variables and their types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

#: A value by the way to it: ``("cart", "value")`` for ``cart.value``.
Path = tuple[str, ...]


class Type(StrEnum):
    """What a part of a condition is, in words that follow "is"."""

    TRUTH = "true or false"
    WHOLE = "a whole number"
    NUMBER = "a number"
    TEXT = "a text"
    LIST = "a list"
    MAP = "a map"
    NULL = "null"
    #: The variable of a macro, and what a page passes while nothing says more.
    ANY = "anything"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that conditions may use.

    A value of a ``free`` map is a text whose type is what the conditions take it for: compared with a number
    it is a number, everywhere.
    """

    #: The variables and their fields.
    declared: Mapping[str, Mapping[str, Type]]
    #: Maps whose keys somebody else chooses, such as a page.
    free: frozenset[Path] = frozenset()

    def __or__(self, other: Vocabulary) -> Vocabulary:
        """Both together; a variable that both declare has the fields of both."""
        declared = {
            name: {**self.declared.get(name, {}), **other.declared.get(name, {})}
            for name in (*self.declared, *other.declared)
        }
        return Vocabulary(declared, self.free | other.free)

    def is_free(self, path: Path) -> bool:
        """Whether this is a value of a free map."""
        return path[:-1] in self.free
