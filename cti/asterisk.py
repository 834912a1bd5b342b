"""Every Asterisk of the settings, and whose phones are behind which."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bridge.legs import Leg
from bridge.protocols import Clock
from config.models import Config
from cti.agents import Agents
from cti.ami.calls import Stage
from cti.ami.link import LinkState
from cti.ami.pbx import Pbx
from cti.desks import Desks
from cti.screen_pops import ScreenPops
from routing.directory import AgentState
from routing.plan import ClickToCall


class Asterisks:
    """A :class:`bridge.protocols.LegWatcher` that tells agents' pages and presence what PBXs do.

    ``click(call_id)`` is the engine's. ``desks`` are told who has a call at a PBX.
    """

    def __init__(
        self,
        *,
        click: Callable[[str], ClickToCall | None],
        pops: ScreenPops,
        agents: Agents,
        desks: Desks,
        reactor: Any,
        clock: Clock,
    ) -> None:
        self.click = click
        self._pops = pops
        self._agents = agents
        self._desks = desks
        self._reactor = reactor
        self._clock = clock
        self._pbxs: dict[str, Pbx] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._started = False
        self._config: Config | None = None

    def configure(self, config: Config) -> None:
        """Follow these settings from now on: what is new is begun, what has changed begun anew."""
        self._config = config
        if not self._started:
            return
        wanted = {name: (settings, _interfaces(name, config)) for name, settings in config.asterisk.items()}
        for name, pbx in list(self._pbxs.items()):
            if wanted.get(name) != (pbx.settings, pbx.interfaces):
                del self._pbxs[name]
                task = asyncio.get_running_loop().create_task(pbx.stop())
                self._leaving.add(task)
                task.add_done_callback(self._leaving.discard)
        for name, (settings, interfaces) in wanted.items():
            if name not in self._pbxs:
                self._pbxs[name] = Pbx(name, settings, interfaces, self, self._reactor, self._clock)

    def start(self) -> None:
        """Begin to connect; nothing waits for that."""
        self._started = True
        if self._config is not None:
            self.configure(self._config)

    async def stop(self) -> None:
        """Leave every Asterisk."""
        pbxs, self._pbxs, self._started = list(self._pbxs.values()), {}, False
        await asyncio.gather(*(pbx.stop() for pbx in pbxs), *self._leaving)

    def states(self) -> Mapping[str, LinkState]:
        """How the way to each Asterisk stands."""
        return {name: pbx.state for name, pbx in self._pbxs.items()}

    def legs_changed(self, legs: Iterable[Leg], step: str) -> None:
        """Something happened to the legs of a call."""
        if self._pbxs:
            legs = list(legs)
            for pbx in self._pbxs.values():
                pbx.legs_changed(legs)

    # --- what each Asterisk tells ---------------------------------------------------------------------

    def phone_rings(self, call_id: str, agent: str, stage: Stage) -> None:
        """Show the call to the agent whose phone it is, and that they have it."""
        match stage:
            case "rang":
                self._pops.rang(call_id, agent)
            case "answered":
                self._pops.answered(call_id, agent)
                self._desks.took(call_id, agent)
            case "gone":
                self._pops.gone(call_id, agent)
                self._desks.left(call_id, agent)

    def phone_does(self, agent: str, state: AgentState | None) -> None:
        """Note what the agent's phone does."""
        self._agents.phone_told(agent, state)


def _interfaces(name: str, config: Config) -> Mapping[str, str]:
    """The agents' phones behind an Asterisk, and whose they are."""
    return {
        agent.interface: agent_name
        for agent_name, agent in config.agents.items()
        if agent.interface is not None and agent.asterisk in (None, name)
    }
