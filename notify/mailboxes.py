"""Mailboxes: messages are kept, sent to their recipients, and deleted when their time is over."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from bridge.callback import Callback
from bridge.protocols import Clock, VoiceMessage
from config.models import Config
from config.sections.mailboxes import Mailbox
from config.sections.server import Server
from notify.delivery import Delivery
from notify.masking import mask_addresses
from notify.outbox import Outbox
from notify.wording import given_up_deliveries, message_deliveries

log = structlog.get_logger(__name__)

#: Seconds between two looks for messages whose time is over, and how many go at once.
EVERY = 3600.0
BATCH = 100
#: Seconds for which messages are kept whose mailbox was removed from the settings.
KEEP_OTHERS: float = Mailbox.model_fields["keep_messages"].default
#: Seconds for which deliveries that are done with are kept, by default.
KEEP_DELIVERIES: float = Server.model_fields["keep_deliveries"].default


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message in the store."""

    message_id: str
    message: VoiceMessage


class MessageStore(Protocol):
    """Where messages live; every method may raise StoreError."""

    async def keep_message(
        self, message: VoiceMessage, message_id: str, deliveries: Sequence[Delivery]
    ) -> None:
        """Put a message and the deliveries that tell of it on disk, all or none, in one transaction."""

    async def expired_messages(
        self, now: float, keep: Mapping[str, float], *, otherwise: float, limit: int = 100
    ) -> Sequence[KeptMessage]:
        """Messages older than their mailbox keeps them, at most ``limit``.

        ``keep`` has each mailbox's seconds; ``otherwise`` counts for mailboxes that are no longer known.
        """

    async def forget_message(self, message_id: str) -> bool:
        """Delete a message's row, and its deliveries, sent or not; whether there was one. The file stays."""


class DoneDeliveries(Protocol):
    """The store of deliveries, as far as it is cleared up; may raise StoreError."""

    async def forget_deliveries(self, before: float) -> int:
        """Delete what was delivered or given up, and was made before this time; returns how many."""


class Mailroom:
    """:class:`bridge.protocols.Mailboxes` on a store, an outbox, and a folder of recordings.

    Between ``start`` and ``stop`` it also deletes, once an hour, what need not be kept any more.
    """

    def __init__(
        self,
        messages: MessageStore,
        deliveries: DoneDeliveries,
        outbox: Outbox,
        settings: Callable[[], Config],
        clock: Clock,
    ) -> None:
        self._messages = messages
        self._deliveries = deliveries
        self._outbox = outbox
        self._settings = settings
        self._clock = clock
        self._tidying: asyncio.Task[None] | None = None

    async def keep(self, message: VoiceMessage) -> None:
        """Put a message on disk, and see to it that its mailbox's people get it.

        Raises what the store raises: then the message is nothing but its file, and may be kept later.
        """
        message_id = secrets.token_hex(12)
        deliveries = message_deliveries(message, message_id, self._settings(), self._clock.time())
        told = log.bind(call_id=message.call_id, mailbox=message.mailbox, path=message.path)
        try:
            await self._messages.keep_message(message, message_id, deliveries)
        except Exception as error:
            told.error("message_not_kept", error=mask_addresses(str(error)))
            raise
        told.info("message_kept", message_id=message_id, seconds=message.seconds, deliveries=len(deliveries))
        self._outbox.wake()

    async def callback_given_up(self, callback: Callback) -> None:
        """Tell the mailbox that a callback's terms name, if any, that it was given up; raises as ``keep``."""
        deliveries = given_up_deliveries(callback, self._settings(), self._clock.time())
        await self._outbox.add(deliveries)
        log.info("callback_given_up_told", callback_id=callback.callback_id, deliveries=len(deliveries))

    async def start(self) -> None:
        """Begin to delete what is too old."""
        self._tidying = asyncio.create_task(self._keep_tidy(), name="mailroom")

    async def stop(self) -> None:
        """Delete no more."""
        if self._tidying is not None:
            self._tidying.cancel()
            await asyncio.wait({self._tidying})

    async def _keep_tidy(self) -> None:
        while True:
            try:
                await self.tidy()
            except Exception as error:  # noqa: BLE001 - whatever a store raises, the next hour may be better
                log.warning("mailroom_without_store", error=mask_addresses(str(error)))
            await asyncio.sleep(EVERY)

    async def tidy(self) -> None:
        """Delete the messages whose time is over, and the deliveries that nobody asks for any more.

        A message's file goes before its row: what cannot be deleted is seen again in an hour. Raises what
        the store raises.
        """
        now = self._clock.time()
        keep = {name: mailbox.keep_messages for name, mailbox in self._settings().mailboxes.items()}
        stuck: set[str] = set()
        while True:
            # Those stuck are expired still: asking for more than them finds others.
            limit = BATCH + len(stuck)
            expired = await self._messages.expired_messages(now, keep, otherwise=KEEP_OTHERS, limit=limit)
            for kept in expired:
                if kept.message_id not in stuck and not await self._delete(kept):
                    stuck.add(kept.message_id)
            if len(expired) < limit:
                break
        await self._deliveries.forget_deliveries(now - self._settings().server.keep_deliveries)

    async def _delete(self, kept: KeptMessage) -> bool:
        told = log.bind(
            message_id=kept.message_id, call_id=kept.message.call_id, mailbox=kept.message.mailbox
        )
        try:
            await asyncio.to_thread(Path(kept.message.path).unlink, missing_ok=True)
        except OSError as error:
            told.error("message_not_deleted", path=kept.message.path, error=str(error))
            return False
        await self._messages.forget_message(kept.message_id)
        told.info("message_deleted")
        return True
