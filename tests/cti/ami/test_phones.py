"""What a PBX's devices and queues tell of an agent's phone."""

from __future__ import annotations

import pytest

from cti.ami.phones import AgentPhones
from cti.presence import Presence
from routing.directory import AgentState
from tests.cti.ami.recorded import event

NOW = 1_800_000_000.0


def device(state: str) -> object:
    return event("DeviceStateChange", Device="PJSIP/alice", State=state)


def member(queue: str = "orders", status: str = "1", kind: str = "QueueMemberStatus", **more: str) -> object:
    return event(kind, **{"Queue": queue, "Interface": "PJSIP/alice", "Status": status, "Paused": "0"} | more)


RESTING = {"LastCall": str(int(NOW) - 10), "Wrapuptime": "30"}
LISTED = {"Interface": "", "Location": "PJSIP/alice"}
BEHIND = {"Interface": "Local/alice@desks", "StateInterface": "PJSIP/alice"}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([], None),
        ([device("NOT_INUSE")], "available"),
        ([device("RINGING")], "ringing"),
        ([device("INUSE")], "on_call"),
        ([device("ONHOLD")], "on_call"),
        ([device("UNAVAILABLE")], "offline"),
        ([device("UNKNOWN")], None),
        ([member()], "available"),
        ([member(status="2")], "on_call"),
        ([member(status="4")], None),  # of a member of whose state nobody tells
        ([member(**LISTED, kind="QueueMember")], "available"),
        ([member(**BEHIND, status="6")], "ringing"),
        ([device("NOT_INUSE"), member(status="2")], "available"),  # the device knows best
        ([member(Paused="1")], "away"),
        ([member(Paused="1"), member("service")], "available"),
        ([member(Paused="1"), member("service", Paused="1", kind="QueueMemberPause")], "away"),
        ([member(Paused="1"), member("elsewhere")], "away"),  # a queue that does not count
        ([member(Paused="1"), member(kind="QueueMemberRemoved"), device("NOT_INUSE")], "available"),
        ([member(**RESTING)], "wrap_up"),
        ([member(**RESTING), device("INUSE")], "on_call"),
        ([member(LastCall="x", Wrapuptime="-1")], "available"),
        ([event("DeviceStateChange", Device="PJSIP/eve", State="INUSE")], None),
        ([member(Interface="PJSIP/eve")], None),
    ],
)
def test_what_a_phone_does(told: list[object], expected: AgentState | None) -> None:
    phones = AgentPhones(["PJSIP/alice"], ["orders", "service"])
    for each in told:
        phones.take(each)  # type: ignore[arg-type]
    assert phones.states(NOW) == {"PJSIP/alice": expected}
    phones.forget()
    assert phones.states(NOW) == {"PJSIP/alice": None}


def test_a_rest_ends_by_itself() -> None:
    phones = AgentPhones(["PJSIP/alice"], [])
    assert phones.next_change(NOW) is None
    assert phones.take(member(**RESTING))  # type: ignore[arg-type]
    assert phones.next_change(NOW) == NOW + 20
    assert phones.states(NOW + 20) == {"PJSIP/alice": "available"}
    assert phones.next_change(NOW + 20) is None


OPEN = Presence().page_opened()


@pytest.mark.parametrize(
    ("presence", "shown", "in_browser", "at_phone"),
    [
        (Presence(), "offline", "offline", None),
        (Presence().phone_told("available"), "available", "offline", "available"),
        (Presence().phone_told("offline"), "offline", "offline", "offline"),
        (Presence().phone_told("on_call"), "on_call", "offline", "on_call"),
        (OPEN.phone_told("available"), "available", "away", "available"),
        (OPEN.phone_told("away"), "away", "away", "away"),
        (OPEN.chose("away").phone_told("available"), "away", "away", "away"),
        (OPEN.chose("available"), "available", "available", None),
        (OPEN.chose("available").phone_told("on_call"), "on_call", "on_call", "on_call"),
        (OPEN.chose("available").phone_told("wrap_up"), "wrap_up", "wrap_up", "wrap_up"),
        (OPEN.chose("available").phone_told("away"), "available", "available", "away"),
        (OPEN.chose("available").phone_told("offline"), "available", "available", "offline"),
        (OPEN.chose("available").phone_told("available").leg_rang("c", "l"), "ringing", "ringing", "ringing"),
        (OPEN.phone_told("available").leg_answered("c", "l"), "on_call", "on_call", "on_call"),
    ],
)
def test_what_counts_for_calls_to_the_agent(
    presence: Presence, shown: AgentState, in_browser: AgentState, at_phone: AgentState | None
) -> None:
    assert (presence.state, presence.in_browser, presence.at_phone) == (shown, in_browser, at_phone)
