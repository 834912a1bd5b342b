"""What the core and media workers tell each other, as frames (:mod:`media.frames`) over a Unix socket.

The worker begins (:class:`Hello`), the core answers with its settings (:class:`Welcome`), then commands go
one way and reports the other. Media commands and leg events are the very dataclasses of ``bridge``. The
settings are bytes that the engine's description makes (``media.engines``) and its workers alone can read.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.commands import MediaCommand
from bridge.events import LegEvent
from bridge.snapshot import KeptCall
from bridge.tracing import Sighting, TraceWish
from config.fields import LogLevel
from media.frames import Codec

#: In the folder of a node's media: where a worker listens for another core while its own is gone, and what it
#: has left where none came.
SOCKET, RECORD = "without-core", "kept-calls"

# --- worker to core ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello:
    """I am this process; ``token`` is what I was started with, ``protocol`` the :data:`PROTOCOL` I speak."""

    token: str
    pid: int
    protocol: str


@dataclass(frozen=True, slots=True)
class Ready:
    """I take commands now; or ``error`` says why I never will."""

    error: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """This happened to a leg."""

    event: LegEvent


@dataclass(frozen=True, slots=True)
class TrunkRegistered:
    """A trunk's registration changed; ``status`` is its registrar's SIP status."""

    trunk: str
    registered: bool
    status: int


@dataclass(frozen=True, slots=True)
class TrunkRouted:
    """A trunk is registered, and its calls need these Route headers (RFC 3608)."""

    trunk: str
    routes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrunkHeard:
    """How a trunk took a leg (``sip.outgoing.TrunkNews``)."""

    trunk: str
    outcome: str
    status: int
    retry_after: float


@dataclass(frozen=True, slots=True)
class DialogNoted:
    """What another worker needs to end a leg's dialog; empty when the dialog is over."""

    leg_id: str
    sip_call_id: str
    record: str


@dataclass(frozen=True, slots=True)
class Sighted:
    """A SIP message passed that a trace wants."""

    sighting: Sighting


@dataclass(frozen=True, slots=True)
class Signalled:
    """A message for a leg's browser (``webrtc.signalling``), as JSON."""

    leg_id: str
    message: str


@dataclass(frozen=True, slots=True)
class BrowserLegEnded:
    """A leg in a browser is over, whichever side ended it; sent once for each leg."""

    leg_id: str
    cause: str


@dataclass(frozen=True, slots=True)
class Holding:
    """I have been without a core, and have these calls; an :class:`Adopted` is to follow."""

    calls: tuple[KeptCall, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of the :class:`Ask` of this number."""

    number: int
    value: str | bool | None


@dataclass(frozen=True, slots=True)
class AskRefused:
    """The :class:`Ask` of this number is not done; the reason is for people."""

    number: int
    reason: str


# --- core to worker ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Welcome:
    """The core knows the worker, and these are its settings."""

    settings: bytes


@dataclass(frozen=True, slots=True)
class Perform:
    """Carry out a media command."""

    command: MediaCommand


@dataclass(frozen=True, slots=True)
class Tune:
    """Log from this level on, and report these SIP messages."""

    log_level: LogLevel
    wish: TraceWish


@dataclass(frozen=True, slots=True)
class Signal:
    """For the worker of a leg in a browser: the browser's message (``webrtc.signalling``), as JSON."""

    leg_id: str
    message: str


@dataclass(frozen=True, slots=True)
class CloseBrowserLeg:
    """For a browser worker: end this leg, its call and its browser's connection."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class Keep:
    """This call is bridged: should I be gone, let these two legs talk on, and tell the next core the memo.

    Without a memo, the call is to end with me. Sent only where the engine's traits say ``keeps_calls``.
    """

    call_id: str
    legs: tuple[str, str]
    memo: bytes


@dataclass(frozen=True, slots=True)
class Adopted:
    """I go on with these of the calls that you held; end the others."""

    call_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leave:
    """Hang up all legs, unregister all trunks, then exit."""


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there? The answer is None. A worker that does not answer is killed and replaced."""


@dataclass(frozen=True, slots=True)
class Configure:
    """These are your settings from now on; the answer is why the old ones stay in force, or an empty text.

    Sent only where the engine's traits say ``reconfigures``.
    """

    settings: bytes


@dataclass(frozen=True, slots=True)
class AwaitTie:
    """Expect a tie, a SIP leg from another of our workers; the answer is where to dial.

    A tie joins two legs that live in different workers. Its user part is a secret of this one tie.
    """

    leg_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class DialTie:
    """Dial the tie that another worker expects. LegAnswered and LegEnded report on it; the answer is None."""

    leg_id: str
    uri: str


@dataclass(frozen=True, slots=True)
class EndDialog:
    """End the dialog of a dead worker; answered with whether the peer has answered."""

    record: str


@dataclass(frozen=True, slots=True)
class OpenBrowserLeg:
    """For a browser worker: expect a browser for this leg; the answer is what a phone worker dials for it.

    ``codecs`` are the phone codecs that the browser should use, the best first. ``audio`` is ``passthrough``,
    or ``opus`` to have the browser use Opus, transcoded to the first of them. A leg that no phone worker
    dials, or no browser connects to, ends by :class:`CloseBrowserLeg` or when the phone worker hangs up.
    """

    leg_id: str
    codecs: tuple[str, ...]
    audio: str


Question = Ping | Configure | AwaitTie | DialTie | EndDialog | OpenBrowserLeg


@dataclass(frozen=True, slots=True)
class Ask:
    """What the core wants a :class:`Reply` to, or :class:`AskRefused`."""

    number: int
    question: Question


ToCore = (
    Hello
    | Ready
    | Report
    | TrunkRegistered
    | TrunkRouted
    | TrunkHeard
    | DialogNoted
    | Sighted
    | Signalled
    | BrowserLegEnded
    | Holding
    | Reply
    | AskRefused
)
ToWorker = Welcome | Perform | Keep | Adopted | Tune | Signal | CloseBrowserLeg | Leave | Ask

TO_CORE: Codec[ToCore] = Codec(ToCore)
TO_WORKER: Codec[ToWorker] = Codec(ToWorker)
#: Both ends must have the same: a worker that outlived its core may be of another version.
PROTOCOL = TO_CORE.fingerprint + TO_WORKER.fingerprint


class WorkerRefusedError(Exception):
    """A worker does not do what it was asked; the text says why."""
