"""What is counted of chats for Prometheus, as facts tell. Labels are sites and closed lists."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bridge.bulletin import Interest, on
from chat.facts import ChatBegan, ChatOver, ChatRefused, ChatReplied, ChatTaken

_WAITS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300, 600)
_HANDLED = (30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)


class ChatMetrics:
    """A :class:`bridge.bulletin.Subscriber`. Chats that go on after a restart are not asked for again."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._asked = Counter(
            "ringback_chats_asked", "Chats that shoppers asked for.", ["site"], registry=registry
        )
        self._open = Gauge("ringback_open_chats", "Chats that agents have now.", ["site"], registry=registry)
        self._over = Counter(
            "ringback_chats", "Chats that ended, by outcome.", ["site", "outcome"], registry=registry
        )
        self._wait = Histogram(
            "ringback_chat_wait_seconds",
            "From asking for a person to an agent who has the chat.",
            ["site"],
            buckets=_WAITS,
            registry=registry,
        )
        self._reply = Histogram(
            "ringback_chat_reply_seconds",
            "How long shoppers waited for an agent's word: the first one, or a next one.",
            ["site", "which"],
            buckets=_WAITS,
            registry=registry,
        )
        self._handle = Histogram(
            "ringback_chat_handle_seconds",
            "How long agents had the chats that ended.",
            ["site"],
            buckets=_HANDLED,
            registry=registry,
        )
        self._holders: dict[str, str] = {}

    def interests(self) -> Iterable[Interest]:
        """From the click to the end."""
        return (
            on(ChatBegan, lambda fact: self._asked.labels(fact.site).inc()),
            on(ChatTaken, self._taken),
            on(ChatReplied, self._replied),
            on(ChatOver, self._ended),
            on(ChatRefused, lambda fact: self._over.labels(fact.site, "refused").inc()),
        )

    def _taken(self, fact: ChatTaken) -> None:
        if fact.waited is not None:
            self._wait.labels(fact.site).observe(max(0.0, fact.waited))
        if fact.chat_id not in self._holders:
            self._holders[fact.chat_id] = fact.site
            self._open.labels(fact.site).inc()

    def _replied(self, fact: ChatReplied) -> None:
        which = "first" if fact.first else "next"
        self._reply.labels(fact.site, which).observe(max(0.0, fact.seconds))

    def _ended(self, fact: ChatOver) -> None:
        self._over.labels(fact.site, fact.outcome).inc()
        if self._holders.pop(fact.chat_id, None) is not None:
            self._open.labels(fact.site).dec()
            self._handle.labels(fact.site).observe(max(0.0, fact.handled))
