"""Ring strategies: tables of waves, properties, and thousands of simulated calls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.causes import HangupCause
from bridge.ring_order import RingOrder
from routing.directory import Directory, Standing, Turns
from routing.plan import Actions, SipEndpoint
from routing.strategies import Arranged, Candidate, FindMePlace, StepRule, Strategy, order

STRATEGIES: list[Strategy] = [
    "all",
    "in_order",
    "round_robin",
    "longest_idle",
    "memory",
    "weighted",
    "nearest",
]
NAMES = "abcdefgh"


def step(strategy: Strategy, **more: object) -> StepRule:
    return StepRule("sales/0", strategy, 20.0, **more)  # type: ignore[arg-type]


def candidates(names: str, **more: object) -> list[Candidate]:
    return [Candidate(name, distance_km=index + 1.0, **more) for index, name in enumerate(names)]  # type: ignore[arg-type]


def endpoint(destination: str, place: int) -> SipEndpoint:
    return SipEndpoint(destination, destination, f"sip:{destination}{place}@pbx.example", None)


def waves(arranged: Arranged) -> list[str]:
    """Each wave as ``a+0:20 b+5:15 until 20``: who begins after which delay and rings for how long."""
    return [
        " ".join(
            f"{phone.destination}{phone.place or ''}+{phone.delay:g}:{phone.timeout:g}"
            for phone in wave.ringing
        )
        + f" until {wave.timeout:g}"
        for wave in arranged.waves
    ]


def reasons(arranged: Arranged) -> list[str]:
    return [
        f"{left.destination}{left.place if left.place is not None else ''} {left.why}: {left.detail}"
        for left in arranged.left_out
    ]


# Tables.


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("all", ["a+0:20 b+0:20 c+0:20 until 20"]),
        ("in_order", ["a+0:20 until 20", "b+0:20 until 20", "c+0:20 until 20"]),
        ("memory", ["a+0:60 b+20:40 c+40:20 until 60"]),
        ("nearest", ["a+0:20 until 20", "b+0:20 until 20", "c+0:20 until 20"]),
    ],
)
def test_waves(strategy: Strategy, expected: list[str]) -> None:
    assert waves(order(step(strategy), candidates("abc"), Directory(), 0.5)) == expected


def test_memory_rings_one_then_two_then_three() -> None:
    wave = order(step("memory"), candidates("abc"), Directory(), 0.5).waves[0]

    def at(second: float) -> str:
        return "".join(p.destination for p in wave.ringing if p.delay <= second < p.delay + p.timeout)

    assert [at(second) for second in (0, 19, 20, 39, 40, 59, 60)] == ["a", "a", "ab", "ab", "abc", "abc", ""]


def test_delays_count_from_the_groups_beginning() -> None:
    late = [Candidate("a"), Candidate("b", delay=5), Candidate("c", delay=20)]
    arranged = order(step("all"), late, Directory(), 0.5)
    assert waves(arranged) == ["a+0:20 b+5:15 until 20"]
    assert reasons(arranged) == ["c too_late: it would start after 20 s, but the step ends after 20 s"]


def test_a_destination_is_followed_to_its_places() -> None:
    places = (
        FindMePlace(0),
        FindMePlace(1, 10),
        FindMePlace(2, 15, closed="opens Mon 09:00"),
        FindMePlace(3, 12),
    )
    found = [Candidate("a", places), Candidate("b", (FindMePlace(1, 8),))]
    one_by_one = order(step("in_order"), found, Directory(), 0.5)
    assert waves(one_by_one) == ["a+0:20 until 20", "a1+0:10 until 10", "a3+0:12 until 12", "b1+0:8 until 8"]
    assert reasons(one_by_one) == ["a2 closed: opens Mon 09:00"]
    assert waves(order(step("all"), found, Directory(), 0.5)) == [
        "a+0:20 a1+20:10 a3+30:12 b1+0:8 until 42",
    ]
    nowhere = order(step("all"), [Candidate("a", (FindMePlace(1, 8, "closed today"),))], Directory(), 0.5)
    assert (nowhere.waves, reasons(nowhere)) == ((), ["a1 closed: closed today"])
    assert nowhere.planned(endpoint) is None


def test_everybody_who_is_left_out_has_a_reason() -> None:
    directory = Directory(
        {
            "busy": Standing(live_calls=2),
            "half": Standing(live_calls=1),
            "away": Standing(agent="away"),
            "ready": Standing(agent="available"),
        }
    )
    drawn = [
        Candidate("shut", closed="opens Mon 09:00", distance_km=1),
        Candidate("busy", max_calls=2, distance_km=1),
        Candidate("half", max_calls=2, distance_km=9),
        Candidate("away", distance_km=1),
        Candidate("ready", distance_km=3),
        Candidate("ready", distance_km=3),
        Candidate("lost"),
        Candidate("far", distance_km=80.4),
        Candidate("third", distance_km=20),
    ]
    arranged = order(step("nearest", limit=2, max_distance_km=50.0), drawn, directory, 0.5)
    assert arranged.order == ("ready", "half")
    assert reasons(arranged) == [
        "shut closed: opens Mon 09:00",
        "busy at_cap: 2 of 2 calls",
        "away not_free: the agent is away",
        "ready named_twice: it is in this step already",
        "lost no_place_known: its distance is not known",
        "far too_far: 80 km, the step reaches 50",
        "third over_limit: the step rings at most 2",
    ]


@pytest.mark.parametrize(
    ("km", "unsure", "why"),
    [
        (50.0, 0.0, None),
        (30.0, 20.0, None),
        (30.0, 20.1, "far too_far: somewhere from 10 to 50 km, the step reaches 50"),
        (0.0, 60.0, "far too_far: somewhere from 0 to 60 km, the step reaches 50"),
        (200.0, 20.0, "far too_far: somewhere from 180 to 220 km, the step reaches 50"),
    ],
)
def test_a_guess_keeps_a_distance_limit_only_where_it_certainly_does(
    km: float, unsure: float, why: str | None
) -> None:
    arranged = order(
        step("nearest", max_distance_km=50.0),
        [Candidate("far", distance_km=km, unsure_km=unsure)],
        Directory(),
        0.5,
    )
    assert reasons(arranged) == ([why] if why else [])
    assert arranged.order == (() if why else ("far",))


def test_nearest_rings_five_unless_it_says_otherwise() -> None:
    eight = list(reversed(candidates(NAMES)))
    assert order(step("nearest"), eight, Directory(), 0.5).order == tuple("abcde")
    assert order(step("nearest", limit=8), eight, Directory(), 0.5).order == tuple(NAMES)
    equal = [Candidate(name, distance_km=4) for name in "zya"]
    assert order(step("nearest"), equal, Directory(), 0.5).order == tuple("zya")


def test_longest_idle_puts_back_who_is_in_a_call_or_did_not_answer() -> None:
    directory = Directory(
        {
            "a": Standing(last_answered_at=100, last_ended_at=900),
            "b": Standing(last_answered_at=500, last_ended_at=520),
            "c": Standing(last_offered_at=800, last_ended_at=820),
            "d": Standing(last_offered_at=10, last_answered_at=11, live_calls=1),
        }
    )
    assert order(step("longest_idle"), candidates("abcde"), directory, 0.5).order == tuple("ebcad")


def test_the_pick_names_the_first_of_weighted() -> None:
    weighted = [
        Candidate("a", weight=1),
        Candidate("b", weight=2),
        Candidate("z", weight=0),
        Candidate("c", weight=1),
    ]
    picks = [0.0, 0.24, 0.25, 0.74, 0.75, 1 - 2**-53]
    orders = ["".join(order(step("weighted"), weighted, Directory(), pick).order) for pick in picks]
    assert [text[0] for text in orders] == list("aabbcc")
    assert {text[-1] for text in orders} == {"z"}


# What the call machine gets.


def test_steps_for_the_call_machine() -> None:
    actions = Actions(busy="retry", declined="next_step", unreachable="end")
    three = candidates("abc")
    all_ = order(step("all", actions=actions), three, Directory(), 0.5).planned(endpoint)
    assert all_ is not None
    assert (all_.strategy, all_.timeout, all_.delays, all_.timeouts) == ("all", 20, (), ())
    assert all_.actions == actions
    memory = order(step("memory"), three, Directory(), 0.5).planned(endpoint)
    assert memory is not None
    assert (memory.strategy, memory.delays, memory.timeouts) == ("all", (0, 20, 40), (60, 40, 20))
    found = [Candidate("a", (FindMePlace(0), FindMePlace(1, 10))), Candidate("b")]
    in_order = order(step("round_robin"), found, Directory(), 0.5).planned(endpoint)
    assert in_order is not None
    assert (in_order.strategy, in_order.timeouts) == ("in_order", (20, 10, 20))
    assert in_order.endpoints == (endpoint("a", 0), endpoint("a", 1), endpoint("b", 0))


@given(st.sampled_from(STRATEGIES), st.data())
def test_the_hunt_rings_what_was_arranged_and_comes_to_an_end(
    strategy: Strategy, data: st.DataObject
) -> None:
    arranged = order(step(strategy), data.draw(CANDIDATES), data.draw(DIRECTORIES), data.draw(PICKS))
    planned = arranged.planned(endpoint)
    if planned is None:
        assert arranged.order == ()
        return
    hunt, rung, at = RingOrder((planned,)), [], 0.0
    while ring := hunt.next(at):
        for phone in ring.ringing:
            rung.append(phone.endpoint)
            hunt.failed(phone.endpoint, HangupCause.BUSY)
        at += 1.0
    phones = [phone for wave in arranged.waves for phone in wave.ringing]
    assert Counter(rung) == Counter(endpoint(phone.destination, phone.place) for phone in phones)


# Properties.

PICKS = st.floats(0, 1, exclude_max=True)
PLACES = st.lists(
    st.builds(FindMePlace, st.just(0), st.none() | st.floats(1, 60), st.none() | st.just("shut")),
    min_size=1,
    max_size=3,
).map(lambda places: tuple(replace(place, number=number) for number, place in enumerate(places)))
CANDIDATES = st.lists(
    st.builds(
        Candidate,
        st.sampled_from(NAMES),
        PLACES,
        st.none() | st.just("opens Mon 09:00"),
        st.floats(0, 30),
        st.none() | st.integers(1, 3),
        st.floats(0, 10),
        st.none() | st.floats(0, 20_000),
    ),
    max_size=8,
)
SECONDS = st.none() | st.floats(0, 1e9)
STANDINGS = st.builds(
    Standing,
    st.integers(0, 3),
    st.sampled_from([None, None, "available", "on_call", "offline"]),
    SECONDS,
    SECONDS,
    SECONDS,
    st.integers(0, 9),
)
DIRECTORIES = st.builds(
    Directory,
    st.dictionaries(st.sampled_from(NAMES), STANDINGS),
    st.dictionaries(
        st.just("sales/0"),
        st.builds(Turns, st.just(9), st.dictionaries(st.sampled_from(NAMES), st.integers(0, 8))),
    ),
)
LIMITS = st.none() | st.integers(1, 5)


@given(st.sampled_from(STRATEGIES), LIMITS, CANDIDATES, DIRECTORIES, PICKS)
@settings(max_examples=300, deadline=None)
def test_everybody_rings_once_or_is_left_out_with_a_reason(
    strategy: Strategy, limit: int | None, drawn: list[Candidate], directory: Directory, pick: float
) -> None:
    rule = step(strategy, limit=limit)
    arranged = order(rule, drawn, directory, pick)
    assert arranged == order(rule, list(drawn), directory, pick)
    phones = [(phone.destination, phone.place) for wave in arranged.waves for phone in wave.ringing]
    assert len(set(phones)) == len(phones)
    whole = [left.destination for left in arranged.left_out if left.place is None]
    parts = {left.destination for left in arranged.left_out if left.place is not None}
    assert {one.destination for one in drawn} == set(arranged.order) | set(whole) | parts
    refused = {
        left.destination for left in arranged.left_out if left.place is None and left.why != "named_twice"
    }
    assert not refused & set(arranged.order)
    assert all(left.detail for left in arranged.left_out)
    if limit is not None:
        assert len(arranged.order) <= limit
    for destination in arranged.order:
        first = next(one for one in drawn if one.destination == destination)
        standing = directory.of(destination)
        assert first.closed is None
        assert first.max_calls is None or standing.live_calls < first.max_calls
        assert standing.agent in (None, "available")
    for wave in arranged.waves:
        assert wave.timeout >= max(phone.delay + phone.timeout for phone in wave.ringing)
        assert all(phone.timeout > 0 <= phone.delay for phone in wave.ringing)


# Simulations.


@dataclass
class Shop:
    """A business to which calls come; it keeps the directory that a server would keep."""

    rule: StepRule
    candidates: list[Candidate]
    answers: dict[str, float]
    talk: tuple[float, float]
    luck: Random
    now: float = 0.0
    standings: dict[str, Standing] = field(default_factory=dict)
    turns: Turns = field(default_factory=Turns)
    talking: list[tuple[float, str]] = field(default_factory=list)
    offered: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    first: Counter[str] = field(default_factory=Counter)

    def directory(self) -> Directory:
        return Directory(dict(self.standings), {self.rule.name: self.turns})

    def call(self) -> Arranged:
        """One shopper: the waves ring until somebody answers, each in its own way likely to."""
        self.now += self.luck.expovariate(1 / 10)
        for until, name in [talk for talk in self.talking if talk[0] <= self.now]:
            self.talking.remove((until, name))
            self.standings[name] = self.standings[name].ended(until)
        arranged = order(self.rule, self.candidates, self.directory(), self.luck.random())
        self.first.update(arranged.order[:1])
        for wave in arranged.waves:
            ringing = [phone.destination for phone in wave.ringing]
            for name in ringing:
                self.standings[name] = self.standings.get(name, Standing()).offered(self.now)
                self.turns = self.turns.offered(name)
                self.offered[name] += 1
                self.check()
            taker = next((name for name in ringing if self.luck.random() < self.answers.get(name, 1.0)), None)
            for name in ringing:
                if name != taker:
                    self.standings[name] = self.standings[name].ended(self.now)
            if taker is not None:
                self.standings[taker] = self.standings[taker].answered(self.now)
                self.answered[taker] += 1
                self.talking.append((self.now + self.luck.uniform(*self.talk), taker))
                return arranged
        return arranged

    def check(self) -> None:
        for candidate in self.candidates:
            live = self.standings.get(candidate.destination, Standing()).live_calls
            assert candidate.max_calls is None or 0 <= live <= candidate.max_calls


def shop(strategy: Strategy, drawn: list[Candidate], seed: int = 1, **more: object) -> Shop:
    answers, talk = more.pop("answers", {}), more.pop("talk", (30, 300))
    return Shop(step(strategy, **more), drawn, answers, talk, Random(seed))  # type: ignore[arg-type]


def test_round_robin_is_even_within_one_at_every_moment() -> None:
    business = shop("round_robin", candidates("abcdefg"))
    for _ in range(5000):
        business.call()
        shares = [business.offered[name] for name in "abcdefg"]
        assert max(shares) - min(shares) <= 1


def test_round_robin_is_even_though_some_never_answer() -> None:
    business = shop("round_robin", candidates("abcde"), answers={"a": 0.0, "c": 0.3})
    for _ in range(5000):
        business.call()
        shares = [business.offered[name] for name in "abcde"]
        assert max(shares) - min(shares) <= 1
    # The share of the two that hardly answer falls to the three others alike, not to those behind them.
    assert max(business.answered[name] for name in "bde") < 1.1 * min(
        business.answered[name] for name in "bde"
    )


def test_round_robin_is_even_among_those_who_are_there_while_others_come_and_go() -> None:
    luck = Random(7)
    business = shop("round_robin", candidates("abcdef"))
    for _ in range(5000):
        business.candidates = [
            replace(one, closed="shut" if one.destination in "bdf" and luck.random() < 0.5 else None)
            for one in candidates("abcdef")
        ]
        business.call()
        shares = [business.offered[name] for name in "ace"]
        assert max(shares) - min(shares) <= 1
        assert all(business.offered[name] <= min(shares) + 1 for name in "bdf")


def test_longest_idle_starves_nobody() -> None:
    business = shop(
        "longest_idle", candidates("abcdef", max_calls=1), answers={"b": 0.0, "d": 0.5}, talk=(1, 20)
    )
    waited: Counter[str] = Counter()
    for _ in range(5000):
        before = business.offered.copy()
        arranged = business.call()
        for name in arranged.order:
            waited[name] = 0 if business.offered[name] > before[name] else waited[name] + 1
            assert waited[name] <= 6  # passed over by each of the others once at most, while free
    assert min(business.offered[name] for name in "abcdef") > 500
    assert business.first["b"] < 5000 / 3  # nobody picks up there, and yet it is not first for every shopper


def test_weighted_converges_to_the_weights() -> None:
    weights = {"a": 5, "b": 3, "c": 2, "d": 0}
    drawn = [Candidate(name, weight=weight) for name, weight in weights.items()]
    business = shop("weighted", drawn)
    for _ in range(20_000):
        business.call()
    for name, weight in weights.items():
        assert business.first[name] / 20_000 == pytest.approx(weight / 10, abs=0.012)


def test_a_weighted_table_of_stores_is_drawn_at_once() -> None:
    stores = [Candidate(f"shops/{number}") for number in range(2000)]
    arranged = order(step("weighted", limit=3), stores, Directory(), 0.123456789)
    assert len(arranged.order) == 3
    assert len(set(order(step("weighted"), stores, Directory(), 0.987654321).order)) == 2000


def test_weighted_draws_the_second_by_weight_as_well() -> None:
    drawn = [Candidate(name, weight=weight) for name, weight in (("a", 5), ("b", 3), ("c", 2))]
    luck, seconds = Random(3), Counter[str]()
    for _ in range(20_000):
        first, second, _ = order(step("weighted"), drawn, Directory(), luck.random()).order
        if first == "a":
            seconds[second] += 1
    assert seconds["b"] / seconds.total() == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_caps_are_never_exceeded(strategy: Strategy) -> None:
    drawn = [replace(one, max_calls=1 + index % 3) for index, one in enumerate(candidates("abcde"))]
    business = shop(strategy, drawn, answers={"b": 0.4}, talk=(50, 200))
    full = 0
    for _ in range(3000):
        full += any(left.why == "at_cap" for left in business.call().left_out)
    assert full > 1000


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_same_calls_go_the_same_way(strategy: Strategy) -> None:
    one, other = (shop(strategy, candidates(NAMES, max_calls=2), seed=5) for _ in range(2))
    assert [one.call() for _ in range(300)] == [other.call() for _ in range(300)]
