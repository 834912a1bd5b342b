"""Which phone numbers are called: from what somebody typed to E.164, or the reason why not. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberType, shortnumberinfo

from api.number_table import NOWHERE, TABLE
from api.problems import FieldError, Problem, RequestError
from config.prefixes import Prefixes, weight
from config.sections.numbers import Numbers

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
_KINDS = {
    value: name.lower().replace("_", " ")
    for name, value in vars(PhoneNumberType).items()
    if isinstance(value, int)
}

#: A national trunk prefix in brackets, as people write it behind a country code: +44 (0)20.
_BRACKETED_TRUNK = re.compile(r"\(\s*(?:0|8|06|01|1)\s*\)")
#: The place of a carrier's code, as Brazilians write it: 0xx11, (0**11).
_CARRIER_PLACE = re.compile(r"0\s*(?:xx|\*\*)\s*(?=\d)", re.IGNORECASE)
#: Mexican numbers as they were dialled until 2019: 01, 044 and 045, and +52 1 before mobile ones.
_MEXICAN = re.compile(r"(?:(?:\+|00|011)?52)?(?:0?1|044|045)([1-9]\d{9})")
#: An extension, in the words of those who do not write "ext.".
_EXTENSION = re.compile(
    r"^(.*\d)[\s,;/(\u2013-]*(?:extension|extensión|extensão|ext|extn|poste|durchwahl|nebenstelle|dw|anexo|ramal|interno"
    r"|interne|int|toestel|tst|anknytning|linje|wewn|wew|доб(?:авочный)?|内線|分机)\W{0,3}(\d{1,9})\W*$",
    re.IGNORECASE,
)


def read_number(typed: str, country: str) -> phonenumbers.PhoneNumber:
    """The valid number that was typed by somebody in ``country`` (ISO 3166-1 alpha-2).

    Digits may be of any script. Raises :class:`RequestError`: ``number_short`` or ``number_invalid``.
    """
    text = "".join(sign for sign in typed if unicodedata.category(sign) != "Cf")  # marks of direction
    for reading in _readings(text, country):
        number = _valid(reading, country)
        if number is None:
            continue
        if number.extension:
            raise _extension(number, number.extension)
        return number
    if (found := _EXTENSION.match(text)) and (number := _valid(found[1], country)):
        raise _extension(number, found[2])
    raise RequestError(_misfit(text, country))


def _readings(typed: str, country: str) -> Iterator[str]:
    """The text, then what people mean who write numbers in ways that libphonenumber does not read."""
    yield typed
    if _BRACKETED_TRUNK.search(typed):
        yield _BRACKETED_TRUNK.sub(" ", typed, count=1)
    if _CARRIER_PLACE.search(typed):
        yield _CARRIER_PLACE.sub("", typed, count=1)
    diallable = phonenumbers.normalize_diallable_chars_only(typed)
    mexican = country == "MX" or diallable.startswith(("+52", "0052", "01152"))
    if mexican and (found := _MEXICAN.fullmatch(diallable)):
        yield f"+52{found[1]}"
    if diallable.startswith("00") and diallable.isdecimal() and len(diallable) >= 10:
        yield f"+{diallable[2:]}"  # as most of the world dials abroad, wherever the page thinks one is


def _valid(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _extension(number: phonenumbers.PhoneNumber, extension: str) -> RequestError:
    """Nobody dials an extension; said so that the shopper sees which number would be called."""
    shown = phonenumbers.PhoneNumber(number.country_code, number.national_number)
    shown.italian_leading_zero = number.italian_leading_zero
    shown.number_of_leading_zeros = number.number_of_leading_zeros
    written = phonenumbers.format_number(shown, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    hint = (
        f"We cannot dial the extension {extension}: give a number that rings you directly, such as {written}."
    )
    return RequestError(
        Problem.NUMBER_INVALID, detail=hint, errors=[FieldError(path="body.number", message=hint)]
    )


def _misfit(typed: str, country: str) -> Problem:
    digits = phonenumbers.normalize_diallable_chars_only(typed)
    if shortnumberinfo.connects_to_emergency_number(digits, country):
        return Problem.NUMBER_SHORT
    try:
        number = phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        return Problem.NUMBER_INVALID
    short = shortnumberinfo.is_possible_short_number_for_region(number, country)
    return Problem.NUMBER_SHORT if short else Problem.NUMBER_INVALID


def e164(number: phonenumbers.PhoneNumber) -> str:
    """The number as ``+16175550123``."""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a valid number is called, and why, in words for the operator."""

    problem: Problem | None
    #: What decided: a prefix of the settings or of the table, the number's kind, or its country.
    why: str


def judge_number(
    number: phonenumbers.PhoneNumber, countries: Collection[str], numbers: Numbers | None = None
) -> Verdict:
    """Whether a valid number may be called.

    The settings' prefixes and the table's are compared: the longest that fits decides, of equal ones the
    settings'. What no prefix decides is decided by the number's kind. The country is the number's own: +1 876
    is Jamaica whatever the page said.
    """
    wanted = e164(number)
    numbers = numbers or Numbers()
    ours = Prefixes(
        {**dict.fromkeys(numbers.allowed_prefixes, True), **dict.fromkeys(numbers.refused_prefixes, False)}
    ).of(wanted)
    table = TABLE.of(wanted)
    country = phonenumbers.region_code_for_number(number)
    freed = ""
    if ours and (table is None or weight(ours[0]) >= weight(table[0])):
        if not ours[1]:
            return Verdict(Problem.NUMBER_TYPE_REFUSED, f"numbers.refused_prefixes has {ours[0]}")
        freed = ours[0]
    elif table:
        row = table[1]
        if row.country is None or row.country not in countries:
            kind = Problem.COUNTRY_REFUSED if row.country else Problem.NUMBER_TYPE_REFUSED
            return Verdict(kind, f"{table[0]}: {row.reason}")
        country = row.country
    kind_of = phonenumbers.number_type(number)
    if not freed and kind_of not in CALLABLE:
        return Verdict(Problem.NUMBER_TYPE_REFUSED, f"its kind: {_KINDS[kind_of]}")
    if country not in countries and not (freed and country in (None, NOWHERE)):
        return Verdict(Problem.COUNTRY_REFUSED, f"its country: {country or 'none'}")
    return Verdict(
        None, f"numbers.allowed_prefixes has {freed}" if freed else f"{_KINDS[kind_of]}, {country}"
    )


def called_number(typed: str, countries: Sequence[str], numbers: Numbers | None = None) -> str | None:
    """The number in E.164 that somebody typed who is in one of these countries; None for one not called."""
    for country in countries:
        try:
            number = read_number(typed, country)
        except RequestError:
            continue
        if judge_number(number, countries, numbers).problem is None:
            return e164(number)
    return None


def check_policy(
    number: phonenumbers.PhoneNumber, countries: Collection[str], numbers: Numbers | None = None
) -> None:
    """Refuse a valid number that is of no kind, or of no country, that is called.

    Raises :class:`RequestError`: ``number_type_refused`` or ``country_refused``.
    """
    if problem := judge_number(number, countries, numbers).problem:
        raise RequestError(problem)
