"""A decision in words, step by step: the trail that the server's own function left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from routing.contacts import Contact
from routing.decide import Decision, Queued, Stage
from routing.endings import ending_in_words
from routing.hours import OpeningHours
from routing.places import Place
from routing.plan import CallPlan, OfferCallback, PlannedStep, TakeMessage
from routing.router import Router
from routing.sphere import distance
from routing.strategies import Arranged, LeftOut, StepRule, WavePhone, away
from routing.tree import Outcome, RouteNode, Tried

_SCREENED = {"none": "", "press_1": " (press 1)", "amd": " (press 1, no machines)"}
#: The explanation lists at most this many branches that the index passed over.
TOLD = 10
_HOW = {
    "all": "all at once",
    "in_order": "one after the other",
    "round_robin": "one after the other, the longest since its turn first",
    "longest_idle": "one after the other, the longest idle first",
    "memory": "the first, then one more at a time",
    "weighted": "one after the other, in a random order by weight",
    "nearest": "one after the other, the nearest first",
}


@dataclass(frozen=True, slots=True)
class ExplanationLine:
    """One line of an explanation; ``depth`` is how far it is indented."""

    depth: int
    text: str
    tone: Literal["head", "yes", "no", "plain"] = "plain"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One phone of a plan, and when it rings if nobody before it answers: seconds after the hunt begins."""

    destination: str
    label: str
    begins: float
    ends: float


def explain(decision: Decision, router: Router) -> tuple[ExplanationLine, ...]:
    """Why each route did or did not take the call, who rings in which order, and until when."""
    return tuple(_lines(decision, router))


def timeline(plan: CallPlan) -> tuple[TimelineEntry, ...]:
    """When each phone of the plan rings, if nobody answers."""
    found: list[TimelineEntry] = []
    at = 0.0
    for step in plan.steps:
        rows = list(_step_times(step, at))
        found += rows
        at = max(row.ends for row in rows)
    return tuple(found)


def moment(at: datetime) -> str:
    """A point in time as people say it."""
    return f"{at:%a %Y-%m-%d %H:%M}"


def _lines(decision: Decision, router: Router) -> Iterator[ExplanationLine]:
    click, now = decision.click, decision.now
    by_pc = " to talk by PC" if click.by == "pc" else ""
    yield ExplanationLine(0, f"Click on {click.site}{by_pc}, {moment(now)} ({now.tzinfo})", "head")
    if decision.located:
        for finding in decision.located.trail:
            yield ExplanationLine(
                1, f"{finding.source}: {finding.reason}", "plain" if finding.place else "no"
            )
        yield ExplanationLine(1, f"the shopper is at: {decision.located.place}", "yes")
    for number, stage in enumerate(decision.stages):
        yield ExplanationLine(
            0, f"Route {stage.root.name}" if not number else f"Otherwise: route {stage.root.name}", "head"
        )
        for tried in _with_passed_over(stage):
            yield from _tried(tried, decision)
        for arranged in stage.steps:
            yield from _step(arranged, decision, router)
    if decision.queued:
        yield _queued(decision.queued)
    yield from _ending(decision)


def _with_passed_over(stage: Stage) -> Iterator[Tried | tuple[int, list[RouteNode]]]:
    """The trail, and before what follows a route's last branch, those that its index passed over."""
    tried = {entry.route.name for entry in stage.trail}
    for number, entry in enumerate(stage.trail):
        yield entry
        if entry.outcome is not Outcome.ENTERED:
            continue
        branches = entry.route.branches
        below = [later.route.name for later in stage.trail[number + 1 :] if later.depth == entry.depth + 1]
        last = max((index for index, branch in enumerate(branches) if branch.name in below), default=-1)
        won = last >= 0 and any(
            route.name in _names(branches[last]) and not branches[last].goes_on for route in stage.taken
        )
        before = branches[: last + 1] if won else branches
        if passed := [branch for branch in before if branch.name not in tried]:
            yield entry.depth + 1, passed


def _names(route: RouteNode) -> set[str]:
    return {route.name}.union(*(_names(branch) for branch in route.branches))


def _tried(tried: Tried | tuple[int, list[RouteNode]], decision: Decision) -> Iterator[ExplanationLine]:
    if not isinstance(tried, Tried):
        depth, passed = tried
        for route in passed[:TOLD]:
            yield ExplanationLine(depth + 1, f"{route.name}: no, {_why_not(route, decision)}", "no")
        if len(passed) > TOLD:
            yield ExplanationLine(
                depth + 1, f"… and {len(passed) - TOLD} more whose conditions cannot be true", "no"
            )
        return
    route, depth = tried.route, tried.depth + 1
    match tried.outcome:
        case Outcome.ENTERED:
            yield ExplanationLine(
                depth, f"{route.name}: matches{_because(route)}; its branches decide", "yes"
            )
        case Outcome.TAKEN if route.branches:
            yield ExplanationLine(depth, f"{route.name}: takes the call, because no branch does", "yes")
        case Outcome.TAKEN:
            on = ", and the next branches are tried too" if route.goes_on else ""
            yield ExplanationLine(depth, f"{route.name}: takes the call{_because(route)}{on}", "yes")
        case Outcome.NO_BRANCH:
            yield ExplanationLine(
                depth,
                f"{route.name}: no, no branch takes the call, and it has no steps or ending of its own",
                "no",
            )
        case Outcome.FALSE:
            yield ExplanationLine(depth, f"{route.name}: no, {_why_not(route, decision)}", "no")
        case Outcome.CLOSED:
            assert route.hours is not None  # noqa: S101 - else it could not be closed
            yield ExplanationLine(depth, f"{route.name}: no, closed{_until(route.hours, decision.now)}", "no")


