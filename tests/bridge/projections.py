"""What people see of one call, as facts tell it, held against a plain look at the call's legs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from prometheus_client import CollectorRegistry

from api.operator.metrics import Metrics
from api.shop.live import LiveCalls
from bridge.bulletin import Bulletin, on
from bridge.call import CallMachine
from bridge.facts import (
    CallBridged,
    CallEnded,
    CallProgressed,
    CallQueued,
    CallStarted,
    Fact,
    LegDialled,
    LegDropped,
    LegFellSilent,
    LegGone,
    LegHeardAgain,
    LegJoined,
    LegParted,
    LegPickedUp,
    LegPutOnHold,
    LegRang,
    LegTakenOffHold,
)
from bridge.legs import Leg, LegState
from bridge.progress import CallState
from config.models import Config
from cti.agents import Agents
from cti.desks import Desks
from routing.plan import Endpoint
from server.roster import Roster
from tests.bridge.fake_clock import FakeClock
from tests.bridge.playbook import CLICK

#: Whose phones some of the destinations are.
OWNERS = {"d0": "alice", "d1": "ben", "a": "ben"}
CONFIG = Config.model_validate(
    {"trunks": {}, "sites": {}, "routes": {}, "desk": {"wrap_up": "30s"}}, strict=False
)


def owner(endpoint: Endpoint) -> str | None:
    return OWNERS.get(endpoint.destination)


class Sets:
    """Which legs are what, from the kinds of facts alone."""

    def __init__(self) -> None:
        self.dialled: set[str] = set()
        self.rang: set[str] = set()
        self.answered: set[str] = set()
        self.joined: set[str] = set()
        self.on_hold: set[str] = set()
        self.silent: set[str] = set()
        self.dropped: set[str] = set()
        self.gone: set[str] = set()

    def interests(self) -> Any:
        for kind, add, remove in (
            (LegDialled, self.dialled, None),
            (LegRang, self.rang, None),
            (LegPickedUp, self.answered, None),
            (LegJoined, self.joined, None),
            (LegParted, None, self.joined),
            (LegPutOnHold, self.on_hold, None),
            (LegTakenOffHold, None, self.on_hold),
            (LegFellSilent, self.silent, None),
            (LegHeardAgain, None, self.silent),
            (LegDropped, self.dropped, self.joined),
            (LegGone, self.gone, self.joined),
        ):
            yield on(kind, lambda fact, add=add, remove=remove: self._note(fact, add, remove))

    def _note(self, fact: Any, add: set[str] | None, remove: set[str] | None) -> None:
        known = fact.leg_id in self.dialled
        assert known or isinstance(fact, LegDialled | LegGone), (
            "nothing is told of a leg before it is dialled"
        )
        assert fact.leg_id not in self.gone, "nothing is told of a leg that is gone"
        if add is not None:
            add.add(fact.leg_id)
        if remove is not None:
            remove.discard(fact.leg_id)


class Seen:
    """Everything that follows one call by its facts."""

    def __init__(self) -> None:
        clock = FakeClock()
        self.bulletin = Bulletin()
        self.sets, self.roster, self.live = Sets(), Roster(), LiveCalls()
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        self.agents = Agents(lambda: None, owner, self.bulletin.announce)
        for agent in ("alice", "ben"):
            self.agents.page_opened(agent)
            self.agents.choose(agent, "available")
        self.announced: list[tuple[str, str]] = []
        self.agents.watch(lambda agent, state: self.announced.append((agent, state)))
        self.desks = Desks(
            agents=self.agents, owner=owner, click=lambda call_id: CLICK, config=lambda: CONFIG, clock=clock,
            settle=self.bulletin.settle,
        )  # fmt: skip
        # Agents before desks: which is later must not matter.
        for subscriber in (self.sets, self.agents, self.desks, self.roster, self.live, self.metrics):
            self.bulletin.subscribe(subscriber)
        self.story: list[Fact] = []

    def tell(self, facts: Sequence[Fact]) -> None:
        self.announced.clear()
        self.story += facts
        self.bulletin.tell(facts)
        assert not self.bulletin.failures
        agents = [agent for agent, _ in self.announced]
        assert len(agents) == len(set(agents)), "one moment changes an agent's state once"

    def agrees_with(self, call: CallMachine) -> None:
        legs = call.legs.values()
        # A leg that was not free was never dialled: nothing but its end was told.
        dialled = {leg.leg_id: leg for leg in legs if leg.leg_id in self.sets.dialled}
        assert all(leg.state is LegState.ENDED for leg in legs if leg.leg_id not in dialled)
        self._sets(dialled)
        self._business(call, [leg for leg in dialled.values() if leg.role == "business"])
        self._call(call)

    def _sets(self, legs: dict[str, Leg]) -> None:
        def which(test: Any) -> set[str]:
            return {leg_id for leg_id, leg in legs.items() if test(leg)}

        assert self.sets.rang == which(lambda leg: leg.ringing_at is not None)
        assert self.sets.answered == which(lambda leg: leg.answered_at is not None)
        assert self.sets.joined == which(lambda leg: leg.state is LegState.JOINED)
        gone = self.sets.gone
        assert self.sets.on_hold - gone == which(lambda leg: leg.held) - gone
        assert self.sets.silent - gone == which(lambda leg: leg.faltering) - gone
        assert which(lambda leg: not leg.live) == (self.sets.gone | self.sets.dropped) & set(legs)
        assert self.sets.gone & set(legs) == which(lambda leg: leg.state is LegState.ENDED)

    def _business(self, call: CallMachine, legs: list[Leg]) -> None:
        open_legs = [leg for leg in legs if leg.state is not LegState.ENDED]
        for destination in {leg.endpoint.destination for leg in legs}:
            standing = self.roster.directory().of(destination)
            there = [leg for leg in open_legs if leg.endpoint.destination == destination]
            assert standing.live_calls == min(1, len(there))
            theirs = [leg for leg in legs if leg.endpoint.destination == destination]
            assert standing.offers == len(theirs)
            assert standing.last_answered_at == max(
                (leg.joined_at for leg in theirs if leg.joined_at), default=None
            )
        for agent in ("alice", "ben"):
            theirs = [leg for leg in open_legs if owner(leg.endpoint) == agent]
            busy = self.agents.state(agent)
            if any(leg.answered_at is not None for leg in theirs):
                assert busy == "on_call"
            elif theirs:
                assert busy == "ringing"
            else:
                assert busy in ("available", "wrap_up")
        holder = next((leg for leg in legs if leg.joined_at is not None and leg.live), None)
        talking = self.desks.talking(call.call_id)
        has = (owner(holder.endpoint), holder.leg_id) if holder else (None, "")
        assert (talking and (talking.agent, talking.leg_id)) == (has if has[0] else None)

    def _call(self, call: CallMachine) -> None:
        kinds = [type(fact) for fact in self.story]
        if not kinds:
            return
        assert kinds[0] is CallStarted or kinds.count(CallStarted) == 0
        assert kinds.count(CallStarted) <= 1
        assert kinds.count(CallEnded) == (call.state is CallState.ENDED)
        if call.state is CallState.ENDED:
            assert kinds[-1] is CallEnded, "nothing is told of a call that is over"
            assert call.call_id not in self.live._times
        else:
            state = call.state.value
            gauge = self.registry.get_sample_value("ringback_live_calls", {"state": state})
            told = [fact.progress for fact in self.story if isinstance(fact, CallProgressed)]
            if told:
                assert told[-1] == call.progress
                assert gauge == 1.0
        if call.state is CallState.BRIDGED:
            assert CallBridged in kinds
        if call.state is CallState.QUEUED:
            assert CallQueued in kinds
