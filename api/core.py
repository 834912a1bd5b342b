"""What the HTTP side needs of the rest of the server, handed over by the composition root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from api.agents.sessions import AgentSessions
from api.browser_legs import BrowserLegs
from api.operator.metrics import Metrics
from api.shop.live import LiveCalls
from api.shop.signed_data import UsedTokens
from api.tokens import CallTokens
from bridge.callback import Callback, CallbackState
from bridge.cdr import CallRecord
from bridge.events import Event
from bridge.progress import CallProgress
from bridge.protocols import Clock
from bridge.spend import SpendStanding
from config.fields import LogLevel
from config.models import Config
from config.problems import Problem
from cti.agents import Agents
from cti.ami.link import LinkState
from cti.desks import Desks
from cti.page_push import PagePushes
from cti.screen_pops import ScreenPops
from media.probes import Usable
from media.registrar import TrunkState
from media.traces import Traces
from media.trunk_states import TrunkCondition
from notify.delivery import Delivery
from notify.mailboxes import KeptMessage
from notify.standing import Standing
from routing.plan import CallPlan, ClickToCall, PlannedStep
from store.counting import Question
from store.deliveries import DeliveryState
from store.messages import MessageFilter, MessagePage
from store.paging import Cursor
from store.people import Kept, Person
from store.reads import CdrFilter, CdrPage
from store.retention import Expired


class Engine(Protocol):
    """The calls themselves."""

    @property
    def draining(self) -> bool:
        """Whether the server is about to stop and takes no new calls."""

    async def place(self, plan: CallPlan, click: ClickToCall, call_id: str) -> None:
        """Start a call.

        Raises :class:`bridge.protocols.OutOfCapacityError` where there is no room, and
        :class:`calls.engine.DrainingError` when the server is about to stop.
        """

    def handle(self, call_id: str, event: Event) -> None:
        """Let an event happen to a call; one that is over takes none."""

    def click(self, call_id: str) -> ClickToCall | None:
        """What a live call was asked for with; None for one that is over."""

    def progress(self, call_id: str) -> CallProgress | None:
        """The newest line of a call that lives, or ended less than a minute ago."""

    def live(self) -> Sequence[CallProgress]:
        """The newest line of every live call."""


class CallStore(Protocol):
    """The store, as far as requests read and write it; every method may raise store.errors.StoreError."""

    async def call(self, call_id: str) -> CallRecord | None:
        """The record of a finished call, however it ended."""

    async def cdrs(self, which: CdrFilter, *, limit: int = 100, after: Cursor | None = None) -> CdrPage:
        """A page of finished calls, newest first."""

    async def count(self, questions: Sequence[Question]) -> tuple[int, ...]:
        """One number for each question, in one transaction."""

    async def write_refused(
        self, call_id: str, click: ClickToCall, route: str, at: float, reason: str
    ) -> None:
        """Put a refused request on disk; ``reason`` is the problem's id."""


class WrapUpStore(Protocol):
    """What agents write about calls; every method may raise store.errors.StoreError."""

    async def keep(self, call_id: str, agent: str, note: str | None, code: str | None, at: float) -> None:
        """Put an agent's note and code on disk, in place of those that they wrote before."""


class MessageStore(Protocol):
    """The messages; every method may raise store.errors.StoreError."""

    async def messages(
        self, which: MessageFilter, *, limit: int = 100, after: Cursor | None = None
    ) -> MessagePage:
        """A page of messages, newest first."""

    async def message(self, message_id: str) -> KeptMessage | None:
        """One message."""

    async def forget_message(self, message_id: str) -> bool:
        """Delete a message and what tells of it, but for its file; whether there was one."""

    async def count_messages(self) -> Mapping[str, int]:
        """How many messages are kept, by mailbox."""


class CallbackStore(Protocol):
    """The callbacks; every method may raise store.errors.StoreError."""

    async def callbacks(
        self, *, limit: int = 100, sites: Collection[str] | None = None
    ) -> Sequence[Callback]:
        """All of them, or those of these sites alone, the newest first."""

    async def callback_of_call(self, call_id: str) -> Callback | None:
        """The callback that was booked for a call."""

    async def callback_by_secret(self, secret: str) -> Callback | None:
        """The callback whose secret this is."""

    async def count_callbacks(self) -> Mapping[CallbackState, int]:
        """How many callbacks there are, by state."""


class People(Protocol):
    """Everything that is kept, by the person it is about; every method may raise store.errors.StoreError."""

    async def find(self, person: Person, sites: Collection[str] | None = None) -> Kept:
        """Everything that is kept of somebody; with ``sites``, by these sites alone."""

    async def erase(self, person: Person, kept: Kept) -> None:
        """Take the person out of what was found."""


