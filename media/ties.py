"""Ties: SIP legs between two of our workers, through which legs in different workers hear each other."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from bridge.causes import HangupCause
from bridge.commands import HangUp, Join
from bridge.events import LegAnswered, LegEnded, LegEvent
from media.placement import Placement
from media.protocol import WorkerRefusedError
from media.worker import Worker

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TieEnd:
    """One end of a tie: its own leg ``tie_id`` in the worker of the leg that it serves."""

    worker: Worker
    leg_id: str
    tie_id: str


class Tie:
    """One tie. ``near`` awaits it, ``far`` dials it; ``on_failed(tie)`` is called at most once.

    ``on_unused(tie_id)`` names an end that its worker never began and so never reports as ended.

    Reports on its own legs go to :meth:`reported` only.
    """

    def __init__(
        self,
        call_id: str,
        near: TieEnd,
        far: TieEnd,
        seconds: float,
        on_failed: Callable[[Tie], None],
        on_unused: Callable[[str], None],
    ) -> None:
        self.call_id = call_id
        self.near = near
        self.far = far
        self._on_failed = on_failed
        self._on_unused = on_unused
        self._begun: set[str] = set()
        #: Whether the legs should hear each other; False if one of them was given something else to hear.
        self._wanted = True
        self._over = False
        self._answered = asyncio.Event()
        self._connecting = asyncio.ensure_future(self._connect(seconds))

    def carries(self, leg_id: str, other_leg_id: str) -> bool:
        """Whether the tie is between these two legs, and is not over."""
        return not self._over and {self.near.leg_id, self.far.leg_id} == {leg_id, other_leg_id}

    def join(self) -> None:
        """Let the two legs hear each other as soon as the tie is answered."""
        self._wanted = True
        if self._answered.is_set() and not self._over:
            for end in (self.near, self.far):
                end.worker.perform(Join(end.leg_id, end.tie_id))

    def part(self) -> None:
        """One of the legs hears something else from now on, until :meth:`join`."""
        self._wanted = False

    def reported(self, event: LegEvent) -> None:
        """Take a report on one of the tie's own legs."""
        match event:
            case LegAnswered(leg_id=leg_id) if leg_id == self.far.tie_id:
                self._answered.set()
                if self._wanted:
                    self.join()
            case LegEnded(cause=cause):
                self._fail(f"its leg ended: {cause}")

    def end(self) -> None:
        """Hang up the tie's own legs; their ends may still be reported."""
        if not self._over:
            self._over = True
            self._connecting.cancel()
            for end in (self.near, self.far):
                if end.tie_id in self._begun:
                    end.worker.perform(HangUp(end.tie_id, HangupCause.PEER_ENDED))
                else:
                    self._on_unused(end.tie_id)

    async def _connect(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                with self._beginning(self.near):
                    uri = await self.near.worker.await_tie(self.near.tie_id, secrets.token_urlsafe(18))
                with self._beginning(self.far):
                    await self.far.worker.dial_tie(self.far.tie_id, uri)
                await self._answered.wait()
        except (WorkerRefusedError, ConnectionError, TimeoutError) as error:
            self._fail(str(error) or type(error).__name__)

    @contextmanager
    def _beginning(self, end: TieEnd) -> Iterator[None]:
        """An end counts as begun once its worker was asked, unless the worker refuses."""
        self._begun.add(end.tie_id)
        try:
            yield
        except (WorkerRefusedError, ConnectionError):
            self._begun.discard(end.tie_id)
            raise

    def _fail(self, reason: str) -> None:
        if not self._over:
            log.warning("tie failed", call_id=self.call_id, reason=reason)
            self.end()
            self._on_failed(self)


class Ties:
    """All ties, with their slots. ``on_cut(end)`` names a leg that lost its tie, and its worker."""

    def __init__(self, placement: Placement, seconds: float, on_cut: Callable[[TieEnd], None]) -> None:
        self._placement = placement
        self._seconds = seconds
        self._on_cut = on_cut
        self._made = 0
        #: By the two legs that a tie joins, and by its own two legs.
        self._of_leg: dict[str, Tie] = {}
        self._of_end: dict[str, Tie] = {}

    def join(self, call_id: str, leg: tuple[str, Worker], other: tuple[str, Worker]) -> None:
        """Join two legs of different workers by the tie that they have, or by a new one."""
        present = self._of_leg.get(leg[0])
        if present and present.carries(leg[0], other[0]):
            present.join()
            return
        self.end(leg[0])
        self.end(other[0])
        self._made += 1
        near = TieEnd(leg[1], leg[0], f"{call_id}-tie{self._made}-near")
        far = TieEnd(other[1], other[0], f"{call_id}-tie{self._made}-far")
        placed = [
            end.tie_id
            for end in (near, far)
            if self._placement.place_tie(call_id, end.tie_id, end.worker.worker_id)
        ]
        if len(placed) < 2:
            log.error("no room for a tie", call_id=call_id)
            for tie_id in placed:
                self._placement.end(tie_id)
            self._on_cut(self._away(call_id, near, far))
            return
        tie = Tie(call_id, near, far, self._seconds, self._failed, self._forget)
        self._of_leg[near.leg_id] = self._of_leg[far.leg_id] = tie
        self._of_end[near.tie_id] = self._of_end[far.tie_id] = tie

    def part(self, leg_id: str) -> None:
        """A leg hears something else from now on; does nothing without a tie."""
        if leg_id in self._of_leg:
            self._of_leg[leg_id].part()

    def end(self, leg_id: str) -> None:
        """A leg has ended, or gets another tie; does nothing without a tie."""
        tie = self._of_leg.pop(leg_id, None)
        if tie:
            self._of_leg.pop(tie.near.leg_id, None)
            self._of_leg.pop(tie.far.leg_id, None)
            tie.end()

    def take(self, event: LegEvent) -> bool:
        """Take a report if it is about a tie; False if it is not."""
        tie = self._of_end.get(event.leg_id)
        if tie is None:
            return False
        if isinstance(event, LegEnded):
            self._forget(event.leg_id)
        tie.reported(event)
        return True

    def _forget(self, tie_id: str) -> None:
        self._of_end.pop(tie_id, None)
        self._placement.end(tie_id)

    def _failed(self, tie: Tie) -> None:
        away = self._away(tie.call_id, tie.near, tie.far)
        self.end(away.leg_id)
        self._on_cut(away)

    def _away(self, call_id: str, near: TieEnd, far: TieEnd) -> TieEnd:
        """The end that is not in the call's home, which has the shopper's leg."""
        return near if far.worker.worker_id == self._placement.home_of(call_id) else far
