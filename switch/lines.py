"""The ways out of the switch: trunks and bare SIP URIs, and the way in for legs that a peer dials."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from twisted.internet import defer

from bridge.causes import HangupCause
from bridge.commands import Dial
from bridge.events import LegAwaited
from config.sections.sip import Sip
from config.sections.trunks import Tls, Trunk
from routing.plan import SipEndpoint
from sip.addresses import split_host
from sip.firewall import AllowedNetwork
from sip.gate.digest import Credentials
from sip.gate.message import Message
from sip.gate.records import Record
from sip.journal import note
from sip.outgoing import Attempt, Outgoing, TrunkNews
from sip.requests import caller_of, domain_of, route_of, safe_headers, transport_tag
from sip.resolver import Resolver
from sip.targets import Target
from switch.dialog_rules import sdp_of
from switch.invite_plan import InvitePlan
from switch.legs import SipLegBoard, SwitchSipLeg
from switch.media import SwitchMedia, Terms
from switch.records import cancel_of
from switch.request import Asked, Identity, Request
from switch.sofia import Handle
from switch.stack import Door, SofiaStack, bracketed

#: Seconds after which names whose answers are too old are looked up again.
_REFRESH_INTERVAL = 60.0
_ANY_CODECS = ("PCMU", "PCMA", "G722")
#: Smallest Session-Expires (RFC 4028 section 4).
_SHORTEST_SESSION = 90


@dataclass(frozen=True, slots=True)
class _Awaited:
    """A leg that a trunk's peer is to dial, and where it reaches us."""

    leg: SwitchSipLeg
    door: Door
    addresses: frozenset[str]


class SwitchLines:
    """Builds what an INVITE says, and keeps the firewall in step with the peers' addresses."""

    def __init__(
        self,
        reactor: Any,
        stack: SofiaStack,
        settings: Sip,
        trunks: Mapping[str, Trunk],
        media: SwitchMedia,
        heard: Callable[[TrunkNews], None],
    ) -> None:
        self._stack = stack
        self._settings = settings
        self._media = media
        self._heard = heard
        self._loop = asyncio.get_running_loop()
        self.book = Resolver(reactor, self._addresses_changed)
        self._reactor = reactor
        self._awaited: dict[str, _Awaited] = {}
        self.configure(trunks)
        self._refresh_later()

    def configure(self, trunks: Mapping[str, Trunk]) -> None:
        """Take these trunks from now on; legs that are there keep theirs."""
        self._trunks = trunks
        self._outgoing = Outgoing(self._reactor, self.book, trunks, self._heard)
        self._addresses_changed()
        for trunk in trunks.values():
            self.lookup(trunk).addErrback(_lookup_failed)

    def lookup(self, trunk: Trunk) -> defer.Deferred[tuple[Target, ...]]:
        """The addresses of a trunk's next hop, in the order to try them."""
        hop = split_host(trunk.outbound_proxy or trunk.host)
        return defer.ensureDeferred(self.book.resolve(hop.host, hop.port, trunk.transport))

    def dial(self, command: Dial, board: SipLegBoard) -> SwitchSipLeg:
        """Begin a leg to an endpoint; what fails later ends the leg."""
        endpoint = command.endpoint
        if not isinstance(endpoint, SipEndpoint):
            raise TypeError("a browser is not dialled by SIP")
        trunk = self._trunks[endpoint.trunk] if endpoint.trunk is not None else None
        leg = SwitchSipLeg(
            command.leg_id,
            board,
            self._media,
            self._terms(endpoint, trunk, "", frozenset(), keys_stay=command.keys_stay),
        )
        if endpoint.originate is not None and trunk is not None:
            self._watch(leg, self._await(leg, endpoint, trunk, board))
        else:
            self._watch(
                leg, self._outgoing.place(leg, endpoint, lambda one: self._invite(leg, endpoint, one))
            )
        return leg

    def invited(self, handle: Handle, request: int, invite: Message) -> None:
        """An INVITE from outside: for a leg that is awaited under this name, or for nobody."""
        user = user_of(invite.uri)
        awaited = self._awaited.pop(user, None)
        if awaited is None or awaited.leg.over:
            handle.respond(request, 403, "Forbidden")
            handle.destroy()
            return
        awaited.leg.take(handle, request, invite, sdp_of(invite), f"<{awaited.door.uri(user)}>")

    async def end_dialog(self, record: Record) -> bool:
        """End the dialog of a process that died; whether the peer answered."""
        trunk = self._trunks.get(record.trunk)
        target = Target(ip_address(record.address), record.port, record.transport)  # type: ignore[arg-type]
        # Its answer is to be let in.
        await self.book.lookup(record.address).asFuture(self._loop)
        door = self.door(target, trunk.tls if trunk else Tls())
        if record.method == "CANCEL":
            return self._cancel(record)
        asked = Asked(
            agent=door.agent,
            hop=hop_of(target),
            method=record.method,
            uri=record.uri,
            from_=record.from_,
            to=record.to,
            routes=record.routes,
            headers=(("Reason", 'Q.850;cause=41;text="Temporary failure"'),),
            credentials=credentials_of(trunk),
        )
        ended: asyncio.Future[bool] = self._loop.create_future()
        identity = Identity(record.call_id, record.cseq)
        Request(asked, identity, lambda status, message: ended.set_result(message is not None))
        return await ended

    def _cancel(self, record: Record) -> bool:
        """Send a CANCEL by UDP; nobody waits for its answer. A connection has died with its process."""
        if record.transport != "udp":
            return False
        family = socket.AF_INET6 if ":" in record.address else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.sendto(cancel_of(record), (record.address, record.port))
        return False

    def door(self, target: Target, tls: Tls) -> Door:
        """Where the peer at this address meets us."""
        return self._stack.door(target.address, target.transport, tls)

    async def _invite(self, leg: SwitchSipLeg, endpoint: SipEndpoint, attempt: Attempt) -> None:
        """Send one INVITE."""
        trunk, target = attempt.trunk, attempt.target
        door = self.door(target, trunk.tls if trunk else Tls())
        domain = domain_of(trunk) if trunk else bracketed(door.shown)
        caller = caller_of(endpoint, trunk, domain)
        told = {name.lower() for name, _ in caller.headers}
        headers, refused = safe_headers(endpoint.headers)
        if refused:
            note("headers_refused", leg=leg.leg_id, names=", ".join(refused))
        way = InvitePlan(
            agent=door.agent,
            hop=hop_of(target),
            uri=attempt.uri,
            from_=caller.from_,
            to=f"<{attempt.uri}>",
            contact=f"<{door.uri((trunk and trunk.username) or 'ringback')}>",
            headers=(*caller.headers, *(pair for pair in headers if pair[0].lower() not in told)),
            routes=routes_of(trunk, attempt.routes),
            credentials=credentials_of(trunk),
            session_expires=session_of(trunk),
            nat=trunk is not None and trunk.nat,
            address=str(target.address),
            port=target.port,
            transport=target.transport,
            local_address=door.shown,
        )
        keys_stay = leg.terms.keys_stay
        terms = self._terms(endpoint, trunk, door.shown, attempt.known, keys_stay=keys_stay)
        leg.invite(way, terms, dtmf=trunk.dtmf if trunk else "rfc4733", trunk=attempt.name or "")

    async def _await(
        self, leg: SwitchSipLeg, endpoint: SipEndpoint, trunk: Trunk, board: SipLegBoard
    ) -> None:
        """Let the trunk's peer dial the leg: under a name that nobody guesses."""
        targets = await self.lookup(trunk)
        if leg.over:
            return
        if not targets:
            leg.hang_up(HangupCause.TRUNK_UNRESOLVED)
            return
        secret = secrets.token_hex(12)
        door = self.door(targets[0], trunk.tls)
        known = frozenset(each.address for each in targets)
        leg.terms = self._terms(endpoint, trunk, door.shown, known, keys_stay=leg.terms.keys_stay)
        leg.dtmf = trunk.dtmf
        self._awaited = {user: one for user, one in self._awaited.items() if not one.leg.over}
        self._awaited[secret] = _Awaited(leg, door, frozenset(str(each.address) for each in targets))
        board.report(LegAwaited(leg.leg_id, door.uri(secret)))

    def _terms(
        self, endpoint: SipEndpoint, trunk: Trunk | None, address: str, known: Any, *, keys_stay: bool
    ) -> Terms:
        return Terms(
            address=address,
            codecs=trunk.codecs if trunk else _ANY_CODECS,
            srtp=trunk.srtp if trunk else "off",
            known=known,
            listed=networks_of(trunk),
            media_timeout=endpoint.media_timeout,
            asked=endpoint.screening is not None,
            keys_by_info=trunk is not None and trunk.dtmf == "info",
            keys_stay=keys_stay,
        )

    def _watch(self, leg: SwitchSipLeg, dialling: Any) -> None:
        def failed(failure: Any) -> None:
            leg.broke(HangupCause.FAILED, str(failure.value))

        defer.ensureDeferred(dialling).addErrback(failed)

    def _addresses_changed(self) -> None:
        sources = {AllowedNetwork(network) for trunk in self._trunks.values() for network in trunk.addresses}
        sources |= {AllowedNetwork(ip_network(address)) for address in self.book.addresses}
        self._stack.hear_only(sources)

    def _refresh_later(self) -> None:
        def refresh() -> None:
            defer.ensureDeferred(self.book.refresh()).addErrback(_lookup_failed)
            self._refresh_later()

        self._loop.call_later(_REFRESH_INTERVAL, refresh)


