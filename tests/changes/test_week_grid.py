"""Opening hours as a week of times: what a week says is what routing makes of the text."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from changes.week_grid import OpenTimes, WeekGrid, read_grid, write_grid
from routing.hours import OpeningHours

MONDAY = date(2026, 3, 2)
FULL = 24 * 60
REST = st.lists(st.sampled_from(["PH off", "Dec 25 off", "SH 10:00-12:00"]), unique=True, max_size=2)


@st.composite
def grids(draw: st.DrawFn) -> WeekGrid:
    days: list[OpenTimes] = []
    kinds = draw(st.lists(st.integers(0, 3), min_size=7, max_size=7))
    for kind in kinds:
        edges = sorted(draw(st.lists(st.integers(32, 95), min_size=4, max_size=4, unique=True)))
        one, two, three, four = (edge * 15 for edge in edges)
        late = FULL + draw(st.integers(1, 30)) * 15
        days.append(
            {0: (), 1: ((one, four),), 2: ((one, two), (three, four)), 3: ((one, two), (three, late))}[kind]
        )
    return WeekGrid(tuple(days), tuple(draw(REST)))


@given(grids())
def test_a_week_that_is_written_is_read_again(grid: WeekGrid) -> None:
    assert read_grid(write_grid(grid)) == grid


@given(grids())
def test_routing_keeps_the_same_times(grid: WeekGrid) -> None:
    hours = OpeningHours(write_grid(WeekGrid(grid.days)), "Europe/Berlin")
    # A day's late hours run into the next morning.
    for number in range(7):
        day = MONDAY + timedelta(days=7 + number)
        open_then = {
            minute
            for back, times in ((0, grid.days[number]), (FULL, grid.days[number - 1]))
            for start, end in times
            for minute in range(start - back, end - back, 15)
            if 0 <= minute < FULL
        }
        told = {minute for start, end in hours.minutes(day) for minute in range(start, min(end, FULL), 15)}
        assert told == open_then


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("Mo-Fr 09:00-18:00; Sa 10:00-14:00; PH off", None),
        ("24/7", None),
        ("Mo-Su 00:00-24:00", "24/7"),
        ("off", None),
        ("Sa-Mo 9:00-12:00,13:00-17:00", "Mo,Sa-Su 09:00-12:00,13:00-17:00"),
        ("Fr 22:00-02:00; Sa off", "Fr 22:00-02:00"),
        ("09:00-17:00; Su off", "Mo-Sa 09:00-17:00"),
    ],
)
def test_texts_that_are_a_week(text: str, again: str | None) -> None:
    grid = read_grid(text)
    assert grid is not None
    assert write_grid(grid) == (again or text)


@pytest.mark.parametrize(
    "text",
    ["PH off; Mo-Fr 09:00-17:00", "Mo-Fr,PH 09:00-17:00", 'Mo 09:00-17:00 "by phone"', "Mo 9:00-12:00 || off",
     "Mo[1] 09:00-12:00", "Mo-Fr 09:00-17:00; Dec 25 off; Sa 10:00-12:00", "Mo 10:00-14:00,12:00-16:00"],
)  # fmt: skip
def test_texts_that_say_more_are_left_as_text(text: str) -> None:
    assert read_grid(text) is None


@pytest.mark.parametrize("times", [((600, 500),), ((0, 3000),), ((600, 700), (650, 800)), ((1500, 1600),)])
def test_times_that_are_none_are_refused(times: OpenTimes) -> None:
    with pytest.raises(ValueError, match="overlap"):
        write_grid(WeekGrid((times, (), (), (), (), (), ())))
