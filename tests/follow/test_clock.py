"""When a promise is due: against a count of minutes, over changes of the clocks and holidays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from follow.clock import due, is_open, next_open, spent
from follow.words import duration, explained
from routing.hours import OpeningHours
from tests.follow.brute_force import MINUTE, PLACES, WEEKS, check_stretch

NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = OpeningHours("Mo-Fr 09:00-18:00; PH off", "America/New_York", "US", "MA")

#: Days about which clocks change or holidays lie, somewhere.
ODD_DAYS = ("2024-03-29", "2025-04-04", "2026-03-07", "2026-10-30", "2026-12-23", "2027-09-03", "2028-02-28")


@given(
    st.sampled_from(WEEKS),
    st.sampled_from(PLACES),
    st.sampled_from(ODD_DAYS),
    st.integers(0, 3 * 24 * 60),
    st.integers(1, 20 * 60),
)
@settings(max_examples=60, deadline=None)
def test_the_clock_equals_a_count_of_minutes(week, place, day, offset, minutes):
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) + offset * MINUTE
    check_stretch(week, place, start, minutes, timedelta(days=4))


@given(st.floats(0, 30 * 3600), st.floats(0, 1e7))
@settings(max_examples=100, deadline=None)
def test_due_and_spent_are_each_others_inverse_to_the_second(promised, after):
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=after)
    told = due(start, promised, OFFICE)
    assert told.at is not None
    assert spent(start, told.at, OFFICE) == pytest.approx(promised, abs=1e-4)
    assert told.seconds == pytest.approx(promised, abs=1e-4)
    assert all(one.end <= two.start for one, two in zip(told.parts, told.parts[1:], strict=False))
    if promised > 1:  # the first such moment: a second before, less is spent
        assert spent(start, told.at - timedelta(seconds=1), OFFICE) < promised


def test_the_explanation_of_the_design_adds_up():
    start = datetime(2026, 11, 13, 16, 20, tzinfo=NEW_YORK)  # a Friday
    told = due(start, 4 * 3600, OFFICE)
    assert explained(start, told, NEW_YORK) == "due Mon 11:20 EST: 1 h 40 min on Fri, 2 h 20 min on Mon"
    assert told.at == datetime(2026, 11, 16, 11, 20, tzinfo=NEW_YORK)


def test_a_holiday_and_a_weekend_are_passed_over_and_dates_told_where_a_weekday_is_not_enough():
    start = datetime(2026, 11, 25, 17, 0, tzinfo=NEW_YORK)  # Thanksgiving is the day after
    told = due(start, 11 * 3600, OFFICE)
    assert explained(start, told, NEW_YORK) == (
        "due Mon 10:00 EST: 1 h on Wed, 9 h on Fri, 1 h on Mon"
    )  # fmt: skip
    far = due(start, 60 * 3600, OFFICE)
    assert explained(start, far, NEW_YORK) == (
        "due Mon 7 Dec 2026 14:00 EST: 60 h on 8 days, Wed to Mon 7 Dec 2026"
    )


def test_what_is_used_up_when_the_doors_close_is_due_then():
    start = datetime(2026, 11, 13, 17, 0, tzinfo=NEW_YORK)
    assert due(start, 3600, OFFICE).at == datetime(2026, 11, 13, 18, 0, tzinfo=NEW_YORK)
    assert due(start, 3601, OFFICE).at == datetime(2026, 11, 16, 9, 0, 1, tzinfo=NEW_YORK)


def test_server_in_utc_site_in_auckland_agent_in_lima():
    """A lead of Friday evening UTC, which is Saturday in Auckland: due there on Monday morning."""
    hours = OpeningHours("Mo-Fr 09:00-17:00", "Pacific/Auckland")
    start = datetime(2026, 6, 5, 20, 0, tzinfo=UTC)
    told = due(start, 3600, hours)
    assert told.at == datetime(2026, 6, 8, 10, 0, tzinfo=ZoneInfo("Pacific/Auckland"))
    assert explained(start, told, ZoneInfo("America/Lima")) == "due Sun 17:00 -05: 1 h on Sun"
    assert explained(start, told, hours.zone) == "due Mon 10:00 NZST: 1 h on Mon"


def test_the_night_of_the_change_has_an_hour_more():
    hours = OpeningHours("Mo-Su 00:00-24:00", "Europe/Berlin")
    start = datetime(2026, 10, 25, 0, 0, tzinfo=BERLIN)
    day = datetime(2026, 10, 26, 0, 0, tzinfo=BERLIN)
    assert spent(start, day, hours) == 25 * 3600
    assert due(start, 25 * 3600, hours).at == day


def test_without_hours_somebody_is_always_there():
    start = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
    told = due(start, 86400, None)
    assert told.at == start + timedelta(days=1)
    assert explained(start, told, UTC) == "due Fri 03:00 UTC: 21 h on Thu, 3 h on Fri"
    assert is_open(start, None)
    assert next_open(start, None) == start


def test_hours_that_never_open_are_never_due():
    hours = OpeningHours("2020 Mo-Fr 09:00-17:00", "UTC")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    told = due(start, 60, hours)
    assert told.at is None
    assert next_open(start, hours) is None
    assert not is_open(start, hours)
    assert explained(start, told, UTC) == "never due: the hours do not come to that much"


def test_no_open_time_is_due_at_once_and_backwards_nothing_is_spent():
    start = datetime(2026, 11, 14, 3, 0, tzinfo=UTC)
    assert due(start, 0, OFFICE).at == start
    assert spent(start, start - timedelta(days=3), OFFICE) == 0


def test_times_without_a_zone_are_refused():
    with pytest.raises(ValueError, match="has no time zone"):
        due(datetime(2026, 1, 1), 60, OFFICE)


@given(st.lists(st.floats(0.0, 20000.0), min_size=1, max_size=5))
def test_minutes_that_are_told_add_up(seconds):
    from follow.words import _whole_minutes

    told = _whole_minutes(seconds)
    if sum(seconds) >= 3600:
        assert abs(sum(told) - sum(seconds)) <= 31
        assert all(each % 60 == 0 for each in told)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 min"), (20, "20 s"), (90, "1 min 30 s"), (5400, "1 h 30 min"), (3600, "1 h")],
)
def test_durations_in_words(seconds, words):
    assert duration(seconds) == words
