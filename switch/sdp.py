"""SDP (RFC 8866): what a far side says of its audio, and what we say of ours (RFC 3264). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal

from sip.sdp import packet_time
from switch.media import Agreed, IncompatibleError

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
Srtp = Literal["off", "optional", "required"]

LONGEST = 16_000
#: Codec → payload type that we offer it as, and its rtpmap (RFC 3551; for G.722 the clock is 8000).
CODECS: dict[str, tuple[int, str]] = {
    "PCMU": (0, "PCMU/8000"),
    "PCMA": (8, "PCMA/8000"),
    "G722": (9, "G722/8000"),
    "opus": (111, "opus/48000/2"),
}
_BY_NAME = {codec.lower(): codec for codec in CODECS}
_STATIC = {number: codec for codec, (number, _) in CODECS.items() if number < 96}
EVENTS = 101
_AUDIO = re.compile(r"m=audio (\d{1,5})(?:/\d+)? (\S{1,40}) ([0-9 ]{1,400})")
_RTPMAP = re.compile(r"a=rtpmap:(\d{1,3}) ([A-Za-z0-9_.-]{1,40})/(\d{1,6})")
_ADDRESS = re.compile(r"c=IN IP[46] ([0-9A-Fa-f:.]{2,45})(?:/.*)?")
_CRYPTO = re.compile(r"a=crypto:\d{1,9} [A-Za-z0-9_]{1,60} inline:\S{1,200}(?: .*)?")
_TIME = re.compile(r"a=(ptime|maxptime):([1-9]\d{0,2})")
_RTCP = re.compile(r"a=rtcp(?:-mux|:\d{1,5}(?: IN IP[46] [0-9A-Fa-f:.]{2,45})?)")
#: What else phones, PBXs and browsers number their keys. All 32 that they might would cost rtpengine three
#: times the CPU of a set-up.
_USUAL = (96, 97, 100, 120, 126, 127)
#: Which direction answers which.
_REVERSED: dict[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}


@dataclass(frozen=True, slots=True)
class Described:
    """The audio of one SDP."""

    address: str
    port: int
    #: ``RTP/AVP``, ``RTP/SAVP``, …
    profile: str
    #: Codec → payload type, the far side's first choice first; only those that we know.
    codecs: dict[str, int]
    #: Payload type of telephone-event at 8 kHz; None without one.
    events: int | None
    direction: Direction
    #: The lines of ``a=crypto`` (RFC 4568).
    crypto: tuple[str, ...] = ()
    #: Milliseconds of audio in each packet that it gets; None where it leaves that to us.
    packet_time: int | None = None
    #: The lines that say where its RTCP is (RFC 3605, RFC 5761).
    rtcp: tuple[str, ...] = ()

    @property
    def encrypted(self) -> bool:
        """Whether only SRTP will do."""
        return "SAVP" in self.profile

    @property
    def on_hold(self) -> bool:
        """Whether it will not play what we send; ``c=0.0.0.0`` says so as well (RFC 3264 section 8.4)."""
        return self.direction in ("sendonly", "inactive") or self.address in ("0.0.0.0", "::")  # noqa: S104

    @property
    def answer_direction(self) -> Direction:
        """What an answer to it says."""
        return _REVERSED[self.direction]


def read(sdp: str) -> Described:
    """The first audio stream that is not refused; :class:`IncompatibleError` where there is none."""
    if len(sdp) > LONGEST:
        raise IncompatibleError("an SDP that is too long")
    session, *streams = re.split(r"^(?=m=)", sdp.replace("\r\n", "\n"), flags=re.MULTILINE)
    everywhere = session.split("\n")
    for stream in streams:
        lines = stream.split("\n")
        audio = _AUDIO.fullmatch(lines[0].strip())
        if audio is not None and 0 < int(audio[1]) <= 65535:
            return _described(audio, [line.strip() for line in lines], everywhere)
    raise IncompatibleError("an SDP without audio")


def _described(audio: re.Match[str], lines: Sequence[str], session: Sequence[str]) -> Described:
    found = next((m for line in (*lines, *session) if (m := _ADDRESS.fullmatch(line.strip()))), None)
    try:
        address = str(ip_address(found[1])) if found else ""
    except ValueError:
        address = ""
    if not address:
        raise IncompatibleError("an SDP without an address (c=)")
    maps = {int(m[1]): (m[2].lower(), int(m[3])) for line in lines if (m := _RTPMAP.match(line))}
    codecs: dict[str, int] = {}
    events = None
    for number in map(int, audio[3].split()):
        name, clock = maps.get(number, (_STATIC.get(number, "").lower(), 8000))
        if name == "telephone-event" and clock == 8000:
            events = number if events is None else events
        elif (codec := _BY_NAME.get(name)) is not None:
            codecs.setdefault(codec, number)
    directions = [line[2:] for line in (*session, *lines) if line.strip()[2:] in _REVERSED]
    direction: Direction = directions[-1].strip() if directions else "sendrecv"  # type: ignore[assignment]
    crypto = tuple(line for line in lines if _CRYPTO.fullmatch(line))
    times = {m[1]: int(m[2]) for line in lines if (m := _TIME.fullmatch(line))}
    return Described(
        address,
        int(audio[1]),
        audio[2].upper(),
        codecs,
        events,
        direction,
        crypto,
        packet_time(times.get("ptime"), times.get("maxptime")),
        tuple(line for line in lines if _RTCP.fullmatch(line)),
    )


def reachable(far: Described, ours: str) -> Described:
    """The same; :class:`IncompatibleError` where we have no address of its family."""
    if ":" in far.address and ":" not in ours:
        raise IncompatibleError(f"its audio is at {far.address}, and we have no IPv6 address for it")
    return far


def key_numbers(first: int, taken: Collection[int]) -> list[int]:
    """The payload types that keys may come under beside these codecs: the first one is that for ours."""
    numbers = dict.fromkeys((first, EVENTS, *_USUAL))
    return [number for number in numbers if number not in taken]


def for_relay(far: Described, ours: Sequence[str]) -> str:
    """What rtpengine is told of a far side, with which we speak these codecs.

    Keys may come under the number of its SDP, that of ours (RFC 3264 section 6.1), or a usual one by mistake.
    rtpengine obeys ``ptime`` and knows no ``maxptime``.
    """
    codecs = {codec: number for codec, number in far.codecs.items() if codec in ours}
    events = key_numbers(far.events, codecs.values()) if far.events is not None else []
    kind = "IP6" if ":" in far.address else "IP4"
    numbers = " ".join(map(str, (*codecs.values(), *events)))
    lines = [
        "v=0",
        f"o=- 1 1 IN {kind} {far.address}",
        "s=-",
        f"c=IN {kind} {far.address}",
        "t=0 0",
        f"m=audio {far.port} {far.profile} {numbers}",
        *(f"a=rtpmap:{number} {CODECS[codec][1]}" for codec, number in codecs.items()),
        *(f"a=rtpmap:{number} telephone-event/8000" for number in events),
        *([f"a=ptime:{far.packet_time}"] if far.packet_time else []),
        *far.rtcp,
        *far.crypto,
        f"a={far.direction}",
    ]
    return "\r\n".join(lines) + "\r\n"


def agree(far: Described, ours: Sequence[str], srtp: Srtp) -> Agreed:
    """What the far side's SDP and ours come to; :class:`IncompatibleError` where that is nothing."""
    codec = next((codec for codec in far.codecs if codec in ours), None)
    if codec is None:
        raise IncompatibleError(f"no common codec: it speaks {', '.join(far.codecs) or 'none that we know'}")
    if srtp == "off" and far.encrypted:
        raise IncompatibleError("it wants SRTP, which is off")
    if srtp == "required" and not far.crypto:
        raise IncompatibleError("it does not encrypt, and SRTP is required")
    return Agreed(codec, far.on_hold, far.events is not None)


