"""What legs cost, day by day and account by account, in exact decimals. Pure: events in, sums out.

An *account* is a site or a trunk. A leg costs from its answer to its end, rounded up; one that is dialled or
lives counts for what it would cost if it ended now, and for one increment at least. A new leg is admitted
while that sum does not pass the cap. So the sum of a day never passes the cap by more than what the legs that
live then may still cost: as many as live, times the price of the longest call.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Rate:
    """What a leg costs: per minute, in steps of ``increment`` seconds."""

    per_minute: Decimal
    increment: float = 60.0

    def steps(self, seconds: float) -> int:
        """Increments that are begun; one at least."""
        # Clocks are floats: a leg of a minute must not cost two for the last bit of its end.
        return max(1, math.ceil(round(seconds, 3) / self.increment))

    def minutes(self, steps: int) -> Decimal:
        """How long so many increments are."""
        return Decimal(steps) * Decimal(repr(self.increment)) / 60

    def cost(self, steps: int) -> Decimal:
        """What so many increments cost."""
        return self.per_minute * self.minutes(steps)


@dataclass(frozen=True, slots=True)
class Sum:
    """Money and minutes."""

    money: Decimal = Decimal(0)
    minutes: Decimal = Decimal(0)

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.money + other.money, self.minutes + other.minutes)


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What an account may spend a day; None is no limit."""

    money: Decimal | None = None
    minutes: Decimal | None = None

    def share(self, spent: Sum) -> float:
        """How much of it is spent, 1 being all; the nearer of the two."""
        return max(
            (
                float(have / most) if most else math.inf
                for have, most in ((spent.money, self.money), (spent.minutes, self.minutes))
                if most is not None
            ),
            default=0.0,
        )

    def holds(self, spent: Sum) -> bool:
        """Whether so much is within it."""
        return (self.money is None or spent.money <= self.money) and (
            self.minutes is None or spent.minutes <= self.minutes
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One leg on one account. Times are seconds since the epoch; ``day`` is that on which it was dialled."""

    leg_id: str
    account: str
    day: str
    rate: Rate
    dialed_at: float
    answered_at: float | None = None

    def cost(self, now: float) -> Sum:
        """What it costs if it ends now, and is reserved for it meanwhile."""
        steps = self.rate.steps(now - self.answered_at) if self.answered_at is not None else 1
        return self._of(steps)

    def settled(self, ended_at: float) -> Sum:
        """What it has cost; nothing where nobody answered."""
        return Sum() if self.answered_at is None else self._of(self.rate.steps(ended_at - self.answered_at))

    def _of(self, steps: int) -> Sum:
        return Sum(self.rate.cost(steps), self.rate.minutes(steps))


@dataclass(frozen=True, slots=True)
class SpendStanding:
    """One account's day."""

    account: str
    day: str
    currency: str
    spent: Decimal
    cap: Decimal | None
    minutes: Decimal
    cap_minutes: int | None
    live_legs: int
    #: 0, the percentage of the first alarm once that is reached, or 100.
    level: int


class Ledger:
    """The open entries, and what the settled ones have cost."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Entry] = {}
        self._settled: defaultdict[tuple[str, str], Sum] = defaultdict(Sum)

    def dialled(self, entry: Entry) -> None:
        """A leg is dialled: reserve for it. Again changes nothing."""
        self._open.setdefault((entry.leg_id, entry.account), entry)

    def answered(self, leg_id: str, account: str, at: float) -> None:
        """Its time begins; the first answer counts."""
        entry = self._open.get((leg_id, account))
        if entry is not None and entry.answered_at is None:
            self._open[leg_id, account] = replace(entry, answered_at=at)

    def ended(self, leg_id: str, account: str, at: float) -> tuple[Entry, Sum] | None:
        """It is over: what it has cost; None for one that is not open."""
        entry = self._open.pop((leg_id, account), None)
        if entry is None:
            return None
        cost = entry.settled(at)
        self.add(account, entry.day, cost)
        return entry, cost

    def add(self, account: str, day: str, cost: Sum) -> None:
        """Something was spent before."""
        self._settled[account, day] += cost

    def spent(self, account: str, day: str, now: float) -> Sum:
        """What an account's day has cost so far, and is reserved for."""
        total = self._settled.get((account, day), Sum())
        for entry in self.open_of(account, day):
            total += entry.cost(now)
        return total

    def open_of(self, account: str, day: str) -> Iterable[Entry]:
        """The legs of an account's day that live."""
        return [entry for entry in self._open.values() if (entry.account, entry.day) == (account, day)]

    def forget_before(self, day: str) -> None:
        """Days before this one are of no interest any more."""
        for key in [key for key in self._settled if key[1] < day]:
            del self._settled[key]
