"""Who may log in with a password: agents at their page, operators at the portal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from config.fields import Secret
from config.models import Config


class Account(Protocol):
    """What the settings have of somebody who may log in."""

    @property
    def label(self) -> str:
        """What others call them."""

    @property
    def password_hash(self) -> str:
        """Of argon2id."""

    @property
    def totp_secret(self) -> Secret | None:
        """In base32, where a log-in wants a code as well."""


#: The account of a name; None for a name of nobody.
Accounts = Callable[[str], Account | None]


def agents_of(config: Callable[[], Config]) -> Accounts:
    """The agents of the settings in force."""
    return lambda name: config().agents.get(name)


def operators_of(config: Callable[[], Config]) -> Accounts:
    """The operators of the settings in force."""
    return lambda name: config().operators.get(name)
