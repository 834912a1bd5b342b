"""The section ``routes``: what ring steps must keep; :mod:`config.sections.route_tree` looks at the whole."""

from __future__ import annotations

from config.draft import Draft
from config.fields import write_duration
from config.problems import Loc, suggest
from config.section import UNUSED, Section
from config.sections.destinations import Destination
from config.sections.route import RingStep, Route
from config.sections.route_tree import check_route_tree
from config.sections.speech import check_whisper
from config.sections.stores import StoreTable

#: Strategies whose destinations ring together.
TOGETHER = ("all", "memory")


def check_routes(draft: Draft) -> None:
    """Problems and warnings of single routes and their ring steps."""
    for name, route in draft.items(Route).items():
        _early_media(draft, ("routes", name), route)
        for number, step in enumerate(route.steps or ()):
            loc: Loc = ("routes", name, "steps", number)
            _step(draft, loc, step)
            _delays(draft, loc, step)
            check_whisper(draft, (*loc, "whisper"), step.whisper)


def _step(draft: Draft, loc: Loc, step: RingStep) -> None:
    for index, destination in enumerate(step.destinations):
        if destination in step.destinations[:index]:
            draft.doubtful((*loc, "destinations", index), "is in this step twice: remove one")
    for name in step.delay:
        if name not in step.destinations:
            tip = suggest(name, step.destinations, "destinations of this step")
            draft.wrong((*loc, "delay", name), f"not a destination of this step: {tip}")
    if step.delay and step.strategy not in TOGETHER:
        draft.doubtful(
            (*loc, "delay"), f"has no effect with {step.strategy}: destinations ring one after the other"
        )
    for index, name in enumerate(step.destinations):
        if name in draft.items(StoreTable) and step.strategy != "nearest" and step.limit is None:
            draft.wrong(
                (*loc, "destinations", index),
                'every row of the table would ring: add "limit", or use the strategy nearest',
            )
    if step.max_distance_km and step.strategy != "nearest":
        draft.doubtful((*loc, "max_distance_km"), "has no effect: the strategy is not nearest")


def _early_media(draft: Draft, loc: Loc, route: Route) -> None:
    if not route.early_media:
        return
    for name in dict.fromkeys(name for step in route.steps or () for name in step.destinations):
        known = draft.items(Destination).get(name)
        ways = {known.screening, *(place.screening for place in known.find_me)} if known else set()
        if ways & {"press_1", "amd"}:
            draft.doubtful(
                (*loc, "early_media"),
                f"the shopper may hear what {name} is screened for: a voicemail that speaks before it "
                "answers",
            )


def _delays(draft: Draft, loc: Loc, step: RingStep) -> None:
    """Who would begin to ring when the step is over."""
    together = {"all": 1, "memory": len(step.destinations)}.get(step.strategy)
    if together is None:
        return
    for destination, delay in step.delay.items():
        begins = delay
        if step.strategy == "memory" and destination in step.destinations:
            begins += step.destinations.index(destination) * step.timeout
        if destination in step.destinations and begins >= together * step.timeout:
            draft.wrong(
                (*loc, "delay", destination),
                f"never rings: it would start after {write_duration(begins)}, but the step ends after "
                f"{write_duration(together * step.timeout)}. Shorten the delay, or increase timeout",
            )
    if step.delay and min(step.delay.get(each, 0.0) for each in step.destinations) > 0:
        draft.doubtful(
            (*loc, "delay"),
            "every destination of the step has a delay, so nobody rings at first: leave one without a delay",
        )


ROUTES = Section(checks=(check_routes, check_route_tree), unused=UNUSED)
