"""The networks around an IPv6 address, of which one customer of a provider has a whole one. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Network

#: Lengths of networks that providers hand out (RFC 6177, RIPE-690), and how many times what one address may
#: do a whole one may: a /56 is a household or a small office, a /48 a company, or many phones of a carrier.
TIMES: Mapping[int, int] = {56: 4, 48: 16}


@lru_cache(maxsize=4096)
def wider_networks(client_ip: str) -> Mapping[int, str]:
    """The /56 and the /48 of an address as ``api.addresses`` writes it; empty for one that is no IPv6 /64."""
    if ":" not in client_ip:
        return {}
    try:
        network = IPv6Network(client_ip)
    except ValueError:
        return {}
    return {
        length: str(network.supernet(new_prefix=length)) for length in TIMES if network.prefixlen > length
    }
