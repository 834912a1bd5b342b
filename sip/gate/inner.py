"""The text that PJSIP reads: out of what it said itself, and what was understood of the peer. Pure."""

from __future__ import annotations

import hashlib
import re

from sip.gate.description import clean
from sip.gate.judge import number_in
from sip.gate.message import Message, is_token, with_tag

#: Reasons of our own: PJSIP reads none of the peer's.
_REASONS = {100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 401: "Unauthorized",
            407: "Proxy Authentication Required", 487: "Request Terminated"}  # fmt: skip
_PRINTABLE = re.compile(r"[\x20-\x7e]{1,256}")


def reply(
    request: Message,
    status: int,
    *,
    tag: str = "",
    headers: list[tuple[str, str]] | None = None,
    body: bytes = b"",
) -> Message:
    """A response to a request of PJSIP's."""
    own = [(name, value) for name, value in request.headers if name in ("Via", "From", "Call-ID", "CSeq")]
    to = request.get("To")
    made = Message("", status=status, reason=_REASONS.get(status, "Reason"), headers=[*own])
    made.headers.append(("To", with_tag(to, tag) if tag and not request.to_tag else to))
    made.headers += headers or []
    if body:
        made.headers.append(("Content-Type", "application/sdp"))
        made.body = body
    return made


def understood(message: Message) -> list[tuple[str, str]]:
    """The headers of a peer's message that mean something to PJSIP, written from scratch."""
    found: list[tuple[str, str]] = []
    for name in ("RSeq", "Retry-After", "Min-Expires", "Expires"):
        number = number_in(message, name, 2**31 - 1)
        if number is not None and (name != "RSeq" or number):
            found.append((name, str(number)))
    required = [tag for tag in message.all("Require") if tag.lower() == "100rel"]
    if required and message.status and any(name == "RSeq" for name, _ in found):
        found.append(("Require", "100rel"))
    supported = [tag for tag in message.all("Supported")[:30] if tag.lower() in ("100rel", "replaces")]
    if supported:
        found.append(("Supported", ", ".join(supported)))
    allowed = [method for method in message.all("Allow")[:30] if is_token(method)]
    if allowed:
        found.append(("Allow", ", ".join(allowed)))
    reason = message.get("Reason")
    if _PRINTABLE.fullmatch(reason):
        found.append(("Reason", reason))
    return found


def description_of(message: Message, *, is_answer: bool) -> bytes:
    """The SDP of a peer's message for PJSIP; empty without one. ``DescriptionError`` for a broken one."""
    if not message.body.strip():
        return b""
    kind = message.get("Content-Type").partition(";")[0].strip().lower()
    if kind and kind != "application/sdp":
        return b""
    return clean(message.body, is_answer=is_answer)


def safe_tag(tag: str) -> str:
    """A tag as PJSIP gets it: the peer's own, or one that stands for it."""
    if is_token(tag):
        return tag
    return f"x{hash_of(tag)}"


def hash_of(text: str) -> str:
    """A short word that stands for any text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:24]
