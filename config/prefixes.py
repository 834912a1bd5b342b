"""Prefixes of phone numbers, such as ``+4470`` or ``+1xxx976``: which of them fits a number best. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Generic, TypeVar

from pydantic import Field

from config.marks import Form

T = TypeVar("T")

#: A prefix as an operator writes it: blanks between digits are for the eye, ``x`` is any digit.
NumberPrefix = Annotated[
    str,
    Field(pattern=r"^\+ ?[1-9]([0-9x ]{0,17}[0-9x])?$"),
    Form("the beginning of a number with its country code, x for any digit, such as +4470 or +1xxx976"),
]


def tidy(prefix: str) -> str:
    """A prefix without its blanks."""
    return prefix.replace(" ", "")


def fits(prefix: str, number: str) -> bool:
    """Whether an E.164 number begins so; ``prefix`` is tidy."""
    return len(number) >= len(prefix) and all(
        sign == digit or (sign == "x" and digit.isdigit())
        for sign, digit in zip(prefix, number, strict=False)
    )


def best(prefixes: Iterable[str], number: str) -> str | None:
    """The longest of the tidy prefixes that fits an E.164 number; of equally long ones, that with fewer x."""
    fitting = [prefix for prefix in prefixes if fits(prefix, number)]
    return max(fitting, key=weight, default=None)


def weight(prefix: str) -> tuple[int, int]:
    """How much a tidy prefix says: its length, then its digits."""
    return len(prefix), len(prefix) - prefix.count("x")


class Prefixes(Generic[T]):
    """What is said of numbers by their prefixes; the longest prefix wins."""

    def __init__(self, said: Mapping[str, T]) -> None:
        self._said = {tidy(prefix): value for prefix, value in said.items()}

    def of(self, number: str) -> tuple[str, T] | None:
        """The prefix that decides for a number, with what is said of it; None where none fits."""
        prefix = best(self._said, number)
        return None if prefix is None else (prefix, self._said[prefix])
