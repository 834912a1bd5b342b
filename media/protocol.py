"""What core and media worker say to each other: AMP commands over a Unix socket.

The worker speaks first (:class:`Hello`), the core answers with its settings, then commands go one way and
reports the other. Media commands and leg events cross as the very dataclasses of ``bridge``, as JSON. The
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
    Record,
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
        Dial, Play, Join, SendDtmf, HangUp, JudgeAnswerer, Record, StopRecording,
        LegAwaited, LegRinging, LegAnswered, LegHeld, LegResumed, LegDtmf, LegSilent, PromptFinished,
        LegFaltered, LegRecovered,
        LegEnded, AnswererJudged, RecordingFinished,
    )
}  # fmt: skip


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(_KINDS[kind])


def build_codecs() -> None:
    """Build the JSON codec of every message now, instead of at its first use."""
    for kind in _KINDS:
        _adapter(kind)


class CommandOrEvent(amp.Argument):
    """A media command or a leg event: its class's name, a space, and its fields as JSON."""

    def toString(self, inObject: MediaCommand | LegEvent) -> bytes:
        """Encode one dataclass of :data:`_KINDS`."""
        kind = type(inObject).__name__
        return kind.encode() + b" " + _adapter(kind).dump_json(inObject)

    def fromString(self, inString: bytes) -> Any:
        """Decode what :meth:`toString` wrote; ValueError for anything else."""
        kind, _, body = inString.partition(b" ")
        return _adapter(kind.decode()).validate_json(body)


class Hello(amp.Command):
    """Worker to core: I am this process; ``token`` is the one that my birth was given."""

    arguments: ClassVar = [(b"token", amp.Unicode()), (b"pid", amp.Integer())]
    response: ClassVar = [(b"settings", amp.String())]


class Ready(amp.Command):
    """Worker to core: my SIP stack is up and I take legs; or ``error`` says why I never will."""

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
    """Core to worker: are you there? A worker that leaves this unanswered is killed and replaced."""

    arguments: ClassVar = []
    response: ClassVar = []


class AwaitTie(amp.Command):
    """Core to worker: expect a tie, a SIP leg of our own from another worker; tell me where you listen.

    A tie joins two legs that live in different workers. Its user part is a secret of this one tie.
    """

    arguments: ClassVar = [(b"leg_id", amp.Unicode()), (b"secret", amp.Unicode())]
    response: ClassVar = [(b"uri", amp.Unicode())]


class DialTie(amp.Command):
    """Core to worker: dial the tie that the other worker awaits. LegAnswered and LegEnded report on it."""

    arguments: ClassVar = [(b"leg_id", amp.Unicode()), (b"uri", amp.Unicode())]


class TrunkRegistered(amp.Command):
    """Registrar to core: a trunk's registration changed; ``status`` is the registrar's SIP status."""

    arguments: ClassVar = [
        (b"trunk", amp.Unicode()),
        (b"registered", amp.Boolean()),
        (b"status", amp.Integer()),
    ]
    requiresAnswer = False


class TrunkRouted(amp.Command):
    """Registrar to core: a trunk is registered, and its calls are to have these Route headers (RFC 3608)."""

    arguments: ClassVar = [(b"trunk", amp.Unicode()), (b"routes", amp.ListOf(amp.Unicode()))]
    requiresAnswer = False


class TrunkHeard(amp.Command):
    """Phone worker to core: what placing a leg taught of a trunk (``sip.outgoing.TrunkNews``)."""

    arguments: ClassVar = [
        (b"trunk", amp.Unicode()),
        (b"outcome", amp.Unicode()),
        (b"status", amp.Integer()),
        (b"retry_after", amp.Float()),
    ]
    requiresAnswer = False


class DialogNoted(amp.Command):
    """Worker to core: a leg's dialog with its peer, as another worker could end it; empty once it is over."""

    arguments: ClassVar = [
        (b"leg_id", amp.Unicode()),
        (b"sip_call_id", amp.Unicode()),
        (b"record", amp.Unicode()),
    ]
    requiresAnswer = False


class EndDialog(amp.Command):
    """Core to worker: end the dialog of a worker that died; the answer comes when its peer has answered."""

    arguments: ClassVar = [(b"record", amp.Unicode())]
    response: ClassVar = [(b"answered", amp.Boolean())]


class Tune(amp.Command):
    """Core to worker: write log lines from this level on, and tell of these SIP messages (``TraceWish``)."""

    arguments: ClassVar = [(b"log_level", amp.Unicode()), (b"wish", amp.String())]
    requiresAnswer = False


class Sighted(amp.Command):
    """Phone worker to core: a SIP message passed that somebody wants to see (``Sighting``, as JSON)."""

    arguments: ClassVar = [(b"sighting", amp.String())]
    requiresAnswer = False


class Leave(amp.Command):
    """Core to worker: hang up and unregister what is left, then exit."""

    arguments: ClassVar = []
    requiresAnswer = False


class LegRefusedError(Exception):
    """A browser worker will not open this leg; the text says why."""


class OpenBrowserLeg(amp.Command):
    """Core to browser worker: expect a browser as this leg; ``uri`` is what a phone worker dials to reach it.

    ``codecs`` are those of phones that the browser shall speak, the best first, joined by commas; ``audio``
    is ``passthrough``, or ``opus`` to have it speak Opus and turn that into the first of them. A leg that no
    phone worker dials, or no browser connects to, ends by :class:`CloseBrowserLeg` or the phone worker's end.
    """

    arguments: ClassVar = [(b"leg_id", amp.Unicode()), (b"codecs", amp.Unicode()), (b"audio", amp.Unicode())]
    response: ClassVar = [(b"uri", amp.Unicode())]
    # AMP drops the connection, and all legs with it, at an error that is not declared.
    errors: ClassVar = {LegRefusedError: b"REFUSED"}


class CloseBrowserLeg(amp.Command):
    """Core to browser worker: forget this leg, ending its call and its browser's connection, if any."""

    arguments: ClassVar = [(b"leg_id", amp.Unicode())]
    requiresAnswer = False


class Signal(amp.Command):
    """Core to browser worker: a browser's message about its leg's media (``webrtc.signalling``), as JSON."""

    arguments: ClassVar = [(b"leg_id", amp.Unicode()), (b"message", amp.Unicode())]
    requiresAnswer = False


class Signalled(amp.Command):
    """Browser worker to core: a message for a leg's browser (``webrtc.signalling``), as JSON."""

    arguments: ClassVar = [(b"leg_id", amp.Unicode()), (b"message", amp.Unicode())]
    requiresAnswer = False


class BrowserLegEnded(amp.Command):
    """Browser worker to core: this leg is over, whoever ended it; told once a leg."""

    arguments: ClassVar = [(b"leg_id", amp.Unicode()), (b"cause", amp.Unicode())]
    requiresAnswer = False
