"""Webhooks of screen pops, to a receiver that fails, hangs, redirects and answers late."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

import notify.screen_pops
import notify.webhooks
from config.models import Config
from cti.pop import KnownCall
from cti.screen_pops import PopNews, PopState
from notify.outbox import PER_TARGET, Outbox
from notify.screen_pops import MOST_WAITING, PopPoster, pop_delivery
from notify.tries import (
    PAUSES,
    STALE,
    TryDone,
    TryFailed,
    WebhookErrand,
    after_try,
    errand,
    once_more,
    too_late,
)
from notify.webhooks import WebhookPoster
from tests.aio import asyncio_test
from tests.cti.shops import BOSTON, CLICK, shop
from tests.notify.parts import NOW, SECRET, FastClock, MemoryStore, Postbox, until
from tests.notify.receivers import Receiver, Request, answer, receiver

URL = "https://crm.example/pops"
OK = answer("204 No Content")


def news(state: PopState = "offered", **changes: Any) -> PopNews:
    plain = PopNews(
        call=KnownCall("c1", CLICK, NOW - 12.0, BOSTON),
        state=state,
        since=NOW,
        cause="normal" if state == "over" else None,
        agent="alice",
        destination="agent:alice",
        label="Alice",
        was_answered=state != "offered",
    )
    return replace(plain, **changes)


def hooked(url: str = URL, **webhook: Any) -> Config:
    return shop(webhook={"url": url, "secret": SECRET, **webhook})


def event(state: PopState = "offered", config: Config | None = None, **changes: Any) -> dict[str, Any] | None:
    delivery = pop_delivery(news(state, **changes), config or hooked(), lambda: "msg_1")
    return json.loads(delivery.body) if delivery else None


def test_what_a_receiver_is_told() -> None:
    assert event() == {
        "type": "screen_pop.offered",
        "timestamp": "2026-11-14T15:30:05.250Z",
        "data": {
            "call_id": "c1",
            "agent": "alice",
            "destination": "agent:alice",
            "label": "Alice",
            "cause": None,
            "site": "shop",
            "by": "phone",
            "number": "+16175550123",
            "claimed_number": "",
            "place": "Boston, MA, US",
            "page": "https://shop.example/cart?step=2",
            "asked_at": "2026-11-14T15:29:53.250Z",
            "signed": {"customer.name": "Anna", "cart.value": "120", "customer.segment": "gold"},
            "claimed": {"customer.name": "Ann", "note": "two\nlines"},
        },
    }
    over = event("over", agent=None, destination="store", label="Boston store")
    assert over
    assert over["type"] == "screen_pop.ended"
    assert (over["data"]["agent"], over["data"]["cause"]) == (None, "normal")


def test_a_number_that_was_only_typed_is_told_as_a_claim() -> None:
    told = event(call=KnownCall("c1", replace(CLICK, by="pc"), NOW, BOSTON))
    assert told
    assert (told["data"]["number"], told["data"]["claimed_number"]) == ("", "+16175550123")


def test_sensitive_fields_need_the_operators_word() -> None:
    told = event(config=hooked(sensitive_fields=True))
    assert told
    assert told["data"]["claimed"]["customer.card"] == "4111"


def test_who_is_told_and_from_when_on() -> None:
    assert event(config=shop()) is None
    assert event(call=KnownCall("c1", replace(CLICK, site="gone"), NOW, BOSTON)) is None
    answers = hooked(when="answer")
    assert event(config=answers) is None
    assert event("answered", answers) is not None
    assert event("over", answers) is not None
    assert event("over", answers, was_answered=False) is None


def test_the_settings_of_now_say_where_to_and_how() -> None:
    delivery = pop_delivery(news(), hooked("https://old.example/"))
    assert delivery
    assert errand(delivery, hooked()) == WebhookErrand(replace(delivery, target=URL), SECRET)
    gone = TryFailed("site shop has no webhook for screen pops any more", final=True)
    assert errand(delivery, shop()) == gone


def test_news_of_calls_that_ring_gets_stale_and_that_they_are_over_does_not() -> None:
    for state in ("offered", "answered"):
        delivery = pop_delivery(news(state), hooked())
        assert delivery
        assert too_late(delivery, NOW + STALE) is None
        late = too_late(delivery, NOW + STALE + 1)
        assert late
        assert late.final
        # Tried at once, after 5 s and after 35 s; two minutes more would be too late.
        now, tried = NOW, 0
        while delivery.next_at is not None:
            now, tried = delivery.next_at, tried + 1
            delivery = after_try(delivery, TryFailed("500 Oops"), now, 0.0)
        assert (tried, delivery.dead, delivery.error) == (3, True, "500 Oops")
        # An operator who sends it again wants it to be sent.
        again = once_more(delivery, NOW + 86400)
        assert too_late(again, NOW + 86401) is None
        assert after_try(again, TryDone(), NOW + 86401, 0.0).delivered_at == NOW + 86401
    over = pop_delivery(news("over"), hooked())
    assert over
    assert too_late(over, NOW + 86400) is None
    assert (
        after_try(replace(over, tries=len(PAUSES) - 1), TryFailed("500"), NOW + 86400, 0.0).next_at
        is not None
    )


# --- to real receivers ------------------------------------------------------------------------------------


class Desk:
    """Everything between the news and the wire; the clock runs ``speed`` times as fast."""

    def __init__(self, url: str, speed: float = 1.0) -> None:
        self.config = hooked(url)
        self.clock, self.store = FastClock(speed), MemoryStore()
        self.posting = WebhookPoster(self.clock.time)
        self.outbox = Outbox(
            self.store, lambda: self.config, self.clock, Postbox(), self.posting, jitter=lambda: 0.0
        )
        self.poster = PopPoster(self.outbox, lambda: self.config)

    def tell(self, *states: PopState) -> None:
        for state in states:
            self.poster.tell(news(state, since=self.clock.time()))

    def of(self, subject: str) -> list[str]:
        """How the deliveries of an event stand."""
        return [
            "delivered" if each.delivered_at else "dead" if each.dead else "waiting"
            for each in self.store.rows.values()
            if each.subject == f"screen_pop.{subject}"
        ]


@asynccontextmanager
async def desk(there: Receiver, speed: float = 1.0) -> AsyncIterator[Desk]:
    made = Desk(there.url, speed)
    await made.outbox.start()
    await made.poster.start()
    try:
        yield made
    finally:
        await made.poster.stop()
        await made.outbox.stop()
        await made.posting.close()


def types(requests: list[Request]) -> list[str]:
    return [json.loads(each.body)["type"].removeprefix("screen_pop.") for each in requests]


@asyncio_test(timeout=20)
async def test_a_call_is_told_at_once_and_signed() -> None:
    async with receiver(OK) as there, desk(there) as it:
        it.tell("offered", "answered", "over")
        await until(lambda: len(there.requests) == 3)
        # Several at once: a receiver sorts by the timestamp.
        assert sorted(types(there.requests)) == ["answered", "ended", "offered"]
        assert len({each.headers["webhook-id"] for each in there.requests}) == 3
        request = there.requests[0]
        key = Webhook(SECRET)
        # FastClock's now is not the wall's, which the library compares with: sign what came once more.
        stamp = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
        signature = key.sign(request.headers["webhook-id"], stamp, request.body.decode())
        assert request.headers["webhook-signature"] == signature


@asyncio_test(timeout=20)
async def test_a_receiver_that_fails_first_is_told_later_with_the_same_id() -> None:
    replies = iter([answer("500 Oops"), answer("302 Found", b"", "location: https://evil.example/"), OK])

    async def reply(request: Request) -> bytes:
        return next(replies)

    async with receiver(reply) as there, desk(there, speed=100.0) as it:
        it.tell("offered")
        await until(lambda: it.of("offered") == ["delivered"])
    assert len({each.headers["webhook-id"] for each in there.requests}) == 1
    stamps = [int(each.headers["webhook-timestamp"]) for each in there.requests]
    assert stamps == sorted(set(stamps)), "each try has a time of its own"


@asyncio_test(timeout=20)
async def test_dead_letters_stay_and_can_be_sent_again() -> None:
    async def reply(request: Request) -> bytes:
        return OK if repaired else answer("302 Found", b"", "location: https://evil.example/?x=1")

    repaired = False
    async with receiver(reply) as there, desk(there, speed=500.0) as it:
        it.tell("answered")
        await until(lambda: it.of("answered") == ["dead"])
        (dead,) = await it.store.deliveries(dead=True)
        assert dead.error == "302 Found: redirects are not followed; it leads to https://evil.example/"
        assert dead.tries == 3
        repaired = True
        await it.outbox.resend(dead.delivery_id)
        await until(lambda: it.of("answered") == ["delivered"])
    assert {each.headers["webhook-id"] for each in there.requests} == {dead.delivery_id}


@asyncio_test(timeout=30)
async def test_a_receiver_that_hangs_holds_up_nobody_and_stale_news_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notify.webhooks, "TIMEOUT", 0.6)
    hung = True

    async def reply(request: Request) -> bytes | None:
        return None if hung else OK

    async with receiver(reply) as there, desk(there, speed=400.0) as it:
        began = time.monotonic()
        it.tell(*["offered"] * 30, "over")
        assert time.monotonic() - began < 0.2, "nobody waits for it"
        # Those that hang are over after 240 s, and the others are stale by then.
        await until(lambda: it.of("offered") == ["dead"] * 30)
        assert types(there.requests).count("offered") <= PER_TARGET
        hung = False
        await until(lambda: it.of("ended") == ["delivered"])
    errors = {each.error for each in it.store.rows.values() if each.dead}
    assert errors == {"no answer within 0.6 s", "not told within 120 s, and stale by now"}


@asyncio_test(timeout=20)
async def test_a_receiver_that_answers_late_but_in_time_is_told_once() -> None:
    async def reply(request: Request) -> bytes:
        await asyncio.sleep(0.4)
        return OK

    async with receiver(reply) as there, desk(there) as it:
        it.tell("offered")
        await until(lambda: it.of("offered") == ["delivered"])
    assert len(there.requests) == 1


@asyncio_test(timeout=20)
async def test_a_disk_that_refuses_for_a_while_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify.screen_pops, "STORE_PAUSE", 0.05)
    async with receiver(OK) as there, desk(there) as it:
        it.store.broken = True
        it.tell("offered")
        await asyncio.sleep(0.1)
        it.tell("over")
        it.store.broken = False
        await until(lambda: len(it.store.rows) == 2)
    assert [each.subject for each in it.store.rows.values()] == ["screen_pop.offered", "screen_pop.ended"]


@asyncio_test(timeout=20)
async def test_what_waits_is_bounded_and_put_on_disk_at_the_end() -> None:
    store = MemoryStore()
    outbox = Outbox(store, hooked, FastClock(), Postbox(), Postbox())
    poster = PopPoster(outbox, hooked)
    for n in range(MOST_WAITING + 5):
        poster.tell(news(call=KnownCall(f"c{n}", CLICK, NOW, BOSTON)))
    await poster.stop()
    assert len(store.rows) == MOST_WAITING
    assert json.loads(next(iter(store.rows.values())).body)["data"]["call_id"] == "c5"
