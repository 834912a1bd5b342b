"""What follows from one try to deliver, and from the settings before it: decisions without I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from config.endings import Mail
from config.models import Config
from notify.delivery import Delivery

#: Seconds to wait after the first try, the second, and so on: ten tries within about two days.
PAUSES = (5.0, 30.0, 120.0, 600.0, 3600.0, 3 * 3600.0, 6 * 3600.0, 12 * 3600.0, 24 * 3600.0)
#: By how much a pause is stretched at most, so that what failed together does not return together.
STRETCH = 0.2
#: The longest that a target may ask for with Retry-After, in seconds.
LONGEST_PAUSE = 24 * 3600.0
#: Errors are kept this long, in characters.
LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Delivered:
    """The target has it."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The target does not have it, or did not say so. ``error`` is for the operator."""

    error: str
    #: Whether another try would fail just the same.
    final: bool = False
    #: Seconds that the target asks to be left alone.
    retry_after: float = 0.0


TryResult = Delivered | Failed


@dataclass(frozen=True, slots=True)
class MailErrand:
    """A mail, and the server that takes it."""

    delivery: Delivery
    mail: Mail


@dataclass(frozen=True, slots=True)
class WebhookErrand:
    """A webhook, and the secret that signs it: ``whsec_`` and base64."""

    delivery: Delivery
    secret: str


def errand(delivery: Delivery, config: Config) -> MailErrand | WebhookErrand | Failed:
    """How a delivery is made by the settings in force, or why it is not.

    A webhook goes to the URL that the settings name now, as one that was corrected is to get what waits.
    A mail never goes to somebody whom the settings name no more.
    """
    mailbox = config.mailboxes.get(delivery.mailbox)
    if mailbox is None:
        return Failed(f"the settings know no mailbox {delivery.mailbox} any more", final=True)
    if delivery.kind == "webhook":
        if mailbox.webhook is None:
            return Failed(f"mailbox {delivery.mailbox} has no webhook any more", final=True)
        there = replace(delivery, target=mailbox.webhook.url)
        return WebhookErrand(there, mailbox.webhook.secret.get_secret_value())
    if delivery.target not in mailbox.email:
        return Failed(f"mailbox {delivery.mailbox} has no address {delivery.target} any more", final=True)
    if config.mail is None:
        return Failed("the settings name no mail server")
    return MailErrand(delivery, config.mail)


def after_try(delivery: Delivery, result: TryResult, now: float, jitter: float) -> Delivery:
    """How far a delivery has come after a try; ``jitter`` is from 0 to 1."""
    tries = delivery.tries + 1
    if isinstance(result, Delivered):
        return replace(delivery, tries=tries, next_at=None, delivered_at=now, error="")
    error = result.error[:LONGEST_ERROR]
    if result.final or tries > len(PAUSES):
        return replace(delivery, tries=tries, next_at=None, error=error)
    pause = PAUSES[tries - 1] * (1 + STRETCH * jitter)
    asked = min(result.retry_after, LONGEST_PAUSE)
    return replace(delivery, tries=tries, next_at=now + max(pause, asked), error=error)


def once_more(delivery: Delivery, now: float) -> Delivery:
    """The delivery from its beginning, whatever became of it."""
    return replace(delivery, tries=0, next_at=now, delivered_at=None, error="")


def lane(delivery: Delivery) -> str:
    """What a slow or dead target slows down: all mail has one server, and each webhook host is its own."""
    return "mail" if delivery.kind == "email" else urlsplit(delivery.target).netloc
