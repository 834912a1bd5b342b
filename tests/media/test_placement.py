"""Placement: the tables, and every order of events."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from media.placement import Placement, Room, room_for
from media.protocol import WORKER_SLOTS
from tests.media.plans import plan


@pytest.mark.parametrize(
    ("steps", "slots", "tie"),
    [
        ([("in_order", 1)], 2, False),
        ([("all", 1)], 2, False),
        ([("in_order", 2)], 3, False),  # the second rings while the first is still being cancelled
        ([("in_order", 9)], 3, False),
        ([("all", 2)], 3, False),
        ([("all", 3)], 4, False),
        ([("all", 2), ("in_order", 2)], 4, False),
        ([("all", 2), ("all", 2)], 4, True),
        ([("all", 3), ("in_order", 1)], 4, True),
        ([("all", 4)], 4, True),
        ([("in_order", 1), ("all", 12)], 4, True),
    ],
)
def test_room_at_home(steps: list[tuple[str, int]], slots: int, tie: bool) -> None:
    room = room_for(plan(*steps))
    assert (room.slots, room.tie) == (slots, tie)


def books(workers: int) -> Placement:
    placement = Placement()
    for worker_id in range(workers):
        placement.add_worker(worker_id, generation=1, ready=True)
    return placement


SIMPLE = Room(2, tie=False, width=1)


def test_the_fullest_worker_that_fits_is_preferred() -> None:
    placement = books(3)
    homes = [placement.open_call(f"c{number}", SIMPLE, 1) for number in range(5)]
    assert homes == [0, 0, 1, 1, 2]
    placement.close_call("c0")
    assert placement.open_call("c5", SIMPLE, 1) in (0, 2)
    assert placement.open_call("wide", Room(4, tie=True, width=9), 1) is None


def test_ready_workers_come_before_starting_ones_and_generations_do_not_mix() -> None:
    placement = Placement()
    placement.add_worker(1, generation=1)
    placement.add_worker(2, generation=1, ready=True)
    placement.add_worker(3, generation=2, ready=True)
    assert placement.open_call("a", SIMPLE, 1) == 2
    assert placement.open_call("b", Room(4, tie=False, width=3), 1) == 1
    assert placement.open_call("c", Room(4, tie=False, width=3), 1) is None


def test_twelve_at_once_ring_in_five_workers_that_can_all_be_tied() -> None:
    placement = books(5)
    placement.open_call("c", room_for(plan(("all", 12))), 1)
    where = [placement.place_leg("c", leg) for leg in ["s", *(f"b{n}" for n in range(12))]]
    assert where == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4]
    assert placement.place_tie("c", "near", 0)
    assert placement.place_tie("c", "far", 4)
    placement.bridged("c")
    for number in range(11):
        placement.end(f"b{number}")
    assert [placement.workers[worker].used for worker in range(5)] == [2, 0, 0, 0, 2]


def test_a_bridge_gives_back_what_it_does_not_use() -> None:
    placement = books(1)
    placement.open_call("c", Room(4, tie=False, width=3), 1)
    for leg in "sabd":
        placement.place_leg("c", leg)
    placement.bridged("c")
    assert placement.workers[0].used == 4  # the losers are still being cancelled
    placement.end("a")
    placement.end("b")
    assert placement.workers[0].used == 2
    assert placement.open_call("other", SIMPLE, 1) == 0


def test_slow_losers_push_the_hunt_into_a_satellite() -> None:
    placement = books(2)
    placement.open_call("c", room_for(plan(("in_order", 9))), 1)
    where = [placement.place_leg("c", leg) for leg in ["s", "b1", "b2", "b3", "b4", "b5"]]
    assert where == [0, 0, 0, 1, 1, 1]  # home keeps its last slot for the tie
    assert placement.place_leg("c", "b6") is None
    placement.end("b1")
    assert placement.place_leg("c", "b6") == 0


def test_a_call_whose_home_died_gets_another() -> None:
    placement = books(2)
    placement.open_call("c", SIMPLE, 1)
    assert placement.place_leg("c", "s") == 0
    assert placement.remove_worker(0) == [("c", "s")]
    assert placement.place_leg("c", "s2") == 1


def test_a_leg_that_outlives_its_call_keeps_its_slot() -> None:
    placement = books(1)
    placement.open_call("c", SIMPLE, 1)
    placement.place_leg("c", "s")
    assert placement.close_call("c") == {0}
    assert placement.workers[0].used == 1
    assert not placement.open_calls(0)
    placement.end("s")
    assert placement.vacant(0)


class AnyOrder(RuleBasedStateMachine):
    """Calls, legs, ties and workers coming and going in any order."""

    open_calls = Bundle("open_calls")
    legs = Bundle("legs")

    def __init__(self) -> None:
        super().__init__()
        self.placement = Placement()
        self.next_id = 0
        self.alive: dict[str, tuple[str, int]] = {}  # leg or tie -> call, worker
        self.ties: set[str] = set()
        self.calls: set[str] = set()
        self.bridged_calls: set[str] = set()
        self.add_worker()
        self.add_worker()

    def new_id(self) -> int:
        self.next_id += 1
        return self.next_id

    @rule()
    def add_worker(self) -> None:
        if len(self.placement.workers) < 6:
            self.placement.add_worker(self.new_id(), generation=1, ready=self.next_id % 2 == 0)

    @rule(target=open_calls, widths=st.lists(st.integers(1, 7), min_size=1, max_size=3))
    def open_call(self, widths: list[int]) -> object:
        call_id = f"c{self.new_id()}"
        room = room_for(plan(*[("all", width) for width in widths]))
        fits = any(seats.free >= room.slots for seats in self.placement.workers.values())
        home = self.placement.open_call(call_id, room, 1)
        assert (home is not None) == fits
        if home is None:
            return multiple()
        self.calls.add(call_id)
        return call_id

    @rule(target=legs, call_id=open_calls)
    def dial(self, call_id: str) -> object:
        if call_id not in self.calls:
            return multiple()
        leg_id = f"leg{self.new_id()}"
        worker_id = self.placement.place_leg(call_id, leg_id)
        if worker_id is None:
            return multiple()
        assert self.placement.worker_of(leg_id) == worker_id
        self.alive[leg_id] = (call_id, worker_id)
        return leg_id

    @rule(leg_id=consumes(legs))
    def end(self, leg_id: str) -> None:
        self.alive.pop(leg_id, None)
        self.placement.end(leg_id)

    @rule(one=legs, two=legs, then_bridged=st.booleans())
    def join(self, one: str, two: str, then_bridged: bool) -> None:
        if one not in self.alive or two not in self.alive:
            return
        (call_id, here), (other_call, there) = self.alive[one], self.alive[two]
        if call_id != other_call or call_id not in self.calls:
            return
        if here != there:
            busy = any(self.alive[tie][0] == call_id for tie in self.ties)
            at_home = self.placement.home_of(call_id) in (here, there)
            placed = True
            for worker_id in (here, there):
                tie_id = f"tie{self.new_id()}"
                if self.placement.place_tie(call_id, tie_id, worker_id):
                    self.alive[tie_id] = (call_id, worker_id)
                    self.ties.add(tie_id)
                else:
                    placed = False
            assert placed or busy or not at_home or call_id in self.bridged_calls
        if then_bridged:
            self.placement.bridged(call_id)
            self.bridged_calls.add(call_id)

    @rule(data=st.data())
    def end_tie(self, data: st.DataObject) -> None:
        if self.ties:
            tie_id = data.draw(st.sampled_from(sorted(self.ties)))
            self.ties.remove(tie_id)
            self.alive.pop(tie_id)
            self.placement.end(tie_id)

    @rule(call_id=consumes(open_calls))
    def close_call(self, call_id: str) -> None:
        holding = self.placement.close_call(call_id)
        self.calls.discard(call_id)
        assert holding == {w for leg, (c, w) in self.alive.items() if c == call_id and leg not in self.ties}

    @rule(data=st.data())
    def worker_dies(self, data: st.DataObject) -> None:
        if len(self.placement.workers) > 1:
            worker_id = data.draw(st.sampled_from(sorted(self.placement.workers)))
            lost = self.placement.remove_worker(worker_id)
            expected = {(call, leg) for leg, (call, where) in self.alive.items() if where == worker_id}
            assert set(lost) == expected
            assert len(lost) == len(expected)
            for _, leg_id in lost:
                del self.alive[leg_id]
                self.ties.discard(leg_id)

    @invariant()
    def never_more_than_four_in_a_worker(self) -> None:
        for worker_id, seats in self.placement.workers.items():
            living = sum(where == worker_id for _, where in self.alive.values())
            assert living <= seats.used <= WORKER_SLOTS

    @invariant()
    def nothing_is_kept_for_nobody(self) -> None:
        held = {(call, where) for call, where in self.alive.values()}
        for worker_id, seats in self.placement.workers.items():
            for call_id in seats.shares:
                assert call_id in self.calls or (call_id, worker_id) in held
        if not self.calls and not self.alive:
            assert all(seats.used == 0 for seats in self.placement.workers.values())

    @invariant()
    def a_tie_always_has_room(self) -> None:
        """Before the bridge, every satellite with a leg could be tied to home at once."""
        for call_id in self.calls - self.bridged_calls:
            home = self.placement.home_of(call_id)
            if home is None:
                continue
            for leg_id, (call, where) in self.alive.items():
                if call == call_id and where != home and leg_id not in self.ties:
                    assert self.placement.workers[where].shares[call_id].tie_kept
                    assert self.placement.workers[home].shares[call_id].tie_kept


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
