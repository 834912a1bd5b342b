"""The numbers that stand as they are when Prometheus asks: the pool, trunks, queues, agents, what is kept."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, get_args

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from api.operator.state import ConfigState, PoolRoom
from api.operator.trunks import TrunkBoard
from bridge.callback import CallbackState
from config.models import Config
from cti.agents import Agents
from cti.ami.link import LinkState
from media.trunk_conditions import State
from notify.standing import ReceiverStanding
from routing.directory import AgentState
from store.deliveries import DeliveryState
from store.errors import StoreError

#: Seconds that the database may take to count.
STORE_TIMEOUT = 2.0
#: Numbers by the values of a gauge's labels; by () where it has none.
Numbers = Mapping[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Gauge:
    """One row of the table: what Prometheus calls it, and where its numbers are read."""

    name: str
    help: str
    labels: tuple[str, ...]
    read: Callable[[], Numbers]


class Gauges(Collector):
    """Reads all rows whenever Prometheus asks."""

    def __init__(self, gauges: Sequence[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every gauge with its numbers of this moment."""
        for gauge in self._gauges:
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=gauge.labels)
            for labels, number in gauge.read().items():
                family.add_metric(labels, number)
            yield family


class MessageCounts(Protocol):
    """Counts messages; may raise StoreError."""

    async def count_messages(self) -> Mapping[str, int]:
        """How many messages are kept, by mailbox."""


class CallbackCounts(Protocol):
    """Counts callbacks; may raise StoreError."""

    async def count_callbacks(self) -> Mapping[CallbackState, int]:
        """How many callbacks there are, by state."""


class DeliveryCounts(Protocol):
    """Counts deliveries; may raise StoreError."""

    async def count_deliveries(self) -> Mapping[tuple[str, DeliveryState], int]:
        """How many deliveries there are, by kind and state."""


class StoredCounts:
    """What the database counts. Where it does not answer in time, the numbers are left out."""

    def __init__(
        self,
        config: Callable[[], Config],
        messages: MessageCounts,
        callbacks: CallbackCounts,
        deliveries: DeliveryCounts,
    ) -> None:
        self._config = config
        self._stores = messages, callbacks, deliveries
        self.messages: Numbers = {}
        self.callbacks: Numbers = {}
        self.deliveries: Numbers = {}

    async def count(self) -> None:
        """Count again."""
        self.messages = self.callbacks = self.deliveries = {}
        of_messages, of_callbacks, of_deliveries = self._stores
        try:
            async with asyncio.timeout(STORE_TIMEOUT):
                messages = await of_messages.count_messages()
                callbacks = await of_callbacks.count_callbacks()
                deliveries = await of_deliveries.count_deliveries()
        except (StoreError, TimeoutError):
            return
        self.messages = _by_one(dict.fromkeys(self._config().mailboxes, 0) | dict(messages))
        self.callbacks = {(state.value,): callbacks.get(state, 0) for state in CallbackState}
        self.deliveries = {(kind, str(state)): count for (kind, state), count in deliveries.items()}


def gauges(
    *,
    config: Callable[[], Config],
    config_state: Callable[[], ConfigState],
    pool: Callable[[], PoolRoom],
    trunks: TrunkBoard,
    asterisks: Callable[[], Mapping[str, LinkState]],
    waiting: Callable[[], Mapping[str, int]],
    agents: Agents,
    closed_receivers: Callable[[], Sequence[ReceiverStanding]],
    stored: StoredCounts,
) -> tuple[Gauge, ...]:
    """The table. ``waiting()`` are the calls that wait, by queue; queues where none waits may be missing."""

    def slots() -> Numbers:
        room = pool()
        return {("free",): room.free_slots, ("taken",): room.slots - room.free_slots}

    def trunk_states() -> Numbers:
        conditions = trunks.conditions().items()
        return {
            (name, str(state)): int(state == condition.state)
            for name, condition in conditions
            for state in get_args(State)
        }

    def receivers() -> Numbers:
        closed = Counter(each.state for each in closed_receivers())
        return {("held",): closed["held"], ("disabled",): closed["disabled"]}

    def agent_states() -> Numbers:
        states = Counter(agents.states(config().agents).values())
        return {(state,): states[state] for state in get_args(AgentState)}

    return (
        Gauge("ringback_config_loaded_timestamp_seconds", "When the settings in force were loaded.", (),
              lambda: {(): config_state().loaded_at}),
        Gauge("ringback_config_last_reload_successful",
              "1 unless the file was refused when it was last read.", (),
              lambda: {(): config_state().failed_at is None}),
        Gauge("ringback_media_workers", "Media workers.", (), lambda: {(): pool().workers}),
        Gauge("ringback_media_slots", "Places for legs.", ("use",), slots),
        Gauge("ringback_trunk_registered", "1 while a trunk is registered.", ("trunk",),
              lambda: _by_one({name: state.registered for name, state in trunks.registrations().items()})),
        Gauge("ringback_trunk_up", "1 while calls can be expected to go through a trunk.", ("trunk",),
              lambda: _by_one({name: each.usable for name, each in trunks.conditions().items()})),
        Gauge("ringback_trunk_state", "1 for the state that a trunk is in.", ("trunk", "state"),
              trunk_states),
        Gauge("ringback_trunk_failed_attempts",
              "Attempts to place a call that a trunk did not carry, since the start.", ("trunk",),
              lambda: _by_one({name: each.failures for name, each in trunks.conditions().items()})),
        Gauge("ringback_asterisk_up", "1 while an Asterisk's manager interface tells of phones.",
              ("asterisk",), lambda: _by_one({name: link.up for name, link in asterisks().items()})),
        Gauge("ringback_queue_waiting_calls", "Calls that wait in a queue.", ("queue",),
              lambda: _by_one(dict.fromkeys(config().queues, 0) | dict(waiting()))),
        Gauge("ringback_agents", "Agents, by what they do.", ("state",), agent_states),
        Gauge("ringback_messages", "Messages that are kept.", ("mailbox",), lambda: stored.messages),
        Gauge("ringback_callbacks", "Callbacks, by state.", ("state",), lambda: stored.callbacks),
        Gauge("ringback_webhook_receivers",
              "Receivers of webhooks that get nothing now: held back for a while, or disabled by 410 Gone.",
              ("state",), receivers),
        Gauge("ringback_deliveries", "Mails and webhooks of the outbox: waiting, delivered, or dead.",
              ("kind", "state"), lambda: stored.deliveries),
    )  # fmt: skip


def _by_one(numbers: Mapping[str, float]) -> Numbers:
    return {(label,): number for label, number in numbers.items()}
