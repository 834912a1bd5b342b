"""The section ``numbers``: which numbers are called, over what Ringback refuses by itself.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

import phonenumbers

from config.base import Model
from config.draft import Draft
from config.prefixes import NumberPrefix, tidy
from config.problems import Loc
from config.section import Section

#: Countries with one code: a prefix that is no longer frees every premium number that they have.
_CODES = frozenset(str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
_WORLD = frozenset(str(code) for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)


class Numbers(Model):
    """Which shoppers' numbers are called, beside `countries` of the site. Ringback refuses premium,
    shared-cost, toll-free, personal and satellite numbers by itself ([how](limits.md#numbers)); here are your
    exceptions. Of all prefixes that fit a number the longest decides."""

    refused_prefixes: tuple[NumberPrefix, ...] = ()
    """Prefixes of numbers that are not called, such as `+1 876` or `+1xxx976`."""
    allowed_prefixes: tuple[NumberPrefix, ...] = ()
    """Prefixes of numbers that are called although Ringback would refuse their kind, such as `+44 3`."""


def check_numbers(draft: Draft) -> None:
    """Problems of ``numbers``."""
    seen: dict[str, Loc] = {}
    for pattern in (("numbers", "refused_prefixes", "*"), ("numbers", "allowed_prefixes", "*")):
        for loc, text in draft.at(pattern):
            prefix = tidy(text)
            if earlier := seen.get(prefix):
                line = draft.source.place(earlier).line
                draft.wrong(loc, f'"{text}" is already in {earlier[1]} (line {line}): remove one of them')
            seen.setdefault(prefix, loc)
            digits = prefix.removeprefix("+")
            if digits in _CODES and digits not in _WORLD and loc[1] == "allowed_prefixes":
                draft.wrong(
                    loc,
                    "this is a whole country with its premium numbers: use a longer prefix (the site's "
                    '"countries" set which countries are called)',
                )
            elif not digits.startswith("x") and not any(digits[:n] in _CODES for n in (1, 2, 3)):
                draft.wrong(loc, f'"{text}" has no valid country code: write a number such as +16175550100')


NUMBERS = Section(checks=(check_numbers,))
