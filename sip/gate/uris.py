"""SIP URIs and the headers that hold them. Pure (RFC 3261 sections 19.1 and 20.10)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal

Transport = Literal["udp", "tcp", "tls"]

_URI = re.compile(
    r"(?P<scheme>sips?):(?:(?P<user>[^@\s<>\x00-\x20\x7f]*)@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}))"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<parameters>(?:;[^\s<>?;\x00-\x20\x7f]+)*);?(?:\?[^\s<>\x00-\x20\x7f]*)?",
    re.I,
)
_NAME_ADDRESS = re.compile(r'\s*(?:"(?:[^"\\]|\\.)*"|[^<"]*)\s*<\s*([^<>]*?)\s*>(.*)', re.S)
#: Characters of one URI.
LONGEST = 1024


class UriError(ValueError):
    """Not a usable SIP URI."""


@dataclass(frozen=True, slots=True)
class Uri:
    """A sip or sips URI, without the headers that it may have."""

    text: str
    secure: bool
    user: str
    host: str
    port: int | None
    parameters: str

    def parameter(self, name: str) -> str | None:
        """A parameter's value; "" if it has no value, None if it is missing."""
        for one in self.parameters.split(";"):
            key, _, value = one.partition("=")
            if key.lower() == name:
                return value
        return None

    @property
    def transport(self) -> Transport | None:
        """The transport that it asks for; :class:`UriError` for one that nobody here speaks."""
        named = (self.parameter("transport") or "").lower()
        if self.secure or named == "tls":
            return "tls"
        if named in ("", "udp"):
            return "udp" if named else None
        if named == "tcp":
            return "tcp"
        raise UriError(f"the transport {named[:20]} is not spoken here")

    @property
    def where(self) -> tuple[str, int | None]:
        """Host and port that requests to it go to (``maddr``: RFC 3261 section 19.1.1)."""
        return self.parameter("maddr") or self.host, self.port


def parse_uri(text: str) -> Uri:
    """Read a SIP URI; :class:`UriError` for anything else."""
    found = _URI.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        raise UriError("not a SIP URI")
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port <= 65535:
        raise UriError("a port that there is not")
    host = found["host"].strip("[]").rstrip(".")
    if found["host"].startswith("["):
        try:
            ip_address(host)
        except ValueError:
            raise UriError("not an address") from None
    clean = text.partition("?")[0].rstrip(";") if "@" not in text.partition("?")[2] else text
    return Uri(clean, found["scheme"].lower() == "sips", found["user"] or "", host, port, found["parameters"])


def address_of(value: str) -> Uri:
    """The URI in a Contact, Route or Record-Route; :class:`UriError` where it is none."""
    if found := _NAME_ADDRESS.fullmatch(value):
        return parse_uri(found[1])
    return parse_uri(value.partition(";")[0].strip())
