"""One Asterisk: what it tells becomes news of agents and their phones, and it is told of our calls."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog
from asterisk.ami.action import SimpleAction
from asterisk.ami.event import Event

from bridge.causes import HangupCause
from bridge.facts import LegFact
from bridge.protocols import Cancellable, Clock
from config.sections.asterisk import Asterisk
from cti.ami.calls import AgentPhone, Arrived, AskCallId, PbxCalls, PbxNews, Stage
from cti.ami.context import user_event, variables
from cti.ami.link import AmiLink, LinkState
from cti.ami.packets import value
from cti.ami.phones import AgentPhones
from cti.ami.placing import Fails, LetGo, PlaceLeg, Placing, Rings, Step, hang_up, originate, uniqueid_of
from cti.ami.protocol import AmiBusyError, AmiError, AmiLostError, AmiProtocol, AmiTimeoutError
from routing.directory import AgentState
from routing.plan import ClickToCall

log = structlog.get_logger(__name__)

#: Seconds for which what the phones do is still believed when the connection is lost.
BELIEVED = 10.0
#: Seconds after which a slow Asterisk is asked once more about a channel.
ASK_PAUSES = (0.5, 2.0)


class Office(Protocol):
    """Who is told, and asked, by every Asterisk; nothing of it may raise."""

    def click(self, call_id: str) -> ClickToCall | None:
        """What a live call was asked for with."""

    def sensitive(self, click: ClickToCall) -> Collection[str]:
        """Keys of what is known of a shopper that is not for everybody."""

    def phone_rings(self, call_id: str, agent: str, stage: Stage) -> None:
        """The PBX rings an agent's phone for a call; they take it; they have no more to do with it."""

    def leg_rings(self, call_id: str, leg_id: str) -> None:
        """A leg that an Asterisk places rings there."""

    def leg_failed(self, call_id: str, leg_id: str, cause: HangupCause) -> None:
        """Such a leg comes to nothing."""

    def phone_does(self, agent: str, state: AgentState | None, paused: tuple[str, ...]) -> None:
        """What an agent's phone does, None where nobody tells; and the queues that have it paused."""


