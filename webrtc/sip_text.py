"""SIP messages as text (RFC 3261 section 7): reads a phone worker's messages and writes ours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_REQUEST = re.compile(r"(?P<method>[A-Z]{2,12}) (?P<uri>\S{1,512}) SIP/2\.0")
_STATUS = re.compile(r"SIP/2\.0 (?P<status>\d{3}) ?.*")
_URI = re.compile(r"sip:(?:(?P<user>[^@;\s]+)@)?(?P<host>[A-Za-z0-9.\-]+)(?::(?P<port>\d{1,5}))?")
_COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"}
#: Headers of a request that its response repeats (RFC 3261 section 8.2.6.2).
_REPEATED = ("via", "from", "call-id", "cseq", "record-route")

REASONS = {
    100: "Trying", 180: "Ringing", 200: "OK", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist", 486: "Busy Here",
    487: "Request Terminated", 488: "Not Acceptable Here", 500: "Server Internal Error", 603: "Decline",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SipMessage:
    """A request, whose ``status`` is 0, or a response, whose ``method`` is that of its CSeq."""

    method: str
    uri: str
    status: int
    #: Names in lower case, in the order of the wire.
    headers: tuple[tuple[str, str], ...]
    body: str

    def get(self, name: str) -> str:
        """The first header of this (lower-case) name; empty without one."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def number(self) -> int:
        """The number of its CSeq."""
        return int(self.get("cseq").split()[0])

    @property
    def user(self) -> str:
        """The user part of the request URI."""
        found = _URI.match(self.uri)
        return (found["user"] or "") if found else ""


def read_message(data: bytes) -> SipMessage | None:
    """Read one datagram; None if it is not a SIP message."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    head, _, body = text.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            return None
        name = name.strip().lower()
        headers.append((_COMPACT.get(name, name), value.strip()))
    known = dict(reversed(headers))
    cseq = re.fullmatch(r"(\d{1,10})\s+([A-Z]{2,12})", known.get("cseq", ""))
    if cseq is None or not all(known.get(name) for name in ("via", "from", "to", "call-id")):
        return None
    if found := _REQUEST.fullmatch(first):
        return SipMessage(found["method"], found["uri"], 0, tuple(headers), body)
    if found := _STATUS.fullmatch(first):
        return SipMessage(cseq[2], "", int(found["status"]), tuple(headers), body)
    return None


def write_response(
    request: SipMessage, status: int, tag: str, headers: Sequence[tuple[str, str]] = (), body: str = ""
) -> bytes:
    """Answer a request; ``tag`` completes a To header that has none."""
    lines = [f"SIP/2.0 {status} {REASONS[status]}"]
    lines += [f"{name.title()}: {value}" for name, value in request.headers if name in _REPEATED]
    to = request.get("to")
    lines.append(f"To: {to}" if ";tag=" in to or status == 100 else f"To: {to};tag={tag}")
    lines += [f"{name}: {value}" for name, value in headers]
    return _finish(lines, body)


def write_request(method: str, uri: str, headers: Sequence[tuple[str, str]]) -> bytes:
    """A request of our own, without a body."""
    return _finish(
        [f"{method} {uri} SIP/2.0", "Max-Forwards: 70", *(f"{name}: {value}" for name, value in headers)], ""
    )


def contact_of(request: SipMessage) -> str:
    """The URI in a request's Contact, without its header parameters; empty without one."""
    contact = request.get("contact")
    found = re.search(r"<(sip:[^>\s]+)>", contact)
    return found[1] if found else contact.partition(";")[0]


def _finish(lines: list[str], body: str) -> bytes:
    if body:
        lines.append("Content-Type: application/sdp")
    lines.append(f"Content-Length: {len(body.encode())}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
