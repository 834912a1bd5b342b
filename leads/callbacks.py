"""Calls that are dialled by themselves at the times that shoppers chose: each is a callback of the desk's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from bridge.callback import Callback, CallbackState
from bridge.events import CallbackEvent
from bridge.protocols import Clock
from follow.lead import Lead
from leads.desk import LeadDesk
from routing.plan import ClickToCall

log = structlog.get_logger(__name__)

#: What stands before a lead's id where a callback names the call that it was booked for.
OF_LEAD = "lead:"
#: Seconds until a store that failed is asked again.
STORE_PAUSE = 30.0


class AgreedCallbacks(Protocol):
    """The desk of callbacks; what writes may raise what the store raises."""

    async def promise(self, call_id: str, click: ClickToCall, terms: str, at: float) -> CallbackEvent:
        """Book one for a time that was agreed on."""

    def booked_for(self, call_id: str) -> Callback | None:
        """The open callback that was booked for this call."""

    async def cancel(self, secret: str) -> Callback | None:
        """Cancel the callback with this secret."""


class LeadCallbacks:
    """Sees that each open lead with a chosen time has a callback then, and no other lead has one.

    ``terms(site)`` names the callbacks' terms by which a site dials by itself; None where agents do.
    ``click(lead)`` is what is dialled; None where its number may not be called.
    """

    def __init__(
        self,
        *,
        desk: LeadDesk,
        clock: Clock,
        callbacks: AgreedCallbacks,
        terms: Callable[[str], str | None],
        click: Callable[[Lead], ClickToCall | None],
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._callbacks = callbacks
        self._terms = terms
        self._click = click
        self._tasks: dict[str, asyncio.Task[None]] = {}
        #: Leads that moved while their callback was being written.
        self._again: set[str] = set()

    def start(self) -> None:
        """Look at all leads: what was asked for as the last process ended may not have come to the disk."""
        self._desk.watch(self.moved)
        for live in self._desk.board:
            self.moved(live.lead)

    async def stop(self) -> None:
        """Finish what is being written."""
        if self._tasks:
            await asyncio.wait(set(self._tasks.values()), timeout=2.0)

    def moved(self, lead: Lead) -> None:
        """A lead is new, or has changed."""
        lead_id = lead.lead_id
        if lead_id in self._tasks:
            self._again.add(lead_id)
        elif self._due(lead) is not None or self._callbacks.booked_for(f"{OF_LEAD}{lead_id}"):
            self._tasks[lead_id] = asyncio.ensure_future(self._agree(lead_id))

    async def _agree(self, lead_id: str) -> None:
        try:
            while await self._step(lead_id) or lead_id in self._again:
                self._again.discard(lead_id)
        except Exception as error:  # noqa: BLE001 - whatever a store raises, it is asked again
            log.warning("lead_callback_delayed", lead_id=lead_id, error=type(error).__name__)
            self._clock.call_later(STORE_PAUSE, lambda: self._look_again(lead_id))
        finally:
            self._again.discard(lead_id)
            del self._tasks[lead_id]

    def _look_again(self, lead_id: str) -> None:
        live = self._desk.board.get(lead_id)
        if live is not None:
            self.moved(live.lead)

    async def _step(self, lead_id: str) -> bool:
        """Bring the callback a step nearer to the lead; whether there may be one more."""
        live, ref, now = self._desk.board.get(lead_id), f"{OF_LEAD}{lead_id}", self._clock.time()
        lead = live.lead if live else None
        due = self._due(lead) if lead else None
        booked = self._callbacks.booked_for(ref)
        if booked is not None:
            moved = due is None or (due > now and due != booked.due_at)
            if not moved or booked.state is not CallbackState.BOOKED:  # a call that rings is not hung up on
                return False
            await self._callbacks.cancel(booked.secret)
            return True
        if lead is None or due is None or due <= now:
            return False
        click, terms = self._click(lead), self._terms(lead.site)
        if click is not None and terms is not None:
            await self._callbacks.promise(ref, click, terms, due)
            log.info("lead_callback_booked", lead_id=lead_id)
        return False

    def _due(self, lead: Lead) -> float | None:
        """When a lead is to be dialled by itself."""
        if not lead.open or lead.chosen is None or self._terms(lead.site) is None:
            return None
        return lead.chosen.start
