"""A queue's line: nobody jumps it, nobody is lost, and the wait that it tells comes true on average."""

from __future__ import annotations

import heapq
import random
from math import inf, sqrt
from statistics import fmean
from typing import NamedTuple

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from routing.queueing import BREATH, WaitingLine

RETRY = 15.0


def line_of(*calls: str) -> WaitingLine:
    line = WaitingLine()
    for at, call in enumerate(calls):
        assert line.enter(call, float(at), 50)
    return line


def names(line: WaitingLine) -> list[str]:
    return [standing.call_id for standing in line.standings()]


def test_first_come_first_served() -> None:
    line = line_of("a", "b", "c")
    assert line.next(3.0, RETRY) == "a"
    line.begin_turn("a", 3.0)
    assert line.next(3.0, RETRY) == "b"
    assert list(line.standings()) == [("b", 2, 1), ("c", 3, 2)]
    assert (line.waiting, len(line), line.oldest) == (2, 3, 1.0)
    assert line.leave("b", 4.0, served=False)
    assert not line.leave("b", 4.0, served=False)
    assert names(line) == ["c"]


def test_after_an_unanswered_turn_the_old_place_is_kept_and_a_pause_is_made() -> None:
    line = line_of("a", "b")
    line.begin_turn("a", 2.0)
    assert line.enter("a", 10.0, most=1), "who is in line is not turned away"
    assert names(line) == ["a", "b"]
    assert line.next(10.0, RETRY) is None, "b does not overtake"
    assert line.pause(10.0, RETRY) == RETRY
    assert line.next(10.0 + RETRY, RETRY) == "a"


def test_a_call_that_lost_the_person_who_took_it_comes_before_all_others_even_where_it_is_full() -> None:
    line = line_of("a", "b")
    assert not line.enter("c", 2.0, most=2)
    assert line.enter("d", 2.0, most=2, first=True)
    assert list(line.standings()) == [("d", 1, 1), ("a", 2, 2), ("b", 3, 3)]
    assert line.next(2.0, RETRY) == "d"


def test_the_pause_is_short_once_somebody_else_s_call_has_freed_a_phone() -> None:
    line = line_of("a", "b")
    line.begin_turn("a", 2.0)
    line.enter("a", 10.0, 50)
    line.freed(by="a")
    assert line.pause(10.0, RETRY) == RETRY, "its own legs, hung up, free nobody"
    line.freed(by="x")
    assert line.pause(10.0, RETRY) == BREATH
    assert line.next(10.0 + BREATH, RETRY) == "a"
    line.begin_turn("a", 12.0)
    line.freed(by="x")
    line.enter("a", 13.0, 50)
    assert line.pause(13.0, RETRY) == RETRY, "that was before its turn ended"


def test_entering_twice_changes_nothing() -> None:
    line = line_of("a", "b")
    assert line.enter("a", 9.0, 50)
    assert names(line) == ["a", "b"]
    assert line.oldest == 0.0


def test_only_so_many_may_wait() -> None:
    line = WaitingLine()
    assert [line.enter(call, 0.0, most=2) for call in "abc"] == [True, True, False]
    line.begin_turn("a", 0.0)
    assert line.enter("c", 1.0, most=2), "whose turn is under way does not wait"


def test_without_experience_the_wait_is_that_of_typical_calls() -> None:
    line = WaitingLine()
    assert line.wait(3, 180.0) == 540.0
    line.people(4)
    assert line.wait(3, 180.0) == 135.0
    line.people(0)
    assert line.wait(1, 180.0) == 180.0


def serve(line: WaitingLine, call: str, at: float) -> None:
    line.begin_turn(call, at)
    line.leave(call, at + 5.0, served=True)


def test_the_wait_is_learnt_while_somebody_waits() -> None:
    line = line_of(*map(str, range(12)))
    line.people(2)
    for number in range(10):
        serve(line, str(number), 100.0 + 30.0 * number)
    assert line.wait(1, 180.0) == 30.0
    line.people(1)
    assert line.wait(1, 180.0) == 60.0, "one of the two went home"


