"""Calls on disk: the engine's ``bridge.protocols.CallStore``, and what the API asks of past calls."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord, NotedLeg
from routing.plan import ClickToCall
from store import counting, crash, reads, writes
from store.counting import Question
from store.database import Database
from store.paging import Cursor, check_limit
from store.reads import CdrFilter, CdrPage


class SqlCallStore:
    """Calls in an open database. Every method raises StoreError where the disk says no.

    Writes are carried out in the order they are called, whether awaited in between or not. ``visitor`` tells
    which customer a call is from; CDRs are then found by that.
    """

    def __init__(
        self, database: Database, visitor: Callable[[ClickToCall], str | None] = lambda click: None
    ) -> None:
        self._database = database
        self._visitor = visitor

    def visitor(self, click: ClickToCall) -> str | None:
        """Whose call it is, as its row says: the customer, else the browser; None where neither is known."""
        browser = f"{click.site}:browser {click.visitor}" if click.visitor else None
        return self._visitor(click) or browser

    async def open_call(self, call_id: str, click: ClickToCall, route: str, requested_at: float) -> None:
        """Put a new, unfinished call on disk."""
        visitor, life = self.visitor(click), self._database.life
        await self._database.write(writes.open_call, call_id, click, route, requested_at, visitor, life)

    async def write_refused(
        self, call_id: str, click: ClickToCall, route: str, at: float, reason: str
    ) -> None:
        """Put a refused request on disk, as a finished call without legs; ``reason`` is the problem's id."""
        await self._database.write(
            writes.write_refused, call_id, click, route, at, reason, self.visitor(click)
        )

    async def settle(
        self, call_id: str, disposition: Disposition, cause: HangupCause | None, bridged_at: float | None
    ) -> None:
        """Put a call's disposition on disk before its CDR. Again changes nothing; UnknownCallError."""
        await self._database.write(writes.settle, call_id, disposition, cause, bridged_at)

    async def write_cdr(self, record: CallRecord) -> None:
        """Finish a call, in one transaction. Again changes nothing; UnknownCallError."""
        await self._database.write(writes.write_cdr, record)

    async def close_unfinished(self, at: float, kept: Collection[str] = ()) -> Sequence[str]:
        """Close what a dead core left open, except what was ``kept``, before any call begins; the call ids.

        Of this node, that is: what other nodes of the database run is theirs.

        A settled disposition is kept, else it is ``failed``; a missing cause becomes ``core_lost``. As nobody
        saw the end it is the last heartbeat, or the last that was noted of the call; never later than ``at``,
        unless the clock was set back. The legs are those that were noted.
        """
        life, alone = self._database.life, self._database.is_alone
        return await self._database.write(crash.close_unfinished, at, kept, life, alone)

    async def note_legs(self, legs: Sequence[NotedLeg]) -> None:
        """Put legs of live calls on disk, in place of what was known of them, in one transaction."""
        await self._database.write(crash.note_legs, legs)

    async def beat(self, at: float) -> None:
        """Put on disk that the core lives at this moment."""
        await self._database.write(crash.beat, at, self._database.life)

    async def check(self) -> None:
        """Write something and take it back; StoreError where no transaction can be written now."""
        await self._database.write(writes.probe)

    async def call(self, call_id: str) -> CallRecord | None:
        """The record of a finished call; None for one unknown or still living."""
        return await self._database.read(reads.call, call_id)

    async def cdrs(self, which: CdrFilter, *, limit: int = 100, after: Cursor | None = None) -> CdrPage:
        """A page of finished calls, newest first; ``limit`` from 1 to MAX_PAGE, else ValueError."""
        check_limit(limit)
        return await self._database.read(reads.cdrs, which, limit, after)

    async def count(self, questions: Sequence[Question]) -> tuple[int, ...]:
        """One number for each question, in one transaction."""
        return await self._database.read(counting.count, questions)
