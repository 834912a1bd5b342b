"""Chooses the ports of the next worker, which no living worker has. Pure: times are arguments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from config.fields import PortRange
from media.engines.description import PortSet

#: Seconds for which a port set is not used after a worker could not start on it.
SHUN_SECONDS = 60.0


class PortAllocator:
    """Remembers when each port set was given to a worker, and where none could start."""

    def __init__(self) -> None:
        self._given: dict[PortSet, float] = {}
        self._shunned: dict[PortSet, float] = {}

    def take(self, port_sets: Iterable[PortSet], taken: Sequence[PortSet], now: float) -> PortSet | None:
        """Choose the best of these port sets that overlaps none of those ``taken``; None if there is none.

        Of equal ones it takes the one that was unused for the longest time, because peers of a worker that is
        gone may still send.
        """
        self._shunned = {port_set: until for port_set, until in self._shunned.items() if until > now}
        blocked = {
            port for port_set in (*taken, *self._shunned) for ports in port_set.ports for port in _each(ports)
        }
        best = min(
            (
                port_set
                for port_set in port_sets
                if all(blocked.isdisjoint(_each(ports)) for ports in port_set.ports)
            ),
            key=lambda port_set: (
                sum(port_set.shares_with(other) for other in taken),
                port_set.rank,
                self._given.get(port_set, 0.0),
            ),
            default=None,
        )
        if best is not None:
            self._given[best] = now
        return best

    def shunned_ports(self, now: float) -> set[int]:
        """The ports where a worker could not start lately."""
        shunned = (port_set for port_set, until in self._shunned.items() if until > now)
        return {port for port_set in shunned for ports in port_set.ports for port in _each(ports)}

    def shun(self, port_set: PortSet, now: float) -> None:
        """Note that a worker could not start there."""
        self._shunned[port_set] = now + SHUN_SECONDS


def _each(ports: PortRange) -> range:
    return range(ports.first, ports.last + 1)
