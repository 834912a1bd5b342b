"""What follows from one try to deliver, and from the settings before it: decisions without I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from config.models import Config
from config.sections.mail import Mail
from notify.delivery import Delivery

#: Seconds to wait after the first try, the second, and so on: ten tries within about two days.
PAUSES = (5.0, 30.0, 120.0, 600.0, 3600.0, 3 * 3600.0, 6 * 3600.0, 12 * 3600.0, 24 * 3600.0)
#: By how much a pause is stretched at most, so that what failed together does not return together.
STRETCH = 0.2
#: The longest that a target may ask for with Retry-After, in seconds.
LONGEST_PAUSE = 24 * 3600.0
#: What begins the event types of screen pops, and the place of a delivery's mailbox where a site's settings
#: tell how.
POP = "screen_pop."
SITE = "site:"
#: The same of a transcript that a shopper of the site has asked for.
TRANSCRIPT = "transcript:"
#: The same of a mail about a lead: to an agent, by their name; to the shopper of a site.
LEAD_AGENT, LEAD_SITE = "lead-agent:", "lead-site:"
#: Seconds after which nobody wants to be told that a call was offered or answered.
STALE = 120.0
#: Errors are kept this long, in characters.
LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class TryDone:
    """The target has it."""


@dataclass(frozen=True, slots=True)
class TryFailed:
    """The target does not have it, or did not say so. ``error`` is for the operator."""

    error: str
    #: Whether another try would fail just the same.
    final: bool = False
    #: Seconds that the target asks to be left alone.
    retry_after: float = 0.0


TryResult = TryDone | TryFailed


@dataclass(frozen=True, slots=True)
class TryHeld:
    """The target gets nothing for now, and was not tried. ``until`` is in seconds since the epoch."""

    until: float
    error: str


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


def errand(delivery: Delivery, config: Config) -> MailErrand | WebhookErrand | TryFailed:
    """How a delivery is made by the settings in force, or why it is not.

    A webhook goes to the URL that the settings name now, as one that was corrected is to get what waits.
    A mail never goes to an address that is no longer in the settings. A transcript and the acknowledgement of
    a lead are exceptions: the shopper has named the address.
    """
    if delivery.mailbox.startswith(TRANSCRIPT):
        return _transcript_errand(delivery, config)
    if delivery.mailbox.startswith((LEAD_AGENT, LEAD_SITE)):
        return _lead_errand(delivery, config)
    if delivery.mailbox.startswith(SITE):
        return _pop_errand(delivery, config)
    mailbox = config.mailboxes.get(delivery.mailbox)
    if mailbox is None:
        return TryFailed(f"the settings know no mailbox {delivery.mailbox} any more", final=True)
    if delivery.kind == "webhook":
        if mailbox.webhook is None:
            return TryFailed(f"mailbox {delivery.mailbox} has no webhook any more", final=True)
        there = replace(delivery, target=mailbox.webhook.url)
        return WebhookErrand(there, mailbox.webhook.secret.get_secret_value())
    if delivery.target not in mailbox.email:
        return TryFailed(f"mailbox {delivery.mailbox} has no address {delivery.target} any more", final=True)
    if config.mail is None:
        return TryFailed("the settings name no mail server")
    sender = mailbox.sender or config.mail.sender
    return MailErrand(delivery, config.mail.model_copy(update={"sender": sender}))


def _lead_errand(delivery: Delivery, config: Config) -> MailErrand | TryFailed:
    kind, _, name = delivery.mailbox.partition(":")
    if config.mail is None:
        return TryFailed("the settings name no mail server")
    if config.follow_up is None:
        return TryFailed("nobody is followed up any more", final=True)
    if f"{kind}:" == LEAD_AGENT:
        agent = config.agents.get(name)
        if agent is None or agent.email != delivery.target:
            return TryFailed(f"agent {name} has no address {delivery.target} any more", final=True)
    elif name not in config.sites or config.follow_up.acknowledge is None:
        return TryFailed(f"shoppers of site {name} are told nothing any more", final=True)
    if delivery.target.lower() in own_addresses(config):
        return TryFailed("it is an address of ours: nothing is mailed in circles", final=True)
    box = config.mailboxes.get(config.follow_up.mailbox or "")
    sender = (box and box.sender) or config.mail.sender
    return MailErrand(delivery, config.mail.model_copy(update={"sender": sender}))


def own_addresses(config: Config) -> frozenset[str]:
    """The addresses that our mails come from and bounce to, in lower case: nobody reads there."""
    told = [box.sender for box in config.mailboxes.values()]
    told += [config.mail.sender, config.mail.bounces] if config.mail else []
    return frozenset(address.lower() for address in told if address)


def staff_addresses(config: Config) -> frozenset[str]:
    """The addresses at which people of the business read, in lower case."""
    boxes = [address for box in config.mailboxes.values() for address in box.email]
    agents = [agent.email for agent in config.agents.values() if agent.email]
    return frozenset(address.lower() for address in (*boxes, *agents))


def _transcript_errand(delivery: Delivery, config: Config) -> MailErrand | TryFailed:
    name = delivery.mailbox.removeprefix(TRANSCRIPT)
    site = config.sites.get(name)
    if site is None or site.chat is None:
        return TryFailed(f"site {name} has no chats any more", final=True)
    if config.mail is None:
        return TryFailed("the settings name no mail server")
    return MailErrand(delivery, config.mail)


def _pop_errand(delivery: Delivery, config: Config) -> WebhookErrand | TryFailed:
    name = delivery.mailbox.removeprefix(SITE)
    site = config.sites.get(name)
    webhook = site.screen_pop.webhook if site else None
    if webhook is None:
        return TryFailed(f"site {name} has no webhook for screen pops any more", final=True)
    return WebhookErrand(replace(delivery, target=webhook.url), webhook.secret.get_secret_value())


def too_late(delivery: Delivery, now: float) -> TryFailed | None:
    """Why a delivery whose turn has come is not worth a try any more; None where it is.

    Where a receiver hangs, news of calls that ring wait in line behind it, and are dropped once they are
    stale. One that the operator wants to be sent again is sent.
    """
    if not _passes(delivery) or delivery.tries or delivery.next_at is None or now - delivery.next_at <= STALE:
        return None
    return TryFailed(f"not told within {STALE:g} s, and stale by now", final=True)


def _passes(delivery: Delivery) -> bool:
    """Whether it is news only for a while: that a call was offered or answered, not that it is over."""
    return delivery.subject.startswith(POP) and delivery.subject != f"{POP}ended"


def after_try(delivery: Delivery, result: TryResult, now: float, jitter: float) -> Delivery:
    """How far a delivery has come after a try; ``jitter`` is from 0 to 1."""
    tries = delivery.tries + 1
    if isinstance(result, TryDone):
        return replace(delivery, tries=tries, next_at=None, delivered_at=now, error="")
    error = result.error[:LONGEST_ERROR]
    if result.final or tries > len(PAUSES):
        return replace(delivery, tries=tries, next_at=None, error=error)
    pause = PAUSES[tries - 1] * (1 + STRETCH * jitter)
    asked = min(result.retry_after, LONGEST_PAUSE)
    next_at = now + max(pause, asked)
    if _passes(delivery) and next_at > delivery.created_at + STALE:
        return replace(delivery, tries=tries, next_at=None, error=error)
    return replace(delivery, tries=tries, next_at=next_at, error=error)


def after_hold(delivery: Delivery, held: TryHeld, now: float, jitter: float) -> Delivery:
    """The delivery when its receiver asked to be left alone: it waits, which is no try."""
    # What was held back together must not come back together.
    next_at = held.until + PAUSES[0] * jitter
    if _passes(delivery) and next_at > delivery.created_at + STALE:
        error = f"stale by the end of the pause: {held.error}"
        return replace(delivery, next_at=None, error=error[:LONGEST_ERROR])
    return replace(delivery, next_at=max(next_at, now), error=f"held back: {held.error}"[:LONGEST_ERROR])


def webhook_keys(config: Config) -> set[tuple[str, str]]:
    """The URL and the secret of every webhook that the settings name."""
    hooks = [box.webhook for box in config.mailboxes.values()]
    hooks += [site.screen_pop.webhook for site in config.sites.values()]
    return {(hook.url, hook.secret.get_secret_value()) for hook in hooks if hook is not None}


def once_more(delivery: Delivery, now: float) -> Delivery:
    """The delivery from its beginning, whatever became of it."""
    return replace(delivery, tries=0, next_at=now, delivered_at=None, error="")


def lane(delivery: Delivery) -> str:
    """What a slow or dead target slows down: all mail has one server, and each webhook host is its own."""
    return "mail" if delivery.kind == "email" else urlsplit(delivery.target).netloc
