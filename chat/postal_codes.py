"""A postal code in what somebody typed: of the form of its country, and known to geography."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from chat.understanding import tidy
from routing.postal import normal_form

#: Codes in their normal form, by country; any other country's have three to ten letters and digits.
_FORMS: Mapping[str, str] = {
    **dict.fromkeys(("US", "DE", "FR", "ES", "IT", "MX", "SE", "FI", "PL", "CZ", "GR"), r"[0-9]{5}"),
    **dict.fromkeys(("AT", "CH", "BE", "LU", "DK", "NO", "AU", "NZ"), r"[0-9]{4}"),
    "NL": r"[0-9]{4}([A-Z]{2})?", "PT": r"[0-9]{4}([0-9]{3})?", "CA": r"[A-Z][0-9][A-Z][0-9][A-Z][0-9]",
    "GB": r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}", "IE": r"[A-Z][0-9][0-9W][0-9A-Z]{4}",
    "JP": r"[0-9]{7}", "IN": r"[0-9]{6}", "BR": r"[0-9]{8}",
}  # fmt: skip
_ANY = r"(?=[A-Z]*[0-9])[0-9A-Z]{3,10}"
_WORD = re.compile(r"[0-9A-Za-z]+", re.ASCII)
#: What stands before a code of a country: D-10115, F-75001.
_COUNTRY_MARK = re.compile(r"^[A-Z]{1,3}-(?=[0-9])")
#: Words of a text that are looked at, and of one code.
_MOST_WORDS, _WORDS_OF_A_CODE = 40, 3


def read_postal_code(text: str, country: str, is_known: Callable[[str], bool]) -> str | None:
    """The one code that the text has in its normal form; None for none, several, or one that nobody knows."""
    known = [code for code in dict.fromkeys(_candidates(tidy(text), country)) if is_known(code)]
    return known[0] if len(known) == 1 else None


def _candidates(text: str, country: str) -> Iterator[str]:
    words = _WORD.findall(_COUNTRY_MARK.sub("", text.upper()))[:_MOST_WORDS]
    taken: set[int] = set()
    for length in range(_WORDS_OF_A_CODE, 0, -1):
        for at in range(len(words) - length + 1):
            here = set(range(at, at + length))
            code = normal_form("".join(words[at : at + length]), country)
            if not here & taken and _fits(code, country):
                taken |= here
                yield code


def _fits(code: str, country: str) -> bool:
    return re.fullmatch(_FORMS.get(country, _ANY), code, re.ASCII) is not None
