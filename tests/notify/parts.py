"""Settings, messages, a store in memory and a fast clock for the tests of notify."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from bridge.protocols import VoiceMessage
from config.models import Config
from config.sections.callbacks import CallbackTerms
from config.sections.mail import Mail
from config.sections.mailboxes import Mailbox
from config.sections.sites import Site
from config.sections.trunks import CallerId
from config.sections.webhook import Webhook
from notify.delivery import Delivery
from notify.tries import MailErrand, TryDone, TryResult, WebhookErrand

SECRET = "whsec_" + base64.b64encode(b"the quick brown fox jumps over it").decode()
#: Saturday, 14 November 2026, 15:30:05.25 UTC.
NOW = 1794670205.25


def shop(time_zone: str = "America/New_York") -> Site:
    return Site(
        key="shop-example-1",
        label="Boston Shop",
        origins=("https://shop.example",),
        countries=("US",),
        trunk="carrier",
        caller_id=CallerId(number="+16175550100"),
        route="sales",
        time_zone=time_zone,
    )


def settings(
    *,
    email: tuple[str, ...] = (),
    url: str | None = None,
    secret: str = SECRET,
    mail: Mail | None = None,
    mailboxes: dict[str, Mailbox] | None = None,
    **mailbox: Any,
) -> Config:
    """Settings with the site ``shop``, the mailbox ``sales`` and the callback terms ``later``."""
    hook = Webhook(url=url, secret=secret) if url else None
    sales = Mailbox(**{"label": "Sales", "email": email, "webhook": hook} | mailbox)
    return Config(
        trunks={},
        sites={"shop": shop()},
        destinations={},
        routes={},
        mailboxes={"sales": sales} if mailboxes is None else mailboxes,
        callbacks={"later": CallbackTerms(mailbox="sales"), "quiet": CallbackTerms()},
        mail=mail or Mail(sender="ringback@shop.example"),
    )


def message(**changes: Any) -> VoiceMessage:
    plain = VoiceMessage(
        call_id="c0ffee",
        mailbox="sales",
        site="shop",
        number="+16175550123",
        page="https://shop.example/sofas?colour=red",
        context={"customer.name": "Ann", "cart.value": "120"},
        path="/nowhere/message.wav",
        seconds=42.4,
        at=NOW,
    )
    return replace(plain, **changes)


def mail_delivery(target: str = "sales@shop.example", **changes: Any) -> Delivery:
    plain = Delivery("msg_mail", "email", "sales", target, "Message", "Hello.\n", None, NOW, next_at=NOW)
    return replace(plain, **changes)


def webhook_delivery(target: str, n: int = 0, **changes: Any) -> Delivery:
    body = '{"type":"message.taken","timestamp":"2026-11-14T15:30:05.250Z","data":{"page":"\\u00fc"}}'
    plain = Delivery(f"msg_{n}", "webhook", "sales", target, "message.taken", body, None, NOW, next_at=NOW)
    return replace(plain, **changes)


class MemoryStore:
    """notify.delivery.DeliveryStore without a disk; ``broken`` makes every method raise."""

    def __init__(self, deliveries: Iterable[Delivery] = ()) -> None:
        self.rows = {each.delivery_id: each for each in deliveries}
        self.broken = False
        self.reads = 0

    async def _reach(self) -> None:
        await asyncio.sleep(0)
        if self.broken:
            raise RuntimeError("disk full")

    async def add_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        await self._reach()
        self.rows |= {each.delivery_id: each for each in deliveries}

    async def save_delivery(self, delivery: Delivery) -> None:
        await self._reach()
        self.rows[delivery.delivery_id] = delivery

    async def due_deliveries(self, at: float, limit: int) -> Sequence[Delivery]:
        self.reads += 1
        due = [each for each in self.rows.values() if each.next_at is not None and each.next_at <= at]
        due = sorted(due, key=lambda each: each.next_at or 0.0)[:limit]
        await self._reach()  # what is returned may be out of date already
        return due

    async def next_delivery_at(self) -> float | None:
        await self._reach()
        return min((each.next_at for each in self.rows.values() if each.next_at is not None), default=None)

    async def deliveries(self, *, dead: bool, limit: int = 100) -> Sequence[Delivery]:
        await self._reach()
        found = [each for each in self.rows.values() if each.dead or not dead]
        return sorted(found, key=lambda each: -each.created_at)[:limit]

    async def delivery(self, delivery_id: str) -> Delivery | None:
        await self._reach()
        return self.rows.get(delivery_id)


class FastClock:
    """bridge.protocols.Clock that begins at NOW and runs ``speed`` times as fast."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._began = time.monotonic()

    def time(self) -> float:
        return NOW + (time.monotonic() - self._began) * self._speed

    def call_later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds / self._speed, callback)


class Postbox:
    """Takes mail and webhooks alike; ``answer`` says what becomes of them."""

    def __init__(self, answer: Callable[[Delivery], TryResult] = lambda delivery: TryDone()) -> None:
        self.answer = answer
        self.sent: list[Delivery] = []

    async def send(self, errand: MailErrand | WebhookErrand) -> TryResult:
        self.sent.append(errand.delivery)
        await asyncio.sleep(0)
        return self.answer(errand.delivery)


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for a condition; AssertionError if it does not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        await asyncio.sleep(0.005)
