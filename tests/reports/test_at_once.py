"""The most calls at once, against counting at every moment that matters."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reports.at_once import Peak, peaks

TIMES = st.integers(0, 60)
SPANS = st.lists(st.tuples(TIMES, st.integers(1, 40)).map(lambda each: (each[0], each[0] + each[1])))
BOUNDS = st.sets(TIMES, min_size=2).map(sorted)


@given(SPANS, BOUNDS)
def test_as_counted_moment_by_moment(spans: list[tuple[int, int]], bounds: list[int]) -> None:
    def going(at: int) -> int:
        return sum(begins <= at < ends for begins, ends in spans)

    wanted = []
    for first, last in pairwise(bounds):
        most = max(going(at) for at in range(first, last))
        wanted.append(Peak(most, next(at for at in range(first, last) if going(at) == most)))
    assert peaks(sorted(spans), bounds) == wanted


def test_one_that_ends_as_another_begins_is_not_there_with_it() -> None:
    assert peaks([(0.0, 10.0), (10.0, 20.0)], [0, 30]) == [Peak(1, 0.0)]


def test_a_clock_that_was_set_back_makes_no_call_negative() -> None:
    assert peaks([(5.0, 1.0), (6.0, 9.0)], [0, 30]) == [Peak(1, 5.0)]
