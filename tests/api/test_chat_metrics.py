"""What Prometheus is told of chats."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from api.operator.chat_metrics import ChatMetrics
from bridge.bulletin import Bulletin
from chat.facts import ChatBegan, ChatOver, ChatReplied, ChatTaken


def test_chats_are_counted_from_the_click_to_the_end() -> None:
    registry = CollectorRegistry()
    bulletin, of = Bulletin(ChatMetrics(registry)), {"call_id": "th-1", "at": 1.0, "site": "shop"}

    def count(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"ringback_{name}", {"site": "shop", **labels})

    bulletin.tell([ChatBegan(**of)])  # type: ignore[arg-type]
    bulletin.tell([ChatTaken(**of, agent="ann", waited=7.0)])  # type: ignore[arg-type]
    bulletin.tell([ChatTaken(**of, agent="ben", waited=None)])  # type: ignore[arg-type]
    assert (count("chats_asked_total"), count("open_chats")) == (1, 1)
    assert (count("chat_wait_seconds_count"), count("chat_wait_seconds_sum")) == (1, 7.0)
    for first in (True, False, False):
        bulletin.tell([ChatReplied(**of, agent="ben", seconds=4.0, first=first)])  # type: ignore[arg-type]
    assert count("chat_reply_seconds_count", which="first") == 1
    assert count("chat_reply_seconds_sum", which="next") == 8.0
    over = ChatOver(
        **of,
        outcome="answered",
        cause="agent",
        agent="ben",
        waited=7.0,
        handled=90.0,  # type: ignore[arg-type]
    )
    bulletin.tell([over])
    assert (count("chats_total", outcome="answered"), count("open_chats")) == (1, 0)
    assert count("chat_handle_seconds_sum") == 90.0
    assert bulletin.failures == {}
