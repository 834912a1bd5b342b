"""Destinations, agents and rows of store tables as a ring step rings them: names resolved, hours built."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from config.base import AGENT
from config.models import Config
from config.sections.agents import Agent
from config.sections.destinations import Destination, FindMe, Screen
from config.sections.sites import Site
from config.sections.speech import Whisper
from config.sections.stores import StoreTable
from config.stores import Store
from routing.dialling import ways
from routing.geography import Geography
from routing.headers import HeaderTemplates
from routing.hours import OpeningHours
from routing.numbers import assigned_country
from routing.plan import Originate, TrunkWay
from routing.strategies import Candidate
from routing.strategies import FindMePlace as Spot

_ONE_PHONE = (Spot(),)


@dataclass(frozen=True, slots=True)
class DialledPhone:
    """One place where a contact may be found, as it is dialled."""

    uri: str
    trunk: str | None
    #: Further trunks, tried in order when that one cannot carry the call.
    backups: tuple[TrunkWay, ...] = ()
    #: The number that is dialled (E.164), whatever the trunk.
    number: str | None = None
    hours: OpeningHours | None = None
    #: Seconds to ring here; None: the step's timeout.
    timeout: float | None = None
    screening: Screen = "none"
    #: Who places the call, if not we.
    originate: Originate | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody that a step may ring."""

    name: str
    label: str
    #: The first is its own, the others those of its find-me list.
    phones: tuple[DialledPhone, ...]
    hours: OpeningHours | None
    max_calls: int | None
    weight: float
    coordinates: tuple[float, float] | None
    show: Literal["site", "shopper"]
    headers: HeaderTemplates
    #: Whether it has one phone that keeps no hours or patience of its own, as thousands of stores do.
    plain: bool
    #: Name of the agent who answers in a browser; None for phones.
    agent: str | None = None
    #: What the person who takes a call here is told; None: what the ring step says.
    whisper: Whisper | None = None
    #: The mailbox for messages to it, in place of the one that the route ends in.
    mailbox: str | None = None

    def _spots(self, now: datetime) -> tuple[Spot, ...]:
        return tuple(
            Spot(number, phone.timeout, _closed(phone.hours, now)) for number, phone in enumerate(self.phones)
        )

    def candidate(
        self, now: datetime, delay: float = 0.0, km: float | None = None, unsure_km: float = 0.0
    ) -> Candidate:
        """The contact as a strategy sees it at this moment."""
        return Candidate(
            destination=self.name,
            places=_ONE_PHONE if self.plain else self._spots(now),
            closed=_closed(self.hours, now),
            delay=delay,
            max_calls=self.max_calls,
            weight=self.weight,
            distance_km=km,
            unsure_km=unsure_km,
        )


def _closed(hours: OpeningHours | None, now: datetime) -> str | None:
    """Why it is closed; None while it is open. When it opens is looked up only by those who tell it."""
    return None if hours is None or hours.is_open(now) else "closed"


def destination_contact(
    name: str,
    destination: Destination,
    config: Config,
    hours: Mapping[tuple[str, str | None], OpeningHours],
    geography: Geography,
) -> Contact:
    """A destination's contact; ``hours`` by name and the destination's own time zone."""

    def open_when(named: str | None) -> OpeningHours | None:
        return hours[named, destination.time_zone] if named else None

    own = []
    if destination.sip or destination.number:
        trunks = (destination.trunk, *destination.backup_trunks)
        own = [
            _phone(
                destination,
                trunks,
                config,
                screening=destination.screening,
                originate=_originate(destination),
            )
        ]
    found = [_place(place, destination, config, open_when(place.hours)) for place in destination.find_me]
    return Contact(
        name=name,
        label=destination.label,
        phones=(*own, *found),
        hours=open_when(destination.hours),
        max_calls=destination.max_calls,
        weight=destination.weight,
        coordinates=place_of(destination, config.sites.values(), geography),
        show=destination.shown_number,
        headers=_headers(destination),
        plain=not found,
        whisper=destination.whisper,
    )


