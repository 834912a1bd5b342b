"""The callbacks that the desk has in its hands, and how what it decides about them comes to the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace

import structlog

from bridge.callback import Callback, CallbackState, CallbackStore
from calls.engine import WRITE_PAUSES

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class OpenCallback:
    """One callback that is not over, or whose end is not on disk yet."""

    callback: Callback
    #: Whether it is on disk; False for one that the disk refused, which is none.
    added: asyncio.Future[bool] | None = None
    #: Whether it is left alone for a while, whatever is due.
    rests: bool = False
    #: The callback of the same shopper that is dialled for this one, too; None if this one is dialled itself.
    leader: OpenCallback | None = None
    #: The other way round.
    riders: list[OpenCallback] = field(default_factory=list)

    @property
    def shopper(self) -> tuple[str, str]:
        """The site, and the shopper's number."""
        return self.callback.click.site, self.callback.click.number


class OpenCallbacks:
    """All open callbacks, and the disk behind them.

    One of a shopper's open callbacks is dialled: the leader. The others end as it does. If the leader is
    cancelled, the next one leads. So nobody is called twice, and a booking still tells nothing about earlier
    ones: anybody may type somebody else's number.
    """

    def __init__(self, store: CallbackStore) -> None:
        self._store = store
        self._open: dict[str, OpenCallback] = {}
        self._of_shopper: dict[tuple[str, str], OpenCallback] = {}

    def of_shopper(self, site: str, number: str) -> OpenCallback | None:
        """The callback of a shopper that is dialled, even if it is still on its way to the disk."""
        entry = self._of_shopper.get((site, number))
        return entry if entry and entry.callback.open else None

    def by_secret(self, secret: str) -> OpenCallback | None:
        """The open callback with this secret."""
        return next((entry for entry in self._open.values() if entry.callback.secret == secret), None)

    def for_call(self, call_id: str) -> Callback | None:
        """The open callback that was booked for this call."""
        callbacks = (entry.callback for entry in self._open.values())
        return next((each for each in callbacks if each.call_id == call_id and each.open), None)

    def of_try(self, call_id: str) -> bool:
        """Whether this call was the last try of one of them."""
        return any(entry.callback.last_call_id == call_id for entry in self._open.values())

    def booked(self) -> Iterator[OpenCallback]:
        """Those that wait to be dialled."""
        return (
            entry
            for entry in self._open.values()
            if entry.callback.state is CallbackState.BOOKED and entry.leader is None
        )

    def take_up(self, entry: OpenCallback) -> None:
        """Add one that is on disk."""
        self._open[entry.callback.callback_id] = entry
        self._place(entry)

    async def add(self, entry: OpenCallback) -> None:
        """Put a new one on disk and add it. If the store raises, nothing is added."""
        if self.of_shopper(*entry.shopper) is not None:
            await self._store.add_callback(entry.callback)
            self.take_up(entry)
            return
        entry.added = asyncio.get_running_loop().create_future()
        self._of_shopper[entry.shopper] = entry
        added = False
        try:
            await self._store.add_callback(entry.callback)
            added = True
        finally:
            if not added:
                del self._of_shopper[entry.shopper]
            entry.added.set_result(added)
        self.take_up(entry)

    async def save(self, entry: OpenCallback) -> None:
        """Put one on disk as it is now, and remove it once it is over. Raises what the store raises.

        Of two writes at once, whichever comes last sees that the other state holds, and writes that.
        """
        while True:
            callback = entry.callback
            await self._store.save_callback(callback)
            if entry.callback is callback:
                break
        if not callback.open:
            if callback.state is not CallbackState.CANCELLED:
                await self._end_riders(entry)
            self.forget(entry)

    async def settle(self, entry: OpenCallback) -> None:
        """Put one on disk, and try again while the disk refuses."""
        await self.insist(entry, lambda: self.save(entry))

    async def insist(self, entry: OpenCallback, act: Callable[[], Awaitable[None]]) -> bool:
        """Whether it succeeded at last; otherwise the next start takes up the callback that the disk has."""
        for pause in (*WRITE_PAUSES, None):
            try:
                await act()
            except Exception as error:  # noqa: BLE001 - whatever a store raises, the desk goes on
                callback_id = entry.callback.callback_id
                log.error("callback_not_written", callback_id=callback_id, error=str(error), again_in=pause)
                if pause is not None:
                    await asyncio.sleep(pause)
            else:
                return True
        return False

    def forget(self, entry: OpenCallback) -> None:
        """Remove one. The first of those that it was dialled for is dialled now."""
        self._open.pop(entry.callback.callback_id, None)
        if self._of_shopper.get(entry.shopper) is entry:
            del self._of_shopper[entry.shopper]
        if entry.leader is not None and entry in entry.leader.riders:
            entry.leader.riders.remove(entry)
        riders, entry.riders = entry.riders, []
        for rider in riders:
            self._place(rider)

    def _place(self, entry: OpenCallback) -> None:
        """Let one follow the shopper's leader, or lead."""
        leader = self.of_shopper(*entry.shopper)
        entry.leader = leader if leader is not entry else None
        if entry.leader is None:
            self._of_shopper[entry.shopper] = entry
        else:
            entry.leader.riders.append(entry)

    async def _end_riders(self, entry: OpenCallback) -> None:
        """Put on disk that the callbacks for which this one was dialled are over, too."""
        for rider in list(entry.riders):
            if rider.callback.open:
                rider.callback = replace(rider.callback, state=entry.callback.state)
            await self._store.save_callback(rider.callback)
            self._open.pop(rider.callback.callback_id, None)
            if rider in entry.riders:
                entry.riders.remove(rider)
