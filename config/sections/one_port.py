"""The ports that trunks need whose calls leave from where they are registered. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from config.sections.trunks import Tls, Trunk

#: What tells one listener from another: connections of TLS need the right certificates.
Listener = tuple[Literal["udp", "tcp", "tls"], Tls]


def listeners_of(trunks: Iterable[Trunk]) -> list[Listener]:
    """The listeners for TCP and TLS that these trunks need, in order: the first has UDP's port."""
    found: dict[Listener, None] = {}
    for trunk in trunks:
        if trunk.shares_port and trunk.transport != "udp":
            found[trunk.transport, trunk.tls if trunk.transport == "tls" else Tls()] = None
    return list(found)


def ports_wanted(trunks: Iterable[Trunk]) -> int:
    """How many ports are needed: one, and one more for each further kind of connection."""
    sharing = [trunk for trunk in trunks if trunk.shares_port]
    return max(1, len(listeners_of(sharing))) if sharing else 0
