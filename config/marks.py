"""What an annotation may say of a setting besides its type: how to write it, what it names, what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Form:
    """What a setting's text must look like, in words that follow "write"."""

    words: str


@dataclass(frozen=True, slots=True)
class NameOf:
    """The text is the name of an item of one of these sections, which the config must have."""

    sections: tuple[str, ...]

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        """The JSON schema with the sections, so that forms can offer the names."""
        found: dict[str, Any] = handler(core)
        return {**found, "x-names": list(self.sections)}


@dataclass(frozen=True, slots=True)
class Usual:
    """Durations that make sense here, in seconds, and what happens with shorter and longer ones.

    Others are allowed, with a warning: mostly the unit is wrong, or there is a zero too many.
    """

    least: float
    too_short: str
    most: float
    too_long: str
