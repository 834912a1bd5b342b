"""What a slow page gets: a new snapshot, and no endless queue; how much a page may say."""

from __future__ import annotations

import json

import pytest

from api.page_queue import ClosedError, TooSlowError
from api.subprotocol.view_words import PingPage
from api.view_queue import MOST_BYTES, MOST_MESSAGES, ViewQueue
from api.view_sockets import AT_BURST, BYTES, MESSAGES, ViewBudget
from tests.aio import asyncio_test

EVENT = b'{"type":3,"data":"' + b"x" * 1000 + b'"}'


@asyncio_test
async def test_events_that_wait_go_together_and_in_order() -> None:
    queue = ViewQueue()
    queue.picture(1, [b"1"], False)
    queue.picture(1, [b"2", b"3"], False)
    queue.put(PingPage())
    queue.picture(2, [b"4"], True)
    told = [json.loads(await queue.next()) for _ in range(2)]
    assert told == [{"type": "ping"}, {"type": "events", "page": 2, "events": [4]}]


@asyncio_test
async def test_a_slow_page_loses_pictures_and_asks_for_a_snapshot_once_it_has_taken_the_rest() -> None:
    asked: list[bool] = []
    queue = ViewQueue(lambda: asked.append(True))
    for _ in range(5 * MOST_BYTES // len(EVENT)):
        queue.picture(1, [EVENT], False)
        assert queue._bytes <= MOST_BYTES
    queue.put(PingPage())
    assert queue.lagging
    assert json.loads(await queue.next()) == {"type": "ping"}
    assert not asked
    queue.close(1000)
    with pytest.raises(ClosedError):
        await queue.next()
    slow = ViewQueue(lambda: slow.picture(1, [b"7"], True) or asked.append(True))
    slow.lagging = True
    assert json.loads(await slow.next())["events"] == [7]
    assert (asked, slow.lagging) == ([True], False)


@asyncio_test
async def test_a_large_snapshot_is_not_lost_to_what_follows_it() -> None:
    queue = ViewQueue()
    whole = b'{"type":2,"data":"' + b"x" * 2 * MOST_BYTES + b'"}'
    queue.picture(1, [whole], True)
    queue.picture(1, [EVENT], False)
    assert not queue.lagging
    told = []
    while len(told) < 2:
        told += json.loads(await queue.next())["events"]
    assert [event["type"] for event in told] == [2, 3]


@asyncio_test
async def test_a_page_that_takes_no_messages_is_given_up() -> None:
    queue = ViewQueue()
    for _ in range(MOST_MESSAGES + 1):
        queue.put(PingPage())
    with pytest.raises(TooSlowError):
        await queue.next()


def test_a_page_says_so_much_a_second_and_so_much_a_minute() -> None:
    budget = ViewBudget()
    heard = sum(budget.says("x", 10.0) for _ in range(1000))
    assert heard == AT_BURST
    assert sum(budget.says("x", 11.0) for _ in range(1000)) == MESSAGES
    large = ViewBudget()
    assert [large.says("x" * (BYTES // 2), 10.0) for _ in range(3)] == [True, True, False]
    assert large.says("x" * (BYTES // 2), 41.0)
