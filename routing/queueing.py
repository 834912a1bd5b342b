"""The line of one queue: who is next, where everybody stands, and how long they will probably wait.

How long they will wait is for :mod:`routing.waits` to say, which learns from what happens here: from the
intervals between the turns of calls that were taken, where somebody waited all the while, and from who gives
up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from routing.waits import Experience, Waits

#: The shortest pause in seconds between two turns of one call, whatever becomes free meanwhile.
BREATH = 1.0


class CallInQueue(NamedTuple):
    """How a call stands in line that waits for its turn."""

    call_id: str
    #: 1 is the first; those count before it whose turn is under way.
    position: int
    #: How many turns are to come until its own has, that included; those under way do not count.
    turns: int


@dataclass(slots=True)
class _Place:
    """One call's place. Times are None for what has not happened."""

    entered_at: float
    in_turn: bool = False
    #: When its last turn began, and when before that nobody had been waiting.
    turn_at: float = inf
    calm_before: float = -inf
    #: When its last turn ended without an answer.
    vain_at: float | None = None
    #: Whether somebody may have become free since.
    hopeful: bool = False

    def due_at(self, retry: float) -> float:
        """From when on it may be given a turn."""
        if self.vain_at is None:
            return self.entered_at
        return self.vain_at + (min(BREATH, retry) if self.hopeful else retry)


class WaitingLine:
    """First come, first served. Times are in seconds of one clock, whichever.

    A call whose turn is under way keeps its place, so that nobody's position ever grows, unless a call
    comes back that was served and lost the person who took it. Nobody gets a turn while somebody before
    them waits for theirs, even if that one must pause after an unanswered turn: those behind would mostly
    ring the same phones.
    """

    def __init__(self) -> None:
        #: In the order of arrival, which is that of a dict.
        self._places: dict[str, _Place] = {}
        self._waits = Waits()
        #: Until when it is counted how long people have waited.
        self._counted_at: float | None = None
        #: Whether the number of people has changed since the turn of the last call that was taken.
        self._shifted = False
        #: When the turn of the last call began that was taken.
        self._turned_at: float | None = None
        #: When last nobody waited: then turns come as fast as calls do, which tells nothing of the people.
        self._calm_at = -inf

    def __contains__(self, call_id: object) -> bool:
        return call_id in self._places

    def __len__(self) -> int:
        """How many stand in line, those included whose turn is under way."""
        return len(self._places)

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return sum(not place.in_turn for place in self._places.values())

    @property
    def oldest(self) -> float | None:
        """When the first of those who wait for their turn entered."""
        return next((place.entered_at for place in self._places.values() if not place.in_turn), None)

    def enter(self, call_id: str, at: float, most: int, *, first: bool = False) -> bool:
        """Let a call wait; False where ``most`` wait already.

        A call that is in line has had an unanswered turn, and waits on in its old place. One that is to be
        ``first`` comes before all others, however many they are.
        """
        self._count(at)
        place = self._places.get(call_id)
        if place is None:
            if self.waiting >= most and not first:
                return False
            self._note_calm(at)
            if first:
                self._places = {call_id: _Place(at), **self._places}
            else:
                self._places[call_id] = _Place(at)
        elif place.in_turn:
            self._note_calm(at)
            place.in_turn, place.vain_at, place.hopeful = False, at, False
        return True

    def next(self, at: float, retry: float) -> str | None:
        """Who gets the next turn now; None where nobody waits, or the first one must pause.

        ``retry`` is the pause after an unanswered turn, unless somebody became free meanwhile.
        """
        first = self._first()
        return first[0] if first and first[1].due_at(retry) <= at else None

    def pause(self, at: float, retry: float) -> float | None:
        """Seconds until the first one may be given a turn, 0 being now; None where nobody waits."""
        first = self._first()
        return max(0.0, first[1].due_at(retry) - at) if first else None

    def begin_turn(self, call_id: str, at: float) -> None:
        """The call's turn has come: it is under way until the call enters again, or leaves."""
        self._count(at)
        place = self._places[call_id]
        place.turn_at, place.calm_before = at, self._calm_at
        place.in_turn = True
        self._note_calm(at)

    def freed(self, by: str) -> None:
        """Somebody rung by the call ``by`` is free again: the others need not pause any longer."""
        for call_id, place in self._places.items():
            if call_id != by and not place.in_turn:
                place.hopeful = True

    def leave(self, call_id: str, at: float, served: bool) -> bool:
        """Take a call out; False where it is not in line. ``served`` tells whether somebody took it."""
        self._count(at)
        place = self._places.pop(call_id, None)
        if place is None:
            return False
        if served and place.in_turn:
            self._learn(place)
        elif not served and not place.in_turn:
            self._waits.gave_up()
        self._note_calm(at)
        return True

    @property
    def experience(self) -> Experience:
        """What has been learnt so far, to be kept over a restart."""
        return self._waits.experience

    def recall(self, experience: Experience) -> None:
        """Begin with what was learnt before a restart."""
        self._waits = Waits(experience, self._waits.people)

    def people(self, number: int) -> None:
        """Note how many people could take the calls of this line, were all of them free."""
        number = max(1, number)
        if number != self._waits.people:
            self._waits.people = number
            self._shifted = True

    def standings(self) -> Iterator[CallInQueue]:
        """Everybody who waits for their turn, in order."""
        turns = 0
        for position, (call_id, place) in enumerate(self._places.items(), 1):
            if not place.in_turn:
                turns += 1
                yield CallInQueue(call_id, position, turns)

    def wait(self, turns: int, typical_call: float) -> float:
        """Seconds until so many turns have probably come.

        Grows with them, and is never negative. ``typical_call`` is what a call takes, in seconds, as long as
        there is too little experience.
        """
        return self._waits.expected(turns, typical_call)

    def _first(self) -> tuple[str, _Place] | None:
        return next((entry for entry in self._places.items() if not entry[1].in_turn), None)

    def _note_calm(self, at: float) -> None:
        if self._first() is None:
            self._calm_at = at

    def _count(self, at: float) -> None:
        """Note how long people have waited since the last time."""
        if self._counted_at is not None:
            self._waits.waited(self.waiting * max(0.0, at - self._counted_at))
        self._counted_at = at

    def _learn(self, place: _Place) -> None:
        """Learn from a call that was taken, if somebody has been waiting since the turn of the last one."""
        last = self._turned_at
        if last is None or place.turn_at > last:
            self._turned_at = place.turn_at
            if last is not None and place.calm_before < last and not self._shifted:
                self._waits.moved(place.turn_at - last)
            self._shifted = False
