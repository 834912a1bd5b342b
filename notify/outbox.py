"""The outbox: every delivery is tried until its target has it, or until trying more makes no sense.

A try and its result on disk cannot be one thing: a core that dies in between tries again. So a target may be
told twice, with the same id, but never not at all.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from bridge.protocols import Clock
from config.models import Config
from notify.alarm import Alarm
from notify.delivery import Delivery, DeliveryStore
from notify.masking import bare_url, mask_addresses, masked_target
from notify.standing import Receivers, ReceiverStanding
from notify.tries import (
    MailErrand,
    TryFailed,
    TryHeld,
    TryResult,
    WebhookErrand,
    after_hold,
    after_try,
    errand,
    lane,
    once_more,
    too_late,
    webhook_keys,
)

log = structlog.get_logger(__name__)

#: Tries at once: to one receiver of webhooks, to the mail server, and in all. Six let a receiver that takes
#: 50 ms follow the screen pops of 20 calls a second.
PER_TARGET = 6
MAILS = 2
AT_ONCE = 64
#: Deliveries asked of the store beyond those in hand, and the most in hand.
BATCH = 100
MOST = 5000
#: Seconds between two looks for due deliveries while some are in hand, and at most otherwise: the wall clock,
#: by which deliveries are due, may jump.
LOOK_AGAIN = 1.0
LONGEST_SLEEP = 60.0
#: Seconds to leave a failing store alone.
STORE_PAUSE = 5.0
#: Seconds that tries under way get to end when the outbox stops.
PATIENCE = 5.0


class MailSender(Protocol):
    """Sends mail."""

    async def send(self, errand: MailErrand) -> TryResult:
        """Try once; tells failures instead of raising them."""


class WebhookSender(Protocol):
    """Posts webhooks."""

    async def send(self, errand: WebhookErrand) -> TryResult:
        """Try once; tells failures instead of raising them."""


@dataclass(slots=True)
class _ReceiverLane:
    """What waits for one target, and how many tries it has under way."""

    waiting: deque[Delivery] = field(default_factory=deque)
    busy: int = 0


class Outbox:
    """Delivers what the store holds. ``start`` it once the store is open, ``stop`` it before it closes.

    ``longest_sleep`` is how many seconds pass at most between two looks, where others may put something into
    the store as well.
    """

    def __init__(
        self,
        store: DeliveryStore,
        settings: Callable[[], Config],
        clock: Clock,
        mail: MailSender,
        webhooks: WebhookSender,
        jitter: Callable[[], float] = random.random,
        longest_sleep: float = LONGEST_SLEEP,
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._mail = mail
        self._webhooks = webhooks
        self._jitter = jitter
        self._longest_sleep = longest_sleep
        self._alarm = Alarm(clock)
        self._receivers = Receivers()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._lanes: dict[str, _ReceiverLane] = {}
        #: Ids of the deliveries in hand; and of those let go since the last look at the store began, which
        #: that look may still see as they were.
        self._taken: set[str] = set()
        self._let_go: set[str] = set()
        self._tries: set[asyncio.Task[None]] = set()
        self._watch: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Begin to deliver."""
        self._stopping = False
        self._watch = asyncio.create_task(self._keep_looking(), name="outbox")

    async def stop(self) -> None:
        """Let the tries under way end for a few seconds; what is left is tried at the next start."""
        self._stopping = True
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait({self._watch})
        if self._tries:
            await asyncio.wait(self._tries, timeout=PATIENCE)
        cut_short = set(self._tries)
        for task in cut_short:
            task.cancel()
        if cut_short:
            await asyncio.wait(cut_short)
            log.warning("deliveries_cut_short", tries=len(cut_short))
        self._lanes.clear()
        self._taken.clear()

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        """Put new deliveries on disk and begin with them; raises what the store raises."""
        if deliveries:
            await self._store.add_deliveries(deliveries)
            self.wake()

    def settings_changed(self) -> None:
        """Other settings are in force: look at once, and forget receivers that they name no more."""
        self._receivers.keep(webhook_keys(self._settings()))
        self.wake()

    def closed_receivers(self) -> Sequence[ReceiverStanding]:
        """The receivers of webhooks that get nothing now."""
        return self._receivers.closed(self._clock.time())

    def resume(self, target: str) -> bool:
        """Let a receiver have everything again, whatever it said; whether it had nothing."""
        resumed = self._receivers.resume(target)
        if resumed:
            log.info("receiver_resumed", target=bare_url(target))
            self.wake()
        return resumed

    def wake(self) -> None:
        """Something was put into the store: look at once."""
        self._alarm.ring()

    async def resend(self, delivery_id: str) -> Delivery | None:
        """Try a delivery again, even one that was delivered or given up; None if there is no such delivery.

        One that is being tried already is left as it is. Raises what the store raises.
        """
        if delivery_id in self._taken:
            return await self._store.delivery(delivery_id)
        self._taken.add(delivery_id)
        try:
            delivery = await self._store.delivery(delivery_id)
            if delivery is not None:
                todo = errand(delivery, self._settings())
                if isinstance(todo, WebhookErrand):
                    self._receivers.resume(todo.delivery.target)
                delivery = once_more(delivery, self._clock.time())
                await self._store.save_delivery(delivery)
                log.info("delivery_resent", delivery_id=delivery_id, target=masked_target(delivery))
        finally:
            self._done_with(delivery_id)
        self.wake()
        return delivery

    async def _keep_looking(self) -> None:
        while True:
            try:
                pause = await self._look()
            except Exception as error:  # noqa: BLE001 - whatever a store raises, what it holds is to get out
                log.warning("outbox_without_store", error=mask_addresses(str(error)))
                pause = STORE_PAUSE
            await self._alarm.wait(pause)

    async def _look(self) -> float:
        """Take what is due in hand; returns the seconds until there may be more."""
        now = self._clock.time()
        room = MOST - len(self._taken)
        if room > 0:
            # The store shows what is in hand as well: asking for more than that shows something new.
            limit = 2 * len(self._taken) + BATCH
            self._let_go.clear()
            due = await self._store.due_deliveries(now, limit)
            ours = self._taken | self._let_go
            for delivery in [each for each in due if each.delivery_id not in ours][:room]:
                self._take(delivery)
            if len(due) == limit and len(self._taken) < MOST:
                return 0.0
        if self._taken:
            return LOOK_AGAIN
        next_at = await self._store.next_delivery_at()
        if next_at is None:
            return self._longest_sleep
        return min(max(next_at - self._clock.time(), 0.0), self._longest_sleep)

    def _take(self, delivery: Delivery) -> None:
        self._taken.add(delivery.delivery_id)
        name = lane(delivery)
        there = self._lanes.setdefault(name, _ReceiverLane())
        there.waiting.append(delivery)
        if there.busy < (MAILS if delivery.kind == "email" else PER_TARGET):
            there.busy += 1
            task = asyncio.create_task(self._work(name, there), name=f"outbox {name}")
            self._tries.add(task)
            task.add_done_callback(self._tries.discard)

    async def _work(self, name: str, there: _ReceiverLane) -> None:
        """Try what waits for one target, one after the other."""
        try:
            while there.waiting and not self._stopping:
                delivery = there.waiting.popleft()
                try:
                    await self._deliver(delivery)
                finally:
                    self._done_with(delivery.delivery_id)
        finally:
            there.busy -= 1
            if not there.busy and not there.waiting:
                del self._lanes[name]

    def _done_with(self, delivery_id: str) -> None:
        self._taken.discard(delivery_id)
        self._let_go.add(delivery_id)
        if not self._taken:
            self._alarm.ring()

    async def _deliver(self, delivery: Delivery) -> None:
        async with self._room:
            delivery, result = await self._try(delivery)
        now = self._clock.time()
        if isinstance(result, TryHeld):
            delivery = after_hold(delivery, result, now, self._jitter())
        else:
            delivery = after_try(delivery, result, now, self._jitter())
        if not isinstance(result, TryHeld) or delivery.dead:
            self._tell(delivery)
        # Nothing else goes to this target before: if the core died now, few were told twice.
        while True:
            if await self._saved(delivery):
                return
            await asyncio.sleep(STORE_PAUSE)

    async def _try(self, delivery: Delivery) -> tuple[Delivery, TryResult | TryHeld]:
        todo = too_late(delivery, self._clock.time()) or errand(delivery, self._settings())
        try:
            match todo:
                case MailErrand():
                    return todo.delivery, await self._mail.send(todo)
                case WebhookErrand():
                    return todo.delivery, await self._post(todo)
                case TryFailed():
                    return delivery, todo
        except Exception as error:
            # A fault of ours with one delivery: the others are to go out all the same.
            log.exception("delivery_broke", delivery_id=delivery.delivery_id)
            return delivery, TryFailed(f"a fault of Ringback: {type(error).__name__}: {error}")

    async def _post(self, todo: WebhookErrand) -> TryResult | TryHeld:
        """Try, unless the receiver gets nothing now."""
        key = (todo.delivery.target, todo.secret)
        match self._receivers.standing(key, self._clock.time()):
            case ReceiverStanding(until=None, error=error):
                return TryFailed(f"not sent: the receiver is disabled, for it said {error}", final=True)
            case ReceiverStanding(until=float(until), error=error):
                return TryHeld(until, error)
        result = await self._webhooks.send(todo)
        before = self._receivers.standing(key, self._clock.time())
        self._receivers.learn(key, result, self._clock.time())
        after = self._receivers.standing(key, self._clock.time())
        if after is not None and (before is None or before.state != after.state):
            log.warning(
                "receiver_" + after.state,
                target=bare_url(todo.delivery.target),
                error=mask_addresses(after.error),
                again_in=None if after.until is None else round(after.until - after.since),
            )
        return result

    async def _saved(self, delivery: Delivery) -> bool:
        try:
            await self._store.save_delivery(delivery)
        except Exception as error:  # noqa: BLE001 - whatever a store raises, the result is not to be lost
            log.warning(
                "delivery_not_saved",
                delivery_id=delivery.delivery_id,
                error=mask_addresses(str(error)),
            )
            return False
        return True

    def _tell(self, delivery: Delivery) -> None:
        told = log.bind(
            delivery_id=delivery.delivery_id,
            kind=delivery.kind,
            mailbox=delivery.mailbox,
            target=masked_target(delivery),
            tries=delivery.tries,
        )
        if delivery.delivered_at is not None:
            told.info("delivered")
        elif delivery.next_at is not None:
            seconds = round(delivery.next_at - self._clock.time())
            told.warning("delivery_failed", error=mask_addresses(delivery.error), again_in=seconds)
        else:
            told.error("delivery_given_up", error=mask_addresses(delivery.error))
