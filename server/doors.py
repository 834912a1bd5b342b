"""Who may be connected to the HTTP side: caps in total and for each address. Pure.

A connection *waits* while nobody has to answer it: before the end of a request's head, and between requests.
Who comes when an address or the server is full takes the place of the connection that has waited longest, so
that a stranger who opens connections and says nothing pushes out none but their own kind.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Guest = TypeVar("Guest", bound=Hashable)


class FullError(Exception):
    """There is no place, and nobody who waits could give theirs up."""


@dataclass(slots=True)
class _Address(Generic[Guest]):
    guests: int = 0
    #: In the order in which they began to wait.
    waiting: dict[Guest, None] = field(default_factory=dict)


class Doors(Generic[Guest]):
    """Counts connections and says who has to leave."""

    def __init__(self) -> None:
        self._address_of: dict[Guest, str] = {}
        self._addresses: dict[str, _Address[Guest]] = {}
        self._waiting: dict[Guest, None] = {}

    def __len__(self) -> int:
        return len(self._address_of)

    def enter(self, guest: Guest, address: str, *, most: int, most_of_address: int | None) -> Guest | None:
        """Let a connection in, which waits at first; returns the one that has to be closed for it.

        ``most_of_address`` is None for a proxy, whose connections are those of many. :class:`FullError`
        where nobody waits who could be closed.
        """
        there = self._addresses.get(address) or _Address()
        leaving: Guest | None = None
        if most_of_address is not None and there.guests >= most_of_address:
            leaving = _first(there.waiting)
        elif len(self) >= most:
            leaving = _first(self._waiting)
        if leaving is not None:
            self.leave(leaving)
        self._addresses[address] = there
        self._address_of[guest] = address
        there.guests += 1
        self.waits(guest)
        return leaving

    def waits(self, guest: Guest) -> None:
        """Nobody has to answer this connection from now on; one that has left is no error."""
        address = self._address_of.get(guest)
        if address is not None:
            for waiting in (self._waiting, self._addresses[address].waiting):
                waiting.pop(guest, None)
                waiting[guest] = None

    def served(self, guest: Guest) -> None:
        """A request of this connection is answered from now on; one that has left is no error."""
        address = self._address_of.get(guest)
        if address is not None:
            self._waiting.pop(guest, None)
            self._addresses[address].waiting.pop(guest, None)

    def leave(self, guest: Guest) -> None:
        """Forget a connection; one that has left is no error."""
        self.served(guest)
        address = self._address_of.pop(guest, None)
        if address is not None:
            self._addresses[address].guests -= 1
            if not self._addresses[address].guests:
                del self._addresses[address]


def _first(waiting: dict[Guest, None]) -> Guest:
    for guest in waiting:
        return guest
    raise FullError
