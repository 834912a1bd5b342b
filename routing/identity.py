"""Whose number it is: the one place that decides whether a shopper's number is a fact or a claim. Pure.

Anybody may type any number. It is a fact once the phone of that number was answered in this call, or where
the retailer's server has signed it. Until then it is dialled, counted and shown as claimed, and nothing else:
it is no caller ID, opens no history, and fills no ``{number}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import phonenumbers

from routing.plan import ClickToCall

#: The signed field with the shopper's number, in E.164 or as any country writes it for foreigners.
SIGNED_NUMBER = "customer.phone"


@dataclass(frozen=True, slots=True)
class ShopperNumber:
    """A number in E.164, empty where the shopper gave none, and whether it is theirs for certain."""

    number: str
    verified: bool

    @property
    def known(self) -> str:
        """The number where it is a fact, else empty."""
        return self.number if self.verified else ""

    @property
    def claimed(self) -> str:
        """The number where it is only claimed, else empty."""
        return "" if self.verified else self.number


def shopper_number(click: ClickToCall) -> ShopperNumber:
    """The number of the person who asked for a call, as the business may take it when it is rung."""
    answers = click.by == "phone" and click.reached
    return ShopperNumber(
        click.number, bool(click.number) and (answers or signs_number(click.signed, click.number))
    )


def signs_number(signed: Mapping[str, str], number: str) -> bool:
    """Whether the retailer's server has signed that this number, in E.164, is the shopper's."""
    text = signed.get(SIGNED_NUMBER, "")
    if not text.strip().startswith("+"):
        return False
    try:
        told = phonenumbers.parse(text)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.format_number(told, phonenumbers.PhoneNumberFormat.E164) == number