def place_of(
    destination: Destination, sites: Iterable[Site], geography: Geography
) -> tuple[float, float] | None:
    """Where a destination is: its coordinates, or those of its postal code where that is known, no guess.

    The code is one of its number's country; without a number, of the country that all sites call first.
    """
    if destination.latitude is not None and destination.longitude is not None:
        return destination.latitude, destination.longitude
    if not destination.postal_code:
        return None
    countries = {site.countries[0] for site in sites}
    country = assigned_country(destination.number or "") or (countries.pop() if len(countries) == 1 else "")
    place = geography.of_postal_code(destination.postal_code, country)
    return place.coordinates if place and place.measured else None


def _originate(destination: Destination) -> Originate | None:
    said = destination.origination
    return None if said is None else Originate(said.asterisk, said.channel, said.endpoint)


def agent_contact(name: str, agent: Agent, hours: Mapping[tuple[str, str | None], OpeningHours]) -> Contact:
    """The contact of somebody who answers in a browser, as ``agent:alice``, one call at a time."""
    return Contact(
        name=f"{AGENT}{name}",
        label=agent.label,
        phones=(DialledPhone(f"browser:{AGENT}{name}", None),),
        hours=hours[agent.hours, agent.time_zone] if agent.hours else None,
        max_calls=1,
        weight=agent.weight,
        coordinates=None,
        show="site",
        headers=HeaderTemplates(),
        plain=True,
        agent=name,
        whisper=agent.whisper,
    )


def store_contact(
    table_name: str, store: Store, table: StoreTable, config: Config, hours: OpeningHours | None
) -> Contact:
    """The contact of a row of a store table."""
    trunks = (store.trunk or table.trunk, *table.backup_trunks)
    screening = store.screening or table.screening
    places = (FindMe(number=number) for number in store.find_me)
    return Contact(
        name=f"{table_name}/{store.name}",
        label=store.label,
        phones=(
            _phone(store, trunks, config, screening=screening),
            *(_phone(place, trunks, config, timeout=place.timeout, screening=screening) for place in places),
        ),
        hours=hours,
        max_calls=int(store.attributes.get("max_calls") or 0) or table.max_calls,
        weight=float(store.attributes.get("weight") or 1),
        coordinates=(store.latitude, store.longitude),
        show=table.shown_number,
        headers=_headers(table),
        plain=not store.find_me,
        mailbox=store.mailbox,
        whisper=table.whisper,
    )


def _headers(settings: Destination | StoreTable) -> HeaderTemplates:
    return HeaderTemplates(tuple(settings.headers.items()), settings.user_to_user, settings.call_info)


def _place(
    place: FindMe, destination: Destination, config: Config, hours: OpeningHours | None
) -> DialledPhone:
    """A place of the find-me list, which has its destination's trunk and screening where it names none."""
    named = place if place.trunk else destination
    return _phone(
        place,
        (named.trunk, *named.backup_trunks),
        config,
        hours=hours,
        timeout=place.timeout,
        screening=place.screening or destination.screening,
    )


def _phone(
    at: Destination | FindMe | Store,
    trunks: Sequence[str | None],
    config: Config,
    *,
    hours: OpeningHours | None = None,
    timeout: float | None = None,
    screening: Screen = "none",
    originate: Originate | None = None,
) -> DialledPhone:
    """The phone of a SIP URI or a number, through the first of these trunks that can carry the call."""
    first, *others = trunks
    if first is None:
        assert at.sip is not None  # noqa: S101 - the loader refuses a number without a trunk
        return DialledPhone(at.sip, None, (), None, hours, timeout, screening, originate)
    names = (first, *(name for name in others if name and name != first))
    way, *backups = ways(at.sip, at.number, names, config.trunks)
    return DialledPhone(way.uri, way.trunk, tuple(backups), at.number, hours, timeout, screening, originate)
