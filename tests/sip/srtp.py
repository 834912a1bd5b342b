"""SRTP (RFC 3711) with the keys of SDES (RFC 4568): AES_CM_128_HMAC_SHA1_80, for one short call.

Written here, apart from the stack under test, so that what is on the wire is judged by the RFC alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.sip.uas import Phone, Rtp, Sip

SUITE = "AES_CM_128_HMAC_SHA1_80"
_HEADER, _TAG = 12, 10


class SrtpError(ValueError):
    """A packet that the key does not fit."""


class Srtp:
    """One direction of one stream; its sequence numbers must not wrap (no roll-over counter)."""

    def __init__(self, key_and_salt: bytes) -> None:
        self._master, self._salt = key_and_salt[:16], key_and_salt[16:30]
        self._key, self._auth = self._derive(0, 16), self._derive(1, 20)
        self._session_salt = self._derive(2, 14)

    def protect(self, packet: bytes) -> bytes:
        sealed = packet[:_HEADER] + self._crypt(packet)
        return sealed + self._tag(sealed)

    def unprotect(self, packet: bytes) -> bytes:
        sealed, tag = packet[:-_TAG], packet[-_TAG:]
        if not hmac.compare_digest(tag, self._tag(sealed)):
            raise SrtpError
        return sealed[:_HEADER] + self._crypt(sealed)

    def _derive(self, label: int, length: int) -> bytes:
        """RFC 3711 section 4.3.1, with a key derivation rate of 0."""
        start = int.from_bytes(self._salt, "big") ^ label << 48
        return _stream(self._master, (start << 16).to_bytes(16, "big"), bytes(length))

    def _crypt(self, packet: bytes) -> bytes:
        """RFC 3711 section 4.1.1."""
        sequence, ssrc = int.from_bytes(packet[2:4], "big"), int.from_bytes(packet[8:12], "big")
        start = int.from_bytes(self._session_salt, "big") << 16 ^ ssrc << 64 ^ sequence << 16
        return _stream(self._key, start.to_bytes(16, "big"), packet[_HEADER:])

    def _tag(self, sealed: bytes) -> bytes:
        return hmac.new(self._auth, sealed + bytes(4), hashlib.sha1).digest()[:_TAG]


def _stream(key: bytes, start: bytes, data: bytes) -> bytes:
    return Cipher(algorithms.AES(key), modes.CTR(start)).encryptor().update(data)


def key_of(body: str) -> bytes:
    """The key that the writer of this SDP encrypts with."""
    lines = (line for line in body.split("\r\n") if line.startswith("a=crypto:") and f" {SUITE} " in line)
    return base64.b64decode(next(lines).partition("inline:")[2].partition("|")[0].split()[0])


class SecureRtp(Rtp):
    """RTP that keeps what was on the wire, and understands it only with the keys."""

    def __init__(self) -> None:
        super().__init__()
        self.wire: list[bytes] = []
        self.ours: Srtp | None = None
        self.theirs: Srtp | None = None

    def datagram_received(self, data: bytes, addr) -> None:
        self.wire.append(data)
        if self.theirs is not None:
            super().datagram_received(self.theirs.unprotect(data), addr)

    def put(self, packet: bytes) -> None:
        super().put(self.ours.protect(packet) if self.ours else packet)


class SecurePhone(Phone):
    """A phone that accepts the SRTP it is offered."""

    rtp_kind = SecureRtp

    #: What it answers, as far as it is offered.
    formats = "0 101"

    def answer(self, sip: Sip, headers: list[tuple[str, str]] | None = None) -> None:
        self.respond(sip, 200, "OK", headers, self.sdp(sip.get("Call-ID")))

    def sdp(self, call_id: str, direction: str = "sendrecv", formats: str = "", extra: str = "") -> str:
        """Answer the last offer, with a new key."""
        dialog, key = self.dialogs[call_id], os.urandom(30)
        offer = dialog.invite.body
        dialog.rtp.ours, dialog.rtp.theirs = Srtp(key), Srtp(key_of(offer))
        tag = offer.partition(f" {SUITE} ")[0].rpartition(":")[2]
        offered = re.search(r"m=audio \d+ \S+ ([\d ]+)", offer)[1].split()
        common = " ".join(kind for kind in self.formats.split() if kind in offered)
        body = super().sdp(
            call_id,
            direction,
            common,
            f"{extra}a=crypto:{tag} {SUITE} inline:{base64.b64encode(key).decode()}\r\n",
        )
        return body.replace("RTP/AVP", "RTP/SAVP") if "RTP/SAVP" in offer else body
