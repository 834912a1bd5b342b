"""Which codecs an SDP of ours names, and in which order (RFC 4566, RFC 3264): a trunk's own choice.

PJSIP's codec priorities hold for the whole process; the SDP is where one leg can differ from another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Static payload types (RFC 3551 section 6).
_STATIC = {"PCMU": "0", "PCMA": "8", "G722": "9"}
CODEC_OF = {int(number): codec for codec, number in _STATIC.items()}
_AUDIO = re.compile(r"^m=audio (?P<port>\d+) (?P<profile>\S+) (?P<formats>[\d ]+)$")
_AUDIO_ANYWHERE = re.compile(r"^m=audio (?P<port>\d+) ", re.MULTILINE)
_RTCP = re.compile(r"^a=rtcp:(?P<port>\d+)", re.MULTILINE)
_EVENT = re.compile(r"^a=rtpmap:(?P<format>\d+) telephone-event/(?P<clock>\d+)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"^a=(?P<name>rtpmap|fmtp):(?P<format>\d+) (?P<rest>.*)$")
#: Milliseconds in a packet where nobody asks for another time, and at most: more would be heard as delay.
_PACKET_TIME, _LONGEST_PACKET = 20, 100
#: Of telephone-event, in what we offer.
_EVENT_NUMBER = "101"


def choose_codecs(sdp: str, codecs: Sequence[str]) -> str:
    """Name only these codecs, the best first, and telephone-event at 8 kHz as 101; the rest stays as it is.

    101 is no static number, but many gateways send keys under it, whatever was offered.
    An SDP that offers none of them is returned unchanged, so that the negotiation fails in the open.
    """
    lines = sdp.splitlines()
    audio = next((found for line in lines if (found := _AUDIO.match(line))), None)
    if audio is None:
        return sdp
    offered = audio["formats"].split()
    wanted = [_STATIC[codec] for codec in codecs if _STATIC[codec] in offered]
    if not wanted:
        return sdp
    events = [found["format"] for line in lines if (found := _EVENT.match(line)) and found["clock"] == "8000"]
    event = next((event for event in events if event in offered), None)
    kept = {number: number for number in wanted}
    if event is not None:
        kept[event] = event if _EVENT_NUMBER in kept else _EVENT_NUMBER
    result = []
    for line in lines:
        if line == audio[0]:
            result.append(f"m=audio {audio['port']} {audio['profile']} {' '.join(kept.values())}")
        elif not (found := _ATTRIBUTE.match(line)):
            result.append(line)
        elif (number := kept.get(found["format"])) is not None:
            result.append(f"a={found['name']}:{number} {found['rest']}")
    return "\r\n".join(result) + "\r\n"


def media_ports(sdp: str) -> tuple[int, int] | None:
    """The ports of RTP and RTCP (RFC 3605) that an SDP of ours names; None where it names none."""
    audio = _AUDIO_ANYWHERE.search(sdp)
    if audio is None or audio["port"] == "0":
        return None
    rtcp = _RTCP.search(sdp)
    return int(audio["port"]), int(rtcp["port"]) if rtcp else int(audio["port"]) + 1


def packet_time(wanted: int | None, longest: int | None) -> int | None:
    """Milliseconds of audio in each packet that a far side gets by its ``ptime`` and ``maxptime`` (RFC 4566
    section 6); None where it leaves the choice to us.

    PJSIP obeys ``ptime`` and knows no ``maxptime``; its frames are of 10 ms.
    """
    if longest is None and wanted is None:
        return None
    time = min(wanted or _PACKET_TIME, longest or _LONGEST_PACKET, _LONGEST_PACKET)
    return max(10, time // 10 * 10)
