"""The settings of what keeps a call from being lost: screening, queues, mailboxes, callbacks, and their mail.

As in :mod:`config.models`, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from config.base import EmailAddress, Model, Name, SomeSeconds, Url
from config.fields import Form, HostPort, KeptSeconds, Peer, Seconds, Secret

Key = Annotated[str, Field(pattern=r"^[0-9*#]$"), Form("one key of a telephone: a digit, * or #")]
Words = Annotated[str, Field(min_length=1, max_length=600), Form("a text of at most 600 characters")]


class Screening(Model):
    """What whoever answers hears where a destination has `screening`: they press a key to take the call."""

    prompt: Name | None = None
    """A recorded prompt, in place of the text."""
    text: Words = "Web call for {site}{from_shopper}. Press 1 to take the call, or 2 to decline."
    """What a synthetic voice says. {site} is the site's label, {page} the page's path, {from_shopper} becomes
    `, from Ann` where customer.name is known. {context.KEY} is what is known of the shopper: what was signed,
    else what the page claims; {signed.KEY} what was signed alone. A part in [brackets] is said only where its
    placeholders tell something: `Web call[, a cart of {context.cart.value} dollars].`"""
    timeout: SomeSeconds = 20.0
    """How long they may take, from the answer; the prompt is repeated meanwhile."""


class Whisper(Model):
    """What whoever takes the call is told before the shopper hears them; with neither key, nothing."""

    prompt: Name | None = None
    """A recorded prompt, in place of the text."""
    text: Words | None = None
    """What a synthetic voice says; placeholders as in `screening`."""


class Lost(Model):
    """What the shopper is told when the business's side of the call breaks off: others are rung then."""

    prompt: Name | None = None
    """A recorded prompt, in place of the text."""
    text: Words = "We lost the connection. Please stay on the line: we are calling somebody else for you."
    """What a synthetic voice says; placeholders as in `screening`."""


class Mail(Model):
    """The SMTP server that messages are sent through."""

    server: Peer = HostPort("127.0.0.1", 25)
    """Host and port: 25, 587 for `starttls`, 465 for `tls`."""
    security: Literal["none", "starttls", "tls"] = "none"
    """How the connection is encrypted."""
    username: str | None = None
    """Name to log in with; needs a password."""
    password: Secret | None = None
    """Password to log in with."""
    sender: EmailAddress
    """Whom the mail is from."""


class Webhook(Model):
    """An address that is told by HTTP POST, signed as Standard Webhooks ask."""

    url: Url
    """Where to."""
    secret: Secret
    """The key of the signature: `whsec_` and 24 to 64 bytes in base64."""


class Mailbox(Model):
    """Where shoppers leave messages: stored, and sent on by e-mail and webhook."""

    label: str
    """What the mail's subject calls it."""
    greeting: Name | None = None
    """A recorded prompt, in place of the text."""
    text: Words = (
        "We are sorry, nobody can take your call now. Please leave a message after the tone, "
        "and press the hash key when you have finished."
    )
    """What a synthetic voice says before the tone; placeholders as in `screening`."""
    thanks: Words = "Thank you. Your message has been taken. Goodbye."
    """What it says afterwards."""
    longest_message: Annotated[Seconds, Field(ge=5, le=600)] = 120.0
    """The longest message."""
    email: tuple[EmailAddress, ...] = ()
    """Who gets each message by e-mail, as a WAV file; needs `mail`."""
    sender: EmailAddress | None = None
    """Whom its mails are from, in place of the sender in `mail`: each customer of an agency has one."""
    webhook: Webhook | None = None
    """Who is told of each message by webhook."""
    keep_messages: Annotated[KeptSeconds, Field(ge=3600)] = 30 * 86400.0
    """How long a message is kept; then it is deleted."""


class CallbackTerms(Model):
    """When and how a shopper is called back."""

    first_leg: Literal["business", "shopper"] = "business"
    """Whom to dial first: the business, and the shopper once somebody is there; or the shopper. Whoever is
    dialled before the shopper has to press a key, as with `screening: press_1`."""
    text: Words = "Callback for {site}{from_shopper}. Press 1 to take the call, or 2 to decline."
    """What a synthetic voice says to them, where the site's screening has no recorded prompt; placeholders as
    in `screening`."""
    daytime: Annotated[str, Field(min_length=1, max_length=2000)] = "Mo-Su 09:00-20:00"
    """When shoppers may be called, told in the time zone of their own number, as in `hours`."""
    hours: Name | None = None
    """When the business is there to call back; without hours, always."""
    shortest_delay: Seconds = 900.0
    """How long after the first call at the earliest."""
    longest_delay: Annotated[Seconds, Field(ge=3600)] = 3 * 86400.0
    """How long after the first call at the latest; then it is given up."""
    tries: Annotated[int, Field(ge=1, le=10)] = 3
    """How often it is tried at most."""
    pause: Annotated[Seconds, Field(ge=10)] = 1800.0
    """How long to wait between two tries."""
    booked_text: Words = "We are sorry, nobody can take your call now. We will call you back {when}. Goodbye."
    """What the shopper hears; {when} is the time in words. Further placeholders as in `screening`; the same
    holds for what else is said here."""
    sorry_text: Words = "We are sorry, nobody can take your call now. Please try again later. Goodbye."
    """What the shopper hears where no callback can be booked."""
    booked_prompt: Name | None = None
    """A recording in place of `booked`: it tells no time."""
    sorry_prompt: Name | None = None
    """A recording in place of `sorry`."""
    mailbox: Name | None = None
    """The mailbox whose addresses are told of a callback that was given up."""


class Queue(Model):
    """How shoppers wait while everybody is busy."""

    prompt: Name | None = None
    """A recording in place of the announcement and the offer: it tells neither place nor wait."""
    announcement: Words = "You are number {position} in line. The wait is about {minutes}."
    """What the shopper hears again and again; {position} and {minutes} (`4 minutes`) are filled in."""
    offer: Words = "Press {key} to be called back instead of waiting."
    """What is added where a callback is offered."""
    announcement_interval: Annotated[Seconds, Field(ge=5)] = 45.0
    """How often."""
    music: Name | None = None
    """What the shopper hears meanwhile, over and over; without it, the site's music or ringback tone."""
    longest_wait: Annotated[Seconds, Field(ge=1)] = 900.0
    """The longest wait; then the route ends as it would without a queue."""
    most_waiting: Annotated[int, Field(ge=1, le=10000)] = 50
    """How many may wait; further calls go to the route's ending at once."""
    retry_interval: Annotated[Seconds, Field(ge=1)] = 15.0
    """How often to look whether somebody is free whose phone alone knows it."""
    typical_call: Annotated[Seconds, Field(ge=5)] = 180.0
    """How long a call takes, for the expected wait until there is experience."""
    callback: Name | None = None
    """Terms of the callback for which the shopper may leave the queue."""
    callback_key: Key = "1"
    """The key for that."""
