"""Whose request it is: the client's IP address, through the proxies that are trusted and no others. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

from config.base import Network

#: What addresses have in common that one visitor's may change among, while they fill in a form.
_NETWORKS = {4: 24, 6: 48}


def sender_of(connection: HTTPConnection, trusted: Sequence[Network]) -> str:
    """The address that sent a request, as :func:`client_address` says."""
    peer = connection.client.host if connection.client else None
    return client_address(peer, connection.headers.getlist("x-forwarded-for"), trusted)


def client_address(peer: str | None, forwarded_for: Sequence[str], trusted: Sequence[Network]) -> str:
    """The address that sent a request, in the form that limits count: IPv6 by its /64 network.

    ``forwarded_for`` are the values of X-Forwarded-For. They are read from the end, where our own proxies
    wrote, and no further than the first address that is not trusted: what stands before it is a claim.
    """
    address = _address(peer or "")
    hops = [hop for value in forwarded_for for hop in value.split(",")]
    while hops and address is not None and any(address in network for network in trusted):
        before = _address(hops.pop())
        if before is None:
            break
        address = before
    return _countable(address)


def network_of(client_ip: str) -> str:
    """The network of an address as :func:`client_address` writes it; what is no address stays as it is."""
    try:
        network = ip_network(client_ip)
    except ValueError:
        return client_ip
    return str(network.supernet(new_prefix=_NETWORKS[network.version]))


def is_trusted(peer: str | None, trusted: Sequence[Network]) -> bool:
    """Whether this is the address of one of the proxies."""
    address = _address(peer or "")
    return address is not None and any(address in network for network in trusted)


@lru_cache(maxsize=4096)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in ``192.0.2.1``, ``192.0.2.1:80``, ``2001:db8::1`` or ``[2001:db8::1]:80``."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _countable(address: IPv4Address | IPv6Address | None) -> str:
    if address is None:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False))
    return str(address)
