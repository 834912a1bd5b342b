"""Via: where responses go (RFC 3261 section 18.2, RFC 3581). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sip.gate.message import parameter

_VIA = re.compile(
    r"SIP\s*/\s*2\.0\s*/\s*(?P<transport>[A-Za-z0-9-]{1,16})\s+"
    r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?:\s*:\s*(?P<port>[0-9]{1,5}))?\s*(?P<rest>;.*)?",
    re.I | re.S,
)


@dataclass(frozen=True, slots=True)
class Via:
    """One Via; ``rport`` tells whether the answer is wanted at the port that the request came from."""

    host: str
    port: int | None
    branch: str
    rport: bool
    text: str

    def answered_at(self, address: str, port: int) -> tuple[str, int]:
        """Where the response goes to a request that came by UDP from this address and port."""
        return address, port if self.rport else self.port or 5060

    def seen_from(self, address: str, port: int) -> str:
        """The header as we return it: with ``received`` and ``rport``."""
        text = self.text
        if self.rport:
            text = re.sub(
                r";\s*rport\s*(=\s*[0-9]*)?(?=\s*(;|$))", f";rport={port}", text, count=1, flags=re.I
            )
        if self.rport or self.host != address:
            text = re.sub(r";\s*received\s*=[^;]*", "", text, flags=re.I) + f";received={address}"
        return text


def parse_via(value: str) -> Via | None:
    """Parse one Via; None if it is invalid."""
    found = _VIA.fullmatch(value.strip())
    if found is None:
        return None
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port <= 65535:
        return None
    rest = found["rest"] or ""
    return Via(
        found["host"],
        port,
        parameter(rest, "branch") or "",
        parameter(rest, "rport") is not None,
        value.strip(),
    )
