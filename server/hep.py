"""HEP3, the protocol by which SIP traces reach Homer, sngrep and their like: one UDP datagram a message.

The format is that of sipcapture's "HEP3 Network Protocol Specification", revision 36.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address

#: Chunk types of the generic vendor.
_FAMILY, _PROTOCOL = 0x0001, 0x0002
_SOURCE_ADDRESS, _DESTINATION_ADDRESS, _SOURCE_PORT, _DESTINATION_PORT = 0x0003, 0x0004, 0x0007, 0x0008
_SECONDS, _MICROSECONDS, _KIND, _AGENT, _PAYLOAD, _CORRELATION = (
    0x0009,
    0x000A,
    0x000B,
    0x000C,
    0x000F,
    0x0011,
)
_IPV4, _UDP, _TCP, _SIP = 2, 17, 6, 1
#: Who captured, where somebody tells captures apart by it.
_AGENT_ID = 0x52424B


def packet(
    *,
    at: float,
    source: tuple[str, int],
    destination: tuple[str, int],
    transport: str,
    payload: bytes,
    correlation: str,
) -> bytes:
    """One message of SIP as HEP3; ``at`` is seconds since the epoch, ``correlation`` ties a call's legs."""
    seconds = int(at)
    chunks = (
        (_FAMILY, struct.pack("!B", _IPV4)),
        (_PROTOCOL, struct.pack("!B", _UDP if transport == "udp" else _TCP)),
        (_SOURCE_ADDRESS, IPv4Address(source[0]).packed),
        (_DESTINATION_ADDRESS, IPv4Address(destination[0]).packed),
        (_SOURCE_PORT, struct.pack("!H", source[1])),
        (_DESTINATION_PORT, struct.pack("!H", destination[1])),
        (_SECONDS, struct.pack("!I", seconds)),
        (_MICROSECONDS, struct.pack("!I", round((at - seconds) * 1e6) % 1_000_000)),
        (_KIND, struct.pack("!B", _SIP)),
        (_AGENT, struct.pack("!I", _AGENT_ID)),
        (_CORRELATION, correlation.encode()),
        (_PAYLOAD, payload),
    )
    body = b"".join(struct.pack("!HHH", 0, kind, 6 + len(value)) + value for kind, value in chunks if value)
    return b"HEP3" + struct.pack("!H", 6 + len(body)) + body
