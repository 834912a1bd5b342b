"""The newest line of a call's story, from the engine or, long after its end, from its record."""

from __future__ import annotations

from typing import Protocol

from bridge.callback import Callback
from bridge.causes import Disposition
from bridge.cdr import CallRecord
from bridge.progress import CallProgress, CallState

#: Sequence of the last line as told from the record, when the engine has forgotten the story.
LAST_SEQUENCE = 2**31 - 1


class Told(Protocol):
    """What the engine tells of its calls."""

    def progress(self, call_id: str) -> CallProgress | None:
        """The newest line of a call that lives, or ended less than a minute ago."""


class Records(Protocol):
    """Finished calls; may raise store.errors.StoreError."""

    async def call(self, call_id: str) -> CallRecord | None:
        """The record of a finished call, however it ended."""


class BookedCallbacks(Protocol):
    """Callbacks; may raise store.errors.StoreError."""

    async def callback_of_call(self, call_id: str) -> Callback | None:
        """The callback that was booked for a call."""


class CallStories:
    """Finds the newest line of any call."""

    def __init__(self, engine: Told, records: Records, callbacks: BookedCallbacks) -> None:
        self._engine = engine
        self._records = records
        self._callbacks = callbacks

    async def newest(self, call_id: str) -> CallProgress | None:
        """The newest line of a call; None for one that nobody knows. It may raise StoreError."""
        if progress := self._engine.progress(call_id):
            return progress
        record = await self._records.call(call_id)
        if record is None:
            return None
        booked = record.disposition is Disposition.CALLBACK_BOOKED
        callback = await self._callbacks.callback_of_call(call_id) if booked else None
        return _last_line(record, callback)

    async def site_of(self, call_id: str) -> str:
        """The site of a call; empty for one that nobody knows. It may raise StoreError."""
        progress = await self.newest(call_id)
        return progress.site if progress else ""


def _last_line(record: CallRecord, callback: Callback | None) -> CallProgress:
    business = [leg for leg in record.legs if leg.role == "business"]
    return CallProgress(
        call_id=record.call_id,
        site=record.site,
        sequence=LAST_SEQUENCE,
        at=record.ended_at,
        state=CallState.ENDED,
        attempt=len(business),
        attempts=len(business),
        connected_to=next((leg.label for leg in business if leg.joined_at is not None), None),
        callback_at=callback.due_at if callback else None,
        disposition=record.disposition,
        cause=record.cause,
    )
