"""The SDP of a browser's offer and of our answer (RFC 8866, RFC 9429): audio alone, one stream each way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_MEDIA = re.compile(r"m=(?P<kind>[a-z]+) (?P<port>\d{1,5}) (?P<profile>[A-Z/]+) (?P<formats>[\w .\-]+)")
_RTPMAP = re.compile(r"a=rtpmap:(?P<type>\d{1,3}) (?P<name>[\w.\-]+)/(?P<rate>\d{1,6})(?:/(?P<channels>\d))?")
_FINGERPRINT = re.compile(r"a=fingerprint:(?P<hash>[A-Za-z0-9-]{1,16}) (?P<value>[0-9A-Fa-f:]{20,256})")
_TOKEN = re.compile(r"[\w.+\-]{1,64}")
_ICE_CHARS = re.compile(r"[A-Za-z0-9+/\-_=]{4,256}")
#: Media sections and candidates that one description may have.
_MOST_SECTIONS = 16
_MOST_CANDIDATES = 64

#: RTP clock and ``rtpmap`` of the codecs a browser may be answered with.
RTPMAPS = {"PCMU": "PCMU/8000", "PCMA": "PCMA/8000", "G722": "G722/8000", "opus": "opus/48000/2"}
_CODEC_OF = {rtpmap.lower(): codec for codec, rtpmap in RTPMAPS.items()}
#: How the browser should send Opus: voice at the bandwidth of the phone's side, with in-band FEC
#: (RFC 7587 section 6.1).
_OPUS_PARAMETERS = "minptime=20;useinbandfec=1;stereo=0;sprop-stereo=0;maxaveragebitrate=32000"


class SdpError(ValueError):
    """An SDP that we cannot answer; the text says why."""


@dataclass(frozen=True, slots=True)
class SdpSection:
    """One ``m=`` line of the offer, which the answer must mirror."""

    kind: str
    profile: str
    formats: str
    mid: str


@dataclass(frozen=True, slots=True)
class BrowserOffer:
    """The offer's audio; ``audio`` is the index of its section."""

    sections: tuple[SdpSection, ...]
    audio: int
    #: Payload type by codec, of those in :data:`RTPMAPS`.
    codecs: dict[str, int]
    user: str
    password: str
    #: Hash and value of the certificates that the browser may use.
    fingerprints: tuple[tuple[str, str], ...]
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LocalPath:
    """Our end of the path, as an answer tells it. ``complete``: no candidate will follow."""

    user: str
    password: str
    fingerprint: tuple[str, str]
    candidates: tuple[str, ...]
    complete: bool


def read_offer(sdp: str) -> BrowserOffer:
    """Read a browser's offer; :class:`SdpError` for one that we cannot answer."""
    head, *bodies = _split(sdp)
    if not 1 <= len(bodies) <= _MOST_SECTIONS:
        raise SdpError(f"the offer has {len(bodies)} media sections, not 1 to {_MOST_SECTIONS}")
    sections = tuple(_section(lines, number) for number, lines in enumerate(bodies))
    audio = next((n for n, section in enumerate(sections) if section.kind == "audio"), None)
    if audio is None:
        raise SdpError("the offer has no audio")
    lines = bodies[audio]
    if "SAVP" not in sections[audio].profile or not any(line == "a=rtcp-mux" for line in lines):
        raise SdpError("the offer is no WebRTC: it lacks SRTP or a=rtcp-mux")
    if _attribute(lines, head, "setup") == "passive":
        raise SdpError("the offer insists on a passive DTLS role")
    everywhere = [*lines, *head]
    prints = tuple(
        (found["hash"].lower(), found["value"].upper())
        for line in everywhere
        if (found := _FINGERPRINT.fullmatch(line))
    )
    if not prints:
        raise SdpError("the offer has no certificate fingerprint")
    if any(f"a={word}" in lines for word in ("sendonly", "recvonly", "inactive")):
        raise SdpError("the offer's audio goes one way only: a leg needs a microphone and an ear")
    return BrowserOffer(
        sections,
        audio,
        _codecs(lines, sections[audio].formats.split()),
        _ice(lines, head, "ice-ufrag"),
        _ice(lines, head, "ice-pwd"),
        prints[:8],
        tuple(line[2:] for line in lines if line.startswith("a=candidate:"))[:_MOST_CANDIDATES],
    )


