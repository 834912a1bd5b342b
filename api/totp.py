"""One-time codes of an authenticator app (RFC 6238): six digits, others every 30 seconds."""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
from urllib.parse import quote

#: Seconds that a code is good for, and how many codes before and after count as well: clocks differ.
STEP, DRIFT = 30.0, 1
DIGITS = 6


def new_secret() -> str:
    """A secret of 160 bits, as RFC 4226 section 4 asks, in base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def key_of(secret: str) -> bytes:
    """The bytes of a secret in base32; ValueError for what is none."""
    text = "".join(secret.split()).upper().rstrip("=")
    key = base64.b32decode(text + "=" * (-len(text) % 8))
    if len(key) < 10:
        raise ValueError("too short")
    return key


def code_at(key: bytes, step: int) -> str:
    """The code of a step (RFC 4226 section 5.3)."""
    digest = hmac.digest(key, struct.pack(">Q", step), "sha1")
    at = digest[-1] & 15
    number = struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def uri(name: str, secret: str) -> str:
    """What authenticator apps read as a QR code."""
    return f"otpauth://totp/{quote('Ringback')}:{quote(name, safe='')}?secret={secret}&issuer=Ringback"


class OneTimeCodes:
    """Tries codes; each is good once."""

    def __init__(self) -> None:
        #: The step of the newest code that each of them has used.
        self._used: dict[str, int] = {}

    def right(self, name: str, secret: str, code: str, now: float) -> bool:
        """Whether this is a code of about now that they have not used; then it is used up."""
        try:
            key = key_of(secret)
        except ValueError:
            return False
        this = int(now // STEP)
        for step in range(this - DRIFT, this + DRIFT + 1):
            same = hmac.compare_digest(code_at(key, step).encode(), code.encode())
            if same and step > self._used.get(name, -1):
                self._used[name] = step
                return True
        return False
