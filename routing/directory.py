"""Who is free now: a snapshot of what the destinations are doing, from which the ring strategies decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

AgentState = Literal["available", "ringing", "on_call", "wrap_up", "away", "offline"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One destination. Times are seconds of one clock, whichever; None is never."""

    #: Calls that ring it or talk with it now.
    live_calls: int = 0
    #: What the agent behind it does; None where nobody tells, as for a shop's phone.
    agent: AgentState | None = None
    last_offered_at: float | None = None
    last_answered_at: float | None = None
    #: When its last leg ended.
    last_ended_at: float | None = None
    #: Calls offered to it so far.
    offers: int = 0

    def offered(self, at: float) -> Standing:
        """After it began to ring."""
        return replace(self, live_calls=self.live_calls + 1, last_offered_at=at, offers=self.offers + 1)

    def answered(self, at: float) -> Standing:
        """After it took the call."""
        return replace(self, last_answered_at=at)

    def ended(self, at: float) -> Standing:
        """After the leg that it was offered ended, answered or not."""
        return replace(self, live_calls=self.live_calls - 1, last_ended_at=at)


@dataclass(frozen=True, slots=True)
class Turns:
    """What one ring step remembers: its offers so far, and the last of them that each destination had."""

    count: int = 0
    last: Mapping[str, int] = field(default_factory=dict)

    def offered(self, destination: str) -> Turns:
        """After the step rang this destination."""
        return Turns(self.count + 1, {**self.last, destination: self.count})


_IDLE = Standing()
_FIRST = Turns()


@dataclass(frozen=True, slots=True)
class Directory:
    """All destinations of which anything is known, the turns of the ring steps, and the queues, by name."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    turns: Mapping[str, Turns] = field(default_factory=dict)
    #: How many calls wait in each queue.
    waiting: Mapping[str, int] = field(default_factory=dict)
    #: What the agents do, by the names of their destinations; empty where nobody tells.
    agents: Mapping[str, AgentState] = field(default_factory=dict)
    #: Whether messages can be recorded just now.
    can_record: bool = True

    def of(self, destination: str) -> Standing:
        """What is known of a destination; of one never heard of, that it is idle."""
        standing = self.standings.get(destination, _IDLE)
        state = self.agents.get(destination)
        return standing if state is None else replace(standing, agent=state)

    def turns_of(self, step: str) -> Turns:
        """What a step remembers; of one that never rang anybody, nothing."""
        return self.turns.get(step, _FIRST)