def hop_of(target: Target) -> str:
    """The URI that a request is sent to."""
    return f"sip:{bracketed(str(target.address))}:{target.port};transport={target.transport}"


def routes_of(trunk: Trunk | None, service_route: tuple[str, ...]) -> tuple[str, ...]:
    """The Route headers of a request outside of a dialog: an outbound proxy, then RFC 3608's."""
    if trunk is None:
        return ()
    own = route_of(trunk)
    return (*((own,) if own else ()), *service_route)


def credentials_of(trunk: Trunk | None) -> Credentials | None:
    """Who we are toward a trunk that asks."""
    if trunk is None or not trunk.username or not trunk.password:
        return None
    return Credentials(trunk.username, trunk.password.get_secret_value(), trunk.realm)


def session_of(trunk: Trunk | None) -> int | None:
    """Seconds of Session-Expires (RFC 4028)."""
    if trunk is None or trunk.session_expires is None:
        return None
    return max(_SHORTEST_SESSION, round(trunk.session_expires))


def networks_of(trunk: Trunk | None) -> tuple[IPv4Network | IPv6Network, ...]:
    """Where the operator lets a trunk's media come from: its ``addresses``."""
    return trunk.addresses if trunk else ()


def user_of(uri: str) -> str:
    """The user part of a SIP URI; empty without one."""
    return uri.partition(":")[2].rpartition("@")[0]


def register_uri(trunk: Trunk) -> str:
    """The registrar of a trunk."""
    return f"sip:{trunk.host}{transport_tag(trunk.transport)}"


def _lookup_failed(failure: Any) -> None:
    note("lookup_failed", reason=failure.value)
