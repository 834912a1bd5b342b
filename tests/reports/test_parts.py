"""What is counted of calls and chats: against a plain count of a simulated month, and in parts."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.causes import Disposition
from bridge.cdr import CallRecord
from reports.definitions import METRICS, metrics_of
from reports.parts import PARTS, PartKey, page_group, parts_of_call, parts_of_chat
from reports.periods import period, steps
from reports.results import Row, by_step, by_value, figures, heat, summed
from reports.tally import COUNTS, NOTHING, TIMES, CountTally, total
from tests.reports.month import AROUND, some_calls, some_chats

COUNT = 6000
ZONES = ("America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC")

Counted = dict[PartKey, CountTally]


@pytest.fixture(scope="module")
def calls() -> list[tuple[CallRecord, str, float]]:
    return list(some_calls(COUNT))


@pytest.fixture(scope="module")
def counted(calls: list[tuple[CallRecord, str, float]]) -> Counted:
    found: defaultdict[PartKey, CountTally] = defaultdict(lambda: NOTHING)
    for record, rule, wrap_up in calls:
        for key, tally in parts_of_call(record, rule, AROUND, wrap_up).items():
            found[key] = found[key] + tally
    for chat, rule in some_chats(COUNT // 3):
        for key, tally in parts_of_chat(chat, rule, AROUND).items():
            found[key] = found[key] + tally
    return found


def rows(counted: Counted, channel: str, part: str) -> list[Row]:
    return [
        (key.bucket, key.site, key.value, tally.sums, tally.waits, tally.firsts)
        for key, tally in counted.items()
        if (key.channel, key.part) == (channel, part)
    ]


def test_a_tally_adds_up_lane_by_lane() -> None:
    chance = random.Random(3)
    plain: defaultdict[str, float] = defaultdict(float)
    tallies = []
    for _ in range(500):
        counts = {name: chance.randint(0, 10**6) for name in chance.sample(COUNTS, 9)}
        for name, value in counts.items():
            plain[name] += value
        tallies.append(CountTally.of(counts, wait=chance.uniform(0, 400), first=chance.uniform(0, 40)))
    whole = total(tallies)
    assert {name: whole[name] / (1000 if name in TIMES else 1) for name in COUNTS} == {
        name: plain[name] for name in COUNTS
    }
    assert sum(whole.wait_bins.values()) == sum(whole.first_bins.values()) == 500
    assert whole == sum(tallies, NOTHING)
    assert CountTally.unpacked(**whole.packed()) == whole


@pytest.mark.parametrize("channel", ["calls", "chats"])
def test_the_values_of_each_part_add_up_to_the_whole(counted: Counted, channel: str) -> None:
    whole = summed(rows(counted, channel, "all"))
    assert whole["offered"] > 0
    for part in PARTS:
        assert summed(rows(counted, channel, part)) == whole, part
        assert sum(by_value(rows(counted, channel, part), "route").values(), NOTHING) == whole
    assert sum(by_value(rows(counted, channel, "all"), "site").values(), NOTHING) == whole


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("every", ["hour", "day", "week", "month"])
def test_stretches_and_hours_of_the_week_add_up_to_the_whole(counted: Counted, zone: str, every: str) -> None:
    here, all_rows = ZoneInfo(zone), rows(counted, "calls", "all")
    first = datetime(2026, 9, 30).date()
    last = datetime(2026, 11, 1).date()
    cut = steps(first, last, here, every)  # type: ignore[arg-type]
    begins, ends = period(first, last, here)
    assert (cut[0].begins, cut[-1].ends) == (begins, ends)
    assert sum(by_step(all_rows, cut), NOTHING) == summed(all_rows)
    assert sum(heat(all_rows, here).values(), NOTHING) == summed(all_rows)


@pytest.mark.parametrize("zone", ZONES)
def test_each_day_and_hour_holds_the_calls_that_its_clock_says(
    calls: list[tuple[CallRecord, str, float]], counted: Counted, zone: str
) -> None:
    here = ZoneInfo(zone)
    plain: defaultdict[str, int] = defaultdict(int)
    hours: defaultdict[tuple[int, int], int] = defaultdict(int)
    for record, _, _ in calls:
        if record.disposition is not Disposition.REFUSED:
            local = datetime.fromtimestamp(record.requested_at, here)
            plain[local.date().isoformat()] += 1
            hours[local.weekday(), local.hour] += 1
    cut = steps(datetime(2026, 9, 30).date(), datetime(2026, 11, 1).date(), here, "day")
    told = by_step(rows(counted, "calls", "all"), cut)
    assert {step.label[:10]: tally["offered"] for step, tally in zip(cut, told, strict=True)} == {
        **{step.label[:10]: 0 for step in cut}, **plain
    }  # fmt: skip
    assert {at: tally["offered"] for at, tally in heat(rows(counted, "calls", "all"), here).items()} == hours


def test_every_metric_is_what_a_plain_count_says(
    calls: list[tuple[CallRecord, str, float]], counted: Counted
) -> None:
    offered = [record for record, _, _ in calls if record.disposition is not Disposition.REFUSED]
    answered = [record for record in offered if record.bridged_at is not None]
    waits = sorted((record.bridged_at or 0) - record.requested_at for record in answered)
    early = [
        record
        for record in offered
        if record.disposition is Disposition.CANCELLED and record.ended_at - record.requested_at <= 5
    ]
    in_time = [
        record
        for record, wait in ((each, (each.bridged_at or 0) - each.requested_at) for each in answered)
        if wait <= (20 if record.route == "store" else 30)
    ]
    dialled = [record for record in offered if record.legs]
    reached = [record for record in dialled if record.legs[0].answered_at is not None]
    spent = sum(record.talk_seconds for record in answered) + sum(wrap for _, _, wrap in calls)
    number = {each: sum(record.disposition is each for record, _, _ in calls) for each in Disposition}
    claims = len(offered) - len(early)
    told = figures(summed(rows(counted, "calls", "all")), "calls")
    expected = {
        "offered": len(offered),
        "answered": len(answered),
        "answer_rate": len(answered) / claims,
        "service_level": len(in_time) / claims,
        "abandoned": number[Disposition.CANCELLED] - len(early),
        "abandon_rate": (number[Disposition.CANCELLED] - len(early)) / claims,
        "shopper_reach": len(reached) / len(dialled),
        "handle_time": spent / len(answered),
        "messages": number[Disposition.MESSAGE_TAKEN],
        "callbacks": number[Disposition.CALLBACK_BOOKED],
        "unanswered": number[Disposition.UNANSWERED],
        "unreachable": number[Disposition.SHOPPER_UNREACHABLE],
        "failed": number[Disposition.FAILED],
        "refused": number[Disposition.REFUSED],
        "overload": sum(record.reason == "out_of_capacity" for record, _, _ in calls),
        # A percentile of the histogram is off by 5 % at most.
        "speed_p50": pytest.approx(waits[len(waits) // 2], rel=0.06),
        "speed_p90": pytest.approx(waits[len(waits) * 9 // 10], rel=0.06),
    }
    assert told.keys() == expected.keys() == {metric.id for metric in metrics_of("calls")}
    for name, value in expected.items():
        assert told[name] == (value if name.startswith("speed") else pytest.approx(value, abs=1e-3)), name


def test_the_metrics_of_chats_are_what_a_plain_count_says(counted: Counted) -> None:
    chats = [chat for chat, _ in some_chats(COUNT // 3)]
    accepted = [chat for chat in chats if chat.accepted_at is not None]
    replied = [chat for chat in chats if chat.first_answer_at is not None]
    firsts = sorted((chat.first_answer_at or 0) - chat.asked_at for chat in replied)
    told = figures(summed(rows(counted, "chats", "all")), "chats")
    assert told["offered"] == len(chats)
    assert told["answered"] == len(accepted)
    assert told["first_answer"] == pytest.approx(sum(firsts) / len(firsts), abs=1e-3)
    assert told["first_answer_p90"] == pytest.approx(firsts[len(firsts) * 9 // 10], rel=0.06)
    replies = sum(chat.replies for chat in chats)
    assert told["next_answers"] == pytest.approx(
        sum(each.reply_seconds for each in chats) / replies, abs=1e-3
    )
    handled = sum(chat.handled for chat in chats) / len(accepted)
    assert told["chat_handle_time"] == pytest.approx(handled, abs=1e-3)


def test_nothing_is_told_of_nothing() -> None:
    for channel in ("calls", "chats"):
        told = figures(NOTHING, channel)  # type: ignore[arg-type]
        assert {told[metric.id] for metric in metrics_of(channel) if metric.unit == "count"} == {0}  # type: ignore[arg-type]
        assert {told[metric.id] for metric in metrics_of(channel) if metric.unit != "count"} == {None}  # type: ignore[arg-type]


def test_each_metric_has_a_definition_of_its_own() -> None:
    assert len({metric.id for metric in METRICS}) == len(METRICS)
    assert len({metric.definition for metric in METRICS}) == len(METRICS)
    assert all(metric.definition.endswith(".") for metric in METRICS)


@pytest.mark.parametrize(
    ("page", "group"),
    [
        ("https://shop.example/cart?id=7#top", "/cart"),
        ("https://shop.example/p/bike-12345678/reviews", "/p/#/reviews"),
        ("/orders/4711", "/orders/#"),
        ("https://shop.example", ""),
        ("", ""),
    ],
)
def test_pages_are_counted_without_what_tells_shoppers_apart(page: str, group: str) -> None:
    assert page_group(page) == group


@given(st.text(max_size=300))
def test_no_page_is_too_odd(page: str) -> None:
    assert len(page_group(page)) <= 80
