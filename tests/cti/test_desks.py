"""Whose call it is, as its legs come and go, and the wrap-up that follows."""

from __future__ import annotations

from typing import Any

from bridge.causes import HangupCause
from bridge.events import LegFaltered, LegHeld, LegRecovered, LegResumed
from bridge.leg_ids import call_of
from bridge.legs import Leg, LegState
from bridge.progress import CallProgress, CallState
from config.models import Config
from cti.agents import Agents
from cti.desks import REMEMBERED, DeskCall, Desks
from cti.owners import Owners
from routing.plan import BrowserEndpoint, ClickToCall, Endpoint, SipEndpoint
from tests.bridge.fake_clock import FakeClock
from tests.bridge.told import Teller

CLICK = ClickToCall("shop", "+16175550123", "", {}, "")
HASH = "$argon2id$v=19$m=65536,t=3,p=4$NRtmQtssEO2Gc/iW8FW7xQ$AJb5KUhqc1AAkwJnYOMSggWd3RJcySdeXZYPDLITwag"


def browser(agent: str) -> Endpoint:
    return BrowserEndpoint(f"agent:{agent}", agent.title(), agent)


def phone(name: str = "desk_phone") -> Endpoint:
    return SipEndpoint(name, name, f"sip:{name}@pbx.example", None)


class Office:
    """Desks, and what they told; legs are moved by hand."""

    def __init__(self, wrap_up: str = "0s") -> None:
        people: dict[str, Any] = {"alice": {}, "ben": {}, "cleo": {"phones": ["desk_phone"]}}
        self.config = Config.model_validate(
            {
                "trunks": {},
                "sites": {},
                "routes": {},
                "agents": {
                    name: {"label": name, "password_hash": HASH, **more} for name, more in people.items()
                },
                "desk": {"wrap_up": wrap_up, "codes": {"sale": "Sale"}},
            },
            strict=False,
        )
        self.clock = FakeClock(1000.0)
        self.teller = Teller()
        self.agents = Agents(lambda: None, announce=self.teller.bulletin.announce)
        self.told: list[DeskCall] = []
        self.desks = Desks(
            agents=self.agents,
            owner=Owners(lambda: self.config).of,
            click=lambda call_id: CLICK,
            config=lambda: self.config,
            clock=self.clock,
            settle=self.teller.bulletin.settle,
        )
        self.teller.bulletin.subscribe(self.agents)
        self.teller.bulletin.subscribe(self.desks)
        self.desks.watch(self.told.append)
        self.legs: dict[str, Leg] = {}

    def move(self, leg_id: str, state: LegState, endpoint: Endpoint | None = None) -> None:
        """A leg comes to be, or changes; the engine tells its watchers."""
        leg = self.legs.get(leg_id)
        if leg is None:
            assert endpoint is not None
            leg = self.legs[leg_id] = Leg(leg_id, "business", endpoint, self.clock.now)
        leg.state = state
        if state in (LegState.ANSWERED, LegState.JOINED):
            leg.answered_at = leg.answered_at or self.clock.now
        if state is LegState.JOINED:
            leg.joined_at = leg.joined_at or self.clock.now
        call_id = call_of(leg_id)
        legs = [each for each in self.legs.values() if each.leg_id.startswith(f"{call_id}-")]
        self.teller.legs(*legs)

    def states(self, agent: str) -> list[str]:
        return [call.state for call in self.told if call.agent == agent]


def test_a_call_is_whose_leg_was_joined() -> None:
    office = Office()
    office.move("c-b1", LegState.RINGING, browser("alice"))
    office.move("c-b1", LegState.ANSWERED)
    assert office.desks.talking("c") is None
    office.move("c-b1", LegState.JOINED)
    office.move("c-b1", LegState.ANSWERED)  # on hold
    assert office.desks.talking("c") == DeskCall("c", "alice", "shop", "c-b1", 1000.0)
    office.move("c-b1", LegState.ENDING)
    assert office.desks.talking("c") is None
    assert office.states("alice") == ["talking", "over"]


def test_it_stays_with_who_consults_until_they_leave() -> None:
    office = Office()
    office.move("c-b1", LegState.JOINED, browser("alice"))
    office.move("c-b2", LegState.RINGING, browser("ben"))
    office.move("c-b2", LegState.JOINED)
    assert office.told[-1].agent == "alice"
    office.clock.advance(5.0)
    office.move("c-b1", LegState.ENDING)
    call = office.desks.talking("c")
    assert call == DeskCall("c", "ben", "shop", "c-b2", 1005.0)
    assert office.states("alice") == ["talking", "over"]


def test_how_it_stands_is_told_once() -> None:
    office = Office()
    office.move("c-b1", LegState.JOINED, browser("alice"))
    line = CallProgress(
        "c", "shop", 3, 1000.0, CallState.BRIDGED, held=True, consulting="Ben", transfer="ringing"
    )
    office.teller.progress(line)
    office.teller.progress(line)
    office.teller.progress(CallProgress("other", "shop", 3, 1000.0, CallState.BRIDGED, held=True))
    assert len(office.told) == 2
    assert (office.told[-1].held, office.told[-1].consulting, office.told[-1].transfer) == (
        True,
        "Ben",
        "ringing",
    )


def test_an_agent_who_wraps_up_is_never_free_in_between() -> None:
    office = Office("30s")
    free: list[str] = []
    office.agents.watch(lambda agent, state: free.append(state))
    office.agents.page_opened("alice")
    office.agents.choose("alice", "available")
    office.move("c-b1", LegState.JOINED, browser("alice"))
    office.move("c-b1", LegState.ENDED)
    assert free == ["away", "available", "on_call", "wrap_up"]
    assert office.told[-1].until == 1030.0
    office.clock.advance(29.9)
    assert office.agents.state("alice") == "wrap_up"
    assert office.agents.refusal("alice", "x") == "busy"
    office.clock.advance(0.2)
    assert office.agents.state("alice") == "available"
    assert office.states("alice") == ["talking", "wrap_up", "over"]


