"""The callbacks that the desk has in its hands, and how what it decides about them comes to the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

import structlog

from bridge.callback import Callback, CallbackState, CallbackStore
from bridge.engine import WRITE_PAUSES

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Case:
    """One callback that is not over, or whose end is not on disk yet."""

    callback: Callback
    #: Whether it is on disk; False for one that the disk refused, which is none.
    added: asyncio.Future[bool] | None = None
    #: Whether it is left alone for a while, whatever is due.
    rests: bool = False

    @property
    def shopper(self) -> tuple[str, str]:
        """The site, and the shopper's number."""
        return self.callback.click.site, self.callback.click.number


class Casebook:
    """All cases, of which a shopper has one open at most, and the disk behind them."""

    def __init__(self, store: CallbackStore) -> None:
        self._store = store
        self._cases: dict[str, Case] = {}
        self._of_shopper: dict[tuple[str, str], Case] = {}

    def of_shopper(self, site: str, number: str) -> Case | None:
        """The open case of a shopper, one included that is on its way to the disk."""
        case = self._of_shopper.get((site, number))
        return case if case and case.callback.open else None

    def by_secret(self, secret: str) -> Case | None:
        """The case of the callback with this secret."""
        return next((case for case in self._cases.values() if case.callback.secret == secret), None)

    def booked(self) -> Iterator[Case]:
        """The cases that wait to be dialled."""
        return (case for case in self._cases.values() if case.callback.state is CallbackState.BOOKED)

    def take_up(self, case: Case) -> None:
        """Enter a case that is on disk."""
        self._cases[case.callback.callback_id] = case
        self._of_shopper[case.shopper] = case

    async def add(self, case: Case) -> None:
        """Put a new case on disk and enter it; raises what the store raises, and then there is no case."""
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
        """Strike a case out."""
        self._cases.pop(case.callback.callback_id, None)
        if self._of_shopper.get(case.shopper) is case:
            del self._of_shopper[case.shopper]
