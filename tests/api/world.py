"""What surrounds the API in tests, and what a test changes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from api.operator.state import ConfigState, PoolRoom, ReloadReport
from bridge.callback import Callback, CallbackState
from bridge.spend import SpendStanding
from bridge.tracing import TraceWish
from calls.waiting_room import QueueStanding
from config.models import Config
from cti.ami.link import LinkState
from media.probes import Usable
from media.registrations import TrunkRegistration
from media.traces import SipTraces
from media.trunk_conditions import TrunkCondition
from notify.delivery import Delivery
from notify.standing import Receivers, ReceiverStanding
from routing.directory import Directory
from routing.router import Router
from store.callbacks import SqlCallbackStore
from store.deliveries import SqlDeliveryStore
from store.retention import Expired
from tests.api.paper import SetClock

ROOM = PoolRoom(workers=4, slots=16, free_slots=12, has_room=True)
LOADED = ConfigState(loaded_at=1.0)


async def _nothing() -> Sequence[Expired]:
    return ()


@dataclass
class World:
    """What the test changes from outside."""

    config: Config
    clock: SetClock = field(default_factory=SetClock)
    reload_error: Exception | None = None
    store_error: Exception | None = None
    room: PoolRoom = ROOM
    trunks: dict[str, TrunkRegistration] = field(default_factory=dict)
    conditions: dict[str, TrunkCondition] = field(default_factory=dict)
    asterisks: dict[str, LinkState] = field(default_factory=dict)
    state: ConfigState = LOADED
    waiting: dict[str, int] = field(default_factory=dict)
    #: How the queues stand, for the wallboard.
    lines: dict[str, QueueStanding] = field(default_factory=dict)
    on_settings: list[Callable[[], None]] = field(default_factory=list)
    usable: Usable = field(default_factory=Usable)
    beyond_spend: bool = False
    spend: list[SpendStanding] = field(default_factory=list)
    receivers: Receivers = field(default_factory=Receivers)
    expired: Callable[[], Awaitable[Sequence[Expired]]] = _nothing

    #: What the next reload that succeeds has to say.
    reload_report: ReloadReport = field(default_factory=ReloadReport)
    log_levels: list[str] = field(default_factory=list)
    wishes: list[TraceWish] = field(default_factory=list)
    traces: SipTraces = field(init=False)

    #: Who is free for pages of shops.
    directory: Directory = field(default_factory=Directory)
    _router: Router | None = None

    def router(self) -> Router:
        """The routes in force."""
        if self._router is None or self._router.config is not self.config:
            self._router = Router.of(self.config)
        return self._router

    def settings(self) -> Config:
        """The settings in force."""
        return self.config

    def __post_init__(self) -> None:
        self.traces = SipTraces(self.wishes.append)

    async def reload(self) -> ReloadReport:
        if self.reload_error:
            raise self.reload_error
        self.state = ConfigState(loaded_at=2.0)
        return self.reload_report


class WorldCondition:
    """How the parts are: as the world says."""

    def __init__(self, world: World) -> None:
        self._world = world

    def pool(self) -> PoolRoom:
        return self._world.room

    def trunks(self) -> Mapping[str, TrunkRegistration]:
        return self._world.trunks

    def trunk_conditions(self) -> Mapping[str, TrunkCondition]:
        return self._world.conditions

    def asterisks(self) -> Mapping[str, LinkState]:
        return self._world.asterisks

    def usable(self) -> Usable:
        return self._world.usable

    def waiting(self) -> Mapping[str, int]:
        return self._world.waiting

    async def check_store(self) -> None:
        if self._world.store_error:
            raise self._world.store_error


class PaperOutbox:
    """Sends nothing, but notes that it should."""

    def __init__(self, world: World, deliveries: SqlDeliveryStore, clock: SetClock) -> None:
        self._world = world
        self._deliveries = deliveries
        self._clock = clock

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        await self._deliveries.add_deliveries(deliveries)

    async def resend(self, delivery_id: str) -> Delivery | None:
        delivery = await self._deliveries.delivery(delivery_id)
        if delivery:
            delivery = replace(delivery, tries=0, next_at=self._clock.time(), delivered_at=None, error="")
            await self._deliveries.save_delivery(delivery)
        return delivery

    def closed_receivers(self) -> Sequence[ReceiverStanding]:
        return self._world.receivers.closed(self._clock.time())

    def resume(self, target: str) -> bool:
        return self._world.receivers.resume(target)


async def cancel_callback(store: SqlCallbackStore, secret: str) -> Callback | None:
    """What the desk of callbacks does."""
    callback = await store.callback_by_secret(secret)
    if callback and callback.open:
        callback = replace(callback, state=CallbackState.CANCELLED)
        await store.save_callback(callback)
    return callback
