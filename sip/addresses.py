"""Hosts and addresses of SIP peers as the settings write them, and ours as they see it."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address

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


def local_address_for(peer: Address) -> str:
    """The address of ours that packets to this peer leave from; sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((str(peer), 5060))
        return str(probe.getsockname()[0])
