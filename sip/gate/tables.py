"""Transactions that the gate knows, of ours and of peers. Pure (RFC 3261 section 17)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.causes import HangupCause
from sip.gate.calls import Call, Flow
from sip.gate.message import Message
from sip.gate.vias import Via

#: Seconds that a transaction is remembered after its end (64 times T1), and one that nobody answers.
REMEMBERED, LONGEST = 33.0, 40.0
#: Requests of peers that are remembered at once.
MOST_RECEIVED = 512


@dataclass(slots=True)
class Sent:
    """One request of ours, as the peer got it."""

    method: str
    branch: str
    call: Call
    #: As PJSIP wrote it; None for one of the gate's own.
    request: Message | None
    #: As the peer got it.
    message: Message
    began_at: float
    flow: Flow | None = None
    data: bytes = b""
    provisional: bool = False
    #: The final response's status, and when it came.
    final: int = 0
    final_at: float = 0.0
    #: PJSIP has its final response from us; what the peer still says is ours to deal with.
    absorbed: bool = False
    #: The ACK that the peer got last, and the way that it went.
    ack: bytes = b""
    ack_flow: Flow | None = None
    #: How often the peer said 2xx again although it had our ACK.
    repeats: int = 0
    #: Whether the peer's SDP has been passed on.
    described: bool = False
    #: For one of the gate's own: called with the final status, 0 where none came.
    done: Callable[[int, Message | None], None] | None = None


@dataclass(slots=True)
class Received:
    """One request of a peer's."""

    request: Message
    flow: Flow
    via: Via
    came_at: float
    call: Call | None = None
    #: What PJSIP got of it; None for one that the gate answers itself.
    inner: Message | None = None
    #: PJSIP's answer is not for the peer, who has had another, or did not ask.
    absorbed: bool = False
    status: int = 0
    data: bytes = b""
    acked: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """RFC 3261 section 17.2.3."""
        return key_of(self.request, self.via)


def key_of(request: Message, via: Via) -> tuple[str, str, str]:
    """What tells one request from another: a retransmission has the same."""
    method = "INVITE" if request.method == "ACK" else request.method
    if via.branch.startswith("z9hG4bK"):
        return (via.branch, f"{via.host}:{via.port}", method)
    return (f"{request.call_id} {request.cseq} {request.from_tag}", f"{via.host}:{via.port}", method)


@dataclass(frozen=True, slots=True)
class Fate:
    """Why the gate ended a call that PJSIP believes to have ended otherwise."""

    cause: HangupCause
    why: str
    #: The status that the peer sent, if it was one.
    status: int | None = None


@dataclass(slots=True)
class Tables:
    """All known transactions, bounded in number."""

    calls: dict[str, Call] = field(default_factory=dict)
    sent: dict[tuple[str, str], Sent] = field(default_factory=dict)
    received: dict[tuple[str, str, str], Received] = field(default_factory=dict)
    #: By the branch that PJSIP was given.
    inner: dict[str, Received] = field(default_factory=dict)
    fates: dict[str, Fate] = field(default_factory=dict)

    def remember(self, received: Received) -> None:
        """Keep a peer's request; the oldest makes room."""
        while len(self.received) >= MOST_RECEIVED:
            self.drop(next(iter(self.received.values())))
        self.received[received.key] = received
        if received.inner is not None:
            self.inner[received.inner.branch] = received

    def drop(self, received: Received) -> None:
        """Forget a peer's request."""
        self.received.pop(received.key, None)
        if received.inner is not None:
            self.inner.pop(received.inner.branch, None)

    def invites_of(self, call: Call) -> list[Sent]:
        """INVITEs of ours in this call that have no final response yet."""
        return [
            one for one in self.sent.values() if one.call is call and one.method == "INVITE" and not one.final
        ]

    def invite_of(self, call: Call, cseq: int) -> Sent | None:
        """The INVITE of ours that had this number."""
        for one in self.sent.values():
            if one.call is call and one.method == "INVITE" and one.message.cseq == cseq:
                return one
        return None

    def asked(self, call: Call) -> list[Received]:
        """INVITEs and UPDATEs of the peer's that PJSIP has not answered yet."""
        return [
            one
            for one in self.received.values()
            if one.call is call and one.request.method in ("INVITE", "UPDATE") and one.status < 200
        ]

    def sweep(self, now: float) -> None:
        """Forget what has ended."""
        for call_id, call in list(self.calls.items()):
            if call.ended_at is not None and now - call.ended_at > REMEMBERED:
                del self.calls[call_id]
                self.fates.pop(call_id, None)
        for key, sent in list(self.sent.items()):
            ended = now - sent.final_at > REMEMBERED if sent.final else False
            lost = (
                not sent.final
                and (sent.method != "INVITE" or sent.call.over)
                and now - sent.began_at > LONGEST
            )
            gone = sent.call.ended_at is not None and sent.call.call_id not in self.calls
            if lost or gone or ended:
                del self.sent[key]
        for received in list(self.received.values()):
            live = received.call is not None and not received.call.over and received.status < 200
            if not live and now - received.came_at > REMEMBERED:
                self.drop(received)

    @property
    def empty(self) -> bool:
        """Whether nothing is remembered."""
        return not (self.calls or self.sent or self.received)
