"""Addresses made unreadable, for logs: enough is left to recognise one that is already known."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bridge.masking import mask_text
from notify.delivery import Delivery

#: An e-mail address anywhere in a text: its first letter, the rest of its local part, its domain.
_ADDRESS = re.compile(r"([^\s@<>\",;:()])[^\s@<>\",;:()]*@([A-Za-z0-9][A-Za-z0-9.-]*)")


def mask_addresses(text: str) -> str:
    """``ann@shop.example`` as ``a•••@shop.example``, wherever it stands; phone numbers are masked as well."""
    return mask_text(_ADDRESS.sub(r"\1•••@\2", text))


def bare_url(url: str) -> str:
    """A URL without what may be secret: user, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def masked_target(delivery: Delivery) -> str:
    """Where a delivery goes, fit for a log."""
    return mask_addresses(delivery.target) if delivery.kind == "email" else bare_url(delivery.target)