def _because(route: RouteNode) -> str:
    return f", because {route.condition.text}" if route.condition else ""


def _why_not(route: RouteNode, decision: Decision) -> str:
    return route.condition.why_not(decision.facts) if route.condition else "not reached"


def _step(arranged: Arranged, decision: Decision, router: Router) -> Iterator[ExplanationLine]:
    rule = arranged.step
    yield ExplanationLine(1, f"{rule.name}: {_HOW[rule.strategy]}, {rule.timeout:g} s", "head")
    for name in arranged.order:
        contact = router.contacts[name]
        phones = [phone for wave in arranged.waves for phone in wave.ringing if phone.destination == name]
        when = ", ".join(_ringing(phone, contact) for phone in phones) + _away(contact, rule, decision)
        open_ = _until(contact.hours, decision.now) if contact.hours else ""
        yield ExplanationLine(
            2, f"{name} ({contact.label}): rings {when}{', open' + open_ if open_ else ''}", "yes"
        )
    for left in arranged.left_out:
        yield ExplanationLine(2, _left_out(left, decision, router), "no")
    if not arranged.waves:
        yield ExplanationLine(2, "nobody in this step can be rung", "no")


def _away(contact: Contact, rule: StepRule, decision: Decision) -> str:
    """How far away the contact is, if distance decides the order."""
    here = decision.located.place if decision.located else Place()
    if rule.strategy != "nearest" or contact.coordinates is None or here.coordinates is None:
        return ""
    return f", {away(distance(here.coordinates, contact.coordinates), here.radius_km or 0.0)} away"


def _ringing(phone: WavePhone, contact: Contact) -> str:
    begins = f" from {phone.delay:g} s" if phone.delay else ""
    return f"{phone.timeout:g} s{begins}{_SCREENED[contact.phones[phone.place].screening]}"


def _left_out(left: LeftOut, decision: Decision, router: Router) -> str:
    detail = left.detail
    if left.why == "closed":
        contact = router.contacts[left.destination]
        hours = contact.hours if left.place is None else contact.phones[left.place].hours
        detail = f"closed{_until(hours, decision.now) if hours else ''}"
    place = f", place {left.place}" if left.place is not None else ""
    return f"{left.destination}{place}: not rung, {detail}"


def _until(hours: OpeningHours, now: datetime) -> str:
    change = hours.next_change(now)
    return f" until {moment(change.astimezone(now.tzinfo))}" if change else " for years to come"


def _ending(decision: Decision) -> Iterator[ExplanationLine]:
    plan = decision.plan
    rows = timeline(plan)
    if not rows:
        yield _nobody(plan)
    else:
        turn = f", waits for its turn in queue {plan.queue.queue}" if plan.queue else ""
        yield ExplanationLine(0, f"The call takes route {plan.route}{turn} and rings", "head")
    for number, row in enumerate(rows, 1):
        yield ExplanationLine(
            1, f"{number}. {row.label} ({row.destination}), from {row.begins:g} s to {row.ends:g} s", "yes"
        )
    if rows:
        yield ExplanationLine(
            1, f"if nobody answers, the hunt ends after {max(row.ends for row in rows):g} s"
        )
    if rows or plan.queue:
        tone: Literal["plain", "no"] = "plain" if plan.ending else "no"
        yield ExplanationLine(1, f"otherwise: {ending_in_words(plan.ending)}", tone)


def _nobody(plan: CallPlan) -> ExplanationLine:
    if plan.queue:
        return ExplanationLine(0, f"Nobody is free: the shopper waits in queue {plan.queue.queue}", "head")
    match plan.ending:
        case TakeMessage(mailbox=mailbox):
            after = f"Ringback dials the shopper, who leaves a message in mailbox {mailbox}"
            return ExplanationLine(0, f"Nobody can be rung: {after}", "head")
        case OfferCallback(terms=terms):
            after = f"Ringback does not dial the shopper now, and calls back with terms {terms}"
            return ExplanationLine(0, f"Nobody can be rung: {after}", "head")
    return ExplanationLine(0, "Nobody can be rung: Ringback tells the shopper, and does not dial", "no")


def _queued(queued: Queued) -> ExplanationLine:
    match queued.outcome:
        case "waits":
            return ExplanationLine(
                0, f"Queue {queued.queue}: the call may wait there until somebody is free", "yes"
            )
        case "full":
            return ExplanationLine(0, f"Queue {queued.queue}: no, it is full", "no")
    return ExplanationLine(
        0, f"Queue {queued.queue}: no, all destinations of the route are closed or logged out", "no"
    )


def _step_times(step: PlannedStep, at: float) -> Iterator[TimelineEntry]:
    timeouts = step.timeouts or (step.timeout,) * len(step.endpoints)
    delays = step.delays or (0.0,) * len(step.endpoints)
    for endpoint, timeout, delay in zip(step.endpoints, timeouts, delays, strict=True):
        begins = at + delay
        yield TimelineEntry(endpoint.destination, endpoint.label, begins, begins + timeout)
        if step.strategy == "in_order":
            at += timeout
