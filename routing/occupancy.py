"""Who is taken by which call: a place at a destination is held from the dial to the end of the leg. Pure."""

from __future__ import annotations


class Occupancy:
    """The places that calls hold at destinations.

    A call holds one place at a destination, on however many of its phones it rings there. It keeps it until
    the last of these legs has ended.
    """

    def __init__(self) -> None:
        #: By destination and call: the legs.
        self._legs: dict[str, dict[str, set[str]]] = {}

    def calls(self, destination: str) -> int:
        """How many calls hold a place at a destination."""
        return len(self._legs.get(destination, ()))

    def holds(self, destination: str, call_id: str) -> bool:
        """Whether this call holds a place there."""
        return call_id in self._legs.get(destination, ())

    def held_by(self, call_id: str) -> list[str]:
        """The destinations where this call holds a place."""
        return [destination for destination, calls in self._legs.items() if call_id in calls]

    def is_free(self, destination: str, call_id: str, most: int | None) -> bool:
        """Whether this call may ring a destination that takes ``most`` calls at once; None: any number."""
        return most is None or self.holds(destination, call_id) or self.calls(destination) < most

    def take(self, destination: str, call_id: str, leg_id: str) -> None:
        """Hold a place for a leg that is dialled."""
        self._legs.setdefault(destination, {}).setdefault(call_id, set()).add(leg_id)

    def give_back(self, destination: str, call_id: str, leg_id: str) -> None:
        """The leg has ended; one that held no place is no error."""
        calls = self._legs.get(destination, {})
        legs = calls.get(call_id, set())
        legs.discard(leg_id)
        if not legs:
            calls.pop(call_id, None)
        if not calls:
            self._legs.pop(destination, None)
