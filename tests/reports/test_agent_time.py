"""Agents' time: what is told of spans is what a count by seconds tells; nothing is lost, nothing twice."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reports.agent_time import (
    DOINGS,
    LONGEST,
    MOST_WAITING,
    SHORTEST,
    AgentSpan,
    Doing,
    SpanBook,
    StateTimes,
    doing,
    pieces_of,
    times_of,
)
from reports.counts import BUCKET
from reports.definitions import TIME_METRICS
from reports.periods import DAY

#: Around the end of summer time in New York, 2026.
AUTUMN = 1_793_500_000
moments = some.floats(AUTUMN, AUTUMN + 3 * DAY, allow_nan=False)
changes = some.lists(
    some.tuples(
        some.sampled_from(["ann", "ben"]),
        some.sampled_from([None, *DOINGS]),
        some.floats(-30, 4000, allow_nan=False),
    ),
    max_size=40,
)


@given(moments, some.floats(0, 2 * DAY, allow_nan=False), some.sampled_from([BUCKET, DAY]))
def test_the_pieces_of_a_span_are_the_span(begins: float, length: float, span: int) -> None:
    ends = begins + length
    pieces = list(pieces_of(begins, ends, span))
    assert sum(ms for _, ms in pieces) == round(ends * 1000) - round(begins * 1000)
    assert [bucket for bucket, _ in pieces] == sorted({bucket for bucket, _ in pieces})
    for bucket, ms in pieces:
        assert bucket % span == 0
        assert 0 < ms <= span * 1000
        inside = min(ends, bucket + span) - max(begins, bucket)
        assert ms == pytest.approx(inside * 1000, abs=1.1)


def test_a_span_is_cut_where_a_bucket_ends() -> None:
    assert list(pieces_of(AUTUMN // BUCKET * BUCKET + 890.0, AUTUMN // BUCKET * BUCKET + 910.5)) == [
        (AUTUMN // BUCKET * BUCKET, 10_000),
        (AUTUMN // BUCKET * BUCKET + BUCKET, 10_500),
    ]
    assert list(pieces_of(5.0, 5.0)) == []


@given(changes, some.integers(1, 7))
def test_the_spans_of_an_agent_follow_one_another_and_tell_what_they_did(
    story: list[tuple[str, Doing | None, float]], every: int
) -> None:
    """Against a plain list of who did what when, for a clock that is sometimes set back."""
    book, now = SpanBook(), float(AUTUMN)
    kept: dict[tuple[str, float], AgentSpan] = {}
    did: list[tuple[str, Doing | None, float]] = []

    def keep(spans: list[AgentSpan]) -> None:
        for span in spans:
            before = kept.get((span.agent, span.begins))
            assert before is None or before.open, "what has ended stays as it is"
            kept[span.agent, span.begins] = span

    for number, (agent, state, later) in enumerate(story):
        now += later
        book.change(agent, state, now)
        did.append((agent, state, now))
        if number % every == 0:
            keep(book.written(now, all_open=number % 2 == 0))
    now += SHORTEST + 1
    book.close(now)
    keep(book.written(now, all_open=True))

    assert not any(span.open for span in kept.values())
    for agent in ("ann", "ben"):
        own = sorted((span for span in kept.values() if span.agent == agent), key=lambda each: each.begins)
        for one, other in pairwise(own):
            assert one.ends <= other.begins
        assert all(span.begins <= span.ends for span in own)
    if all(later >= SHORTEST + 1 for _, _, later in story):
        # By a clock that only goes forward, with nothing shorter than what is told: exactly what was done.
        plain: Counter[tuple[str, Doing]] = Counter()
        for agent in ("ann", "ben"):
            own_changes = [(state, at) for who, state, at in did if who == agent]
            ends = [*(at for _, at in own_changes[1:]), now]
            for (state, at), until in zip(own_changes, ends, strict=False):
                if state is not None:
                    plain[agent, state] += until - at
        told: Counter[tuple[str, str]] = Counter()
        for span in kept.values():
            told[span.agent, span.state] += span.ends - span.begins
        assert {key: pytest.approx(value) for key, value in plain.items()} == dict(told)


def test_a_long_span_is_cut_and_a_short_one_is_part_of_what_follows() -> None:
    book = SpanBook()
    book.change("ann", "away", 100.0)
    book.change("ann", "available", 100.2)
    assert book.written(100.9, all_open=False) == []
    (span,) = book.written(102.0, all_open=False)
    assert span == AgentSpan("ann", "available", 100.0, 102.0, open=True)
    assert book.written(103.0, all_open=False) == []
    assert book.written(103.0, all_open=True) == [span._replace(ends=103.0)]
    later = 100.0 + LONGEST + 5
    assert book.written(later, all_open=False) == [AgentSpan("ann", "available", 100.0, later)]
    book.change("ann", None, later + 10)
    assert book.written(later + 20, all_open=True) == [AgentSpan("ann", "available", later, later + 10)]
    book.change("ann", "away", later + 30)
    book.change("ann", None, later + 30.5)
    assert book.written(later + 60, all_open=True) == []


def test_what_could_not_be_written_is_told_again_in_the_end_of_few() -> None:
    book = SpanBook()
    book.change("ann", "available", 0.0)
    book.change("ann", "on_call", 5.0)
    spans = book.written(7.0, all_open=False)
    assert [span.open for span in spans] == [False, True]
    book.again(spans)
    assert book.written(7.0, all_open=False) == spans
    book.again([AgentSpan("ann", "away", float(at), at + 1.0) for at in range(MOST_WAITING + 10)])
    assert len(book.written(8.0, all_open=False)) == MOST_WAITING


def test_what_an_agent_does() -> None:
    assert doing("offline", has_chat=True) is None
    states = [state for state in DOINGS if state != "on_chat"]
    assert [doing(state, has_chat=False) for state in states] == states
    assert {state: doing(state, has_chat=True) for state in states} == {
        **dict.fromkeys(("available", "ringing", "away"), "on_chat"),
        "on_call": "on_call",
        "wrap_up": "wrap_up",
    }


@given(some.dictionaries(some.sampled_from(DOINGS), some.integers(0, 10**9)))
def test_occupancy_is_handling_of_handling_and_available(ms: dict[str, int]) -> None:
    times = StateTimes(ms)
    occupancy = next(metric for metric in TIME_METRICS if metric.id == "occupancy").of(times)
    worked = ms.get("on_call", 0) + ms.get("on_chat", 0) + ms.get("wrap_up", 0)
    there = worked + ms.get("available", 0)
    assert occupancy == (pytest.approx(worked / there) if there else None)
    assert (times + times).logged_in == pytest.approx(2 * sum(ms.values()) / 1000)
    assert times_of(list(ms.items()) * 2).handling == pytest.approx(2 * worked / 1000)
