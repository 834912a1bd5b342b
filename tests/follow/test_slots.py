"""Times that a shopper may choose: in the hours, bounded, the same whenever one asks; ten years of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from follow.clock import is_open
from follow.slots import MOST_SLOTS, SlotTerms, free_slots
from routing.hours import OpeningHours
from tests.follow.samples import DAY, HOUR, NEW_YORK, OFFICE, at

TERMS = SlotTerms(OFFICE, NEW_YORK, length=1800, most=2, notice=HOUR, ahead=5 * DAY, remind=600)
FRIDAY = at("2026-11-13 16:20")


def told(starts):
    return [f"{datetime.fromtimestamp(each, NEW_YORK):%a %H:%M}" for each in starts]


def test_slots_follow_one_another_from_the_opening_and_end_before_the_doors_close():
    found = told(free_slots(TERMS, FRIDAY, {}))
    assert found[:4] == ["Fri 17:30", "Mon 09:00", "Mon 09:30", "Mon 10:00"]
    assert "Mon 17:30" in found
    assert "Mon 18:00" not in found
    assert found[-1] == "Wed 16:00"


def test_a_slot_takes_so_many_and_no_more():
    first, second, *_ = free_slots(TERMS, FRIDAY, {})
    left = free_slots(TERMS, FRIDAY, {first: 2, second: 1})
    assert first not in left
    assert second in left


def test_a_holiday_has_none():
    thanksgiving = at("2026-11-25 17:00")
    assert told(free_slots(TERMS, thanksgiving, {}))[:1] == ["Fri 09:00"]


def test_what_is_open_day_and_night_has_the_same_slots_whenever_one_asks():
    always = SlotTerms(None, NEW_YORK, 2700, 1, 0, DAY, 0)
    one = set(free_slots(always, FRIDAY, {}))
    two = set(free_slots(always, FRIDAY + 1234, {}))
    assert one & two == {each for each in one if each >= FRIDAY + 1234}
    assert len(free_slots(SlotTerms(None, UTC, 300, 1, 0, 31 * DAY, 0), FRIDAY, {})) == MOST_SLOTS


RULES = (
    ("Mo-Fr 09:00-18:00; Sa 10:00-14:00; PH off", "America/New_York", "US", "MA"),
    ("Mo-Su 22:00-03:00", "Europe/Berlin", "DE", "BY"),
    ("Mo-Sa 08:15-12:40,13:30-19:00", "Asia/Kolkata", "IN", None),
    ("24/7", "Australia/Lord_Howe", "AU", None),
)


@given(
    rule=st.sampled_from(RULES),
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2035, 12, 31)),
    length=st.sampled_from((900, 1800, 3600)),
)
@settings(max_examples=60, deadline=None)
def test_ten_years_against_brute_force(rule, moment, length):
    text, zone, country, region = rule
    hours = OpeningHours(text, zone, country, region)
    terms = SlotTerms(hours, ZoneInfo(zone), length, 1, HOUR, 2 * DAY, 0)
    now = moment.replace(tzinfo=UTC).timestamp()
    found = free_slots(terms, now, {})
    assert list(found) == sorted(set(found))
    for start in found:
        assert now + HOUR <= start <= now + 2 * DAY
        # Each minute of a slot is open, and no two slots share one.
        minutes = [datetime.fromtimestamp(start + 60 * n, UTC) for n in range(int(length // 60))]
        assert all(is_open(each, hours) for each in minutes)
    assert all(two - one >= length for one, two in pairwise(found))
    # Nothing is left out: an open time that is longer than two slots has one.
    begin, end = (datetime.fromtimestamp(each, UTC) for each in (now + HOUR, now + 2 * DAY))
    for opened, closed in hours.spans(begin, end):
        if closed - opened >= timedelta(seconds=2 * length):
            assert any(opened.timestamp() <= start < closed.timestamp() for start in found)
