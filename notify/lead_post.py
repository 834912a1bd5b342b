"""Tells of leads: digests to their people, acknowledgements to shoppers, webhooks to programs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Sequence
from typing import Any, Protocol

import structlog

from bridge.protocols import Cancellable, Clock
from bridge.utc import iso
from chat.transcript import Transcript
from config.models import Config
from config.sections.data_pass import DataPass
from follow.commands import LeadWord
from follow.lead import Lead, ReminderKind, Unserved
from leads.records import DropReminders, LeadReminder, LeadStore, LeadWrite
from notify.delivery import Delivery
from notify.lead_mail import (
    LEAD,
    LeadNews,
    acknowledgement,
    digest_of_address,
    readers_of,
    staff_mail,
)
from notify.masking import mask_addresses
from notify.wording import MailboxPost, new_delivery_id

log = structlog.get_logger(__name__)

#: Seconds in which what happens together is gathered for one mail.
GATHER = 2.0
#: Seconds to leave a failing store alone.
STORE_PAUSE = 5.0
#: The most leads that one mail tells of; the others are on the list.
MOST = 100
#: The order in which a mail tells of them.
_URGENCY: tuple[ReminderKind, ...] = ("breach", "warning", "step", "new", "back")


class LeadAttachments(Protocol):
    """What goes with the mail about a lead; may raise what a store raises."""

    async def transcript(self, lead: Lead) -> Transcript | None:
        """Of its chat, all that was said; None where it has none."""

    async def recording(self, lead: Lead) -> str | None:
        """The file of its voice message; None where it has none."""


class LeadOutbox(Protocol):
    """The outbox."""

    async def add(self, deliveries: Sequence[Delivery]) -> None:
        """Put new deliveries on disk and begin with them; raises what the store raises."""


class LeadPost:
    """:class:`leads.desk.LeadOutside` on the outbox.

    One mail a reader and ``follow_up.digest``, with all of it; none to who has the list open
    (``watches(reader)``) or wants none. What is still to be told is on disk (``keep``) until the outbox has
    it. ``lead(lead_id)`` is a lead as it stands, None for one that is gone.
    """

    def __init__(
        self,
        *,
        store: LeadStore,
        outbox: LeadOutbox,
        config: Callable[[], Config],
        clock: Clock,
        lead: Callable[[str], Lead | None],
        keep: Callable[[LeadWrite], None],
        watches: Callable[[str], bool],
        attachments: LeadAttachments,
    ) -> None:
        self._store = store
        self._outbox = outbox
        self._config = config
        self._clock = clock
        self._lead = lead
        self._keep = keep
        self._watches = watches
        self._attachments = attachments
        self._pending: dict[str, dict[str, LeadReminder]] = {}
        self._told_at: dict[str, float] = {}
        self._timers: dict[str, Cancellable] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take up what the last start left to be told; raises what the store raises."""
        for reminder in await self._store.reminders():
            self._pending.setdefault(reminder.reader, {}).setdefault(reminder.lead_id, reminder)
        for reader in self._pending:
            self._arm(reader)

    async def stop(self) -> None:
        """Tell nothing more; what is pending is on disk."""
        for timer in self._timers.values():
            timer.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2.0)

    # --- LeadOutside ----------------------------------------------------------------------------------------

    def remind(self, reader: str, lead: Lead, kind: ReminderKind) -> None:
        """Tell ``agent:NAME`` or ``mailbox:NAME``, soon, with all the others of theirs."""
        if not readers_of(self._config(), reader, [lead.site]):
            return
        mine = self._pending.setdefault(reader, {})
        known = mine.get(lead.lead_id)
        if known is not None and _URGENCY.index(known.kind) <= _URGENCY.index(kind):
            return
        mine[lead.lead_id] = LeadReminder(reader, lead.lead_id, kind, self._clock.time())
        self._keep(mine[lead.lead_id])
        self._arm(reader)

    def acknowledge(self, lead: Lead, unserved: Unserved) -> None:
        """Tell the shopper, if they typed an address and the settings want it: once a day."""
        settings = self._config().follow_up
        if unserved.typed_mail and settings is not None and settings.acknowledge is not None:
            self._spawn(self._acknowledge(lead, unserved.person.mail))

    def tell(self, lead: Lead, word: LeadWord) -> None:
        """Tell the program behind the section's mailbox."""
        config = self._config()
        name = config.follow_up.mailbox if config.follow_up else None
        box = config.mailboxes.get(name or "")
        if name is None or box is None or box.webhook is None:
            return
        now = self._clock.time()
        post = MailboxPost(name, box, now, new_delivery_id, lead.site, f"{LEAD}{lead.lead_id}")
        self._spawn(self._outbox.add(post.webhook(f"lead.{word}", now, told(lead, config))))

    # --- mails ----------------------------------------------------------------------------------------------

    def _arm(self, reader: str) -> None:
        if reader in self._timers:
            return
        settings = self._config().follow_up
        pause = settings.digest if settings else 0.0
        now = self._clock.time()
        at = max(now + GATHER, self._told_at.get(reader, now - pause) + pause)
        self._timers[reader] = self._clock.call_later(at - now, lambda: self._due(reader))

    def _due(self, reader: str) -> None:
        self._timers.pop(reader, None)
        self._spawn(self._tell_all(reader))

    async def _tell_all(self, reader: str) -> None:
        mine = self._pending.pop(reader, {})
        try:
            mails = not self._watches(reader) and reader not in await self._store.muted()
            waiting = [(each, self._lead(each.lead_id)) for each in mine.values()]
            still = [(each, lead) for each, lead in waiting if lead is not None and lead.open]
            if still and mails:
                await self._mail(reader, still)
                self._told_at[reader] = self._clock.time()
        except Exception as error:  # noqa: BLE001 - whatever a store raises, nobody is forgotten
            log.warning("lead_mail_delayed", reader=reader, error=mask_addresses(str(error)))
            self._pending[reader] = {**mine, **self._pending.get(reader, {})}
            self._timers[reader] = self._clock.call_later(STORE_PAUSE, lambda: self._due(reader))
            return
        self._keep(DropReminders(reader, tuple(mine)))
        if reader in self._pending:
            self._arm(reader)

    async def _mail(self, reader: str, waiting: Collection[tuple[LeadReminder, Lead]]) -> None:
        config, now = self._config(), self._clock.time()
        urgent = sorted(
            waiting, key=lambda each: (_URGENCY.index(each[0].kind), each[1].due_at or now, each[0].at)
        )
        news = [LeadNews(lead, reminder.kind) for reminder, lead in urgent[:MOST]]
        if len(news) == 1:
            lead = news[0].lead
            news = [
                LeadNews(
                    lead,
                    news[0].kind,
                    await self._attachments.transcript(lead),
                    await self._attachments.recording(lead),
                )
            ]
        to = readers_of(config, reader, [news[0].lead.site])
        await self._outbox.add([staff_mail(config, each, news, now) for each in to])
        log.info("lead_mail", reader=reader, leads=len(waiting), mails=len(to))

    async def _acknowledge(self, lead: Lead, address: str) -> None:
        config, now = self._config(), self._clock.time()
        mail = acknowledgement(config, lead, address, now)
        terms = config.follow_up.acknowledge if config.follow_up else None
        if mail is None or terms is None:
            return
        limit = terms.new_addresses
        noted = await self._store.note_acknowledgement(
            lead.site, digest_of_address(address), now, limit.times, limit.seconds
        )
        if noted:
            await self._outbox.add([mail])
        else:
            log.info("lead_not_acknowledged", lead_id=lead.lead_id, why="limit")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:  # noqa: BLE001 - whatever a store raises, the desk goes on
            log.warning("lead_not_told", error=mask_addresses(str(error)))

    async def flushed(self) -> None:
        """Wait until all that was to be told is in the outbox."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))


def told(lead: Lead, config: Config) -> dict[str, Any]:
    """What programs are told of a lead; sensitive fields are not."""
    site = config.sites.get(lead.site)
    rules = site.data_pass if site else DataPass()

    def shown(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
        return {key: value for key, value in fields if not rules.is_sensitive(key)}

    return {
        "lead_id": lead.lead_id,
        "site": lead.site,
        "kind": str(lead.kind),
        "name": lead.person.name,
        "number": lead.person.number,
        "email": lead.person.mail,
        "customer_id": lead.person.signed_id,
        "page": lead.page,
        "context": shown(lead.context.items()),
        "signed": shown(lead.signed.items()),
        "assigned": list(lead.assigned),
        "owner": lead.owner,
        "opened_at": iso(lead.opened_at),
        "due_at": iso(lead.due_at) if lead.due_at is not None else None,
        "explanation": lead.running.explanation if lead.running else "",
        "breached": lead.breached,
        "closed_how": lead.closed_how,
        "code": lead.code,
    }
