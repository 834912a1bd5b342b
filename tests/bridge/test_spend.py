"""What legs cost: rounding, days, and the bound of the cap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bridge.spend import Ceiling, Entry, Ledger, Rate, Sum

CENT = Rate(Decimal("0.01"))


@pytest.mark.parametrize(
    ("increment", "seconds", "cost"),
    [
        (60.0, 0.0, "0.01"),
        (60.0, 59.999, "0.01"),
        (60.0, 60.0, "0.01"),
        (60.0, 60.0000000001, "0.01"),
        (60.0, 60.01, "0.02"),
        (60.0, 3600.0, "0.60"),
        (1.0, 1.5, str(Decimal("0.01") * 2 / 60)),
        (6.0, 12.0, "0.002"),
        (30.0, 31.0, "0.01"),
    ],
)
def test_time_is_rounded_up(increment: float, seconds: float, cost: str) -> None:
    entry = Entry("l", "site:shop", "2026-11-30", Rate(Decimal("0.01"), increment), 0.0, 100.0)
    assert entry.settled(100.0 + seconds).money == Decimal(cost)


def test_a_leg_that_nobody_answers_costs_nothing_but_is_reserved_for() -> None:
    ledger = Ledger()
    ledger.dialled(Entry("l", "a", "d", CENT, 0.0))
    assert ledger.spent("a", "d", 500.0) == Sum(Decimal("0.01"), Decimal(1))
    assert ledger.ended("l", "a", 500.0) is not None
    assert ledger.spent("a", "d", 500.0) == Sum()
    assert ledger.ended("l", "a", 501.0) is None


def test_days_and_accounts_are_apart() -> None:
    ledger = Ledger()
    ledger.add("a", "2026-11-29", Sum(Decimal(5), Decimal(500)))
    ledger.dialled(Entry("l", "a", "2026-11-30", CENT, 0.0, 0.0))
    assert ledger.spent("a", "2026-11-30", 120.0).money == Decimal("0.02")
    assert ledger.spent("b", "2026-11-30", 120.0) == Sum()
    ledger.forget_before("2026-11-30")
    assert ledger.spent("a", "2026-11-29", 0.0) == Sum()


def test_ceilings() -> None:
    spent = Sum(Decimal("4.5"), Decimal(90))
    assert Ceiling().holds(spent)
    assert Ceiling().share(spent) == 0
    assert Ceiling(Decimal(5), Decimal(100)).share(spent) == pytest.approx(0.9)
    assert Ceiling(Decimal("4.5")).holds(spent)
    assert not Ceiling(Decimal("4.49")).holds(spent)
    assert not Ceiling(minutes=Decimal(89)).holds(spent)
    assert Ceiling(Decimal(0)).share(spent) == float("inf")


@given(prices=st.lists(st.decimals(0, 1, places=4), max_size=30))
def test_sums_are_exact(prices: list[Decimal]) -> None:
    ledger = Ledger()
    for number, price in enumerate(prices):
        ledger.dialled(Entry(f"{number}", "a", "d", Rate(price), 0.0, 0.0))
        ledger.ended(f"{number}", "a", 60.0)
    assert ledger.spent("a", "d", 99.0).money == sum(prices, Decimal(0))


#: The longest a leg lives, in seconds, and the dearest minute.
LONGEST, DEAREST = 600.0, Decimal("0.30")
CAP = Ceiling(Decimal("5"))


class AnyCalls(RuleBasedStateMachine):
    """Legs are admitted, answered or not, and end in any order, by their longest at the latest."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger, self.now, self.count = Ledger(), 0.0, 0
        self.live: dict[str, Entry] = {}
        #: The legs that lived when the cap was met, or began to be: what may still be spent beyond it.
        self.most_live = 0

    @rule(price=st.decimals("0", DEAREST, places=2), increment=st.sampled_from([1.0, 6.0, 60.0]))
    def dial(self, price: Decimal, increment: float) -> None:
        self.count += 1
        entry = Entry(f"l{self.count}", "a", "d", Rate(price, increment), self.now)
        self.ledger.dialled(entry)
        if CAP.holds(self.ledger.spent("a", "d", self.now)):
            self.live[entry.leg_id] = entry
            self.most_live = max(self.most_live, len(self.live))
        else:
            self.ledger.ended(entry.leg_id, "a", self.now)

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def answer(self, data: Any) -> None:
        leg = data.draw(st.sampled_from(sorted(self.live)))
        self.ledger.answered(leg, "a", self.now)

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def end(self, data: Any) -> None:
        leg = data.draw(st.sampled_from(sorted(self.live)))
        del self.live[leg]
        self.ledger.ended(leg, "a", self.now)

    @rule(seconds=st.floats(0.1, 400.0))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        for leg, entry in list(self.live.items()):
            if self.now - entry.dialed_at >= LONGEST:
                del self.live[leg]
                self.ledger.ended(leg, "a", entry.dialed_at + LONGEST)

    @invariant()
    def the_cap_is_passed_by_no_more_than_what_lives_may_cost(self) -> None:
        spent = self.ledger.spent("a", "d", self.now).money
        assert spent <= (CAP.money or 0) + self.most_live * DEAREST * Decimal(LONGEST / 60 + 1)


TestAnyCalls = AnyCalls.TestCase
