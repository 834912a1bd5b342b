"""The text of an outgoing INVITE: request URI, caller and further headers, safe from injection."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from config.sections.destinations import is_owned_header
from config.sections.trunks import Trunk
from routing.dialling import written
from routing.plan import SipEndpoint
from sip.addresses import split_host

Transport = Literal["udp", "tcp", "tls"]

_URI = re.compile(
    r"(?P<scheme>sips?):(?:(?P<user>[^@\s<>\"\x00-\x1f\x7f]+)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(?P<port>\d{1,5}))?"
    r"(?P<parameters>(?:;[^\s<>\"?;\x00-\x1f\x7f]+)*)(?P<headers>\?[^\s<>\"\x00-\x1f\x7f]*)?"
)
_TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_LONGEST_VALUE = 512


class RequestTextError(ValueError):
    """A leg's endpoint cannot be written as a SIP request."""


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """A parsed request URI."""

    uri: str
    host: str
    port: int | None
    transport: Transport


@dataclass(frozen=True, slots=True)
class ShownCaller:
    """The caller that the far side sees: From, the asserted identity, and what to hide."""

    from_: str
    asserted: str | None = None
    privacy: str | None = None

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The further headers about the caller."""
        further = (("P-Asserted-Identity", self.asserted), ("Privacy", self.privacy))
        return [(name, value) for name, value in further if value is not None]


def target_of(uri: str, trunk_transport: Transport | None = None) -> RequestTarget:
    """Check a request URI and add the trunk's transport; :class:`RequestTextError` if it is malformed."""
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
    return RequestTarget(
        uri, found["host"].strip("[]"), int(found["port"]) if found["port"] else None, transport
    )


def caller_of(endpoint: SipEndpoint, trunk: Trunk | None, domain: str) -> ShownCaller:
    """The caller as the far side sees it (RFC 3261 section 20.20, RFC 3323, RFC 3325 section 9.1).

    A trunk with a caller ID of its own stands in where the call has none; where the call shows another
    number, such as the shopper's, the trunk's own goes along as P-Asserted-Identity.
    """
    own = trunk.caller_id if trunk else None
    number = endpoint.caller_number or (own.number if own else None)
    name = endpoint.caller_name if endpoint.caller_number else own.name if own else None
    if trunk is None:
        return ShownCaller(_shown(number or "ringback", name or (None if number else "Ringback"), domain))
    written_number = number and written(number, trunk.caller_format, trunk)
    phone = ";user=phone" if trunk.user_phone else ""
    if trunk.privacy == "id":
        from_ = '"Anonymous" <sip:anonymous@anonymous.invalid>'
    elif trunk.from_user == "account" and trunk.username:
        from_ = _shown(trunk.username, name, domain)
    elif written_number:
        from_ = _shown(written_number, name, domain, phone)
    else:
        from_ = _shown("ringback", name or "Ringback", domain)
    asserted = _asserted(trunk, number)
    if asserted is not None:
        asserted = f"<sip:{_number(written(asserted, trunk.caller_format, trunk))}@{domain}{phone}>"
    return ShownCaller(from_, asserted, "id" if trunk.privacy == "id" else None)


def domain_of(trunk: Trunk) -> str:
    """The domain in our addresses on this trunk: its host, without the port."""
    host = split_host(trunk.host).host
    return f"[{host}]" if ":" in host else host


def next_hop_of(trunk: Trunk) -> str:
    """The host to which requests on this trunk are sent."""
    return split_host(trunk.outbound_proxy or trunk.host).host


def route_of(trunk: Trunk) -> str:
    """The Route header for the trunk's outbound proxy; empty without one."""
    proxy = trunk.outbound_proxy
    if not proxy:
        return ""
    uri = proxy if proxy.startswith(("sip:", "sips:")) else f"sip:{proxy}"
    uri += "" if ";transport=" in uri else transport_tag(trunk.transport)
    return f"<{uri}{'' if ';lr' in uri else ';lr'}>"


def transport_tag(transport: str) -> str:
    """The parameter of a URI that names a transport other than UDP."""
    return "" if transport == "udp" else f";transport={transport}"


def _asserted(trunk: Trunk, shown: str | None) -> str | None:
    """The number of P-Asserted-Identity, if the INVITE has one."""
    own = trunk.caller_id.number if trunk.caller_id else None
    hidden = trunk.privacy == "id" or trunk.from_user == "account"
    match trunk.asserted_identity:
        case "never":
            return None
        case "always":
            return own or shown
        case "auto" if hidden:
            # From does not show the caller.
            return shown or own
        case "auto":
            return own if own != shown else None


def _shown(user: str, name: str | None, domain: str, parameters: str = "") -> str:
    display = f'"{_quoted(name)}" ' if name else ""
    return f"{display}<sip:{_number(user)}@{domain}{parameters}>"


def safe_headers(headers: tuple[tuple[str, str], ...]) -> tuple[list[tuple[str, str]], list[str]]:
    """The headers that may be sent, with spaces for control characters, and the names of those that may not.

    A line break in a value would otherwise begin a header, or a request, of the shopper's own writing.
    """
    allowed, refused = [], []
    for name, value in headers:
        if not _TOKEN.fullmatch(name) or is_owned_header(name):
            refused.append(_CONTROL.sub(" ", name))
        else:
            allowed.append((name, _CONTROL.sub(" ", value).strip()[:_LONGEST_VALUE]))
    return allowed, refused


def _quoted(text: str) -> str:
    """Content of a quoted string (RFC 3261 section 25.1)."""
    return _CONTROL.sub(" ", text).replace("\\", "\\\\").replace('"', '\\"')


def _number(number: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9+*#._-]+", number):
        raise RequestTextError("the caller's number or account has characters that no SIP user part can have")
    return number.replace("#", "%23")
