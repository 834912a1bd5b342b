"""By what a call or a chat is counted, and what it adds. Pure.

Each is counted once under each *part* of the whole: ``all``, its route, its queue, and so on. So the values
of a part always add up to the whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
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
#: Pieces between its slashes that are kept, the empty one before the first slash included.
MOST_STEPS_OF_PAGE = 5
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
class CountedCall:
    """An ended call, as far as it is counted. Times are seconds since the epoch, lengths seconds."""

    call_id: str
    site: str
    route: str
    page: str
    #: The destination that took it; empty for nobody.
    took: str
    disposition: str
    reason: str | None
    requested_at: float
    bridged_at: float | None
    ended_at: float
    #: Whether the shopper was dialled, and whether they answered.
    dialled: bool
    reached: bool
    #: How long agents wrapped it up.
    wrapped: float


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


@lru_cache(maxsize=4096)
def page_group(page: str) -> str:
    """The path of a page without what tells one shopper or order from another; empty for none."""
    path = urlsplit(page).path if "://" in page else page.partition("?")[0].partition("#")[0]
    steps = [_step(step) for step in path.split("/")[:MOST_STEPS_OF_PAGE]]
    return "/".join(steps)[:LONGEST_PAGE]


def _step(step: str) -> str:
    return "#" if re.fullmatch(r"(?=.*\d)[0-9A-Za-z%._~-]{6,}|\d+", step) else step


def counted_call(record: CallRecord, wrap_up: float) -> CountedCall:
    """What of a call is counted; ``wrap_up`` is in seconds."""
    shoppers = [leg for leg in record.legs if leg.role == "shopper"]
    return CountedCall(
        call_id=record.call_id,
        site=record.site,
        route=record.route,
        page=record.page,
        took=next(
            (leg.destination for leg in record.legs if leg.role == "business" and leg.joined_at is not None),
            NONE,
        ),
        disposition=record.disposition.value,
        reason=record.reason,
        requested_at=record.requested_at,
        bridged_at=record.bridged_at,
        ended_at=record.ended_at,
        dialled=bool(shoppers),
        reached=any(leg.answered_at is not None for leg in shoppers),
        wrapped=wrap_up,
    )


def values_of(talk: CountedCall | CountedChat, rule: str, around: CountedUnder) -> Mapping[Part, str]:
    """The value of each part that a call or chat belongs to."""
    if isinstance(talk, CountedCall):
        queue, outcome = around.queue_of(talk.route), talk.disposition
        agent = around.agent_of(talk.took) if talk.took else NONE
    else:
        queue, outcome, agent = talk.queue, talk.outcome, talk.agent
    return {
        "all": NONE,
        "route": talk.route,
        "queue": queue,
        "agent": agent,
        "page": page_group(talk.page),
        "rule": rule,
        "outcome": outcome,
    }


def asked_at(talk: CountedCall | CountedChat) -> float:
    """When it was asked for, in seconds since the epoch."""
    return talk.requested_at if isinstance(talk, CountedCall) else talk.asked_at


def tally_of(talk: CountedCall | CountedChat, around: CountedUnder) -> CountTally:
    """What one ended call or chat adds to each part."""
    return _tally_of_call(talk, around) if isinstance(talk, CountedCall) else _tally_of_chat(talk, around)


def _tally_of_call(call: CountedCall, around: CountedUnder) -> CountTally:
    disposition = Disposition(call.disposition)
    early = call.ended_at - call.requested_at <= EARLY
    # A wall clock that was set back under an old call makes no length negative.
    wait = max(0.0, call.bridged_at - call.requested_at) if call.bridged_at is not None else None
    talk = max(0.0, call.ended_at - call.bridged_at) if call.bridged_at is not None else 0.0
    signs = _signs(
        disposition,
        early=early,
        answered=wait is not None,
        in_time=wait is not None and wait <= around.in_time(around.queue_of(call.route)),
        dialled=call.dialled,
        reached=call.reached,
        overload=call.reason == "out_of_capacity",
    )
    return signs + CountTally.of({"wait": wait or 0.0, "talk": talk, "wrap": call.wrapped}, wait=wait)


@lru_cache(maxsize=1024)
def _signs(
    disposition: Disposition,
    *,
    early: bool,
    answered: bool,
    in_time: bool,
    dialled: bool,
    reached: bool,
    overload: bool,
) -> CountTally:
    """What is yes or no of a call: a handful of kinds, of which there are very many calls."""
    counts: dict[Count, float] = {
        # What a limit refused was never taken by a route.
        "offered": disposition is not Disposition.REFUSED,
        "early": disposition is Disposition.CANCELLED and early,
        "answered": answered,
        "in_time": in_time,
        "dialled": dialled,
        "reached": reached,
        "overload": overload,
    }
    counts[_OF_DISPOSITION[disposition]] = 1
    return CountTally.of(counts)


def _tally_of_chat(chat: CountedChat, around: CountedUnder) -> CountTally:
    accepted, replied = chat.accepted_at is not None, chat.first_answer_at is not None
    early = not accepted and chat.ended_at - chat.asked_at <= EARLY
    # Holding words are said by nobody: a chat is answered by the first words of a person.
    first = max(0.0, chat.first_answer_at - chat.asked_at) if chat.first_answer_at is not None else None
    return CountTally.of(
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


def parts_of_call(
    record: CallRecord, rule: str, around: CountedUnder, wrap_up: float
) -> dict[PartKey, CountTally]:
    """What one ended call adds to each part; ``wrap_up`` is in seconds."""
    return _parts_of("calls", counted_call(record, wrap_up), rule, around)


def parts_of_chat(chat: CountedChat, rule: str, around: CountedUnder) -> dict[PartKey, CountTally]:
    """What one ended chat adds to each part."""
    return _parts_of("chats", chat, rule, around)


def _parts_of(
    channel: Channel, talk: CountedCall | CountedChat, rule: str, around: CountedUnder
) -> dict[PartKey, CountTally]:
    values, tally, bucket = values_of(talk, rule, around), tally_of(talk, around), bucket_of(asked_at(talk))
    return {PartKey(channel, part, bucket, talk.site, values[part]): tally for part in PARTS}
