"""What the core and media workers tell each other: AMP commands over a Unix socket.

The worker begins (:class:`Hello`), the core answers with its settings, then commands go one way and reports
the other. Media commands and leg events cross as the very dataclasses of ``bridge``, as JSON. The
settings are bytes that the engine's description makes (``media.engines``) and its workers alone can read.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar

from pydantic import TypeAdapter
from twisted.protocols import amp

from bridge.commands import (
    Dial,
    HangUp,
    Join,
    JudgeAnswerer,
    MediaCommand,
    Play,
    RecordLeg,
    SendDtmf,
    StopRecording,
)
from bridge.events import (
    AnswererJudged,
    LegAnswered,
    LegAwaited,
    LegDtmf,
    LegEnded,
    LegEvent,
    LegFaltered,
    LegHeld,
    LegRecovered,
    LegResumed,
    LegRinging,
    LegSilent,
    PromptFinished,
    RecordingFinished,
)

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        Dial, Play, Join, SendDtmf, HangUp, JudgeAnswerer, RecordLeg, StopRecording,
        LegAwaited, LegRinging, LegAnswered, LegHeld, LegResumed, LegDtmf, LegSilent, PromptFinished,
        LegFaltered, LegRecovered,
        LegEnded, AnswererJudged, RecordingFinished,
    )
}  # fmt: skip


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_KINDS[kind])


def build_codecs() -> None:
    """Build the JSON codecs of all messages now, instead of at the first use of each."""
    for kind in _KINDS:
        _adapter(kind)


class CommandOrEvent(amp.Argument):
    """A media command or a leg event: the name of its class, a space, and its fields as JSON."""

    def toString(self, inObject: MediaCommand | LegEvent) -> bytes:
        """Encode one dataclass of :data:`_KINDS`."""
        kind = type(inObject).__name__
        return kind.encode() + b" " + _adapter(kind).dump_json(inObject)

    def fromString(self, inString: bytes) -> Any:
        """Decode what :meth:`toString` wrote; ValueError for anything else."""
        kind, _, body = inString.partition(b" ")
        return _adapter(kind.decode()).validate_json(body)


class Hello(amp.Command):
    """Worker to core: I am this process; ``token`` is what I was started with."""

    arguments: ClassVar = [(b"token", amp.Unicode()), (b"pid", amp.Integer())]
    response: ClassVar = [(b"settings", amp.String())]


class Ready(amp.Command):
    """Worker to core: I take commands now; or ``error`` says why I never will."""

    arguments: ClassVar = [(b"error", amp.Unicode())]


class Configure(amp.Command):
    """Core to worker: these are your settings from now on; ``error`` says why the old ones stay in force.

    Sent only where the engine's traits say ``reconfigures``.
    """

    arguments: ClassVar = [(b"settings", amp.String())]
    response: ClassVar = [(b"error", amp.Unicode())]


class Perform(amp.Command):
    """Core to worker: carry out a media command."""

    arguments: ClassVar = [(b"command", CommandOrEvent())]
    requiresAnswer = False


class Report(amp.Command):
    """Worker to core: this happened to a leg."""

    arguments: ClassVar = [(b"event", CommandOrEvent())]
    requiresAnswer = False


class Ping(amp.Command):
    """Core to worker: are you there? A worker that does not answer is killed and replaced."""

    arguments: ClassVar = []
    response: ClassVar = []


class AwaitTie(amp.Command):
    """Core to worker: expect a tie, a SIP leg from another of our workers; the answer is where to dial.

    A tie joins two legs that live in different workers. Its user part is a secret of this one tie.
    """

    arguments: ClassVar = [(b"leg_id", amp.Unicode()), (b"secret", amp.Unicode())]
    response: ClassVar = [(b"uri", amp.Unicode())]


class DialTie(amp.Command):
    """Core to worker: dial the tie that another worker expects. LegAnswered and LegEnded report on it."""

    arguments: ClassVar = [(b"leg_id", amp.Unicode()), (b"uri", amp.Unicode())]


class TrunkRegistered(amp.Command):
    """Worker to core: a trunk's registration changed; ``status`` is its registrar's SIP status."""

    arguments: ClassVar = [
        (b"trunk", amp.Unicode()),
        (b"registered", amp.Boolean()),
        (b"status", amp.Integer()),
    ]
    requiresAnswer = False


class TrunkRouted(amp.Command):
    """Worker to core: a trunk is registered, and its calls need these Route headers (RFC 3608)."""

    arguments: ClassVar = [(b"trunk", amp.Unicode()), (b"routes", amp.ListOf(amp.Unicode()))]
    requiresAnswer = False


class TrunkHeard(amp.Command):
    """Worker to core: how a trunk took a leg (``sip.outgoing.TrunkNews``)."""

    arguments: ClassVar = [
        (b"trunk", amp.Unicode()),
        (b"outcome", amp.Unicode()),
        (b"status", amp.Integer()),
        (b"retry_after", amp.Float()),
    ]
    requiresAnswer = False


class DialogNoted(amp.Command):
    """Worker to core: what another worker needs to end a leg's dialog; empty when the dialog is over."""

    arguments: ClassVar = [
        (b"leg_id", amp.Unicode()),
        (b"sip_call_id", amp.Unicode()),
        (b"record", amp.Unicode()),
    ]
    requiresAnswer = False


