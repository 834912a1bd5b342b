"""The calls' stories as they happen, for whoever listens: each listener has a short queue of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.listener import Listener
from bridge.cdr import CallRecord
from bridge.progress import CallProgress, CallState

#: Listeners of one call at once: tabs of the shopper, and reconnects whose old socket is not yet dead.
LISTENERS_PER_CALL = 8


class TooManyListenersError(Exception):
    """The call has as many listeners as it may have."""


@dataclass(frozen=True, slots=True)
class Times:
    """When a call began, and when the two first talked, in seconds since the epoch; None before."""

    started_at: float | None = None
    bridged_at: float | None = None


class LiveCalls:
    """A :class:`bridge.protocols.Watcher` that passes each line on to the listeners of its call."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = {}
        self._times: dict[str, Times] = {}

    @contextmanager
    def listen(self, call_id: str) -> Iterator[Listener]:
        """Listen to a call from now on; :class:`TooManyListenersError` where others do already."""
        listeners = self._listeners.setdefault(call_id, [])
        if len(listeners) >= LISTENERS_PER_CALL:
            raise TooManyListenersError
        listener = Listener()
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

    def progressed(self, progress: CallProgress) -> None:
        """Pass a line on."""
        times = self.times(progress.call_id)
        talk = progress.state is CallState.BRIDGED and times.bridged_at is None
        if times.started_at is None or talk:
            self._times[progress.call_id] = Times(
                times.started_at or progress.at, progress.at if talk else times.bridged_at
            )
        for listener in self._listeners.get(progress.call_id, ()):
            listener.put(progress)

    def recorded(self, record: CallRecord) -> None:
        """A written CDR is no line of the story: that the call ended was told before."""
        self._times.pop(record.call_id, None)
