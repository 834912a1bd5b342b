"""Every Asterisk of the settings, and whose phones are behind which."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from bridge.bulletin import Interest, on
from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp, MediaCommand
from bridge.events import Event, LegRinging
from bridge.facts import (
    LegDialled,
    LegDropped,
    LegExpected,
    LegFact,
    LegGone,
    LegIdentified,
    LegPickedUp,
)
from bridge.protocols import CallMedia, Clock
from config.models import Config
from cti.agents import Agents
from cti.ami.calls import Stage
from cti.ami.link import LinkState
from cti.ami.pbx import Pbx
from cti.desks import Desks
from cti.screen_pops import ScreenPops
from routing.directory import AgentState
from routing.plan import CallPlan, ClickToCall, Originate, SipEndpoint


class Asterisks:
    """A :class:`bridge.bulletin.Subscriber` that tells agents' pages and presence what PBXs do.

    ``click(call_id)`` and ``handle(call_id, event)`` are the engine's, ``perform(call_id, command)`` that of
    its media. ``desks`` are told who has a call at a PBX.
    """

    def __init__(
        self,
        *,
        click: Callable[[str], ClickToCall | None],
        handle: Callable[[str, Event], None],
        perform: Callable[[str, MediaCommand], None],
        pops: ScreenPops,
        agents: Agents,
        desks: Desks,
        reactor: Any,
        clock: Clock,
    ) -> None:
        self.click = click
        self._handle = handle
        self._perform = perform
        self._pops = pops
        self._agents = agents
        self._desks = desks
        self._reactor = reactor
        self._clock = clock
        self._pbxs: dict[str, Pbx] = {}
        #: What one that is followed from now on has to know of the legs that live.
        self._known: dict[str, list[LegFact]] = {}
        #: Who has answered each call, in that order, and is still on it.
        self._there: dict[str, list[str]] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._started = False
        self._config: Config | None = None

    def configure(self, config: Config) -> None:
        """Follow these settings from now on: connect to what is new, and again to what has changed."""
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
                pbx = Pbx(name, settings, interfaces, self, self._reactor, self._clock)
                self._pbxs[name] = pbx
                for facts in self._known.values():
                    for fact in facts:
                        pbx.note(fact)

    def start(self) -> None:
        """Start connecting; returns at once."""
        self._started = True
        if self._config is not None:
            self.configure(self._config)

    async def stop(self) -> None:
        """Disconnect from every Asterisk."""
        pbxs, self._pbxs, self._started = list(self._pbxs.values()), {}, False
        await asyncio.gather(*(pbx.stop() for pbx in pbxs), *self._leaving)

    def states(self) -> Mapping[str, LinkState]:
        """The state of the connection to each Asterisk."""
        return {name: pbx.state for name, pbx in self._pbxs.items()}

    def interests(self) -> Iterable[Interest]:
        """What an Asterisk has to know of our legs: those that it places, and those that arrive there."""
        kinds = (LegDialled, LegExpected, LegIdentified, LegPickedUp, LegDropped, LegGone)
        return tuple(on(kind, self._note) for kind in kinds)

    def _note(self, fact: LegFact) -> None:
        match fact:
            case LegGone():
                self._known.pop(fact.leg_id, None)
            case LegDialled() | LegIdentified():
                self._known.setdefault(fact.leg_id, []).append(fact)
        for pbx in self._pbxs.values():
            pbx.note(fact)

    def places(self, name: str) -> bool:
        """Whether this Asterisk can be asked to place a leg now."""
        return name in self._pbxs and self._pbxs[name].state.up

    # --- what each Asterisk tells ---------------------------------------------------------------------

    def sensitive(self, click: ClickToCall) -> frozenset[str]:
        """What the settings of the click's site call so; all of it, for a site that they have no more."""
        site = self._config.sites.get(click.site) if self._config else None
        return frozenset(key for key in click.known if site is None or site.data_pass.is_sensitive(key))

    def phone_rings(self, call_id: str, agent: str, stage: Stage) -> None:
        """Show the call to the agent whose phone it is, and that they have it."""
        match stage:
            case "rang":
                self._pops.rang(call_id, agent)
            case "answered":
                self._pops.answered(call_id, agent)
                self._answered(call_id, agent)
            case "gone":
                self._pops.gone(call_id, agent)
                self._left(call_id, agent)

    def _answered(self, call_id: str, agent: str) -> None:
        """The call is at the desk of the agent who answered it first, even while they consult others."""
        there = self._there.setdefault(call_id, [])
        if agent not in there:  # else an Asterisk that we connected to again tells it once more
            there.append(agent)
        if there[0] == agent:
            self._desks.took(call_id, agent)

    def _left(self, call_id: str, agent: str) -> None:
        """When they leave it, it is at the desk of the agent they consulted."""
        there = self._there.get(call_id, [])
        if agent not in there:
            return
        had_it = there[0] == agent
        there.remove(agent)
        if not there:
            del self._there[call_id]
            self._desks.left(call_id, agent)
        elif had_it:
            self._desks.took(call_id, there[0])

    def leg_rings(self, call_id: str, leg_id: str) -> None:
        """Tell the leg's call."""
        self._handle(call_id, LegRinging(leg_id))

    def leg_failed(self, call_id: str, leg_id: str, cause: HangupCause) -> None:
        """End the leg where it waits, which tells its call."""
        self._perform(call_id, HangUp(leg_id, cause))

    def phone_does(self, agent: str, state: AgentState | None, paused: tuple[str, ...]) -> None:
        """Note what the agent's phone does."""
        self._agents.phone_told(agent, state, paused)


def _interfaces(name: str, config: Config) -> Mapping[str, str]:
    """The agents' phones behind an Asterisk, and whose they are."""
    return {
        agent.interface: agent_name
        for agent_name, agent in config.agents.items()
        if agent.interface is not None and agent.asterisk in (None, name)
    }


class PlacedMedia:
    """A :class:`bridge.protocols.CallMedia` that dials by SIP what no Asterisk can place just now."""

    def __init__(self, media: CallMedia, places: Callable[[str], bool]) -> None:
        self._media = media
        self._places = places

    def open_call(self, call_id: str, plan: CallPlan) -> None:
        """As the media that it stands before."""
        self._media.open_call(call_id, plan)

    def perform(self, call_id: str, command: MediaCommand) -> None:
        """As the media that it stands before, except Dial."""
        match command:
            case Dial(leg_id, SipEndpoint(originate=Originate(asterisk=name)) as endpoint):
                if not self._places(name):
                    command = Dial(leg_id, replace(endpoint, originate=None))
        self._media.perform(call_id, command)

    def close_call(self, call_id: str) -> None:
        """As the media that it stands before."""
        self._media.close_call(call_id)
