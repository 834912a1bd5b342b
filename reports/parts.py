"""By what a call or a chat is counted, and what it adds. Pure.

Each is counted once under each *part* of the whole: ``all``, its route, its queue, and so on. So the values
of a part always add up to the whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args
from urllib.parse import urlsplit

from bridge.causes import Disposition
from bridge.cdr import CallRecord
from reports.counts import EARLY, bucket_of
from reports.tally import COUNTS, Count, CountTally

Channel = Literal["calls", "chats"]
#: What the whole may be told apart by. ``outcome``: the disposition of a call, the outcome of a chat.
Part = Literal["all", "route", "queue", "agent", "page", "rule", "outcome"]
PARTS: tuple[Part, ...] = get_args(Part)
#: What a part calls whatever belongs to none of its values: nobody's calls, calls without a queue.
NONE = ""
#: Pages of a site that are told apart on a day; further ones are counted under this.
MOST_PAGES, OTHER_PAGES = 200, "(other pages)"
#: Characters of a page's path that are kept.
LONGEST_PAGE = 80
#: Answered within so many seconds is in time, where no queue says otherwise.
IN_TIME = 20.0


#: Each disposition has its count.
_OF_DISPOSITION: Mapping[Disposition, Count] = {
    each: next(name for name in COUNTS if name == each.value) for each in Disposition
}


class PartKey(NamedTuple):
    """What is counted together."""

    channel: Channel
    part: Part
    #: When the bucket begins, seconds since the epoch.
    bucket: int
    site: str
    value: str


@dataclass(frozen=True, slots=True)
class CountedUnder:
    """What the settings say of calls and chats."""

    #: The queue of a route; empty for none.
    queue_of: Callable[[str], str]
    #: Within how many seconds a call or chat of a queue is to be answered.
    in_time: Callable[[str], float]
    #: The agent whom a destination rings; the destination itself where it is no agent's.
    agent_of: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class CountedChat:
    """An ended chat, as far as it is counted. Times are seconds since the epoch, lengths seconds."""

    chat_id: str
    site: str
    route: str
    queue: str
    page: str
    agent: str
    outcome: str
    asked_at: float
    waited: float
    accepted_at: float | None
    first_answer_at: float | None
    ended_at: float
    handled: float
    replies: int
    reply_seconds: float


def page_group(page: str) -> str:
    """The path of a page without what tells one shopper or order from another; empty for none."""
    path = urlsplit(page).path if "://" in page else page.partition("?")[0].partition("#")[0]
    steps = [_step(step) for step in path.split("/")[:5]]
    return "/".join(steps)[:LONGEST_PAGE]


def _step(step: str) -> str:
    return "#" if re.fullmatch(r"(?=.*\d)[0-9A-Za-z%._~-]{6,}|\d+", step) else step


def parts_of_call(
    record: CallRecord, rule: str, around: CountedUnder, wrap_up: float
) -> dict[PartKey, CountTally]:
    """What one ended call adds to each part; ``wrap_up`` is in seconds."""
    took = next(
        (leg.destination for leg in record.legs if leg.role == "business" and leg.joined_at is not None), ""
    )
    queue = around.queue_of(record.route)
    shoppers = [leg for leg in record.legs if leg.role == "shopper"]
    early = record.ended_at - record.requested_at <= EARLY
    answered = record.bridged_at is not None
    # A wall clock that was set back under an old call makes no wait negative.
    wait = max(0.0, record.bridged_at - record.requested_at) if record.bridged_at is not None else None
    refused = record.disposition is Disposition.REFUSED
    counts: dict[Count, float] = {
        # What a limit refused was never taken by a route.
        "offered": int(not refused),
        "early": int(record.disposition is Disposition.CANCELLED and early),
        "answered": int(answered),
        "in_time": int(wait is not None and wait <= around.in_time(queue)),
        "dialled": int(bool(shoppers)),
        "reached": int(any(leg.answered_at is not None for leg in shoppers)),
        "overload": int(record.reason == "out_of_capacity"),
        "wait": wait or 0.0,
        "talk": record.talk_seconds,
        "wrap": wrap_up,
    }
    counts[_OF_DISPOSITION[record.disposition]] = 1
    tally = CountTally.of(counts, wait=wait)
    values: Mapping[Part, str] = {
        "all": NONE,
        "route": record.route,
        "queue": queue,
        "agent": around.agent_of(took) if took else NONE,
        "page": page_group(record.page),
        "rule": rule,
        "outcome": record.disposition.value,
    }
    bucket = bucket_of(record.requested_at)
    return {PartKey("calls", part, bucket, record.site, values[part]): tally for part in PARTS}


def parts_of_chat(chat: CountedChat, rule: str, around: CountedUnder) -> dict[PartKey, CountTally]:
    """What one ended chat adds to each part."""
    accepted, replied = chat.accepted_at is not None, chat.first_answer_at is not None
    early = not accepted and chat.ended_at - chat.asked_at <= EARLY
    # Holding words are said by nobody: a chat is answered by the first words of a person.
    first = max(0.0, chat.first_answer_at - chat.asked_at) if chat.first_answer_at is not None else None
    tally = CountTally.of(
        {
            "offered": 1,
            "early": int(early),
            "answered": int(accepted),
            "in_time": int(accepted and chat.waited <= around.in_time(chat.queue)),
            "wait": chat.waited if accepted else 0.0,
            "handled": chat.handled,
            "replied": int(replied),
            "first_answer": first or 0.0,
            "replies": chat.replies,
            "reply": chat.reply_seconds,
        },
        wait=chat.waited if accepted else None,
        first=first,
    )
    values: Mapping[Part, str] = {
        "all": NONE,
        "route": chat.route,
        "queue": chat.queue,
        "agent": chat.agent,
        "page": page_group(chat.page),
        "rule": rule,
        "outcome": chat.outcome,
    }
    bucket = bucket_of(chat.asked_at)
    return {PartKey("chats", part, bucket, chat.site, values[part]): tally for part in PARTS}
