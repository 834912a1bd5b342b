"""What a leg's media sockets let in, as classic BPF programs (socket(7), bpf(2)): plain data, built here.

Two sockets share a leg's RTP port (``SO_REUSEPORT``): PJSIP's and our own. :func:`build_selector` tells the
kernel which of them gets a packet; :func:`build_rtp` and :func:`build_rtcp` what a socket lets in at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import NamedTuple

from config.fields import PortRange
from sip.firewall import (
    AND_CONST,
    DROP,
    JUMP_EQUAL,
    JUMP_GREATER,
    JUMP_GREATER_EQUAL,
    LOAD_BYTE_ABS,
    LOAD_HALF_ABS,
    LOAD_WORD_ABS,
    RETURN_CONST,
    SKF_NET_OFF,
    AllowedNetwork,
    Instruction,
    build_program,
)

SO_ATTACH_REUSEPORT_CBPF = 51
LOAD_LENGTH = 0x80  # BPF_LD | BPF_W | BPF_LEN

#: Which of the two sockets gets a packet: they are numbered in the order in which they joined.
TO_PJSIP, TO_US = 0, 1
#: Smallest RTP header (RFC 3550 section 5.1), smallest RTCP packet that says anything (section 6.4.2).
_RTP_HEADER, _RTCP_HEADER = 12, 8
_UDP_HEADER = 8
#: Longer than any packet of telephone audio: 200 ms of G.711 with header extensions and SRTP's tag.
_LONGEST = 2000
#: RTCP packet types (RFC 5761 section 4).
_RTCP_TYPES = (192, 223)


class Endpoint(NamedTuple):
    """Where media comes from or goes to."""

    address: IPv4Address
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"

    @classmethod
    def read(cls, text: str) -> Endpoint | None:
        """Read ``address:port``; None for what leads nowhere: no port, or 0.0.0.0 as in an old hold."""
        host, _, port = text.rpartition(":")
        try:
            found = cls(IPv4Address(host), int(port))
        except ValueError:
            return None
        return found if found.port and not found.address.is_unspecified else None


@lru_cache(maxsize=1000)
def exactly(endpoint: Endpoint) -> AllowedNetwork:
    """One address and port."""
    return AllowedNetwork(ip_network(endpoint.address), PortRange(endpoint.port, endpoint.port))


def any_port_of(address: IPv4Address) -> AllowedNetwork:
    """One address."""
    return AllowedNetwork(ip_network(address))


#: Everybody.
ANYBODY = AllowedNetwork(IPv4Network("0.0.0.0/0"))


def build_rtp(sources: Iterable[AllowedNetwork]) -> tuple[Instruction, ...]:
    """Let in what looks like RTP from these sources."""
    return (
        *_length(_UDP_HEADER + _RTP_HEADER, _UDP_HEADER + _LONGEST),
        *_version_2(_UDP_HEADER),
        *build_program(sources),
    )


def build_rtcp(sources: Iterable[AllowedNetwork]) -> tuple[Instruction, ...]:
    """Let in what looks like RTCP from these sources."""
    return (
        *_length(_UDP_HEADER + _RTCP_HEADER, _UDP_HEADER + _LONGEST),
        *_version_2(_UDP_HEADER),
        Instruction(LOAD_BYTE_ABS, 0, 0, _UDP_HEADER + 1),
        Instruction(JUMP_GREATER_EQUAL, 0, 1, _RTCP_TYPES[0]),
        Instruction(JUMP_GREATER, 0, 1, _RTCP_TYPES[1]),
        Instruction(RETURN_CONST, 0, 0, DROP),
        *build_program(sources),
    )


def build_selector(
    direct: Iterable[Endpoint], only: int | None = None, but: Iterable[int] = ()
) -> tuple[Instruction, ...]:
    """Give PJSIP what comes from these endpoints: of one payload type only, or all but some; us the rest.

    In a selector, unlike in a filter, offsets count from the payload. The source port is read at its place
    behind an IP header without options; a packet with options comes to us, and each socket's own filter,
    which knows the real port, has the last word anyway.
    """
    program: list[Instruction] = [Instruction(LOAD_BYTE_ABS, 0, 0, 1), Instruction(AND_CONST, 0, 0, 0x7F)]
    if only is not None:
        program += [Instruction(JUMP_EQUAL, 1, 0, only), Instruction(RETURN_CONST, 0, 0, TO_US)]
    for kind in but:
        program += [Instruction(JUMP_EQUAL, 0, 1, kind), Instruction(RETURN_CONST, 0, 0, TO_US)]
    for endpoint in direct:
        program += [
            Instruction(LOAD_WORD_ABS, 0, 0, SKF_NET_OFF + 12),
            Instruction(JUMP_EQUAL, 0, 3, int(endpoint.address)),
            Instruction(LOAD_HALF_ABS, 0, 0, SKF_NET_OFF + 20),
            Instruction(JUMP_EQUAL, 0, 1, endpoint.port),
            Instruction(RETURN_CONST, 0, 0, TO_PJSIP),
        ]
    program.append(Instruction(RETURN_CONST, 0, 0, TO_US))
    return tuple(program)


def _length(least: int, most: int) -> list[Instruction]:
    return [
        Instruction(LOAD_LENGTH, 0, 0, 0),
        Instruction(JUMP_GREATER_EQUAL, 0, 1, least),
        Instruction(JUMP_GREATER, 0, 1, most),
        Instruction(RETURN_CONST, 0, 0, DROP),
    ]


def _version_2(start: int) -> list[Instruction]:
    return [
        Instruction(LOAD_BYTE_ABS, 0, 0, start),
        Instruction(AND_CONST, 0, 0, 0xC0),
        Instruction(JUMP_EQUAL, 1, 0, 0x80),
        Instruction(RETURN_CONST, 0, 0, DROP),
    ]
