"""Shows an operator the SIP messages of Sofia's agents, by leg and trunk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bridge.tracing import Sighting, TraceWish
from sip.gate.frames import call_id_in
from sip.wiretap import Wiretap
from switch.dump import NOWHERE, Dump
from switch.sofia import SofiaAgent

#: Calls whose leg is remembered beyond its end, for the last messages.
_MOST_REMEMBERED = 2000

#: The leg and the trunk of a Call-ID; empty where there is none.
Whose = Callable[[str], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Tapped:
    agent: SofiaAgent
    dump: Dump
    local: tuple[str, int]


class SofiaTaps:
    """One tap for each agent, while somebody looks."""

    def __init__(self, tell: Callable[[Sighting], None], whose: Whose) -> None:
        self._wiretap = Wiretap(tell)
        self._whose = whose
        self._tapped: dict[int, _Tapped] = {}
        self._known: dict[str, tuple[str, str]] = {}

    @property
    def on(self) -> bool:
        """Whether anybody looks."""
        return self._wiretap.on

    def listen_for(self, wish: TraceWish, agents: Iterable[tuple[SofiaAgent, tuple[str, int]]]) -> None:
        """Show these from now on; ``agents`` with where each listens."""
        self._wiretap.listen_for(wish)
        if self.on:
            for agent, local in agents:
                self.tap(agent, local)
            return
        for tapped in self._tapped.values():
            tapped.agent.set(tptag_dump=NOWHERE)
            tapped.dump.close()
        self._tapped.clear()
        self._known.clear()

    def tap(self, agent: SofiaAgent, local: tuple[str, int]) -> None:
        """An agent is there that is to be looked at, too."""
        if self.on and agent.key not in self._tapped:
            dump = Dump()
            self._tapped[agent.key] = _Tapped(agent, dump, local)
            agent.set(tptag_dump=dump.path)

    def look(self) -> None:
        """Show what has passed."""
        for tapped in list(self._tapped.values()):
            for passed in tapped.dump.read():
                if not passed.data.strip():
                    continue  # a keep-alive
                leg_id, trunk = self._owner(call_id_in(passed.data))
                self._wiretap.saw(
                    passed.data,
                    sent=passed.sent,
                    transport=passed.transport,
                    local=tapped.local,
                    peer=(passed.address, passed.port),
                    leg_id=leg_id,
                    trunk=trunk,
                )

    def _owner(self, call_id: str) -> tuple[str, str]:
        found = self._whose(call_id)
        if found != ("", ""):
            if len(self._known) >= _MOST_REMEMBERED:
                del self._known[next(iter(self._known))]
            self._known[call_id] = found
        return self._known.get(call_id, ("", ""))
