"""What each media engine can do and needs, as far as settings and placement depend on it.

How its processes are run is described in ``media.engines``. The two tables have the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

EngineName = Literal["pjsua2", "rtpengine"]

#: What an engine may be unable to do: let a third party hear a call (``monitor``) or talk in it (``barge``).
Ability = Literal["monitor", "barge"]


@dataclass(frozen=True, slots=True)
class WorkerPorts:
    """How many ports one worker process takes from ``sip.ports`` and from ``sip.rtp_ports``."""

    sip: int
    rtp: int


@dataclass(frozen=True, slots=True)
class EngineTraits:
    """One engine. A *worker* is one of its processes, a *slot* is room for one leg in a worker."""

    #: Legs that one worker carries.
    slots: int
    #: Whether legs in two workers can be joined, by a tie that takes a slot in each. Without ties every leg
    #: of a call is in one worker.
    ties: bool
    #: The ports of a worker that carries calls.
    calls: WorkerPorts
    #: The ports of the worker that registers trunks; None where the workers with the calls do that.
    registrar: WorkerPorts | None
    #: The ports of a worker that serves browsers; None where the workers with the calls do that.
    browsers: WorkerPorts | None
    #: The number of workers, where it is fixed; None where ``media.max_workers`` and ``media.spare_workers``
    #: decide.
    fixed_workers: int | None = None
    #: Whether a worker that runs takes new settings. Otherwise a reload starts new workers, and those of
    #: before leave when their calls have ended.
    reconfigures: bool = False
    #: Whether bridged calls go on when the core dies, and the next core goes on with them.
    keeps_calls: bool = False
    cannot: frozenset[Ability] = frozenset()

    def with_legs(self, most_legs: int) -> EngineTraits:
        """The same with room for so many legs in each worker, where the number of workers is fixed."""
        if self.fixed_workers is None:
            return self
        rtp = self.calls.rtp // self.slots * most_legs
        return replace(self, slots=most_legs, calls=WorkerPorts(self.calls.sip, rtp))

    def most_workers(self, max_workers: int) -> int:
        """The most workers with calls at once, where the settings allow ``max_workers``."""
        return self.fixed_workers or max_workers

    def spare_workers(self, spare_workers: int, max_workers: int) -> int:
        """Idle workers to keep ready, where the settings ask for ``spare_workers``."""
        return self.fixed_workers or min(spare_workers, max_workers)

    def ports(self, max_workers: int, browser_workers: int) -> WorkerPorts:
        """The ports that all workers need."""
        needs = [(self.calls, self.most_workers(max_workers))]
        needs += [(self.registrar, 1)] if self.registrar else []
        needs += [(self.browsers, browser_workers)] if self.browsers else []
        return WorkerPorts(
            sum(ports.sip * count for ports, count in needs), sum(ports.rtp * count for ports, count in needs)
        )


#: ``media.engine`` → what the engine can do and needs.
ENGINES: Mapping[EngineName, EngineTraits] = {
    # Four legs a process is PJSUA_MAX_CALLS of the pjsua2 wheel. Of its 16 RTP ports a worker uses eight,
    # RTP and RTCP of four legs, and has as many spare.
    "pjsua2": EngineTraits(
        slots=4,
        ties=True,
        calls=WorkerPorts(sip=1, rtp=16),
        registrar=WorkerPorts(sip=1, rtp=16),
        browsers=WorkerPorts(sip=1, rtp=0),
    ),
    # ``media.most_legs`` says how many legs. TLS has a port beside that of UDP and TCP; a leg takes four RTP
    # ports: its own, those of its place in rtpengine's star, each with its RTCP.
    "rtpengine": EngineTraits(
        slots=400,
        ties=False,
        calls=WorkerPorts(sip=2, rtp=1600),
        registrar=None,
        browsers=None,
        fixed_workers=1,
        reconfigures=True,
        keeps_calls=True,
        cannot=frozenset({"monitor", "barge"}),
    ),
}
