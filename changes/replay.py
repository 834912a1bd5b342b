"""What clicks that were made would have led to with other settings. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from routing.decide import Decision, plan_call
from routing.directory import Directory
from routing.endings import ending_in_words
from routing.plan import ClickToCall
from routing.router import Router

MOST_CLICKS = 500


@dataclass(frozen=True, slots=True)
class RecordedClick:
    """A click that was made, and when: in seconds since the epoch."""

    call_id: str
    at: float
    click: ClickToCall


@dataclass(frozen=True, slots=True)
class Led:
    """Where a click leads to."""

    route: str
    #: Who rings, in order.
    rings: tuple[str, ...]
    ending: str
    queue: str | None


@dataclass(frozen=True, slots=True)
class Differing:
    """A click that leads somewhere else; None where its site is not there."""

    call_id: str
    at: float
    site: str
    page: str
    before: Led | None
    after: Led | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many clicks were replayed, and those that differ."""

    clicks: int
    differing: tuple[Differing, ...]


def led(decision: Decision) -> Led:
    """What a decision comes to."""
    plan = decision.plan
    names = (endpoint.destination for step in plan.steps for endpoint in step.endpoints)
    queue = plan.queue.queue if plan.queue else None
    return Led(plan.route, tuple(dict.fromkeys(names)), ending_in_words(plan.ending), queue)


def replay(clicks: Iterable[RecordedClick], before: Router, after: Router) -> Replayed:
    """Each click decided by both, as though everybody were free, with the middle as the draw of luck."""
    count = 0
    differing: list[Differing] = []
    for click in clicks:
        count += 1
        one, other = _decided(click, before), _decided(click, after)
        if one != other:
            differing.append(
                Differing(click.call_id, click.at, click.click.site, click.click.page, one, other)
            )
    return Replayed(count, tuple(differing))


def _decided(click: RecordedClick, router: Router) -> Led | None:
    if click.click.site not in router.config.sites:
        return None
    at = datetime.fromtimestamp(click.at, UTC)
    return led(plan_call(click.click, router, click.call_id, Directory(), at, 0.5))
