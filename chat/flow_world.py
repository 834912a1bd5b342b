"""What a flow asks of the rest, answered by the router: who is nearest, where postal codes are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chat.flow import GuidedFlow
from chat.masking import mask
from chat.postal_codes import read_postal_code
from chat.understanding import number_in
from config.sections.flows import FlowWay
from expressions.facts import Facts
from expressions.vocabulary import Path
from routing.decide import plan_call
from routing.directory import Directory
from routing.facts import facts_of
from routing.headers import value_of
from routing.places import Place
from routing.plan import ClickToCall
from routing.router import Router
from routing.sphere import distance

KM_PER_MILE = 1.609344


@dataclass(frozen=True, slots=True)
class Nearest:
    """The destination that a call would ring first in a ``nearest`` step; else the nearest of all."""

    open: bool
    label: str
    #: None where nobody knows where the shopper is.
    km: float | None


@dataclass(slots=True)
class RoutedWorld:
    """The world of one shopper at one moment: a :class:`chat.flow.FlowWorld`."""

    flow: GuidedFlow
    router: Router
    #: What the shopper's page told, without the answers.
    click: ClickToCall
    directory: Directory
    #: Aware, in any zone.
    now: datetime
    ways: frozenset[FlowWay]
    #: From a number as it is typed to E.164; None for what is none, and for what the site does not call.
    phone: Callable[[str], str | None]
    #: The site's patterns of what must not be kept.
    patterns: Sequence[str] = ()
    _nearest: dict[tuple[tuple[str, str], ...], Nearest | None] = field(default_factory=dict)

    @property
    def known(self) -> Mapping[str, str]:
        """What the page has passed and its server has signed."""
        return self.click.known

    @property
    def year(self) -> int:
        """This year, where the site is."""
        return self._here.year

    def read_phone(self, text: str) -> str | None:
        """The number that the site may call, in E.164; None for what is none."""
        return self.phone(text) or self.phone(number_in(text))

    def read_postal_code(self, text: str) -> str | None:
        """The postal code of the text; of a country whose codes are known, one that has a place."""
        geography = self.router.geography
        for country in self.router.config.sites[self.click.site].countries:

            def is_known(code: str, country: str = country) -> bool:
                place = geography.of_postal_code(code, country)
                located = place is not None and place.coordinates is not None
                return located or not geography.places_codes_of(country)

            if code := read_postal_code(text, country, is_known):
                return code
        return None

    def masked(self, text: str) -> str:
        """The text without what must not be kept."""
        return mask(text, self.patterns).text

    def facts(self, answers: Mapping[str, str]) -> Facts:
        """What the flow's conditions may ask, with these answers."""
        click = self.click_with(answers)

        def place() -> Place:
            return self.router.geography.place(click, self.router.home_of(click.site)).place

        facts = facts_of(self.flow.wanted, click, place, self._here)
        values: dict[Path, Any] = dict(facts.values)
        for question in self.flow.questions:
            root, dot, key = question.key.partition(".")
            path = (root, key) if dot else ("answers", root)
            value = answers.get(question.key)
            if path in self.flow.wanted.declared and value is not None:
                values[path] = int(value) if question.kind == "year" else value
        if "nearest" in self.flow.wanted.roots:
            nearest = self.nearest(answers)
            values["nearest", "open"] = nearest is not None and nearest.open
            values["nearest", "label"] = nearest.label if nearest else ""
            if nearest and nearest.km is not None:
                values["nearest", "km"] = nearest.km
                values["nearest", "miles"] = nearest.km / KM_PER_MILE
        return Facts(values, facts.flaws, self.flow.wanted.maps)

    def value(self, name: str, answers: Mapping[str, str]) -> str:
        """What a placeholder stands for; empty where nobody knows."""
        if name == "site":
            return self.router.config.sites[self.click.site].label
        if name.startswith("nearest."):
            nearest = self.nearest(answers)
            if nearest is None:
                return ""
            if name == "nearest.label":
                return nearest.label
            if nearest.km is None:
                return ""
            length = nearest.km / KM_PER_MILE if name == "nearest.miles" else nearest.km
            return _rounded(length, "." if self.flow.language == "en" else ",")
        return value_of(name, self.click_with(answers)) or ""

    def click_with(self, answers: Mapping[str, str]) -> ClickToCall:
        """The click that a call with these answers would be."""
        return replace(self.click, context={**self.click.context, **answers})

    def nearest(self, answers: Mapping[str, str]) -> Nearest | None:
        """Decided by the very function that would plan the call; None where the route has no such step."""
        key = tuple(sorted(answers.items()))
        if key not in self._nearest:
            self._nearest[key] = self._find(self.click_with(answers))
        return self._nearest[key]

    def _find(self, click: ClickToCall) -> Nearest | None:
        decision = plan_call(click, self.router, "flow", self.directory, self.now, 0.0)
        here = decision.located.place.coordinates if decision.located else None
        steps = [step for stage in decision.stages for step in stage.steps if step.step.strategy == "nearest"]
        rung = [name for step in steps for name in step.order]
        if rung:
            return self._named(rung[0], here, is_open=True)
        near = [
            self._named(left.destination, here, is_open=False)
            for step in steps
            for left in step.left_out
            if left.why != "too_far" and left.destination in self.router.contacts
        ]
        return min(near, key=lambda each: (each.km is None, each.km or 0.0), default=None)

    def _named(self, name: str, here: tuple[float, float] | None, *, is_open: bool) -> Nearest:
        contact = self.router.contacts[name]
        there = contact.coordinates
        km = distance(here, there) if here is not None and there is not None else None
        return Nearest(is_open, contact.label, km)

    @property
    def _here(self) -> datetime:
        return self.now.astimezone(self.router.zones[self.click.site])


def _rounded(length: float, point: str) -> str:
    """A distance as people say it: 3.4, 12; never 0."""
    text = f"{max(length, 0.1):.1f}".removesuffix(".0") if length < 9.95 else f"{length:.0f}"
    return text.replace(".", point)
