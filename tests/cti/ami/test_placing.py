"""Legs that Asterisk places, as Asterisk 22 told of them: what is asked, and what comes of it."""

from __future__ import annotations

import pytest
from asterisk.ami.event import Event

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegAwaited, LegEnded, LegRinging
from bridge.legs import Leg
from cti.ami.placing import Fails, LetGo, PlaceLeg, Placing, Rings, Step, originate
from routing.plan import Originate, SipEndpoint
from tests.bridge.told import look
from tests.cti.ami.recorded import event

URI = "sip:0badc0de@192.0.2.1:5100"
OURS = {"Uniqueid": "ringback-c1-b1", "Linkedid": "ringback-c1-b1"}
ACTION = {"ActionID": "ringback-c1-b1", "Response": "Failure"}
BEGUN = event("Newchannel", Channel="PJSIP/alice-00000000", **OURS)


def endpoint(channel: str = "PJSIP/alice", asterisk: str = "office", name: str = "The shop") -> SipEndpoint:
    placed = Originate(asterisk, channel, "ringback")
    return SipEndpoint("q", "Q", "sip:1@pbx", "pbx", "+16175550199", name, originate=placed)


def awaited(of: SipEndpoint | None = None) -> Leg:
    leg = Leg("c1-b1", "business", of or endpoint(), 1000.0)
    leg.take(LegAwaited("c1-b1", URI), 1000.1)
    return leg


def placing() -> tuple[Placing, Leg]:
    """A leg that Asterisk was asked to place."""
    placing, leg = Placing("office"), awaited()
    assert look(placing, leg) == [PlaceLeg("c1", "c1-b1", endpoint(), URI)]
    assert look(placing, leg) == []
    return placing, leg


def test_who_is_not_placed_here() -> None:
    placing = Placing("office")
    dialled = Leg("c1-b1", "business", endpoint(), 1000.0)  # nobody may dial it yet
    plain = Leg("c1-b2", "business", SipEndpoint("q", "Q", "sip:1@pbx", "pbx"), 1000.0)
    elsewhere = awaited(endpoint(asterisk="warehouse"))
    assert look(placing, dialled, plain, elsewhere) == []


ENDS: list[tuple[list[Event], list[Step]]] = [
    # 486 at the phone.
    ([BEGUN, event("OriginateResponse", **ACTION, Reason="0"), event("Hangup", **OURS, Cause="17")],
     [Fails("c1", "c1-b1", HangupCause.BUSY)]),
    # 603, where the channel's end comes first.
    ([BEGUN, event("Hangup", **OURS, Cause="21"), event("OriginateResponse", **ACTION, Reason="0")],
     [Fails("c1", "c1-b1", HangupCause.DECLINED)]),
    # An extension that nobody answers, and one that there is not.
    ([BEGUN, event("Newstate", **OURS, ChannelStateDesc="Ringing"),
      event("Newstate", **OURS, ChannelStateDesc="Ringing"), event("Hangup", **OURS, Cause="19")],
     [Rings("c1", "c1-b1"), Fails("c1", "c1-b1", HangupCause.NO_ANSWER)]),
    ([BEGUN, event("OriginateResponse", **ACTION, Reason="0"), event("Hangup", **OURS, Cause="0")],
     [Fails("c1", "c1-b1", HangupCause.UNREACHABLE)]),
    # A phone that there is not: there never is a channel.
    ([event("OriginateResponse", **ACTION, Reason="0")], [Fails("c1", "c1-b1", HangupCause.UNREACHABLE)]),
    ([event("OriginateResponse", **ACTION, Reason="8")], [Fails("c1", "c1-b1", HangupCause.CONGESTION)]),
    ([event("OriginateResponse", ActionID="ringback-c1-b1", Response="Success", Reason="4")], []),
    # Other people's channels.
    ([event("Hangup", Uniqueid="80.1", Cause="17"), event("Newstate", ChannelStateDesc="Ringing"),
      event("OriginateResponse", Response="Failure", ActionID="x")], []),
]  # fmt: skip


@pytest.mark.parametrize(("told", "expected"), ENDS)
def test_what_comes_of_it(told: list[Event], expected: list[Step]) -> None:
    made, _ = placing()
    assert [step for each in told for step in made.take(each)] == expected


def test_an_answer_ends_the_story() -> None:
    made, leg = placing()
    leg.take(LegAnswered("c1-b1", "sip-1"), 1003.0)
    assert look(made, leg) == []
    assert list(made.take(event("Hangup", **OURS, Cause="17"))) == []


def test_a_leg_that_is_wanted_no_more_is_let_go() -> None:
    made, leg = placing()
    leg.take(LegRinging("c1-b1"), 1002.0)
    assert look(made, leg) == []
    leg.take(LegEnded("c1-b1", HangupCause.RING_TIMEOUT), 1003.0)
    assert look(made, leg) == [LetGo("c1-b1")]
    assert look(made, leg) == []


def test_a_leg_that_failed_is_not_let_go_as_well() -> None:
    made, leg = placing()
    assert list(made.failed("c1-b1", HangupCause.BUSY)) == [Fails("c1", "c1-b1", HangupCause.BUSY)]
    assert look(made, leg) == []
    leg.take(LegEnded("c1-b1", HangupCause.BUSY), 1003.0)
    assert look(made, leg) == []


def test_what_asterisk_is_asked() -> None:
    action = originate(PlaceLeg("c1", "c1-b1", endpoint(name='A "<quoted>\r\n name'), URI))
    assert (action.name, action.keys) == (
        "Originate",
        {
            "Channel": "PJSIP/alice", "Application": "Dial", "Data": f"PJSIP/ringback/{URI},15",
            "Timeout": "3600000", "Async": "true", "ChannelId": "ringback-c1-b1",
            "CallerID": '"A quoted   name" <+16175550199>',
        },
    )  # fmt: skip
    local = originate(PlaceLeg("c1", "c1-b1", endpoint("Local/810@from-internal"), URI)).keys
    assert (local["Channel"], local["OtherChannelId"]) == ("Local/810@from-internal/n", "ringback-c1-b1-far")
