"""Screen pops: each agent sees what rings, or was answered, at one of their phones, once and in time."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.causes import Disposition, HangupCause
from bridge.facts import CallStarted
from bridge.legs import Leg, LegState
from config.models import Config
from cti.agents import Agents
from cti.pop import EarlierContact
from cti.screen_pops import LAST_SECONDS, PopNews, ScreenPops, ShownPop
from routing.plan import ClickToCall
from tests.bridge.told import Teller, a_record
from tests.cti.shops import ALICE, BENS_DESK, BOSTON, CLICK, STORE, leg, shop

EARLIER = EarlierContact("c0", 500.0, "https://shop.example/", Disposition.BRIDGED, "Ben", 61.5)
BUSY = leg(9, ALICE, LegState.JOINED, call="c9")


class World:
    """Screen pops of one live call, and all that they tell; each thing happens a second after the last."""

    def __init__(self, config: Config | None = None) -> None:
        self.config = config or shop()
        self.now = 1000.0
        self.live: dict[str, ClickToCall] = {"c1": CLICK}
        self.asked: list[tuple[str, int]] = []
        self.found: Callable[[Sequence[EarlierContact]], None] = lambda found: None
        self.news: list[PopNews] = []
        self.shown: list[tuple[str, ShownPop]] = []
        self.agents = Agents(lambda: None)
        for agent in ("alice", "ben"):
            self.agents.page_opened(agent)
            self.agents.choose(agent, "available")
        self.pops = ScreenPops(
            click=self.live.get,
            config=lambda: self.config,
            place=lambda click: BOSTON,
            history=self,
            agents=self.agents,
            clock=self,
            tell=self.news.append,
        )
        self.pops.watch(lambda agent, shown: self.shown.append((agent, shown)))
        self.teller = Teller(self.agents, self.pops)

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Any:
        raise AssertionError("nothing here waits")

    def look_up(
        self, call_id: str, click: ClickToCall, limit: int, found: Callable[[Sequence[EarlierContact]], None]
    ) -> None:
        self.asked.append((call_id, limit))
        self.found = found

    def legs(self, *legs: Leg) -> None:
        self.now += 1
        self.teller.legs(*legs)

    def started(self) -> None:
        self.teller.tell(CallStarted(call_id="c1", at=self.now, click=CLICK, route="main"))

    def ended(self, cause: HangupCause | None = None) -> None:
        self.now += 1
        self.teller.ended(replace(a_record("c1"), cause=cause))
        del self.live["c1"]

    def told(self) -> list[str]:
        """What the pages were told since the last time, in short."""
        told = [f"{agent} {shown.state}" for agent, shown in self.shown]
        self.shown.clear()
        return told

    def heard(self) -> list[str]:
        """What other systems were told since then."""
        heard = [f"{news.agent or news.destination} {news.state}" for news in self.news]
        self.news.clear()
        return heard


def test_a_call_that_an_agent_answers_in_the_browser() -> None:
    world = World()
    world.started()
    assert world.asked == [("c1", 5)], "the history is looked up while the shopper's phone rings"
    world.found([EARLIER])
    assert not world.shown
    world.legs(leg(1, ALICE, LegState.DIALING))
    ((agent, shown),) = world.shown
    assert (agent, shown.state, shown.since, shown.cause) == ("alice", "offered", world.now, None)
    assert shown.pop.history == (EARLIER,)
    assert (shown.pop.number, shown.pop.place) == ("+1617•••••23", "Boston, MA, US")
    assert world.pops.pop("c1", "alice") == shown.pop
    assert world.pops.pop("c1", "ben") is None
    world.legs(leg(1, ALICE))  # again and again, as other things happen to the call
    world.legs(leg(1, ALICE))
    world.legs(leg(1, ALICE, LegState.ANSWERED))
    world.legs(leg(1, ALICE, LegState.JOINED))
    world.legs(leg(1, ALICE, LegState.ENDED, cause=HangupCause.NORMAL))
    world.ended(HangupCause.NORMAL)
    assert world.shown[-1][1].cause == "normal"
    assert world.told() == ["alice offered", "alice answered", "alice over"]
    assert world.heard() == ["alice offered", "alice answered", "alice over"]


def test_one_of_two_answers_and_the_other_is_told() -> None:
    world = World()
    world.legs(leg(1, ALICE, LegState.DIALING), leg(2, BENS_DESK, LegState.DIALING), leg(3, STORE))
    assert world.told() == ["alice offered"], "a phone rings once it says so; a store is nobody"
    assert world.heard() == ["alice offered", "store offered"]
    world.legs(leg(1, ALICE), leg(2, BENS_DESK), leg(3, STORE))
    assert world.shown[0][1].pop.number == "+16175550123"
    ending = {"cause": HangupCause.ANSWERED_ELSEWHERE}
    world.legs(leg(1, ALICE, LegState.ENDING, **ending), leg(2, BENS_DESK, LegState.ANSWERED), leg(3, STORE))
    assert world.shown[1][1].cause == "answered_elsewhere"
    assert world.told() == ["ben offered", "alice over", "ben answered"]
    assert world.heard() == ["ben offered", "alice over", "ben answered"]


def test_a_phone_that_never_said_it_rings_is_answered_all_the_same() -> None:
    world = World()
    world.legs(leg(1, BENS_DESK, LegState.DIALING))
    world.legs(leg(1, BENS_DESK, LegState.ANSWERED, ringing_at=None))
    assert world.told() == ["ben answered"]


def test_a_leg_that_is_refused_shows_nothing() -> None:
    world = World()
    world.live["c9"] = replace(CLICK, number="")
    world.legs(BUSY)
    assert world.told() == ["alice offered", "alice answered"]
    world.legs(leg(1, ALICE, LegState.DIALING))
    world.legs(leg(1, ALICE, LegState.ENDED, cause=HangupCause.BUSY))
    assert world.told() == []
    assert world.heard() == ["alice offered", "alice answered"]


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("offer", ["alice offered", "alice answered", "alice over"]),
        ("answer", ["alice answered", "alice over"]),
        ("never", []),
    ],
)
def test_when(when: str, told: list[str]) -> None:
    world = World(shop(when=when))
    world.legs(leg(1, ALICE))
    assert [shown.state for shown in world.pops.shown_to("alice")] == (["offered"] if when == "offer" else [])
    assert (world.pops.pop("c1", "alice") is not None) == (when == "offer")
    world.legs(leg(1, ALICE, LegState.ANSWERED))
    world.legs(leg(1, ALICE, LegState.ENDED))
    assert world.told() == told
    assert world.heard() == ["alice offered", "alice answered", "alice over"]
    assert bool(world.asked) == (when != "never")


def test_an_unanswered_call_is_not_told_of_where_only_answers_are() -> None:
    world = World(shop(when="answer"))
    world.legs(leg(1, ALICE))
    world.legs(leg(1, ALICE, LegState.ENDED))
    world.legs(leg(1, ALICE, LegState.ENDED), leg(2, ALICE, LegState.DIALING))
    assert world.told() == []


def test_a_history_that_comes_late_is_shown_late() -> None:
    world = World()
    world.legs(leg(1, ALICE))
    assert world.shown[0][1].pop.history is None
    world.found([EARLIER])
    assert [(shown.state, shown.pop.history) for _, shown in world.shown] == [
        ("offered", None),
        ("offered", (EARLIER,)),
    ]
    world.legs(leg(1, ALICE, LegState.ENDED))
    world.ended()
    world.shown.clear()
    world.found([EARLIER])
    assert not world.shown


def test_no_history_is_asked_for_where_none_is_wanted() -> None:
    world = World(shop(history=0))
    world.legs(leg(1, ALICE))
    assert world.shown[0][1].pop.history == ()
    assert not world.asked


def test_a_page_that_opens_is_shown_what_there_is_and_the_last_call() -> None:
    world = World()
    world.legs(leg(1, ALICE, LegState.ANSWERED))
    assert [shown.state for shown in world.pops.shown_to("alice")] == ["answered"]
    world.legs(leg(1, ALICE, LegState.ENDED))
    world.ended()
    assert [shown.state for shown in world.pops.shown_to("alice")] == ["over"]
    world.now += LAST_SECONDS - 10
    world.live["c2"] = CLICK
    world.legs(leg(1, ALICE, call="c2"))
    assert [shown.state for shown in world.pops.shown_to("alice")] == ["over", "offered"]
    world.legs(leg(1, ALICE, LegState.ANSWERED, call="c2"))
    assert [shown.state for shown in world.pops.shown_to("alice")] == ["answered"]
    assert world.pops.shown_to("ben") == []
    world.legs(leg(1, ALICE, LegState.ENDED, call="c2"))
    world.now += LAST_SECONDS + 1
    assert world.pops.shown_to("alice") == [], "it is long over"


def test_what_a_pbx_tells_of_the_phones_behind_it() -> None:
    world = World()
    world.legs(leg(1, STORE, LegState.JOINED))
    world.pops.rang("c1", "alice")
    world.pops.rang("c1", "ben")
    world.pops.rang("c1", "ben")
    world.pops.answered("c1", "ben")
    world.pops.gone("c1", "alice")
    assert world.told() == ["alice offered", "ben offered", "ben answered", "alice over"]
    world.legs(leg(1, STORE, LegState.ENDED))
    assert world.told() == []
    world.ended(HangupCause.PEER_ENDED)
    assert world.told() == ["ben over"]
    world.pops.gone("c1", "ben")  # late
    world.pops.rang("c1", "ben")
    world.pops.rang("unknown", "ben")
    assert world.told() == []
    assert world.pops.shown_to("alice") == []


def test_a_call_comes_back_to_the_same_agent() -> None:
    world = World()
    world.legs(leg(1, ALICE, LegState.ANSWERED))
    gone = leg(1, ALICE, LegState.ENDED)
    world.legs(gone)
    world.legs(gone, leg(2, ALICE, LegState.DIALING))
    world.legs(gone, leg(2, ALICE, LegState.JOINED))
    assert world.told() == [
        "alice offered", "alice answered", "alice over", "alice offered", "alice answered",
    ]  # fmt: skip


def test_rights_are_those_of_the_moment() -> None:
    world = World()
    world.legs(leg(1, ALICE))
    world.config = shop({"alice": {**world.config.agents["alice"].model_dump(), "rights": ("numbers",)}})
    (shown,) = world.pops.shown_to("alice")
    assert shown.pop.number == "+16175550123"


STATES = [
    LegState.DIALING,
    LegState.RINGING,
    LegState.ANSWERED,
    LegState.JOINED,
    LegState.ENDING,
    LegState.ENDED,
]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([1, 2, 3]),
            st.sampled_from(STATES),
            st.sampled_from(["", "rang", "answered", "gone"]),
        ),
        max_size=20,
    ),
    st.sampled_from(["offer", "answer", "never"]),
)
def test_whatever_happens_every_story_is_told_whole_and_ends(
    happens: list[tuple[int, LegState, str]], when: str
) -> None:
    world = World(shop(when=when))
    endpoints = {1: ALICE, 2: BENS_DESK, 3: STORE}
    for number, state, pbx in happens:
        world.legs(leg(number, endpoints[number], state))
        if pbx:
            getattr(world.pops, pbx)("c1", "ben")
    world.ended()
    for told, first in ((world.shown, when), ([(n.agent or n.destination, n) for n in world.news], "offer")):
        assert not (when == "never" and told is world.shown and told)
        for _, story in itertools.groupby(sorted(told, key=lambda each: each[0]), key=lambda each: each[0]):
            states = [each.state for _, each in story]
            assert states[-1] == "over"
            assert states[0] in ("offered", "answered")
            assert all(before != after for before, after in itertools.pairwise(states)), "nothing twice"
            if first == "answer":
                assert states[0] == "answered"
            for before, after in itertools.pairwise(states):
                assert not (before == "over" and after == "over")
    assert not world.pops._calls, "nothing is kept of a call that is over"
