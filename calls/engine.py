"""The engine: runs every live call. The one place that executes commands and owns timers."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

import structlog

from bridge.bulletin import Bulletin
from bridge.call import CallMachine
from bridge.causes import HangupCause
from bridge.cdr import CallRecord
from bridge.commands import (
    AskRoute,
    BookCallback,
    Command,
    Dial,
    EnterQueue,
    HangUp,
    KeepMessage,
    LeaveQueue,
    PushKeyedPage,
    Settle,
    StartTimer,
    StopTimer,
    WriteCdr,
)
from bridge.events import (
    AudioHeard,
    CallRequested,
    CancelRequested,
    Event,
    LegEnded,
    RouteAnswered,
    Timer,
    TimerExpired,
)
from bridge.facts import CallEnded, Fact, LegFact, LegGone
from bridge.progress import CallProgress
from bridge.protocols import (
    Callbacks,
    CallKeeper,
    CallMedia,
    CallStore,
    Cancellable,
    Clock,
    Mailboxes,
    Pages,
    Queues,
    Rota,
    VoiceMessage,
)
from bridge.snapshot import CallSnapshot, Story
from routing.identity import shopper_number
from routing.plan import BrowserEndpoint, CallPlan, ClickToCall, PlannedStep

log = structlog.get_logger(__name__)

#: Pauses in seconds between the tries to write a record, ten minutes in all: a database is restarted, or a
#: disk cleared, meanwhile. Then it is left to ``close_unfinished``.
WRITE_PAUSES = (0.1, 0.5, 2.0, 10.0, *(30.0,) * 20)
#: How long the last progress of an ended call can still be asked for, in seconds.
REMEMBER_SECONDS = 60.0


class DrainingError(Exception):
    """The server is stopping and takes no new calls."""


@dataclass(slots=True)
class _LiveCall:
    machine: CallMachine
    #: How much later the wall clock told the time than ours did, when the call was asked for.
    behind: float
    #: What is kept of it for the next core; None while it is not bridged.
    kept: CallSnapshot | None = None
    timers: dict[tuple[Timer, str | None], Cancellable] = field(default_factory=dict)
    #: The call's writes go one after the other.
    writes: asyncio.Task[None] | None = None


class Engine:
    """Places calls, feeds their machines and carries out what these command.

    Lives on the event loop and is touched by no other thread. ``handle`` is the one door for whatever
    happens to a call. One event is one moment: the machine decides, the commands are carried out, then
    ``bulletin`` tells the facts; what its subscribers report meanwhile is the next event.

    ``clock`` is best one that nobody sets: all times of live calls are its own. Records have the time that
    ``wall()`` told when the call was asked for, and the durations since.
    """

    def __init__(
        self,
        media: CallMedia,
        store: CallStore,
        clock: Clock,
        bulletin: Bulletin,
        *,
        rota: Rota,
        queues: Queues,
        callbacks: Callbacks,
        mailboxes: Mailboxes,
        pages: Pages,
        keeper: CallKeeper | None = None,
        wall: Callable[[], float] | None = None,
    ) -> None:
        self._media = media
        self._store = store
        self._clock = clock
        self._wall = wall or clock.time
        self._bulletin = bulletin
        self._rota = rota
        self._queues = queues
        self._callbacks = callbacks
        self._mailboxes = mailboxes
        self._pages = pages
        self._keeper = keeper
        self._calls: dict[str, _LiveCall] = {}
        #: How many of them each site has.
        self._of_site: Counter[str] = Counter()
        self._ended: dict[str, CallProgress] = {}
        #: Events that are still to be handled, and whether one is being handled.
        self._events: deque[tuple[str, Event]] = deque()
        self._handling = False
        self._opening = 0
        self._writing: set[asyncio.Task[None]] = set()
        self._draining = False
        self._empty = asyncio.Event()
        self._empty.set()

    @staticmethod
    def new_call_id() -> str:
        """An id that cannot be guessed."""
        return secrets.token_hex(12)

    async def place(self, plan: CallPlan, click: ClickToCall, call_id: str) -> None:
        """Begin a call; it is on disk before the first INVITE leaves.

        ``call_id`` comes from :meth:`new_call_id`. Raises :class:`DrainingError` and
        :class:`~bridge.protocols.OutOfCapacityError`, and what the store raises.
        """
        if self._draining:
            raise DrainingError
        self._media.open_call(call_id, plan)
        requested_at = self._clock.time()
        behind = self._wall() - requested_at
        self._opening += 1
        self._empty.clear()
        try:
            await self._store.open_call(call_id, click, plan.route, requested_at + behind)
        except BaseException:
            self._media.close_call(call_id)
            raise
        else:
            self._calls[call_id] = _LiveCall(CallMachine(call_id, plan, click, requested_at), behind)
            self._of_site[plan.site] += 1
        finally:
            self._opening -= 1
            self._note_empty()
        self.handle(call_id, CallRequested())

    def adopt(self, known: CallSnapshot, behind: float, story: Story) -> None:
        """Go on with a bridged call of a core that died, or finish the record of one that ended since.

        ``behind`` is how much later the wall clock tells the time than the times in ``known`` and ``story``.
        """
        call_id = known.call_id
        if self._keeper is not None:
            over = {event.leg_id for _, event in story if isinstance(event, LegEnded)}
            self._keeper.resume_call(known, frozenset(known.talking) - over)
        machine = CallMachine(call_id, known.plan, known.click, known.requested_at)
        call = self._calls[call_id] = _LiveCall(machine, behind)
        self._of_site[known.plan.site] += 1
        self._empty.clear()
        commands, facts = machine.resume(known, self._clock.time()), machine.facts
        for at, event in story:
            more, true = told_by(machine, event, at)
            commands += more
            facts += true
        log.info("call_adopted", call_id=call_id, state=machine.state, story=len(story))
        self._carry_out(call_id, call, commands, facts)
        self._keep(call_id, call)

    def handle(self, call_id: str, event: Event) -> None:
        """Handle one event of one call; ignores an event of a call that has ended."""
        self._events.append((call_id, event))
        if not self._handling:
            self._handle_next()

    def _handle_next(self) -> None:
        self._handling = True
        try:
            self._handle(*self._events.popleft())
        finally:
            self._handling = False
            if self._events:
                self._handle_next()

    def _handle(self, call_id: str, event: Event) -> None:
        call = self._calls.get(call_id)
        if call is None:
            log.debug("late_event", call_id=call_id, kind=type(event).__name__)
            return
        machine = call.machine
        before, fault = machine.state, machine.fault
        commands, facts = self._decide(call_id, machine, event, self._clock.time())
        if machine.state is not before:
            log.info("call_state", call_id=call_id, old=before, new=machine.state, kind=type(event).__name__)
        if machine.fault is not fault:
            kinds = [type(past).__name__ for _, past in machine.history]
            log.error("call_fault", call_id=call_id, fault=machine.fault, history=kinds)
        self._carry_out(call_id, call, commands, facts)
        if not isinstance(event, AudioHeard):  # one every few seconds, and no reason to tell the rest
            self._keep(call_id, call)

    def _carry_out(self, call_id: str, call: _LiveCall, commands: list[Command], facts: list[Fact]) -> None:
        if any(isinstance(command, WriteCdr) for command in commands):
            # The record holds the disposition too: no need to write it twice.
            commands = [command for command in commands if not isinstance(command, Settle)]
        for command in commands:
            self._execute(call_id, call, command)
        self._bulletin.tell([_by_the_wall(fact, call.behind) for fact in facts])

    def _keep(self, call_id: str, call: _LiveCall) -> None:
        """Have the call outlive this process while it is bridged; not once the server is stopping."""
        if self._keeper is None:
            return
        known = None if self._draining else call.machine.snapshot()
        if known != call.kept:
            call.kept = known
            self._keeper.keep(call_id, known, self._clock.time() - time.monotonic())

    def cancel(self, call_id: str) -> None:
        """End a call in any state; no effect if it has ended."""
        self.handle(call_id, CancelRequested())

    def progress(self, call_id: str) -> CallProgress | None:
        """The progress of a call; None if it is unknown or ended more than a minute ago."""
        call = self._calls.get(call_id)
        return call.machine.progress if call else self._ended.get(call_id)

    def behind(self, call_id: str) -> float:
        """How many seconds to add to a live call's times for its record; 0 for one that is over."""
        call = self._calls.get(call_id)
        return call.behind if call else 0.0

    def click(self, call_id: str) -> ClickToCall | None:
        """What a live call was asked for with; None for one that is over."""
        call = self._calls.get(call_id)
        return call.machine.click if call else None

    def live(self) -> list[CallProgress]:
        """Where every live call stands, the oldest first."""
        return [call.machine.progress for call in self._calls.values()]

    def live_calls(self, site: str) -> int:
        """How many live calls a site has."""
        return self._of_site[site]

    @property
    def draining(self) -> bool:
        """Whether the server is stopping and takes no new calls."""
        return self._draining

    def drain(self) -> None:
        """Refuse new calls from now on. What lives is to end, so no call outlives the process any more."""
        self._draining = True
        for call_id, call in self._calls.items():
            self._keep(call_id, call)

    async def drained(self) -> None:
        """Wait until every call has ended and every record is written."""
        await self._empty.wait()
        while self._writing:
            await asyncio.wait(self._writing)

    def cancel_all(self) -> None:
        """End every live call."""
        for call_id in list(self._calls):
            self.cancel(call_id)

    # --- decisions ------------------------------------------------------------------------------------

    def _decide(
        self, call_id: str, machine: CallMachine, event: Event, at: float
    ) -> tuple[list[Command], list[Fact]]:
        """What the machine wants, with what it asks for answered, and without those who must not be rung.

        All of that is one moment: nobody else is rung in between.
        """
        commands: list[Command] = []
        facts: list[Fact] = []
        not_free: set[str] = set()
        events = deque([event])
        while events:
            for command in machine.handle(events.popleft(), at):
                match command:
                    case AskRoute():
                        events.append(RouteAnswered(self._steps(call_id, machine)))
                        continue
                    case Dial(leg_id=leg_id, endpoint=endpoint) if machine.legs[
                        leg_id
                    ].role == "business" and not self._rota.is_free(call_id, endpoint):
                        log.info("not_free", call_id=call_id, destination=endpoint.destination)
                        not_free.add(leg_id)
                        events.append(LegEnded(leg_id, HangupCause.NOT_FREE))
                        continue
                    case HangUp(leg_id=leg_id) if leg_id in not_free:
                        continue
                commands.append(command)
            facts += machine.facts
        return commands, as_dialled(facts, not_free)

    def _steps(self, call_id: str, machine: CallMachine) -> tuple[PlannedStep, ...]:
        try:
            return self._rota.steps(call_id, machine.click, machine.plan)
        except Exception:
            # The settings may have changed so that nothing can be decided: the click's decision holds.
            log.exception("route_not_asked", call_id=call_id)
            return machine.plan.steps

    # --- commands -------------------------------------------------------------------------------------

    def _execute(self, call_id: str, call: _LiveCall, command: Command) -> None:
        machine = call.machine
        match command:
            case StartTimer(timer=timer, seconds=seconds, leg_id=leg_id):
                self._stop_timer(call, timer, leg_id)
                expire = self._expire(call_id, timer, leg_id)
                call.timers[timer, leg_id] = self._clock.call_later(seconds, expire)
            case StopTimer(timer=timer, leg_id=leg_id):
                self._stop_timer(call, timer, leg_id)
            case Settle(disposition=disposition, cause=cause, bridged_at=bridged_at):
                at = None if bridged_at is None else bridged_at + call.behind
                self._write(call, call_id, lambda: self._store.settle(call_id, disposition, cause, at))
            case EnterQueue(queue=queue, busy=busy, first=first):
                self._queues.enter(call_id, machine.click, queue, busy, first)
            case LeaveQueue(queue=queue, served=served):
                self._queues.leave(call_id, queue, served)
            case BookCallback(terms=terms):
                self._callbacks.book(call_id, _as_reached(machine), terms)
            case KeepMessage():
                message = _message(machine, command, self._wall())
                self._write(call, call_id, lambda: self._mailboxes.keep(message))
            case PushKeyedPage(leg_id=leg_id, keys=keys):
                self._pages.push(call_id, leg_id, keys)
            case WriteCdr(record=record):
                self._close(call_id, call, record.moved(call.behind))
            case AskRoute():
                raise AssertionError("it is answered before anything is executed")
            case _:
                self._media.perform(call_id, command)

    def _expire(self, call_id: str, timer: Timer, leg_id: str | None) -> Callable[[], None]:
        return lambda: self.handle(call_id, TimerExpired(timer, leg_id))

    @staticmethod
    def _stop_timer(call: _LiveCall, timer: Timer, leg_id: str | None) -> None:
        running = call.timers.pop((timer, leg_id), None)
        if running is not None:
            running.cancel()

    def _close(self, call_id: str, call: _LiveCall, record: CallRecord) -> None:
        del self._calls[call_id]
        self._of_site[call.machine.plan.site] -= 1
        self._media.close_call(call_id)
        log.info(
            "call_ended",
            call_id=call_id,
            site=record.site,
            route=record.route,
            disposition=record.disposition,
            cause=record.cause,
            talk_seconds=round(record.talk_seconds, 1),
        )
        self._ended[call_id] = call.machine.progress
        self._clock.call_later(REMEMBER_SECONDS, lambda: self._forget(call_id))
        self._write(call, call_id, lambda: self._store.write_cdr(record))
        self._note_empty()

    def _forget(self, call_id: str) -> None:
        del self._ended[call_id]

    def _note_empty(self) -> None:
        if not self._calls and not self._opening:
            self._empty.set()

    # --- records --------------------------------------------------------------------------------------

    def _write(self, call: _LiveCall, call_id: str, write: Callable[[], Awaitable[None]]) -> None:
        call.writes = asyncio.ensure_future(self._written(call.writes, call_id, write))
        self._writing.add(call.writes)
        call.writes.add_done_callback(self._writing.discard)

    async def _written(
        self, earlier: asyncio.Task[None] | None, call_id: str, write: Callable[[], Awaitable[None]]
    ) -> None:
        """Write after the call's earlier writes, and again while the disk refuses."""
        if earlier is not None:
            await earlier
        for pause in (*WRITE_PAUSES, None):
            try:
                await write()
            except Exception as error:  # noqa: BLE001 - whatever a store raises, the call is not to suffer
                log.error("record_not_written", call_id=call_id, error=str(error), again_in=pause)
                if pause is not None:
                    await asyncio.sleep(pause)
            else:
                return


