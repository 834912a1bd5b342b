"""One route: its settings.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from config.base import (
    CallbackName,
    Condition,
    HoursName,
    MailboxName,
    Model,
    Named,
    QueueName,
    RingSeconds,
    RouteName,
)
from config.fields import Seconds
from config.sections.speech import Whisper

Next = Literal["next", "next_step", "retry", "end"]


class RingStep(Model):
    """One stage of the hunt: who is rung, and how."""

    strategy: Literal["all", "in_order", "round_robin", "longest_idle", "memory", "weighted", "nearest"] = (
        "all"
    )
    """`all` at once; `in_order` one after the other; `round_robin` likewise, each call beginning one further;
    `longest_idle` the one first whose last call is longest ago; `memory` the first, then the first two, then
    the first three; `weighted` in an order drawn by weight; `nearest` the ones closest to the shopper."""
    destinations: Annotated[tuple[Named, ...], Field(min_length=1)]
    """Who is rung: destinations, rows of a store table (`shops/boston`), or a whole table (`shops`)."""
    timeout: RingSeconds = 20.0
    """How long each destination rings, or each group that rings together."""
    delay: dict[Named, Seconds] = {}
    """In `all` and `memory`: destinations that begin to ring so much later than the others."""
    limit: Annotated[int, Field(ge=1, le=100)] | None = None
    """At most so many destinations, the best by the strategy; without a number 5 for `nearest`, else all."""
    max_distance_km: Annotated[int, Field(ge=1, le=20_100)] | None = None
    """In `nearest`: leave out who is further away."""
    whisper: Whisper | None = None
    """What people are told who take a call, before the shopper hears them, unless the destination has a
    whisper of its own; without one, what the site says. `{}`: nothing."""
    on_busy: Next = "next"
    """A destination is busy: ring the `next`, leave this step (`next_step`), `retry` it once more at the
    step's end, or `end` the hunt."""
    on_declined: Next = "next"
    """A destination declines the call: the same choices."""
    on_unreachable: Next = "next"
    """A destination cannot be reached: the same choices."""
    on_no_answer: Next = "next"
    """A destination does not answer: the same choices."""


class Last(NamedTuple):
    """What follows when nobody has taken a call: another route, a mailbox, or terms of a callback."""

    kind: Literal["otherwise", "message", "callback"]
    name: str


class Route(Model):
    """Who rings for a call, in ring steps, and what happens around it; or branches that decide."""

    when: Condition | None = None
    """Only calls for which this condition in CEL is true; it may use call, page, cart, visitor, customer, geo
    and now."""
    hours: HoursName | None = None
    """Only while these hours are open."""
    branches: tuple[RouteName, ...] = ()
    """Child routes: the first one that matches takes the call. They inherit what they leave out."""
    continue_: bool = Field(default=False, alias="continue")
    """Having matched as a branch, add the steps and go on to the next branch all the same."""
    steps: tuple[RingStep, ...] | None = None
    """The ring steps, the first one first. A branch without steps takes its parent's."""
    otherwise: RouteName | None = None
    """The route that takes over when the steps are exhausted, or nobody of them can be rung now, or the root
    does not match. Inherited; as are `message` and `callback`, of which a route has one at most."""
    message: MailboxName | None = None
    """The mailbox where the shopper leaves a message in that case."""
    callback: CallbackName | None = None
    """The terms by which the shopper is called back in that case."""
    queue: QueueName | None = None
    """The queue in which calls wait while everybody is busy. Inherited."""
    dial_business: Literal["at_once", "after_greeting"] | None = None
    """Dial the business while the greeting still plays, or after it. Inherited; at the root `at_once`."""
    early_media: bool | None = None
    """Let the shopper hear the business's early media (RFC 3960) when only one destination rings, as soon as
    it arrives; until then, and when it has stopped for 6 s, they hear ringback. Inherited; at the root
    false."""
    on_loss: Literal["end", "redial"] | None = None
    """What becomes of a call when the media worker of the shopper's leg died: end it, or dial the shopper
    once more. Inherited; at the root `end`."""

    @property
    def last(self) -> Last | None:
        """Its own ``otherwise``, ``message`` or ``callback``, of which a checked config has one at most."""
        if self.otherwise is not None:
            return Last("otherwise", self.otherwise)
        if self.message is not None:
            return Last("message", self.message)
        return None if self.callback is None else Last("callback", self.callback)


def reached(routes: Mapping[str, Route], starts: Iterable[str]) -> list[str]:
    """The routes that calls may come to which begin at ``starts``: their branches, and ``otherwise``."""
    found: dict[str, None] = {}
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        if name in found or (route := routes.get(name)) is None:
            continue
        found[name] = None
        waiting += [*route.branches, *([route.otherwise] if route.otherwise else [])]
    return list(found)
