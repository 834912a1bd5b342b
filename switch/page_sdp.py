"""What rtpengine is told of a browser's connection, and what it says for the answer to the page. Pure.

A page's own SDP goes no further than :func:`webrtc.sdp.read_offer`: rtpengine gets one of ours, with the one
codec that we chose, and the page gets an answer of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

from webrtc.sdp import RTPMAPS, BrowserOffer, LocalPath

_CANDIDATE = re.compile(
    r"candidate:[A-Za-z0-9+/]{1,32} 1 udp \d{1,10} (?P<address>[0-9A-Fa-f:.]{2,45}) (?P<port>\d{1,5}) typ "
    r"(?:host|srflx|prflx|relay)(?: .{0,300})?",
    re.IGNORECASE | re.ASCII,
)
#: Candidates that one connection may have.
MOST_CANDIDATES = 64


class PagePathError(ValueError):
    """What rtpengine said describes no path for a browser."""


def candidate_of(text: str) -> str | None:
    """A candidate that rtpengine can use (UDP, an address, RTP), as in SDP; None for any other.

    Names (mDNS) are no use: such a page's checks show its address.
    """
    text = text.removeprefix("a=")
    text = text if text.startswith("candidate:") else f"candidate:{text}"
    found = _CANDIDATE.fullmatch(text)
    if found is None or not 0 < int(found["port"]) <= 65535:
        return None
    try:
        address: IPv4Address | IPv6Address = ip_address(found["address"])
    except ValueError:
        return None
    return None if address.is_unspecified or address.is_multicast else text


def toward_rtpengine(offer: BrowserOffer, codec: str, candidates: Iterable[str]) -> str:
    """The connection as rtpengine is told of it.

    The page takes the passive part of DTLS from the start, whatever it offered: it is what our answer says.
    telephone-event is here although no page has it, so that the keys of a joined phone are still heard.
    """
    kind = offer.codecs[codec]
    events = next(number for number in (101, 110, 112) if number != kind)
    lines = [
        "v=0",
        "o=ringback 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"m=audio 9 UDP/TLS/RTP/SAVPF {kind} {events}",
        "c=IN IP4 0.0.0.0",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        "a=ice-options:trickle",
        f"a=ice-ufrag:{offer.user}",
        f"a=ice-pwd:{offer.password}",
        *(f"a=fingerprint:{name} {value}" for name, value in offer.fingerprints[:1]),
        "a=setup:passive",
        f"a=rtpmap:{kind} {RTPMAPS[codec]}",
        *([f"a=fmtp:{kind} minptime=20;useinbandfec=1;stereo=0"] if codec == "opus" else []),
        f"a=rtpmap:{events} telephone-event/8000",
        f"a=fmtp:{events} 0-15",
        "a=ptime:20",
        *(f"a={candidate}" for candidate in candidates),
    ]
    return "\r\n".join(lines) + "\r\n"


def path_of(sdp: str, public_address: str | None) -> LocalPath:
    """Our end of the path by rtpengine's SDP; behind 1:1 NAT with the address that pages see."""
    found: dict[str, str] = {}
    candidates = []
    for line in sdp.splitlines():
        name, _, value = line.removeprefix("a=").partition(":")
        found.setdefault(name, value)
        known = candidate_of(line) if name == "candidate" else None
        if known is not None:
            candidates.append(_told(known, public_address))
    kind, _, value = found.get("fingerprint", "").partition(" ")
    if not (value and candidates and found.get("ice-ufrag") and found.get("ice-pwd")):
        raise PagePathError("rtpengine gave no path for a browser")
    return LocalPath(found["ice-ufrag"], found["ice-pwd"], (kind, value), tuple(candidates), complete=True)


def _told(candidate: str, public_address: str | None) -> str:
    if public_address is None:
        return candidate
    parts = candidate.split(" ")
    if ":" not in parts[4]:
        parts[4] = public_address
    return " ".join(parts)
