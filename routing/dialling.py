"""How a trunk likes numbers written: E.164, digits alone, or as they are dialled in the trunk's country."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata

from config.sections.trunks import NumberFormat, Trunk
from routing.plan import TrunkWay

#: A country that has no one international prefix writes a pattern; what most of the world dials stands in.
_USUAL_INTERNATIONAL = "00"


def number_uri(number: str, trunk: Trunk) -> str:
    """The request URI of an E.164 number on a trunk, written the way that trunk likes it."""
    phone = ";user=phone" if trunk.user_phone else ""
    return f"sip:{trunk.number_prefix}{written(number, trunk.number_format, trunk)}@{trunk.host}{phone}"


def ways(
    sip: str | None, number: str | None, names: Sequence[str], trunks: Mapping[str, Trunk]
) -> tuple[TrunkWay, ...]:
    """The ways to a SIP URI or a number through these trunks; one of the two is given.

    A SIP URI at the first trunk's own host means the same user at another trunk's host; any other stays as it
    is, and the trunk is only the next hop.
    """
    first = trunks[names[0]]
    return tuple(
        TrunkWay(name, number_uri(number, trunks[name]) if number else _moved(sip or "", first, trunks[name]))
        for name in names
    )


def _moved(uri: str, first: Trunk, trunk: Trunk) -> str:
    head, at, rest = uri.rpartition("@")
    return f"{head}@{trunk.host}{rest.removeprefix(first.host)}" if at and _at(rest, first.host) else uri


def _at(rest: str, host: str) -> bool:
    return rest.startswith(host) and rest[len(host) :][:1] in ("", ";", "?")


def written(number: str, form: NumberFormat, trunk: Trunk) -> str:
    """An E.164 number in one of a trunk's forms; anything else, such as an extension, as it is."""
    if not number.startswith("+"):
        return number
    if form == "e164":
        return number
    if form == "digits" or trunk.country is None:
        return number.removeprefix("+")
    national, international = prefixes(trunk.country)
    if trunk.national_prefix is not None:
        national = trunk.national_prefix
    if trunk.international_prefix is not None:
        international = trunk.international_prefix
    code = str(phonenumbers.country_code_for_region(trunk.country))
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return international + number.removeprefix("+")
    if str(parsed.country_code) != code:
        return international + number.removeprefix("+")
    return national + str(phonenumbers.national_significant_number(parsed))


@cache
def prefixes(country: str) -> tuple[str, str]:
    """What is dialled in a country before national numbers, and before the country code of foreign ones."""
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None:
        return "", _USUAL_INTERNATIONAL
    international = metadata.preferred_international_prefix or metadata.international_prefix or ""
    digits = re.sub(r"[^0-9]", "", international.replace("~", ""))
    plain = re.fullmatch(r"[0-9~]+", international) is not None
    return metadata.national_prefix or "", digits if plain and digits else _USUAL_INTERNATIONAL
