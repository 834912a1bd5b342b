"""The route tree: which routes take a call. Branches inherit, the first match wins, ``continue`` goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from config.sections.route import Last
from expressions.conditions import Condition
from expressions.facts import Facts
from routing.hours import OpeningHours
from routing.index import BranchIndex
from routing.steps import PreparedStep


@dataclass(frozen=True, slots=True)
class RouteNode:
    """A route, compiled: with its branches, and with what it inherits filled in."""

    name: str
    condition: Condition | None
    hours: OpeningHours | None
    branches: tuple[RouteNode, ...]
    index: BranchIndex
    goes_on: bool
    #: Its own steps, or its parent's; empty where neither has any.
    steps: tuple[PreparedStep, ...]
    #: What follows when nobody takes the call, its own or inherited.
    last: Last | None
    #: The queue in which calls wait, its own or inherited.
    queue: str | None
    #: Whether it takes a call that none of its branches wants.
    takes: bool
    dial_business: Literal["at_once", "after_greeting"]
    early_media: bool
    on_loss: Literal["end", "redial"]


class Outcome(StrEnum):
    """What became of a route that was tried."""

    ENTERED = "entered"  # it matches; its branches are tried next
    TAKEN = "taken"
    FALSE = "false"
    CLOSED = "closed"
    NO_BRANCH = "no_branch"  # no branch matches, and it has no steps and no last resort of its own


class Tried(NamedTuple):
    """One line of the trail: a route that was tried, so many levels below the root."""

    route: RouteNode
    depth: int
    outcome: Outcome


def match(root: RouteNode, facts: Facts, now: datetime, trail: list[Tried]) -> list[RouteNode]:
    """The routes that take the call, the first one first; what was tried is added to ``trail``.

    Several only where one says ``continue``. None where the root does not match, or nothing in it does.
    """
    return _visit(root, 0, facts, now, trail)


def _visit(route: RouteNode, depth: int, facts: Facts, now: datetime, trail: list[Tried]) -> list[RouteNode]:
    if route.condition is not None and not route.condition.holds(facts):
        trail.append(Tried(route, depth, Outcome.FALSE))
        return []
    if route.hours is not None and not route.hours.is_open(now):
        trail.append(Tried(route, depth, Outcome.CLOSED))
        return []
    taken: list[RouteNode] = []
    if route.branches:
        trail.append(Tried(route, depth, Outcome.ENTERED))
        for number in route.index.candidates(facts.values):
            branch = route.branches[number]
            found = _visit(branch, depth + 1, facts, now, trail)
            taken += found
            if found and not branch.goes_on:
                break
    if taken:
        return taken
    if not route.takes:
        trail.append(Tried(route, depth, Outcome.NO_BRANCH))
        return []
    trail.append(Tried(route, depth, Outcome.TAKEN))
    return [route]
