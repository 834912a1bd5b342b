"""Mailboxes: messages are kept, told to whoever is to have them, and deleted when their time is over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bridge.protocols import Message
from notify.delivery import Delivery


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message in the store."""

    message_id: str
    message: Message


class MessageStore(Protocol):
    """Where messages live; every method may raise StoreError."""

    async def keep_message(self, message: Message, message_id: str, deliveries: Sequence[Delivery]) -> None:
        """Put a message and the deliveries that tell of it on disk, all or none, in one transaction.

        Again with the same id changes nothing.
        """

    async def expired_messages(
        self, before: Mapping[str, float], others_before: float, limit: int
    ) -> Sequence[KeptMessage]:
        """Messages older than their mailbox allows, the oldest first.

        ``before`` says for each mailbox which are too old: those whose ``at`` is less. ``others_before``
        says it for the messages of mailboxes that are not in ``before``. Seconds since the epoch.
        """

    async def forget_message(self, message_id: str) -> None:
        """Delete a message's row; one that is not there is no error."""

    async def forget_deliveries(self, before: float) -> None:
        """Delete the deliveries created before then that were delivered or given up."""
