"""Places at destinations: however calls race, no destination ever has more calls than it takes."""

from __future__ import annotations

from collections import defaultdict

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from routing.occupancy import Occupancy

MOST = {"one": 1, "two": 2, "any": None}
WHERE = st.sampled_from(sorted(MOST))
WHO = st.integers(1, 4).map(lambda number: f"c{number}")


class Races(RuleBasedStateMachine):
    """Calls dial, ring at several phones of a destination, and let go, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.table = Occupancy()
        #: The truth: the legs that live, by destination and call.
        self.legs: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.number = 0

    @rule(where=WHERE, who=WHO)
    def dial(self, where: str, who: str) -> None:
        held = bool(self.legs[where][who])
        taken = sum(bool(legs) for legs in self.legs[where].values())
        most = MOST[where]
        free = self.table.is_free(where, who, most)
        assert free is (held or most is None or taken < most)
        assert self.table.holds(where, who) is held
        if free:
            self.number += 1
            leg = f"{who}-b{self.number}"
            self.table.take(where, who, leg)
            self.legs[where][who].add(leg)

    @rule(where=WHERE, who=WHO, data=st.data())
    def end(self, where: str, who: str, data: st.DataObject) -> None:
        legs = self.legs[where][who]
        leg = data.draw(st.sampled_from([*sorted(legs), "unknown"]))
        self.table.give_back(where, who, leg)
        legs.discard(leg)

    @invariant()
    def nobody_has_more_than_they_take(self) -> None:
        for where, most in MOST.items():
            calls = self.table.calls(where)
            assert calls == sum(bool(legs) for legs in self.legs[where].values())
            assert most is None or calls <= most


TestRaces = Races.TestCase
TestRaces.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
