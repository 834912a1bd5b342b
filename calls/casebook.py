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
class Case:
    """One callback that is not over, or whose end is not on disk yet."""

    callback: Callback
    #: Whether it is on disk; False for one that the disk refused, which is none.
    added: asyncio.Future[bool] | None = None
    #: Whether it is left alone for a while, whatever is due.
    rests: bool = False
    #: The case of the same shopper that is dialled for this one as well; None for one that is dialled itself.
    leader: Case | None = None
    #: The other way round.
    riders: list[Case] = field(default_factory=list)

    @property
    def shopper(self) -> tuple[str, str]:
        """The site, and the shopper's number."""
        return self.callback.click.site, self.callback.click.number


class Casebook:
    """All cases, and the disk behind them.

    Of a shopper's open cases one is dialled, the leader; the others end as it does, and take its place when
    whoever booked it cancels. So nobody is called twice, and yet a booking tells nothing about earlier ones:
    anybody may type somebody else's number.
    """

    def __init__(self, store: CallbackStore) -> None:
        self._store = store
        self._cases: dict[str, Case] = {}
        self._of_shopper: dict[tuple[str, str], Case] = {}

    def of_shopper(self, site: str, number: str) -> Case | None:
        """The open case of a shopper that is dialled, one included that is on its way to the disk."""
        case = self._of_shopper.get((site, number))
        return case if case and case.callback.open else None

    def by_secret(self, secret: str) -> Case | None:
        """The case of the callback with this secret."""
        return next((case for case in self._cases.values() if case.callback.secret == secret), None)

    def booked(self) -> Iterator[Case]:
        """The cases that wait to be dialled."""
        return (
            case
            for case in self._cases.values()
            if case.callback.state is CallbackState.BOOKED and case.leader is None
        )

    def take_up(self, case: Case) -> None:
        """Enter a case that is on disk."""
        self._cases[case.callback.callback_id] = case
        self._place(case)

    async def add(self, case: Case) -> None:
        """Put a new case on disk and enter it; raises what the store raises, and then there is no case."""
        if self.of_shopper(*case.shopper) is not None:
            await self._store.add_callback(case.callback)
            self.take_up(case)
            return
        case.added = asyncio.get_running_loop().create_future()
        self._of_shopper[case.shopper] = case
        added = False
        try:
            await self._store.add_callback(case.callback)
            added = True
        finally:
            if not added:
                del self._of_shopper[case.shopper]
            case.added.set_result(added)
        self.take_up(case)

    async def save(self, case: Case) -> None:
        """Put a case on disk as it is now, and strike it out once it is over. Raises what the store raises.

        Of two writes at once, whichever comes last sees that the other state holds, and writes that.
        """
        while True:
            callback = case.callback
            await self._store.save_callback(callback)
            if case.callback is callback:
                break
        if not callback.open:
            if callback.state is not CallbackState.CANCELLED:
                await self._end_riders(case)
            self.forget(case)

    async def settle(self, case: Case) -> None:
        """Put a case on disk, again while the disk refuses."""
        await self.insist(case, lambda: self.save(case))

    async def insist(self, case: Case, act: Callable[[], Awaitable[None]]) -> bool:
        """Whether it succeeded at last; otherwise the next start takes up the callback that the disk has."""
        for pause in (*WRITE_PAUSES, None):
            try:
                await act()
            except Exception as error:  # noqa: BLE001 - whatever a store raises, the desk goes on
                callback_id = case.callback.callback_id
                log.error("callback_not_written", callback_id=callback_id, error=str(error), again_in=pause)
                if pause is not None:
                    await asyncio.sleep(pause)
            else:
                return True
        return False

    def forget(self, case: Case) -> None:
        """Strike a case out; of those that it was dialled for, the first is dialled now."""
        self._cases.pop(case.callback.callback_id, None)
        if self._of_shopper.get(case.shopper) is case:
            del self._of_shopper[case.shopper]
        if case.leader is not None and case in case.leader.riders:
            case.leader.riders.remove(case)
        riders, case.riders = case.riders, []
        for rider in riders:
            self._place(rider)

    def _place(self, case: Case) -> None:
        """Let a case ride along with the shopper's leader, or lead."""
        leader = self.of_shopper(*case.shopper)
        case.leader = leader if leader is not case else None
        if case.leader is None:
            self._of_shopper[case.shopper] = case
        else:
            case.leader.riders.append(case)

    async def _end_riders(self, case: Case) -> None:
        """Put on disk that those are over as well for which this case was dialled."""
        for rider in list(case.riders):
            if rider.callback.open:
                rider.callback = replace(rider.callback, state=case.callback.state)
            await self._store.save_callback(rider.callback)
            self._cases.pop(rider.callback.callback_id, None)
            if rider in case.riders:
                case.riders.remove(rider)
