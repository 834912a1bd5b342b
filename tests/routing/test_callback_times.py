"""When shoppers are called back: awake by their own clock, and the business there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from config.sections.callbacks import CallbackTerms
from routing.callback_times import (
    CallbackHours,
    callback_hours,
    in_words,
    next_time,
    shopper_zones,
)
from routing.hours import OpeningHours

NEW_YORK, LOS_ANGELES, HONOLULU = "America/New_York", "America/Los_Angeles", "Pacific/Honolulu"
LONDON, KIRITIMATI, PAGO_PAGO, APIA = (
    "Europe/London",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Pacific/Apia",
)
AUCKLAND, LORD_HOWE = "Pacific/Auckland", "Australia/Lord_Howe"


def zone_list(*names: str) -> tuple[ZoneInfo, ...]:
    return tuple(map(ZoneInfo, names))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(
    daytime: str = "Mo-Su 09:00-20:00", business: str | None = None, zone: str = NEW_YORK
) -> CallbackHours:
    return CallbackHours(CallbackTerms(daytime=daytime), OpeningHours(business, zone) if business else None)


WEEKDAYS = "Mo-Fr 09:00-17:00"


@pytest.mark.parametrize(
    ("terms", "zones", "not_before", "expected"),
    [
        # Daytime now: now. 15:30 in New York.
        (hours(), [NEW_YORK], "2026-11-18T20:30:07", "2026-11-18T20:30:07"),
        # At its very end it is over; at its very beginning it is there.
        (hours(), [NEW_YORK], "2026-11-19T01:00", "2026-11-19T14:00"),
        (hours(), [NEW_YORK], "2026-11-19T14:00", "2026-11-19T14:00"),
        # 21:00 in New York is 18:00 in Los Angeles, where the shopper lives; but the business has closed.
        (hours(), [LOS_ANGELES], "2026-11-19T02:00", "2026-11-19T02:00"),
        (hours(business=WEEKDAYS), [LOS_ANGELES], "2026-11-19T02:00", "2026-11-19T17:00"),
        # Friday evening: Monday, when the business is there and Honolulu is awake (14:00 in New York).
        (hours(business=WEEKDAYS), [HONOLULU], "2026-11-20T23:00", "2026-11-23T19:00"),
        # The shopper may be in either zone: both must be awake.
        (hours(), [NEW_YORK, HONOLULU], "2026-11-18T06:00", "2026-11-18T19:00"),
        (hours(), [NEW_YORK, HONOLULU], "2026-11-18T20:00", "2026-11-18T20:00"),
        # Three that are never awake together: as many as possible, two of them.
        (hours(), ["Pacific/Guam", NEW_YORK, LONDON], "2026-11-18T06:00", "2026-11-18T09:00"),
        # The clocks go forward in New York (2026-03-08 07:00 UTC) and back (2026-11-01 06:00 UTC).
        (hours(), [NEW_YORK], "2026-03-08T02:00", "2026-03-08T13:00"),
        (hours(), [NEW_YORK], "2026-03-07T02:00", "2026-03-07T14:00"),
        (hours(), [NEW_YORK], "2026-11-01T02:00", "2026-11-01T14:00"),
        (hours("Mo-Su 02:10-02:50"), [NEW_YORK], "2026-03-08T05:30", "2026-03-09T06:10"),
        (hours("Mo-Su 01:15-01:45"), [NEW_YORK], "2026-11-01T05:50", "2026-11-01T06:15"),
        # Half an hour's summer time, and the other hemisphere.
        (hours(), [LORD_HOWE], "2026-10-03T20:00", "2026-10-03T22:00"),
        (hours(), [LORD_HOWE], "2026-10-02T20:00", "2026-10-02T22:30"),
        # Either side of the date line: 24 hours and 25 apart, awake at the same time.
        (hours(), [PAGO_PAGO, "Pacific/Apia"], "2026-06-01T08:00", "2026-06-01T20:00"),
        (hours("Sa 09:00-20:00"), [KIRITIMATI], "2026-06-05T00:00", "2026-06-05T19:00"),
        (hours("Sa 09:00-20:00"), [HONOLULU], "2026-06-05T00:00", "2026-06-06T19:00"),
        # A leap day is a day; who works then alone is waited for.
        (hours("Feb 29 10:00-12:00"), [LONDON], "2028-02-28T12:00", "2028-02-29T10:00"),
        (hours(business="Feb 29 10:00-12:00", zone=LONDON), [LONDON], "2028-02-27T12:00", "2028-02-29T10:00"),
        (hours("Feb 29 10:00-12:00"), [LONDON], "2027-02-27T12:00", None),
        # Nobody is ever there at once.
        (hours("Mo-Su 09:00-10:00", business="Mo-Su 09:00-10:00"), [LONDON], "2026-11-18T06:00", None),
        (hours("off"), [LONDON], "2026-11-18T06:00", None),
    ],
)  # fmt: skip
def test_next_time(terms: CallbackHours, zones: list[str], not_before: str, expected: str | None) -> None:
    start = utc(not_before)
    found = next_time(terms, zone_list(*zones), start, start + timedelta(days=3))
    assert found == (utc(expected) if expected else None)


def test_the_latest_moment_counts_and_nothing_later() -> None:
    start, opens = utc("2026-11-19T02:00"), utc("2026-11-19T14:00")
    zones = zone_list(NEW_YORK)
    assert next_time(hours(), zones, start, opens) == opens
    assert next_time(hours(), zones, start, opens - timedelta(seconds=1)) is None
    assert next_time(hours(), zones, opens, opens) == opens
    assert next_time(hours(), zones, opens, start) is None


@settings(max_examples=150, deadline=None)
@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),
    names=st.lists(
        st.sampled_from([NEW_YORK, LONDON, AUCKLAND, LORD_HOWE, KIRITIMATI, HONOLULU, "Asia/Kolkata"]),
        min_size=1, max_size=3, unique=True,
    ),
    daytime=st.sampled_from(
        ["Mo-Su 09:00-20:00", "Mo-Fr 08:00-12:00,13:30-19:00", "Su 10:00-14:00", "22:00-03:00"]
    ),
    business=st.sampled_from([None, WEEKDAYS, "24/7", "Mo-Sa 18:00-02:00"]),
)  # fmt: skip
def test_no_earlier_moment_is_as_good(
    start: datetime, names: list[str], daytime: str, business: str | None
) -> None:
    """Against a look at every quarter of an hour."""
    start = start.replace(second=0, microsecond=0, minute=start.minute // 15 * 15)
    terms, zones, end = hours(daytime, business), zone_list(*names), start + timedelta(days=2)
    clocks = [OpeningHours(daytime, name) for name in names]

    def awake(at: datetime) -> int:
        if terms.business is not None and not terms.business.is_open(at):
            return 0
        return sum(clock.is_open(at) for clock in clocks)

    found = next_time(terms, zones, start, end)
    steps = (end - start) // timedelta(minutes=15)
    looks = [start + number * timedelta(minutes=15) for number in range(steps + 1)]
    best = max(map(awake, looks))
    assert found == (next(at for at in looks if awake(at) == best) if best else None)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+16175550100", [NEW_YORK]),
        ("+18085550100", [HONOLULU]),
        ("+12423591234", ["America/Nassau"]),  # a mobile phone of the Bahamas is not anywhere in America
        ("+77011234567", ["Asia/Almaty", "Asia/Aqtobe"]),  # nor one of Kazakhstan anywhere in Russia
        ("+351912345678", ["Atlantic/Azores", "Europe/Lisbon"]),
        ("+870771234567", ["Europe/Berlin"]),  # a satellite
        ("+99", ["Europe/Berlin"]),
        ("", ["Europe/Berlin"]),
    ],
)
def test_shopper_zones(number: str, expected: list[str]) -> None:
    assert [zone.key for zone in shopper_zones(number, ZoneInfo("Europe/Berlin"))] == expected


def test_numbers_that_may_be_anywhere() -> None:
    zones = shopper_zones("+18005550100", ZoneInfo(NEW_YORK))
    assert {HONOLULU, NEW_YORK, "Pacific/Guam"} < {zone.key for zone in zones}
    monday = utc("2026-11-23T05:00")
    found = next_time(hours(), zones, monday, monday + timedelta(days=1))
    assert found is not None
    # Awake are New York and Los Angeles alike, whatever Guam does.
    assert all(9 <= found.astimezone(ZoneInfo(name)).hour < 20 for name in (NEW_YORK, LOS_ANGELES))


@pytest.mark.parametrize(
    ("at", "now", "zones", "expected"),
    [
        ("2026-11-18T20:30", "2026-11-18T17:00", [NEW_YORK], "today at 3 30 p m"),
        ("2026-11-19T14:00", "2026-11-18T17:00", [NEW_YORK], "tomorrow at 9 a m"),
        ("2026-11-19T14:05", "2026-11-18T17:00", [NEW_YORK], "tomorrow at 9 05 a m"),
        ("2026-11-20T17:00", "2026-11-18T17:00", [NEW_YORK], "on Friday at noon"),
        ("2026-11-20T17:30", "2026-11-18T17:00", [NEW_YORK], "on Friday at 12 30 p m"),
        ("2026-11-20T05:00", "2026-11-18T17:00", [NEW_YORK], "on Friday at midnight"),
        ("2026-11-20T05:10", "2026-11-18T17:00", [NEW_YORK], "on Friday at 12 10 a m"),
        ("2026-11-24T14:00", "2026-11-18T17:00", [NEW_YORK], "on Tuesday at 9 a m"),
        ("2026-11-25T14:00", "2026-11-18T17:00", [NEW_YORK], "on Wednesday, November 25, at 9 a m"),
        # Soon is soon on every clock.
        ("2026-11-18T17:00", "2026-11-18T17:01", [NEW_YORK], "in a moment"),
        ("2026-11-18T17:01", "2026-11-18T17:00", [NEW_YORK], "in a moment"),
        ("2026-11-18T17:02", "2026-11-18T17:00", [NEW_YORK], "in about 2 minutes"),
        ("2026-11-18T17:16", "2026-11-18T17:00", [NEW_YORK, LONDON], "in about 15 minutes"),
        ("2026-11-18T17:55", "2026-11-18T17:00", [NEW_YORK], "in about 55 minutes"),
        # What today is, depends on where the shopper is: over midnight, over the date line.
        ("2026-11-19T03:00", "2026-11-18T23:00", [NEW_YORK], "today at 10 p m"),
        ("2026-11-19T03:00", "2026-11-18T23:00", [LONDON], "tomorrow at 3 a m"),
        ("2026-06-01T19:00", "2026-06-01T09:00", [KIRITIMATI], "tomorrow at 9 a m"),
        ("2026-06-01T20:00", "2026-06-01T09:00", [PAGO_PAGO], "tomorrow at 9 a m"),
        ("2026-06-01T20:00", "2026-06-01T12:00", [PAGO_PAGO], "today at 9 a m"),
        # The nights when the clocks change, and a leap day.
        ("2026-03-08T13:00", "2026-03-08T04:00", [NEW_YORK], "tomorrow at 9 a m"),
        ("2026-11-01T14:00", "2026-11-01T03:00", [NEW_YORK], "tomorrow at 9 a m"),
        ("2028-02-29T09:00", "2028-02-28T12:00", [LONDON], "tomorrow at 9 a m"),
        ("2028-03-01T09:00", "2028-02-28T12:00", [LONDON], "on Wednesday at 9 a m"),
        # Several zones: one clock where they agree, else the business's own.
        ("2026-11-19T14:00", "2026-11-18T17:00", [NEW_YORK, "America/Toronto"], "tomorrow at 9 a m"),
        ("2026-11-19T14:00", "2026-11-18T17:00", [HONOLULU, NEW_YORK], "tomorrow at 3 p m, Berlin time"),
    ],
)  # fmt: skip
def test_in_words(at: str, now: str, zones: list[str], expected: str) -> None:
    assert in_words(utc(at), utc(now), zone_list(*zones), ZoneInfo("Europe/Berlin")) == expected


def test_terms_come_with_their_hours() -> None:
    shop = OpeningHours(WEEKDAYS, LONDON)
    terms = {"plain": CallbackTerms(tries=1), "timed": CallbackTerms(hours="shop")}
    assert callback_hours("plain", terms, {"shop": shop}) == CallbackHours(terms["plain"], None)
    assert callback_hours("timed", terms, {"shop": shop}) == CallbackHours(terms["timed"], shop)
    assert callback_hours("gone", terms, {"shop": shop}) == CallbackHours(CallbackTerms(), None)