def test_nothing_is_learnt_from_calls_that_found_somebody_free() -> None:
    line = WaitingLine()
    for number in range(10):
        line.enter(str(number), 5.0 * number, 50)
        serve(line, str(number), 5.0 * number)
    assert line.wait(1, 180.0) == 180.0


def test_nothing_is_learnt_from_unanswered_turns() -> None:
    line = line_of("a", "b", "c")
    for at in range(100, 200, 10):
        line.begin_turn("a", at)
        line.enter("a", at + 1.0, 50)
    assert line.wait(1, 180.0) == 180.0


class Told(NamedTuple):
    """What one shopper was told, what the best guess would have been, and what came true, in seconds."""

    told: float
    best: float
    real: float


def simulate(servers: int, load: float, patience: float = inf, line: WaitingLine | None = None) -> list[Told]:
    """Poisson arrivals, exponential calls of 200 s and patience, and the settings believe in 60 s."""
    luck = random.Random(7)
    mean, typical = 200.0, 60.0
    line, free = WaitingLine() if line is None else line, servers
    line.people(servers)
    foretold: dict[str, tuple[float, float, float]] = {}
    story: list[Told] = []
    arrivals = servers / mean * load
    # Time, what happens, whose number.
    ahead = [(luck.expovariate(arrivals), "arrives", 0)]
    for _ in range(14_000):
        now, what, number = heapq.heappop(ahead)
        call = str(number)
        if what == "ends":
            free += 1
        elif what == "gives up":
            if line.leave(call, now, served=False):
                foretold.pop(call, None)
        else:
            if line.enter(call, now, 60):
                last = list(line.standings())[-1]
                if not free:
                    best = sum(1 / (servers / mean + each / patience) for each in range(last.turns))
                    foretold[call] = now, line.wait(last.turns, typical), best
                if patience < inf:
                    heapq.heappush(ahead, (now + luck.expovariate(1 / patience), "gives up", number))
            heapq.heappush(ahead, (now + luck.expovariate(arrivals), "arrives", number + 1))
        while free and (next_call := line.next(now, RETRY)):
            free -= 1
            line.begin_turn(next_call, now)
            line.leave(next_call, now, served=True)
            heapq.heappush(ahead, (now + luck.expovariate(1 / mean), "ends", 0))
            if next_call in foretold:
                entered, wait, best = foretold.pop(next_call)
                story.append(Told(wait, best, now - entered))
    return story


def missed(story: list[Told]) -> tuple[float, float]:
    """By how much was missed what came true, on the root of the mean square: as told, and at best."""
    told = sqrt(fmean((each.told - each.real) ** 2 for each in story))
    return told, sqrt(fmean((each.best - each.real) ** 2 for each in story))


@pytest.mark.parametrize(("servers", "load"), [(1, 0.85), (3, 0.9), (10, 0.95), (4, 1.3)])
def test_the_wait_comes_true_on_average(servers: int, load: float) -> None:
    # The first waits were told before there was experience.
    story = simulate(servers, load)[50:]
    assert len(story) > 1000
    mean = fmean(each.real for each in story)
    assert fmean(each.told for each in story) == pytest.approx(mean, rel=0.15)
    # And each by itself is closer than the mean wait would be.
    spread = fmean((each.real - mean) ** 2 for each in story)
    if load < 1:  # with the line always full, everybody waits the same
        assert missed(story)[0] ** 2 < spread


@pytest.mark.parametrize("servers", [3, 10, 25])
def test_each_wait_is_told_nearly_as_well_as_it_can_be(servers: int) -> None:
    told, best = missed(simulate(servers, 0.95)[200:])
    assert told < 1.25 * best


@pytest.mark.parametrize(("servers", "load"), [(4, 1.2), (10, 1.3)])
def test_those_who_give_up_make_room(servers: int, load: float) -> None:
    story = simulate(servers, load, patience=300.0)[200:]
    assert len(story) > 1000
    assert fmean(each.told for each in story) == pytest.approx(fmean(each.real for each in story), rel=0.15)
    told, best = missed(story)
    assert told < 1.25 * best