def told_by(machine: CallMachine, event: Event, at: float) -> tuple[list[Command], list[Fact]]:
    """What followed from an event while no core was there: nobody can have been rung then."""
    commands: list[Command] = []
    facts: list[Fact] = []
    events = deque([event])
    while events:
        for command in machine.handle(events.popleft(), at):
            if isinstance(command, AskRoute):
                events.append(RouteAnswered(()))
            else:
                commands.append(command)
        facts += machine.facts
    return commands, facts


def as_dialled(facts: Sequence[Fact], not_free: Collection[str]) -> list[Fact]:
    """The facts of one moment, where these legs were not dialled after all: of them only the end is told."""
    return [
        fact
        for fact in facts
        if not isinstance(fact, LegFact) or isinstance(fact, LegGone) or fact.leg_id not in not_free
    ]


def _by_the_wall(fact: Fact, behind: float) -> Fact:
    """The fact with the wall clock's times in the record, if it has one."""
    return replace(fact, record=fact.record.moved(behind)) if isinstance(fact, CallEnded) else fact


def _as_reached(machine: CallMachine) -> ClickToCall:
    """What was asked for, for a call that follows: the number is a fact once its phone was answered."""
    phones = (leg for leg in machine.legs.values() if not isinstance(leg.endpoint, BrowserEndpoint))
    reached = any(leg.role == "shopper" and leg.answered_at is not None for leg in phones)
    return replace(machine.click, reached=reached)


def _message(machine: CallMachine, kept: KeepMessage, at: float) -> VoiceMessage:
    click = machine.click
    return VoiceMessage(
        call_id=machine.call_id,
        mailbox=kept.mailbox,
        site=click.site,
        number=click.number,
        page=click.page,
        context=click.context,
        path=kept.path,
        seconds=kept.seconds,
        at=at,
        signed=click.signed,
        number_verified=shopper_number(click).verified,
    )
