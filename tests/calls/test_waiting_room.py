"""The waiting room: turns in order, nobody forgotten, nobody pestered."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from structlog.testing import capture_logs

from bridge.events import QueueMoved, TurnCame
from bridge.legs import Leg, LegState
from calls.waiting_room import TURNS_AT_ONCE, WaitingRoom
from config.sections.queues import Queue
from routing.plan import ClickToCall, PlannedStep
from tests.bridge.fake_clock import FakeClock
from tests.bridge.playbook import CLICK, all_at_once, endpoint
from tests.bridge.told import Teller, a_record

RETRY = 15.0


class Shop:
    """Phones, and a waiting room before them. ``known`` phones are those whose calls the server counts."""

    def __init__(self, *phones: str, known: bool = True, **changes: Any) -> None:
        self.clock = FakeClock(1000.0)
        self.settings = Queue(**({"retry_interval": "15s"} | changes))
        self.phones = set(phones)
        self.known = known
        #: Phones in use, by their call.
        self.used: dict[str, str] = {}
        self.legs: dict[str, dict[str, Leg]] = {}
        self.story: list[tuple[str, Any]] = []
        self.room = WaitingRoom(self.take, self.clock, lambda _: self.settings, self.steps, self.crew)
        self.teller = Teller(self.room)

    # What the room asks.

    def steps(self, call_id: str, click: ClickToCall) -> tuple[PlannedStep, ...]:
        phones = sorted(self.phones - set(self.used)) if self.known else sorted(self.phones)
        return (all_at_once(phones[0]),) if phones else ()

    def crew(self, call_id: str, click: ClickToCall) -> Collection[str]:
        return self.phones

    def take(self, call_id: str, event: Any) -> None:
        self.story.append((call_id, event))
        if isinstance(event, TurnCame):
            for step in event.steps:
                for at in step.endpoints:
                    self.ring(call_id, at.destination)

    # What happens in the world.

    def enter(self, *calls: str, busy: bool = False, first: bool = False) -> None:
        for call in calls:
            self.room.enter(call, CLICK, "q", busy, first)

    def ring(self, call: str, phone: str) -> None:
        legs = self.legs.setdefault(call, {})
        leg = Leg(f"{call}-b{len(legs) + 1}", "business", endpoint(phone), self.clock.now)
        legs[phone] = leg
        if phone in self.used:  # it says so itself, soon
            assert not self.known
        else:
            self.used[phone] = call
            leg.state, leg.ringing_at = LegState.RINGING, self.clock.now
        self.teller.legs(*legs.values(), step="s")

    def accept(self, call: str) -> None:
        self.room.leave(call, "q", served=True)

    def end(self, call: str) -> None:
        """Its legs end."""
        legs = self.legs.pop(call, {})
        for phone, leg in legs.items():
            leg.state = LegState.ENDED
            if self.used.get(phone) == call:
                del self.used[phone]
        self.teller.legs(*legs.values(), step="s")

    def hunted_unanswered(self, call: str, busy: bool) -> None:
        self.end(call)
        self.enter(call, busy=busy)

    def news(self) -> list[tuple[str, Any]]:
        """What was told since the last question: turns as who they ring, positions as numbers."""
        self.clock.advance()
        story, self.story = self.story, []
        return [
            (call, [at.destination for step in event.steps for at in step.endpoints])
            if isinstance(event, TurnCame)
            else (call, event.position)
            for call, event in story
        ]


def test_who_finds_somebody_free_has_their_turn_at_once_but_not_from_within() -> None:
    shop = Shop("ann")
    shop.enter("a")
    assert shop.story == []
    assert shop.news() == [("a", ["ann"])]
    shop.accept("a")
    assert shop.news() == []
    assert shop.clock.due == [], "nothing ticks while nobody waits"


def test_calls_wait_in_order_and_are_told_where_they_stand() -> None:
    shop = Shop("ann", typical_call="100s")
    shop.enter("a", "b", "c")
    assert shop.news() == [("a", ["ann"]), ("b", 2), ("c", 3)]
    shop.accept("a")
    shop.clock.advance(1.0)
    assert shop.news() == [("b", 1), ("c", 2)]
    shop.end("a")
    assert shop.news() == [("b", ["ann"])]
    shop.room.leave("b", "q", served=False)
    shop.end("b")
    assert shop.news() == [("c", ["ann"])]


def test_the_wait_is_that_of_the_line_and_of_those_who_work() -> None:
    shop = Shop("ann", "bob", typical_call="100s")
    shop.enter("a", "b", "c", "d")
    shop.clock.advance()
    assert [event for _, event in shop.story[2:]] == [QueueMoved(3, 50.0), QueueMoved(4, 100.0)]
    standing = shop.room.snapshot()["q"]
    assert (standing.waiting, standing.in_turn, standing.longest_wait) == (2, 2, 0.0)
    assert standing.expected_wait == 150.0
    assert shop.room.waiting("q") == 2
    assert shop.room.waiting("none") == 0


def test_a_full_queue_turns_away() -> None:
    shop = Shop("ann", most_waiting=1)
    shop.enter("a")
    assert shop.news() == [("a", ["ann"])]
    shop.enter("b", "c")
    assert shop.news() == [("c", []), ("b", 2)]
    shop.room.leave("c", "q", served=False)  # it is no error
    assert shop.room.waiting("q") == 1


def test_nobody_waits_for_nobody() -> None:
    shop = Shop("ann")
    shop.enter("a", "b", "c")
    shop.news()
    shop.accept("a")
    shop.phones.clear()
    shop.clock.advance(1.0)
    shop.clock.advance(RETRY)
    turns = [(call, event.steps) for call, event in shop.story if isinstance(event, TurnCame)]
    assert turns[-2:] == [("b", ()), ("c", ())]


def test_a_phone_that_is_busy_itself_is_tried_again_after_a_while() -> None:
    shop = Shop("ann", known=False)
    shop.used["ann"] = "a call of her own"
    shop.enter("a")
    assert shop.news() == [("a", ["ann"])]
    shop.hunted_unanswered("a", busy=True)
    assert shop.news() == [("a", 1)]
    shop.clock.advance(RETRY - 0.1)
    assert shop.news() == []
    shop.clock.advance(0.2)
    assert shop.news() == [("a", ["ann"])]


def test_two_that_find_the_same_phone_busy_do_not_wake_each_other() -> None:
    shop = Shop("ann", known=False)
    shop.used["ann"] = "a call of her own"
    shop.enter("a", "b", "c")
    turns = 0
    for _ in range(600):
        for call, news in shop.news():
            if isinstance(news, list):
                turns += 1
                shop.hunted_unanswered(call, busy=True)
        shop.clock.advance(0.1)
    assert 3 * 4 <= turns <= 3 * 5, "each about once in 15 of 60 seconds"


def test_the_end_of_another_call_gives_a_second_chance_soon() -> None:
    shop = Shop("ann", known=False)
    shop.enter("x")
    shop.news()
    shop.accept("x")
    shop.enter("a", "b")
    assert shop.news() == [("a", ["ann"]), ("b", ["ann"])]
    shop.hunted_unanswered("a", busy=True)
    shop.hunted_unanswered("b", busy=True)
    assert sorted(shop.news()) == [("a", 1), ("b", 2)]
    shop.clock.advance(5.0)
    shop.end("x")
    assert shop.news() == [("a", ["ann"]), ("b", ["ann"])]


def test_a_call_that_everybody_left_ringing_need_not_wait() -> None:
    """Nobody was busy: they do not want to, or are not there."""
    shop = Shop("ann")
    shop.enter("a")
    shop.news()
    shop.hunted_unanswered("a", busy=False)
    assert shop.news() == [("a", [])]


def test_a_call_that_one_left_ringing_waits_for_those_who_are_busy() -> None:
    shop = Shop("ann", "bob")
    shop.used["bob"] = "x"
    shop.enter("a")
    assert shop.news() == [("a", ["ann"])]
    shop.hunted_unanswered("a", busy=False)
    assert shop.news() == [("a", 1)]


def test_those_behind_do_not_overtake_a_pause() -> None:
    shop = Shop("ann", "bob")
    shop.used["bob"] = "x"
    shop.enter("a", "b")
    assert shop.news() == [("a", ["ann"]), ("b", 2)]
    shop.hunted_unanswered("a", busy=True)
    shop.clock.advance(3.0)
    assert shop.news() == [("a", 1), ("b", 2)], "b's wait has grown"
    shop.clock.advance(RETRY)
    assert shop.news() == [("a", ["ann"]), ("b", 2)]


def test_a_call_that_is_over_waits_no_more() -> None:
    shop = Shop("ann")
    shop.enter("a", "b", "c")
    shop.news()

    shop.teller.ended(a_record("b"))
    shop.clock.advance(1.0)
    assert shop.news() == [("c", 2)]
    assert shop.room.waiting("q") == 1


def test_news_is_told_at_most_once_a_second() -> None:
    calls = [f"c{number}" for number in range(40)]
    shop = Shop("ann")
    shop.enter(*calls)
    shop.news()
    for call in calls[1:21]:
        shop.room.leave(call, "q", served=False)
        shop.clock.advance(0.04)
    told = [call for call, _ in shop.news()]
    assert all(told.count(call) <= 1 for call in calls)
    shop.clock.advance(1.0)
    assert shop.news()[0] == ("c21", 2)


def test_many_turns_come_in_rounds() -> None:
    phones = [f"p{number:02}" for number in range(50)]
    shop = Shop(*phones)
    shop.enter(*(f"c{number}" for number in range(50)))
    rounds: list[int] = []
    inner = shop.room._look

    def look(*arguments: Any) -> None:
        before = len(shop.story)
        inner(*arguments)
        rounds.append(sum(isinstance(event, TurnCame) for _, event in shop.story[before:]))

    shop.room._look = look  # type: ignore[method-assign]
    assert len(shop.news()) >= 50
    assert sum(rounds) == 50
    assert max(rounds) == TURNS_AT_ONCE


def test_a_call_for_which_nothing_can_be_decided_holds_up_nobody() -> None:
    shop = Shop("ann")
    steps = shop.room._turn_steps

    def fails(call_id: str, click: ClickToCall) -> Any:
        if call_id == "a":
            raise KeyError("its site is gone")
        return steps(call_id, click)

    shop.room._turn_steps = shop.room._crew = fails  # type: ignore[assignment]
    shop.enter("a", "b")
    with capture_logs() as logged:
        assert shop.news() == [("a", []), ("b", ["ann"])]
    assert [line["event"] for line in logged] == ["turn_not_decided", "crew_not_decided"]


def test_a_call_that_lost_the_person_who_took_it_is_next() -> None:
    shop = Shop("ann")
    shop.enter("a", "b", "c")
    assert shop.news()[0] == ("a", ["ann"])
    shop.accept("a")
    shop.end("a")
    shop.enter("a", first=True)
    assert shop.news()[0] == ("a", ["ann"])


def test_a_look_is_taken_when_it_is_asked_for() -> None:
    shop = Shop("ann")
    shop.enter("a", "b")
    shop.news()
    shop.phones.add("bob")
    shop.room.look()
    assert shop.news() == [("b", ["bob"])]


def test_queues_do_not_wait_for_each_other() -> None:
    shop = Shop("ann")
    shop.room.enter("a", CLICK, "one", busy=False, first=False)
    shop.room.enter("b", CLICK, "two", busy=False, first=False)
    assert shop.news() == [("a", ["ann"]), ("b", 1)]
    assert set(shop.room.snapshot()) == {"one", "two"}
    shop.accept("a")
    shop.room.leave("a", "one", served=True)
    shop.end("a")
    assert shop.news() == [("b", ["ann"])]


class AnyOrder(RuleBasedStateMachine):
    """Any order of arrivals, hunts and hang-ups: no call is lost, none has two turns, each has its own."""

    @initialize(known=st.booleans(), phones=st.integers(1, 3), most=st.integers(1, 6))
    def begin(self, known: bool, phones: int, most: int) -> None:
        self.shop = Shop(*(f"p{number}" for number in range(phones)), known=known, most_waiting=most)
        self.number = 0
        self.order: list[str] = []
        self.in_turn: dict[str, list[str]] = {}
        self.talking: list[str] = []

    def hear(self) -> None:
        """Take what the room says, and check it."""
        gone = 0
        for call, news in self.shop.news():
            assert call in self.order or news == [], "a call that does not wait"
            assert call not in self.in_turn, "a second turn"
            if not isinstance(news, list):
                # Who was just let go leaves at once in an engine, and here only when all news is heard.
                assert self.order.index(call) + 1 <= news <= self.order.index(call) + 1 + gone
            elif news:
                earlier = self.order[: self.order.index(call)]
                assert set(earlier) <= set(self.in_turn), "somebody was overtaken"
                self.in_turn[call] = news
            else:
                self.drop(call)
                gone += 1

    def drop(self, call: str) -> None:
        """A call ends, and says so as the engine does: when it leaves, and when all its legs are gone."""
        self.in_turn.pop(call, None)
        if call in self.order:
            self.order.remove(call)
        self.shop.room.leave(call, "q", served=False)
        self.shop.end(call)

    @rule()
    def arrive(self) -> None:
        self.number += 1
        call = f"c{self.number}"
        if self.shop.room.waiting("q") < self.shop.settings.most_waiting:
            self.order.append(call)
        self.shop.enter(call)
        self.hear()

    @precondition(lambda self: self.in_turn)
    @rule(data=st.data(), how=st.sampled_from(["accept", "busy", "no_answer"]))
    def hunted(self, data: st.DataObject, how: str) -> None:
        call = data.draw(st.sampled_from(sorted(self.in_turn)))
        (phone,) = self.in_turn[call]
        mine = self.shop.used.get(phone) == call
        if how == "accept" and mine:
            del self.in_turn[call]
            self.order.remove(call)
            self.talking.append(call)
            self.shop.accept(call)
        else:
            del self.in_turn[call]
            self.shop.hunted_unanswered(call, busy=how == "busy" or not mine)
        self.hear()

    @precondition(lambda self: self.talking)
    @rule(data=st.data())
    def hang_up(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(self.talking))
        self.talking.remove(call)
        self.shop.end(call)
        self.hear()

    @precondition(lambda self: self.order)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        self.drop(data.draw(st.sampled_from(self.order)))
        self.hear()

    @rule(seconds=st.sampled_from([0.2, 1.5, 16.0]))
    def wait(self, seconds: float) -> None:
        self.shop.clock.advance(seconds, most=200)
        self.hear()

    @invariant()
    def nobody_is_lost(self) -> None:
        if not hasattr(self, "shop"):
            return
        room = self.shop.room
        assert room.waiting("q") == len(self.order) - len(self.in_turn)
        assert set(room._rooms["q"].calls if room._rooms else ()) == set(self.order)
        assert room.waiting("q") == 0 or self.shop.clock.due, "nobody will look again"

    def teardown(self) -> None:
        """Once everybody hangs up who talks, and takes calls that come, all get through."""
        if not hasattr(self, "shop"):
            return
        for _ in range(20 * len(self.order) + 20):
            for call in list(self.in_turn):
                (phone,) = self.in_turn.pop(call)
                if self.shop.used.get(phone) == call:
                    self.order.remove(call)
                    self.shop.accept(call)
                    self.shop.end(call)
                else:
                    self.shop.hunted_unanswered(call, busy=True)
            for call in self.talking:
                self.shop.end(call)
            self.talking.clear()
            self.shop.clock.advance(RETRY)
            self.hear()
        assert not self.order
        assert self.shop.room.snapshot() == {} or self.shop.room.waiting("q") == 0
        self.shop.clock.advance(RETRY)
        assert self.shop.clock.due == []


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=60, stateful_step_count=30)
