"""Where card numbers stand in a text (ISO/IEC 7812-1): nobody keeps or shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from unicodedata import category, decimal

#: Digits of a card number (ISO/IEC 7812-1).
SHORTEST_CARD, LONGEST_CARD = 13, 19
#: An international phone number (ITU-T E.164) has a plus sign, and at most so many digits.
LONGEST_PHONE = 15
#: So many blanks, dashes and the like may stand between two digits of one number.
_MOST_BETWEEN = 3
#: Dots, underscores and bars separate groups of digits, too.
_SEPARATORS = frozenset("._·•|")


def card_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where card numbers stand: whole groups of digits whose check digit is right."""
    for run in _runs(text):
        groups = _groups(run)
        lengths = [len(group) for group in groups]
        offsets = [0, *accumulate(lengths)]
        digits = [value for _, value in run]
        for first in range(len(groups)):
            for last in range(first, len(groups)):
                begin, end = offsets[first], offsets[last + 1]
                if end - begin > LONGEST_CARD:
                    break
                if (
                    end - begin >= SHORTEST_CARD
                    and luhn(digits[begin:end])
                    and not _is_phone(text, run, begin, end)
                ):
                    yield run[begin][0], run[end - 1][0] + 1


def luhn(digits: Sequence[int]) -> bool:
    """Whether the last digit is the check digit of those before (ISO/IEC 7812-1 annex B)."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if index % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _runs(text: str) -> Iterator[list[tuple[int, int]]]:
    """Digits that may belong together: the place of each in the text, and its value."""
    run: list[tuple[int, int]] = []
    for at, character in enumerate(text):
        # Digits of every script, such as full-width and Arabic ones.
        value = decimal(character, None)
        if value is not None:
            if run and at - run[-1][0] > _MOST_BETWEEN + 1:
                yield run
                run = []
            run.append((at, value))
        elif run and not _separates(character):
            yield run
            run = []
    if run:
        yield run


def _separates(character: str) -> bool:
    """Whether it may stand within a number: blanks, dashes, and what nobody sees, a zero-width space."""
    return (
        character in _SEPARATORS
        or character.isspace()
        or category(character) in ("Pd", "Cf", "Mn", "Me", "Cc")
    )


def _groups(run: Sequence[tuple[int, int]]) -> list[list[int]]:
    groups: list[list[int]] = []
    for index, (at, value) in enumerate(run):
        if not index or at != run[index - 1][0] + 1:
            groups.append([])
        groups[-1].append(value)
    return groups


def _is_phone(text: str, run: Sequence[tuple[int, int]], begin: int, end: int) -> bool:
    """Whether these digits are all of a phone number that is written with its country code."""
    at = run[0][0]
    return begin == 0 and end == len(run) <= LONGEST_PHONE and at > 0 and text[at - 1] in "+\uff0b"
