"""How long somebody in a queue will probably wait, learnt from how the queue has moved.

Where all ``c`` people talk, the queue moves every ``1/cμ`` seconds, and each of those who wait gives up at
the rate ``θ``. Who has ``j`` others before them so moves up at the rate ``cμ + jθ``, and the ``k``-th gets
their turn after the sum of ``1/(cμ + jθ)`` over ``j`` from 0 to ``k-1``: the estimator by queue length of
W. Whitt, "Predicting Queueing Delays", Management Science 45(6), 1999, with abandonment.

``1/cμ`` is learnt for each number of people by itself: ten people at work are not ten times one. What is
known of other numbers stands in as long as there is too little experience with this one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate, chain

#: How many of the last intervals are remembered for each person at work, and in all: the more people, the
#: more intervals lie in an hour, and the less one of them tells.
REMEMBERED, MOST_REMEMBERED = 40, 400
#: Until so many intervals are known, what is known otherwise stands for those that lack.
ENOUGH = 5
#: The most numbers of people about which intervals are kept; those go first that were used longest ago.
MOST_LEVELS = 50
#: Where so many have given up, the older half of that is forgotten.
GIVEN_UP = 200.0
#: Seconds of waiting in which nobody gave up, taken for granted: the first who gives up means little.
PATIENT_SECONDS = 3600.0
#: By what share the time that was waited may grow until waits are reckoned again.
_STALE = 0.01


@dataclass(frozen=True, slots=True)
class Experience:
    """What was learnt of one queue. Times are in seconds."""

    #: The last intervals between two turns, by the number of people at work, the oldest first.
    intervals: Mapping[int, tuple[float, ...]] = field(default_factory=dict)
    #: How many gave up, in so much time that people waited altogether.
    gave_up: float = 0.0
    waited: float = 0.0


class Waits:
    """Learns from one queue, and foretells."""

    def __init__(self, experience: Experience | None = None, people: int = 1) -> None:
        known = experience or Experience()
        self._people = people
        #: The expected waits for one turn, two turns and so on, as far as they were asked for, and for which
        #: typical call; and how long people have waited since they were reckoned.
        self._table: list[float] = []
        self._typical_call = 0.0
        self._since = 0.0
        self._intervals: dict[int, deque[float]] = {}
        for level, intervals in known.intervals.items():
            self._of(level).extend(intervals)
        self._gave_up, self._waited = known.gave_up, known.waited

    @property
    def people(self) -> int:
        """How many people could take the calls, as last told."""
        return self._people

    @people.setter
    def people(self, number: int) -> None:
        self._people = number
        self._table.clear()

    @property
    def experience(self) -> Experience:
        """What has been learnt so far."""
        intervals = {level: tuple(known) for level, known in self._intervals.items()}
        return Experience(intervals, self._gave_up, self._waited)

    def moved(self, interval: float) -> None:
        """The queue moved up by one, so many seconds after the last time; somebody waited all the while."""
        self._of(self._people).append(interval)
        self._intervals[self._people] = self._intervals.pop(self._people)
        self._table.clear()
        while len(self._intervals) > MOST_LEVELS:
            del self._intervals[next(iter(self._intervals))]

    def waited(self, seconds: float) -> None:
        """People have waited so long, all together."""
        self._waited += seconds
        self._since += seconds
        if self._since > _STALE * (self._waited + PATIENT_SECONDS):
            self._table.clear()

    def gave_up(self) -> None:
        """One of those who waited has left."""
        self._gave_up += 1
        if self._gave_up > GIVEN_UP:
            self._gave_up, self._waited = self._gave_up / 2, self._waited / 2
        self._table.clear()

    def expected(self, turns: int, typical_call: float) -> float:
        """Seconds until so many turns have probably come; grows with them, and is never negative.

        ``typical_call`` is what a call takes, in seconds, as long as there is too little experience.
        """
        if typical_call != self._typical_call:
            self._typical_call = typical_call
            self._table.clear()
        if turns > len(self._table):
            self._reckon(turns)
        return self._table[turns - 1] if turns > 0 else 0.0

    def _reckon(self, turns: int) -> None:
        interval = self._interval(self._typical_call)
        leaving = self._gave_up / (self._waited + PATIENT_SECONDS)
        steps = (interval / (1 + ahead * leaving * interval) for ahead in range(2 * turns))
        self._table, self._since = list(accumulate(steps)), 0.0

    def _interval(self, typical_call: float) -> float:
        """Seconds between two turns, with this number of people."""
        paces = chain.from_iterable(
            (each * level for each in known) for level, known in self._intervals.items()
        )
        otherwise = _mean(list(paces), typical_call) / self._people
        return _mean(self._intervals.get(self._people, ()), otherwise)

    def _of(self, level: int) -> deque[float]:
        most = min(REMEMBERED * level, MOST_REMEMBERED)
        return self._intervals.setdefault(level, deque(maxlen=most))


def _mean(known: deque[float] | list[float] | tuple[float, ...], otherwise: float) -> float:
    lacking = max(0, ENOUGH - len(known))
    return (sum(known) + lacking * otherwise) / max(ENOUGH, len(known))
