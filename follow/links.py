"""The links in mails about a lead: signed by the lead's own secret, for one reader, until they expire."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

from follow.lead import Lead

#: Seconds that a link opens anything.
LIFE = 14 * 86400.0
#: The reader of the link in the mail to the shopper.
SHOPPER = "shopper"
#: Bytes of the signature that are told: 128 bits.
_SIGNED = 16
_TOKEN = re.compile(r"([0-9a-f]{24})\.([A-Za-z0-9_-]{4,120})\.([0-9]{9,12})\.([A-Za-z0-9_-]{22})")


@dataclass(frozen=True, slots=True)
class LeadLink:
    """What a link says, true or not, until :func:`is_signed` has looked."""

    lead_id: str
    #: ``agent:NAME``, ``mailbox:NAME``, or :data:`SHOPPER`.
    reader: str
    #: Epoch seconds.
    expires_at: int
    signature: str
    #: As it stands in the address.
    text: str


def write_link(lead: Lead, reader: str, now: float) -> str:
    """The last part of a link's address: safe in a URL."""
    expires = int(now + LIFE)
    return f"{lead.lead_id}.{_letters(reader.encode())}.{expires}.{_signature(lead, reader, expires)}"


def read_link(text: str) -> LeadLink | None:
    """What it says; None where it is no link of ours at all."""
    found = _TOKEN.fullmatch(text)
    if found is None:
        return None
    try:
        reader = base64.urlsafe_b64decode(found[2] + "=" * (-len(found[2]) % 4)).decode()
    except ValueError:
        return None
    return LeadLink(found[1], reader, int(found[3]), found[4], text)


def is_signed(link: LeadLink, lead: Lead, now: float) -> bool:
    """Whether we have written this link, and it has not expired."""
    signed = _signature(lead, link.reader, link.expires_at)
    right = hmac.compare_digest(signed.encode(), link.signature.encode())
    return bool(lead.secret) and right and link.lead_id == lead.lead_id and now < link.expires_at


def _signature(lead: Lead, reader: str, expires: int) -> str:
    told = f"{lead.lead_id}\n{reader}\n{expires}".encode()
    return _letters(hmac.digest(lead.secret.encode(), told, hashlib.sha256)[:_SIGNED])


def _letters(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
