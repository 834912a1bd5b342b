"""Whether a site's shoppers would reach anybody now, by the very functions that decide calls. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Literal

from routing.contacts import Contact
from routing.decide import Decision, chat_turn, plan_call
from routing.directory import Directory
from routing.endings import stand_in
from routing.hours import OpeningHours
from routing.plan import ClickToCall
from routing.router import Router
from routing.tree import RouteNode

#: What stands for a destination that takes as many calls as come.
WITHOUT_LIMIT = 1_000_000
#: How far ahead a change is looked for, and how many changes of opening hours are tried.
AHEAD = timedelta(days=14)
MOST_TRIED = 200


@dataclass(frozen=True, slots=True)
class Reach:
    """What becomes of somebody who clicks now."""

    #: Whether somebody is rung, at once or after waiting in line.
    reached: bool
    #: Whether the business is open: somebody would be rung if all were idle and logged in.
    open: bool
    #: How many shoppers could be put through at once; :data:`WITHOUT_LIMIT` for as many as come.
    free: int
    #: Where they wait while all are busy.
    queue: str | None
    #: What they can have instead.
    instead: Literal["callback", "message"] | None


def reach(click: ClickToCall, router: Router, directory: Directory, now: datetime) -> Reach:
    """How a click would fare; ``now`` is aware, in any zone."""
    decision = plan_call(click, router, "", directory, now, 0.0)
    waits = decision.queued is not None and decision.queued.outcome == "waits"
    return Reach(
        reached=bool(decision.plan.steps) or waits,
        open=bool(decision.plan.steps) or waits or _open(click, router, now),
        free=_free(decision, router, directory),
        queue=decision.queued.queue if decision.queued else None,
        instead=_instead(decision, router, directory),
    )


def reach_by_chat(click: ClickToCall, router: Router, directory: Directory, now: datetime) -> Reach:
    """The same for a chat of a site that has settings for chats; ``directory`` says who has room for one."""
    turn = chat_turn(click, router, directory, now, 0.0)
    asked = {agent for _, agents in turn.rounds for agent in agents}
    waiting = directory.waiting.get(turn.queue, 0) if turn.queue else 0
    waits = turn.queue is not None and bool(turn.crew)
    chat = router.config.sites[click.site].chat
    return Reach(
        reached=bool(asked) or waits,
        open=bool(asked) or waits or _open_for_chats(click, router, now),
        free=max(0, len(asked) - waiting),
        queue=turn.queue,
        instead=chat.otherwise[0] if chat and chat.otherwise else None,
    )


def next_change(click: ClickToCall, router: Router, now: datetime, *, chat: bool = False) -> datetime | None:
    """When ``open`` changes next by opening hours, in UTC; None where it does not within two weeks."""
    site = router.config.sites[click.site]
    is_open = _open_for_chats if chat else _open
    before = is_open(click, router, now)
    root = site.chat.route if chat and site.chat else site.route
    moments = {at for hours in _hours_of(router, root) for at in _changes(hours, now)}
    for at in sorted(moments)[:MOST_TRIED]:
        if is_open(click, router, at) is not before:
            return at
    return None


def _open_for_chats(click: ClickToCall, router: Router, now: datetime) -> bool:
    """Whether anybody could chat, were all of them there with room."""
    return bool(chat_turn(click, router, Directory(), now, 0.0).rounds)


def _open(click: ClickToCall, router: Router, now: datetime) -> bool:
    """Whether anybody would be rung, were all of them there and idle."""
    return bool(plan_call(click, router, "", Directory(), now, 0.0).plan.steps)


def _free(decision: Decision, router: Router, directory: Directory) -> int:
    """Those who wait in line come first."""
    names = {endpoint.destination for step in decision.plan.steps for endpoint in step.endpoints}
    free = 0
    for name in names:
        contact = router.contacts.get(name)
        if contact is None or contact.agent is not None:
            free += 1
        elif contact.max_calls is None:
            return WITHOUT_LIMIT
        else:
            free += max(0, contact.max_calls - directory.of(name).live_calls)
    waiting = directory.waiting.get(decision.queued.queue, 0) if decision.queued else 0
    return max(0, free - waiting)


def _instead(
    decision: Decision, router: Router, directory: Directory
) -> Literal["callback", "message"] | None:
    last = decision.stages[-1].last
    if last is None or last.kind == "otherwise":
        return None
    if last.kind == "callback":
        return "callback"
    if directory.can_record and decision.click.by == "phone":
        return "message"
    return "callback" if stand_in(last.name, router.config.callbacks) else None


def _changes(hours: OpeningHours, now: datetime) -> Iterator[datetime]:
    at, end = now, now + AHEAD
    for _ in range(MOST_TRIED):
        change = hours.next_change(at)
        if change is None or change > end:
            return
        at = change
        yield change.astimezone(UTC)


def _contacts(names: Iterable[str], router: Router) -> Iterator[Contact]:
    for name in names:
        if name in router.contacts:
            yield router.contacts[name]
        else:
            for store in islice(router.tables[name], MOST_TRIED):
                yield router.contacts[f"{name}/{store.name}"]


def _hours_of(router: Router, root: str) -> Iterable[OpeningHours]:
    """All opening hours on the way from a route; of a table of stores, those of some."""
    found: dict[int, OpeningHours] = {}

    def note(hours: OpeningHours | None) -> None:
        if hours is not None:
            found[id(hours)] = hours

    def walk(node: RouteNode) -> None:
        if node.name in seen:
            return
        seen.add(node.name)
        note(node.hours)
        for step in node.steps:
            for contact in _contacts(step.destinations, router):
                note(contact.hours)
                for phone in contact.phones:
                    note(phone.hours)
        for branch in node.branches:
            walk(branch)
        if node.last is not None and node.last.kind == "otherwise":
            walk(router.nodes[node.last.name])

    seen: set[str] = set()
    walk(router.nodes[root])
    return found.values()
