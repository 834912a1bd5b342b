"""Limits: each of them, as its window moves, and in a race."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from api.limits import RequestRate
from config.fields import Window
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import PEOPLE, admin, limits, settings


async def outcome(server: Server, number: str = PEOPLE[0], address: str = "203.0.113.1") -> str:
    """``placed``, or the problem's id; the request comes from this address."""
    answer = await server.place(number, headers={"X-Forwarded-For": address})
    return "placed" if answer.status_code == 201 else answer.json()["id"]


BEHIND_A_PROXY = {"trusted_proxies": ["198.51.100.0/24"]}


@asyncio_test
async def test_calls_to_one_number_in_a_moving_window(tmp_path: Path) -> None:
    config = settings(BEHIND_A_PROXY, limits=limits(calls_per_number=["2 per 15m", "3 per 1h"]))
    async with serving(tmp_path, config) as server:
        start = server.clock.now
        story = []
        for minute in (0, 10, 11, 16, 17, 26, 61):
            server.clock.now = start + minute * 60
            story.append((minute, await outcome(server, address=f"203.0.113.{minute}")))
        assert story == [
            (0, "placed"),
            (10, "placed"),
            (11, "limit_number"),  # two in 15 minutes
            (16, "placed"),  # the first is out of the window, and the refused one never counted
            (17, "limit_number"),
            (26, "limit_number"),  # three in an hour
            (61, "placed"),
        ]
        assert await outcome(server, PEOPLE[1]) == "placed"


@asyncio_test
async def test_calls_and_numbers_of_one_visitor_from_any_address(tmp_path: Path) -> None:
    config = settings(
        BEHIND_A_PROXY, limits=limits(calls_per_visitor=["4 per 15m"], numbers_per_visitor=["2 per 1h"])
    )
    async with serving(tmp_path, config) as server:
        addresses = iter(range(1, 100))

        async def asked(number: str, visitor: str | None) -> str:
            headers = {"X-Forwarded-For": f"203.0.113.{next(addresses)}"}
            answer = await server.place(number, headers=headers, visitor=visitor)
            return "placed" if answer.status_code == 201 else str(answer.json()["id"])

        ann, bob = "ann-0123456789abcdef", "bob-0123456789abcdef"
        assert [await asked(PEOPLE[n], ann) for n in (0, 1, 2, 1, 0, 0)] == [
            "placed", "placed", "limit_numbers_per_visitor", "placed", "placed", "limit_visitor",
        ]  # fmt: skip
        assert await asked(PEOPLE[3], bob) == "placed"
        assert [await asked(PEOPLE[n], None) for n in range(4, 9)] == ["placed"] * 5
        server.clock.now += 3601
        assert await asked(PEOPLE[2], ann) == "placed"
        assert (await server.place(visitor="too short")).json()["id"] == "validation_failed"


@asyncio_test
async def test_each_limit_has_its_id_and_all_one_text(tmp_path: Path) -> None:
    cases = {
        "limit_number": ({"calls_per_number": ["1 per 15m"]}, PEOPLE[0], "203.0.113.9"),
        "limit_ip": ({"calls_per_ip": ["1 per 15m"]}, PEOPLE[5], "203.0.113.1"),
        "limit_numbers_per_ip": ({"numbers_per_ip": ["1 per 15m"]}, PEOPLE[5], "203.0.113.1"),
        "limit_site": ({"calls_per_site": ["1 per 15m"]}, PEOPLE[5], "203.0.113.9"),
        "limit_live_calls": ({"live_calls_per_site": 1}, PEOPLE[5], "203.0.113.9"),
    }
    texts = set()
    for index, (expected, (changed, number, address)) in enumerate(cases.items()):
        folder = tmp_path / str(index)
        folder.mkdir()
        async with serving(folder, settings(BEHIND_A_PROXY, limits=limits(**changed))) as server:
            assert await outcome(server) == "placed"
            refused = await server.place(number, headers={"X-Forwarded-For": address})
            assert (refused.status_code, refused.json()["id"]) == (429, expected)
            assert 0 < int(refused.headers["Retry-After"]) <= 900
            texts.add((refused.json()["title"], refused.json()["detail"]))
            cdrs = (await server.http.get("/v1/cdrs", headers=admin())).json()["cdrs"]
            assert [each["reason"] for each in cdrs] == [expected]
    assert len(texts) == 1


@asyncio_test
async def test_whole_networks_of_ipv6_have_limits_of_their_own(tmp_path: Path) -> None:
    """Who has a /56 has 256 addresses that limits tell apart, who has a /48 has 65,536."""
    config = settings(BEHIND_A_PROXY, limits=limits(calls_per_ip=["1 per 15m"]))
    async with serving(tmp_path, config) as server:
        one_house = [f"2001:db8:1:{n:x}::7" for n in range(8)]
        story = [await outcome(server, PEOPLE[n], address) for n, address in enumerate(one_house)]
        assert story == ["placed"] * 4 + ["limit_ip"] * 4
        streets = [f"2001:db8:1:{n:x}00::7" for n in range(1, 20)]
        story = [await outcome(server, PEOPLE[20 + n], address) for n, address in enumerate(streets)]
        assert story == ["placed"] * 12 + ["limit_ip"] * 7
        assert await outcome(server, PEOPLE[50], "2001:db8:2::7") == "placed"
    config = settings(BEHIND_A_PROXY, limits=limits(numbers_per_ip=["1 per 15m"]))
    (tmp_path / "numbers").mkdir()
    async with serving(tmp_path / "numbers", config) as server:
        story = [await outcome(server, PEOPLE[n], address) for n, address in enumerate(one_house)]
        assert story == ["placed"] * 4 + ["limit_numbers_per_ip"] * 4
        assert await outcome(server, PEOPLE[0], one_house[7]) == "placed"  # no further number


