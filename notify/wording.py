"""What people and programs are told: the deliveries of a message, and of a callback that was given up.

The page chooses much of what stands in them. Whatever it passed stays within its line and its length.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import phonenumbers

from bridge.callback import Callback
from bridge.protocols import VoiceMessage
from bridge.utc import iso
from config.models import Config
from config.sections.data_pass import DataPass
from config.sections.mailboxes import Mailbox
from notify.delivery import Delivery
from routing.identity import ShopperNumber, shopper_number
from routing.plan import ClickToCall

#: Control characters, line and paragraph separators, lone surrogates, and what turns the direction of text.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]+"
)
#: The most characters of one field in a mail.
_LONGEST_FIELD = 1000
_LONGEST_NAME = 60
_LONGEST_SUBJECT = 200
#: The most lines of a chat in a mail.
_MOST_LINES = 200
#: What the page calls the shopper's name.
_NAME = "customer.name"
#: What stands in a mail for a sensitive field.
_DOTS = "•••"


def new_delivery_id() -> str:
    """An id for a delivery, in the form that Standard Webhooks recommend."""
    return f"msg_{secrets.token_urlsafe(18)}"


def message_deliveries(
    message: VoiceMessage,
    message_id: str,
    config: Config,
    now: float,
    new_id: Callable[[], str] = new_delivery_id,
) -> tuple[Delivery, ...]:
    """The mails and the webhook that tell of a message; none where the settings know its mailbox no more."""
    mailbox = config.mailboxes.get(message.mailbox)
    if mailbox is None:
        return ()
    shopper = _Shopper(message, config)
    who = shopper.who
    zone = _zone(message.site, config)
    text = _text(
        f"{who} left a message of {_length(message.seconds)}.",
        shopper.lines
        | {
            "When": _moment(message.at, zone),
            "Length": _length(message.seconds),
            "Call": message.call_id,
            "Message": message_id,
        },
        shopper,
        f"The message is kept until {_moment(message.at + mailbox.keep_messages, zone)}.",
    )
    data = shopper.data | {
        "message_id": message_id,
        "mailbox": message.mailbox,
        "call_id": message.call_id,
        "taken_at": iso(message.at),
        "seconds": round(message.seconds, 3),
    }
    post = MailboxPost(message.mailbox, mailbox, now, new_id, message.site)
    mails = post.mails(f"Message from {who}", text, message.path)
    return mails + post.webhook("message.taken", message.at, data)


def given_up_deliveries(
    callback: Callback, config: Config, now: float, new_id: Callable[[], str] = new_delivery_id
) -> tuple[Delivery, ...]:
    """The mails and the webhook that tell of a callback given up; none where its terms name no mailbox."""
    terms = config.callbacks.get(callback.terms)
    name = terms.mailbox if terms is not None else None
    mailbox = config.mailboxes.get(name) if name is not None else None
    if name is None or mailbox is None:
        return ()
    click = callback.click
    shopper = _Shopper(click, config)
    who = shopper.who
    zone = _zone(click.site, config)
    tries = {0: "never", 1: "once"}.get(callback.tries, f"{callback.tries} times")
    text = _text(
        f"{who} was promised a callback, and has not been reached. Please call them.",
        shopper.lines
        | {
            "Booked": _moment(callback.booked_at, zone),
            "Tried": tries,
            "Given up": _moment(now, zone),
            "Call": callback.call_id,
            "Callback": callback.callback_id,
        },
        shopper,
        "Ringback does not try again.",
    )
    data = shopper.data | {
        "callback_id": callback.callback_id,
        "mailbox": name,
        "terms": callback.terms,
        "call_id": callback.call_id,
        "last_call_id": callback.last_call_id,
        "booked_at": iso(callback.booked_at),
        "tries": callback.tries,
    }
    post = MailboxPost(name, mailbox, now, new_id, click.site)
    return post.mails(f"Callback given up: {who}", text, None) + post.webhook("callback.given_up", now, data)


def chat_message_deliveries(
    chat_id: str,
    click: ClickToCall,
    said: Sequence[str],
    reply_to: str,
    name: str,
    config: Config,
    now: float,
    new_id: Callable[[], str] = new_delivery_id,
) -> tuple[Delivery, ...]:
    """The mails and the webhook that tell of a message that a shopper wrote, as nobody had time to chat.

    ``said`` is what they wrote, ``reply_to`` where they want the answer; none of it is a fact.
    """
    mailbox = config.mailboxes.get(name)
    if mailbox is None:
        return ()
    shopper = _Shopper(click, config)
    known = "" if _NAME in shopper.hidden else click.signed.get(_NAME) or click.context.get(_NAME, "")
    who = one_line(known, _LONGEST_NAME) or "A shopper"
    lines = [one_line(line) for text in said for line in text.splitlines()]
    text = _text(
        f"{who} wanted to chat, and left a message.",
        {
            "Answer to": reply_to,
            **shopper.lines,
            "When": _moment(now, _zone(click.site, config)),
            "Chat": chat_id,
        },
        shopper,
        "\n".join(["The message:", *(f"  {line}" for line in lines[:_MOST_LINES])]),
    )
    data = shopper.data | {
        "mailbox": name,
        "chat_id": chat_id,
        "reply_to": reply_to,
        "said": [str(each) for each in said],
    }
    post = MailboxPost(name, mailbox, now, new_id, click.site)
    return post.mails(f"Message from {who}", text, None) + post.webhook("chat.message", now, data)


@dataclass(frozen=True, slots=True)
class MailboxPost:
    """Who a mailbox tells, when, and under which ids."""

    name: str
    mailbox: Mailbox
    now: float
    new_id: Callable[[], str]
    #: The site that is told of; empty for none.
    site: str
    #: What is told of besides calls and messages, such as ``lead:ID``.
    about: str = ""

    def mails(self, subject: str, text: str, attachment: str | None) -> tuple[Delivery, ...]:
        """One for each address of the mailbox."""
        label = one_line(self.mailbox.label, _LONGEST_NAME)
        subject = one_line(f"[{label}] {subject}", _LONGEST_SUBJECT)
        targets = dict.fromkeys(self.mailbox.email)
        return tuple(self._delivery("email", target, subject, text, attachment) for target in targets)

    def webhook(self, event: str, at: float, data: Mapping[str, Any]) -> tuple[Delivery, ...]:
        """The payload is what Standard Webhooks recommend: the type, when it happened, and the data."""
        if self.mailbox.webhook is None:
            return ()
        body = json.dumps({"type": event, "timestamp": iso(at), "data": data}, separators=(",", ":"))
        return (self._delivery("webhook", self.mailbox.webhook.url, event, body, None),)

    def _delivery(
        self, kind: Literal["email", "webhook"], target: str, subject: str, body: str, attachment: str | None
    ) -> Delivery:
        return Delivery(
            delivery_id=self.new_id(),
            kind=kind,
            mailbox=self.name,
            target=target,
            subject=subject,
            body=body,
            attachment=attachment,
            created_at=self.now,
            next_at=self.now,
            site=self.site,
            about=self.about,
        )


class _Shopper:
    """Who is told about: what the page claimed of them, and apart from it what was signed.

    Mails and webhooks go to many, so that sensitive fields are not told: a mail has dots in their place.
    """

    def __init__(self, told: VoiceMessage | ClickToCall, config: Config) -> None:
        self.told = told
        self.site = config.sites.get(told.site)
        rules = self.site.data_pass if self.site else DataPass()
        self.hidden = frozenset(key for key in {**told.context, **told.signed} if rules.is_sensitive(key))

    @property
    def number(self) -> ShopperNumber:
        """Their number, and whether it is theirs for certain."""
        told = self.told
        if isinstance(told, VoiceMessage):
            return ShopperNumber(told.number, told.number_verified)
        return shopper_number(told)

    @property
    def who(self) -> str:
        """Their name, if it is known, and their number."""
        name = "" if _NAME in self.hidden else self.told.signed.get(_NAME) or self.told.context.get(_NAME, "")
        number = spoken_number(self.told.number)
        return f"{one_line(name, _LONGEST_NAME)} ({number})" if one_line(name) else number

    @property
    def data(self) -> dict[str, Any]:
        """What programs are told."""
        told = self.told
        return {
            "site": told.site,
            "number": self.number.known,
            "claimed_number": self.number.claimed,
            "page": told.page,
            "context": self._open(told.context),
            "signed": self._open(told.signed),
        }

    @property
    def lines(self) -> dict[str, str]:
        """What people are told."""
        site = self.site.label if self.site else self.told.site
        claimed = "" if self.number.verified else " (as typed: not verified)"
        number = f"{spoken_number(self.told.number)}{claimed}" if self.told.number else ""
        return {"Number": number, "Site": site, "Page": self.told.page}

    def fields(self, title: str, fields: Mapping[str, str]) -> list[str]:
        """A paragraph of fields; nothing where there are none."""
        told = [
            f"  {one_line(key, 100)}: {_DOTS if key in self.hidden else one_line(value)}"
            for key, value in fields.items()
        ]
        return [title, *told] if told else []

    def _open(self, fields: Mapping[str, str]) -> dict[str, str]:
        return {key: value for key, value in fields.items() if key not in self.hidden}


def _text(first: str, lines: Mapping[str, str], shopper: _Shopper, last: str) -> str:
    width = max(map(len, lines)) + 2
    told = [f"{key + ':':{width}}{one_line(value)}" for key, value in lines.items() if value]
    signed = shopper.fields("What the shop's server signed:", shopper.told.signed)
    passed = shopper.fields("What the page passed:", shopper.told.context)
    paragraphs = [[one_line(first)], told, signed, passed, [last]]
    return "\n\n".join("\n".join(each) for each in paragraphs if each) + "\n"


def spoken_number(number: str) -> str:
    """``+16175550123`` as ``+1 617-555-0123``, as its country writes it to foreigners."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return one_line(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def one_line(text: str, longest: int = _LONGEST_FIELD) -> str:
    """The text in one line of printable characters, cut with an ellipsis where it is too long."""
    line = " ".join(_UNPRINTABLE.sub(" ", text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _zone(site: str, config: Config) -> ZoneInfo:
    known = config.sites.get(site)
    return ZoneInfo(known.time_zone if known else "UTC")


def _moment(at: float, zone: ZoneInfo) -> str:
    time = datetime.fromtimestamp(at, zone)
    return f"{time:%A}, {time.day} {time:%B %Y, %H:%M %Z} ({zone.key})"


def _length(seconds: float) -> str:
    return f"{round(seconds) // 60}:{round(seconds) % 60:02}"
