"""Where the next worker runs: a place that no living worker has. Pure: times are handed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from config.fields import PortRange
from media.engines.description import Place

#: Seconds for which a place is left alone after a worker could not start there.
SHUN_SECONDS = 60.0


class Places:
    """Remembers when each place was given to a worker, and where none could start."""

    def __init__(self) -> None:
        self._given: dict[Place, float] = {}
        self._shunned: dict[Place, float] = {}

    def take(self, places: Iterable[Place], taken: Sequence[Place], now: float) -> Place | None:
        """The best of these places that overlaps none of those ``taken``; None if there is none.

        Of equal places the one that was unused for the longest time: somebody who talked to a worker that is
        gone may still send.
        """
        self._shunned = {place: until for place, until in self._shunned.items() if until > now}
        blocked = {
            port for place in (*taken, *self._shunned) for ports in place.ports for port in _each(ports)
        }
        best = min(
            (place for place in places if all(blocked.isdisjoint(_each(ports)) for ports in place.ports)),
            key=lambda place: (
                sum(place.shares_with(other) for other in taken),
                place.rank,
                self._given.get(place, 0.0),
            ),
            default=None,
        )
        if best is not None:
            self._given[best] = now
        return best

    def shunned_ports(self, now: float) -> set[int]:
        """Ports of places where no worker could start lately."""
        shunned = (place for place, until in self._shunned.items() if until > now)
        return {port for place in shunned for ports in place.ports for port in _each(ports)}

    def shun(self, place: Place, now: float) -> None:
        """A worker could not start there."""
        self._shunned[place] = now + SHUN_SECONDS


def _each(ports: PortRange) -> range:
    return range(ports.first, ports.last + 1)
