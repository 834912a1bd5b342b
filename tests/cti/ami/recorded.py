"""What Asterisk 22 told of two calls through a queue, as it was recorded, without what nobody looks at."""

from __future__ import annotations

from asterisk.ami.event import Event


def event(name: str, **keys: str) -> Event:
    """An event of AMI."""
    return Event(name, keys)


def channel(name: str, uniqueid: str, linkedid: str, prefix: str = "") -> dict[str, str]:
    """The keys that name a channel."""
    return {f"{prefix}Channel": name, f"{prefix}Uniqueid": uniqueid, f"{prefix}Linkedid": linkedid}


OURS = channel("PJSIP/open-00000000", "80.0", "80.0")
ALICE = channel("PJSIP/alice-00000001", "80.1", "80.0")
BOB = channel("PJSIP/bob-00000002", "91.2", "80.0")
ALICE_AGAIN = channel("PJSIP/alice-00000003", "92.3", "80.0")


def to(phone: dict[str, str]) -> dict[str, str]:
    """Ours and the channel that is dialled for it."""
    return OURS | {f"Dest{key}": value for key, value in phone.items()}


#: Alice does not answer for the queue's ten seconds, bob does, and passes the call on to alice by REFER.
NO_ANSWER_THEN_TRANSFER: list[tuple[Event, list[tuple[str, str]]]] = [
    (event("DeviceStateChange", Device="PJSIP/open", State="INUSE"), []),
    (event("Newchannel", **ALICE), []),
    (event("AgentCalled", **to(ALICE), Queue="orders", Interface="PJSIP/alice"), []),
    (event("DialBegin", **to(ALICE)), [("alice", "rang")]),
    (event("AgentRingNoAnswer", **to(ALICE), Queue="orders", Interface="PJSIP/alice"), []),
    (event("DialEnd", **to(ALICE), DialStatus="NOANSWER"), [("alice", "gone")]),
    (event("DialEnd", **to(ALICE), DialStatus="CANCEL"), []),
    (event("Hangup", **ALICE), []),
    (event("Newchannel", **BOB), []),
    (event("DialBegin", **to(BOB)), [("bob", "rang")]),
    (event("DialEnd", **to(BOB), DialStatus="ANSWER"), [("bob", "answered")]),
    (event("AgentConnect", **to(BOB), Queue="orders", Interface="PJSIP/bob"), []),
    (event("BridgeEnter", **BOB), []),
    (event("BridgeEnter", **OURS), []),
    (event("BlindTransfer", Result="Success"), []),
    (event("BridgeLeave", **BOB), []),
    (event("BridgeLeave", **OURS), []),
    (event("Hangup", **BOB), [("bob", "gone")]),
    (event("Newchannel", **ALICE_AGAIN), []),
    (event("DialBegin", **to(ALICE_AGAIN)), [("alice", "rang")]),
    (event("DialEnd", **to(ALICE_AGAIN), DialStatus="ANSWER"), [("alice", "answered")]),
    (event("BridgeEnter", **ALICE_AGAIN), []),
    (event("BridgeEnter", **OURS), []),
    (event("BridgeLeave", **OURS), []),
    (event("Hangup", **OURS), [("alice", "gone")]),
    (event("Hangup", **ALICE_AGAIN), []),
]
