"""Checks of secrets: their length and form. None is ever shown."""

from __future__ import annotations

import base64
import binascii

from pydantic import SecretStr

from config.draft import Draft
from config.problems import Loc

SHORTEST_ADMIN_KEY = 16
#: A webhook's secret (Standard Webhooks): this and so many bytes in base64.
SECRET_PREFIX = "whsec_"  # noqa: S105
SECRET_BYTES = range(24, 65)


def check_admin_key(draft: Draft, loc: Loc, key: SecretStr) -> None:
    """A warning for a key of the operator's side that can be guessed."""
    if len(key.get_secret_value()) < SHORTEST_ADMIN_KEY:
        draft.doubtful(loc, f"this key is shorter than {SHORTEST_ADMIN_KEY} characters: use a longer one")


def is_webhook_secret(secret: str) -> bool:
    """Whether this is ``whsec_`` and the base64 of as many bytes as Standard Webhooks ask for."""
    if not secret.startswith(SECRET_PREFIX):
        return False
    try:
        return len(base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)) in SECRET_BYTES
    except binascii.Error:
        return False
