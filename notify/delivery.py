"""One thing to tell somebody outside, and how far telling them has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Delivery:
    """A mail or a webhook of the outbox. Times are seconds since the epoch."""

    #: ``msg_`` and random letters; the ``webhook-id`` of every try.
    delivery_id: str
    kind: Literal["email", "webhook"]
    #: Whose settings tell how, by which secret for instance: a mailbox's; of a screen pop, those of the site
    #: in ``site:NAME``; of a transcript, those of the site in ``transcript:NAME``.
    mailbox: str
    #: An e-mail address, or a URL.
    target: str
    #: Of a mail its subject; of a webhook its event type, such as ``message.taken``.
    subject: str
    #: Of a mail its text; of a webhook its JSON.
    body: str
    #: Path of a file that goes with a mail.
    attachment: str | None
    created_at: float
    tries: int = 0
    #: When to try next; None when it was delivered, or given up.
    next_at: float | None = None
    delivered_at: float | None = None
    #: What went wrong at the last try; empty if nothing did.
    error: str = ""
    #: The site that it tells of; empty for none, such as a trunk's alarm.
    site: str = ""
    #: What it tells of besides calls and messages, such as ``chat:ID``; it is erased with that.
    about: str = ""
    #: Of a mail its text as an HTML document, beside the plain one; empty for none.
    html: str = ""
    #: Of a mail: headers beside those that every mail has; :data:`notify.mail.MORE_HEADERS` names those that
    #: there may be.
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def dead(self) -> bool:
        """Whether it was given up."""
        return self.next_at is None and self.delivered_at is None


class DeliveryStore(Protocol):
    """Where deliveries live until they are done, and a while after; every method may raise StoreError."""

    async def add_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Put new deliveries on disk, all or none."""

    async def save_delivery(self, delivery: Delivery) -> None:
        """Put on disk how far a delivery has come."""

    async def due_deliveries(self, at: float, limit: int) -> Sequence[Delivery]:
        """Deliveries whose ``next_at`` has come, the longest overdue first."""

    async def next_delivery_at(self) -> float | None:
        """The earliest ``next_at``; None where nothing waits."""

    async def deliveries(self, *, dead: bool, limit: int = 100) -> Sequence[Delivery]:
        """Those given up, or all, the newest first."""

    async def delivery(self, delivery_id: str) -> Delivery | None:
        """One of them."""
