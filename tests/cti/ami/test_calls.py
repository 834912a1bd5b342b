"""Who a PBX rings for our calls: events in, outcomes out."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from unittest.mock import patch

import pytest
from asterisk.ami.event import Event

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegEnded, LegRinging
from bridge.legs import Leg
from cti.ami import calls as module
from cti.ami.calls import AgentPhone, Arrived, AskCallId, PbxCalls, PbxNews, interface_of
from routing.plan import BrowserEndpoint, SipEndpoint
from tests.bridge.told import look
from tests.cti.ami.recorded import ALICE, BOB, NO_ANSWER_THEN_TRANSFER, OURS, channel, event, to

AGENTS = {"PJSIP/alice": "alice", "PJSIP/bob": "bob", "Local/carol@desks": "carol"}
QUEUE = SipEndpoint("queue", "Queue", "sip:810@pbx.example", "pbx")
ASKED = AskCallId("80.0", "PJSIP/open-00000000", "CHANNEL(pjsip,call-id)")
ARRIVED = Arrived("c1", "80.0", "PJSIP/open-00000000")


def dialled(call_id: str = "c1") -> Leg:
    return Leg(f"{call_id}-b1", "business", QUEUE, 1000.0)


def ringing(leg: Leg, sip_call_id: str = "sip-1") -> Leg:
    leg.take(LegRinging(leg.leg_id, False, sip_call_id), 1001.0)
    return leg


def phones(outcomes: Iterable[PbxNews]) -> list[tuple[str, str]]:
    return [(each.agent, each.stage) for each in outcomes if isinstance(each, AgentPhone)]


def arrived() -> PbxCalls:
    """A call of ours that has found its channel."""
    calls = PbxCalls(AGENTS.get)
    leg = dialled()
    assert look(calls, leg) == []
    assert calls.take(event("Newchannel", **OURS)) == [ASKED]
    assert calls.learned("80.0", "sip-1") == []
    assert look(calls, ringing(leg)) == [ARRIVED]
    return calls


def test_a_recorded_call_that_moves_from_phone_to_phone() -> None:
    calls = arrived()
    for told, expected in NO_ANSWER_THEN_TRANSFER:
        assert phones(calls.take(told)) == expected, told


def test_the_three_news_of_a_match_come_in_any_order() -> None:
    for order in itertools.permutations(("learned", "ringing", "rings")):
        calls = PbxCalls(AGENTS.get)
        leg = dialled()
        look(calls, leg)
        calls.take(event("Newchannel", **OURS))
        outcomes: list[PbxNews] = []
        for news in order:
            if news == "learned":
                outcomes += calls.learned("80.0", "sip-1")
            elif news == "ringing":
                outcomes += look(calls, ringing(leg))
            else:
                outcomes += calls.take(event("DialBegin", **to(ALICE)))
        assert outcomes == [ARRIVED, AgentPhone("c1", "alice", "rang")], order


@pytest.mark.parametrize(
    "told",
    [
        event("Newchannel", **ALICE),  # dialled for another channel
        event("Newchannel", **channel("Local/810@office-00000001;1", "80.0", "80.0")),  # carries no SIP
        event("Newchannel"),
        event("Newexten", **OURS),
    ],
)
def test_only_channels_that_may_be_ours_are_asked_about(told: Event) -> None:
    calls = PbxCalls(AGENTS.get)
    look(calls, dialled())
    assert calls.take(told) == []


def test_nobody_is_asked_about_while_no_leg_of_ours_is_awaited() -> None:
    calls = PbxCalls(AGENTS.get)
    assert calls.take(event("Newchannel", **OURS)) == []
    in_browser = Leg("c1-b1", "business", BrowserEndpoint("agent:alice", "Alice", "alice"), 1000.0)
    shopper = Leg("c1-s", "shopper", QUEUE, 1000.0)
    look(calls, in_browser, shopper)
    assert calls.take(event("Newchannel", **OURS)) == []
    matched = arrived()
    assert matched.take(event("Newchannel", **channel("PJSIP/open-9", "99.9", "99.9"))) == []


def test_somebody_else_s_calls_are_not_ours() -> None:
    calls = PbxCalls(AGENTS.get)
    look(calls, ringing(dialled()))
    calls.take(event("Newchannel", **OURS))
    assert calls.learned("80.0", "another") == []
    for told, _ in NO_ANSWER_THEN_TRANSFER:
        assert calls.take(told) == []


def test_a_channel_without_a_call_id_is_forgotten() -> None:
    calls = PbxCalls(AGENTS.get)
    look(calls, dialled())
    calls.take(event("Newchannel", **OURS))
    assert calls.learned("80.0", "") == []
    assert calls.learned("80.0", "sip-1") == []
    assert calls.learned("81.0", "sip-1") == []


def test_all_phones_of_a_ring_group_until_one_is_answered() -> None:
    calls = arrived()
    assert phones(calls.take(event("DialBegin", **to(ALICE)))) == [("alice", "rang")]
    assert phones(calls.take(event("DialBegin", **to(BOB)))) == [("bob", "rang")]
    assert phones(calls.take(event("DialEnd", **to(BOB), DialStatus="ANSWER"))) == [("bob", "answered")]
    assert phones(calls.take(event("DialEnd", **to(ALICE), DialStatus="CANCEL"))) == [("alice", "gone")]


def test_an_agent_with_two_phones_is_told_once() -> None:
    calls = arrived()
    other = channel("PJSIP/alice-00000009", "93.1", "80.0")
    assert phones(calls.take(event("DialBegin", **to(ALICE)))) == [("alice", "rang")]
    assert phones(calls.take(event("DialBegin", **to(other)))) == []
    assert phones(calls.take(event("Hangup", **ALICE))) == []
    assert phones(calls.take(event("DialEnd", **to(other), DialStatus="ANSWER"))) == [("alice", "answered")]
    assert phones(calls.take(event("Hangup", **other))) == [("alice", "gone")]


def test_a_member_that_is_a_local_channel() -> None:
    calls = arrived()
    local = channel("Local/carol@desks-00000004;1", "94.1", "80.0")
    assert phones(calls.take(event("DialBegin", **to(local)))) == [("carol", "rang")]


def test_an_attended_transfer_joins_two_linkedids() -> None:
    """Bob was consulted in a call of alice's own; when she leaves, he is in ours."""
    calls = arrived()
    calls.take(event("DialBegin", **to(ALICE)))
    calls.take(event("DialEnd", **to(ALICE), DialStatus="ANSWER"))
    consulted = channel("PJSIP/bob-0000000a", "95.1", "95.0")
    asks = channel("PJSIP/alice-00000009", "95.0", "95.0")
    dial = asks | {f"Dest{key}": value for key, value in consulted.items()}
    assert phones(calls.take(event("Newchannel", **asks))) == []
    assert phones(calls.take(event("DialBegin", **dial))) == []
    assert phones(calls.take(event("DialEnd", **dial, DialStatus="ANSWER"))) == []
    joined = consulted | {"Linkedid": "80.0"}
    assert phones(calls.take(event("BridgeEnter", **joined))) == [("bob", "rang"), ("bob", "answered")]
    assert phones(calls.take(event("Hangup", **ALICE))) == [("alice", "gone")]


