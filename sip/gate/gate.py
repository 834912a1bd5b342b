"""The gate itself: PJSIP on one side, the world on the other, and nothing passes unjudged.

PJSIP aborts the process on messages that it does not expect. So it has a socket on loopback that hears the
gate alone; the gate owns the public sockets, reads each message once, answers or drops what is wrong, keeps
targets and routes of dialogs itself, and writes what PJSIP is to read.
"""

from __future__ import annotations

import re
import secrets
import socket
from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address, ip_network

from twisted.internet import defer, task

from bridge.causes import HangupCause
from config.sections.one_port import Listener
from config.sections.sip import Sip
from config.sections.trunks import Tls
from sip import firewall
from sip.gate.calls import Call, Flow, Hop, Peer
from sip.gate.frames import call_id_in
from sip.gate.front import Front
from sip.gate.front_line import FrontLine, Holding
from sip.gate.inner import safe_tag
from sip.gate.message import Message
from sip.gate.peer_side import Expected, PeerSide
from sip.gate.post import Lookup, Post, new_branch
from sip.gate.records import Record, record_of
from sip.gate.session import SessionTimers
from sip.gate.stack_side import StackSide
from sip.gate.tables import Fate, Sent, Tables
from sip.gate.wires import DatagramReader, Wires
from sip.journal import note
from sip.reactor import Reactor
from sip.wiretap import Wiretap

_SWEEP, _LAST_WORDS = 5.0, 1.0
#: Seconds within which the refusal of an ACK, or of the connection that it needs, counts.
_ACK_HEARD = 6.0
#: Bytes of an ACK that came back: its request line, and the beginning of a Via that nobody guesses.
_ENOUGH_OF_AN_ACK = 60
#: Called with a leg's id, its Call-ID, and the record of its dialog; None once there is none.
Recorded = Callable[[str, str, Record | None], None]