def test_what_was_learnt_outlives_a_restart() -> None:
    line = WaitingLine()
    simulate(3, 0.95, patience=900.0, line=line)
    again = WaitingLine()
    again.recall(line.experience)
    again.people(3)
    for turns in (1, 5, 20):
        assert again.wait(turns, 60.0) == line.wait(turns, 60.0)
    assert again.experience == line.experience


def test_each_number_of_people_has_its_own_experience() -> None:
    line = line_of(*map(str, range(40)))
    at = 100.0
    for people, interval in ((2, 30.0), (4, 25.0)):  # two more are not twice as fast
        line.people(people)
        for _ in range(10):
            serve(line, names(line)[0], at)
            at += interval
    assert line.wait(1, 180.0) == pytest.approx(25.0)
    line.people(2)
    assert line.wait(1, 180.0) == pytest.approx(30.0), "as it was with two, not half as fast as with four"


class AnyLine(RuleBasedStateMachine):
    """The line against a list."""

    def __init__(self) -> None:
        super().__init__()
        self.line = WaitingLine()
        self.order: list[str] = []
        self.in_turn: set[str] = set()
        self.now = 0.0
        self.number = 0
        self.before: dict[str, int] = {}

    @rule(most=st.integers(1, 5))
    def enter(self, most: int) -> None:
        self.number += 1
        call = f"c{self.number}"
        room = len(self.order) - len(self.in_turn) < most
        assert self.line.enter(call, self.now, most) is room
        if room:
            self.order.append(call)

    @precondition(lambda self: self.in_turn)
    @rule(data=st.data())
    def unanswered(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(sorted(self.in_turn)))
        assert self.line.enter(call, self.now, 1)
        self.in_turn.remove(call)

    @rule(free=st.integers(1, 3), retry=st.sampled_from([0.5, 15.0]))
    def give(self, free: int, retry: float) -> None:
        for _ in range(free):
            call = self.line.next(self.now, retry)
            if call is None:
                return
            earlier = self.order[: self.order.index(call)]
            assert set(earlier) <= self.in_turn
            assert call not in self.in_turn
            self.line.begin_turn(call, self.now)
            self.in_turn.add(call)

    @precondition(lambda self: self.order)
    @rule(data=st.data(), served=st.booleans())
    def leave(self, data: st.DataObject, served: bool) -> None:
        call = data.draw(st.sampled_from(self.order))
        assert self.line.leave(call, self.now, served)
        self.order.remove(call)
        self.in_turn.discard(call)

    @rule(by=st.sampled_from(["x", "c1", "c2"]))
    def freed(self, by: str) -> None:
        self.line.freed(by)

    @rule(people=st.integers(0, 5))
    def people(self, people: int) -> None:
        self.line.people(people)

    @rule(seconds=st.sampled_from([0.0, 0.4, 5.0, 16.0, 200.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @invariant()
    def everybody_stands_where_they_came(self) -> None:
        expected = [
            (call, position, sum(other not in self.in_turn for other in self.order[:position]))
            for position, call in enumerate(self.order, 1)
            if call not in self.in_turn
        ]
        assert list(self.line.standings()) == expected
        assert len(self.line) == len(self.order)
        waits = [self.line.wait(turns, 60.0) for turns in range(8)]
        assert waits == sorted(waits)
        assert waits[0] == 0.0
        now = {call: position for call, position, _ in expected}
        assert all(position <= self.before.get(call, position) for call, position in now.items())
        self.before = now

    @invariant()
    def who_waits_is_offered_a_turn_in_the_end(self) -> None:
        pause = self.line.pause(self.now, 15.0)
        waits = len(self.order) > len(self.in_turn)
        assert (pause is not None) is waits
        if pause is not None:
            assert 0.0 <= pause <= 15.0 + 1e-6
            assert self.line.next(self.now + pause + 1e-6, 15.0) is not None


AnyLine.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnyLine = AnyLine.TestCase
