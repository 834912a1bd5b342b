"""Where a shopper is: the page, the postal code, the number and the IP address, asked in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple, Protocol

import phonenumbers

from config.problems import ConfigError
from config.stores import Store
from routing.addresses import AddressTable
from routing.numbers import NumberTable
from routing.places import Finding, Place, Source, contradiction, found, refine
from routing.postal import PostalTable

#: What a page says of itself comes before what is guessed from outside.
DEFAULT_ORDER: tuple[Source, ...] = ("context", "postal", "number", "ip")

_DEGREES = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{0,20})?", re.ASCII)


class Click(Protocol):
    """What geography reads of a :class:`~routing.plan.ClickToCall`; an empty text is something not known."""

    @property
    def number(self) -> str:
        """In E.164."""

    @property
    def known(self) -> Mapping[str, str]:
        """What was passed of them; read are latitude, longitude, postal_code, country and region."""

    @property
    def client_ip(self) -> str:
        """The shopper's address."""


class Located(NamedTuple):
    """Where a shopper is, and how that was found: a finding for each source asked, in the order asked."""

    place: Place
    trail: tuple[Finding, ...]


class Geography:
    """All that is known about places, built once from the settings. Immutable."""

    __slots__ = ("_addresses", "_numbers", "_order", "_postal")

    def __init__(
        self,
        numbers: NumberTable,
        addresses: AddressTable | None = None,
        postal: PostalTable | None = None,
        order: Sequence[Source] = DEFAULT_ORDER,
    ) -> None:
        self._numbers = numbers
        self._addresses = addresses or AddressTable()
        self._postal = postal or PostalTable()
        self._order = tuple(order)

    @classmethod
    def load(
        cls,
        *,
        stores: Iterable[Iterable[Store]] = (),
        prefixes: Path | None = None,
        postal_codes: Path | None = None,
        ip_database: Path | None = None,
        order: Sequence[Source] = DEFAULT_ORDER,
        geocoding: bool = True,
    ) -> Geography:
        """Read the files; stores are tables of them, whose postal codes count too.

        :class:`ExceptionGroup` of :class:`~config.problems.ConfigError`, one for each file with problems.
        Blocks: a second for geocoding, and one for each 100,000 cells.
        """
        numbers, postal, addresses = NumberTable(geocoding=geocoding), PostalTable(), AddressTable()
        errors: list[ConfigError] = []
        try:
            numbers = NumberTable.load(prefixes, geocoding=geocoding)
        except ConfigError as error:
            errors.append(error)
        try:
            postal = PostalTable.load(postal_codes, chain.from_iterable(stores), with_shipped=geocoding)
        except ConfigError as error:
            errors.append(error)
        try:
            addresses = AddressTable.load(ip_database) if ip_database else addresses
        except ConfigError as error:
            errors.append(error)
        if errors:
            raise ExceptionGroup("tables of places", errors)
        return cls(numbers, addresses, postal, order)

    def of_number(self, e164: str) -> Place:
        """The place that a number belongs to; nothing is known in it for a toll-free number."""
        return self._numbers.find(e164).place or Place()

    def of_ip(self, address: str) -> Place | None:
        """The place of an IP address; None for a private, unknown or malformed one."""
        return self._addresses.find(address).place

    def of_context(self, context: Mapping[str, str]) -> Place | None:
        """The place that the page passed: its coordinates, else its postal code and country."""
        return _of_page(context).place or self._of_postal(context, "").place

    def of_postal_code(self, code: str, country: str) -> Place | None:
        """The place of a postal code."""
        return self._postal.find(code, country or None).place

    def places_codes_of(self, country: str) -> bool:
        """Whether the operator or Ringback knows postal codes of this country, besides those of stores."""
        return self._postal.knows(country)

    def place(self, click: Click, home: str | None = None) -> Located:
        """Where the shopper is. Pure, and a few hundred microseconds at most.

        ``home`` is the country of a postal code where nothing else says it.

        The first source that knows anything decides. A later one adds details only if it confirms the finest
        thing known: an IP address in MA gives coordinates to a number of MA, and none to one of TX.
        """
        ask: Mapping[Source, Callable[[], Finding]] = {
            "context": lambda: _of_page(click.known),
            "postal": lambda: self._of_postal(click.known, click.number, home),
            "number": lambda: self._numbers.find(click.number),
            "ip": lambda: self._addresses.find(click.client_ip),
        }
        place = Place()
        trail: list[Finding] = []
        for source in self._order:
            if source == "number" and place.coordinates and not self._numbers.locates:
                # Reading a number costs as much as all the rest, and this one's place would be left out.
                trail.append(Finding(source, None, "not asked, as it cannot confirm the coordinates"))
                continue
            finding = ask[source]()
            told = finding.place
            if told is None:
                trail.append(finding)
            elif not place.known:
                place = told
                trail.append(finding)
            elif against := contradiction(place, told):
                trail.append(Finding(source, told, f"{finding.reason}; left out, as {against}"))
            else:
                place = refine(place, told)
                trail.append(Finding(source, told, f"{finding.reason}; adds its details"))
        return Located(place, tuple(trail))

    def _of_postal(self, context: Mapping[str, str], number: str, home: str | None = None) -> Finding:
        """The page's postal code, in the page's country or else the number's, or ``home``."""
        code = context.get("postal_code", "")
        country = _country(context)
        if code and country is None and number:
            country = self.of_number(number).country
        return self._postal.find(code, country or home)


def _of_page(context: Mapping[str, str]) -> Finding:
    """The page's coordinates, or its country and region alone."""
    country, region = _country(context), context.get("region", "").strip().upper()
    # ISO 3166-2 codes, and nothing else, mean the same here and in the tables.
    region = region if country and re.fullmatch(r"[A-Z0-9]{1,3}", region, re.ASCII) else ""
    place = Place(country=country, region=region or None, source="context")
    latitude, longitude = context.get("latitude", "").strip(), context.get("longitude", "").strip()
    if not latitude and not longitude:
        return found(place, f"the page says {place}" if place.known else "the page passed no coordinates")
    at = _degrees(latitude, 90), _degrees(longitude, 180)
    if at[0] is None or at[1] is None:
        return found(place, "the page passed coordinates that are none")
    place = Place(country=country, region=region or None, latitude=at[0], longitude=at[1], source="context")
    return found(place, f"the page says {place}")


def _country(context: Mapping[str, str]) -> str | None:
    country = context.get("country", "").strip().upper()
    return country if country in phonenumbers.SUPPORTED_REGIONS else None


def _degrees(text: str, most: int) -> float | None:
    return float(text) if _DEGREES.fullmatch(text) and abs(float(text)) <= most else None
