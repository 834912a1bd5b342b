"""Messages about one leg in a browser, the same for shoppers' and agents' pages.

The browser always offers. ``session`` is the page's own name for an ``RTCPeerConnection``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.subprotocol.base import FromPage, FromServer, LegId
from bridge.causes import HangupCause, Word
from webrtc import signalling
from webrtc.signalling import Milliseconds, Percent, Sdp, Session

_SESSION = "the page's own name for its connection"


class OfLeg(FromPage):
    """Something that a page says about a leg."""

    leg: LegId


class ToLeg(FromServer):
    """Something that the server tells about a leg."""

    leg: str


class IceServer(BaseModel):
    """A STUN or TURN server, as RTCPeerConnection takes it; its password is good for a while."""

    model_config = ConfigDict(frozen=True)

    urls: list[str]
    # Left out, not null: a browser would take null for a name.
    username: str | None = Field(default=None, exclude_if=lambda value: value is None)
    credential: str | None = Field(default=None, exclude_if=lambda value: value is None)


class GoneCause(Word):
    """Why a leg is no matter of a page any more, where that is no hangup cause."""

    OVER = ("over", "the page offered or reattached to a leg that had ended already")


# --- from the page ------------------------------------------------------------------------------------------


class LegOffer(OfLeg):
    """Connect me. **Takes the leg**, if it rings here or this page has it."""

    type: Literal["offer"]
    session: Session = Field(description=_SESSION)
    sdp: Sdp
    audio: Literal["auto", "opus"] = Field(
        default="auto", description="`opus` if the page finds its network poor"
    )


class LegReattach(OfLeg):
    """My connection of this leg still lives, only the WebSocket is new. **Takes the leg.**"""

    type: Literal["reattach"]


class LegAskIceServers(OfLeg):
    """The TURN password runs out: send me another one."""

    type: Literal["ask_ice_servers"]


class LegCandidate(OfLeg):
    """A further ICE candidate (RFC 8838), as ``RTCIceCandidate.toJSON()`` gives it."""

    # A browser's own object: its next version may have more in it.
    model_config = ConfigDict(extra="ignore")

    type: Literal["candidate"]
    session: Session = Field(description=_SESSION)
    candidate: Annotated[str, Field(max_length=signalling.LONGEST_CANDIDATE)]
    sdpMid: Annotated[str, Field(max_length=64)] | None = None  # noqa: N815 - the browser's name
    sdpMLineIndex: Annotated[int, Field(ge=0, le=64)] | None = None  # noqa: N815 - the browser's name


class LegEndOfCandidates(OfLeg):
    """No further candidate follows."""

    type: Literal["end_of_candidates"]
    session: Session = Field(description=_SESSION)


class LegHangUp(OfLeg):
    """End the leg, or decline it."""

    type: Literal["hang_up"]
    reason: Literal["hung_up", "declined", "busy", "no_microphone", "no_path"] = "hung_up"


class LegKey(OfLeg):
    """The user pressed a key."""

    type: Literal["dtmf"]
    digit: Annotated[str, Field(pattern=r"^[0-9A-D*#]$", description="`0` to `9`, `A` to `D`, `*` or `#`")]


class LegHeard(OfLeg):
    """How the page hears the other side, by its browser's statistics; the CDR has the mean as `heard`."""

    type: Literal["heard_quality"]
    session: Session = Field(description=_SESSION)
    loss: Percent = Field(description="percent")
    jitter_ms: Milliseconds
    concealed: Percent = Field(default=0, description="percent of the sound that was made up")


# --- from the server ----------------------------------------------------------------------------------------


class LegRing(ToLeg):
    """A leg rings here, or is under way and may be taken over."""

    type: Literal["ring"] = "ring"
    call_id: str
    ice_servers: list[IceServer] = Field(description="for `RTCPeerConnection`")
    ice_lifetime: float | None = Field(
        default=None, description="seconds for which their password is good; null if it does not end"
    )
    now: float = Field(description="the server's clock, in seconds since 1970")
    under_way: bool = Field(description="true if a page has had the leg: any page may take it over")


class LegIceServers(ToLeg):
    """The answer to `ask_ice_servers`."""

    type: Literal["ice_servers"] = "ice_servers"
    ice_servers: list[IceServer]
    ice_lifetime: float | None = Field(default=None, description="as in `ring`")


class LegAnswer(ToLeg):
    """The answer to an offer, with all of the server's candidates in it."""

    type: Literal["answer"] = "answer"
    session: int
    sdp: str
    audio: Literal["passthrough", "opus"]


class LegServerCandidate(ToLeg):
    """A further ICE candidate of the server's."""

    type: Literal["candidate"] = "candidate"
    session: int
    candidate: str
    sdpMid: str | None = None  # noqa: N815 - the browser's name
    sdpMLineIndex: int | None = None  # noqa: N815 - the browser's name


class LegServerEndOfCandidates(ToLeg):
    """No further candidate of the server's follows."""

    type: Literal["end_of_candidates"] = "end_of_candidates"
    session: int


class LegConnected(ToLeg):
    """Audio flows. The page may close an older connection."""

    type: Literal["connected"] = "connected"
    session: int


class LegFailed(ToLeg):
    """This connection comes to nothing. Another offer may not."""

    type: Literal["failed"] = "failed"
    #: As the page wrote it, also where that is no session.
    session: int | float
    problem: Literal["bad_offer", "no_common_codec", "no_path", "too_many_offers"]


class LegQuality(ToLeg):
    """How the connection fares: `up` is what the server receives, `down` what the browser does."""

    type: Literal["quality"] = "quality"
    session: int
    up_loss: float = Field(description="percent, as `down_loss`")
    up_jitter_ms: float
    down_loss: float
    down_jitter_ms: float
    round_trip_ms: float | None = None
    advise_opus: bool = Field(
        default=False, description="whether an offer with `audio: opus` would sound better"
    )


class LegBye(ToLeg):
    """The media of the leg is over. It may be missing: `gone` says it too."""

    type: Literal["bye"] = "bye"
    cause: Literal["ended", "cancelled", "lost", "failed"]


class LegIsGone(ToLeg):
    """The page has nothing more to do with the leg. Always sent, and the last about a leg."""

    type: Literal["gone"] = "gone"
    cause: HangupCause | GoneCause


#: What a browser worker says of a connection, as its page is told it.
_FROM_WORKER: dict[type[BaseModel], type[ToLeg]] = {
    signalling.SdpAnswer: LegAnswer,
    signalling.IceCandidate: LegServerCandidate,
    signalling.EndOfCandidates: LegServerEndOfCandidates,
    signalling.Connected: LegConnected,
    signalling.ConnectFailed: LegFailed,
    signalling.Quality: LegQuality,
    signalling.Bye: LegBye,
}


def told(leg: str, message: signalling.ToBrowser, session: int | None) -> ToLeg:
    """A worker's message as the leg's page is told it; ``session`` is the page's name for the connection."""
    fields = message.model_dump(exclude={"session"})
    if session is not None:
        fields["session"] = session
    return _FROM_WORKER[type(message)](leg=leg, **fields)


LEG_TOLD: tuple[type[FromServer], ...] = (
    LegRing,
    LegIceServers,
    LegAnswer,
    LegServerCandidate,
    LegServerEndOfCandidates,
    LegConnected,
    LegFailed,
    LegQuality,
    LegBye,
    LegIsGone,
)
