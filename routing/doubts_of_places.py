"""Doubts about ``nearest``: destinations without a place, and shoppers that nothing can locate."""

from __future__ import annotations

from config.base import AGENT
from config.draft import Draft
from config.problems import Loc
from config.sections.destinations import Destination
from config.sections.geo import Geo
from config.sections.route import RingStep, Route
from config.sections.sites import Site
from routing.contacts import place_of
from routing.parts import Parts


def doubt_places(draft: Draft, parts: Parts) -> None:
    """Problems and warnings of ``nearest`` steps."""
    unplaced: dict[str, Loc] = {}
    geo = draft.section(Geo)
    for name, route in draft.items(Route).items():
        for number, step in enumerate(route.steps or ()):
            if step.strategy == "nearest":
                loc: Loc = ("routes", name, "steps", number)
                _step(draft, parts, loc, step)
                for country in _countries(draft, parts, step):
                    unplaced.setdefault(country, loc)
    for country, loc in unplaced.items():
        if (geo and geo.database) or parts.geography.places_codes_of(country):
            continue
        here = draft.written(("geo", "postal_codes"), ("geo",), (*loc, "strategy"))
        draft.doubtful(
            here,
            f"Ringback knows no postal codes of {country}: it locates a shopper there by coordinates from "
            "the page, or guesses from the number and the stores' own codes. Under geo, set "
            '"postal_codes" to a table of postal codes, or "database" to an IP database',
        )


def _step(draft: Draft, parts: Parts, loc: Loc, step: RingStep) -> None:
    lost = [index for index, name in enumerate(step.destinations) if not _placed(draft, parts, name)]
    if len(lost) == len(step.destinations):
        draft.wrong(
            draft.written((*loc, "strategy"), loc),
            "no destination of this step has a place, so nobody rings: give them latitude and "
            "longitude, name a store table, or choose another strategy",
        )
        return
    for index in lost:
        name = step.destinations[index]
        tip = (
            "an agent has no place: put agents into a step of their own"
            if name.startswith(AGENT)
            else "give it latitude and longitude"
        )
        draft.doubtful((*loc, "destinations", index), f"never rings in a nearest step: {tip}")


def _placed(draft: Draft, parts: Parts, name: str) -> bool:
    if name.startswith(AGENT):
        return False
    destination = draft.items(Destination).get(name)
    # A store has a place; what is not valid by itself is reported already.
    return (
        destination is None or place_of(destination, draft.items(Site).values(), parts.geography) is not None
    )


def _countries(draft: Draft, parts: Parts, step: RingStep) -> set[str]:
    """The countries of the stores that a step may ring."""
    found: set[str] = set()
    for name in step.destinations:
        table, _, row = name.partition("/")
        for store in parts.tables.get(table, ()):
            if not row or store.name == row:
                found.add(store.country)
    return found
