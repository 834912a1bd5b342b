"""What core and browser worker say to each other about one leg's media, as JSON objects with a ``type``.

All of it comes from the leg's page or goes to it; ``api/subprotocol/legs.py`` has the pages' side.

The browser always offers (JSEP, RFC 9429): it has the microphone. A further offer for the same leg, after a
reload or a change of network, makes a new peer connection that takes the leg over once it is connected.
``session`` names the peer connection: the page's own name between page and core, and between core and worker
the core's number, which counts up in the order in which offers came (:class:`api.browser_legs.Sessions`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

#: Characters of an SDP: Chromium's for one microphone has about 4,000.
LONGEST_SDP = 20_000
LONGEST_CANDIDATE = 512
#: Bytes of one message as JSON, whose escapes may double an SDP's line ends.
LONGEST_MESSAGE = 48_000

Session = Annotated[int, Field(ge=0, le=2**53 - 1)]
Sdp = Annotated[str, Field(min_length=1, max_length=LONGEST_SDP)]
Percent = Annotated[float, Field(ge=0, le=100)]
Milliseconds = Annotated[float, Field(ge=0, le=600_000)]


class _Message(BaseModel):
    # A browser's toJSON may have more fields than we read, and its next version even more.
    model_config = ConfigDict(frozen=True, extra="ignore")


class SdpOffer(_Message):
    """Browser: here is my offer. It replaces any connection from before."""

    type: Literal["offer"] = "offer"
    session: Session
    sdp: Sdp
    #: ``opus`` asks for Opus whatever the site's setting is, because the browser's network is poor.
    audio: Literal["auto", "opus"] = "auto"


class IceCandidate(_Message):
    """Either side: a further ICE candidate (RFC 8838), written as in SDP with or without ``candidate:``."""

    type: Literal["candidate"] = "candidate"
    session: Session
    candidate: Annotated[str, Field(max_length=LONGEST_CANDIDATE)]
    sdpMid: Annotated[str, Field(max_length=64)] | None = None  # noqa: N815 - the browser's name
    sdpMLineIndex: Annotated[int, Field(ge=0, le=64)] | None = None  # noqa: N815 - the browser's name


class EndOfCandidates(_Message):
    """Either side: no further candidate will come for this session."""

    type: Literal["end_of_candidates"] = "end_of_candidates"
    session: Session


class BrowserHangUp(_Message):
    """Browser: I end the leg, or do not start it."""

    type: Literal["hang_up"] = "hang_up"
    reason: Literal["hung_up", "declined", "busy", "no_microphone", "no_path"] = "hung_up"


class SdpAnswer(_Message):
    """Server: the answer to the offer of this session."""

    type: Literal["answer"] = "answer"
    session: Session
    sdp: Sdp
    audio: Literal["passthrough", "opus"]


class Connected(_Message):
    """Server: audio of this session flows; an older session may be closed."""

    type: Literal["connected"] = "connected"
    session: Session


class ConnectFailed(_Message):
    """Server: this session cannot connect. Another offer may; otherwise the leg ends."""

    type: Literal["failed"] = "failed"
    session: Session
    problem: Literal["bad_offer", "no_common_codec", "no_path", "too_many_offers"]


class Quality(_Message):
    """Server: the quality of a session: ``up`` as the server receives, ``down`` as the browser does."""

    type: Literal["quality"] = "quality"
    session: Session
    up_loss: Percent
    up_jitter_ms: Milliseconds
    down_loss: Percent
    down_jitter_ms: Milliseconds
    round_trip_ms: Milliseconds | None = None
    #: Whether a new offer that asks for Opus would sound better.
    advise_opus: bool = False


class Bye(_Message):
    """Server: the leg is over."""

    type: Literal["bye"] = "bye"
    cause: Literal["ended", "cancelled", "lost", "failed"]


#: What the core passes on to a browser worker, of what a page said (``api/subprotocol/legs.py``).
ToWorker = Annotated[SdpOffer | IceCandidate | EndOfCandidates | BrowserHangUp, Field(discriminator="type")]
ToBrowser = Annotated[
    SdpAnswer | IceCandidate | EndOfCandidates | Connected | ConnectFailed | Quality | Bye,
    Field(discriminator="type"),
]

_TO_WORKER: TypeAdapter[ToWorker] = TypeAdapter(ToWorker)
_TO_BROWSER: TypeAdapter[ToBrowser] = TypeAdapter(ToBrowser)


def read_to_worker(text: str | bytes) -> ToWorker:
    """Read what the core passed on to a browser worker; ValueError for anything else."""
    return _TO_WORKER.validate_json(text)


def read_to_browser(text: str | bytes) -> ToBrowser:
    """Read what a worker sent to a browser; ValueError for anything else."""
    return _TO_BROWSER.validate_json(text)


def write(message: BaseModel) -> str:
    """One message as JSON."""
    return message.model_dump_json(exclude_none=True)