@dataclass(frozen=True, slots=True)
class OurAudio:
    """The audio that we describe."""

    address: str
    port: int
    profile: str
    #: Codec → payload type, the best first.
    codecs: dict[str, int]
    events: int | None = EVENTS
    direction: Direction = "sendrecv"
    crypto: tuple[str, ...] = ()


def offered(address: str, port: int, codecs: Sequence[str], profile: str = "RTP/AVP") -> OurAudio:
    """An offer of these codecs."""
    return OurAudio(address, port, profile, {codec: CODECS[codec][0] for codec in codecs})


def write(ours: OurAudio, session: int, version: int) -> str:
    """The SDP; ``version`` counts up where anything changes (RFC 3264 section 8)."""
    kind = "IP6" if ":" in ours.address else "IP4"
    numbers = [*ours.codecs.values(), *([ours.events] if ours.events is not None else [])]
    lines = [
        "v=0",
        f"o=ringback {session} {version} IN {kind} {ours.address}",
        "s=-",
        f"c=IN {kind} {ours.address}",
        "t=0 0",
        f"m=audio {ours.port} {ours.profile} {' '.join(map(str, numbers))}",
        *(f"a=rtpmap:{number} {CODECS[codec][1]}" for codec, number in ours.codecs.items()),
    ]
    if ours.events is not None:
        lines += [f"a=rtpmap:{ours.events} telephone-event/8000", f"a=fmtp:{ours.events} 0-15"]
    lines += ["a=ptime:20", *ours.crypto, f"a={ours.direction}"]
    return "\r\n".join(lines) + "\r\n"
