"""The calls' stories as they happen, for whoever listens: each listener has a short queue of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from api.listener import Listener
from bridge.cdr import CallRecord
from bridge.progress import CallProgress

#: Listeners of one call at once: tabs of the shopper, and reconnects whose old socket is not yet dead.
LISTENERS_PER_CALL = 8


class TooManyListenersError(Exception):
    """The call has as many listeners as it may have."""


class LiveCalls:
    """A :class:`bridge.protocols.Watcher` that passes each line on to the listeners of its call."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = {}

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

    def progressed(self, progress: CallProgress) -> None:
        """Pass a line on."""
        for listener in self._listeners.get(progress.call_id, ()):
            listener.put(progress)

    def recorded(self, record: CallRecord) -> None:
        """A written CDR is no line of the story: that the call ended was told before."""
