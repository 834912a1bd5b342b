"""What calls cost, and may cost a day: the settings ``spend`` of trunks and sites.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer

from config.base import MailboxName, Model, SomeSeconds, TimeZone
from config.marks import Form
from config.prefixes import NumberPrefix

_MONEY = re.compile(r"\d{1,9}(\.\d{1,6})?")


def parse_money(value: Any) -> Decimal:
    """An exact amount from ``12``, ``0.015``; never by way of a binary fraction."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and _MONEY.fullmatch(value.strip()):
        return Decimal(value.strip())
    raise ValueError("write an amount of money, such as 50 or 0.015")


Money = Annotated[
    Decimal,
    BeforeValidator(parse_money),
    PlainSerializer(str, when_used="json"),
    Form("an amount of money without its currency, such as 50 or 0.015"),
]


class Cap(Model):
    """What the calls of a day may cost: no new call begins once it is reached. Calls that are live go on."""

    daily_cost: Money | None = None
    """The most that the calls of a day may cost, in the currency of the trunks."""
    daily_minutes: Annotated[int, Field(ge=1)] | None = None
    """The most minutes that the calls of a day may last, all their legs on a trunk together."""
    alarm_percent: Annotated[int, Field(ge=1, le=99)] = 80
    """At how much of it an alarm is given for the first time; the second comes when it is reached."""
    mailbox: MailboxName | None = None
    """The mailbox whose addresses get the alarms, by e-mail and webhook; log and metrics always do."""


class SiteSpend(Cap):
    """What the calls of one site may cost a day: the day of the site's time zone."""


class TrunkSpend(Cap):
    """What legs through a trunk cost, and may cost a day."""

    currency: str = ""
    """What the prices are in, such as USD."""
    prices: dict[NumberPrefix, Money] = {}
    """Price of a minute by the beginning of the number, the longest prefix wins. A number that none fits
    counts as the most expensive."""
    increment: SomeSeconds = 60.0
    """A leg's time, from its answer, is rounded up to a multiple of this: `60s` is by the minute."""
    time_zone: TimeZone = "UTC"
    """Whose day it is that the cap is for."""
