"""A ring step for one call: who it may ring at all, out of thousands, and how its strategy arranges them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from routing.contacts import Contact
from routing.directory import Directory
from routing.places import Place
from routing.sphere import distance
from routing.stores import StoreIndex
from routing.strategies import NEAREST, Arranged, Candidate, LeftOut, StepRule, order


@dataclass(frozen=True, slots=True)
class PreparedStep:
    """A ring step of the settings, ready to be asked."""

    rule: StepRule
    #: Names of destinations, of rows of store tables, or of whole tables.
    destinations: tuple[str, ...]
    #: Seconds by which some begin later.
    delay: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What steps look at: all contacts, who is free, the time, the shopper's place, one draw of luck."""

    contacts: Mapping[str, Contact]
    tables: Mapping[str, StoreIndex]
    directory: Directory
    now: datetime
    #: Where the shopper is; finding out costs more than all the rest.
    where: Callable[[], Place]
    pick: float
    #: The path of the page that the shopper clicked on.
    page: str = ""


def arrange(step: PreparedStep, around: Surroundings) -> Arranged:
    """Who the step rings for this call, when and for how long; and who not, and why."""
    if step.rule.strategy != "nearest":
        candidates = [
            contact.candidate(around.now, step.delay.get(name, 0.0))
            for name in step.destinations
            for contact in _contacts(name, around)
        ]
        return order(step.rule, candidates, around.directory, around.pick)
    place = _at_own_page(step, around) or around.where()
    if place.coordinates is not None:
        return order(step.rule, _by_distance(step, place, around), around.directory, around.pick)
    # Without coordinates the stores of the shopper's area, region or country come in that order, by name.
    near, unplaced = [], []
    for name in step.destinations:
        if name in around.tables and step.rule.max_distance_km is None:
            near += _first_free(_by_area(name, place, around), step, around)
        else:
            unplaced.append(name)
    rule = replace(step.rule, strategy="in_order", limit=step.rule.limit or NEAREST)
    arranged = order(rule, near, around.directory, around.pick)
    detail = "the shopper's location is not known well enough"
    left_out = [LeftOut(name, "no_place_known", detail) for name in unplaced]
    return replace(arranged, left_out=(*arranged.left_out, *left_out))


def _at_own_page(step: PreparedStep, around: Surroundings) -> Place | None:
    """Where the store is on whose own page the shopper clicked: that is who they want, wherever they are."""
    tables = (around.tables[name] for name in step.destinations if name in around.tables)
    store = next(filter(None, (table.of_page(around.page) for table in tables)), None)
    if store is None:
        return None
    return Place(store.country, latitude=store.latitude, longitude=store.longitude, source="context")


def _contacts(name: str, around: Surroundings) -> Iterator[Contact]:
    if name in around.contacts:
        yield around.contacts[name]
    else:
        for store in around.tables[name]:
            yield around.contacts[f"{name}/{store.name}"]


def _by_distance(step: PreparedStep, place: Place, around: Surroundings) -> Iterable[Candidate]:
    """Candidates from the nearest on, until enough of them can be rung."""
    here = place.coordinates
    assert here is not None  # noqa: S101 - the caller has looked
    streams: list[Iterator[tuple[float, str]]] = []
    single: list[tuple[float, str]] = []
    unplaced: list[Candidate] = []
    for name in step.destinations:
        if name in around.tables:
            streams.append(_distances(name, around.tables[name], place))
            continue
        contact = around.contacts[name]
        if contact.coordinates is None:
            unplaced.append(contact.candidate(around.now))
        else:
            single.append((distance(here, contact.coordinates), name))
    ranked = streams[0] if len(streams) == 1 and not single else heapq.merge(sorted(single), *streams)
    unsure = place.radius_km or 0.0
    found = (around.contacts[name].candidate(around.now, km=km, unsure_km=unsure) for km, name in ranked)
    return [*_first_free(found, step, around), *unplaced]


def _distances(table_name: str, table: StoreIndex, place: Place) -> Iterator[tuple[float, str]]:
    for near in table.near(place):
        if near.km is not None:
            yield near.km, f"{table_name}/{near.store.name}"


def _by_area(name: str, place: Place, around: Surroundings) -> Iterator[Candidate]:
    for near in around.tables[name].near(place):
        yield around.contacts[f"{name}/{near.store.name}"].candidate(around.now)


def _first_free(found: Iterable[Candidate], step: PreparedStep, around: Surroundings) -> list[Candidate]:
    """Candidates up to the last one that the step can ring: a table has thousands more."""
    wanted = step.rule.limit or NEAREST
    farthest = step.rule.max_distance_km
    kept: list[Candidate] = []
    for candidate in found:
        kept.append(candidate)
        if (
            farthest is not None
            and candidate.distance_km is not None
            and candidate.distance_km + candidate.unsure_km > farthest
        ):
            break
        standing = around.directory.of(candidate.destination)
        free = standing.agent in (None, "available") and (
            candidate.max_calls is None or standing.live_calls < candidate.max_calls
        )
        if candidate.closed is None and free and any(place.closed is None for place in candidate.places):
            wanted -= 1
            if not wanted:
                break
    return kept
