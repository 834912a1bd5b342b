"""What PJSIP gets to see of a peer's SDP: written from scratch from what was understood of it. Pure.

PJSIP asserts on much that a peer may write (no ``c=``, no format, many ``a=crypto``, …). So an SDP is read
here within bounds (RFC 4566, RFC 3264, RFC 4568), and PJSIP is given one of our own making that says the same
about the audio. Other media are there with port 0, in their places.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from sip.sdp import packet_time

LARGEST, MOST_LINES, MOST_MEDIA, MOST_FORMATS, MOST_KEYS = 16384, 500, 16, 30, 4

_AUDIO_PROFILES = frozenset({"RTP/AVP", "RTP/SAVP", "RTP/AVPF", "RTP/SAVPF"})
_DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})
_MEDIA = re.compile(
    r"([A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,32}) +([0-9]{1,5})(?:/[0-9]{1,5})? +([A-Za-z0-9/_.-]{1,64}) +(\S.*)"
)
_RTPMAP = re.compile(r"([0-9]{1,3}) +([A-Za-z0-9_.-]{1,32})/([0-9]{1,6})(?:/([0-9]{1,2}))?")
_FMTP = re.compile(r"([0-9]{1,3}) +([\x21-\x7e][\x20-\x7e]{0,254})")
_CRYPTO = re.compile(
    r"([0-9]{1,9}) +(\w{1,40}) +inline:([A-Za-z0-9+/]{20,90}={0,2})(\|(?:2\^)?[0-9]{1,15})?( .{0,200})?", re.A
)
#: Length of key and salt in bytes (RFC 4568 section 6.2, RFC 6188).
_KEY_LENGTHS = {
    "AES_CM_128_HMAC_SHA1_80": 30, "AES_CM_128_HMAC_SHA1_32": 30,
    "AES_256_CM_HMAC_SHA1_80": 46, "AES_256_CM_HMAC_SHA1_32": 46,
}  # fmt: skip
#: Payload types that need no rtpmap (RFC 3551 section 6).
_STATIC_TYPES = frozenset({0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18})


class DescriptionError(ValueError):
    """The SDP cannot be used; the text says why."""


@dataclass(slots=True)
class _Media:
    kind: str
    port: int
    profile: str
    formats: list[str]
    address: str = ""
    direction: str = ""
    attributes: list[str] = field(default_factory=list)


def clean(body: bytes, *, is_answer: bool) -> bytes:
    """The SDP for PJSIP; :class:`DescriptionError` for one that is broken or offers no audio.

    An answer is cut to one line of media, which is all that we ever offer.
    """
    session = _read(body)
    media = session.media[:1] if is_answer else session.media
    chosen = next((one for one in media if _is_audio(one)), None)
    if chosen is None:
        raise DescriptionError("no audio in it")
    if not chosen.address:
        raise DescriptionError("no address for the audio (c=)")
    lines = [
        "v=0",
        f"o=- {session.origin} IN IP4 {chosen.address}",
        "s=-",
        f"c=IN IP4 {chosen.address}",
        "t=0 0",
    ]
    for one in media:
        lines += _write(one, session.direction) if one is chosen else [_refused(one)]
    return ("\r\n".join(lines) + "\r\n").encode()


@dataclass(slots=True)
class _Session:
    origin: str = ""
    address: str = ""
    direction: str = ""
    media: list[_Media] = field(default_factory=list)


def _read(body: bytes) -> _Session:
    if len(body) > LARGEST:
        raise DescriptionError("too large")
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise DescriptionError("no text") from None
    lines = [line for line in re.split(r"\r\n|\n|\r", text) if line]
    if len(lines) > MOST_LINES:
        raise DescriptionError("too many lines")
    if not lines or lines[0].strip() != "v=0":
        raise DescriptionError("it does not begin with v=0")
    session = _Session()
    for line in lines[1:]:
        if not re.match(r"[a-z]=", line) or re.search(r"[\x00-\x08\x0b-\x1f\x7f]", line):
            raise DescriptionError("a line that is no SDP")
        _take(session, line[0], line[2:].strip())
    if not session.origin:
        raise DescriptionError("no o= line")
    if not session.media:
        raise DescriptionError("no media")
    for one in session.media:
        one.address = one.address or session.address
    return session


def _take(session: _Session, kind: str, value: str) -> None:
    media = session.media[-1] if session.media else None
    if kind == "o" and media is None:
        session.origin = _origin(value)
    elif kind == "c":
        address = _address(value, active=media is None or bool(media.port))
        if media is None:
            session.address = address
        else:
            media.address = address
    elif kind == "m":
        if len(session.media) >= MOST_MEDIA:
            raise DescriptionError("too many media")
        session.media.append(_media(value))
    elif kind == "a" and media is not None:
        if value in _DIRECTIONS:
            media.direction = value
        else:
            media.attributes.append(value)
    elif kind == "a" and value in _DIRECTIONS:
        session.direction = value


def _origin(value: str) -> str:
    words = value.split()
    if len(words) < 6:
        raise DescriptionError("an o= line that lacks something")
    numbers = [word if re.fullmatch(r"[0-9]{1,19}", word) else "0" for word in words[1:3]]
    return " ".join(str(min(int(number), 2**63 - 1)) for number in numbers)


def _address(value: str, *, active: bool) -> str:
    words = value.split()
    if len(words) != 3 or words[0].upper() != "IN":
        raise DescriptionError("a c= line that is none")
    if words[1].upper() != "IP4":
        if active:
            raise DescriptionError("an address that is not IPv4, the only kind spoken here")
        return ""
    try:
        address = IPv4Address(words[2])
    except ValueError:
        raise DescriptionError("a c= line without an IPv4 address") from None
    if address.is_multicast or address == IPv4Address("255.255.255.255"):
        raise DescriptionError("an address that no phone has")
    return str(address)


def _media(value: str) -> _Media:
    found = _MEDIA.fullmatch(value)
    if found is None or int(found[2]) > 65535:
        raise DescriptionError("an m= line that is none")
    return _Media(found[1].lower(), int(found[2]), found[3], found[4].split())


def _is_audio(media: _Media) -> bool:
    return media.kind == "audio" and media.port > 0 and media.profile.upper() in _AUDIO_PROFILES


def _refused(media: _Media) -> str:
    kind = (
        media.kind
        if media.kind in ("audio", "video", "image", "text", "application", "message")
        else "application"
    )
    if kind in ("audio", "video", "text"):
        return f"m={kind} 0 RTP/AVP 0"
    return f"m={kind} 0 udptl t38"


def _write(media: _Media, session_direction: str) -> list[str]:
    """The audio that counts, with the attributes that PJSIP needs."""
    numbers = []
    for word in media.formats[: 2 * MOST_FORMATS]:
        if re.fullmatch(r"[0-9]{1,3}", word) and int(word) < 128 and word not in numbers:
            numbers.append(word)
    maps, others, keys = _attributes(media, numbers)
    formats = [number for number in numbers if number in maps or int(number) in _STATIC_TYPES][:MOST_FORMATS]
    if not formats:
        raise DescriptionError("no payload type that has a meaning")
    if "SAVP" in media.profile.upper() and not keys:
        raise DescriptionError("RTP/SAVP without a key that could be used (a=crypto)")
    lines = [f"m=audio {media.port} {media.profile.upper()} {' '.join(formats)}", f"c=IN IP4 {media.address}"]
    lines += [f"a=rtpmap:{number} {maps[number]}" for number in formats if number in maps]
    lines += [text for number, text in others if number in ("", *formats)]
    return [*lines, *keys, f"a={media.direction or session_direction or 'sendrecv'}"]


def _attributes(media: _Media, numbers: list[str]) -> tuple[dict[str, str], list[tuple[str, str]], list[str]]:
    maps: dict[str, str] = {}
    others: dict[tuple[str, str], str] = {}
    keys: list[str] = []
    times: dict[str, int] = {}
    for attribute in media.attributes:
        name, _, value = attribute.partition(":")
        if name == "rtpmap" and (found := _RTPMAP.fullmatch(value)):
            if found[1] in numbers and found[1] not in maps and 0 < int(found[3]) <= 384000:
                maps[found[1]] = f"{found[2]}/{found[3]}" + (f"/{found[4]}" if found[4] else "")
        elif name == "fmtp" and (found := _FMTP.fullmatch(value)):
            if found[1] in numbers:
                others.setdefault((name, found[1]), f"a=fmtp:{found[1]} {found[2].strip()}")
        elif name in ("ptime", "maxptime") and re.fullmatch(r"[0-9]{1,3}", value) and 0 < int(value) <= 400:
            times.setdefault(name, int(value))
        elif name == "rtcp" and (port := re.match(r"[0-9]{1,5}\b", value)) and 0 < int(port[0]) <= 65535:
            others.setdefault((name, ""), f"a=rtcp:{int(port[0])}")
        elif name == "crypto" and len(keys) < MOST_KEYS and (key := _key(value)):
            keys.append(key)
    if time := packet_time(times.get("ptime"), times.get("maxptime")):
        others["ptime", ""] = f"a=ptime:{time}"
    return maps, [(number, text) for (_, number), text in others.items()], keys


def _key(value: str) -> str | None:
    found = _CRYPTO.fullmatch(value)
    if found is None or found[2].upper() not in _KEY_LENGTHS or (found[5] or "").strip():
        return None  # with a master key identifier or session parameters, which are not spoken here
    try:
        key = base64.b64decode(found[3] + "=" * (-len(found[3]) % 4), validate=True)
    except (ValueError, binascii.Error):
        return None
    if len(key) != _KEY_LENGTHS[found[2].upper()]:
        return None
    return f"a=crypto:{int(found[1])} {found[2].upper()} inline:{found[3]}"
