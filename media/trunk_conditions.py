"""The condition of each trunk, and the order in which a leg tries them. Pure: times are arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from routing.plan import SipEndpoint, TrunkWay

#: ``unknown``: nothing is known, or it is too old. ``held``: the trunk asked us to wait (Retry-After).
State = Literal["unknown", "up", "held", "down", "unresolved"]
#: How an attempt to place a leg, or a ping, went; ``busy`` is a 503 with Retry-After.
Outcome = Literal["answers", "unresolved", "silent", "busy"]

#: Seconds for which a trunk without pings is tried last after it failed a call.
DOUBT = 30.0
#: The most seconds that a Retry-After holds a trunk back: a wrong one could shut it off for days.
LONGEST_HOLD = 600.0
#: The order in which trunks are tried, the best first; trunks that are held are not tried.
_RANK: dict[State, int] = {"up": 0, "unknown": 0, "down": 1, "unresolved": 1}


@dataclass(frozen=True, slots=True)
class TrunkCondition:
    """A trunk as an operator sees it. Times are seconds since the epoch."""

    state: State = "unknown"
    since: float = 0.0
    #: What was wrong, in words; empty while all is well.
    reason: str = ""
    #: The addresses that calls go to, as host:port.
    addresses: tuple[str, ...] = ()
    #: What is wrong with DNS, also while older addresses still work.
    name_problem: str = ""
    #: When it is tried again, if it is held.
    held_until: float | None = None
    #: The last SIP status of a ping or call, 0 for none, and the seconds that the last ping took.
    status: int = 0
    ping_seconds: float | None = None
    #: Attempts to place a leg that failed since the start.
    failures: int = 0

    @property
    def usable(self) -> bool:
        """Whether calls are expected to go through."""
        return self.state in ("up", "unknown")


@dataclass(slots=True)
class _Known:
    condition: TrunkCondition
    pinged: bool
    #: When a trunk that is down becomes unknown, if nothing is heard from it before.
    doubt_until: float | None = None


@dataclass(slots=True)
class TrunkConditions:
    """Every trunk's condition, and what has changed."""

    _known: dict[str, _Known] = field(default_factory=dict)
    _changes: list[tuple[str, TrunkCondition, TrunkCondition]] = field(default_factory=list)

    def configure(self, pinged: Mapping[str, bool], changed: Iterable[str], now: float) -> None:
        """Take the trunks, and whether each is pinged; those that ``changed`` become unknown."""
        fresh = set(changed)
        self._known = {
            name: _Known(known.condition, pings, known.doubt_until)
            if (known := self._known.get(name)) is not None and name not in fresh
            else _Known(TrunkCondition(since=now), pings)
            for name, pings in pinged.items()
        }

    def conditions(self, now: float) -> dict[str, TrunkCondition]:
        """Every trunk's condition."""
        for name in self._known:
            self._expire(name, now)
        return {name: known.condition for name, known in self._known.items()}

    def take_changes(self) -> list[tuple[str, TrunkCondition, TrunkCondition]]:
        """The changes since the last time: a trunk's name, and its condition before and after."""
        changes, self._changes = self._changes, []
        return changes

    def resolved(self, name: str, addresses: tuple[str, ...], problem: str, now: float) -> None:
        """DNS was asked. While DNS fails, a trunk works with its older addresses."""
        if (known := self._known.get(name)) is None:
            return
        known.condition = replace(known.condition, addresses=addresses, name_problem=problem)
        if not addresses:
            self._become(name, "unresolved", problem or "its host has no address", now)
        elif known.condition.state == "unresolved":
            self._become(name, "unknown", "", now)

    def pinged(self, name: str, status: int, seconds: float | None, problem: str, now: float) -> None:
        """A ping was answered with ``status``, or failed because of ``problem``."""
        if (known := self._known.get(name)) is None:
            return
        known.condition = replace(known.condition, status=status, ping_seconds=seconds)
        self._expire(name, now)
        if known.condition.state in ("held", "unresolved"):
            return
        known.doubt_until = None
        self._become(name, "down" if problem else "up", problem, now)

    def called(self, name: str, outcome: Outcome, status: int, retry_after: float, now: float) -> None:
        """A leg was tried through the trunk."""
        if (known := self._known.get(name)) is None:
            return
        known.condition = replace(
            known.condition,
            status=status or known.condition.status,
            failures=known.condition.failures + (outcome != "answers"),
        )
        match outcome:
            case "busy":
                seconds = min(max(retry_after, 0.0), LONGEST_HOLD)
                known.condition = replace(known.condition, held_until=now + seconds)
                self._become(name, "held", f"it says {status}, Retry-After {retry_after:.0f} s", now)
            case "silent":
                known.doubt_until = None if known.pinged else now + DOUBT
                self._become(name, "down", "it gives no response, or refuses the connection", now)
            case "unresolved":
                problem = known.condition.name_problem or "its host has no address"
                self._become(name, "unresolved", problem, now)
            case "answers":
                self._expire(name, now)
                if known.condition.state != "held":
                    known.doubt_until = None
                    self._become(name, "up", "", now)

    def arrange(self, endpoint: SipEndpoint, now: float) -> SipEndpoint | None:
        """The leg with its trunks in the order to try them; None if all of them are held."""
        if not endpoint.ways or endpoint.originate is not None:
            return endpoint
        conditions = self.conditions(now)
        open_ways = [way for way in endpoint.ways if self._state(conditions, way) != "held"]
        if not open_ways:
            return None
        ranked = sorted(open_ways, key=lambda way: _RANK[self._state(conditions, way)])
        return endpoint if tuple(ranked) == endpoint.ways else endpoint.through(tuple(ranked))

    @staticmethod
    def _state(conditions: Mapping[str, TrunkCondition], way: TrunkWay) -> State:
        return conditions[way.trunk].state if way.trunk in conditions else "unknown"

    def _expire(self, name: str, now: float) -> None:
        known = self._known[name]
        until = known.condition.held_until
        if known.condition.state == "held" and (until is None or now >= until):
            known.condition = replace(known.condition, held_until=None)
            self._become(name, "unknown", "", now)
        elif known.condition.state == "down" and known.doubt_until is not None and now >= known.doubt_until:
            known.doubt_until = None
            self._become(name, "unknown", "", now)

    def _become(self, name: str, state: State, reason: str, now: float) -> None:
        known = self._known[name]
        before = known.condition
        held = before.held_until if state == "held" else None
        if before.state == state:
            known.condition = replace(before, reason=reason, held_until=held)
            return
        known.condition = replace(before, state=state, since=now, reason=reason, held_until=held)
        self._changes.append((name, before, known.condition))