PICKER = channel("PJSIP/bob-0000000b", "85.0", "85.0")


def target(phone: dict[str, str]) -> dict[str, str]:
    return {f"Target{key}": value for key, value in phone.items()}


#: Bob presses *8 while alice's phone rings, as Asterisk 22 tells it: his channel keeps its Linkedid when it
#: takes the place of hers, hers is hung up, and only when he leaves the bridge he has that of the call.
PICKED_UP: list[tuple[str, Event]] = [
    ("rings", event("DialBegin", **to(ALICE))),
    ("", event("Newchannel", **PICKER)),
    (
        "dial_end",
        event("DialEnd", **(OURS | {f"Dest{key}": v for key, v in PICKER.items()}), DialStatus="ANSWER"),
    ),
    ("pickup", event("Pickup", **PICKER, **target(ALICE))),
    ("zombie", event("Hangup", **(ALICE | {"Channel": "PJSIP/alice-00000001<ZOMBIE>"}))),
    ("bridge", event("BridgeEnter", **PICKER, BridgeUniqueid="b-1")),
    ("", event("BridgeEnter", **OURS, BridgeUniqueid="b-1")),
]
TAKEN = [("alice", "gone"), ("bob", "rang"), ("bob", "answered")]


@pytest.mark.parametrize(
    "missing",
    [
        set(),
        {"dial_end"},
        {"pickup"},
        {"bridge"},
        {"dial_end", "pickup"},
        {"pickup", "bridge"},
        {"dial_end", "bridge"},
    ],
)
def test_a_call_that_is_picked_up_is_at_the_desk_of_the_agent_who_picked_it_up(missing: set[str]) -> None:
    """Each of the three signs tells it alone."""
    calls = arrived()
    told: list[tuple[str, str]] = []
    for name, happens in PICKED_UP:
        if name not in missing:
            told += phones(calls.take(happens))
    assert told[0] == ("alice", "rang")
    assert sorted(told[1:]) == sorted(TAKEN)
    assert told.index(("bob", "rang")) < told.index(("bob", "answered"))
    # He hangs up, and with him his part in it; ours lives on.
    calls.take(event("BridgeLeave", **(PICKER | {"Linkedid": "80.0"}), BridgeUniqueid="b-1"))
    assert phones(calls.take(event("Hangup", **(PICKER | {"Linkedid": "80.0"})))) == [("bob", "gone")]


