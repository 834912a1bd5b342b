"""SIP messages that an operator asked to see: which, and without what is nobody's business. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bridge.leg_ids import call_of
from bridge.masking import mask_number

#: Bytes of a message that are shown; SDP and headers of a call are far below.
LONGEST = 8192


@dataclass(frozen=True, slots=True)
class TraceWish:
    """Which messages are wanted: of legs whose ids begin so, and of these trunks; all of them, if ``all``."""

    leg_ids: tuple[str, ...] = ()
    trunks: tuple[str, ...] = ()
    all: bool = False

    def wants(self, leg_id: str, trunk: str) -> bool:
        """Whether a message of this leg, on this trunk, is wanted; either may be empty."""
        if self.all or trunk in self.trunks:
            return True
        return bool(leg_id) and leg_id.startswith(self.leg_ids)

    def __or__(self, other: TraceWish) -> TraceWish:
        """What either wants."""
        return TraceWish(
            tuple(sorted({*self.leg_ids, *other.leg_ids})),
            tuple(sorted({*self.trunks, *other.trunks})),
            self.all or other.all,
        )


@dataclass(frozen=True, slots=True)
class Sighting:
    """One message that passed, secrets already taken out; numbers are whole."""

    #: Seconds since the epoch.
    at: float
    #: Whether we sent it.
    sent: bool
    transport: Literal["udp", "tcp", "tls"]
    local_address: str
    local_port: int
    peer_address: str
    peer_port: int
    #: Empty where it belongs to none that we know.
    leg_id: str
    trunk: str
    text: str

    @property
    def call_id(self) -> str:
        """The leg's call; empty where it belongs to none that we know."""
        return call_of(self.leg_id)


#: Headers whose values are nobody's business: credentials, and what was passed on of the shopper.
_HIDDEN = re.compile(
    r"^(Proxy-Authorization|Authorization|User-to-User|Identity)([ \t]*:[ \t]*)"
    r"[^\r\n]*(?:\r\n[ \t][^\r\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)
#: SRTP keys (RFC 4568 section 6.1; RFC 4566 section 5.12).
_KEYS = re.compile(r"(^a=crypto:[^\r\n]*?inline:)[^\r\n|; ]+|(^k=)[^\r\n]+", re.MULTILINE | re.IGNORECASE)
#: Keys that somebody pressed (application/dtmf-relay).
_SIGNAL = re.compile(r"(^Signal[ \t]*=[ \t]*)[^\r\n]+", re.MULTILINE | re.IGNORECASE)
_DTMF = re.compile(r"^(?:Content-Type|c)[ \t]*:[ \t]*application/dtmf[ \t]*(?:;[^\r\n]*)?$", re.I | re.M)
#: User parts that only the peer may know: of a worker, a tie, an awaited leg.
_SECRET_USER = re.compile(r"(?<=sip:)[0-9a-f]{16,64}(?=@)")
#: Numbers of callers and called, in URIs and display names; not Call-IDs, branches and tags.
_NUMBERS = re.compile(r"(?:(?<=sip:)|(?<=sips:)|(?<=tel:)|(?<=\"))\+?[0-9]{6,20}")


def without_secrets(message: bytes) -> str:
    """The message as text, with secrets and pressed keys replaced by ``***``; never raises."""
    text = message[:LONGEST].decode("utf-8", "replace")
    head, blank, body = text.partition("\r\n\r\n")
    if _DTMF.search(head) and body.strip():
        body = "***"
    head = _SECRET_USER.sub("***", _HIDDEN.sub(r"\1\2***", head))
    body = _SIGNAL.sub(r"\1***", _KEYS.sub(lambda found: (found[1] or found[2]) + "***", body))
    more = f"\r\n… {len(message) - LONGEST} bytes more" if len(message) > LONGEST else ""
    return f"{head}{blank}{body}{more}"


def with_masked_numbers(text: str) -> str:
    """The text of a message with the numbers of its head masked."""
    head, blank, body = text.partition("\r\n\r\n")
    return _NUMBERS.sub(lambda found: mask_number(found[0]), head) + blank + body
