"""The text of an outgoing INVITE: request URI, caller and further headers, none of which can break out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from config.models import Trunk
from routing.plan import SipEndpoint

Transport = Literal["udp", "tcp", "tls"]

_URI = re.compile(
    r"(?P<scheme>sips?):(?:(?P<user>[^@\s<>\"\x00-\x1f\x7f]+)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<parameters>(?:;[^\s<>\"?;\x00-\x1f\x7f]+)*)(?P<headers>\?[^\s<>\"\x00-\x1f\x7f]*)?"
)
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_LONGEST_VALUE = 512

#: Headers that the SIP stack writes; another one of them would make the request ambiguous.
_RESERVED = frozenset({
    "allow", "authorization", "call-id", "contact", "content-length", "content-type", "cseq", "from",
    "max-forwards", "min-se", "p-asserted-identity", "proxy-authorization", "reason", "record-route",
    "require", "route", "session-expires", "supported", "to", "user-agent", "via",
    # and their compact forms (RFC 3261 section 7.3.3, RFC 4028)
    "i", "m", "l", "c", "f", "k", "t", "v", "x",
})  # fmt: skip


class RequestTextError(ValueError):
    """A leg's endpoint cannot be written as a SIP request."""


@dataclass(frozen=True, slots=True)
class Target:
    """A request URI, taken apart."""

    uri: str
    host: str
    port: int | None
    transport: Transport


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom the far side sees: the From header, and the identity that the trunk vouches for, if another."""

    from_: str
    asserted: str | None


def target_of(uri: str, trunk_transport: Transport | None = None) -> Target:
    """Check a request URI and add the trunk's transport to it; :class:`RequestTextError` for a broken one."""
    found = _URI.fullmatch(uri)
    if found is None:
        raise RequestTextError("the request URI is not a SIP URI")
    named = re.search(r";transport=(udp|tcp|tls)\b", found["parameters"] or "", re.IGNORECASE)
    transport: Transport
    if named:
        transport = named[1].lower()  # type: ignore[assignment]
    elif found["scheme"] == "sips":
        transport = "tls"
    else:
        transport = trunk_transport or "udp"
        if transport != "udp":
            end = found.end("parameters")
            uri = f"{uri[:end]};transport={transport}{uri[end:]}"
    return Target(uri, found["host"].strip("[]"), int(found["port"]) if found["port"] else None, transport)


def caller_of(endpoint: SipEndpoint, trunk: Trunk | None, domain: str) -> Caller:
    """The caller as the far side sees it (RFC 3261 section 20.20, RFC 3325 section 9.1).

    A trunk with a caller ID of its own stands in where the call has none; where the call shows another
    number, such as the shopper's, the trunk's own goes along as P-Asserted-Identity.
    """
    own = trunk.caller_id if trunk else None
    number = endpoint.caller_number or (own.number if own else None)
    name = endpoint.caller_name if endpoint.caller_number else own.name if own else None
    if number is None:
        return Caller(f'"{_quoted(name or "Ringback")}" <sip:ringback@{domain}>', None)
    asserted = f"<sip:{own.number}@{domain}>" if own and own.number != number else None
    display = f'"{_quoted(name)}" ' if name else ""
    return Caller(f"{display}<sip:{_number(number)}@{domain}>", asserted)


def safe_headers(headers: tuple[tuple[str, str], ...]) -> tuple[list[tuple[str, str]], list[str]]:
    """The headers that may go out, with control characters made spaces, and the names of those that may not.

    A line break in a value would otherwise begin a header, or a request, of the shopper's own writing.
    """
    allowed, refused = [], []
    for name, value in headers:
        if not _TOKEN.fullmatch(name) or name.lower() in _RESERVED:
            refused.append(_CONTROL.sub(" ", name))
        else:
            allowed.append((name, _CONTROL.sub(" ", value).strip()[:_LONGEST_VALUE]))
    return allowed, refused


def _quoted(text: str) -> str:
    """Content of a quoted string (RFC 3261 section 25.1)."""
    return _CONTROL.sub(" ", text).replace("\\", "\\\\").replace('"', '\\"')


def _number(number: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9+*#._-]+", number):
        raise RequestTextError("the caller number has characters that no SIP user part can have")
    return number.replace("#", "%23")