def test_a_pickup_is_told_as_soon_as_it_is_known() -> None:
    calls = arrived()
    calls.take(event("DialBegin", **to(ALICE)))
    assert phones(calls.take(PICKED_UP[3][1])) == TAKEN
    for _, happens in PICKED_UP[2:]:
        assert phones(calls.take(happens)) == []


def test_a_picked_up_call_goes_back_when_it_moves_on() -> None:
    """Bob passes it to alice by a blind transfer, who answers; then bob picks it up in another ring."""
    calls = arrived()
    for _, happens in PICKED_UP:
        calls.take(happens)
    leaves = PICKER | {"Linkedid": "80.0"}
    calls.take(event("BridgeLeave", **leaves, BridgeUniqueid="b-1"))
    calls.take(event("BridgeLeave", **OURS, BridgeUniqueid="b-1"))
    assert phones(calls.take(event("Hangup", **leaves))) == [("bob", "gone")]
    again = channel("PJSIP/alice-0000000c", "86.1", "80.0")
    assert phones(calls.take(event("DialBegin", **to(again)))) == [("alice", "rang")]
    assert phones(calls.take(event("DialEnd", **to(again), DialStatus="ANSWER"))) == [("alice", "answered")]
    calls.take(event("BridgeEnter", **again, BridgeUniqueid="b-2"))
    assert phones(calls.take(event("Hangup", **OURS))) == [("alice", "gone")]


def test_a_call_that_is_picked_up_by_nobodys_phone_is_at_no_desk() -> None:
    stranger = channel("PJSIP/reception-0000000b", "85.0", "85.0")
    for sign in (
        event("Pickup", **stranger, **target(ALICE)),
        event("DialEnd", **to(ALICE | {"Channel": stranger["Channel"]}), DialStatus="ANSWER"),
    ):
        calls = arrived()
        calls.take(event("DialBegin", **to(ALICE)))
        assert phones(calls.take(sign)) == [("alice", "gone")]
        assert phones(calls.take(event("BridgeEnter", **stranger, BridgeUniqueid="b-1"))) == []


def test_the_name_tells_who_took_it_where_the_channel_is_the_one_that_rang() -> None:
    """As when the picker's channel took over the Uniqueid of the one that rang."""
    calls = arrived()
    calls.take(event("DialBegin", **to(ALICE)))
    swapped = ALICE | {"Channel": "PJSIP/bob-0000000b"}
    assert phones(calls.take(event("DialEnd", **to(swapped), DialStatus="ANSWER"))) == TAKEN


def test_who_picks_up_another_call_has_nothing_to_do_with_ours() -> None:
    calls = arrived()
    calls.take(event("DialBegin", **to(ALICE)))
    other = channel("PJSIP/carol-00000001", "70.1", "70.0")
    assert phones(calls.take(event("Pickup", **PICKER, **target(other)))) == []
    assert phones(calls.take(event("BridgeEnter", **PICKER, BridgeUniqueid="b-7"))) == []


