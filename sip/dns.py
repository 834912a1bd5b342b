"""DNS for SIP: NAPTR, SRV and A records with their time to live, and the machine's hosts file."""

# mypy: disallow-untyped-calls=False
# Twisted leaves its names without annotations.

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, Generic, TypeVar

from twisted.internet import defer, threads
from twisted.names import client, dns, error, hosts
from twisted.python.filepath import FilePath

from sip.reactor import Reactor
from sip.targets import Naptr, Srv

#: Seconds to wait for an answer, at the first try and the second.
PATIENCE = (1, 2)
#: Seconds for which an answer of the hosts file or the system's resolver is cached.
LOCAL_TTL = 60.0
#: The most records of one answer that are used.
MOST_RECORDS = 40
HOSTS_FILE, RESOLV_CONF = "/etc/hosts", "/etc/resolv.conf"

Record = TypeVar("Record")


class DnsError(Exception):
    """No name server answered; the text says what happened. The name may exist."""


@dataclass(frozen=True, slots=True)
class DnsAnswer(Generic[Record]):
    """Records, and the seconds to cache them; empty if the name has none of that kind."""

    records: tuple[Record, ...]
    ttl: float


class Dns:
    """Asks the name servers of resolv.conf, or those given, one after the other.

    Runs on the reactor's thread except for names that DNS does not know: those the system's own resolver is
    asked for on a thread of the pool, for it knows of search domains and other sources (nsswitch.conf).
    """

    def __init__(
        self,
        reactor: Reactor,
        servers: list[tuple[str, int]] | None = None,
        hosts_file: str = HOSTS_FILE,
        patience: tuple[float, ...] = PATIENCE,
    ) -> None:
        self._reactor = reactor
        self._hosts = hosts_file
        self._patience = patience
        self._client = client.Resolver(
            resolv=None if servers else RESOLV_CONF, servers=servers, timeout=patience, reactor=reactor
        )

    async def naptr(self, name: str) -> DnsAnswer[Naptr]:
        """NAPTR records; :class:`DnsError`."""

        def read(record: Any) -> Naptr:
            return Naptr(
                record.order,
                record.preference,
                record.flags.string.decode("ascii", "replace"),
                record.service.string.decode("ascii", "replace"),
                _text(record.replacement),
            )

        return await self._ask(self._client.lookupNamingAuthorityPointer, name, dns.NAPTR, read)

    async def srv(self, name: str) -> DnsAnswer[Srv]:
        """SRV records; :class:`DnsError`."""

        def read(record: Any) -> Srv:
            return Srv(record.priority, record.weight, record.port, _text(record.target))

        return await self._ask(self._client.lookupService, name, dns.SRV, read)

    async def addresses(self, name: str) -> DnsAnswer[IPv4Address]:
        """IPv4 addresses of a host; :class:`DnsError`."""
        if pinned := self.pinned(name):
            return DnsAnswer(pinned, LOCAL_TTL)
        answer = await self._ask(
            self._client.lookupAddress, name, dns.A, lambda record: IPv4Address(record.dottedQuad())
        )
        if answer.records:
            return answer
        found = await threads.deferToThreadPool(
            self._reactor, self._reactor.getThreadPool(), _system_addresses, name
        )
        return DnsAnswer(found, LOCAL_TTL) if found else answer

    def pinned(self, name: str) -> tuple[IPv4Address, ...]:
        """The addresses of a name in the machine's hosts file."""
        try:
            found = hosts.searchFileForAll(FilePath(self._hosts), name.encode("ascii", "ignore"))
        except OSError:
            return ()
        return tuple(dict.fromkeys(IPv4Address(text) for text in found if ":" not in text))

    async def _ask(
        self,
        query: Callable[..., Any],
        name: str,
        kind: int,
        read: Callable[[Any], Record],
    ) -> DnsAnswer[Record]:
        try:
            answers, _, _ = await _deferred(query, name, self._patience)
        except (error.DNSNameError, error.DNSFormatError):
            return DnsAnswer((), 0.0)
        except Exception as failure:  # time-outs, refusals and network errors mean that there is no answer
            raise DnsError(f"{name}: {_words(failure)}") from failure
        fitting = [answer for answer in answers[:MOST_RECORDS] if answer.payload and answer.type == kind]
        ttl = min((float(answer.ttl) for answer in answers), default=0.0)
        return DnsAnswer(tuple(read(answer.payload) for answer in fitting), ttl)


def _deferred(query: Callable[..., Any], name: str, patience: tuple[float, ...]) -> Awaitable[Any]:
    return defer.maybeDeferred(query, name, timeout=patience)


def _text(name: Any) -> str:
    return str(name.name.decode("ascii", "replace")).rstrip(".") or "."


def _words(failure: Exception) -> str:
    if isinstance(failure, defer.TimeoutError | error.DNSQueryTimeoutError):
        return "no name server answers"
    if isinstance(failure, error.DNSServerError):
        return "the name server failed"
    return str(failure) or type(failure).__name__


def _system_addresses(name: str) -> tuple[IPv4Address, ...]:
    try:
        found = socket.getaddrinfo(name, None, socket.AF_INET, socket.SOCK_DGRAM)
    except OSError:
        return ()
    return tuple(dict.fromkeys(IPv4Address(entry[4][0]) for entry in found))
