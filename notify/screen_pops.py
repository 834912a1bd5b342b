"""Screen pops for other systems: each turn of a call at the business becomes a webhook of the outbox."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable

import structlog

from bridge.utc import iso
from config.models import Config
from cti.pop import PopField, Viewer, make_pop
from cti.screen_pops import PopNews, PopState
from notify.delivery import Delivery
from notify.masking import mask_addresses
from notify.outbox import STORE_PAUSE, Outbox
from notify.tries import POP, SITE
from notify.wording import new_delivery_id

log = structlog.get_logger(__name__)

#: The most news that wait for a disk that refuses; the oldest go first.
MOST_WAITING = 1000

EVENTS: dict[PopState, str] = {
    "offered": f"{POP}offered",
    "answered": f"{POP}answered",
    "over": f"{POP}ended",
}


def pop_delivery(
    news: PopNews, config: Config, new_id: Callable[[], str] = new_delivery_id
) -> Delivery | None:
    """The webhook that tells of it; None where the site wants none."""
    click = news.call.click
    site = config.sites.get(click.site)
    webhook = site.screen_pop.webhook if site else None
    if webhook is None or (webhook.when == "answer" and not news.was_answered):
        return None
    pop = make_pop(news.call, config, Viewer("", sensitive=webhook.sensitive_fields, numbers=True))
    data = {
        "call_id": pop.call_id,
        "agent": news.agent,
        "destination": news.destination,
        "label": news.label,
        "cause": news.cause,
        "site": click.site,
        "by": pop.by,
        "number": pop.number if pop.number_verified else "",
        "claimed_number": "" if pop.number_verified else pop.number,
        "place": pop.place,
        "page": pop.page,
        "asked_at": iso(pop.asked_at),
        "signed": _values(pop.signed),
        "claimed": _values(pop.claimed),
    }
    event = EVENTS[news.state]
    return Delivery(
        delivery_id=new_id(),
        kind="webhook",
        mailbox=f"{SITE}{click.site}",
        target=webhook.url,
        subject=event,
        body=json.dumps({"type": event, "timestamp": iso(news.since), "data": data}, separators=(",", ":")),
        attachment=None,
        created_at=news.since,
        next_at=news.since,
        site=click.site,
    )


def _values(fields: Iterable[PopField]) -> dict[str, str]:
    return {field.key: field.value for field in fields if not field.masked}


class PopPoster:
    """Puts the webhooks into the outbox, in the order of what happened, without letting anybody wait.

    Between ``start`` and ``stop``; what the disk refuses is tried again for as long as there is room.
    """

    def __init__(self, outbox: Outbox, settings: Callable[[], Config]) -> None:
        self._outbox = outbox
        self._settings = settings
        self._waiting: deque[Delivery] = deque(maxlen=MOST_WAITING)
        self._awake = asyncio.Event()
        self._posting: asyncio.Task[None] | None = None

    def tell(self, news: PopNews) -> None:
        """Tell the site's webhook, if it has one."""
        delivery = pop_delivery(news, self._settings())
        if delivery is None:
            return
        if len(self._waiting) == MOST_WAITING:
            log.error("screen_pop_lost", call_id=news.call.call_id, waiting=MOST_WAITING)
        self._waiting.append(delivery)
        self._awake.set()

    async def start(self) -> None:
        """Begin."""
        self._posting = asyncio.create_task(self._keep_posting(), name="screen pops")

    async def stop(self) -> None:
        """Put what waits on disk, if the disk takes it now."""
        if self._posting is not None:
            self._posting.cancel()
            await asyncio.wait({self._posting})
        if self._waiting:
            await self._post()

    async def _keep_posting(self) -> None:
        while True:
            await self._awake.wait()
            self._awake.clear()
            if not await self._post():
                self._awake.set()
                await asyncio.sleep(STORE_PAUSE)

    async def _post(self) -> bool:
        batch = tuple(self._waiting)
        try:
            await self._outbox.add(batch)
        except Exception as error:  # noqa: BLE001 - whatever a store raises, calls go on
            log.warning("screen_pops_not_kept", waiting=len(batch), error=mask_addresses(str(error)))
            return False
        written = {delivery.delivery_id for delivery in batch}
        while self._waiting and self._waiting[0].delivery_id in written:
            self._waiting.popleft()
        return True
