"""The calls at each agent's desk, their state, and the wrap-up after they end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from bridge.bulletin import Interest, Later, at_once, on
from bridge.causes import HangupCause
from bridge.cdr import LegRole
from bridge.facts import (
    CallEnded,
    CallProgressed,
    LegDialled,
    LegDropped,
    LegFact,
    LegFellSilent,
    LegGone,
    LegHeardAgain,
    LegJoined,
    LegPutOnHold,
    LegTakenOffHold,
)
from bridge.losses import broke_off
from bridge.progress import CallProgress, Transfer
from bridge.protocols import Clock
from config.models import Config
from cti.agents import Agents
from routing.plan import ClickToCall, Endpoint

#: Seconds after a call in which its agent may still write about it.
REMEMBERED = 3600.0


@dataclass(frozen=True, slots=True)
class DeskCall:
    """A call that an agent has, or had."""

    call_id: str
    agent: str
    #: Name of the site in the settings.
    site: str
    #: The leg on which they have it.
    leg_id: str
    #: When they were joined with the shopper, in seconds since the epoch.
    since: float
    state: Literal["talking", "wrap_up", "over"] = "talking"
    #: When the wrap-up ends by itself.
    until: float | None = None
    held: bool = False
    consulting: str | None = None
    transfer: Transfer | None = None
    #: Whether the shopper is there: they may have put us on hold, or not be heard for the moment.
    shopper: Literal["there", "on_hold", "lost"] = "there"
    #: What the agent wrote.
    note: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """What a desk has to know of a leg."""

    leg_id: str
    role: LegRole
    endpoint: Endpoint
    #: Whether it ever was joined with another leg, and whether nobody has hung up yet.
    joined: bool = False
    live: bool = True
    on_hold: bool = False
    silent: bool = False
    #: Why it ended, once it has.
    cause: HangupCause | None = None


@dataclass(slots=True)
class _Watched:
    """A call that lives."""

    #: Its legs, the first one dialled first.
    sides: dict[str, Side] = field(default_factory=dict)
    progress: CallProgress | None = None


class Desks:
    """The calls of all agents, by their names; a :class:`bridge.bulletin.Subscriber`.

    What a moment means for the agents is settled once all of it is known (``settle``), so that an agent who
    wraps up a call is never free in between.

    ``click(call_id)`` is the engine's; ``owner`` tells whose browser or phone a leg rings. A call is an
    agent's by the leg that has it: one of their own, or as :meth:`took` tells. Of an attended transfer that
    is the leg of the agent who makes it.
    """

    def __init__(
        self,
        *,
        agents: Agents,
        owner: Callable[[Endpoint], str | None],
        click: Callable[[str], ClickToCall | None],
        config: Callable[[], Config],
        clock: Clock,
        settle: Later = at_once,
    ) -> None:
        self._wrapped_up: list[Callable[[str, float], None]] = []
        #: When each wrap-up that goes on began.
        self._wrapping: dict[tuple[str, str], float] = {}
        self._agents = agents
        self._owner = owner
        self._click = click
        self._config = config
        self._clock = clock
        self._settle = settle
        self._watchers: list[Callable[[DeskCall], None]] = []
        self._watched: dict[str, _Watched] = {}
        #: The calls that somebody has now, and those of the last hour by agent and call.
        self._talking: dict[str, DeskCall] = {}
        self._past: dict[tuple[str, str], DeskCall] = {}
        #: The leg that has each call, and the agents who took legs to phones that are not their own.
        self._holders: dict[str, Side] = {}
        self._taken: dict[str, str] = {}

    def watch(self, watcher: Callable[[DeskCall], None]) -> None:
        """Have ``watcher`` called with each change of a call at somebody's desk; it must not raise."""
        self._watchers.append(watcher)

    def calls_of(self, agent: str) -> list[DeskCall]:
        """What an agent is busy with: the calls that they have, then those that they wrap up."""
        known = [*self._talking.values(), *self._past.values()]
        return [call for call in known if call.agent == agent and call.state != "over"]

    def talking(self, call_id: str) -> DeskCall | None:
        """The agent who has the call now; None if no known agent has it."""
        return self._talking.get(call_id)

    def had(self, agent: str, call_id: str) -> DeskCall | None:
        """The call, if this agent has it or had it within the last hour."""
        call = self._talking.get(call_id)
        return call if call and call.agent == agent else self._past.get((agent, call_id))

    def took(self, call_id: str, agent: str) -> None:
        """The phone on which the call was taken, or will be in a moment, is this agent's."""
        holder = self._holders.get(call_id)
        self._taken[holder.leg_id if holder else call_id] = agent
        if holder:
            self._hold(call_id, holder)

    def left(self, call_id: str, agent: str) -> None:
        """This agent's phone does not have the call any more; no error if it never had."""
        holder = self._holders.get(call_id)
        key = holder.leg_id if holder else call_id
        if self._taken.get(key) == agent:
            del self._taken[key]
            self._hold(call_id, holder)

    def wrote(self, agent: str, call_id: str, note: str | None, code: str | None) -> None:
        """Replace the agent's note about a call with this text."""
        call = self.had(agent, call_id)
        if call:
            self._become(replace(call, note=note, code=code))

    def finish(self, agent: str, call_id: str) -> None:
        """End the wrap-up of a call; no error if the agent is not wrapping it up."""
        call = self._past.get((agent, call_id))
        if call and call.state == "wrap_up":
            self._become(replace(call, state="over", until=None))
            self._agents.wrapped_up(agent, call_id)
            began = self._wrapping.pop((agent, call_id), self._clock.time())
            for watcher in self._wrapped_up:
                watcher(call_id, max(0.0, self._clock.time() - began))

    def watch_wrap_ups(self, watcher: Callable[[str, float], None]) -> None:
        """Have ``watcher(call_id, seconds)`` told how long each wrap-up took; it must not raise."""
        self._wrapped_up.append(watcher)

    # --- what is told of the calls ----------------------------------------------------------------------

    def interests(self) -> Iterable[Interest]:
        """What the legs of a call do, how it stands, and its end."""
        return (
            on(LegDialled, self._dialled),
            on(LegJoined, lambda fact: self._changed(fact, joined=True)),
            on(LegPutOnHold, lambda fact: self._changed(fact, on_hold=True)),
            on(LegTakenOffHold, lambda fact: self._changed(fact, on_hold=False)),
            on(LegFellSilent, lambda fact: self._changed(fact, silent=True)),
            on(LegHeardAgain, lambda fact: self._changed(fact, silent=False)),
            on(LegDropped, lambda fact: self._changed(fact, live=False, cause=fact.cause)),
            on(LegGone, lambda fact: self._changed(fact, live=False, cause=fact.cause)),
            on(CallProgressed, self._progressed),
            on(CallEnded, self._ended),
        )

    def _dialled(self, fact: LegDialled) -> None:
        side = Side(fact.leg_id, fact.role, fact.endpoint)
        self._watched.setdefault(fact.call_id, _Watched()).sides[fact.leg_id] = side

    def _changed(self, fact: LegFact, **changes: Any) -> None:
        watched = self._watched.get(fact.call_id)
        if watched and (side := watched.sides.get(fact.leg_id)):
            watched.sides[fact.leg_id] = replace(side, **changes)
            self._settle(lambda: self._look(fact.call_id))

    def _progressed(self, fact: CallProgressed) -> None:
        self._watched.setdefault(fact.call_id, _Watched()).progress = fact.progress
        self._settle(lambda: self._look(fact.call_id))

    def _ended(self, fact: CallEnded) -> None:
        """The call is over."""
        self._hold(fact.call_id, None)
        self._watched.pop(fact.call_id, None)
        self._taken.pop(fact.call_id, None)
        for leg in fact.record.legs:
            self._taken.pop(leg.leg_id, None)

    def _look(self, call_id: str) -> None:
        """See which leg has the call: of those that were joined with the shopper and live, the oldest."""
        watched = self._watched.get(call_id)
        if watched is None:
            return
        joined = [side for side in watched.sides.values() if side.role == "business" and side.joined]
        shopper = next((side for side in reversed(watched.sides.values()) if side.role == "shopper"), None)
        if joined:
            holder = next((side for side in joined if side.live), None)
            talking = self._talking.get(call_id)
            # Whose line broke has no call to write about yet: it goes on, perhaps with them.
            left = talking and watched.sides.get(talking.leg_id)
            broke = bool(left and left.cause is not None and broke_off(left.cause))
            self._hold(call_id, holder, lost=broke and bool(shopper and shopper.live))
        call, progress = self._talking.get(call_id), watched.progress
        if call and progress:
            call = replace(
                call, held=progress.held, consulting=progress.consulting, transfer=progress.transfer
            )
        if call and shopper:
            call = replace(call, shopper=_standing(shopper))
        if call:
            self._become(call)

    # --- inside ---------------------------------------------------------------------------------------

    def _hold(self, call_id: str, holder: Side | None, *, lost: bool = False) -> None:
        """The call is this leg's, or nobody's; who was ``lost`` has nothing to wrap up yet."""
        agent = self._agent(call_id, holder) if holder else None
        if holder:
            self._holders[call_id] = holder
        else:
            self._holders.pop(call_id, None)
        before = self._talking.get(call_id)
        if before and (holder is None or (before.leg_id, before.agent) != (holder.leg_id, agent)):
            self._leave(before, wrap_up=not lost)
            before = None
        if holder and agent and before is None:
            self._begin(call_id, agent, holder)

    def _agent(self, call_id: str, holder: Side) -> str | None:
        if own := self._owner(holder.endpoint):
            return own
        if call_id in self._taken:  # told before there was a leg
            self._taken[holder.leg_id] = self._taken.pop(call_id)
        return self._taken.get(holder.leg_id)

    def _begin(self, call_id: str, agent: str, holder: Side) -> None:
        click = self._click(call_id)
        self.finish(agent, call_id)
        earlier = self._past.pop((agent, call_id), None)
        call = DeskCall(call_id, agent, click.site if click else "", holder.leg_id, self._clock.time())
        if earlier:
            call = replace(call, note=earlier.note, code=earlier.code)
        self._talking[call_id] = call
        self._tell(call)

    def _leave(self, call: DeskCall, *, wrap_up: bool) -> None:
        del self._talking[call.call_id]
        over = replace(call, state="over", held=False, consulting=None, transfer=None, shopper="there")
        key, seconds = (call.agent, call.call_id), self._config().desk_of(call.agent).wrap_up
        if wrap_up and seconds and call.code is None:
            self._agents.wraps_up(*key)
            self._wrapping[key] = self._clock.time()
            over = replace(over, state="wrap_up", until=self._clock.time() + seconds)
            self._clock.call_later(seconds, lambda: self._late(over.until, *key))
        self._past[key] = over
        self._clock.call_later(REMEMBERED, lambda: self._forget(call))
        self._tell(over)

    def _late(self, until: float | None, agent: str, call_id: str) -> None:
        call = self._past.get((agent, call_id))
        if call and call.until == until:  # else they have wrapped it up, or had the call again since
            self.finish(agent, call_id)

    def _forget(self, call: DeskCall) -> None:
        past = self._past.get((call.agent, call.call_id))
        if past and past.since == call.since:
            del self._past[call.agent, call.call_id]

    def _become(self, call: DeskCall) -> None:
        if call.state == "talking":
            before = self._talking.get(call.call_id)
            self._talking[call.call_id] = call
        else:
            before = self._past.get((call.agent, call.call_id))
            self._past[call.agent, call.call_id] = call
        if call != before:
            self._tell(call)

    def _tell(self, call: DeskCall) -> None:
        for watcher in self._watchers:
            watcher(call)


def _standing(shopper: Side) -> Literal["there", "on_hold", "lost"]:
    if shopper.silent:
        return "lost"
    return "on_hold" if shopper.on_hold else "there"
