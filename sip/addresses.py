"""Hosts and addresses of SIP peers as the settings write them, and ours as they see it."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from config.sections.sip import Sip

Address = IPv4Address


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


@dataclass(frozen=True, slots=True)
class OurAddress:
    """An address of ours: what a peer is told, and what we bind to toward it."""

    shown: str
    bound: str


def ours_toward(peer: IPv4Address | IPv6Address, settings: Sip) -> OurAddress:
    """Our address as this peer sees it: the public one counts only for peers outside our own network."""
    wildcard = settings.bind_address in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    own = local_address_for(peer) if wildcard else settings.bind_address
    public = settings.public_address if peer.is_global else None
    return OurAddress(public or own, own)


def local_address_for(peer: IPv4Address | IPv6Address) -> str:
    """The address of ours that packets to this peer leave from; sends nothing."""
    family = socket.AF_INET if peer.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((str(peer), 5060))
        return str(probe.getsockname()[0])