class Pbx:
    """Lives from its making to ``stop``; ``interfaces`` are the agents' phones there, and whose they are."""

    def __init__(
        self,
        name: str,
        settings: Asterisk,
        interfaces: Mapping[str, str],
        office: Office,
        reactor: Any,
        clock: Clock,
    ) -> None:
        self.name = name
        self.settings = settings
        self.interfaces = interfaces
        self._office = office
        self._clock = clock
        self._calls = PbxCalls(interfaces.get)
        self._phones = AgentPhones(interfaces, settings.queues)
        self._placing = Placing(name)
        self._protocol: AmiProtocol | None = None
        self._believing: Cancellable | None = None
        self._rest_over: Cancellable | None = None
        #: What was told of the agents' phones.
        self._told: Mapping[str, tuple[AgentState | None, tuple[str, ...]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._link = AmiLink(
            name, settings, reactor, clock, opened=self._opened, closed=self._closed, event=self._event
        )

    @property
    def state(self) -> LinkState:
        """The state of the connection."""
        if self._protocol is None:
            return self._link.state
        denied = tuple(f"{action}: {said}" for action, said in sorted(self._protocol.denied.items()))
        return replace(self._link.state, refused=denied)

    def note(self, fact: LegFact) -> None:
        """Something is true of a leg of ours."""
        self._place(self._placing.note(fact))
        self._do(self._calls.note(fact))

    async def stop(self) -> None:
        """Disconnect, and report nothing more."""
        self._stopped = True
        for interface, (state, _) in self._told.items():
            if state is not None:
                self._office.phone_does(self.interfaces[interface], None, ())
        await self._link.stop()
        for timer in (self._believing, self._rest_over):
            if timer is not None:
                timer.cancel()
        for task in self._tasks:
            task.cancel()

    # --- the link -------------------------------------------------------------------------------------

    async def _opened(self, protocol: AmiProtocol) -> None:
        """Catch up with what happened while disconnected."""
        if self._believing is not None:
            self._believing.cancel()
            self._believing = None
        self._protocol = protocol
        for kind, take in (
            ("CoreShowChannels", self._channels),
            ("DeviceStateList", self._devices),
            ("QueueStatus", self._members),
        ):
            try:
                await protocol.collect(SimpleAction(kind), take)
            except AmiError as error:
                # One without queues, or whose manager may not list them, tells what it can.
                log.warning("asterisk_list_refused", asterisk=self.name, list=kind, error=str(error))

    def _closed(self) -> None:
        self._protocol = None
        if self._believing is None:
            self._believing = self._clock.call_later(BELIEVED, self._lost)

    def _lost(self) -> None:
        self._believing = None
        self._phones.forget()
        self._tell_states()

    # --- what Asterisk tells --------------------------------------------------------------------------

    def _event(self, event: Event) -> None:
        if self._stopped:
            return
        if self._phones.take(event):
            self._tell_states()
        self._place(self._placing.take(event))
        self._do(self._calls.take(event))

    def _channels(self, entries: Sequence[Event]) -> None:
        self._do(self._calls.resync(entries))

    def _devices(self, entries: Sequence[Event]) -> None:
        self._phones.forget()
        self._members(entries)

    def _members(self, entries: Sequence[Event]) -> None:
        for entry in entries:
            self._phones.take(entry)
        self._tell_states()

    def _tell_states(self) -> None:
        if self._stopped:
            return
        now = self._clock.time()
        before = self._told
        self._told = {
            interface: (state, self._phones.paused(interface))
            for interface, state in self._phones.states(now).items()
        }
        for interface, told in self._told.items():
            if told != before.get(interface, (None, ())):
                self._office.phone_does(self.interfaces[interface], *told)
        if self._rest_over is not None:
            self._rest_over.cancel()
            self._rest_over = None
        change = self._phones.next_change(now)
        if change is not None:
            self._rest_over = self._clock.call_later(change - now + 0.05, self._tell_states)

    # --- what follows ---------------------------------------------------------------------------------

    def _do(self, outcomes: Iterable[PbxNews]) -> None:
        for outcome in outcomes:
            match outcome:
                case AskCallId():
                    self._spawn(self._ask_call_id(outcome))
                case Arrived():
                    self._spawn(self._introduce(outcome))
                case AgentPhone(call_id=call_id, agent=agent, stage=stage):
                    log.info("pbx_phone", call_id=call_id, asterisk=self.name, agent=agent, stage=stage)
                    self._office.phone_rings(call_id, agent, stage)
                    about = {"State": stage, "Agent": agent, "Interface": self._interface_of(agent)}
                    self._spawn(self._announce(call_id, about))

    def _interface_of(self, agent: str) -> str:
        return next(interface for interface, name in self.interfaces.items() if name == agent)

    def _place(self, steps: Iterable[Step]) -> None:
        for step in steps:
            match step:
                case PlaceLeg(call_id=call_id, leg_id=leg_id):
                    self._calls.originated(call_id, leg_id, uniqueid_of(leg_id))
                    self._spawn(self._originate(step))
                case LetGo(leg_id=leg_id):
                    self._spawn(self._let_go(leg_id))
                case Rings(call_id=call_id, leg_id=leg_id):
                    self._office.leg_rings(call_id, leg_id)
                case Fails(call_id=call_id, leg_id=leg_id, cause=cause):
                    self._office.leg_failed(call_id, leg_id, cause)

    async def _originate(self, step: PlaceLeg) -> None:
        leg_id = step.leg_id
        try:
            if self._protocol is None:
                raise AmiLostError("the connection is gone")
            await self._protocol.ask(originate(step), action_id=uniqueid_of(leg_id))
        except AmiError:
            self._place(self._placing.failed(leg_id, HangupCause.UNREACHABLE))
            raise

    async def _let_go(self, leg_id: str) -> None:
        if self._protocol is not None:
            await self._protocol.ask(hang_up(leg_id))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._ended_well(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ended_well(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except AmiError as error:
            log.warning("asterisk_did_not", asterisk=self.name, error=str(error))

    async def _ask_call_id(self, ask: AskCallId) -> None:
        """Ask whose channel it is; a few times, for without it nobody is shown the call."""
        question = SimpleAction("Getvar", Channel=ask.channel, Variable=ask.variable)
        for pause in (*ASK_PAUSES, None):
            if self._protocol is None:
                break  # asked again when Asterisk lists its channels
            try:
                answer = await self._protocol.ask(question)
            except (AmiBusyError, AmiTimeoutError):
                if pause is not None:
                    await asyncio.sleep(pause)
            except AmiError:
                break  # such as a channel that is gone
            else:
                self._do(self._calls.learned(ask.uniqueid, value(answer, "Value")))
                return
        self._calls.learned(ask.uniqueid, "")

    async def _introduce(self, arrived: Arrived) -> None:
        """Set what is known of a call as variables of its channel."""
        click = self._office.click(arrived.call_id)
        protocol = self._protocol
        if click is None or protocol is None:
            return
        log.info("pbx_call", call_id=arrived.call_id, asterisk=self.name, channel=arrived.channel)
        for name, text in variables(self.settings, click, arrived.call_id):
            await protocol.ask(SimpleAction("Setvar", Channel=arrived.channel, Variable=name, Value=text))
        await self._announce(
            arrived.call_id, {"State": "arrived", "Channel": arrived.channel, "Uniqueid": arrived.uniqueid}
        )

    async def _announce(self, call_id: str, about: Mapping[str, str]) -> None:
        """Tell other programs at this Asterisk."""
        click = self._office.click(call_id)
        if self.settings.user_events and self._protocol is not None and click is not None:
            hidden = () if self.settings.sensitive_fields else self._office.sensitive(click)
            await self._protocol.ask(user_event(call_id, click, about, hidden))