class EndDialog(amp.Command):
    """Core to worker: end the dialog of a dead worker; answered when the peer has answered."""

    arguments: ClassVar = [(b"record", amp.Unicode())]
    response: ClassVar = [(b"answered", amp.Boolean())]


class Tune(amp.Command):
    """Core to worker: log from this level on, and report these SIP messages (``TraceWish``)."""

    arguments: ClassVar = [(b"log_level", amp.Unicode()), (b"wish", amp.String())]
    requiresAnswer = False


class Sighted(amp.Command):
    """Worker to core: a SIP message passed that a trace wants (``Sighting``, as JSON)."""

    arguments: ClassVar = [(b"sighting", amp.String())]
    requiresAnswer = False


class Leave(amp.Command):
    """Core to worker: hang up all legs, unregister all trunks, then exit."""

    arguments: ClassVar = []
    requiresAnswer = False


class LegRefusedError(Exception):
    """A browser worker does not open this leg; the text says why."""


class OpenBrowserLeg(amp.Command):
    """Core to browser worker: expect a browser for this leg; ``uri`` is what a phone worker dials for it.

    ``codecs`` are the phone codecs that the browser should use, the best first, joined by commas. ``audio``
    is ``passthrough``, or ``opus`` to have the browser use Opus, transcoded to the first of them. A leg that
    no phone worker dials, or no browser connects to, ends by :class:`CloseBrowserLeg` or when the phone
    worker hangs up.
    """

    arguments: ClassVar = [(b"leg_id", amp.Unicode()), (b"codecs", amp.Unicode()), (b"audio", amp.Unicode())]
    response: ClassVar = [(b"uri", amp.Unicode())]
    # AMP drops the connection, and all legs with it, at an error that is not declared.
    errors: ClassVar = {LegRefusedError: b"REFUSED"}


class CloseBrowserLeg(amp.Command):
    """Core to browser worker: end this leg, its call and its browser's connection."""

    arguments: ClassVar = [(b"leg_id", amp.Unicode())]
    requiresAnswer = False


class Signal(amp.Command):
    """Core to the worker of a leg in a browser: the browser's message (``webrtc.signalling``), as JSON."""

    arguments: ClassVar = [(b"leg_id", amp.Unicode()), (b"message", amp.Unicode())]
    requiresAnswer = False


class Signalled(amp.Command):
    """Worker to core: a message for a leg's browser (``webrtc.signalling``), as JSON."""

    arguments: ClassVar = [(b"leg_id", amp.Unicode()), (b"message", amp.Unicode())]
    requiresAnswer = False


class BrowserLegEnded(amp.Command):
    """Worker to core: a leg in a browser is over, whichever side ended it; sent once for each leg."""

    arguments: ClassVar = [(b"leg_id", amp.Unicode()), (b"cause", amp.Unicode())]
    requiresAnswer = False
