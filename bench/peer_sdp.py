"""The SDP of a bench peer's offer, and what it reads of the answer (RFC 8866, RFC 9429)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Literal

Codec = Literal["PCMU", "opus"]
#: Payload type and ``rtpmap`` of what a peer can speak.
CODECS: dict[Codec, tuple[int, str]] = {"PCMU": (0, "PCMU/8000"), "opus": (111, "opus/48000/2")}


class PeerSdpError(ValueError):
    """An answer that a peer cannot use; the text says why."""


@dataclasses.dataclass(frozen=True)
class RemotePath:
    """The other end of the path, and the codec that was agreed on."""

    user: str
    password: str
    #: Hash and value.
    fingerprint: tuple[str, str]
    candidates: tuple[str, ...]
    codec: Codec


def write_offer(
    credentials: tuple[str, str],
    fingerprint: str,
    candidates: Sequence[str],
    ssrc: int,
    codecs: Sequence[Codec],
) -> str:
    """Offer audio in these codecs, the best first, with all candidates."""
    types = [(CODECS[codec][0], CODECS[codec][1]) for codec in codecs]
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "a=msid-semantic: WMS *",
        f"m=audio 9 UDP/TLS/RTP/SAVPF {' '.join(str(kind) for kind, _ in types)}",
        "c=IN IP4 127.0.0.1",
        "a=rtcp:9 IN IP4 127.0.0.1",
        "a=mid:0",
        "a=sendrecv",
        "a=rtcp-mux",
        f"a=ice-ufrag:{credentials[0]}",
        f"a=ice-pwd:{credentials[1]}",
        f"a=fingerprint:sha-256 {fingerprint}",
        "a=setup:actpass",
        *(f"a=rtpmap:{kind} {name}" for kind, name in types),
        "a=ptime:20",
        "a=msid:peer audio",
        f"a=ssrc:{ssrc} cname:peer",
        *(f"a={candidate}" for candidate in candidates),
        "a=end-of-candidates",
    ]
    return "\r\n".join(lines) + "\r\n"


def read_answer(sdp: str) -> RemotePath:
    """Read an answer; :class:`PeerSdpError` where it leaves no way to connect."""
    lines = [line.strip() for line in sdp.replace("\r\n", "\n").split("\n")]

    def attribute(name: str) -> str:
        found = next((line for line in lines if line.startswith(f"a={name}:")), None)
        if found is None:
            raise PeerSdpError(f"the answer has no a={name}")
        return found.partition(":")[2]

    if attribute("setup") != "active":
        raise PeerSdpError(f"the answer says a=setup:{attribute('setup')}")
    audio = re.search(r"^m=audio [1-9]\d* \S+ (\d+)", sdp, re.MULTILINE)
    codec = next((name for name, (kind, _) in CODECS.items() if audio and int(audio[1]) == kind), None)
    if codec is None:
        raise PeerSdpError("the answer has no codec of ours")
    kind, _, value = attribute("fingerprint").partition(" ")
    return RemotePath(
        attribute("ice-ufrag"),
        attribute("ice-pwd"),
        (kind.lower(), value),
        tuple(line[2:] for line in lines if line.startswith("a=candidate:")),
        codec,
    )
