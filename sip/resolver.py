"""From names of SIP peers to addresses (RFC 3263): looked up when needed, and cached as DNS says.

What was known stays known while DNS fails: a call is better placed by an old address than not at all.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from twisted.internet import defer

from sip.dns import Dns, DnsAnswer, DnsError, Record
from sip.journal import note
from sip.reactor import Reactor
from sip.targets import (
    DEFAULT_PORT,
    MOST_TARGETS,
    ServerListing,
    SipServer,
    Srv,
    Target,
    Transport,
    in_order,
    listings,
    literal,
)

#: Bounds in seconds for caching an answer, and how long to cache that there is none.
SHORTEST, LONGEST, NOTHING = 5.0, 3600.0, 5.0
#: Seconds before asking again for a name whose servers did not answer.
FAILED = 10.0
#: Names that are cached; the least recently used is dropped first.
MOST_NAMES = 1000

Key = tuple[str, int | None, Transport | None]


@dataclass(frozen=True, slots=True)
class Lookup:
    """The result for a peer's name."""

    servers: tuple[SipServer, ...]
    #: When to ask again; seconds of the reactor's clock.
    until: float
    #: What went wrong the last time, in words; empty if nothing did.
    problem: str = ""

    @property
    def addresses(self) -> frozenset[IPv4Address]:
        """Every address of every server."""
        return frozenset(address for server in self.servers for address in server.addresses)