class Gate:
    """One worker's gate."""

    def __init__(self, reactor: Reactor, settings: Sip, sip_port: int) -> None:
        self._reactor = reactor
        self._tables = Tables()
        self._inner = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._inner.bind(("127.0.0.1", 0))
        self._inner.setblocking(False)
        self.inner_port: int = self._inner.getsockname()[1]
        self.wires = Wires(
            reactor, settings.bind_address, sip_port, self._from_peer, self._lost, self._refused
        )
        self._post = Post(reactor, self._tables, self.wires, self._look_up, settings.user_agent)
        self._stack = StackSide(self._tables, self._post, self, self._put_in)
        self._peers = PeerSide(
            self._tables, self._post, self._stack, self, lambda: f"127.0.0.1:{self.inner_port}"
        )
        self.answers_side = self._peers.answers
        self.timers = SessionTimers(reactor, self.end_call)
        self._sweeper = task.LoopingCall(self._sweep)
        self._sweeper.clock = reactor
        #: Finds the addresses of a host.
        self.lookup: Lookup = lambda host: defer.succeed(())
        #: Shows messages to an operator who looks.
        self.wiretap: Wiretap | None = None
        self._own_address = settings.bind_address
        self._front: Front | None = None
        self._sources: tuple[firewall.AllowedNetwork, ...] = ()
        self.wires.sent = lambda data, flow: self._show(data, flow, sent=True)
        #: Hears of every dialog that begins, changes or ends.
        self.recorded: Recorded = lambda leg_id, call_id, record: None
        #: Hears of a trunk's Service-Route, whenever its registration was granted.
        self.routed: Callable[[str, tuple[str, ...]], None] = lambda trunk, routes: None

    def connect(self, stack_port: int) -> None:
        """Speak with PJSIP at this port of loopback, and with nobody else on this socket."""
        self._inner.connect(("127.0.0.1", stack_port))
        self._reactor.addReader(DatagramReader(self._inner, self._from_stack))

    def _look_up(self, host: str) -> defer.Deferred[tuple[IPv4Address, ...]]:
        return self.lookup(host)

    def hear_only(self, sources: Iterable[firewall.AllowedNetwork]) -> None:
        """Let in what comes from these sources and no others."""
        self._sources = tuple(sources)
        self._apply_sources()

    def _apply_sources(self) -> None:
        spoken = self._front.spoken if self._front is not None else ()
        self.wires.hear_only((*self._sources, *(firewall.AllowedNetwork(ip_network(one)) for one in spoken)))

    # --- one port for registrations and calls -----------------------------------------------------------

    def be_front(self, path: str, listeners: Mapping[Listener, int]) -> None:
        """Lend our port to the workers that come; :class:`PortTakenError` where a listener has none."""
        for (transport, tls), port in listeners.items():
            self.wires.listen(transport, tls, port)
        self._front = Front(self._reactor, self.wires, self._apply_sources)
        self._front.unclaimed = self._take
        self._front.listen(path)

    def use_front(self, path: str, port: int, listeners: Mapping[Listener, int]) -> None:
        """Send by the port of another worker where a hop says so."""
        self.wires.front = FrontLine(
            self._reactor, path, port, listeners, self._from_peer, self._lost, self._refused, self._holdings
        )

    def _holdings(self) -> Iterable[Holding]:
        for call in self._tables.calls.values():
            if call.hop.front:
                seen = call.peer.seen_at if call.peer is not None else None
                yield call.call_id, seen.address if seen is not None else call.hop.address

    # --- what lines ask ---------------------------------------------------------------------------------

    def send_by(self, hop: Hop, word: str = "") -> str:
        """Announce a request of PJSIP's: the word that its X-Ringback-Hop has to say."""
        word = word or secrets.token_hex(8)
        self._stack.hops[word] = hop
        while len(self._stack.hops) > 64:
            del self._stack.hops[next(iter(self._stack.hops))]
        return word

    def expect(self, user: str, expected: Expected) -> None:
        """Let one INVITE to this user in."""
        self._peers.expected[user] = expected

    def expect_no_more(self, leg_id: str) -> None:
        """Nobody is to call this leg any more."""
        for user, expected in list(self._peers.expected.items()):
            if expected.hop.leg_id == leg_id:
                del self._peers.expected[user]

    def fate_of(self, call_id: str) -> Fate | None:
        """Why the gate ended a call; None if it did not."""
        return self._tables.fates.get(call_id)

    def heard(self, call_id: str) -> bool:
        """Whether the peer has said anything to the INVITE that began this call."""
        call = self._tables.calls.get(call_id)
        return any(
            one.provisional or one.final
            for one in self._tables.sent.values()
            if one.call is call and one.method == "INVITE"
        )

    def give_up(self, call_id: str) -> None:
        """Wait no longer for the first response to an INVITE: it has failed as far as PJSIP knows.

        What its peer still says is the gate's: CANCEL follows a provisional response, BYE an answer.
        """
        call = self._tables.calls.get(call_id)
        if call is None:
            return
        for invite in self._tables.invites_of(call):
            if not invite.absorbed:
                invite.absorbed, invite.began_at = True, self._reactor.seconds()
                self._stack.tell(invite, 408, tag="gate")
        self.ended(call)

    def forget(self, call_id: str) -> None:
        """The leg is over for PJSIP: in a moment, what its peer still says is the gate's.

        PJSIP tells of an end before its BYE leaves.
        """
        self._reactor.callLater(_LAST_WORDS, self._forget, call_id)

    def _forget(self, call_id: str) -> None:
        self.timers.refreshers.pop(call_id, None)
        call = self._tables.calls.get(call_id)
        if call is None or call.over:
            return
        for invite in self._tables.invites_of(call):
            invite.absorbed = True
            invite.began_at = self._reactor.seconds()
        self.ended(call)

    def end_dialog(self, record: Record, hop: Hop) -> defer.Deferred[bool]:
        """End a dialog of another process, which died; whether the peer answered."""
        done: defer.Deferred[bool] = defer.Deferred()
        if not self._sweeper.running:
            self._sweeper.start(_SWEEP, now=False)
        self.answers_side.end_record(record, hop, lambda answered: done.callback(answered))
        return done

    # --- Ends -------------------------------------------------------------------------------------------

    def began(self, call: Call) -> None:
        """An INVITE went out, or a dialog stands, or its target is another one now."""
        if not self._sweeper.running:
            self._sweeper.start(_SWEEP, now=False)
        if call.over or call.hop.leg_id == "":
            return
        self.recorded(call.hop.leg_id, call.call_id, record_of(call, self._tables))

    def ended(self, call: Call) -> None:
        """There is no dialog any more."""
        if not call.over:
            call.over = True
            self.timers.forget(call)
            call.ended_at = self._reactor.seconds()
            self.recorded(call.hop.leg_id, call.call_id, None)

    def asks(self, call: Call, message: Message) -> None:
        """A request of PJSIP's goes to the peer."""
        self.timers.write_request(call, message)

    def answers(self, call: Call, request: Message, answer: Message) -> None:
        """A final answer of PJSIP's goes to the peer."""
        self.timers.write_answer(call, request, answer)

    def answered(self, call: Call, answer: Message) -> bool:
        """The peer's final answer to a request of PJSIP's; whether PJSIP is to send that once more."""
        if answer.status in (408, 481) and call.peer is not None and not call.over:
            why = f"the peer answered {answer.status}: it does not know the call any more"
            fate = Fate(HangupCause.SESSION_EXPIRED, why, answer.status)
            self._tables.fates.setdefault(call.call_id, fate)
            # PJSIP mostly says BYE by itself.
            self._reactor.callLater(_LAST_WORDS, self.end_call, call, fate)
        return self.timers.answered(call, answer) if answer.method in ("INVITE", "UPDATE") else False

    def too_short(self, call: Call, request: Message) -> bool:
        """Whether a peer asks for too short a session."""
        return self.timers.too_short(call, request)

    def registered(self, call: Call, routes: tuple[str, ...]) -> None:
        """Pass on what the registrar asks for."""
        if call.hop.trunk:
            self.routed(call.hop.trunk, routes)

    def end_call(self, call: Call, fate: Fate, *, direct: bool = False) -> None:
        """BYE to the peer, and to PJSIP as if from the peer; ``direct``: to where the peer was seen."""
        peer = call.peer
        if call.over or peer is None:
            return
        self._tables.fates.setdefault(call.call_id, fate)
        note("leg_failed", leg=call.hop.leg_id, cause=fate.cause, reason=fate.why)
        self.answers_side.say_bye(call, peer, peer.seen_at if direct else None)
        self._bye_to_stack(call, peer)
        self.ended(call)

    def _bye_to_stack(self, call: Call, peer: Peer) -> None:
        here, inner = f"sip:gate@127.0.0.1:{self.wires.port}", f"127.0.0.1:{self.inner_port}"
        call.remote_cseq += 1
        bye = Message("BYE", here, headers=[
            ("Via", f"SIP/2.0/UDP {inner};rport;branch={new_branch()}"), ("Max-Forwards", "70"),
            ("From", f"<sip:peer@{inner}>;tag={safe_tag(peer.tag)}"),
            ("To", f"<{here}>;tag={call.local_tag}"),
            ("Call-ID", call.call_id), ("CSeq", f"{call.remote_cseq} BYE"),
        ])  # fmt: skip
        self._put_in(bye.dump())

    # --- I/O --------------------------------------------------------------------------------------------

    def _put_in(self, data: bytes) -> None:
        try:
            self._inner.send(data)
        except OSError as error:
            note("stack_unreachable", reason=error)

    def _from_stack(self, data: bytes, source: tuple[str, int]) -> None:
        try:
            self._stack.take(data)
        except Exception as error:  # noqa: BLE001 - PJSIP sends it again; the process must not end by it
            note("stack_message_failed", kind=type(error).__name__, reason=error)

    def _show(self, data: bytes, flow: Flow, *, sent: bool) -> None:
        if self.wiretap is None or not self.wiretap.on:
            return
        call = self._tables.calls.get(call_id_in(data))
        self.wiretap.saw(
            data,
            sent=sent,
            transport=flow.transport,
            local=(
                call.hop.local_address if call else self._own_address,
                self.wires.port_of("udp", Tls(), front=flow.front),
            ),
            peer=(flow.address, flow.port),
            leg_id=call.hop.leg_id if call else "",
            trunk=call.hop.trunk if call else "",
        )

    def _from_peer(self, data: bytes, flow: Flow) -> None:
        if self._front is None or call_id_in(data) in self._tables.calls or not self._front.take(data, flow):
            self._take(data, flow)

    def _take(self, data: bytes, flow: Flow) -> None:
        self._show(data, flow, sent=False)
        self._peers.take(data, flow)
        if not self._sweeper.running and not self._tables.empty:
            self._sweeper.start(_SWEEP, now=False)

    def _refused(self, data: bytes) -> None:
        """The kernel tells that a datagram of ours reached nobody (ICMP); ``data`` is its beginning.

        Only an INVITE that was not answered with one word is believed to have failed by that, and the ACK of
        a 2xx not to have arrived.
        """
        if self._front is not None:
            self._front.refused(data)
        if data.startswith(b"ACK ") and len(data) > _ENOUGH_OF_AN_ACK:
            for one in list(self._tables.sent.values()):
                if one.ack.startswith(data) and one.ack_flow is not None:
                    self._ack_refused(one, one.ack_flow, "nobody listens there")
            return
        branch = re.search(rb"^Via: SIP/2\.0/UDP [^\r\n]*;branch=(z9hG4bK[0-9A-Za-z._~-]{8,})", data, re.M)
        sent = self._tables.sent.get((branch[1].decode(), "INVITE")) if branch else None
        if sent is not None and not sent.provisional and not sent.final and sent.call.peer is None:
            self._stack.fail(sent, 503, HangupCause.UNREACHABLE, "nobody listens there")

    def _ack_refused(self, sent: Sent, flow: Flow, reason: str) -> None:
        """An ACK has no answer; that it was refused tells that the peer's Contact leads nowhere."""
        peer = sent.call.peer
        late = self._reactor.seconds() - sent.final_at > _ACK_HEARD
        if peer is not None and not late and peer.seen_at != flow and not sent.call.over:
            where = peer.target.where[0]
            why = f"its Contact {where} cannot be reached ({reason}); if it is behind NAT, set nat: true"
            self.end_call(sent.call, Fate(HangupCause.UNREACHABLE, why), direct=True)

    def _lost(self, flow: Flow, reason: str) -> None:
        """A connection is gone: what waits for an answer on it gets none, and an ACK on it did not arrive."""
        if self._front is not None:
            self._front.lost(flow, reason)
        for sent in list(self._tables.sent.values()):
            if sent.ack_flow == flow:
                self._ack_refused(sent, flow, reason)
            if sent.flow != flow or sent.final:
                continue
            if sent.request is None:
                self._post.give_up(sent)
            else:
                self._stack.fail(sent, 503, HangupCause.UNREACHABLE, f"{flow.address}: {reason}")

    def _sweep(self) -> None:
        self._tables.sweep(self._reactor.seconds())
        if self.wires.front is not None:
            pending = (sent.call.call_id for sent in self._tables.sent.values())
            self.wires.front.forget_all_but({*self._tables.calls, *pending})
        if self._tables.empty:
            self._sweeper.stop()
