"""The check of a phone number that stands in the settings."""

from __future__ import annotations

import re

import phonenumbers

from config.draft import Draft
from config.problems import Loc

_NORTH_AMERICAN = re.compile(r"\+1[2-9][0-9]{2}[2-9][0-9]{6}")


def check_number(draft: Draft, loc: Loc, number: str) -> None:
    """Warn of a number that no country has, and of one that costs extra."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        draft.doubtful(loc, "this number is not valid in any country: check the digits")
        return
    if not phonenumbers.is_possible_number(parsed):
        draft.doubtful(loc, "this number is not valid in any country: check the digits")
    elif parsed.country_code == 1 and not _NORTH_AMERICAN.fullmatch(number):
        draft.doubtful(loc, "this number is not valid in North America: check the area code")
    elif phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.PREMIUM_RATE:
        draft.doubtful(loc, "a premium-rate number: every call to it costs extra")