def test_bridges_are_caught_up_with() -> None:
    calls = arrived()
    talking = {"ChannelStateDesc": "Up", "BridgeId": "b-1"}
    outcomes = calls.resync(
        [event("CoreShowChannel", **OURS, **talking), event("CoreShowChannel", **PICKER, **talking)]
    )
    assert phones(outcomes) == [("bob", "rang"), ("bob", "answered")]


def test_our_channel_takes_on_an_older_linkedid() -> None:
    calls = arrived()
    calls.take(event("BridgeEnter", **(OURS | {"Linkedid": "70.0"})))
    older = channel("PJSIP/alice-00000001", "70.1", "70.0")
    assert phones(calls.take(event("BridgeEnter", **older))) == [("alice", "rang"), ("alice", "answered")]


def test_the_end_of_our_leg_ends_it_for_the_agents() -> None:
    calls = PbxCalls(AGENTS.get)
    leg = ringing(dialled())
    look(calls, leg)
    calls.take(event("Newchannel", **OURS))
    calls.learned("80.0", "sip-1")
    calls.take(event("DialBegin", **to(ALICE)))
    leg.take(LegAnswered(leg.leg_id, "sip-1"), 1002.0)
    assert look(calls, leg) == []
    leg.take(LegEnded(leg.leg_id, HangupCause.NORMAL), 1003.0)
    assert look(calls, leg) == [AgentPhone("c1", "alice", "gone")]
    assert look(calls, leg) == []


def test_what_a_pbx_that_lies_tells_is_bounded() -> None:
    calls = arrived()
    long = channel("PJSIP/alice-00000001", "8" * 300, "80.0")
    assert calls.take(event("DialBegin", **to(long))) == []
    with patch.object(module, "MOST_CHANNELS", 3):
        for number in range(9):
            calls.take(
                event("DialBegin", **to(channel(f"PJSIP/alice-0000000{number}", f"7.{number}", "7.0")))
            )
        assert calls.take(event("DialBegin", **to(BOB))) == []
        assert phones(calls.take(event("Hangup", **channel("", "7.0", "7.0")))) == []
        assert phones(calls.take(event("DialBegin", **to(BOB)))) == [("bob", "rang")]


def entry(keys: dict[str, str], state: str) -> Event:
    return event("CoreShowChannel", **keys, ChannelStateDesc=state)


def test_what_was_missed_is_caught_up_with() -> None:
    calls = arrived()
    calls.take(event("DialBegin", **to(ALICE)))
    # While nobody listened alice gave up, and bob answered; and another call of ours began and rings her.
    other_leg = dialled("c2")
    look(calls, ringing(other_leg, "sip-2"))
    theirs = channel("PJSIP/open-00000005", "96.0", "96.0")
    rings = channel("PJSIP/alice-00000006", "96.1", "96.0")
    outcomes = calls.resync(
        [entry(OURS, "Up"), entry(BOB, "Up"), entry(theirs, "Up"), entry(rings, "Ringing")]
    )
    assert outcomes == [
        AskCallId("96.0", "PJSIP/open-00000005", "CHANNEL(pjsip,call-id)"),
        AgentPhone("c1", "alice", "gone"),
        AgentPhone("c1", "bob", "rang"),
        AgentPhone("c1", "bob", "answered"),
    ]
    assert calls.learned("96.0", "sip-2") == [
        Arrived("c2", "96.0", "PJSIP/open-00000005"),
        AgentPhone("c2", "alice", "rang"),
    ]
    # And then Asterisk was restarted.
    assert set(phones(calls.resync([]))) == {("bob", "gone"), ("alice", "gone")}


@pytest.mark.parametrize(
    ("name", "interface"),
    [
        ("PJSIP/alice-0000002a", "PJSIP/alice"),
        ("PJSIP/desk-4-0000002a", "PJSIP/desk-4"),
        ("Local/carol@desks-00000004;2", "Local/carol@desks"),
        ("SIP/200-00000001", "SIP/200"),
        ("", ""),
    ],
)
def test_interfaces_of_channels(name: str, interface: str) -> None:
    assert interface_of(name) == interface
