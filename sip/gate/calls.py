"""What the gate knows of one call: its dialogs' targets and routes (RFC 3261 section 12). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from config.sections.trunks import Tls
from sip.gate.digest import Challenge, Credentials
from sip.gate.message import Message, with_tag
from sip.gate.uris import Transport, Uri, UriError, address_of

#: Early dialogs of one INVITE; a response that would begin one more is dropped.
MOST_FORKS = 8


@dataclass(frozen=True, slots=True)
class Flow:
    """The way to a peer: an address by UDP, or a connection (``key`` tells connections apart)."""

    transport: Transport
    address: str
    port: int
    key: int = 0
    #: Whether it is the front's, which owns the port that trunks are registered from (:mod:`sip.gate.front`).
    front: bool = False


@dataclass(frozen=True, slots=True)
class Hop:
    """How a request of ours that begins something leaves: its target, its way, its sender."""

    #: The request URI as the peer gets it.
    uri: str
    #: IPv4 address and port that the request is sent to.
    address: str
    port: int
    transport: Transport = "udp"
    #: The name that ``address`` stands for, which a TLS certificate has to bear.
    name: str = ""
    tls: Tls = field(default_factory=Tls)
    #: The outbound proxy's Route, which every request carries first; empty for none.
    route: str = ""
    #: The Route headers that the trunk's registrar asks for (RFC 3608), of a request that begins a call.
    service_route: tuple[str, ...] = ()
    #: Whether what follows goes to where the peer's messages come from, and not to where they say.
    nat: bool = False
    credentials: Credentials | None = None
    #: Our address as this peer sees it.
    local_address: str = "127.0.0.1"
    #: The trunk's name; empty for a bare URI or a tie.
    trunk: str = ""
    leg_id: str = ""
    #: Seconds of RFC 4028 that we ask for; None for no session timer of ours.
    session_expires: int | None = None
    #: Whether requests leave from the port that the trunk is registered from.
    front: bool = False


@dataclass(slots=True)
class Peer:
    """One far side of a call, known by its tag: where requests to it go (RFC 3261 section 12.1)."""

    tag: str
    #: Its From or To, tag included, as it stands in requests to it.
    value: str
    target: Uri
    routes: list[str] = field(default_factory=list)
    #: Where its messages came from last.
    seen_at: Flow | None = None
    #: Methods that it says it takes; empty where it does not say.
    allow: frozenset[str] = frozenset()


@dataclass(slots=True)
class Call:
    """One Call-ID between PJSIP and its peer."""

    call_id: str
    #: How it began, if we began it; else how it would.
    hop: Hop
    #: Whether PJSIP began it.
    ours: bool
    #: Our From or To, tag included.
    local: str
    local_tag: str
    #: By tag, as PJSIP knows them.
    peers: dict[str, Peer] = field(default_factory=dict)
    #: The one whose 2xx or whose INVITE made the dialog.
    peer: Peer | None = None
    local_cseq: int = 0
    remote_cseq: int = 0
    over: bool = False
    ended_at: float | None = None
    #: Challenges that we were given, by the realm that PJSIP was told, and how often each nonce was used.
    challenges: dict[str, Challenge] = field(default_factory=dict)
    nonces: dict[str, int] = field(default_factory=dict)
    #: The Contact that the peer knows us by.
    contact: str = ""
    begun_at: float = 0.0

    def peer_of(self, tag: str) -> Peer | None:
        """The far side that PJSIP means by this tag."""
        return self.peers.get(tag) or self.peer


@dataclass(frozen=True, slots=True)
class Way:
    """Request URI, Route headers and the next hop's URI of a request within a dialog."""

    uri: str
    routes: tuple[str, ...]
    next_hop: Uri


def way_to(peer: Peer, hop: Hop) -> Way:
    """RFC 3261 section 12.2.1.1, with the outbound proxy in front of the route set, unless it is there."""
    routes = list(peer.routes)
    if hop.route:
        proxy = address_of(hop.route)
        first = address_of(routes[0]) if routes else None
        if first is None or (first.where[0], first.port or 5060) != (proxy.where[0], proxy.port or 5060):
            routes.insert(0, hop.route)
    if not routes:
        return Way(peer.target.text, (), peer.target)
    first = address_of(routes[0])
    if first.parameter("lr") is None:
        return Way(first.text, (*routes[1:], f"<{peer.target.text}>"), first)
    return Way(peer.target.text, tuple(routes), first)


def answered_by(message: Message, request_to: str, flow: Flow, *, routes: bool) -> Peer:
    """The far side that this response makes known (RFC 3261 section 12.1.2); ``UriError`` for an odd one."""
    contacts = message.all("Contact")
    if not contacts:
        raise UriError("no Contact")
    target = usable(address_of(contacts[0]))  # some write more than one, against RFC 3261 section 12.1.1
    route_set = route_set_of(message)[::-1] if routes else []
    return Peer(message.to_tag, message.get("To") or request_to, target, route_set, flow, methods_in(message))


def asked_by(message: Message, flow: Flow) -> Peer:
    """The far side that this INVITE makes known (RFC 3261 section 12.1.1); ``UriError`` for an odd one."""
    contacts = message.all("Contact")
    if len(contacts) != 1:
        raise UriError("no Contact, or more than one")
    target = usable(address_of(contacts[0]))
    return Peer(
        message.from_tag, message.get("From"), target, route_set_of(message), flow, methods_in(message)
    )


def route_set_of(message: Message) -> list[str]:
    """The Record-Route headers, each a URI that we can send to."""
    routes = message.all("Record-Route")
    if len(routes) > 20:
        raise UriError("too many Record-Routes")
    for route in routes:
        usable(address_of(route))
    return routes


def usable(uri: Uri) -> Uri:
    """The URI itself, if requests can be sent to it from here: by IPv4, over a transport that is spoken."""
    _ = uri.transport
    if ":" in uri.where[0]:
        raise UriError("an IPv6 address, which is not spoken here")
    return uri


def methods_in(message: Message) -> frozenset[str]:
    """The methods of Allow."""
    return frozenset(method.upper() for method in message.all("Allow")[:50])


def remote_value(call: Call, peer: Peer) -> str:
    """What stands for the far side in requests to it."""
    return peer.value if f"tag={peer.tag}" in peer.value else with_tag(peer.value, peer.tag)


def port_of(uri: Uri, transport: Transport) -> int:
    """The port of a URI (RFC 3261 section 19.1.2)."""
    return uri.port or (5061 if transport == "tls" else 5060)
