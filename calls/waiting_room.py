"""The waiting room: lets calls and chats wait in their queues, and gives them their turns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import structlog

from bridge.bulletin import Interest, on
from bridge.events import QueueEvent, QueueMoved, TurnCame
from bridge.facts import CallEnded, LegDialled, LegGone
from bridge.protocols import Cancellable, Clock
from chat.facts import ChatReleased
from config.sections.queues import Queue
from routing.plan import ClickToCall, PlannedStep
from routing.queueing import WaitingLine
from routing.waits import Experience

log = structlog.get_logger(__name__)

#: Turns given at once before other work may be done: each costs a decision, and the first INVITEs of a hunt.
TURNS_AT_ONCE = 20
#: So many may wait where a queue turns nobody away.
NO_LIMIT = 1_000_000
#: Seconds between two rounds in which all who wait are told where they stand.
TELL_EVERY = 1.0
#: An expected wait is told again when it has changed by so many seconds and by such a share.
NEWS_SECONDS, NEWS_SHARE = 15.0, 0.2


@dataclass(frozen=True, slots=True)
class QueueStanding:
    """How a queue stands. Waits are in seconds."""

    waiting: int
    #: Calls whose turn is under way.
    in_turn: int
    #: How long the first of those who wait has waited; 0 where nobody waits.
    longest_wait: float
    #: What somebody who came now would probably wait.
    expected_wait: float


@dataclass(slots=True)
class _WaitingCall:
    """One call in a line."""

    click: ClickToCall
    patient: bool = False
    #: Who its last turn rang.
    rang: frozenset[str] = frozenset()
    #: What it was last told, in its present wait.
    told: QueueMoved | None = None


@dataclass(slots=True)
class _QueueRoom:
    """One queue."""

    line: WaitingLine = field(default_factory=WaitingLine)
    calls: dict[str, _WaitingCall] = field(default_factory=dict)
    #: Calls that found the queue full, and calls that rang everybody without an answer while nobody was busy.
    turned_away: list[str] = field(default_factory=list)
    rang_unanswered: list[str] = field(default_factory=list)
    #: The next look, and whether it is the one at once.
    look: Cancellable | None = None
    soon: bool = False
    #: When all were last told, and the next time.
    told_at: float = float("-inf")
    telling: Cancellable | None = None


class WaitingRoom:
    """:class:`bridge.protocols.Queues`; a :class:`bridge.bulletin.Subscriber` to learn who is free again.

    Turns are given strictly in the order of arrival (:class:`routing.queueing.WaitingLine`): where the first
    call's people are all busy, those behind wait too, even if somebody else could take them. Calls that
    must not wait for each other belong in different queues. A chat waits as a call does, by its own id.

    ``handle(call_id, event)`` is the engine's; ``settings(queue)`` are those that hold now;
    ``turn_steps(call_id, click)`` says who to ring now; ``crew(call_id, click)`` who could be rung,
    were all of them free: with nobody there, there is nobody to wait for.
    """

    def __init__(
        self,
        handle: Callable[[str, QueueEvent], None],
        clock: Clock,
        settings: Callable[[str], Queue],
        turn_steps: Callable[[str, ClickToCall], tuple[PlannedStep, ...]],
        crew: Callable[[str, ClickToCall], Collection[str]],
    ) -> None:
        self._handle = handle
        self._clock = clock
        self._settings = settings
        self._turn_steps = turn_steps
        self._crew = crew
        self._rooms: dict[str, _QueueRoom] = {}
        #: What was learnt of queues before a restart.
        self._learnt: Mapping[str, Experience] = {}
        #: Business legs that have not ended.
        self._open_legs: set[str] = set()

    # --- for the engine -------------------------------------------------------------------------------

    def enter(
        self,
        call_id: str,
        click: ClickToCall,
        queue: str,
        busy: bool,
        first: bool,
        patient: bool = False,
    ) -> None:
        """Let a call wait, or wait on after a turn that reached nobody; a full queue turns it away.

        One that is to be ``first`` has been served before, and lost the person who took it. One that is
        ``patient`` is not turned away, and waits also where nobody is there: a chat, which costs nothing.
        """
        room = self._rooms.get(queue) or self._open(queue)
        most = NO_LIMIT if patient else self._settings(queue).most_waiting
        if not room.line.enter(call_id, self._clock.time(), most, first=first):
            room.turned_away.append(call_id)
        elif (waiting := room.calls.get(call_id)) is None:
            room.calls[call_id] = _WaitingCall(click, patient)
        else:
            waiting.told = None
            if not busy and not patient:
                room.rang_unanswered.append(call_id)
        self._soon(queue, room)

    def leave(self, call_id: str, queue: str, served: bool) -> None:
        """Remove a call from its queue; no error if it does not wait."""
        room = self._rooms.get(queue)
        if room is not None and room.line.leave(call_id, self._clock.time(), served):
            del room.calls[call_id]
            self._soon(queue, room)

    def interests(self) -> Iterable[Interest]:
        """Who is rung and free again, and which call is over."""
        return (
            on(LegDialled, self._dialled),
            on(LegGone, self._gone),
            on(CallEnded, self._ended),
            on(ChatReleased, self._chat_released),
        )

    def _chat_released(self, fact: ChatReleased) -> None:
        """Look again once an agent has a chat less: whoever waits need not pause."""
        for queue, room in self._rooms.items():
            if room.line.waiting:
                room.line.freed(by=fact.chat_id)
                self._soon(queue, room)

    def _dialled(self, fact: LegDialled) -> None:
        if fact.role == "business":
            self._open_legs.add(fact.leg_id)

    def _gone(self, fact: LegGone) -> None:
        """Look again once a business leg has ended, whosever it was."""
        if fact.leg_id in self._open_legs:
            self._open_legs.remove(fact.leg_id)
            self._freed(fact)

    def _ended(self, fact: CallEnded) -> None:
        """Remove a call that has ended from its queue."""
        for queue in self._rooms:
            self.leave(fact.call_id, queue, served=False)

    # --- for everybody --------------------------------------------------------------------------------

    def look(self) -> None:
        """Look who could be rung in every queue: hours, settings or the presence of agents have changed."""
        for queue, room in self._rooms.items():
            self._soon(queue, room)

    def waiting(self, queue: str) -> int:
        """How many calls wait for their turn in this queue."""
        room = self._rooms.get(queue)
        return room.line.waiting if room else 0

    def expected_wait(self, queue: str) -> float:
        """What somebody who entered this queue now would probably wait, in seconds."""
        line = room.line if (room := self._rooms.get(queue)) else WaitingLine()
        return line.wait(line.waiting + 1, self._settings(queue).typical_call)

    def experiences(self) -> Mapping[str, Experience]:
        """What has been learnt of each queue, to be kept over a restart."""
        return {queue: room.line.experience for queue, room in self._rooms.items()}

    def recall(self, learnt: Mapping[str, Experience]) -> None:
        """Start from what was learnt before a restart."""
        self._learnt = learnt

    def snapshot(self) -> Mapping[str, QueueStanding]:
        """How every queue stands in which a call has waited since the start."""
        return {queue: self._standing(queue, room) for queue, room in self._rooms.items()}

    def _standing(self, queue: str, room: _QueueRoom) -> QueueStanding:
        waiting, oldest = room.line.waiting, room.line.oldest
        return QueueStanding(
            waiting=waiting,
            in_turn=len(room.line) - waiting,
            longest_wait=0.0 if oldest is None else max(0.0, self._clock.time() - oldest),
            expected_wait=room.line.wait(waiting + 1, self._settings(queue).typical_call),
        )

    # --- turns ----------------------------------------------------------------------------------------

    def _freed(self, fact: LegGone) -> None:
        # A phone that was busy itself has not become free by telling us so.
        occupied = fact.leg.ringing_at is not None or fact.leg.answered_at is not None
        for queue, room in self._rooms.items():
            if room.line.waiting:
                if occupied:
                    room.line.freed(by=fact.call_id)
                self._soon(queue, room)

    def _open(self, queue: str) -> _QueueRoom:
        room = self._rooms[queue] = _QueueRoom()
        if queue in self._learnt:
            room.line.recall(self._learnt[queue])
        return room

    def _soon(self, queue: str, room: _QueueRoom) -> None:
        """Look once the event that is being handled has been."""
        if not room.soon:
            room.soon = True
            self._look_in(0.0, queue, room)

    def _look_in(self, seconds: float, queue: str, room: _QueueRoom) -> None:
        if room.look is not None:
            room.look.cancel()
        room.look = self._clock.call_later(seconds, lambda: self._look(queue, room))

    def _look(self, queue: str, room: _QueueRoom) -> None:
        room.look, room.soon = None, False
        try:
            self._turn_away(room)
            self._give_turns(queue, room)
            self._tell(queue, room)
        finally:
            if room.line.waiting and not room.soon:
                retry = self._settings(queue).retry_interval
                self._look_in(room.line.pause(self._clock.time(), retry) or retry, queue, room)

    def _turn_away(self, room: _QueueRoom) -> None:
        """Release the calls that need not wait."""
        away, room.turned_away = room.turned_away, []
        unanswered, room.rang_unanswered = room.rang_unanswered, []
        for call_id in unanswered:
            waiting = room.calls.get(call_id)
            if waiting is not None and waiting.rang.issuperset(self._crew_of(call_id, waiting.click)):
                room.line.begin_turn(call_id, self._clock.time())
                away.append(call_id)
        for call_id in away:
            self._handle(call_id, TurnCame(()))

    def _give_turns(self, queue: str, room: _QueueRoom) -> None:
        line, retry = room.line, self._settings(queue).retry_interval
        for _ in range(TURNS_AT_ONCE):
            now = self._clock.time()
            call_id = line.next(now, retry)
            if call_id is None:
                return
            waiting = room.calls[call_id]
            steps = self._steps_of(call_id, waiting.click)
            if not steps:
                crew = self._crew_of(call_id, waiting.click)
                line.people(len(crew))
                if crew or waiting.patient:
                    return
            line.begin_turn(call_id, now)
            waiting.rang = frozenset(endpoint.destination for step in steps for endpoint in step.endpoints)
            self._handle(call_id, TurnCame(steps))
        self._soon(queue, room)

    def _steps_of(self, call_id: str, click: ClickToCall) -> tuple[PlannedStep, ...]:
        try:
            return self._turn_steps(call_id, click)
        except Exception:
            # A call for which nothing can be decided must not hold up those behind it.
            log.exception("turn_not_decided", call_id=call_id)
            return ()

    def _crew_of(self, call_id: str, click: ClickToCall) -> frozenset[str]:
        try:
            return frozenset(self._crew(call_id, click))
        except Exception:
            log.exception("crew_not_decided", call_id=call_id)
            return frozenset()

    # --- where everybody stands -----------------------------------------------------------------------

    def _tell(self, queue: str, room: _QueueRoom) -> None:
        """Tell new callers their position, and everybody else what changed, but not too often."""
        now, typical_call = self._clock.time(), self._settings(queue).typical_call
        everybody = now - room.told_at >= TELL_EVERY
        for standing in list(room.line.standings()):
            waiting = room.calls.get(standing.call_id)
            if waiting is None:  # it left upon what another was told
                continue
            moved = QueueMoved(standing.position, room.line.wait(standing.turns, typical_call))
            if waiting.told is None or _is_news(moved, waiting.told):
                if waiting.told is None or everybody:
                    waiting.told = moved
                    self._handle(standing.call_id, moved)
                elif room.telling is None:
                    later = room.told_at + TELL_EVERY - now
                    room.telling = self._clock.call_later(later, lambda: self._tell_later(queue, room))
        if everybody:
            room.told_at = now

    def _tell_later(self, queue: str, room: _QueueRoom) -> None:
        room.telling = None
        self._tell(queue, room)


def _is_news(now: QueueMoved, before: QueueMoved) -> bool:
    change = abs(now.wait - before.wait)
    return now.position != before.position or change > max(NEWS_SECONDS, NEWS_SHARE * before.wait)
