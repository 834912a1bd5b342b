"""Places a worker's legs: through trunks, to bare SIP URIs, and as ties to other workers."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Network, ip_network
from typing import Any

import pjsua2 as pj
from twisted.internet import defer, task

from bridge.causes import HangupCause
from bridge.commands import Dial
from bridge.events import LegAwaited
from config.sections.sip import Sip
from config.sections.trunks import Tls, Trunk
from routing.plan import SipEndpoint
from sip.accounts import (
    LOOPBACK,
    OwnAddress,
    awaiting_account,
    hop_for,
    hop_header,
    own_address_for,
    plain_account,
    trunk_account,
    uri_at,
)
from sip.addresses import Address, split_host
from sip.firewall import AllowedNetwork
from sip.gate.calls import Hop
from sip.gate.peer_side import Expected
from sip.gate.records import Record
from sip.gate.uris import Transport
from sip.guard import MediaEntry
from sip.journal import note
from sip.latching import MediaPeer
from sip.line_account import LineAccount
from sip.outgoing import Attempt, Outgoing, TrunkNews
from sip.pj_call import PjCall, header
from sip.ports import RestingPorts
from sip.reactor import Reactor
from sip.requests import caller_of, domain_of, safe_headers, target_of
from sip.resolver import Resolver
from sip.sip_leg import SipLeg
from sip.stack import Stack
from sip.switchboard import Switchboard
from sip.targets import Target

#: Seconds between lookups of host names whose DNS answers are too old.
_REFRESH_INTERVAL = 60.0
#: PJ_ETOOMANY: PJSIP still keeps the slots of legs whose far side has not confirmed the end.
_NO_SLOT = 70010
_SLOT_RETRY = 0.1
_SLOT_WAIT = 5.0
#: Ties stay on this machine: one codec is enough, and this one costs least.
_TIE_CODECS = ("PCMU",)
_ANY_CODECS = ("PCMU", "PCMA", "G722")
#: PJSUA_MAX_ACC of the pjsua2 wheel: one more account aborts the process.
_MOST_ACCOUNTS = 8
#: The port of a URI's host.
_PORT = re.compile(r":(\d+)(?:[;?>]|$)")


class Lines:
    """Opens accounts as they are needed, and keeps the firewall in step with their peers' addresses."""

    def __init__(
        self,
        reactor: Reactor,
        stack: Stack,
        settings: Sip,
        trunks: dict[str, Trunk],
        rtp_port: int,
        heard: Callable[[TrunkNews], None] = lambda news: None,
    ) -> None:
        self._reactor = reactor
        self._gate = stack.gate
        self._settings = settings
        self._trunks = trunks
        self._rtp_port = rtp_port
        self._book = Resolver(reactor, self._addresses_changed)
        self._outgoing = Outgoing(reactor, self._book, trunks, heard)
        #: Least recently used first.
        self._accounts: dict[tuple[str | None, str], LineAccount] = {}
        self._registered = 0
        self._resting = RestingPorts(reactor)
        #: The address where other workers of this node reach this one.
        self.tie_address = _tie_address(settings.bind_address)
        self._board: Switchboard | None = None
        self._addresses_changed()
        self._gate.lookup = self._book.lookup
        self._tie_place = OwnAddress(
            self.tie_address,
            self.tie_address,
            self._gate.wires.port,
            rtp_port,
            own=True,
            gate_port=self._gate.inner_port,
        )
        self._tie_line = self._open(plain_account(self._tie_place))
        for trunk in trunks.values():
            self.lookup(trunk).addErrback(_lookup_failed)
        self._refresher = task.LoopingCall(lambda: defer.ensureDeferred(self._book.refresh()))
        self._refresher.clock = reactor
        self._refresher.start(_REFRESH_INTERVAL, now=False)

    def tie_uri(self, secret: str) -> str:
        """Where another worker dials a tie to this one."""
        return f"sip:{secret}@{self.tie_address}:{self._gate.wires.port}"

    def dial(self, leg_id: str, command: Dial, board: Switchboard) -> SipLeg:
        """Begin a leg to an endpoint; a later failure ends the leg."""
        endpoint = command.endpoint
        if not isinstance(endpoint, SipEndpoint):
            raise TypeError("a phone worker dials by SIP alone")
        trunk = self._trunks[endpoint.trunk] if endpoint.trunk is not None else None
        leg = SipLeg(
            leg_id,
            board,
            self._reactor,
            codecs=trunk.codecs if trunk else _ANY_CODECS,
            entry=self._entry(MediaPeer(listed=_listed(trunk))),
            dtmf=trunk.dtmf if trunk else "rfc4733",
            media_timeout=endpoint.media_timeout,
            asked=endpoint.screening is not None,
            gate=self._gate,
        )
        board.adopt(leg)
        if endpoint.originate is not None and trunk is not None:
            self._watch(leg, self._await(leg, trunk, board))
        else:
            self._watch(leg, self._dial(leg, endpoint))
        return leg

    def dial_tie(self, leg_id: str, uri: str, board: Switchboard) -> SipLeg:
        """Begin a tie to another worker."""
        leg = self._tie_leg(leg_id, board)
        target = target_of(uri)
        hop = Hop(target.uri, target.host, target.port or 5060, local_address=self.tie_address, leg_id=leg_id)
        self._watch(leg, self._place(leg, self._tie_line, target.uri, pj.CallOpParam(True), hop))
        return leg

    def await_tie(self, leg_id: str, secret: str, board: Switchboard) -> SipLeg:
        """Begin a leg for a tie that another worker will dial by this secret."""
        self._board = board
        leg = self._tie_leg(leg_id, board)
        hop = Hop("", self.tie_address, 5060, local_address=self.tie_address, leg_id=leg_id)
        self._gate.expect(secret, Expected(hop, self.tie_address))
        return leg

    def _tie_leg(self, leg_id: str, board: Switchboard) -> SipLeg:
        entry = self._entry(MediaPeer(own=True))
        leg = SipLeg(leg_id, board, self._reactor, codecs=_TIE_CODECS, entry=entry, gate=self._gate)
        board.adopt(leg)
        return leg

    def register(self, name: str, trunk: Trunk, line: pj.Account, target: Target) -> None:
        """Open an account that registers; RuntimeError if PJSIP has no free one."""
        if self._registered + 1 >= _MOST_ACCOUNTS:
            raise RuntimeError(f"no more than {_MOST_ACCOUNTS - 1} trunks can be registered")
        self._registered += 1
        place = self._trunk_place(trunk, target.address)
        word = self.register_at(name, trunk, target)
        line.create(trunk_account(trunk, place, register=word))

    def register_at(self, name: str, trunk: Trunk, target: Target) -> str:
        """Send a trunk's REGISTERs there from now on; returns the word by which the gate knows them."""
        place = self._trunk_place(trunk, target.address)
        uri = f"sip:{trunk.host}" + ("" if trunk.transport == "udp" else f";transport={trunk.transport}")
        hop = hop_for(trunk, place, target.address, uri, target.port)
        return self._gate.send_by(replace(hop, trunk=name), f"register {name}")

    def lookup(self, trunk: Trunk) -> defer.Deferred[tuple[Target, ...]]:
        """The addresses of a trunk's next hop, in the order to try them."""
        hop = split_host(trunk.outbound_proxy or trunk.host)
        return defer.ensureDeferred(self._book.resolve(hop.host, hop.port, trunk.transport))

    def end_dialog(self, record: Record) -> defer.Deferred[bool]:
        """End the dialog of a dead worker; returns whether the peer answered."""
        trunk = self._trunks.get(record.trunk)
        peer = Address(record.address)
        place = OwnAddress(record.local_address, "", self._gate.wires.port, self._rtp_port)
        hop = Hop(record.uri, record.address, record.port, record.transport, local_address=place.address)
        if trunk is not None:
            hop = replace(hop_for(trunk, place, peer, record.uri, record.port), address=record.address)
        # The firewall must let its answer in.
        return self._book.lookup(record.address).addCallback(lambda _: self._gate.end_dialog(record, hop))

    async def _dial(self, leg: SipLeg, endpoint: SipEndpoint) -> None:
        await self._outgoing.place(leg, endpoint, lambda attempt: self._invite(leg, endpoint, attempt))

    async def _invite(self, leg: SipLeg, endpoint: SipEndpoint, attempt: Attempt) -> None:
        """Send one INVITE."""
        trunk, peer = attempt.trunk, attempt.target.address
        leg.codecs, leg.keys.way = (trunk.codecs, trunk.dtmf) if trunk else (_ANY_CODECS, "rfc4733")
        if trunk is None and str(peer) == self.tie_address and self._is_own(attempt.uri):
            # A browser worker: another of our own processes.
            leg.meet(self._entry(MediaPeer(own=True)))
            account = self._tie_line
        else:
            leg.meet(self._entry(MediaPeer(attempt.known, _listed(trunk))))
            account = self._account(attempt.name, trunk, peer, attempt.target.transport)
        domain = domain_of(trunk) if trunk else own_address_for(peer, self._settings, 0, 0).address
        caller = caller_of(endpoint, trunk, domain)
        options = pj.CallOpParam(True)
        options.txOption.localUri = caller.from_
        headers, refused = safe_headers(endpoint.headers)
        told = {name.lower() for name, _ in caller.headers}
        headers = [*caller.headers, *(pair for pair in headers if pair[0].lower() not in told)]
        for name, value in headers:
            options.txOption.headers.append(header(name, value))
        if refused:
            note("headers_refused", leg=leg.leg_id, names=", ".join(refused))
        await self._place(leg, account, attempt.uri, options, self._hop(leg.leg_id, attempt))

    async def _await(self, leg: SipLeg, trunk: Trunk, board: Switchboard) -> None:
        """Let the trunk's peer dial the leg, at an account of its own with a secret user part."""
        targets = await self.lookup(trunk)
        if leg.over:
            return
        if not targets:
            leg.hang_up(HangupCause.TRUNK_UNRESOLVED)
            return
        self._board = board
        leg.meet(self._entry(MediaPeer(frozenset(target.address for target in targets), _listed(trunk))))
        secret = secrets.token_hex(12)
        first = targets[0]
        # The peer is told to call this worker's own port.
        place = self._place_of(trunk.transport, trunk.tls, first.address)
        hop = replace(hop_for(trunk, place, first.address, "", first.port, leg.leg_id), front=False)
        self._make_room()
        line = self._open(awaiting_account(trunk, place, secret))
        line.legs.append(leg)
        self._accounts[None, secret] = line
        board.expect(leg, secret)
        self._gate.expect(secret, Expected(hop))
        board.report(LegAwaited(leg.leg_id, uri_at(place, secret)))

    def _hop(self, leg_id: str, attempt: Attempt) -> Hop:
        trunk, target = attempt.trunk, attempt.target
        if trunk is None:
            address = own_address_for(target.address, self._settings, 0, 0).address
            return Hop(
                attempt.uri,
                str(target.address),
                target.port,
                target.transport,
                attempt.host,
                local_address=address,
                leg_id=leg_id,
            )
        place = self._trunk_place(trunk, target.address)
        hop = hop_for(trunk, place, target.address, attempt.uri, target.port, leg_id)
        return replace(hop, trunk=attempt.name or "", service_route=attempt.routes)

    async def _place(
        self, leg: SipLeg, account: LineAccount, uri: str, options: pj.CallOpParam, hop: Hop
    ) -> None:
        """Send the INVITE as soon as PJSIP has a free slot."""
        account.legs.append(leg)
        options.txOption.headers.append(hop_header(self._gate.send_by(hop)))
        uri = stack_uri(uri)
        deadline = self._reactor.seconds() + _SLOT_WAIT
        while not leg.over:
            try:
                leg.dial(account, uri, options)
                return
            except pj.Error as error:
                if error.status != _NO_SLOT or leg.over:
                    raise
                if self._reactor.seconds() >= deadline:
                    note("no_slot", leg=leg.leg_id)
                    leg.hang_up(HangupCause.CONGESTION)
                    return
            await task.deferLater(self._reactor, _SLOT_RETRY, lambda: None)

    def _watch(self, leg: SipLeg, dialling: Any) -> None:
        def failed(failure: Any) -> None:
            leg.broke("dial", failure.value)

        defer.ensureDeferred(dialling).addErrback(failed)

    def _account(
        self, name: str | None, trunk: Trunk | None, peer: Address, transport: Transport
    ) -> LineAccount:
        key = (name, transport if name is None else str(peer))
        if name is None:
            key = (None, f"{transport} {own_address_for(peer, self._settings, 0, 0).address}")
        if key in self._accounts:
            self._accounts[key] = self._accounts.pop(key)  # the most recently used now
        else:
            self._make_room()
            if trunk is None:
                self._accounts[key] = self._open(plain_account(self._place_of(transport, Tls(), peer)))
            else:
                place = self._trunk_place(trunk, peer)
                self._accounts[key] = self._open(trunk_account(trunk, place))
        return self._accounts[key]

    def _make_room(self) -> None:
        """Close the account that was idle for the longest time, if there are too many."""
        if len(self._accounts) + 1 < _MOST_ACCOUNTS:  # ties have one, too
            return
        idle = next(key for key, line in self._accounts.items() if not line.in_use)
        self._accounts.pop(idle).shutdown()

    def _trunk_place(self, trunk: Trunk, peer: Address) -> OwnAddress:
        return self._place_of(trunk.transport, trunk.tls, peer, front=trunk.shares_port)

    def _place_of(self, transport: Transport, tls: Tls, peer: Address, *, front: bool = False) -> OwnAddress:
        port = self._gate.wires.port_of(transport, tls, front=front)
        place = own_address_for(peer, self._settings, port, self._rtp_port)
        return replace(place, transport=transport, gate_port=self._gate.inner_port)

    def _open(self, config: pj.AccountConfig) -> LineAccount:
        line = LineAccount(self._reactor, self._incoming)
        line.create(config)
        return line

    def _incoming(self, user: str, call: PjCall) -> bool:
        """Take a tie, or a leg that a trunk's peer dials; the gate lets nothing else in."""
        return self._board is not None and self._board.accept_tie(user, call)

    def _entry(self, peer: MediaPeer) -> MediaEntry:
        bind = LOOPBACK if peer.own else self._settings.bind_address
        return MediaEntry(bind, peer, self._resting)

    def _is_own(self, uri: str) -> bool:
        """Whether a URI on this machine is one of our workers, by its port."""
        port = _PORT.search(uri)
        return port is not None and self._settings.ports.first <= int(port[1]) <= self._settings.ports.last

    def _addresses_changed(self) -> None:
        sources = {AllowedNetwork(ip_network(self.tie_address), self._settings.ports)}
        sources |= {AllowedNetwork(network) for trunk in self._trunks.values() for network in trunk.addresses}
        sources |= {AllowedNetwork(ip_network(address)) for address in self._book.addresses}
        self._gate.hear_only(sources)


def stack_uri(uri: str) -> str:
    """The request URI for PJSIP, which only speaks UDP to the gate; the gate chooses the transport."""
    uri = re.sub(r";transport=[^;?>]*", "", uri, flags=re.IGNORECASE)
    return re.sub(r"^sips:", "sip:", uri, flags=re.IGNORECASE)


def _tie_address(bind: str) -> str:
    return "127.0.0.1" if bind == "0.0.0.0" else bind  # noqa: S104


def _listed(trunk: Trunk | None) -> tuple[IPv4Network, ...]:
    """The networks that a trunk's media may come from: its ``addresses``."""
    return tuple(net for net in trunk.addresses if isinstance(net, IPv4Network)) if trunk else ()


def _lookup_failed(failure: Any) -> None:
    note("lookup_failed", reason=failure.value)
