"""A callback: the promise to call a shopper back, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from routing.plan import ClickToCall


class CallbackState(StrEnum):
    """Where a callback stands."""

    BOOKED = "booked"
    DIALLING = "dialling"
    DONE = "done"  # shopper and business talked
    CANCELLED = "cancelled"  # by the shopper
    GIVEN_UP = "given_up"  # after the last try, or when no time was left


@dataclass(frozen=True, slots=True)
class Callback:
    """One callback. Times are seconds since the epoch."""

    callback_id: str
    #: Everybody who knows it may look at the callback and cancel it.
    secret: str
    #: The call that could not be taken.
    call_id: str
    terms: str
    click: ClickToCall
    booked_at: float
    #: When it is dialled next, or was.
    due_at: float
    tries: int = 0
    state: CallbackState = CallbackState.BOOKED
    #: The call that the last try was.
    last_call_id: str | None = None

    @property
    def open(self) -> bool:
        """Whether the shopper may still expect it."""
        return self.state in (CallbackState.BOOKED, CallbackState.DIALLING)


class CallbackStore(Protocol):
    """Where callbacks live; every method may raise StoreError."""

    async def add_callback(self, callback: Callback) -> None:
        """Put a new callback on disk."""

    async def save_callback(self, callback: Callback) -> None:
        """Put on disk what changed."""

    async def open_callbacks(self) -> Sequence[Callback]:
        """Those that are booked or being dialled, the next one first."""

    async def callbacks(self, *, limit: int = 100) -> Sequence[Callback]:
        """All of them, the newest first."""

    async def callback_of_call(self, call_id: str) -> Callback | None:
        """The callback that was booked for a call."""

    async def callback_by_secret(self, secret: str) -> Callback | None:
        """The callback whose secret this is."""
