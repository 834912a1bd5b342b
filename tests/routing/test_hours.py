"""Opening hours against a table of days that are hard, and against the library where both must agree."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from time import perf_counter
from zoneinfo import ZoneInfo

import opening_hours
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routing.hours import HoursError, OpeningHours

NEW_YORK, LONDON, SYDNEY = "America/New_York", "Europe/London", "Australia/Sydney"
LORD_HOWE, AUCKLAND, APIA = "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Apia"
KIRITIMATI, PAGO_PAGO = "Pacific/Kiritimati", "Pacific/Pago_Pago"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def spans(hours: OpeningHours, start: str, end: str) -> list[tuple[str, str]]:
    """Open times in UTC, as written in the tables."""
    return [
        tuple(f"{edge.astimezone(UTC):%m-%d %H:%M}" for edge in span)  # type: ignore[misc]
        for span in hours.spans(utc(start), utc(end))
    ]


# Daylight saving: the open times of one local day, in UTC.


@pytest.mark.parametrize(
    ("zone", "text", "start", "end", "expected"),
    [
        # Spring: 02:00 becomes 03:00 (2026-03-08 07:00 UTC).
        (NEW_YORK, "09:00-18:00", "2026-03-08", "2026-03-09", [("03-08 13:00", "03-08 22:00")]),
        (NEW_YORK, "01:00-04:00", "2026-03-08", "2026-03-09", [("03-08 06:00", "03-08 08:00")]),
        (NEW_YORK, "02:10-02:50", "2026-03-08", "2026-03-09", []),
        (NEW_YORK, "02:30-03:30", "2026-03-08", "2026-03-09", [("03-08 07:00", "03-08 07:30")]),
        (NEW_YORK, "24/7", "2026-03-08", "2026-03-09", [("03-08 00:00", "03-09 00:00")]),
        # Autumn: 02:00 becomes 01:00 (2026-11-01 06:00 UTC): 01:15 to 01:45 comes twice.
        (
            NEW_YORK,
            "01:15-01:45",
            "2026-11-01",
            "2026-11-02",
            [("11-01 05:15", "11-01 05:45"), ("11-01 06:15", "11-01 06:45")],
        ),
        (NEW_YORK, "00:30-02:30", "2026-11-01", "2026-11-02", [("11-01 04:30", "11-01 07:30")]),
        (
            NEW_YORK,
            "00:30-01:30",
            "2026-11-01",
            "2026-11-02",
            [("11-01 04:30", "11-01 05:30"), ("11-01 06:00", "11-01 06:30")],
        ),
        (LONDON, "00:30-03:00", "2026-03-29", "2026-03-29T20:00", [("03-29 00:30", "03-29 02:00")]),
        (LONDON, "01:00-02:00", "2026-10-25", "2026-10-26", [("10-25 00:00", "10-25 02:00")]),
        (SYDNEY, "01:00-04:00", "2026-10-03T14:00", "2026-10-04T13:00", [("10-03 15:00", "10-03 17:00")]),
        (SYDNEY, "02:00-03:00", "2026-04-04T13:00", "2026-04-05T14:00", [("04-04 15:00", "04-04 17:00")]),
        # Lord Howe moves by half an hour: 02:00 to 02:30 is left out, 01:30 to 02:00 comes twice.
        (LORD_HOWE, "01:45-03:00", "2026-10-03T13:30", "2026-10-04T13:00", [("10-03 15:15", "10-03 16:00")]),
        (LORD_HOWE, "02:00-02:30", "2026-10-03T13:30", "2026-10-04T13:00", []),
        (
            LORD_HOWE,
            "01:40-01:50",
            "2026-04-04T13:00",
            "2026-04-05T13:30",
            [("04-04 14:40", "04-04 14:50"), ("04-04 15:10", "04-04 15:20")],
        ),
        # Samoa had no 30 December 2011: it went over the date line.
        (APIA, "10:00-11:00", "2011-12-29T10:00", "2011-12-31T10:00",
         [("12-29 20:00", "12-29 21:00"), ("12-30 20:00", "12-30 21:00")]),
    ],
)  # fmt: skip
def test_days_on_which_the_clocks_change(
    zone: str, text: str, start: str, end: str, expected: list[tuple[str, str]]
) -> None:
    assert spans(OpeningHours(text, zone), start, end) == expected


def test_both_passes_of_the_repeated_hour_are_told_apart_in_the_span() -> None:
    first, second = OpeningHours("01:15-01:45", NEW_YORK).spans(utc("2026-11-01"), utc("2026-11-02"))
    assert [edge.fold for edge in first + second] == [0, 0, 1, 1]
    assert [edge.utcoffset() for edge in (first[0], second[0])] == [timedelta(hours=-4), timedelta(hours=-5)]


def test_the_moment_may_come_in_any_zone() -> None:
    hours = OpeningHours("Mo-Fr 09:00-17:00", NEW_YORK)
    moment = utc("2026-11-23T14:30")  # Monday 09:30 in New York
    for zone in (UTC, timezone(timedelta(hours=5, minutes=45)), ZoneInfo(KIRITIMATI), ZoneInfo(PAGO_PAGO)):
        assert hours.is_open(moment.astimezone(zone))
        assert hours.next_change(moment.astimezone(zone)) == utc("2026-11-23T22:00")
    with pytest.raises(ValueError, match="no time zone"):
        hours.is_open(datetime(2026, 11, 23, 14, 30))


def test_on_both_sides_of_the_date_line() -> None:
    mondays = "Mo 09:00-17:00"
    moment = utc("2026-11-22T19:30")  # Monday 09:30 on Kiritimati, Sunday 08:30 in Pago Pago
    assert OpeningHours(mondays, KIRITIMATI).is_open(moment)
    assert not OpeningHours(mondays, PAGO_PAGO).is_open(moment)
    assert OpeningHours(mondays, PAGO_PAGO).is_open(moment + timedelta(hours=25))


def test_leap_day() -> None:
    hours = OpeningHours("Feb 29 10:00-11:00", LONDON)
    assert hours.next_change(utc("2026-01-01")) == utc("2028-02-29T10:00")
    assert hours.is_open(utc("2028-02-29T10:30"))
    assert OpeningHours("Tu 10:00-11:00", LONDON).is_open(utc("2028-02-29T10:30"))
    assert not OpeningHours("Mar 01 10:00-11:00", LONDON).is_open(utc("2028-02-29T10:30"))


# Holidays.


@pytest.mark.parametrize(
    ("country", "region", "day", "holiday"),
    [
        ("US", None, date(2026, 11, 26), True),  # Thanksgiving
        ("US", None, date(2026, 4, 20), False),
        ("US", "MA", date(2026, 4, 20), True),  # Patriots' Day
        ("US", "Massachusetts", date(2027, 4, 19), True),
        ("US", "CA", date(2026, 4, 20), False),
        ("US", "MA", date(2021, 7, 5), True),  # in lieu of Sunday the 4th
        ("DE", "BY", date(2026, 1, 6), True),  # Epiphany
        ("DE", "BE", date(2026, 1, 6), False),
        ("DE", "BY", date(2026, 6, 4), True),  # Corpus Christi
        ("DE", None, date(2026, 6, 4), False),
        ("DE", None, date(2026, 10, 3), True),
        ("GB", "SCT", date(2026, 11, 30), True),  # Saint Andrew
        ("GB", "ENG", date(2026, 11, 30), False),
        ("KI", None, date(2026, 7, 12), True),  # a country unknown to the hours' library
    ],
)
def test_holidays_of_a_country_and_its_regions(
    country: str, region: str | None, day: date, holiday: bool
) -> None:
    hours = OpeningHours("24/7; PH off", "UTC", country, region)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    assert hours.is_holiday(day) is holiday
    assert hours.is_open(noon) is not holiday


@pytest.mark.parametrize(
    ("text", "open_at"),
    [
        ("Mo-Fr 09:00-18:00; PH off", ["11-25 10", "11-27 10"]),
        ("Mo-We,PH 09:00-18:00", ["11-25 10", "11-26 10"]),
        ("PH,Fr 09:00-18:00", ["11-26 10", "11-27 10"]),
        ("PH Mo-Fr 09:00-18:00", ["11-26 10"]),
        ("PH Sa 09:00-18:00", []),
        ("PH -1 day 09:00-18:00", ["11-25 10"]),
        ("PH +1 day 09:00-18:00; PH 20:00-21:00", ["11-26 20", "11-27 10"]),
        ("PH,PH +1 day 09:00-18:00", ["11-26 10", "11-27 10"]),
        ("Dec PH 09:00-18:00", []),
        ("PH 20:00-34:00", ["11-26 20", "11-27 09"]),
    ],
)
def test_what_rules_say_of_a_holiday(text: str, open_at: list[str]) -> None:
    hours = OpeningHours(text, "UTC", "US")  # Thursday 26 November is Thanksgiving
    moments = [f"11-{day} {hour}" for day in (25, 26, 27, 28) for hour in ("09", "10", "20")]
    found = [text for text in moments if hours.is_open(utc(f"2026-{text}:30"))]
    assert [text for text in found if text in open_at] == open_at
    assert {text[:5] for text in found} == {text[:5] for text in open_at}


def test_the_operators_own_holidays_and_exceptions() -> None:
    hours = OpeningHours(
        "Mo-Fr 09:00-18:00; PH off",
        NEW_YORK,
        "US",
        holidays=[date(2026, 12, 28)],
        exceptions=[
            "2026-12-24 14:00-24:00 closed",
            "2026-12-25 10:00-12:00 open",
            "2026 Dec 27 10:00-16:00",
            "2026-12-29 closed",
        ],
    )
    assert spans(hours, "2026-12-24", "2026-12-31") == [
        ("12-24 14:00", "12-24 19:00"),
        ("12-25 15:00", "12-25 17:00"),
        ("12-27 15:00", "12-27 21:00"),
        ("12-30 14:00", "12-30 23:00"),
    ]
    every_year = OpeningHours("24/7", "UTC", exceptions=["Dec 24 14:00-24:00 off"])
    assert spans(every_year, "2031-12-24", "2031-12-26") == [
        ("12-24 00:00", "12-24 14:00"),
        ("12-25 00:00", "12-26 00:00"),
    ]


def test_an_evening_past_midnight_belongs_to_its_day() -> None:
    hours = OpeningHours("Mo-Th,Su 11:00-23:00; Fr-Sa 11:00-26:00; PH off", "UTC", "US")
    assert spans(hours, "2026-11-20T12:00", "2026-11-23T12:00") == [
        ("11-20 12:00", "11-21 02:00"),
        ("11-21 11:00", "11-22 02:00"),  # though another rule speaks of Sunday
        ("11-22 11:00", "11-22 23:00"),
        ("11-23 11:00", "11-23 12:00"),
    ]
    before_christmas = OpeningHours("20:00-02:00; PH off", "UTC", "US")
    assert spans(before_christmas, "2026-12-24T12:00", "2026-12-26T12:00") == [("12-24 20:00", "12-25 02:00")]
    mixed = OpeningHours("24/7; Fr 10:00-12:00,22:00-27:00; Sa off; Su 20:00-22:00", "UTC")
    assert spans(mixed, "2026-11-20", "2026-11-23T01:00") == [
        ("11-20 10:00", "11-20 12:00"),
        ("11-20 22:00", "11-21 03:00"),
        ("11-22 20:00", "11-22 22:00"),
        ("11-23 00:00", "11-23 01:00"),
    ]
    shortened = OpeningHours("20:00-26:00", "UTC", exceptions=["2026-11-20 23:00-25:00 off"])
    assert spans(shortened, "2026-11-20T12:00", "2026-11-21T12:00") == [
        ("11-20 20:00", "11-20 23:00"),
        ("11-21 01:00", "11-21 02:00"),
    ]


@pytest.mark.parametrize(
    ("text", "opens", "never"),
    [("24/7", True, True), ("24/7 off", False, True), ("2020 Jan 01", False, True), ("Mo-Fr", False, False)],
)
def test_hours_that_never_change_say_so(text: str, opens: bool, never: bool) -> None:
    hours, sunday = OpeningHours(text, NEW_YORK), utc("2026-11-22T12:00")
    assert hours.is_open(sunday) is opens
    assert (hours.next_change(sunday) is None) is never
    assert list(OpeningHours("off; PH off", "UTC", "US").spans(sunday, sunday + timedelta(days=99))) == []
    assert OpeningHours("24/7; PH open", "UTC", "US").next_change(sunday) is None


def test_a_change_far_away_is_found() -> None:
    assert OpeningHours("2099 Feb 28 10:00-11:00", "UTC").next_change(utc("2026-01-01")) == utc(
        "2099-02-28T10:00"
    )
    assert OpeningHours("24/7; 2099 Feb 28 off", "UTC").next_change(utc("2026-01-01")) == utc("2099-02-28")


# Errors.


@pytest.mark.parametrize(
    ("settings_", "where", "column", "message"),
    [
        ({"text": "Mo-Fr 9-24x"}, ("text",), 7, "cannot be read from '9-24x' on"),
        ({"text": "Mo-Fr 09:00-18:00; Foo"}, ("text",), 20, "cannot be read from 'Foo' on"),
        ({"text": "Mo-Fr 09:00-18:00;"}, ("text",), 19, "end too early"),
        ({"text": "Mo 09:00-18:00;\n  Tu 25:00"}, ("text",), 22, "cannot be read"),
        ({"text": ""}, ("text",), 1, "end too early"),
        ({"text": "24/7; PH off"}, ("text",), 7, "PH needs a country, or a list of holidays"),
        ({"text": "24/7; SH off"}, ("text",), 7, "school holidays are not known"),
        ({"text": "Mo 09:00-sunset"}, ("text",), 10, "clock times"),
        ({"text": 'Mo 09:00-10:00 || "call"'}, ("text",), 19, "a remark alone"),
        ({"text": "Sa PH off", "country": "US"}, ("text",), 4, "'PH,Sa' for holidays and Saturdays"),
        ({"text": "24/7; Feb 30 off"}, ("text",), 7, "Feb has 29 days"),
        ({"text": "24/7; 2027 Feb 29 off"}, ("text",), 7, "Feb 2027 has 28 days"),
        ({"text": "Mo 00:00-48:00"}, ("text",), 4, "before the end of the next day"),
        ({"time_zone": "America/New_Yrk"}, ("time_zone",), 1, "did you mean America/New_York?"),
        ({"time_zone": "../etc/passwd"}, ("time_zone",), 1, "no time zone is called"),
        ({"country": "XX"}, ("country",), 1, "no holidays are known for 'XX'"),
        ({"country": "USA"}, ("country",), 1, "ISO 3166-1"),
        ({"country": "US", "region": "Massachusets"}, ("region",), 1, "did you mean Massachusetts?"),
        ({"region": "MA"}, ("region",), 1, "needs its country"),
        ({"exceptions": ["2026-12-24 off", "2026-12-26 14-15"]}, ("exceptions", 1), 12, "from '14-15' on"),
        ({"exceptions": ["14:00-15:00 off"]}, ("exceptions", 0), 1, "names its date"),
        ({"exceptions": ["2026-13-01 off"]}, ("exceptions", 0), 1, "no such month"),
        ({"exceptions": ["2027-02-29 off"]}, ("exceptions", 0), 1, "Feb 2027 has 28 days"),
        ({"exceptions": ["2026-12-24 off || 10:00-11:00"]}, ("exceptions", 0), 16, "no alternative"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(
    settings_: dict[str, object], where: tuple[str | int, ...], column: int, message: str
) -> None:
    with pytest.raises(HoursError) as refused:
        OpeningHours(**{"text": "24/7", "time_zone": "UTC", **settings_})  # type: ignore[arg-type]
    assert (refused.value.where, refused.value.column) == (where, column)
    assert message in refused.value.message


@given(st.text('MoTuFrSaPHDec 0123456789:-,;+|/"[]offclosed', max_size=30))
@example("  ")
@example('"by appointment"')
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_with_a_column_of_it(text: str) -> None:
    column = 1
    try:
        hours = OpeningHours(text, NEW_YORK, "US")
    except HoursError as error:
        column = error.column
    else:
        list(hours.spans(utc("2026-10-30"), utc("2026-11-03")))
    assert 1 <= column <= len(text) + 1


# Properties.

DAYS = st.sampled_from(
    ["Mo-Fr", "Sa", "Su", "Mo-Su", "PH", "Sa,PH", "PH,Mo", "PH -1 day", "Nov", "2026", "Mar 8", ""]
)
TIMES = st.sampled_from(
    ["09:00-18:00", "01:10-01:50", "02:00-03:00", "00:00-24:00", "10:00-12:00,13:00-17:00", ""]
)
LATE = st.sampled_from(["22:00-26:00", "18:00-02:30", "12:00-12:00"])
MODIFIERS = st.sampled_from(["", "", "off", "unknown"])


def texts(times: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    rule = st.tuples(DAYS, times, MODIFIERS).map(lambda parts: " ".join(part for part in parts if part))
    rule = rule.filter(bool)
    more = st.lists(st.tuples(st.sampled_from(["; ", ", "]), rule).map("".join), max_size=3)
    return st.tuples(rule, more.map("".join)).map("".join)


ZONES = st.sampled_from([NEW_YORK, LONDON, SYDNEY, LORD_HOWE, AUCKLAND, KIRITIMATI, PAGO_PAGO, "UTC"])
#: Around the changes of the clocks of 2026, in minutes.
MOMENTS = st.tuples(
    st.sampled_from(["2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-11-01", "2026-11-26"]),
    st.integers(-2 * 86400, 2 * 86400),
).map(lambda drawn: utc(drawn[0]) + timedelta(seconds=drawn[1]))


def built(text: str, zone: str) -> OpeningHours:
    return OpeningHours(text, zone, "US", "MA", exceptions=["2026-11-27 01:20-12:00"])


@given(texts(TIMES | LATE), ZONES, MOMENTS, st.lists(st.integers(0, 4 * 86400), min_size=1, max_size=20))
@settings(max_examples=300, deadline=None)
def test_spans_and_is_open_agree(text: str, zone: str, start: datetime, seconds: list[int]) -> None:
    hours = built(text, zone)
    found = [(a.astimezone(UTC), b.astimezone(UTC)) for a, b in hours.spans(start, start + timedelta(days=4))]
    assert all(a < b for a, b in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))
    edges = [edge for span in found for edge in span]
    for moment in [start + timedelta(seconds=second) for second in seconds] + edges[:-1]:
        if moment < start + timedelta(days=4):
            assert hours.is_open(moment) is any(a <= moment < b for a, b in found)


@given(texts(TIMES | LATE), ZONES, MOMENTS)
@settings(max_examples=300, deadline=None)
def test_next_change_is_the_next_change(text: str, zone: str, at: datetime) -> None:
    hours = built(text, zone)
    now, change = hours.is_open(at), hours.next_change(at)
    until = at + timedelta(days=5) if change is None else min(change.astimezone(UTC), at + timedelta(days=5))
    step, moment = timedelta(minutes=5), at
    while moment < until:
        assert hours.is_open(moment) is now
        moment += step
    if change is not None:
        assert change.astimezone(UTC) > at
        assert hours.is_open(change) is not now
        assert hours.is_open(change.astimezone(UTC) - timedelta(seconds=1)) is now


def library_holidays(country: str) -> list[date]:
    """The days that the library itself means by ``PH``."""
    days = opening_hours.OpeningHours("PH", country=country).intervals(
        datetime(2025, 12, 1), datetime(2027, 2, 1)
    )
    return [
        (first + timedelta(days=offset)).date()
        for first, last, state, _ in days
        if state == opening_hours.State.OPEN
        for offset in range((last - first).days)
    ]


LIBRARY_HOLIDAYS = library_holidays("US")


@given(texts(TIMES), st.integers(0, 365))
@settings(max_examples=300, deadline=None)
def test_given_the_librarys_own_holidays_we_say_what_it_says(text: str, day: int) -> None:
    """Where nothing passes midnight, our reading of ``PH`` and that of the library are the same."""
    first = datetime(2026, 1, 1) + timedelta(days=day)
    theirs = opening_hours.OpeningHours(text, country="US").intervals(first, first + timedelta(days=14))
    ours = OpeningHours(text, "UTC", holidays=LIBRARY_HOLIDAYS)
    for start, end, state, _ in theirs:
        for moment in (start, start + (end - start) / 2, end - timedelta(minutes=1)):
            assert ours.is_open(moment.replace(tzinfo=UTC)) is (state == opening_hours.State.OPEN)


@given(
    st.sampled_from(["Mo-Su", "2026", "Jan-Dec", "week 1-53", ""]),
    TIMES.filter(bool) | LATE,
    LATE,
    st.integers(0, 365),
)
@settings(max_examples=100, deadline=None)
def test_past_midnight_we_say_what_the_library_says_of_one_rule_for_all_days(
    days: str, times: str, late: str, day: int
) -> None:
    text = f"{days} {times},{late}".strip()
    first = datetime(2026, 1, 2) + timedelta(days=day)
    ours = OpeningHours(text, "UTC")
    for start, end, state, _ in opening_hours.OpeningHours(text).intervals(first, first + timedelta(days=3)):
        for moment in (start, end - timedelta(minutes=1)):
            if moment.year == 2026:  # at New Year "2026" alone ends with its evening in the library, too
                assert ours.is_open(moment.replace(tzinfo=UTC)) is (state == opening_hours.State.OPEN)


def test_asking_is_cheap() -> None:
    hours, at = OpeningHours("Mo-Fr 09:00-18:00; PH off", NEW_YORK, "US", "MA"), utc("2026-11-23T15:00")
    best = 1.0
    for _ in range(5):
        began = perf_counter()
        for _ in range(1000):
            hours.is_open(at)
        best = min(best, (perf_counter() - began) / 1000)
    assert best < 20e-6
