"""Calls and chats that are kept, counted one by one: where counts, which have one part each, cannot tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

from sqlalchemy import Connection, Select, case, func, literal, select

from reports.counts import BUCKET, bucket_of
from reports.parts import CountedCall, CountedChat, CountedUnder, Part, asked_at, tally_of, values_of
from store.parts import CHAT_COLUMNS, PartRow
from store.tables import calls, chats, legs, offers
from store.talks import TalkQuestion, talk_conditions

#: The most calls or chats that are looked at for one report.
MOST_COUNTED = 100_000
#: A period is read in so many pieces, each a transaction of its own: calls read in between.
PIECES = 5
#: What they are told apart by.
By = Part | Literal["site"]


class TooManyTalksError(Exception):
    """More than :data:`MOST_COUNTED` would have to be looked at."""


def pieces_of_period(question: TalkQuestion) -> Iterator[TalkQuestion]:
    """The same, of one piece of the period after the other; cut where buckets end."""
    since, length = question.since, question.until - question.since
    step = max(BUCKET, -(-length / PIECES // BUCKET) * BUCKET)
    while since < question.until:
        until = min(question.until, bucket_of(since) + step)
        yield replace(question, since=since, until=until)
        since = until


def count_kept(
    connection: Connection, question: TalkQuestion, by: By | None, around: CountedUnder, most: int
) -> tuple[list[PartRow], int]:
    """The tallies of what fits, each with when its bucket begins, its site, and its value of ``by``.

    And how many were looked at: TooManyTalksError where they are more than ``most``.
    """
    looked_at = 0
    found: dict[tuple[int, str, str], list[int]] = {}
    for talk, rule in _talks(connection, question, by, most):
        looked_at += 1
        values = values_of(talk, rule, around)
        if any(values[each.part] != each.value for each in question.parts):
            continue
        value = "" if by is None or by == "site" else values[by]
        tally = tally_of(talk, around)
        sums = found.setdefault((bucket_of(asked_at(talk)), talk.site, value), [0, 0, 0])
        sums[0] += tally.sums
        sums[1] += tally.waits
        sums[2] += tally.firsts
    return [(*key, *sums) for key, sums in sorted(found.items())], looked_at  # type: ignore[misc]


def _talks(
    connection: Connection, question: TalkQuestion, by: By | None, most: int
) -> Iterator[tuple[CountedCall | CountedChat, str]]:
    asked = {by, *(each.part for each in question.parts)}
    of_calls = question.channel == "calls"
    rule = _rule(offers.c.call_id == calls.c.id if of_calls else offers.c.chat_id == chats.c.id, asked)
    kind = CountedCall if of_calls else CountedChat
    columns = _call_columns(asked) if of_calls else CHAT_COLUMNS
    statement: Select[Any] = select(*columns, rule).where(*talk_conditions(question)).limit(most + 1)
    for number, row in enumerate(connection.execute(statement)):
        if number == most:
            raise TooManyTalksError
        *values, its_rule = row
        yield kind(*values), its_rule or ""


def _rule(its_offer: Any, asked: set[By | None]) -> Any:
    if "rule" not in asked:
        return literal("")
    return select(offers.c.rule).where(its_offer).limit(1).scalar_subquery()


def _call_columns(asked: set[By | None]) -> list[Any]:
    """What :class:`reports.parts.CountedCall` is made of, in its order."""
    of_call = legs.c.call_id == calls.c.id
    took = (
        select(legs.c.destination)
        .where(of_call, legs.c.role == "business", legs.c.joined_at.is_not(None))
        .order_by(legs.c.position)
        .limit(1)
    )
    answered = case((legs.c.answered_at.is_not(None), 1), else_=0)
    shopper = select(func.max(answered)).where(of_call, legs.c.role == "shopper").scalar_subquery()
    return [
        calls.c.id, calls.c.site, calls.c.route, calls.c.page,
        func.coalesce(took.scalar_subquery(), "") if "agent" in asked else literal(""),
        calls.c.disposition, calls.c.reason, calls.c.requested_at, calls.c.bridged_at, calls.c.ended_at,
        func.coalesce(shopper, -1) >= 0, func.coalesce(shopper, 0) == 1, calls.c.wrapped,
    ]  # fmt: skip
