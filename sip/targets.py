"""From DNS records of a SIP peer to the addresses to try, in order (RFC 3263 section 4, RFC 2782). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from itertools import groupby
from typing import Literal

Transport = Literal["udp", "tcp", "tls"]

#: The port if neither the settings nor DNS name one.
DEFAULT_PORT: dict[Transport, int] = {"udp": 5060, "tcp": 5060, "tls": 5061}
#: Where a domain's servers are listed (RFC 3263 section 4.1).
SERVICE: dict[Transport, str] = {"udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"}
#: Their names in NAPTR records.
NAPTR_SERVICE: dict[str, Transport] = {"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": "tls"}
#: The most addresses of one peer to try, because a shopper is waiting.
MOST_TARGETS = 8


@dataclass(frozen=True, slots=True)
class Target:
    """One address to send a request to."""

    address: IPv4Address
    port: int
    transport: Transport


@dataclass(frozen=True, slots=True)
class Naptr:
    """A NAPTR record (RFC 3403): ``replacement`` is the name to ask for next, as ``flags`` says."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Srv:
    """An SRV record (RFC 2782). The target "." says that there is no such service."""

    priority: int
    weight: int
    port: int
    target: str


@dataclass(frozen=True, slots=True)
class SipServer:
    """A server of a peer, with its addresses in the order of the DNS answer."""

    #: Rank of its transport in the peer's preferences; the lowest comes first.
    rank: int
    priority: int
    weight: int
    port: int
    transport: Transport
    addresses: tuple[IPv4Address, ...]


@dataclass(frozen=True, slots=True)
class ServerListing:
    """Where to look a peer's servers up: SRV records of ``name``, or, where DNS says so, its addresses."""

    name: str
    transport: Transport
    #: "srv" or "a".
    kind: Literal["srv", "a"] = "srv"


def listings(host: str, records: Iterable[Naptr], spoken: Sequence[Transport]) -> list[ServerListing]:
    """Where to look next: as the peer's NAPTR records say, else the usual places.

    ``spoken`` are the transports that may be used, the best first.
    """
    found = []
    for record in sorted(records, key=lambda record: (record.order, record.preference)):
        transport = NAPTR_SERVICE.get(record.service.upper())
        if transport is None or transport not in spoken or record.replacement in ("", "."):
            continue
        if record.flags.lower() == "s":
            found.append(ServerListing(record.replacement, transport))
        elif record.flags.lower() == "a":
            found.append(ServerListing(record.replacement, transport, "a"))
    return found or [ServerListing(f"{SERVICE[transport]}.{host}", transport) for transport in spoken]


def in_order(servers: Iterable[SipServer], random: Callable[[], float]) -> tuple[Target, ...]:
    """The addresses to try, in order; ``random`` gives numbers from 0 to 1 for RFC 2782's weights."""
    targets: dict[Target, None] = {}
    ranked = sorted(servers, key=lambda server: (server.rank, server.priority))
    for _, group in groupby(ranked, key=lambda server: (server.rank, server.priority)):
        for server in _weighted(list(group), random):
            for address in server.addresses:
                targets[Target(address, server.port, server.transport)] = None
    return tuple(targets)[:MOST_TARGETS]


def _weighted(servers: list[SipServer], random: Callable[[], float]) -> Iterable[SipServer]:
    """RFC 2782: each next one is drawn by weight; those of weight 0 have a small chance, being first."""
    left = sorted(servers, key=lambda server: server.weight)
    while left:
        drawn = random() * sum(server.weight for server in left)
        for server in left:
            drawn -= server.weight
            if drawn <= 0:
                break
        left.remove(server)
        yield server


def literal(address: IPv4Address, port: int | None, transport: Transport) -> SipServer:
    """The one server that an address is."""
    return SipServer(0, 0, 0, port or DEFAULT_PORT[transport], transport, (address,))
