"""What every destination is doing, counted from the legs of the live calls; the planner's directory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import MappingProxyType

from bridge.legs import Leg, LegState
from routing.directory import Directory, Standing, Turns
from routing.occupancy import Occupancy

_IDLE = Standing()
_FIRST = Turns()


class Roster:
    """:class:`bridge.protocols.LegWatcher` that remembers, for as long as the process lives."""

    def __init__(self) -> None:
        self._standings: dict[str, Standing] = {}
        self._turns: dict[str, Turns] = {}
        #: Business legs that have not ended, and whether they took the call.
        self._open: dict[str, bool] = {}
        self._occupancy = Occupancy()

    def directory(self, call_id: str | None = None) -> Directory:
        """Who is free now: a view, to decide one call with and not to keep.

        Whom that call holds itself is free for it: a phone that it has just lost, say.
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

    def legs_changed(self, legs: Iterable[Leg], step: str) -> None:
        """Take note of one call's legs; ``step`` is the ring step that the hunt is in."""
        for leg in legs:
            if leg.role == "business":
                self._follow(leg, step)

    def _follow(self, leg: Leg, step: str) -> None:
        name, call_id = leg.endpoint.destination, leg.leg_id.rpartition("-")[0]
        standing = self._standings.get(name, _IDLE)
        if leg.leg_id not in self._open:
            if leg.state is LegState.ENDED:
                return
            self._open[leg.leg_id] = False
            self._occupancy.take(name, call_id, leg.leg_id)
            standing = standing.offered(leg.dialed_at)
            self._turns[step] = self._turns.get(step, _FIRST).offered(name)
        if leg.joined_at is not None and not self._open[leg.leg_id]:
            self._open[leg.leg_id] = True
            standing = standing.answered(leg.joined_at)
        if leg.state is LegState.ENDED:
            del self._open[leg.leg_id]
            self._occupancy.give_back(name, call_id, leg.leg_id)
            # A leg that never reported its end has none of its own.
            standing = standing.ended(leg.ended_at if leg.ended_at is not None else leg.dialed_at)
        self._standings[name] = replace(standing, live_calls=self._occupancy.calls(name))
