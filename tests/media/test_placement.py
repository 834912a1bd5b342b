"""Placement: the tables, and every order of events."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from config.engines import ENGINES, EngineTraits, WorkerPorts
from media.placement import Placement, Reservation, reservation_for
from routing.plan import Actions
from tests.media.plans import QUEUE, plan

PHONES = ENGINES["pjsua2"]
#: One process, as wide calls fit into and no tie is made by.
ONE_PROCESS = EngineTraits(
    slots=12, ties=False, calls=WorkerPorts(1, 0), registrar=None, browsers=None, fixed_workers=1
)


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
        ([], 2, False),  # a message is taken: half a worker, so that nobody's fourth slot goes
    ],
)
def test_room_at_home(steps: list[tuple[str, int]], slots: int, tie: bool) -> None:
    room = reservation_for(plan(*steps), PHONES)
    assert (room.slots, room.tie) == (slots, tie)


def test_room_for_a_destination_that_is_rung_once_more() -> None:
    again = Actions(busy="retry")
    assert (
        reservation_for(plan(("in_order", 1), actions=again), PHONES).slots == 3
    )  # the first try may still be ending
    assert reservation_for(plan(("all", 2), actions=again), PHONES).slots == 4


def test_room_in_a_queue_and_for_the_business_first() -> None:
    assert reservation_for(plan(queue=QUEUE), PHONES) == Reservation(4, tie=True, width=1, least=2)
    assert reservation_for(plan(("all", 12), queue=QUEUE), PHONES) == Reservation(
        4, tie=True, width=12, least=2
    )
    assert reservation_for(plan(("in_order", 2), first="business"), PHONES) == Reservation(
        3, tie=False, width=1, shopper_kept=True
    )


def test_a_call_that_may_be_passed_on_keeps_a_third_slot() -> None:
    room = reservation_for(plan(("in_order", 1), transferable=True), PHONES)
    assert room == Reservation(3, tie=False, width=1, bridged=3)
    assert reservation_for(plan(queue=QUEUE, transferable=True), PHONES).bridged == 3
    placement = books(2)
    assert [placement.open_call(call, room, 1) for call in "ab"] == [0, 1], "a worker has one such call"
    for leg in ("a-s1", "a-b1"):
        assert placement.place_leg("a", leg) == 0
    placement.bridged("a")
    assert placement.workers[0].used == 3
    assert placement.place_leg("a", "a-b2") == 0, "the person that the agent consults is at home"
    assert placement.place_leg("a", "a-b3", scarce=True) == 0
    for leg in ("a-b1", "a-b3"):
        placement.end(leg)
    assert placement.workers[0].used == 3


def test_a_call_to_be_passed_on_that_finds_its_worker_full_makes_do() -> None:
    placement = books(1)
    room = Reservation(4, tie=True, width=1, least=2, bridged=3)
    assert placement.open_call("q", room, 1, scarce=True) == 0
    placement.squeeze(1)
    assert placement.open_call("p", SIMPLE, 1) == 0
    assert placement.place_leg("q", "q-s1") == 0
    assert placement.place_leg("q", "q-b1", scarce=True) == 0
    placement.bridged("q")
    assert placement.workers[0].used == 4


def test_without_ties_a_call_is_promised_its_widest_ring_and_takes_what_is_free() -> None:
    assert reservation_for(plan(("all", 7), transferable=True), ONE_PROCESS) == Reservation(
        8, tie=False, width=7, bridged=3
    )
    assert reservation_for(plan(("all", 30)), ONE_PROCESS) == Reservation(12, tie=False, width=30)
    assert reservation_for(plan(queue=QUEUE), ONE_PROCESS) == Reservation(2, tie=False, width=0)
    placement = Placement(ONE_PROCESS)
    placement.add_worker(0, generation=1, ready=True)
    placement.add_worker(1, generation=1, ready=True)
    assert placement.open_call("q", reservation_for(plan(queue=QUEUE), ONE_PROCESS), 1) == 0
    assert [placement.place_leg("q", f"leg{number}") for number in range(13)] == [0] * 12 + [None]


def books(workers: int) -> Placement:
    placement = Placement(PHONES)
    for worker_id in range(workers):
        placement.add_worker(worker_id, generation=1, ready=True)
    return placement


SIMPLE = Reservation(2, tie=False, width=1)


def test_the_fullest_worker_that_fits_is_preferred() -> None:
    placement = books(3)
    homes = [placement.open_call(f"c{number}", SIMPLE, 1) for number in range(5)]
    assert homes == [0, 0, 1, 1, 2]
    placement.close_call("c0")
    assert placement.open_call("c5", SIMPLE, 1) in (0, 2)
    assert placement.open_call("wide", Reservation(4, tie=True, width=9), 1) is None


def test_ready_workers_come_before_starting_ones_and_generations_do_not_mix() -> None:
    placement = Placement(PHONES)
    placement.add_worker(1, generation=1)
    placement.add_worker(2, generation=1, ready=True)
    placement.add_worker(3, generation=2, ready=True)
    assert placement.open_call("a", SIMPLE, 1) == 2
    assert placement.open_call("b", Reservation(4, tie=False, width=3), 1) == 1
    assert placement.open_call("c", Reservation(4, tie=False, width=3), 1) is None


def test_twelve_at_once_ring_in_five_workers_that_can_all_be_tied() -> None:
    placement = books(5)
    placement.open_call("c", reservation_for(plan(("all", 12)), PHONES), 1)
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
    placement.open_call("c", Reservation(4, tie=False, width=3), 1)
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
    placement.open_call("c", reservation_for(plan(("in_order", 9)), PHONES), 1)
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


def queued(placement: Placement, *call_ids: str, scarce: bool = False) -> list[int | None]:
    """Calls with a queue, their shoppers there; their homes."""
    for call_id in call_ids:
        if placement.open_call(call_id, reservation_for(plan(queue=QUEUE), PHONES), 1, scarce) is not None:
            placement.place_leg(call_id, f"{call_id}-s", shopper=True)
    return [placement.home_of(call_id) for call_id in call_ids]


def test_a_turn_finds_its_business_at_home_while_there_is_room() -> None:
    placement = books(2)
    assert queued(placement, "a", "b", "c") == [0, 1, None]
    where = [placement.place_leg("a", leg) for leg in ("b1", "b2", "b3")]
    assert where == [0, 0, None]  # the fourth slot is kept, for a tie with a worker yet to come
    placement.add_worker(2, generation=1)
    assert placement.place_leg("a", "b3") == 2
    assert placement.place_tie("a", "near", 0)
    assert placement.place_tie("a", "far", 2)


def test_waiting_calls_make_room_where_it_is_scarce() -> None:
    placement = books(3)
    queued(placement, "a", "b")
    placement.open_call("h", Reservation(3, tie=False, width=1), 1)
    assert placement.open_call("d", SIMPLE, 1) is None
    placement.squeeze(1)
    assert [seats.free for seats in placement.workers.values()] == [2, 2, 1]
    assert queued(placement, "c", "e", "f", scarce=True) == [0, 1, None]
    placement.close_call("h")
    where = [placement.place_leg("a", f"a-b{number}") for number in range(4)]
    assert where == [2, 2, 2, None]  # its turn: home has nothing but the tie
    assert placement.place_tie("a", "near", 0)
    assert placement.place_tie("a", "far", 2)


def test_a_turn_with_nowhere_to_go_rings_one_at_home() -> None:
    placement = books(1)
    queued(placement, "a", "b", scarce=True)
    placement.squeeze(1)
    assert queued(placement, "c", scarce=True) == [0]
    for call_id in ("a", "c"):
        assert placement.place_leg(call_id, f"{call_id}-b1") is None
        assert placement.place_leg(call_id, f"{call_id}-b1", scarce=True) == 0
        assert placement.place_leg(call_id, f"{call_id}-b2", scarce=True) is None
        placement.end(f"{call_id}-b1")
        assert placement.place_leg(call_id, f"{call_id}-b2", scarce=True) == 0


def test_the_shopper_has_a_slot_however_many_of_the_business_ring_before() -> None:
    placement = books(2)
    placement.open_call("c", reservation_for(plan(("in_order", 9), first="business"), PHONES), 1)
    where = [placement.place_leg("c", f"b{number}") for number in range(5)]
    assert where == [0, 0, 1, 1, 1]  # beside the shopper's slot and one for the tie
    assert placement.place_leg("c", "b5") is None
    assert placement.place_leg("c", "s", shopper=True) == 0
    assert placement.place_tie("c", "near", 0)
    assert placement.place_tie("c", "far", 1)


def test_the_shopper_has_a_slot_in_a_home_that_takes_a_dead_ones_place() -> None:
    placement = books(2)
    placement.open_call("c", reservation_for(plan(("in_order", 1), first="business"), PHONES), 1)
    assert placement.place_leg("c", "b1") == 0
    placement.remove_worker(0)
    assert placement.place_leg("c", "b2") == 1
    assert placement.place_leg("c", "b3") == 1
    assert placement.place_leg("c", "b4", scarce=True) == 1
    assert placement.place_leg("c", "b5", scarce=True) is None
    assert placement.place_leg("c", "s", shopper=True) == 1


class AnyOrder(RuleBasedStateMachine):
    """Calls, legs, ties and workers coming and going in any order."""

    open_calls = Bundle("open_calls")
    legs = Bundle("legs")
    engine = PHONES

    def __init__(self) -> None:
        super().__init__()
        self.placement = Placement(self.engine)
        self.next_id = 0
        self.alive: dict[str, tuple[str, int]] = {}  # leg or tie -> call, worker
        self.ties: set[str] = set()
        self.calls: set[str] = set()
        self.bridged_calls: set[str] = set()
        self.business_first: set[str] = set()  # those whose shopper is yet to be dialled
        self.queued: set[str] = set()
        self.add_worker()
        self.add_worker()

    def new_id(self) -> int:
        self.next_id += 1
        return self.next_id

    @rule()
    def add_worker(self) -> None:
        if len(self.placement.workers) < 6:
            self.placement.add_worker(self.new_id(), generation=1, ready=self.next_id % 2 == 0)

    @rule(
        target=open_calls,
        widths=st.lists(st.integers(1, 7), max_size=3),
        waits=st.booleans(),
        first=st.sampled_from(("shopper", "business")),
        scarce=st.booleans(),
    )
    def open_call(self, widths: list[int], waits: bool, first: str, scarce: bool) -> object:
        call_id = f"c{self.new_id()}"
        queue = QUEUE if waits else None
        room = reservation_for(
            plan(*[("all", width) for width in widths], queue=queue, first=first), self.engine
        )
        slots = room.least if scarce and room.least else room.slots
        fits = any(seats.free >= slots for seats in self.placement.workers.values())
        home = self.placement.open_call(call_id, room, 1, scarce)
        assert (home is not None) == fits
        if home is None:
            return multiple()
        self.calls.add(call_id)
        if waits:
            self.queued.add(call_id)
        if first == "business":
            self.business_first.add(call_id)
        else:
            self.place(call_id, shopper=True, scarce=False)
        return call_id

    def place(self, call_id: str, shopper: bool, scarce: bool) -> str | None:
        leg_id = f"leg{self.new_id()}"
        worker_id = self.placement.place_leg(call_id, leg_id, shopper, scarce)
        assert self.placement.worker_of(leg_id) == worker_id
        if worker_id is None:
            return None
        self.alive[leg_id] = (call_id, worker_id)
        return leg_id

    @rule(target=legs, call_id=open_calls, scarce=st.booleans())
    def dial(self, call_id: str, scarce: bool) -> object:
        if call_id not in self.calls:
            return multiple()
        home = self.placement.home_of(call_id)
        alone = sum(call == call_id for call, _ in self.alive.values()) <= (
            call_id not in self.business_first
        )
        leg_id = self.place(call_id, False, scarce)
        turn = scarce and alone and call_id in self.queued - self.bridged_calls
        ties = self.engine.ties
        assert leg_id or home is None or not turn or not ties, "a turn has room for one leg at least"
        return leg_id or multiple()

    @rule(target=legs, call_id=open_calls)
    def dial_shopper(self, call_id: str) -> object:
        if call_id not in self.business_first & self.calls - self.bridged_calls:
            return multiple()
        home = self.placement.home_of(call_id)
        leg_id = self.place(call_id, True, False)
        if leg_id is None:
            assert home is None, "the shopper always has a slot at home"
            return multiple()
        self.business_first.remove(call_id)
        return leg_id

    @rule()
    def squeeze(self) -> None:
        self.placement.squeeze(1)

    @rule(leg_id=consumes(legs))
    def end(self, leg_id: str) -> None:
        self.alive.pop(leg_id, None)
        self.placement.end(leg_id)

    @rule(one=legs, two=legs, then_bridged=st.booleans())
    def join(self, one: str, two: str, then_bridged: bool) -> None:
        if one not in self.alive or two not in self.alive:
            return
        (call_id, here), (other_call, there) = self.alive[one], self.alive[two]
        assert call_id != other_call or here == there or self.engine.ties
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
    def never_more_than_fit_in_a_worker(self) -> None:
        for worker_id, seats in self.placement.workers.items():
            living = sum(where == worker_id for _, where in self.alive.values())
            assert living <= seats.used <= self.engine.slots
            assert seats.used == sum(share.size() for share in seats.shares.values())

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


class AnyOrderWithoutTies(AnyOrder):
    """All legs of a call are in one worker."""

    engine = ONE_PROCESS


TestAnyOrderWithoutTies = AnyOrderWithoutTies.TestCase
TestAnyOrderWithoutTies.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
