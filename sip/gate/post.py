"""How messages leave: the route of a request, its Via, and the gate's own transactions."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from ipaddress import AddressValueError, IPv4Address

from twisted.internet import defer

from sip.gate.calls import Call, Flow, Hop, Peer, Way, port_of, remote_value, way_to
from sip.gate.digest import answer
from sip.gate.judge import ALLOW
from sip.gate.message import Message, with_tag
from sip.gate.tables import Sent, Tables
from sip.gate.uris import Uri, UriError
from sip.gate.wires import Wires
from sip.journal import note
from sip.reactor import Reactor

#: T1 and T2 of RFC 3261 section 17.1.1.1, and the time-out of a transaction, in seconds.
T1, T2, TIMEOUT = 0.5, 4.0, 32.0
_NOT_SENT_ON = frozenset(
    {"via", "route", "authorization", "proxy-authorization", "content-length", "x-ringback-hop"}
)

Lookup = Callable[[str], "defer.Deferred[tuple[IPv4Address, ...]]"]
Then = Callable[[Flow | None], None]


class Post:
    """Sends requests of ours, PJSIP's and the gate's own, and answers to peers."""

    def __init__(
        self, reactor: Reactor, tables: Tables, wires: Wires, lookup: Lookup, user_agent: str
    ) -> None:
        self.reactor, self.tables, self.wires = reactor, tables, wires
        self._lookup = lookup
        self.user_agent = user_agent

    # --- what a request says ----------------------------------------------------------------------------

    def first_request(self, call: Call, request: Message) -> Message:
        """A request of PJSIP's that is in no dialog, as the peer gets it."""
        hop = call.hop
        routes = [*([hop.route] if hop.route else []), *hop.service_route]
        return self._outward(call, request, hop.uri, routes, request.get("To"))

    def within(self, call: Call, peer: Peer, request: Message) -> tuple[Message, Way]:
        """A request of PJSIP's within a dialog, as the peer gets it."""
        way = way_to(peer, call.hop)
        return self._outward(call, request, way.uri, way.routes, remote_value(call, peer)), way

    def own_within(self, call: Call, peer: Peer, method: str) -> tuple[Message, Way]:
        """A request of the gate's own within a dialog."""
        way = way_to(peer, call.hop)
        call.local_cseq += 1
        headers = [("Max-Forwards", "70"), ("From", call.local), ("To", remote_value(call, peer)),
                   ("Call-ID", call.call_id), ("CSeq", f"{call.local_cseq} {method}"),
                   ("User-Agent", self.user_agent)]  # fmt: skip
        routes = [("Route", route) for route in way.routes]
        return Message(method, way.uri, headers=[*routes, *headers]), way

    def acknowledgement(self, sent: Sent, response: Message) -> Message:
        """The ACK of a final response that is no 2xx (RFC 3261 section 17.1.1.3)."""
        kept = [(name, value) for name, value in sent.message.headers
                if name in ("Via", "Route", "From", "Call-ID", "Max-Forwards")]  # fmt: skip
        made = Message("ACK", sent.message.uri, headers=kept)
        made.headers += [("To", response.get("To")), ("CSeq", f"{sent.message.cseq} ACK")]
        return made

    def cancellation(self, sent: Sent) -> Message:
        """The CANCEL of a request (RFC 3261 section 9.1)."""
        kept = [(name, value) for name, value in sent.message.headers
                if name in ("Via", "Route", "From", "To", "Call-ID", "Max-Forwards")]  # fmt: skip
        return Message("CANCEL", sent.message.uri, headers=[*kept, ("CSeq", f"{sent.message.cseq} CANCEL")])

    def _outward(self, call: Call, request: Message, uri: str, routes: Iterable[str], to: str) -> Message:
        made = Message(request.method, uri, headers=[("Route", route) for route in routes], body=request.body)
        for name, value in request.headers:
            if name.lower() in ("authorization", "proxy-authorization"):
                self.authorize(call, made, value)
            elif name == "To":
                made.headers.append((name, to))
            elif name == "Allow":
                made.headers.append((name, ALLOW))
            elif name.lower() not in _NOT_SENT_ON:
                made.headers.append((name, value))
        return made

    def authorize(self, call: Call, request: Message, value: str) -> None:
        """Put the answer to the real challenge in place of PJSIP's answer to ours."""
        who = call.hop.credentials
        challenge = next((known for realm, known in call.challenges.items() if f'"{realm}"' in value), None)
        if who is None or challenge is None or request.method in ("ACK", "CANCEL"):
            return
        count = call.nonces[challenge.nonce] = call.nonces.get(challenge.nonce, 0) + 1
        if len(call.nonces) > 50:
            del call.nonces[next(iter(call.nonces))]
        given = answer(challenge, who, request.method, request.uri, request.body, count)
        request.headers.append((challenge.header, given))

    # --- which way it goes ------------------------------------------------------------------------------

    def first_flow(self, hop: Hop) -> Flow:
        """The way of a request that is in no dialog."""
        return self.wires.flow_to(hop.transport, hop.address, hop.port, hop.tls, hop.name, front=hop.front)

    def find_way(self, call: Call, peer: Peer, next_hop: Uri, then: Then) -> None:
        """The way of a request within a dialog; None where there is none (RFC 3263, without SRV)."""
        hop = call.hop
        if hop.nat and peer.seen_at is not None:
            then(peer.seen_at)
            return
        if hop.route:
            then(self.first_flow(hop))
            return
        try:
            transport = next_hop.transport or hop.transport
        except UriError:
            then(None)
            return
        host = next_hop.where[0]
        port = port_of(next_hop, transport)

        def found(addresses: tuple[IPv4Address, ...]) -> None:
            if not addresses:
                note("host_unknown", leg=hop.leg_id, host=host)
                then(None)
                return
            seen = peer.seen_at
            same = seen is not None and seen.transport == transport and seen.address == str(addresses[0])
            if seen is not None and same and transport != "udp":
                then(seen)  # the connection that it has opened, or answered on
            else:
                there = str(addresses[0])
                then(self.wires.flow_to(transport, there, port, hop.tls, host, front=hop.front))

        try:
            literal = IPv4Address(host)
        except AddressValueError:
            if host == hop.name:
                found((IPv4Address(hop.address),))
            else:
                self._lookup(host).addCallback(found).addErrback(lambda failure: found(()))
            return
        if literal.is_multicast or literal.is_unspecified:
            then(None)
            return
        found((literal,))

    # --- sending ----------------------------------------------------------------------------------------

    def put(self, sent: Sent, flow: Flow | None) -> bool:
        """Send a request the first time: write its Via, remember it. False where there is no way."""
        if flow is None:
            return False
        sent.flow = flow
        sent.message.headers.insert(0, ("Via", self._via(sent.call.hop, flow, sent.branch)))
        sent.data = sent.message.dump()
        self.tables.sent[sent.branch, sent.method] = sent
        return self.wires.send(sent.data, flow)

    def put_as_is(self, message: Message, hop: Hop, flow: Flow | None, branch: str = "") -> bytes:
        """Send a message that gets no answer, an ACK. Returns its bytes; empty if there is no route."""
        if flow is None:
            return b""
        if not message.get("Via"):
            branch = branch or new_branch()
            message.headers.insert(0, ("Via", self._via(hop, flow, branch)))
        data = message.dump()
        return data if self.wires.send(data, flow) else b""

    def _via(self, hop: Hop, flow: Flow, branch: str) -> str:
        port = self.wires.port_of(flow.transport, hop.tls, front=flow.front)
        return f"SIP/2.0/{flow.transport.upper()} {hop.local_address}:{port};rport;branch={branch}"

    def run(self, sent: Sent, flow: Flow | None) -> None:
        """Send a request of the gate's own, again and again until it is answered (section 17.1.2)."""
        if not self.put(sent, flow):
            self._finish(sent, 0, None)
            return
        self._again(sent, T1, 0.0)

    def repeat(self, sent: Sent) -> None:
        """Send one whose bytes are made already, again and again until it is answered."""
        if sent.flow is not None:
            self.wires.send(sent.data, sent.flow)
        self._again(sent, T1, 0.0)

    def _again(self, sent: Sent, wait: float, waited: float) -> None:
        def later() -> None:
            if sent.final or sent.done is None:
                return
            if waited + wait >= TIMEOUT:
                self._finish(sent, 0, None)
                return
            self.send_again(sent)
            self._again(sent, min(2 * wait, T2), waited + wait)

        self.reactor.callLater(wait, later)

    def answered(self, sent: Sent, response: Message) -> None:
        """A response to a request of the gate's own."""
        if response.status >= 200:
            self._finish(sent, response.status, response)

    def send_again(self, sent: Sent) -> None:
        """A request that was not answered in time.

        A BYE that its address leaves unanswered goes to where the peer was seen as well: it may stand behind
        NAT, and nothing else would end the call there.
        """
        if sent.flow is None or sent.flow.transport != "udp" or sent.final or sent.absorbed:
            return
        self.wires.send(sent.data, sent.flow)
        sent.repeats += 1
        seen = sent.call.peer.seen_at if sent.call.peer is not None else None
        if sent.method == "BYE" and sent.repeats > 1 and seen is not None and seen != sent.flow:
            if sent.repeats == 2:
                note("contact_unreachable", leg=sent.call.hop.leg_id, address=sent.flow.address)
            self.wires.send(sent.data, seen)

    def give_up(self, sent: Sent) -> None:
        """Give up on a request of the gate's own: no answer will come."""
        self._finish(sent, 0, None)

    def _finish(self, sent: Sent, status: int, response: Message | None) -> None:
        done, sent.done = sent.done, None
        sent.final, sent.final_at = status or 408, self.reactor.seconds()
        if done is not None:
            done(status, response)


def new_branch() -> str:
    """A branch that cannot be guessed."""
    return f"z9hG4bK{secrets.token_hex(12)}"


def response_to(
    request: Message,
    status: int,
    reason: str,
    via: str,
    headers: Iterable[tuple[str, str]] = (),
    tag: str = "",
) -> Message:
    """A response to a peer's request; ``via`` is its topmost Via as we return it."""
    vias = request.all("Via")
    made = Message("", status=status, reason=reason)
    made.headers = [("Via", via), *(("Via", one) for one in vias[1:])]
    for name in ("From", "To", "Call-ID", "CSeq"):
        value = request.get(name)
        if name == "To" and not request.to_tag and status > 100:
            value = with_tag(value, tag or secrets.token_hex(6))
        made.headers.append((name, value))
    made.headers += headers
    return made
