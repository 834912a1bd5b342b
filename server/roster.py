"""What every destination is doing, counted from the legs of the live calls; the planner's directory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from bridge.bulletin import Interest, on
from bridge.facts import LegDialled, LegGone, LegJoined
from routing.directory import Directory, Standing, Turns
from routing.occupancy import Occupancy

_IDLE = Standing()
_FIRST = Turns()


class Roster:
    """A :class:`bridge.bulletin.Subscriber` that remembers, for as long as the process lives."""

    def __init__(self) -> None:
        self._standings: dict[str, Standing] = {}
        self._turns: dict[str, Turns] = {}
        #: Business legs that have not ended, and whether they took the call.
        self._open: dict[str, bool] = {}
        self._occupancy = Occupancy()

    def directory(self, call_id: str | None = None) -> Directory:
        """Who is free now: a view, to decide one call with and not to keep.

        A destination that the call itself holds is free for it, such as a phone that it has just lost.
        """
        own = self._occupancy.held_by(call_id) if call_id else ()
        standings = self._standings
        if own:
            freed = {
                name: replace(standings[name], live_calls=standings[name].live_calls - 1) for name in own
            }
            standings = {**standings, **freed}
        return Directory(MappingProxyType(standings), MappingProxyType(self._turns))

    def is_free(self, destination: str, call_id: str, most: int | None) -> bool:
        """Whether this call may ring a destination that takes ``most`` calls at once."""
        return self._occupancy.is_free(destination, call_id, most)

    def interests(self) -> Iterable[Interest]:
        """The facts that it counts."""
        return (
            on(LegDialled, self._dialled),
            on(LegJoined, self._joined),
            on(LegGone, self._gone),
        )

    def _dialled(self, fact: LegDialled) -> None:
        if fact.role == "business":
            name = fact.destination
            self._open[fact.leg_id] = False
            self._occupancy.take(name, fact.call_id, fact.leg_id)
            self._turns[fact.step] = self._turns.get(fact.step, _FIRST).offered(name)
            self._become(name, self._standings.get(name, _IDLE).offered(fact.at))

    def _joined(self, fact: LegJoined) -> None:
        if self._open.get(fact.leg_id) is False:
            self._open[fact.leg_id] = True
            self._become(fact.destination, self._standings[fact.destination].answered(fact.at))

    def _gone(self, fact: LegGone) -> None:
        if self._open.pop(fact.leg_id, None) is not None:
            self._occupancy.give_back(fact.destination, fact.call_id, fact.leg_id)
            self._become(fact.destination, self._standings[fact.destination].ended(fact.at))

    def _become(self, name: str, standing: Standing) -> None:
        self._standings[name] = replace(standing, live_calls=self._occupancy.calls(name))
