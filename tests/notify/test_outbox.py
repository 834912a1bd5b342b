"""The outbox: everything gets out, in time, whatever targets, settings and disks do."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

import notify.outbox
from config.models import Config
from config.sections.mailboxes import Mailbox
from config.sections.webhook import Webhook
from notify.delivery import Delivery
from notify.outbox import PER_TARGET, MailSender, Outbox, WebhookSender
from notify.tries import PAUSES, MailErrand, TryDone, TryFailed, TryResult, WebhookErrand
from notify.webhooks import WebhookPoster
from tests.aio import asyncio_test
from tests.notify.parts import (
    SECRET,
    FastClock,
    MemoryStore,
    Postbox,
    mail_delivery,
    settings,
    until,
    webhook_delivery,
)
from tests.notify.receivers import Request, answer, receiver

URL = "https://crm.example/hook"
BOTH = settings(email=("sales@shop.example",), url=URL)


@asynccontextmanager
async def running(
    store: MemoryStore,
    mail: MailSender | None = None,
    webhooks: WebhookSender | None = None,
    *,
    config: Callable[[], Config] = lambda: BOTH,
    speed: float = 1.0,
) -> AsyncIterator[Outbox]:
    outbox = Outbox(
        store, config, FastClock(speed), mail or Postbox(), webhooks or Postbox(), jitter=lambda: 0.5
    )
    await outbox.start()
    try:
        yield outbox
    finally:
        await outbox.stop()


def many_targets(count: int, url: Callable[[int], str]) -> Config:
    """Settings with the mailboxes ``box0``, ``box1`` and so on."""
    boxes = {
        f"box{n}": Mailbox(label="Box", webhook=Webhook(url=url(n), secret=SECRET)) for n in range(count)
    }
    return settings(mailboxes=boxes)


@asyncio_test(timeout=20)
async def test_what_is_added_goes_out_at_once() -> None:
    store, mail, webhooks = MemoryStore(), Postbox(), Postbox()
    async with running(store, mail, webhooks) as outbox:
        await asyncio.sleep(0.05)
        began = time.monotonic()
        await outbox.add([mail_delivery(), webhook_delivery(URL)])
        await until(lambda: all(each.delivered_at for each in store.rows.values()))
        assert time.monotonic() - began < 0.5
    assert [each.delivery_id for each in mail.sent] == ["msg_mail"]
    assert [each.delivery_id for each in webhooks.sent] == ["msg_0"]


@asyncio_test(timeout=20)
async def test_what_a_dead_core_left_goes_out_at_the_start() -> None:
    store = MemoryStore([webhook_delivery(URL, tries=3)])
    async with running(store):
        await until(lambda: store.rows["msg_0"].delivered_at is not None)
    assert store.rows["msg_0"].tries == 4


@asyncio_test(timeout=30)
async def test_it_is_tried_for_two_days_and_then_given_up() -> None:
    store, clock = MemoryStore([webhook_delivery(URL)]), FastClock(200_000.0)
    tried: list[float] = []

    class Dead:
        async def send(self, errand: WebhookErrand) -> TryResult:
            tried.append(clock.time())
            return TryFailed("500 Oops")

    outbox = Outbox(store, lambda: BOTH, clock, Postbox(), Dead(), jitter=lambda: 0.0)
    await outbox.start()
    await until(lambda: store.rows["msg_0"].dead)
    await outbox.stop()
    assert len(tried) == len(PAUSES) + 1 == store.rows["msg_0"].tries
    assert store.rows["msg_0"].error == "500 Oops"
    for pause, first, second in zip(PAUSES, tried, tried[1:], strict=False):
        assert second - first >= pause
    # Not much later either, where the speed of this clock does not blur it.
    assert tried[-1] - tried[-2] < PAUSES[-1] * 1.5


@asyncio_test(timeout=20)
async def test_a_target_that_recovers_is_told_once() -> None:
    store = MemoryStore([webhook_delivery(URL)])
    webhooks = Postbox(lambda each: TryDone() if each.tries == 4 else TryFailed("503 Busy"))
    async with running(store, webhooks=webhooks, speed=5000.0):
        await until(lambda: store.rows["msg_0"].delivered_at is not None)
        await asyncio.sleep(0.1)
    assert len(webhooks.sent) == 5
    assert {each.delivery_id for each in webhooks.sent} == {"msg_0"}


@asyncio_test(timeout=20)
async def test_410_gives_up_and_resend_starts_over() -> None:
    store, gone = MemoryStore([webhook_delivery(URL)]), TryFailed("410 Gone", final=True)
    webhooks = Postbox(lambda each: gone)
    async with running(store, webhooks=webhooks) as outbox:
        await until(lambda: store.rows["msg_0"].dead)
        assert (store.rows["msg_0"].tries, store.rows["msg_0"].error) == (1, "410 Gone")
        webhooks.answer = lambda each: TryDone()
        again = await outbox.resend("msg_0")
        assert again is not None
        assert (again.tries, again.error, again.dead) == (0, "", False)
        await until(lambda: store.rows["msg_0"].delivered_at is not None)
        assert await outbox.resend("msg_none") is None
    assert len(webhooks.sent) == 2


@asyncio_test(timeout=20)
async def test_410_disables_the_receiver_until_the_operator_or_the_settings_say_otherwise() -> None:
    store = MemoryStore([webhook_delivery(URL)])
    webhooks = Postbox(lambda each: TryFailed("410 Gone", final=True))
    config = [BOTH]
    async with running(store, webhooks=webhooks, config=lambda: config[0]) as outbox:
        await until(lambda: store.rows["msg_0"].dead)
        (closed,) = outbox.closed_receivers()
        assert (closed.target, closed.state, closed.until, closed.error) == (
            URL,
            "disabled",
            None,
            "410 Gone",
        )
        webhooks.answer = lambda each: TryDone()
        await outbox.add([webhook_delivery(URL, 1)])
        await until(lambda: store.rows["msg_1"].dead)
        assert "disabled" in store.rows["msg_1"].error
        assert len(webhooks.sent) == 1, "nothing is sent to it"
        outbox.settings_changed()
        assert outbox.closed_receivers(), "these are the same settings"
        assert outbox.resume(URL)
        assert not outbox.resume(URL)
        await outbox.add([webhook_delivery(URL, 2)])
        await until(lambda: store.rows["msg_2"].delivered_at is not None)
        webhooks.answer = lambda each: TryFailed("410 Gone", final=True)
        await outbox.add([webhook_delivery(URL, 3)])
        await until(lambda: store.rows["msg_3"].dead)
        webhooks.answer = lambda each: TryDone()
        config[0] = settings(email=("sales@shop.example",), url="https://crm.example/other")
        outbox.settings_changed()
        config[0] = BOTH
        await outbox.add([webhook_delivery(URL, 4)])
        await until(lambda: store.rows["msg_4"].delivered_at is not None)


@asyncio_test(timeout=20)
async def test_a_receiver_that_asks_for_a_pause_is_left_alone() -> None:
    """All that waits for it waits, which is no try; others are told meanwhile."""
    config = many_targets(2, lambda n: f"https://host{n}.example/")
    store = MemoryStore([webhook_delivery("https://host0.example/", 0, mailbox="box0")])
    webhooks = Postbox(lambda each: TryFailed("429 Slow", retry_after=300.0))
    async with running(store, webhooks=webhooks, config=lambda: config, speed=200.0) as outbox:
        await until(lambda: store.rows["msg_0"].tries == 1)
        (closed,) = outbox.closed_receivers()
        assert closed.state == "held"
        webhooks.answer = lambda each: TryDone()
        more = [webhook_delivery("https://host0.example/", n, mailbox="box0") for n in (1, 2)]
        await outbox.add([*more, webhook_delivery("https://host1.example/", 3, mailbox="box1")])
        await until(lambda: store.rows["msg_3"].delivered_at is not None)
        await until(lambda: bool(store.rows["msg_1"].error and store.rows["msg_2"].error))
        assert all(store.rows[each].tries == 0 for each in ("msg_1", "msg_2"))
        assert {each.delivery_id for each in webhooks.sent} == {"msg_0", "msg_3"}
        await until(lambda: all(each.delivered_at is not None for each in store.rows.values()))
        assert outbox.closed_receivers() == []
    assert closed.until is not None
    told = [store.rows[each] for each in ("msg_0", "msg_1", "msg_2")]
    assert all(each.delivered_at is not None and each.delivered_at >= closed.until for each in told)


@asyncio_test(timeout=20)
async def test_resending_what_is_being_sent_does_not_send_it_twice() -> None:
    store, hold = MemoryStore([webhook_delivery(URL)]), asyncio.Event()
    sent: list[str] = []

    class Slow:
        async def send(self, errand: WebhookErrand) -> TryResult:
            sent.append(errand.delivery.delivery_id)
            await hold.wait()
            return TryDone()

    async with running(store, webhooks=Slow()) as outbox:
        await until(lambda: bool(sent))
        await outbox.resend("msg_0")
        hold.set()
        await until(lambda: store.rows["msg_0"].delivered_at is not None)
        await asyncio.sleep(0.1)
    assert sent == ["msg_0"]


@asyncio_test(timeout=20)
async def test_a_slow_target_does_not_slow_the_others() -> None:
    """A thousand deliveries wait for a host that hangs, all of them longer than one for another host."""
    config = many_targets(2, lambda n: f"https://host{n}.example/")
    slow = [webhook_delivery("https://host0.example/", n, mailbox="box0") for n in range(1000)]
    quick = webhook_delivery("https://host1.example/", 1000, mailbox="box1")
    quick = replace(quick, next_at=quick.created_at + 0.001)
    store, hanging, most = MemoryStore([*slow, quick]), Counter[str](), Counter[str]()

    class Hosts:
        async def send(self, errand: WebhookErrand) -> TryResult:
            target = errand.delivery.target
            hanging[target] += 1
            most[target] = max(most[target], hanging[target])
            if "host0" in target:
                await asyncio.sleep(60)
            return TryDone()

    async with running(store, webhooks=Hosts(), config=lambda: config) as outbox:
        await until(lambda: store.rows["msg_1000"].delivered_at is not None, 5.0)
        notify.outbox.PATIENCE, before = 0.0, notify.outbox.PATIENCE
        await outbox.stop()
        notify.outbox.PATIENCE = before
    assert most["https://host0.example/"] == PER_TARGET
    waiting = [each for each in store.rows.values() if each.next_at is not None]
    assert len(waiting) == 1000, "what was cut short is tried at the next start"


@asyncio_test(timeout=90)
async def test_a_thousand_drain_quickly() -> None:
    """Over real HTTP, on a few connections; each exactly once."""

    async def reply(request: Request) -> bytes:
        await asyncio.sleep(0.005)
        return answer("204 No Content")

    async with receiver(reply) as there:
        config = settings(url=there.url)
        store = MemoryStore(webhook_delivery(there.url, n) for n in range(1000))
        poster = WebhookPoster(time.time)
        began = time.monotonic()
        async with running(store, webhooks=poster, config=lambda: config):
            await until(lambda: all(each.delivered_at for each in store.rows.values()), 60.0)
        took = time.monotonic() - began
        await poster.close()
    seen = Counter(request.headers["webhook-id"] for request in there.requests)
    assert len(seen) == 1000
    assert set(seen.values()) == {1}
    assert there.connections <= PER_TARGET
    assert store.reads < 60
    print(f"1000 webhooks in {took:.1f} s")


@asyncio_test(timeout=20)
async def test_a_core_that_dies_between_send_and_save_tells_twice_with_the_same_id() -> None:
    async with receiver(answer("200 OK")) as there:
        config = settings(url=there.url)
        poster = WebhookPoster(time.time)

        class Dying(MemoryStore):
            async def save_delivery(self, delivery: Delivery) -> None:
                await asyncio.Event().wait()

        dying = Dying([webhook_delivery(there.url)])
        outbox = Outbox(dying, lambda: config, FastClock(), Postbox(), poster)
        await outbox.start()
        await until(lambda: len(there.requests) == 1)
        notify.outbox.PATIENCE, before = 0.0, notify.outbox.PATIENCE
        await outbox.stop()
        notify.outbox.PATIENCE = before

        store = MemoryStore(dying.rows.values())
        async with running(store, webhooks=poster, config=lambda: config):
            await until(lambda: store.rows["msg_0"].delivered_at is not None)
        await poster.close()
    assert [request.headers["webhook-id"] for request in there.requests] == ["msg_0", "msg_0"]


@asyncio_test(timeout=20)
async def test_a_broken_store_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what was delivered meanwhile is not delivered again."""
    monkeypatch.setattr(notify.outbox, "STORE_PAUSE", 0.05)
    store = MemoryStore([webhook_delivery(URL)])
    store.broken = True
    webhooks = Postbox()

    def breaks(delivery: Delivery) -> TryResult:
        store.broken = True
        return TryDone()

    webhooks.answer = breaks
    async with running(store, webhooks=webhooks) as outbox:
        await asyncio.sleep(0.15)
        assert webhooks.sent == []
        store.broken = False
        await until(lambda: len(webhooks.sent) == 1)
        await asyncio.sleep(0.2)
        assert store.rows["msg_0"].delivered_at is None
        with pytest.raises(RuntimeError, match="disk full"):
            await outbox.add([webhook_delivery(URL, 1)])
        with pytest.raises(RuntimeError, match="disk full"):
            await outbox.resend("msg_1")
        store.broken = False
        await until(lambda: store.rows["msg_0"].delivered_at is not None)
        await asyncio.sleep(0.1)
    assert len(webhooks.sent) == 1


