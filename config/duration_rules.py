"""Times that are right by their form and absurd where they stand: a unit forgotten, or a nought too many."""

from __future__ import annotations

from typing import NamedTuple

from config.draft import Draft
from config.fields import parse_duration, parse_window, write_duration
from config.problems import Loc


class Sensible(NamedTuple):
    """What a setting is hardly ever less or more than, in seconds, and what comes of it."""

    least: float
    too_short: str
    most: float
    too_long: str


_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_RINGS = Sensible(
    5,
    "nobody reaches a phone so soon",
    3 * _MINUTE,
    "no network lets a phone ring so long, and the shopper waits",
)
SENSIBLE: dict[Loc, Sensible] = {
    ("sites", "*", "ring_timeout"): Sensible(
        10, "nobody reaches a phone so soon", 3 * _MINUTE, "no network lets a phone ring so long"
    ),
    ("sites", "*", "max_duration"): Sensible(_MINUTE, "every call is cut off then", _DAY, "no bound"),
    ("sites", "*", "media_timeout"): Sensible(
        5, "a short gap of the network ends the call", 10 * _MINUTE, "a dead call goes on for so long"
    ),
    ("sites", "*", "screening", "timeout"): Sensible(
        5, "nobody hears the prompt to its end", 2 * _MINUTE, "the shopper waits for a voicemail meanwhile"
    ),
    ("destinations", "*", "find_me", "*", "timeout"): _RINGS,
    ("routes", "*", "steps", "*", "timeout"): _RINGS,
    ("queues", "*", "announcement_interval"): Sensible(
        15, "the announcement itself takes about that", 10 * _MINUTE, "shoppers hear it hardly ever"
    ),
    ("queues", "*", "longest_wait"): Sensible(20, "few are free so soon", 2 * _HOUR, "nobody waits so long"),
    ("queues", "*", "retry_interval"): Sensible(1, "", 5 * _MINUTE, "who is free meanwhile is not rung"),
    ("queues", "*", "typical_call"): Sensible(15, "few calls are so short", 2 * _HOUR, "few are so long"),
    ("callbacks", "*", "pause"): Sensible(_MINUTE, "nobody is back so soon", _DAY, "who waits so long"),
    ("server", "drain_timeout"): Sensible(0, "", 12 * _HOUR, "a restart may wait for that"),
    ("desk", "wrap_up"): Sensible(0, "", 30 * _MINUTE, "the agent gets no call meanwhile"),
}  # fmt: skip


def check_durations(draft: Draft) -> None:
    """Warnings for times that make no sense, and for those that exclude each other."""
    for pattern, sensible in SENSIBLE.items():
        for loc, text in draft.at(pattern):
            try:
                seconds = parse_duration(text)
            except ValueError:
                continue  # the models have told
            if seconds < sensible.least:
                draft.doubtful(
                    loc, f"{write_duration(seconds)} is very short: {sensible.too_short}. Is the unit right?"
                )
            elif seconds > sensible.most:
                draft.doubtful(
                    loc, f"{write_duration(seconds)} is very long: {sensible.too_long}. Is the unit right?"
                )
    _delays(draft)
    _queues(draft)
    _callbacks(draft)
    _limits(draft)


def _delays(draft: Draft) -> None:
    """Who would begin to ring when the step is over."""
    for name, route in draft.routes.items():
        for number, step in enumerate(route.steps or ()):
            together = {"all": 1, "memory": len(step.destinations)}.get(step.strategy)
            if together is None:
                continue
            for destination, delay in step.delay.items():
                begins = delay
                if step.strategy == "memory" and destination in step.destinations:
                    begins += step.destinations.index(destination) * step.timeout
                if destination in step.destinations and begins >= together * step.timeout:
                    draft.wrong(
                        ("routes", name, "steps", number, "delay", destination),
                        f"never rings: it would begin after {write_duration(begins)}, the step ends after "
                        f"{write_duration(together * step.timeout)}. Shorten the delay, or lengthen timeout",
                    )
            if step.delay and min(step.delay.get(each, 0.0) for each in step.destinations) > 0:
                draft.doubtful(
                    ("routes", name, "steps", number, "delay"),
                    "everybody of the step begins later, so nobody rings at first: leave one without a delay",
                )


def _queues(draft: Draft) -> None:
    for name, queue in draft.queues.items():
        loc: Loc = ("queues", name)
        if queue.announcement_interval >= queue.longest_wait:
            draft.doubtful(
                draft.written((*loc, "announcement_interval"), (*loc, "longest_wait")),
                "nobody hears it a second time: shoppers wait no longer than "
                f"{write_duration(queue.longest_wait)}, by longest_wait",
            )


def _callbacks(draft: Draft) -> None:
    for name, terms in draft.callbacks.items():
        loc: Loc = ("callbacks", name)
        if terms.tries > 1 and terms.pause >= terms.longest_delay:
            draft.doubtful(
                draft.written((*loc, "pause"), (*loc, "longest_delay")),
                f"there is no second try: {write_duration(terms.pause)} later longest_delay is over",
            )


def _limits(draft: Draft) -> None:
    for key in ("calls_per_number", "calls_per_ip", "numbers_per_ip", "calls_per_site"):
        for loc, text in draft.at(("sites", "*", "limits", key, "*")):
            try:
                window = parse_window(text)
            except ValueError:
                continue
            if window.times == 0:
                draft.doubtful(loc, "no call is ever allowed: write at least 1")
        for name, site in draft.sites.items():
            here: Loc = ("sites", name, "limits", key)
            if draft.source.find(here) and not getattr(site.limits, key):
                draft.doubtful(here, "nothing is limited: leave the line out for the usual limits")
