"""What passes at Sofia's agents: our INVITEs as they leave, and what an operator wants to see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridge.tracing import Sighting, TraceWish
from sip.gate.frames import call_id_in
from sip.wiretap import Wiretap
from switch.dump import Dump, Passed, without_body
from switch.sofia import NOWHERE, SofiaAgent

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
    """One tap for each agent. ``invited(message)`` gets our INVITEs that leave by UDP, without their SDP."""

    def __init__(
        self, tell: Callable[[Sighting], None], whose: Whose, invited: Callable[[bytes], None]
    ) -> None:
        self._wiretap = Wiretap(tell)
        self._whose = whose
        self._invited = invited
        self._tapped: list[_Tapped] = []
        self._known: dict[str, tuple[str, str]] = {}

    def listen_for(self, wish: TraceWish) -> None:
        """Show these to an operator from now on."""
        self._wiretap.listen_for(wish)
        for tapped in self._tapped:
            self._write_down(tapped)
        if not self._wiretap.on:
            self._known.clear()

    def tap(self, agent: SofiaAgent, local: tuple[str, int]) -> None:
        """Look at an agent from now on; ``local`` is where it listens."""
        tapped = _Tapped(agent, Dump(), local)
        agent.invites = tapped.dump.path
        self._tapped.append(tapped)
        if self._wiretap.on:
            self._write_down(tapped)

    def look(self) -> None:
        """Tell what has passed."""
        for tapped in self._tapped:
            for passed in tapped.dump.read():
                if passed.sent and passed.data.startswith(b"INVITE "):
                    self._invited(without_body(passed.data))
                if self._wiretap.on and passed.data.strip():  # else a keep-alive
                    self._show(tapped, passed)

    def _write_down(self, tapped: _Tapped) -> None:
        tapped.agent.messages = tapped.dump.path if self._wiretap.on else NOWHERE
        tapped.agent.set(tptag_dump=tapped.agent.messages)

    def _show(self, tapped: _Tapped, passed: Passed) -> None:
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
