"""PJSIP's messages on their way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from bridge.causes import HangupCause
from sip.gate.calls import Call, Flow, Hop, Peer, way_to
from sip.gate.inner import reply
from sip.gate.judge import ALLOW
from sip.gate.message import MalformedError, Message, parse
from sip.gate.post import Post, response_to
from sip.gate.tables import Fate, Received, Sent, Tables
from sip.journal import note

#: What an answer of PJSIP's tells the peer beside what every answer has.
_ANSWERED = frozenset({
    "contact", "allow", "supported", "content-type", "retry-after", "rseq", "require", "unsupported",
    "accept", "warning", "user-agent", "server", "expires",
})  # fmt: skip


class Ends(Protocol):
    """The part that knows how calls begin and end."""

    def began(self, call: Call) -> None:
        """An INVITE went out, or a dialog stands, or its target is another one now."""

    def ended(self, call: Call) -> None:
        """The dialog has ended."""

    def asks(self, call: Call, message: Message) -> None:
        """A request of PJSIP's goes to the peer: add what the session timer has to say."""

    def answers(self, call: Call, request: Message, answer: Message) -> None:
        """A final answer of PJSIP's goes to the peer: add what the session timer has to say."""

    def answered(self, call: Call, answer: Message) -> bool:
        """The peer's final answer to a request of PJSIP's; whether PJSIP is to send that once more."""

    def too_short(self, call: Call, request: Message) -> bool:
        """Whether a peer asks for too short a session."""

    def registered(self, call: Call, routes: tuple[str, ...]) -> None:
        """A REGISTER was granted; the Route headers that calls are to have (RFC 3608)."""

    def end_call(self, call: Call, fate: Fate, *, direct: bool = False) -> None:
        """End an established call on both sides."""


