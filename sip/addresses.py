"""Names of SIP peers to addresses, looked up off the reactor's thread and remembered."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from twisted.internet import defer, threads

from sip.reactor import Reactor

Address = IPv4Address

#: Seconds after which a name is looked up again.
REFRESH_INTERVAL = 60.0


@dataclass(frozen=True, slots=True)
class HostName:
    """A peer's host without its port, as :func:`split_host` finds it."""

    host: str
    port: int | None


def split_host(text: str) -> HostName:
    """Host and port of ``host``, ``host:port``, ``[v6]``, ``[v6]:port`` or a SIP URI's address part."""
    text = text.removeprefix("sips:").removeprefix("sip:").rpartition("@")[2].partition(";")[0]
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        return HostName(host, int(port[1:]) if port else None)
    host, colon, port = text.partition(":")
    if ":" in port:  # an IPv6 address without brackets
        return HostName(text, None)
    return HostName(host, int(port) if colon else None)


class AddressBook:
    """Remembers the addresses of every host it was asked for, and asks again now and then.

    IPv4 alone: the SIP stack is built without IPv6, and an account for it would abort the process.
    ``changed`` is called with no argument when a name has got other addresses.
    """

    def __init__(self, reactor: Reactor, changed: Callable[[], None]):
        self._reactor = reactor
        self._changed = changed
        self._known: dict[str, tuple[Address, ...]] = {}

    @property
    def addresses(self) -> frozenset[Address]:
        """Every address known."""
        return frozenset(address for known in self._known.values() for address in known)

    def lookup(self, host: str) -> defer.Deferred[tuple[Address, ...]]:
        """Addresses of a host, at once where they are known; none where it has none that SIP can use."""
        if host in self._known:
            return defer.succeed(self._known[host])
        try:
            literal = ip_address(host)
        except ValueError:
            return self._resolve(host)
        if isinstance(literal, IPv6Address):
            return defer.succeed(())
        self._remember(host, (literal,))
        return defer.succeed((literal,))

    def refresh(self) -> None:
        """Look every name up again; a name that fails now keeps the addresses it had."""
        for host, known in list(self._known.items()):
            if [str(address) for address in known] != [host]:
                self._resolve(host)

    def _resolve(self, host: str) -> defer.Deferred[tuple[Address, ...]]:
        found = threads.deferToThreadPool(self._reactor, self._reactor.getThreadPool(), _addresses_of, host)
        return found.addCallback(lambda addresses: self._remember(host, addresses))

    def _remember(self, host: str, addresses: tuple[Address, ...]) -> tuple[Address, ...]:
        known = self._known.get(host, ())
        if addresses and addresses != known:
            self._known[host] = addresses
            self._changed()
        return addresses or known


def _addresses_of(host: str) -> tuple[Address, ...]:
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)
    except OSError:
        return ()
    return tuple(dict.fromkeys(IPv4Address(entry[4][0]) for entry in found))


def local_address_for(peer: Address) -> str:
    """The address of ours that packets to this peer leave from; sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((str(peer), 5060))
        return str(probe.getsockname()[0])
