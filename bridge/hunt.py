"""The hunt: which destinations ring next, step by step."""

from __future__ import annotations

from dataclasses import dataclass

from routing.plan import Endpoint, PlannedStep


@dataclass(frozen=True, slots=True)
class Ring:
    """Destinations to ring now. ``timeout`` in seconds is the group's when ``together``, else each one's."""

    endpoints: tuple[Endpoint, ...]
    timeout: float
    together: bool


class Hunt:
    """Walks the ring steps of a plan. Pure: it counts, and knows neither legs nor time."""

    def __init__(self, steps: tuple[PlannedStep, ...]) -> None:
        self._rings = [ring for step in steps for ring in _rings(step)]
        self._next = 0
        #: Destinations rung so far.
        self.attempt = 0

    def next(self) -> Ring | None:
        """What to ring next; None when every destination has been rung."""
        if self._next == len(self._rings):
            return None
        ring = self._rings[self._next]
        self._next += 1
        self.attempt += len(ring.endpoints)
        return ring


def _rings(step: PlannedStep) -> list[Ring]:
    match step.strategy:
        case "all":
            return [Ring(step.endpoints, step.timeout, together=True)]
        case "in_order":
            return [Ring((endpoint,), step.timeout, together=False) for endpoint in step.endpoints]