def test_who_is_lost_under_the_call_has_nothing_to_wrap_up_while_the_shopper_is_there() -> None:
    for cause, state in ((HangupCause.MEDIA_TIMEOUT, "available"), (HangupCause.NORMAL, "wrap_up")):
        office = Office("30s")
        office.agents.page_opened("alice")
        office.agents.choose("alice", "available")
        office.legs["c-s1"] = Leg("c-s1", "shopper", phone("shopper"), 1000.0, LegState.JOINED)
        office.move("c-b1", LegState.JOINED, browser("alice"))
        office.legs["c-b1"].cause = cause
        office.move("c-b1", LegState.ENDED)
        assert office.agents.state("alice") == state
    assert office.states("alice") == ["talking", "wrap_up"]


def test_the_agent_is_told_when_the_shopper_is_gone_for_the_moment() -> None:
    office = Office()
    shopper = office.legs["c-s1"] = Leg("c-s1", "shopper", phone("shopper"), 1000.0, LegState.JOINED)
    office.move("c-b1", LegState.JOINED, browser("alice"))
    for event, told in (
        (LegFaltered("c-s1"), "lost"),
        (LegRecovered("c-s1"), "there"),
        (LegHeld("c-s1"), "on_hold"),
        (LegFaltered("c-s1"), "lost"),
        (LegRecovered("c-s1"), "on_hold"),
        (LegResumed("c-s1"), "there"),
    ):
        shopper.take(event, 1001.0)
        office.move("c-b1", LegState.JOINED)
        assert office.told[-1].shopper == told
    assert len(office.told) == 7
    # A shopper who was dialled again is another leg.
    shopper.take(LegFaltered("c-s1"), 1002.0)
    office.legs["c-s2"] = Leg("c-s2", "shopper", phone("shopper"), 1002.0, LegState.JOINED)
    office.move("c-b1", LegState.JOINED)
    assert len(office.told) == 7


def test_a_code_ends_the_wrap_up_and_spares_it() -> None:
    office = Office("30s")
    office.agents.page_opened("alice")
    office.agents.choose("alice", "available")
    office.move("c-b1", LegState.JOINED, browser("alice"))
    office.move("c-b1", LegState.ENDED)
    office.desks.wrote("alice", "c", None, "sale")
    office.desks.finish("alice", "c")
    assert office.agents.state("alice") == "available"
    office.move("d-b1", LegState.JOINED, browser("alice"))
    office.desks.wrote("alice", "d", "in time", "sale")
    office.move("d-b1", LegState.ENDED)
    assert office.agents.state("alice") == "available"
    assert office.desks.calls_of("alice") == []


def test_a_call_that_comes_back_while_it_is_wrapped_up() -> None:
    office = Office("30s")
    office.move("c-b1", LegState.JOINED, browser("alice"))
    office.desks.wrote("alice", "c", "asks for Ben", None)
    office.move("c-b1", LegState.ENDED)
    office.clock.advance(10.0)
    office.move("c-b2", LegState.JOINED, browser("alice"))
    assert office.desks.talking("c") == DeskCall("c", "alice", "shop", "c-b2", 1010.0, note="asks for Ben")
    office.clock.advance(60.0)  # the first wrap-up's end comes and means nothing
    assert office.states("alice") == ["talking", "talking", "wrap_up", "over", "talking"]


def test_phones_are_somebodys_by_the_settings() -> None:
    office = Office()
    office.move("c-b1", LegState.JOINED, phone())
    assert office.desks.talking("c") == DeskCall("c", "cleo", "shop", "c-b1", 1000.0)


def test_phones_are_somebodys_as_a_pbx_tells() -> None:
    office = Office()
    office.move("c-b1", LegState.JOINED, phone("queue"))
    assert office.desks.talking("c") is None
    office.desks.took("c", "ben")
    office.desks.took("c", "alice")  # the PBX passed it on
    assert [call.state for call in office.told] == ["talking", "over", "talking"]
    assert office.desks.talking("c") == DeskCall("c", "alice", "shop", "c-b1", 1000.0)
    office.move("c-b2", LegState.JOINED, phone("queue"))
    office.move("c-b1", LegState.ENDED)
    assert office.desks.talking("c") is None, "the other leg is nobody's yet"
    office.desks.took("d", "ben")  # before it is joined
    office.move("d-b1", LegState.JOINED, phone("queue"))
    assert office.desks.talking("d") is not None


def test_a_call_that_leaves_the_phone_leaves_the_desk() -> None:
    office = Office()
    office.move("c-b1", LegState.JOINED, phone("queue"))
    office.desks.took("c", "ben")
    office.desks.left("c", "alice")  # whose phone rang too
    assert office.states("ben") == ["talking"]
    office.desks.left("c", "ben")
    assert office.desks.talking("c") is None
    office.desks.took("c", "alice")
    assert [call.state for call in office.desks.calls_of("alice")] == ["talking"]
    office.move("c-b1", LegState.ENDED)
    office.desks.left("c", "alice")
    office.desks.left("never", "alice")
    assert office.states("alice") == ["talking", "over"]


def test_what_was_is_remembered_for_an_hour() -> None:
    office = Office()
    office.move("c-b1", LegState.JOINED, browser("alice"))
    office.move("c-b1", LegState.ENDED)
    office.clock.advance(REMEMBERED - 1)
    assert office.desks.had("alice", "c") is not None
    assert office.desks.had("ben", "c") is None
    office.clock.advance(2.0)
    assert office.desks.had("alice", "c") is None
