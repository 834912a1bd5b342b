"""Tells facts to those who want to know them. What one of them raises costs nobody else anything."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import structlog

from bridge.facts import Fact

log = structlog.get_logger(__name__)

_F = TypeVar("_F", bound=Fact)
#: Has something called later in the moment in which facts are told: :meth:`Bulletin.settle` and ``announce``.
Later = Callable[[Callable[[], None]], None]


def at_once(act: Callable[[], None]) -> None:
    """The :data:`Later` of a subscriber that stands alone."""
    act()


@dataclass(frozen=True, slots=True)
class Interest:
    """One kind of fact, and what to call with it."""

    kind: type[Fact]
    take: Callable[[Any], None]


def on(kind: type[_F], take: Callable[[_F], None]) -> Interest:
    """Have ``take`` called with each fact of this kind; it must not block."""
    return Interest(kind, take)


class Subscriber(Protocol):
    """A projection of facts: whatever people or other parts see of the calls."""

    def interests(self) -> Iterable[Interest]:
        """The kinds of facts that it wants, and what takes each."""


class Bulletin:
    """Hands each fact to every subscriber that wants its kind. The order of the subscribers means nothing.

    A subscriber that raises is logged by its name and misses that one fact. While facts are told, each
    subscriber may know them already or not. What depends on others therefore waits: first everybody takes
    the facts, then what was to :meth:`settle` is settled, then what was to be announced is announced.
    """

    def __init__(self, *subscribers: Subscriber) -> None:
        self._takers: dict[type[Fact], list[tuple[str, Callable[[Any], None]]]] = {}
        self._telling = False
        self._settling: deque[Callable[[], None]] = deque()
        self._announcing: deque[Callable[[], None]] = deque()
        #: How often each subscriber has raised.
        self.failures: dict[str, int] = {}
        for subscriber in subscribers:
            self.subscribe(subscriber)

    def subscribe(self, subscriber: Subscriber) -> None:
        """Tell this subscriber, too, from now on."""
        for interest in subscriber.interests():
            self._takers.setdefault(interest.kind, []).append((type(subscriber).__name__, interest.take))

    def settle(self, act: Callable[[], None]) -> None:
        """Call ``act`` once everybody has taken the facts of this moment; at once where none are told."""
        self._later(self._settling, act)

    def announce(self, act: Callable[[], None]) -> None:
        """Call ``act`` once everything is settled, to tell people; at once where no facts are told."""
        self._later(self._announcing, act)

    def _later(self, when: deque[Callable[[], None]], act: Callable[[], None]) -> None:
        if self._telling:
            when.append(act)
        else:
            act()

    def tell(self, facts: Sequence[Fact]) -> None:
        """Tell everybody these facts, which became true in one moment."""
        self._telling = True
        try:
            for fact in facts:
                for name, take in self._takers.get(type(fact), ()):
                    self._guarded(name, take, fact)
            while waiting := self._settling or self._announcing:
                act = waiting.popleft()
                self._guarded(getattr(act, "__qualname__", repr(act)), act)
        finally:
            self._telling = False

    def _guarded(self, name: str, act: Callable[..., None], *about: Fact) -> None:
        try:
            act(*about)
        except Exception:
            self.failures[name] = self.failures.get(name, 0) + 1
            told = {"fact": type(about[0]).__name__, "call_id": about[0].call_id} if about else {}
            log.exception("subscriber_failed", subscriber=name, **told)