class Resolver:
    """Caches names. ``changed`` is called when the addresses of one change.

    IPv4 alone: the SIP stack is built without IPv6.
    """

    def __init__(
        self,
        reactor: Reactor,
        changed: Callable[[], None] = lambda: None,
        dns: Dns | None = None,
        pick: Callable[[], float] = random.random,
    ) -> None:
        self._reactor = reactor
        self._changed = changed
        self._dns = dns or Dns(reactor)
        self._pick = pick
        #: The least recently used first.
        self._known: dict[Key, Lookup] = {}
        self._asking: dict[Key, list[defer.Deferred[None]]] = {}

    @property
    def addresses(self) -> frozenset[IPv4Address]:
        """Every address known."""
        return frozenset().union(*(finding.addresses for finding in self._known.values()))

    async def resolve(self, host: str, port: int | None, transport: Transport | None) -> tuple[Target, ...]:
        """The addresses to try, the first first; none where the name has none that SIP can use.

        Without a transport the peer's NAPTR records choose one; with a port only addresses are looked up.
        Takes no longer than the patience with DNS, and no time for what is known.
        """
        finding = await self.find(host, port, transport)
        return in_order(finding.servers, self._pick)

    def lookup(self, host: str) -> defer.Deferred[tuple[IPv4Address, ...]]:
        """Every address of a host, whatever its servers; none where it has none that SIP can use."""

        async def addresses() -> tuple[IPv4Address, ...]:
            targets = await self.resolve(host, DEFAULT_PORT["udp"], None)
            return tuple(target.address for target in targets)

        return defer.ensureDeferred(addresses())

    async def find(self, host: str, port: int | None, transport: Transport | None) -> Lookup:
        """The result for a peer's name, looked up if the cached one is too old."""
        key: Key = (host.lower().rstrip("."), port, transport)
        known = self._known.pop(key, None)
        if known is not None:
            self._known[key] = known
            if self._reactor.seconds() < known.until:
                return known
            if known.servers and known.problem:
                # DNS failed the last time: do not wait for it while there is an older answer.
                defer.ensureDeferred(self._look_up(key)).addErrback(_lookup_broke)
                return known
        await self._look_up(key)
        return self._known[key]

    async def refresh(self) -> None:
        """Look up again all names that are too old, because requests may come from new addresses."""
        now = self._reactor.seconds()
        for key in [key for key, finding in self._known.items() if finding.until <= now]:
            await self._look_up(key)

    async def _look_up(self, key: Key) -> None:
        """Ask once for all that wait for this name."""
        if (waiting := self._asking.get(key)) is not None:
            mine: defer.Deferred[None] = defer.Deferred()
            waiting.append(mine)
            await mine
            return
        self._asking[key] = []
        try:
            self._remember(key, await self._ask(*key))
        finally:
            for other in self._asking.pop(key):
                other.callback(None)

    def _remember(self, key: Key, found: Lookup) -> None:
        known = self._known.pop(key, None)
        if known is not None and not found.servers:
            found = replace(found, servers=known.servers)
        while len(self._known) >= MOST_NAMES:
            del self._known[next(iter(self._known))]
        self._known[key] = found
        if found.addresses != (known.addresses if known else frozenset()):
            self._changed()

    async def _ask(self, host: str, port: int | None, transport: Transport | None) -> Lookup:
        now = self._reactor.seconds()
        try:
            address = ip_address(host)
        except ValueError:
            pass
        else:
            if isinstance(address, IPv6Address):
                return Lookup((), now + LONGEST, "an IPv6 address, which the SIP stack cannot use")
            return Lookup((literal(address, port, transport or "udp"),), now + LONGEST)
        try:
            servers, ttl = await self._servers(host, port, transport)
        except DnsError as error:
            return Lookup((), self._reactor.seconds() + FAILED, str(error))
        now = self._reactor.seconds()
        if not any(server.addresses for server in servers):
            return Lookup((), now + NOTHING, f"{host} has no IPv4 address")
        return Lookup(servers, now + min(max(ttl, SHORTEST), LONGEST))

    async def _servers(
        self, host: str, port: int | None, transport: Transport | None
    ) -> tuple[tuple[SipServer, ...], float]:
        """The servers of a name and how long to cache them; :class:`DnsError` if DNS fails."""
        spoken: tuple[Transport, ...] = (transport,) if transport else ("udp", "tcp", "tls")
        # All at once, because a shopper is waiting. Most peers only have an address.
        own = defer.ensureDeferred(_settled(self._dns.addresses(host)))
        if port is None and not self._dns.pinned(host):
            listed, ttl = await self._listed(host, spoken)
            if listed:
                return listed, ttl
        addresses = await own
        if isinstance(addresses, DnsError):
            raise addresses
        server = SipServer(0, 0, 0, port or DEFAULT_PORT[spoken[0]], spoken[0], addresses.records)
        return (server,), addresses.ttl

    async def _listed(self, host: str, spoken: Sequence[Transport]) -> tuple[tuple[SipServer, ...], float]:
        """The servers that SRV records name, and how long to cache them; none without records."""
        usual = listings(host, (), spoken)
        asked = {listing: defer.ensureDeferred(_or_nothing(self._dns.srv(listing.name))) for listing in usual}
        naptr = await _or_nothing(self._dns.naptr(host))
        servers: list[SipServer] = []
        ttls = [naptr.ttl] if naptr.records else []
        for rank, listing in enumerate(listings(host, naptr.records, spoken)):
            if listing.kind == "a":
                answer = await _or_nothing(self._dns.addresses(listing.name))
                port = DEFAULT_PORT[listing.transport]
                servers.append(SipServer(rank, 0, 0, port, listing.transport, answer.records))
                ttls.append(answer.ttl)
                continue
            srv = await (asked.get(listing) or _or_nothing(self._dns.srv(listing.name)))
            if srv.records:
                found, ttl = await self._hosts(rank, listing, srv)
                servers += found
                ttls.append(ttl)
        return tuple(servers), min(ttls, default=0.0)

    async def _hosts(
        self, rank: int, listing: ServerListing, srv: DnsAnswer[Srv]
    ) -> tuple[list[SipServer], float]:
        """The servers of SRV records; one without an address if they say that there is no such service."""
        records = srv.records[:MOST_TARGETS]
        asked = [
            defer.ensureDeferred(_or_nothing(self._dns.addresses(record.target)))
            for record in records
            if record.target != "."
        ]
        answers: list[DnsAnswer[IPv4Address]] = [await each for each in asked]
        found = iter(answers)
        servers = [
            SipServer(
                rank,
                record.priority,
                record.weight,
                record.port,
                listing.transport,
                () if record.target == "." else next(found).records,
            )
            for record in records
        ]
        return servers, min([srv.ttl, *(answer.ttl for answer in answers if answer.records)])


def _lookup_broke(failure: Any) -> None:
    note("lookup_failed", reason=failure.value)


async def _settled(asked: Awaitable[DnsAnswer[Record]]) -> DnsAnswer[Record] | DnsError:
    """The answer, or the error."""
    try:
        return await asked
    except DnsError as error:
        return error


async def _or_nothing(asked: Awaitable[DnsAnswer[Record]]) -> DnsAnswer[Record]:
    """The answer, empty if DNS fails: another record may be enough."""
    answer = await _settled(asked)
    return DnsAnswer((), 0.0) if isinstance(answer, DnsError) else answer