def choose_codec(offer: BrowserOffer, wanted: Sequence[str]) -> str | None:
    """The first of the wanted codecs that the browser offers."""
    return next((codec for codec in wanted if codec in offer.codecs), None)


def write_answer(offer: BrowserOffer, path: LocalPath, codec: str, ssrc: int | None, session: int) -> str:
    """Answer the offer's audio with this one codec, and refuse its other sections.

    ``ssrc`` is None where streams change (RFC 8830: then they are whatever comes).
    """
    lines = [
        "v=0",
        f"o=- {session + 1} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {offer.sections[offer.audio].mid}",
        "a=ice-options:trickle",
        "a=msid-semantic: WMS ringback",
    ]
    for number, section in enumerate(offer.sections):
        if number == offer.audio:
            lines += _audio_answer(offer, path, codec, ssrc)
        else:
            lines += [
                f"m={section.kind} 0 {section.profile} {section.formats}",
                "c=IN IP4 0.0.0.0",
                f"a=mid:{section.mid}",
                "a=inactive",
            ]
    return "\r\n".join(lines) + "\r\n"


def _audio_answer(offer: BrowserOffer, path: LocalPath, codec: str, ssrc: int | None) -> Iterable[str]:
    section, kind = offer.sections[offer.audio], offer.codecs[codec]
    yield f"m=audio 9 {section.profile} {kind}"
    yield "c=IN IP4 0.0.0.0"
    yield f"a=mid:{section.mid}"
    yield "a=sendrecv"
    yield "a=rtcp-mux"
    yield f"a=ice-ufrag:{path.user}"
    yield f"a=ice-pwd:{path.password}"
    yield f"a=fingerprint:{path.fingerprint[0]} {path.fingerprint[1]}"
    yield "a=setup:active"
    yield f"a=rtpmap:{kind} {RTPMAPS[codec]}"
    if codec == "opus":
        yield f"a=fmtp:{kind} {_OPUS_PARAMETERS}"
    yield "a=ptime:20"
    yield "a=msid:ringback audio"
    if ssrc is not None:
        yield f"a=ssrc:{ssrc} cname:ringback"
    for candidate in path.candidates:
        yield f"a={candidate}"
    if path.complete:
        yield "a=end-of-candidates"


def _split(sdp: str) -> list[list[str]]:
    """The session's lines, then those of each media section."""
    parts: list[list[str]] = [[]]
    for line in sdp.replace("\r\n", "\n").split("\n"):
        if line.startswith("m="):
            parts.append([])
        parts[-1].append(line.rstrip())
    return parts


def _section(lines: list[str], number: int) -> SdpSection:
    found = _MEDIA.fullmatch(lines[0])
    if found is None:
        raise SdpError(f"media section {number + 1} is no m= line that we know")
    mid = next((line[6:] for line in lines if line.startswith("a=mid:")), str(number))
    if not _TOKEN.fullmatch(mid):
        raise SdpError("a=mid is no token")
    return SdpSection(found["kind"], found["profile"], found["formats"], mid)


def _codecs(lines: list[str], formats: list[str]) -> dict[str, int]:
    named = {"0": "PCMU", "8": "PCMA", "9": "G722"}
    for line in lines:
        if found := _RTPMAP.fullmatch(line):
            channels = f"/{found['channels']}" if found["channels"] not in (None, "1") else ""
            name = f"{found['name']}/{found['rate']}{channels}".lower()
            named[found["type"]] = _CODEC_OF.get(name, "")
    codecs: dict[str, int] = {}
    for format_ in formats:
        codec = named.get(format_, "")
        if codec and int(format_) < 128:
            codecs.setdefault(codec, int(format_))
    return codecs


def _attribute(lines: list[str], head: list[str], name: str) -> str | None:
    start = f"a={name}:"
    return next((line[len(start) :] for line in [*lines, *head] if line.startswith(start)), None)


def _ice(lines: list[str], head: list[str], name: str) -> str:
    value = _attribute(lines, head, name)
    if value is None or not _ICE_CHARS.fullmatch(value):
        raise SdpError(f"the offer has no a={name}, or a broken one")
    return value
