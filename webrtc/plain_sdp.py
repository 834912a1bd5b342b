"""The SDP exchanged with a phone worker on loopback (RFC 3264): one plain RTP audio stream."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from webrtc.rtp import STATIC_TYPES

_AUDIO = re.compile(r"^m=audio (?P<port>\d{1,5}) RTP/AVP (?P<formats>[\d ]+)$", re.MULTILINE)
_ADDRESS = re.compile(r"^c=IN IP4 (?P<address>[\d.]{7,15})$", re.MULTILINE)
_EVENT = re.compile(r"^a=rtpmap:(?P<type>\d{1,3}) telephone-event/8000$", re.MULTILINE | re.IGNORECASE)
_DIRECTION = re.compile(r"^a=(?P<direction>sendrecv|sendonly|recvonly|inactive)$", re.MULTILINE)
_ANSWERED_BY = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}


@dataclass(frozen=True, slots=True)
class PlainOffer:
    """Where a phone worker receives RTP, and its codecs."""

    address: str
    port: int
    codecs: tuple[str, ...]
    #: Payload type of RFC 4733 events, if it has them.
    event_type: int | None
    direction: str


def read_plain(sdp: str) -> PlainOffer | None:
    """Read a phone worker's SDP; None without one plain audio stream."""
    text = sdp.replace("\r\n", "\n")
    audio, addresses = _AUDIO.search(text), _ADDRESS.findall(text)
    if audio is None or not addresses:
        return None
    formats = audio["formats"].split()
    event, direction = _EVENT.search(text), _DIRECTION.search(text)
    return PlainOffer(
        addresses[-1],
        int(audio["port"]),
        tuple(codec for codec, kind in STATIC_TYPES.items() if str(kind) in formats),
        int(event["type"]) if event and event["type"] in formats else None,
        direction["direction"] if direction else "sendrecv",
    )


def shared_codecs(offer: PlainOffer, wanted: Sequence[str]) -> tuple[str, ...]:
    """The wanted codecs that the phone worker also has, in the order wanted."""
    return tuple(codec for codec in wanted if codec in offer.codecs)


def write_plain(offer: PlainOffer, address: str, port: int, codec: str, version: int) -> str:
    """Answer with one codec. Events are accepted, so that keys sent to us cause no error."""
    kind = STATIC_TYPES[codec]
    formats = f"{kind}" if offer.event_type is None else f"{kind} {offer.event_type}"
    lines = [
        "v=0",
        f"o=- 1 {version} IN IP4 {address}",
        "s=-",
        f"c=IN IP4 {address}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {formats}",
        f"a=rtpmap:{kind} {codec}/8000",
    ]
    if offer.event_type is not None:
        lines += [f"a=rtpmap:{offer.event_type} telephone-event/8000", f"a=fmtp:{offer.event_type} 0-15"]
    lines += ["a=ptime:20", f"a={_ANSWERED_BY[offer.direction]}"]
    return "\r\n".join(lines) + "\r\n"