class DeliveryStore(Protocol):
    """The outbox; every method may raise store.errors.StoreError."""

    async def deliveries(
        self, *, dead: bool, limit: int = 100, sites: Collection[str] | None = None
    ) -> Sequence[Delivery]:
        """Those given up, or all, the newest first; with ``sites``, what tells of these sites alone."""

    async def delivery(self, delivery_id: str) -> Delivery | None:
        """One of them."""

    async def count_deliveries(self) -> Mapping[tuple[str, DeliveryState], int]:
        """How many deliveries there are, by kind and state."""


@dataclass(frozen=True, slots=True)
class PoolRoom:
    """The media workers: how many there are, and their legs' places."""

    workers: int
    slots: int
    free_slots: int
    #: Whether another call would find room, be it by starting one more worker.
    has_room: bool


@dataclass(frozen=True, slots=True)
class ConfigState:
    """Which settings are in force, and how the last attempt to replace them went."""

    loaded_at: float
    failed_at: float | None = None
    #: What was wrong with the file that was refused; empty when the last reload succeeded.
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class ReloadReport:
    """What a reload that succeeded has to say."""

    #: Each as ``file:line:column: path: text``.
    warnings: tuple[str, ...] = ()
    #: The settings that changed in the file but stay as they were until the server is started again.
    needs_restart: tuple[str, ...] = ()


async def _nothing() -> Sequence[Expired]:
    return ()


@dataclass(frozen=True, slots=True)
class Core:
    """Every collaborator of the HTTP side. ``live``, ``tokens`` and ``metrics`` watch the engine."""

    #: The settings in force; a reload replaces them.
    config: Callable[[], Config]
    engine: Engine
    store: CallStore
    used_tokens: UsedTokens
    #: Writes, and leaves nothing behind; raises store.errors.StoreError where none is possible.
    check_store: Callable[[], Awaitable[None]]
    messages: MessageStore
    callbacks: CallbackStore
    people: People
    #: Cancel the callback with this secret, unless it is over; returns it as it then is, None for a secret
    #: of no callback.
    cancel_callback: Callable[[str], Awaitable[Callback | None]]
    deliveries: DeliveryStore
    #: Try the delivery of this id anew; returns it as it then is, None for an id of no delivery.
    resend: Callable[[str], Awaitable[Delivery | None]]
    #: The receivers of webhooks that get nothing now.
    closed_receivers: Callable[[], Sequence[Standing]]
    #: Let the receiver at this URL have everything again; whether it had nothing.
    resume_receiver: Callable[[str], bool]
    #: How many calls wait in each queue; queues where none waits may be missing.
    waiting: Callable[[], Mapping[str, int]]
    #: ``plan_call(click, call_id)``: whom to ring now; no steps where nobody can be rung.
    plan_call: Callable[[ClickToCall, str], CallPlan]
    #: ``plan_transfer(click, call_id, to, by)``: whom to ring for a live call that the agent ``by`` passes
    #: on; raises routing.transfers.TransferError.
    plan_transfer: Callable[[ClickToCall, str, str, str], tuple[PlannedStep, ...]]
    new_call_id: Callable[[], str]
    clock: Clock
    #: Tells how long something lasts, and what pages count from; nobody sets it.
    steady: Clock
    #: Load the config file again; raises :class:`config.problems.ConfigError` and changes nothing then.
    reload: Callable[[], Awaitable[ReloadReport]]
    #: Write log lines from this level on.
    set_log_level: Callable[[LogLevel], None]
    traces: Traces
    config_state: Callable[[], ConfigState]
    #: Have something called after each reload.
    on_settings: Callable[[Callable[[], None]], None]
    pool: Callable[[], PoolRoom]
    #: The trunks that register, by name.
    trunks: Callable[[], Mapping[str, TrunkState]]
    #: The Asterisks of the settings, by name.
    asterisks: Callable[[], Mapping[str, LinkState]]
    #: The condition of every trunk, by name.
    trunk_conditions: Callable[[], Mapping[str, TrunkCondition]]
    live: LiveCalls
    tokens: CallTokens
    metrics: Metrics
    agents: Agents
    agent_sessions: AgentSessions
    browser_legs: BrowserLegs
    desks: Desks
    page_pushes: PagePushes
    wrap_ups: WrapUpStore
    screen_pops: ScreenPops
    #: The folder with the build of the agents' page; it may be missing.
    agent_page: Path
    #: Whether messages can be recorded and texts be spoken.
    usable: Callable[[], Usable] = Usable
    #: ``beyond_spend(site, plan)``: whether a new call would cost more than the day has left.
    beyond_spend: Callable[[str, CallPlan], bool] = lambda site, plan: False
    #: What is older than the settings want it kept.
    expired: Callable[[], Awaitable[Sequence[Expired]]] = _nothing
    #: What sites and trunks have spent today.
    spend: Callable[[], Sequence[SpendStanding]] = tuple