def test_requests_of_whole_networks() -> None:
    rate, windows = RequestRate(), (Window(1, 10.0),)
    in_a_56 = [f"2001:db8:0:{n:x}::/64" for n in range(6)]
    assert [rate.admit(each, windows, 0) is None for each in in_a_56] == [True] * 4 + [False] * 2
    rate.forgive(in_a_56[0], 0)
    assert rate.admit(in_a_56[4], windows, 0) is None
    assert rate.admit(in_a_56[5], windows, 5) == 5  # and it did not count for its /64
    assert rate.admit(in_a_56[5], windows, 10) is None
    in_a_48 = [f"2001:db8:5:{n:x}00::/64" for n in range(18)]
    assert [rate.admit(each, windows, 0) is None for each in in_a_48] == [True] * 16 + [False] * 2
    assert rate.admit("203.0.113.1", windows, 0) is None
    assert rate.admit("alice", windows, 0) is None


@asyncio_test
async def test_the_same_number_again_is_no_further_number(tmp_path: Path) -> None:
    config = settings(limits=limits(numbers_per_ip=["2 per 1h"]))
    async with serving(tmp_path, config) as server:
        story = [(await server.place(PEOPLE[n])).status_code for n in (0, 1, 2, 0, 1, 3)]
        assert story == [201, 201, 429, 201, 201, 429]


@asyncio_test
async def test_ended_calls_make_room_for_live_ones(tmp_path: Path) -> None:
    config = settings(limits=limits(live_calls_per_site=1))
    async with serving(tmp_path, config) as server:
        call_id = (await server.place()).json()["id"]
        assert (await server.place()).json()["id"] == "limit_live_calls"
        elsewhere = {"site_key": "other-public-key", "headers": {"Origin": "https://other.example"}}
        assert (await server.place(**elsewhere)).status_code == 201
        await server.engine.end(call_id)
        assert (await server.place()).status_code == 201


@pytest.mark.parametrize(
    "limit", ["calls_per_number", "calls_per_ip", "calls_per_site", "numbers_per_ip", "live_calls_per_site"]
)
@asyncio_test
async def test_a_race_does_not_exceed_a_limit(tmp_path: Path, limit: str) -> None:
    allowed = 5
    config = settings(limits=limits(**{limit: allowed if limit == "live_calls_per_site" else ["5 per 1h"]}))
    async with serving(tmp_path, config) as server:
        numbers = PEOPLE[:20] if limit == "numbers_per_ip" else [PEOPLE[0]] * 20
        answers = await asyncio.gather(*(server.place(number) for number in numbers))
        assert Counter(each.status_code for each in answers) == {201: allowed, 429: 15}
        assert len(server.engine.live()) == allowed


@asyncio_test
async def test_too_many_requests_are_refused_before_they_reach_the_disk(tmp_path: Path) -> None:
    config = settings({"requests_per_ip": ["3 per 1m"]})
    async with serving(tmp_path, config) as server:
        story = [(await server.place("900 234 5678")).json()["id"] for _ in range(5)]
        assert story == ["number_type_refused"] * 3 + ["limit_requests"] * 2
        refused = await server.place()
        assert refused.headers["Retry-After"] == "60"
        cdrs = (await server.http.get("/v1/cdrs", headers=admin())).json()["cdrs"]
        assert len(cdrs) == 3
        server.clock.now += 61
        assert (await server.place()).status_code == 201


def test_a_rate_is_a_moving_window_of_bounded_memory() -> None:
    rate, windows = RequestRate(max_addresses=3), (Window(2, 10.0), Window(3, 60.0))
    assert [rate.admit("a", windows, now) for now in (0, 1, 2, 9.5, 10.5, 12, 59)] == [
        None, None, 8.0, 0.5, None, 48.0, 1.0,
    ]  # fmt: skip
    for address in "bcd":
        assert rate.admit(address, windows, 59) is None
    assert len(rate) == 3
    assert rate.admit("a", windows, 59) is None  # pushed out, it starts afresh


@asyncio_test
async def test_ipv6_counts_by_its_network(tmp_path: Path) -> None:
    config = settings(BEHIND_A_PROXY, limits=limits(calls_per_ip=["1 per 1h"]))
    async with serving(tmp_path, config) as server:
        assert await outcome(server, address="2001:db8:1:2::1") == "placed"
        assert await outcome(server, address="2001:db8:1:2:ffff::9") == "limit_ip"
        assert await outcome(server, address="2001:db8:1:3::1") == "placed"
