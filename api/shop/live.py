"""The progress of calls as it happens: each page that listens has a short queue of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.page_queue import MOST_LISTENERS, PageQueue, TooManyListenersError
from bridge.bulletin import Interest, on
from bridge.facts import CallEnded, CallProgressed
from bridge.progress import CallState


@dataclass(frozen=True, slots=True)
class Times:
    """When a call began, and when the two first talked, in seconds since the epoch; None before."""

    started_at: float | None = None
    bridged_at: float | None = None


class LiveCalls:
    """A :class:`bridge.bulletin.Subscriber` that passes each line on to the listeners of its call."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[PageQueue]] = {}
        self._times: dict[str, Times] = {}

    @contextmanager
    def listen(self, call_id: str) -> Iterator[PageQueue]:
        """Listen to a call from now on; :class:`TooManyListenersError` where others do already."""
        listeners = self._listeners.setdefault(call_id, [])
        if len(listeners) >= MOST_LISTENERS:
            raise TooManyListenersError
        listener = PageQueue()
        listeners.append(listener)
        try:
            yield listener
        finally:
            listeners.remove(listener)
            if not listeners:
                del self._listeners[call_id]

    @property
    def listeners(self) -> int:
        """How many listen, to all calls together."""
        return sum(len(each) for each in self._listeners.values())

    def times(self, call_id: str) -> Times:
        """Of a live call, for a page that was not there from the beginning; empty for any other."""
        return self._times.get(call_id, Times())

    def interests(self) -> Iterable[Interest]:
        """Each line of a call's story, and its end."""
        return on(CallProgressed, self._progressed), on(CallEnded, self._ended)

    def _progressed(self, fact: CallProgressed) -> None:
        progress = fact.progress
        times = self.times(progress.call_id)
        talk = progress.state is CallState.BRIDGED and times.bridged_at is None
        if times.started_at is None or talk:
            self._times[progress.call_id] = Times(
                times.started_at or progress.at, progress.at if talk else times.bridged_at
            )
        for listener in self._listeners.get(progress.call_id, ()):
            listener.put(progress)

    def _ended(self, fact: CallEnded) -> None:
        self._times.pop(fact.call_id, None)
