"""Counts of calls: additive, in buckets that fit every time zone, and what a plain count says."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

import hypothesis.strategies as st
import pytest
from hypothesis import given

from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord
from reports.counts import BUCKET, Counts, Key, bucket_of, counts_of, key_of, reduce
from reports.histogram import BINS, added, bin_of, middle_of, percentile, share_within
from tests.store.records import a_leg, a_record

RECORDS = st.builds(
    lambda number, at, wait, talk, disposition, site, took, legs: a_record(
        f"c{number}",
        site=site,
        requested_at=at,
        bridged_at=at + wait if disposition is Disposition.BRIDGED else None,
        ended_at=at + wait + talk,
        disposition=disposition,
        legs=(
            *((a_leg("s", role="shopper", answered_at=at + 1.0 if legs > 1 else None),) if legs else ()),
            *(
                (a_leg("b", destination=took, joined_at=at + wait),)
                if disposition is Disposition.BRIDGED
                else ()
            ),
        ),
    ),
    st.integers(0, 10**9),
    st.floats(0, 10_000),
    st.floats(0, 400),
    st.floats(0, 4000),
    st.sampled_from(Disposition),
    st.sampled_from(["shop", "other"]),
    st.sampled_from(["ann", "ben"]),
    st.integers(0, 2),
)


@given(st.lists(RECORDS, max_size=40), st.integers(0, 40))
def test_counts_add_up_and_agree_with_a_plain_count(records: list[CallRecord], cut: int) -> None:
    together = reduce(records)
    parts = reduce(records[:cut]), reduce(records[cut:])
    for key in together:
        one, other = (part.get(key, Counts()) for part in parts)
        both, all_of_it = one + other, together[key]
        assert (both.calls, both.waits, both.shoppers_answered) == (
            all_of_it.calls,
            all_of_it.waits,
            all_of_it.shoppers_answered,
        )
        assert both.talk == pytest.approx(all_of_it.talk)
        assert both.wait == pytest.approx(all_of_it.wait)
    plain = Counter((each.site, each.disposition.value) for each in records)
    told: Counter[tuple[str, str]] = Counter()
    for key, counts in together.items():
        told[key.site, key.disposition] += counts.calls
        assert all(
            key.bucket <= each.requested_at < key.bucket + BUCKET for each in records if key_of(each) == key
        )
    assert told == plain
    everything = sum(together.values(), Counts())
    bridged = [each for each in records if each.bridged_at is not None]
    assert sum(everything.waits.values()) == len(bridged)
    assert everything.talk == pytest.approx(sum(each.talk_seconds for each in records))


def test_what_one_call_counts_as() -> None:
    record = a_record("c", requested_at=1000.0, bridged_at=1012.0, ended_at=1072.0, legs=(
        a_leg("s", role="shopper", answered_at=1003.0, joined_at=1012.0),
        a_leg("b1", destination="ann", cause=HangupCause.BUSY),
        a_leg("b2", destination="ben", joined_at=1012.0),
        a_leg("b3", destination="cleo", joined_at=1030.0),  # the call was passed on
    ))  # fmt: skip
    assert key_of(record) == Key(900, "boston", "sales", "ben", "bridged")
    assert counts_of(record) == Counts(1, 0, 1, 1, 12.0, 60.0, {bin_of(12.0): 1})
    gone = a_record(
        "d", requested_at=1000.0, bridged_at=None, ended_at=1004.0, disposition=Disposition.CANCELLED, legs=()
    )
    assert (key_of(gone).destination, counts_of(gone)) == ("", Counts(1, 1))
    assert counts_of(a_record("e", requested_at=1000.0, bridged_at=900.0)).wait == 0.0, "a clock was set back"


def test_every_zone_has_whole_buckets() -> None:
    at = datetime(2026, 3, 29, 1, tzinfo=UTC)
    for name in available_timezones():
        offset = at.astimezone(ZoneInfo(name)).utcoffset()
        assert offset is not None
        assert offset.total_seconds() % BUCKET == 0, name
    assert [bucket_of(moment) for moment in (0.0, 899.9, 900.0, 1801.0)] == [0, 0, 900, 1800]


@given(st.floats(0.11, 18_000))
def test_a_bin_is_off_by_five_percent_at_most(seconds: float) -> None:
    assert middle_of(bin_of(seconds)) == pytest.approx(seconds, rel=0.05)


def test_percentiles() -> None:
    waits: dict[int, int] = {}
    for second in range(1, 101):
        waits = added(waits, {bin_of(float(second)): 1})
    assert percentile(waits, 0.5) == pytest.approx(50, rel=0.06)
    assert percentile(waits, 0.9) == pytest.approx(90, rel=0.06)
    assert percentile({}, 0.5) is None
    assert share_within(waits, 20.0) == pytest.approx(0.2, abs=0.02)
    assert share_within({}, 20.0) is None
    assert (bin_of(0.0), bin_of(10**6), middle_of(0)) == (0, BINS - 1, 0.0)
