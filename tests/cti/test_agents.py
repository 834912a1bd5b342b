"""Presence: whatever happens in whatever order, the state follows from what is there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.legs import Leg, LegState
from cti.agents import Agents
from cti.presence import HeldLeg, Presence
from routing.directory import AgentState
from routing.plan import BrowserEndpoint, SipEndpoint
from tests.bridge.told import Teller

ALICE = BrowserEndpoint("agent:alice", "Alice", "alice")
PHONE = SipEndpoint("store", "Store", "sip:store@pbx.example", None)


def leg(number: int, state: LegState = LegState.RINGING, answered: bool = False) -> Leg:
    return Leg(f"c{number}-b1", "business", ALICE, 1000.0, state, answered_at=1010.0 if answered else None)


class Watched:
    """Agents, and what they told."""

    def __init__(self) -> None:
        self.looks = 0
        self.told: list[tuple[str, AgentState]] = []
        self.agents = Agents(self._look)
        self.teller = Teller(self.agents)
        self.agents.watch(lambda agent, state: self.told.append((agent, state)))

    def _look(self) -> None:
        assert self.agents.state("alice") == "available", "who looks finds the agent free"
        self.looks += 1


def test_a_day_at_work() -> None:
    watched = Watched()
    agents, teller = watched.agents, watched.teller
    assert agents.state("alice") == "offline"
    agents.page_opened("alice")
    agents.choose("alice", "available")
    assert watched.looks == 1
    teller.legs(leg(1, LegState.DIALING))
    teller.legs(leg(1))
    teller.legs(leg(1, LegState.JOINED, answered=True))
    agents.page_closed("alice")  # a reload does not end the call
    assert agents.state("alice") == "on_call"
    agents.page_opened("alice")
    teller.legs(leg(1, LegState.ENDING, answered=True))
    teller.legs(leg(1, LegState.ENDED, answered=True))
    teller.legs(leg(1, LegState.ENDED, answered=True))  # as other things happen to that call
    agents.choose("alice", "away")
    agents.page_closed("alice")
    agents.page_opened("alice")
    assert [state for _, state in watched.told] == [
        "away", "available", "ringing", "on_call", "available", "away", "offline", "away",
    ]  # fmt: skip
    assert watched.looks == 2
    assert agents.states(["alice", "ben"]) == {"alice": "away", "ben": "offline"}


def test_legs_of_phones_are_no_matter() -> None:
    watched = Watched()
    watched.teller.legs(replace(leg(1), endpoint=PHONE))
    shopper = replace(leg(1), endpoint=BrowserEndpoint("shopper", "Shopper"))
    watched.teller.legs(shopper)
    assert watched.told == []


def test_legs_of_their_own_phones_are_theirs() -> None:
    told: list[AgentState] = []
    agents = Agents(lambda: None, lambda endpoint: "alice" if endpoint == PHONE else None)
    teller = Teller(agents)
    agents.watch(lambda agent, state: told.append(state))
    agents.page_opened("alice")
    agents.choose("alice", "available")
    for state, rings in ((LegState.DIALING, None), (LegState.RINGING, 1001.0), (LegState.ENDED, 1001.0)):
        teller.legs(replace(leg(1, state), endpoint=PHONE, ringing_at=rings))
    assert told == ["away", "available", "ringing", "available"]
    # Their browser may ring for the same call, and for no other.
    teller.legs(replace(leg(2), endpoint=PHONE, ringing_at=1001.0))
    assert (agents.refusal("alice", "c2"), agents.refusal("alice", "c3")) == (None, "busy")


def test_from_the_dial_on_no_other_call_may_ring_them() -> None:
    agents = Agents(lambda: None, lambda endpoint: "alice" if endpoint == PHONE else None)
    teller = Teller(agents)
    agents.page_opened("alice")
    agents.choose("alice", "available")
    agents.phone_told("alice", "available")
    assert agents.is_free(PHONE, "c1")
    teller.legs(replace(leg(1, LegState.DIALING), endpoint=PHONE))
    assert (agents.is_free(PHONE, "c1"), agents.is_free(PHONE, "c2")) == (True, False)
    teller.legs(replace(leg(1, LegState.ENDED), endpoint=PHONE))
    assert agents.is_free(PHONE, "c2")


@pytest.mark.parametrize(
    ("presence", "free"),
    [
        (Presence(pages=1, chosen="available"), True),
        (Presence(), True),  # who is offline does not answer, and the CDR says so
        (Presence(pages=1, chosen="away"), False),
        (Presence(pages=1, chosen="available", wrapping=frozenset({"x"})), False),
        (Presence(pages=1, chosen="available", phone="on_call"), False),
        (Presence(pages=1, chosen="available", phone="ringing"), False),
        # The PBX tells of the very leg that we ring.
        (
            Presence(pages=1, chosen="available", phone="ringing", ringing=frozenset({HeldLeg("a", "a-b1")})),
            True,
        ),
        (
            Presence(
                pages=1, chosen="available", ringing=frozenset({HeldLeg("a", "a-b1"), HeldLeg("b", "b-b1")})
            ),
            False,
        ),
        (Presence(pages=1, chosen="available", answered=frozenset({HeldLeg("b", "b-b1")})), False),
    ],
)
def test_who_may_be_rung_by_a_call(presence: Presence, free: bool) -> None:
    assert presence.free_for("a") is free


@pytest.mark.parametrize(
    ("presence", "refusal"),
    [
        (Presence(pages=1, chosen="available", ringing=frozenset({HeldLeg("a", "a-b1")})), None),
        (
            Presence(
                pages=1, chosen="available", ringing=frozenset({HeldLeg("a", "a-b1"), HeldLeg("a", "a-b2")})
            ),
            None,
        ),
        (Presence(pages=1, chosen="away", ringing=frozenset({HeldLeg("a", "a-b1")})), "busy"),
        (Presence(pages=0, chosen="available", ringing=frozenset({HeldLeg("a", "a-b1")})), "no_path"),
        (
            Presence(
                pages=1, chosen="available", ringing=frozenset({HeldLeg("a", "a-b1"), HeldLeg("b", "b-b1")})
            ),
            "busy",
        ),
        (
            Presence(
                pages=1,
                chosen="available",
                answered=frozenset({HeldLeg("b", "b-b1")}),
                ringing=frozenset({HeldLeg("a", "a-b1")}),
            ),
            "busy",
        ),
    ],
)
def test_a_leg_that_was_planned_when_all_was_different(presence: Presence, refusal: str | None) -> None:
    assert presence.refusal("a") == refusal


def test_who_was_lost_in_a_call_is_free_for_it() -> None:
    talks = Presence(pages=1, chosen="available", answered=frozenset({HeldLeg("a", "a-b1")}), phone="on_call")
    assert talks.in_browser == "on_call"
    alone = talks.without("a")
    assert (alone.in_browser, alone.at_phone) == ("available", "available")
    assert talks.without("b") == talks
    both = Presence(
        pages=1, chosen="available", answered=frozenset({HeldLeg("a", "a-b1"), HeldLeg("b", "b-b1")})
    )
    assert both.without("a").in_browser == "on_call"


steps = st.lists(
    st.one_of(
        st.sampled_from(["open", "close", "available", "away"]),
        st.tuples(
            st.integers(1, 3), st.sampled_from([LegState.DIALING, LegState.RINGING, LegState.ANSWERED])
        ),
        st.tuples(st.integers(1, 3), st.sampled_from([LegState.JOINED, LegState.ENDING, LegState.ENDED])),
    ),
    max_size=60,
)


@given(steps)
def test_any_order(steps: list[str | tuple[int, LegState]]) -> None:
    watched = Watched()
    pages, chosen = 0, "away"
    legs: dict[int, bool] = {}
    over: set[int] = set()
    for step in steps:
        before = watched.agents.state("alice")
        match step:
            case "open":
                pages += 1
                watched.agents.page_opened("alice")
            case "close" if pages:
                pages -= 1
                watched.agents.page_closed("alice")
            case "available" | "away":
                chosen = step
                watched.agents.choose("alice", step)
            case (int(number), state):
                if number in over:
                    state = LegState.ENDED
                answered = legs.get(number, False) or state in (LegState.ANSWERED, LegState.JOINED)
                watched.teller.legs(leg(number, state, answered))
                if state is LegState.ENDED:
                    legs.pop(number, None)
                    over.add(number)
                else:
                    legs[number] = answered
        if any(legs.values()):
            expected = "on_call"
        elif not pages:
            expected = "offline"
        else:
            expected = "ringing" if legs else chosen
        assert watched.agents.state("alice") == expected
        assert (watched.told[-1][1] if watched.told else "offline") == expected
        if before != "available" == expected:
            assert watched.told[-1] == ("alice", "available")
    assert watched.looks == sum(state == "available" for _, state in watched.told)


def test_a_pause_in_the_pbx_is_told_though_the_state_is_the_same() -> None:
    agents, told = Agents(lambda: None), list[tuple[str, str, tuple[str, ...]]]()
    agents.page_opened("alice")
    agents.choose("alice", "available")
    agents.watch(lambda agent, state: told.append((agent, state, agents.paused(agent))))
    agents.phone_told("alice", "available")
    agents.phone_told("alice", "available", ("orders",))
    agents.phone_told("alice", "available", ("orders",))
    agents.phone_told("alice", None)
    assert told == [("alice", "available", ("orders",)), ("alice", "available", ())]