class StackSide:
    """Takes what PJSIP sends, and gives it what it gets."""

    def __init__(self, tables: Tables, post: Post, ends: Ends, put_in: Callable[[bytes], None]) -> None:
        self._tables, self._post, self._ends = tables, post, ends
        self.put_in = put_in
        #: What is known of INVITEs and REGISTERs to come, by the word in X-Ringback-Hop.
        self.hops: dict[str, Hop] = {}

    def take(self, data: bytes) -> None:
        """One datagram of PJSIP's."""
        try:
            message = parse(data)
        except MalformedError as error:
            note("stack_message_malformed", reason=error)
            return
        if not message.is_request:
            self._response(message)
        elif message.method == "ACK":
            self._ack(message)
        elif message.method == "CANCEL":
            self._cancel(message)
        else:
            self._request(message)

    def tell(
        self,
        sent: Sent,
        status: int,
        *,
        tag: str = "",
        headers: list[tuple[str, str]] | None = None,
        body: bytes = b"",
    ) -> None:
        """Answer a request of PJSIP's."""
        if sent.request is not None:
            self.put_in(reply(sent.request, status, tag=tag, headers=headers, body=body).dump())

    def fail(self, sent: Sent, status: int, cause: HangupCause, why: str) -> None:
        """Answer a request of PJSIP's with a failure that is ours to explain, whatever the peer says."""
        if sent.absorbed or sent.final:
            return
        sent.absorbed = True
        if sent.method == "INVITE" and sent.call.peer is None:
            self._tables.fates.setdefault(sent.call.call_id, Fate(cause, why))
            note("leg_failed", leg=sent.call.hop.leg_id, cause=cause, reason=why)
        self.tell(sent, status, tag="gate")

    # --- requests ---------------------------------------------------------------------------------------

    def _request(self, message: Message) -> None:
        known = self._tables.sent.get((message.branch, message.method))
        if known is not None:
            self._post.send_again(known)
            return
        call = self._tables.calls.get(message.call_id)
        now = self._post.reactor.seconds()
        if call is None:
            hop = self.hops.get(message.get("X-Ringback-Hop"))
            if hop is None or message.to_tag:
                self.put_in(reply(message, 481).dump())
                return
            call = Call(message.call_id, hop, True, message.get("From"), message.from_tag, begun_at=now)
            call.contact = message.get("Contact")
            self._tables.calls[call.call_id] = call
        elif message.method == "REGISTER":
            # Its registrar may have got another address meanwhile.
            call.hop = self.hops.get(message.get("X-Ringback-Hop"), call.hop)
        call.local_cseq = max(call.local_cseq, message.cseq)
        if message.to_tag:
            self._within(call, message, now)
        else:
            outward = self._post.first_request(call, message)
            sent = Sent(message.method, message.branch, call, message, outward, now)
            self._ends.asks(call, outward)
            self._tables.sent[sent.branch, sent.method] = sent
            if not self._post.put(sent, self._post.first_flow(call.hop)):
                self.fail(sent, 503, HangupCause.UNREACHABLE, "the request could not be sent")
            elif message.method == "INVITE":
                self._ends.began(call)

    def _within(self, call: Call, message: Message, now: float) -> None:
        peer = call.peer_of(message.to_tag)
        if peer is None or (call.over and message.method != "BYE"):
            self.put_in(reply(message, 481).dump())
            return
        outward, way = self._post.within(call, peer, message)
        sent = Sent(message.method, message.branch, call, message, outward, now)
        self._ends.asks(call, outward)
        self._tables.sent[sent.branch, sent.method] = sent

        def found(flow: Flow | None) -> None:
            if not self._post.put(sent, flow):
                self.fail(sent, 503, HangupCause.UNREACHABLE, "there is no way to the peer")

        self._post.find_way(call, peer, way.next_hop, found)
        if message.method == "BYE":
            self._ends.ended(call)

    def _cancel(self, message: Message) -> None:
        invite = self._tables.sent.get((message.branch, "INVITE"))
        known = self._tables.sent.get((message.branch, "CANCEL"))
        if known is not None:
            self._post.send_again(known)
            return
        if invite is None or invite.absorbed or not invite.data or invite.flow is None:
            self.put_in(reply(message, 200 if invite else 481, tag="gate").dump())
            return
        outward = self._post.cancellation(invite)
        outward.headers += [(name, value) for name, value in message.headers if name == "Reason"]
        sent = Sent("CANCEL", message.branch, invite.call, message, outward, self._post.reactor.seconds())
        sent.flow, sent.data = invite.flow, outward.dump()
        self._tables.sent[sent.branch, "CANCEL"] = sent
        self._post.wires.send(sent.data, invite.flow)

    def _ack(self, message: Message) -> None:
        """PJSIP's ACK of a 2xx; other final responses were acknowledged as they came."""
        if (message.branch, "INVITE") in self._tables.sent:
            return
        call = self._tables.calls.get(message.call_id)
        invite = self._tables.invite_of(call, message.cseq) if call is not None else None
        peer = call.peer_of(message.to_tag) if call is not None else None
        if call is None or invite is None or peer is None or invite.final // 100 != 2:
            return
        self.acknowledge(call, peer, invite, message)

    def acknowledge(self, call: Call, peer: Peer, invite: Sent, message: Message) -> None:
        """Send the ACK of a 2xx, and keep it for when the 2xx comes again."""
        if invite.ack and invite.ack_flow is not None:
            self._post.wires.send(invite.ack, invite.ack_flow)
            return
        outward, way = self._post.within(call, peer, message)

        def found(flow: Flow | None) -> None:
            invite.ack_flow = flow
            invite.ack = self._post.put_as_is(outward, call.hop, flow)
            if not invite.ack and not call.over:
                why = f"no way to the peer's Contact {way_to(peer, call.hop).next_hop.where[0]}"
                self._ends.end_call(call, Fate(HangupCause.UNREACHABLE, why), direct=True)

        self._post.find_way(call, peer, way.next_hop, found)

    # --- responses --------------------------------------------------------------------------------------

    def _response(self, message: Message) -> None:
        received = self._tables.inner.get(message.branch)
        if received is None or message.method != (received.inner.method if received.inner else ""):
            return
        if message.status == 100:
            return
        call = received.call
        if received.absorbed or call is None:
            received.status = max(received.status, message.status)
            return
        if not call.local_tag and message.to_tag:
            call.local_tag = message.to_tag
            call.local = message.get("To")
        answer = response_to(
            received.request, message.status, message.reason, via_of(received), (), message.to_tag
        )
        routes = received.request.lines("Record-Route") if received.request.method == "INVITE" else []
        answer.headers += [("Record-Route", route) for route in routes]
        answer.headers += [(name, value) for name, value in message.headers if name.lower() in _ANSWERED]
        answer.headers = [(name, ALLOW if name == "Allow" else value) for name, value in answer.headers]
        answer.body = message.body
        received.status, received.acked = message.status, False
        if received.request.method == "INVITE" and message.status // 100 == 2:
            call.contact = message.get("Contact")
        if message.status >= 200:
            self._ends.answers(call, received.request, answer)
        received.data = answer.dump()
        send_answer(self._post, received)


def via_of(received: Received) -> str:
    """The topmost Via of a request, as the answer returns it."""
    return received.via.seen_from(received.flow.address, received.flow.port)


def send_answer(post: Post, received: Received) -> None:
    """Send an answer, or send it again."""
    flow = received.flow
    if flow.transport == "udp":
        address, port = received.via.answered_at(flow.address, flow.port)
        flow = replace(flow, address=address, port=port)
    post.wires.send(received.data, flow)
