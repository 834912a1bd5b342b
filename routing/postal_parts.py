"""What a part of a postal code means, country by country: only those who share a part are near each other.

Sources: the Universal Postal Union's addressing guides, and the posts' own (USPS sectional centres, Royal
Mail's postcode areas and districts, Canada Post's forward sortation areas, Deutsche Post's Leitregionen,
La Poste's départements, Correos' provincias …).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

#: A whole British postcode; the blank before its last three characters keeps M1 1AA apart from M11 1AA.
_BRITISH = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9][A-Z]{2})", re.ASCII)
_JUNK = re.compile(r"[\s-]+")
_ZIP_PLUS_FOUR = re.compile(r"[0-9]{9}", re.ASCII)


class PostalPrefix(NamedTuple):
    """What codes may begin with that says where they are."""

    form: re.Pattern[str]
    #: How far from its middle somebody may be who has such a code, in km, where nothing tells better.
    radius_km: float


def _parts(*pairs: tuple[str, float]) -> tuple[PostalPrefix, ...]:
    return tuple(PostalPrefix(re.compile(form, re.ASCII), radius) for form, radius in pairs)


_TWO, _THREE = r"[0-9]{2}", r"[0-9]{3}"
#: The finest first. A country that is missing has no parts that are known to mean anything.
PARTS: Mapping[str, tuple[PostalPrefix, ...]] = {
    "US": _parts((_THREE, 60)),
    # The district, M1; the letters of the area, M, which is not ME.
    "GB": _parts((r"[A-Z]{1,2}[0-9][0-9A-Z]?(?= |$)", 8), (r"[A-Z]{1,2}(?=[0-9])", 35)),
    # A 0 in the second place is the countryside.
    "CA": _parts((r"[A-Z][1-9][A-Z]", 15), (r"[A-Z]0[A-Z]", 120)),
    "IE": _parts((r"[A-Z][0-9][0-9W]", 30)),
    "DE": _parts((_THREE, 25), (_TWO, 60)),
    "FR": _parts((_THREE, 30), (_TWO, 70)),
    "ES": _parts((_THREE, 40), (_TWO, 90)),
    "IT": _parts((_THREE, 40), (_TWO, 90)),
    "AT": _parts((_THREE, 20), (_TWO, 50)),
    "CH": _parts((_THREE, 15), (_TWO, 40)),
    "NL": _parts((r"[0-9]{4}", 5), (_TWO, 25)),
    "BE": _parts((_TWO, 30)),
    "LU": _parts((_TWO, 15)),
    "DK": _parts((_TWO, 40)),
    "SE": _parts((_THREE, 40), (_TWO, 120)),
    "NO": _parts((_THREE, 40), (_TWO, 120)),
    "FI": _parts((_THREE, 50), (_TWO, 120)),
    "PL": _parts((_THREE, 30), (_TWO, 60)),
    "CZ": _parts((_THREE, 30), (_TWO, 60)),
    "PT": _parts((r"[0-9]{4}", 15), (_TWO, 50)),
    "GR": _parts((_THREE, 30), (_TWO, 90)),
    "AU": _parts((_THREE, 80)),
    "NZ": _parts((_TWO, 60)),
    "JP": _parts((_THREE, 30)),
    "IN": _parts((_THREE, 80)),
    "BR": _parts((r"[0-9]{5}", 20), (_THREE, 80)),
    "MX": _parts((_THREE, 60)),
}  # fmt: skip


def normal_form(code: str, country: str) -> str:
    """A postal code in capitals without blanks and hyphens, except a British one's blank; no ZIP+4."""
    bare = _JUNK.sub("", code).upper()
    if country == "GB" and (parts := _BRITISH.fullmatch(bare)):
        return f"{parts[1]} {parts[2]}"
    if country == "US" and _ZIP_PLUS_FOUR.fullmatch(bare):
        return bare[:5]
    return bare


def parts_of(code: str, country: str) -> Iterator[tuple[str, float]]:
    """The parts that a code in its normal form begins with, the finest first, each with its radius."""
    for part in PARTS.get(country, ()):
        if found := part.form.match(code):
            yield found[0], part.radius_km
