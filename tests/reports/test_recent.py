"""The last minutes of a queue: who was answered in time, and who is not decided yet."""

from __future__ import annotations

import pytest

from reports.recent import Recent, RecentTalk, recent

NOW = 10_000.0


def call(
    ago: float, bridged: float | None = None, ended: float | None = None, how: str | None = None
) -> RecentTalk:
    at = NOW - ago
    return RecentTalk(
        "sales", at, None if bridged is None else at + bridged, None if ended is None else at + ended, how
    )


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (call(100, bridged=5, ended=50, how="bridged"), (1, 1)),
        (call(100, bridged=30), (1, 0)),
        (call(10), (0, 0)),  # may still be answered in time
        (call(30), (1, 0)),
        (call(100, ended=3, how="cancelled"), (0, 0)),
        (call(100, ended=30, how="cancelled"), (1, 0)),
        (call(100, ended=3, how="failed"), (1, 0)),
        (call(100, ended=0, how="refused"), (0, 0)),
        (call(1000, bridged=5), (0, 0)),  # longer ago than a quarter of an hour
    ],
)
def test_each_call(one: RecentTalk, expected: tuple[int, int]) -> None:
    assert recent([one], 20.0, NOW, 15) == Recent(*expected)


def test_a_chat_that_ended_before_anybody_took_it_is_decided_unless_it_was_left_at_once() -> None:
    def chat(answered: float | None, ended: float | None) -> RecentTalk:
        at, how = NOW - 100, "cancelled" if answered is None and ended is not None else None
        return RecentTalk(
            "sales", at, None if answered is None else at + answered,
            None if ended is None else at + ended, how, "line",
        )  # fmt: skip

    chats = [chat(5, None), chat(50, 90), chat(None, 30), chat(None, 4)]
    assert recent(chats, 20.0, NOW, 15) == Recent(3, 1)


def test_the_level_of_nothing_is_none() -> None:
    assert recent([], 20.0, NOW, 60).service_level is None
    assert recent([call(100, bridged=5), call(100, bridged=50)], 20.0, NOW, 60).service_level == 0.5
