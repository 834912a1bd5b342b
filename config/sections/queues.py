"""The section ``queues``: how shoppers wait while everybody is busy.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.base import CallbackName, Model, PromptName
from config.draft import Draft
from config.fields import HOUR, MINUTE, Seconds, write_duration
from config.marks import Form, Usual
from config.problems import Loc
from config.section import UNUSED, Section
from config.sections.speech import Words, check_instead, check_spoken

Key = Annotated[str, Field(pattern=r"^[0-9*#]$"), Form("one key of a telephone: a digit, * or #")]


class Queue(Model):
    """How shoppers wait while everybody is busy."""

    prompt: PromptName | None = None
    """A recording in place of the announcement and the offer: it tells neither place nor wait."""
    announcement: Words = "You are number {position} in line. The wait is about {minutes}."
    """What the shopper hears again and again; {position} and {minutes} (`4 minutes`) are filled in."""
    offer: Words = "Press {key} to be called back instead of waiting."
    """What is added where a callback is offered."""
    announcement_interval: Annotated[
        Seconds,
        Field(ge=5),
        Usual(
            15, "the announcement alone takes about that long", 10 * MINUTE, "shoppers hardly ever hear it"
        ),
    ] = 45.0
    """How often."""
    music: PromptName | None = None
    """What the shopper hears while waiting, repeated; without it, the site's music or ringback tone."""
    longest_wait: Annotated[
        Seconds, Field(ge=1), Usual(20, "few agents are free that soon", 2 * HOUR, "nobody waits that long")
    ] = 900.0
    """The longest wait; then the route ends as it would without a queue."""
    most_waiting: Annotated[int, Field(ge=1, le=10000)] = 50
    """How many may wait; further calls go to the route's ending at once."""
    retry_interval: Annotated[
        Seconds, Field(ge=1), Usual(1, "", 5 * MINUTE, "a phone that becomes free is not rung until then")
    ] = 15.0
    """How often to ring phones again whose state Ringback does not know."""
    typical_call: Annotated[
        Seconds, Field(ge=5), Usual(15, "few calls are that short", 2 * HOUR, "few calls are that long")
    ] = 180.0
    """How long a call takes, for the expected wait until there is experience."""
    answer_within: Annotated[
        Seconds, Field(ge=1), Usual(5, "nobody can answer that soon", HOUR, "nobody waits that long")
    ] = 20.0
    """What counts as answered in time, for the service level in [reports](portal.md#reports) and on the
    wallboard."""
    callback: CallbackName | None = None
    """Terms of the callback for which the shopper may leave the queue."""
    callback_key: Key = "1"
    """The key for that."""


def check_queues(draft: Draft) -> None:
    """Problems and warnings of queues."""
    for name, queue in draft.items(Queue).items():
        _queue(draft, ("queues", name), queue)


def _queue(draft: Draft, loc: Loc, queue: Queue) -> None:
    check_spoken(draft, loc, queue, "announcement", "offer")
    check_instead(draft, loc, "prompt", "announcement")
    if queue.callback is None:
        for key in ("offer", "callback_key"):
            if draft.source.find((*loc, key)):
                draft.doubtful((*loc, key), 'has no effect without "callback"')
    elif "{key}" not in queue.offer and queue.callback_key not in queue.offer:
        draft.doubtful((*loc, "offer"), "does not say which key to press: write {key}")
    if queue.announcement_interval >= queue.longest_wait:
        draft.doubtful(
            draft.written((*loc, "announcement_interval"), (*loc, "longest_wait")),
            "nobody hears it twice: shoppers wait at most "
            f"{write_duration(queue.longest_wait)} (longest_wait)",
        )


QUEUES = Section(checks=(check_queues,), unused=UNUSED)