@asyncio_test(timeout=20)
async def test_settings_that_change_between_two_tries() -> None:
    now = [BOTH]
    store = MemoryStore([webhook_delivery(URL), mail_delivery()])
    refused = Postbox(lambda each: TryFailed("503 Busy"))
    async with running(store, refused, refused, config=lambda: now[0], speed=100.0):
        await until(lambda: all(each.tries for each in store.rows.values()))
        now[0] = settings(url="https://new.example/hook")
        refused.answer = lambda each: TryDone()
        await until(lambda: all(each.next_at is None for each in store.rows.values()))
    assert refused.sent[-1].target == "https://new.example/hook"
    assert store.rows["msg_mail"].dead
    assert store.rows["msg_mail"].error == "mailbox sales has no address sales@shop.example any more"


@asyncio_test(timeout=20)
async def test_a_fault_of_ours_in_one_delivery_stops_no_other() -> None:
    store = MemoryStore([webhook_delivery(URL, n) for n in range(5)])

    def breaks(delivery: Delivery) -> TryResult:
        if delivery.delivery_id == "msg_0":
            raise ZeroDivisionError("oops")
        return TryDone()

    async with running(store, webhooks=Postbox(breaks)):
        await until(lambda: sum(each.delivered_at is not None for each in store.rows.values()) == 4)
        await until(lambda: store.rows["msg_0"].tries == 1)
    assert store.rows["msg_0"].error == "a fault of Ringback: ZeroDivisionError: oops"
    assert store.rows["msg_0"].next_at is not None


@asyncio_test(timeout=20)
async def test_stopping_lets_a_try_end() -> None:
    store, sent = MemoryStore([webhook_delivery(URL, n) for n in range(10)]), []

    class Slow:
        async def send(self, errand: WebhookErrand | MailErrand) -> TryResult:
            sent.append(errand.delivery.delivery_id)
            await asyncio.sleep(0.2)
            return TryDone()

    async with running(store, webhooks=Slow()) as outbox:
        await until(lambda: len(sent) == PER_TARGET)
        await outbox.stop()
        assert len(sent) == PER_TARGET
        assert sum(each.delivered_at is not None for each in store.rows.values()) == PER_TARGET
        await outbox.start()
        await until(lambda: all(each.delivered_at for each in store.rows.values()))
    assert len(sent) == 10
