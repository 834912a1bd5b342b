"""The callback desk: books callbacks, dials them when they are due, and forgets none."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import structlog

from bridge.bulletin import Interest, on
from bridge.callback import Callback, CallbackState, CallbackStore
from bridge.causes import Disposition
from bridge.events import CallbackBooked, CallbackEvent, CallbackRefused
from bridge.facts import CallBridged, CallEnded
from bridge.protocols import Cancellable, Clock, OutOfCapacityError
from calls.engine import DrainingError
from calls.open_callbacks import OpenCallback, OpenCallbacks
from routing.callback_times import CallbackHours, in_words, next_time, shopper_zones
from routing.plan import ClickToCall

log = structlog.get_logger(__name__)

#: Callbacks that are dialled at once and not yet bridged.
MOST_AT_ONCE = 5
#: Seconds until a callback is tried again that could not be dialled: that is no try.
NOT_NOW_SECONDS = 60.0
#: The longest sleep: the wall clock, whose times the due times are, may be set meanwhile.
LONGEST_SLEEP = 600.0
#: Seconds that a stopping desk gives its writes.
LAST_SECONDS = 5.0


class NotNowError(Exception):
    """Nobody at the business can be rung now. The desk tries again in a minute; this is not a try."""


class CallbackDesk:
    """:class:`bridge.protocols.Callbacks`; facts tell it what became of the calls that it has placed.

    The desk writes to disk before it promises anything to a shopper, and before it dials, so that a try
    counts even after a crash. Nothing here raises into the engine.

    ``handle(call_id, event)``, ``new_call_id()`` and ``hang_up(call_id)`` are the engine's. ``hours(terms)``
    are those that hold now, ``home(site)`` is the site's time zone, ``language(site)`` its language.
    ``place(callback)`` places the call that ``callback.last_call_id`` names; it may raise
    :class:`NotNowError`, DrainingError and OutOfCapacityError.
    ``on_given_up(callback)`` tells the business; until it returns it is called again, in a new process too.
    """

    def __init__(
        self,
        *,
        handle: Callable[[str, CallbackEvent], None],
        clock: Clock,
        store: CallbackStore,
        hours: Callable[[str], CallbackHours],
        home: Callable[[str], ZoneInfo],
        language: Callable[[str], str] = lambda site: "en",
        new_call_id: Callable[[], str],
        place: Callable[[Callback], Awaitable[None]],
        hang_up: Callable[[str], None],
        on_given_up: Callable[[Callback], Awaitable[None]],
        most: int = MOST_AT_ONCE,
    ) -> None:
        self._handle = handle
        self._clock = clock
        self._store = store
        self._hours = hours
        self._home = home
        self._language = language
        self._new_call_id = new_call_id
        self._place = place
        self._hang_up = hang_up
        self._on_given_up = on_given_up
        self._most = most
        self._open = OpenCallbacks(store)
        #: Those that are being dialled, and their calls that are not bridged yet.
        self._dialling: set[OpenCallback] = set()
        self._calls: dict[str, OpenCallback] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: Cancellable | None = None
        self._running = False

    async def start(self) -> None:
        """Load the open callbacks from disk; raises what the store raises."""
        # What was being dialled leads.
        found = await self._store.open_callbacks()
        for callback in sorted(found, key=lambda each: each.state is not CallbackState.DIALLING):
            entry = OpenCallback(callback)
            self._open.take_up(entry)
            if callback.state is CallbackState.DIALLING:  # the core died over it
                self._dialling.add(entry)
                self._spawn(self._tried(entry, bridged=False))
        self._running = True
        self._arm()

    def drain(self) -> None:
        """Stop dialling. The desk still books callbacks and records how live calls end."""
        self._running = False
        self._arm()

    async def stop(self) -> None:
        """Finish the pending writes, after the last call has ended."""
        self.drain()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=LAST_SECONDS)
        left = list(self._tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    # --- booking --------------------------------------------------------------------------------------

    def book(self, call_id: str, click: ClickToCall, terms: str) -> None:
        """Book a callback; a shopper who already has one from this site gets one call for both."""
        self._spawn(self._book(call_id, click, terms))

    async def promise(
        self, call_id: str, click: ClickToCall, terms: str, at: float | None = None
    ) -> CallbackEvent:
        """Book a callback for whoever waits for the answer; raises what the store raises.

        ``at`` is a time that was agreed on: it is dialled first then, whatever the terms say of times.
        """
        return await self._booked(call_id, click, terms, at)

    def booked_for(self, call_id: str) -> Callback | None:
        """The open callback that was booked for this call."""
        return self._open.for_call(call_id)

    async def _book(self, call_id: str, click: ClickToCall, terms: str) -> None:
        try:
            answer = await self._booked(call_id, click, terms)
        except Exception:
            log.exception("callback_not_booked", call_id=call_id)
            answer = CallbackRefused()
        self._handle(call_id, answer)

    async def _booked(
        self, call_id: str, click: ClickToCall, terms: str, at: float | None = None
    ) -> CallbackEvent:
        if not click.number:  # who talks by PC may have given none
            log.info("callback_without_a_number", call_id=call_id)
            return CallbackRefused()
        while (leader := self._open.of_shopper(click.site, click.number)) is not None:
            if leader.added is None or await leader.added:
                break
        now = self._clock.time()
        callback = Callback(
            callback_id=secrets.token_hex(12),
            secret=secrets.token_urlsafe(24),
            call_id=call_id,
            terms=terms,
            click=replace(click, by="phone"),
            # Further tries end so long after the time that was agreed on.
            booked_at=now if at is None else at,
            due_at=now,
        )
        due_at = at or self._next(callback, now + self._hours(terms).terms.shortest_delay)
        if due_at is None:
            log.info("callback_never_suits", call_id=call_id, terms=terms)
            return CallbackRefused()
        entry = OpenCallback(replace(callback, due_at=due_at))
        await self._open.add(entry)
        if entry.leader is not None:
            self._bring_forward(entry.leader, due_at)
        log.info("callback_booked", callback_id=callback.callback_id, call_id=call_id)
        self._arm()
        return self._promise(entry)

    def _bring_forward(self, leader: OpenCallback, due_at: float) -> None:
        """Make sure that others who wait for this callback are called no later than promised."""
        callback = leader.callback
        booked = callback.state is CallbackState.BOOKED and leader not in self._dialling
        if booked and due_at < callback.due_at:
            leader.callback = replace(callback, due_at=due_at)
            self._spawn(self._open.settle(leader))

    def _promise(self, entry: OpenCallback) -> CallbackBooked:
        callback, now = entry.callback, self._clock.time()
        at = now if callback.state is CallbackState.DIALLING else max(now, callback.due_at)
        home = self._home(callback.click.site)
        zones = shopper_zones(callback.click.number, home)
        return CallbackBooked(
            at, in_words(_utc(at), _utc(now), zones, home, self._language(callback.click.site))
        )

    def _next(self, callback: Callback, not_before: float) -> float | None:
        """When to dial next; None if no suitable time is left."""
        hours, home = self._hours(callback.terms), self._home(callback.click.site)
        latest = callback.booked_at + hours.terms.longest_delay
        zones = shopper_zones(callback.click.number, home)
        at = next_time(hours, zones, _utc(not_before), _utc(latest))
        return None if at is None else at.timestamp()

    def is_try(self, call_id: str) -> bool:
        """Whether this call is the last try of an open callback, or was until a moment ago."""
        return self._open.of_try(call_id)

    # --- cancelling -----------------------------------------------------------------------------------

    async def cancel(self, secret: str) -> Callback | None:
        """Cancel the callback with this secret, unless it is over, and return it as it then is.

        One that is being dialled is hung up on. None for a secret of no callback. Raises what the store
        raises.
        """
        entry = self._open.by_secret(secret)
        if entry is None:
            return await self._store.callback_by_secret(secret)
        callback = entry.callback
        if callback.open:
            entry.callback = replace(callback, state=CallbackState.CANCELLED)
            log.info("callback_cancelled", callback_id=callback.callback_id)
            if callback.state is CallbackState.DIALLING and callback.last_call_id is not None:
                self._hang_up(callback.last_call_id)
        try:
            await self._open.save(entry)
        except Exception:
            self._spawn(self._settled(entry))
            raise
        self._arm()
        return entry.callback

    async def _settled(self, entry: OpenCallback) -> None:
        await self._open.settle(entry)
        self._arm()

    # --- dialling -------------------------------------------------------------------------------------

    def interests(self) -> Iterable[Interest]:
        """A callback is done once the two talk; otherwise its try ends with the call."""
        return (
            on(CallBridged, lambda fact: self._over(fact.call_id, bridged=True)),
            on(CallEnded, self._ended),
        )

    def _ended(self, fact: CallEnded) -> None:
        self._over(fact.call_id, bridged=fact.record.disposition is Disposition.BRIDGED)

    def _over(self, call_id: str, bridged: bool) -> None:
        entry = self._calls.pop(call_id, None)
        if entry is not None:
            self._spawn(self._tried(entry, bridged))

    def _arm(self) -> None:
        """Set the clock for the callback that is due next."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting = self._waiting()
        if self._running and waiting and len(self._dialling) < self._most:
            ahead = min(entry.callback.due_at for entry in waiting) - self._clock.time()
            self._timer = self._clock.call_later(min(max(0.0, ahead), LONGEST_SLEEP), self._wake)

    def _wake(self) -> None:
        self._timer = None
        now = self._clock.time()
        due = sorted(
            (entry for entry in self._waiting() if entry.callback.due_at <= now),
            key=lambda entry: entry.callback.due_at,
        )
        for entry in due[: max(0, self._most - len(self._dialling))]:
            self._dialling.add(entry)
            self._spawn(self._dial(entry))
        self._arm()

    def _waiting(self) -> list[OpenCallback]:
        return [entry for entry in self._open.booked() if entry not in self._dialling and not entry.rests]

    async def _dial(self, entry: OpenCallback) -> None:
        """Dial a callback that is due, if it may be dialled now."""
        booked, now = entry.callback, self._clock.time()
        try:
            at = self._next(booked, now)
            if at is None:
                await self._give_up(entry)
            elif at > now + 1.0:  # this was due while nobody was there, or the hours have changed
                entry.callback = replace(booked, due_at=at)
                await self._open.settle(entry)
            else:
                await self._try(entry, self._new_call_id())
        except Exception:
            log.exception("callback_not_dialled", callback_id=booked.callback_id)
            await self._not_now(entry, booked)
        if entry not in self._calls.values():
            self._rest(entry)

    async def _try(self, entry: OpenCallback, call_id: str) -> None:
        booked = entry.callback
        dialling = replace(booked, state=CallbackState.DIALLING, tries=booked.tries + 1, last_call_id=call_id)
        entry.callback = dialling
        await self._open.save(entry)
        if entry.callback is not dialling:  # cancelled meanwhile
            return
        self._calls[call_id] = entry
        log.info("callback_dialled", callback_id=booked.callback_id, call_id=call_id, tries=dialling.tries)
        try:
            await self._place(dialling)
        except (NotNowError, DrainingError, OutOfCapacityError) as reason:
            del self._calls[call_id]
            log.info("callback_not_now", callback_id=booked.callback_id, why=type(reason).__name__)
            await self._not_now(entry, booked)
        except Exception:
            del self._calls[call_id]
            log.exception("callback_not_dialled", callback_id=booked.callback_id)
            await self._tried(entry, bridged=False)
        else:
            if entry.callback.state is CallbackState.CANCELLED:  # while the call was being placed
                self._hang_up(call_id)

    async def _not_now(self, entry: OpenCallback, booked: Callback) -> None:
        """Undo a try that does not count, and wait a while before the next one."""
        entry.rests = True
        self._clock.call_later(NOT_NOW_SECONDS, lambda: self._rested(entry))
        if entry.callback.open:
            entry.callback = booked
        await self._open.settle(entry)

    def _rested(self, entry: OpenCallback) -> None:
        entry.rests = False
        self._arm()

    async def _tried(self, entry: OpenCallback, bridged: bool) -> None:
        """A try is over: the callback is done, or will be tried again, or is given up."""
        callback = entry.callback
        if callback.state is CallbackState.DIALLING:
            if bridged:
                entry.callback = replace(callback, state=CallbackState.DONE)
                log.info("callback_done", callback_id=callback.callback_id, tries=callback.tries)
                await self._open.settle(entry)
            else:
                await self._again(entry)
        self._rest(entry)

    async def _again(self, entry: OpenCallback) -> None:
        callback = entry.callback
        try:
            terms, due_at = self._hours(callback.terms).terms, None
            if callback.tries < terms.tries:
                due_at = self._next(callback, self._clock.time() + terms.pause)
        except Exception:
            log.exception("callback_not_planned", callback_id=callback.callback_id)
            await self._not_now(entry, replace(callback, state=CallbackState.BOOKED))
            return
        if due_at is None:
            await self._give_up(entry)
        else:
            entry.callback = replace(callback, state=CallbackState.BOOKED, due_at=due_at)
            await self._open.settle(entry)

    async def _give_up(self, entry: OpenCallback) -> None:
        given_up = entry.callback = replace(entry.callback, state=CallbackState.GIVEN_UP)
        log.info("callback_given_up", callback_id=given_up.callback_id, tries=given_up.tries)
        # Told first: whatever happens between the two, the business will hear of it, if perhaps twice.
        if await self._open.insist(entry, lambda: self._on_given_up(given_up)):
            await self._open.settle(entry)
        else:
            self._open.forget(entry)

    def _rest(self, entry: OpenCallback) -> None:
        """Note that no work on a callback is pending."""
        self._dialling.discard(entry)
        self._arm()

    # --- tasks ----------------------------------------------------------------------------------------

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("callback_fault", error=repr(error), exc_info=error)


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
