"""Which phone numbers are called: from what somebody typed to E.164, or the reason why not. Pure."""

from __future__ import annotations

from collections.abc import Collection

import phonenumbers
from phonenumbers import PhoneNumberType, shortnumberinfo

from api.problems import Problem, RequestError

#: Kinds of numbers (libphonenumber) that a shopper can sit behind. The rest costs somebody extra, or
#: forwards to where no one knows: premium, shared cost, personal, toll-free, UAN, pager, voicemail.
CALLABLE: frozenset[int] = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)


def read_number(typed: str, country: str) -> phonenumbers.PhoneNumber:
    """The valid number that was typed by somebody in ``country`` (ISO 3166-1 alpha-2).

    Raises :class:`RequestError`: ``number_short`` or ``number_invalid``.
    """
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        raise RequestError(_misfit(typed, country)) from None
    if not phonenumbers.is_valid_number(number):
        short = shortnumberinfo.is_possible_short_number_for_region(number, country)
        raise RequestError(Problem.NUMBER_SHORT if short else _misfit(typed, country))
    if number.extension:
        raise RequestError(Problem.NUMBER_INVALID, detail="Give the number without its extension.")
    return number


def _misfit(typed: str, country: str) -> Problem:
    digits = phonenumbers.normalize_diallable_chars_only(typed)
    emergency = shortnumberinfo.connects_to_emergency_number(digits, country)
    return Problem.NUMBER_SHORT if emergency else Problem.NUMBER_INVALID


def e164(number: phonenumbers.PhoneNumber) -> str:
    """The number as ``+16175550123``."""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def check_policy(number: phonenumbers.PhoneNumber, countries: Collection[str]) -> None:
    """Refuse a valid number that is of no kind, or of no country, that is called.

    The country is the number's own: +1 876 is Jamaica whatever the page said. Raises
    :class:`RequestError`: ``number_type_refused`` or ``country_refused``.
    """
    if phonenumbers.number_type(number) not in CALLABLE:
        raise RequestError(Problem.NUMBER_TYPE_REFUSED)
    if phonenumbers.region_code_for_number(number) not in countries:
        raise RequestError(Problem.COUNTRY_REFUSED)
