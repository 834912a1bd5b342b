"""Ties: SIP legs of our own between two workers, by which legs in different workers hear each other."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from twisted.internet.error import ConnectionClosed
from twisted.protocols import amp

from bridge.causes import HangupCause
from bridge.commands import HangUp, Join
from bridge.events import LegAnswered, LegEnded, LegEvent
from media.worker import Worker

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TieEnd:
    """One end of a tie: its own leg ``tie_id`` next to the leg that it serves, in the same worker."""

    worker: Worker
    leg_id: str
    tie_id: str


class Tie:
    """One tie. ``near`` awaits it, ``far`` dials it; ``on_failed(tie)`` is called at most once.

    Its own legs report to :meth:`reported` and to nobody else.
    """

    def __init__(
        self, call_id: str, near: TieEnd, far: TieEnd, timeout: float, on_failed: Callable[[Tie], None]
    ) -> None:
        self.call_id = call_id
        self.near = near
        self.far = far
        self._on_failed = on_failed
        #: Whether the legs are to hear each other, or one of them was given something else to hear.
        self._wanted = True
        self._over = False
        self._answered = asyncio.Event()
        self._connecting = asyncio.ensure_future(self._connect(timeout))

    def carries(self, leg_id: str, other_leg_id: str) -> bool:
        """Whether the tie is between these two legs, and lives."""
        return not self._over and {self.near.leg_id, self.far.leg_id} == {leg_id, other_leg_id}

    def join(self) -> None:
        """Let the two legs hear each other, as soon as the tie is answered."""
        self._wanted = True
        if self._answered.is_set() and not self._over:
            for end in (self.near, self.far):
                end.worker.perform(Join(end.leg_id, end.tie_id))

    def part(self) -> None:
        """One of the legs hears something else from now on; :meth:`join` brings them together again."""
        self._wanted = False

    def reported(self, event: LegEvent) -> None:
        """Take what happened to one of the tie's own legs."""
        match event:
            case LegAnswered(leg_id=leg_id) if leg_id == self.far.tie_id:
                self._answered.set()
                if self._wanted:
                    self.join()
            case LegEnded(cause=cause):
                self._fail(f"its leg ended: {cause}")

    def end(self) -> None:
        """Hang up what is left of it; :meth:`reported` may still be told of that."""
        if not self._over:
            self._over = True
            self._connecting.cancel()
            for end in (self.near, self.far):
                end.worker.perform(HangUp(end.tie_id, HangupCause.PEER_ENDED))

    async def _connect(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                uri = await self.near.worker.await_tie(self.near.tie_id, secrets.token_urlsafe(18))
                await self.far.worker.dial_tie(self.far.tie_id, uri)
                await self._answered.wait()
        except (amp.AmpError, ConnectionClosed, ConnectionError, TimeoutError) as error:
            self._fail(str(error) or type(error).__name__)

    def _fail(self, reason: str) -> None:
        if not self._over:
            log.warning("tie failed", call_id=self.call_id, reason=reason)
            self.end()
            self._on_failed(self)
