"""What happens to a call: the events that its machine takes. Past tense, frozen, no times inside."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from bridge.causes import HangupCause
from routing.plan import PlannedStep, Spoken


class Timer(StrEnum):
    """The clocks that a call may have running."""

    RING = "ring"  # one leg rings too long
    STEP = "step"  # one ring step lasts too long
    NEXT = "next"  # until a delayed destination of the step rings
    SCREENING = "screening"  # the person who answered does not accept
    QUEUE = "queue"  # the shopper waits too long
    ANNOUNCE = "announce"  # until the shopper is told again how the queue stands
    WHISPER = "whisper"  # the whisper to the person who took the call does not end
    BEEP = "beep"  # until the tone before a message is over
    DURATION = "duration"  # the call lasts too long
    ENDING = "ending"  # a leg does not report its end


@dataclass(frozen=True, slots=True)
class CallRequested:
    """The call is on disk and may begin."""


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """Somebody wants the call to end now, in whatever state it is."""


@dataclass(frozen=True, slots=True)
class TimerExpired:
    """A timer that the call started ran out."""

    timer: Timer
    leg_id: str | None = None


@dataclass(frozen=True, slots=True)
class LegAwaited:
    """The far side is to dial the leg, and may do so at this URI from now on."""

    leg_id: str
    uri: str


@dataclass(frozen=True, slots=True)
class LegRinging:
    """It rings (180, 183). Told again when early media arrives or stops: ``early_media`` is how it is now."""

    leg_id: str
    early_media: bool = False
    #: What the far side knows the leg by (RFC 3261 section 8.1.1.4), where it is a SIP leg.
    sip_call_id: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """The far side picked up, and audio can flow both ways."""

    leg_id: str
    sip_call_id: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class LegHeld:
    """The far side put the leg on hold (RFC 3264 section 8.4)."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class LegResumed:
    """The far side took the leg off hold."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class LegDtmf:
    """One key was pressed: 0-9, *, #, A-D, by RFC 4733 or SIP INFO."""

    leg_id: str
    digit: str


@dataclass(frozen=True, slots=True)
class LegSilent:
    """An answered leg that is not on hold sent no RTP for its endpoint's ``media_timeout``."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class LegFaltered:
    """Nothing comes of an answered leg for the moment: its browser reconnects, or its phone is silent."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class LegRecovered:
    """A leg that had faltered is heard again."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class PromptFinished:
    """A prompt that was not looped reached its end."""

    leg_id: str
    prompt: str


#: Who seems to have answered a phone, by how they speak: a person says a word and waits, a machine talks on.
Answerer = Literal["human", "machine", "unknown"]


@dataclass(frozen=True, slots=True)
class AnswererJudged:
    """The verdict that JudgeAnswerer asked for, once a leg; ``unknown`` where nobody spoke in time."""

    leg_id: str
    answerer: Answerer


@dataclass(frozen=True, slots=True)
class RecordingFinished:
    """A recording ended, and its file is complete: by StopRecording, at its longest, or before LegEnded."""

    leg_id: str
    #: Length of the file in seconds; 0 where nothing could be recorded.
    seconds: float
    #: Whether the disk refused the file, or some of it: then a short one tells nothing of the speaker.
    failed: bool = False


@dataclass(frozen=True, slots=True)
class TalkRecorded:
    """What RecordTalk began has ended, and its file is complete; before LegEnded."""

    leg_id: str
    path: str
    #: Whether the disk refused the file, or some of it.
    failed: bool = False


@dataclass(frozen=True, slots=True)
class QueueMoved:
    """Where the call stands in its queue: 1 is next; ``wait`` is the expected wait in seconds."""

    position: int
    wait: float


@dataclass(frozen=True, slots=True)
class TurnCame:
    """The call's turn came: ring these. No steps: nobody can be rung any more, so stop waiting."""

    steps: tuple[PlannedStep, ...]


@dataclass(frozen=True, slots=True)
class RouteAnswered:
    """The route of the call says to ring these now. No steps: nobody can be rung."""

    steps: tuple[PlannedStep, ...]


@dataclass(frozen=True, slots=True)
class CallbackBooked:
    """A callback is on disk: ``at`` seconds since the epoch; ``when`` in the shopper's words."""

    at: float
    when: str


@dataclass(frozen=True, slots=True)
class CallbackRefused:
    """No callback could be booked: no time suits, or the disk refuses."""


@dataclass(frozen=True, slots=True)
class HoldRequested:
    """The person who has the call on this leg puts the shopper on hold."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class ResumeRequested:
    """They want to talk to the shopper again; who is consulted meanwhile is let go."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class TransferRequested:
    """They want to pass the call on to the first in these steps who takes it.

    ``attended``: the shopper is on hold, and they talk to the other first. Otherwise they leave at once.
    """

    leg_id: str
    steps: tuple[PlannedStep, ...]
    attended: bool


@dataclass(frozen=True, slots=True)
class TransferCompleted:
    """They leave an attended transfer: the shopper goes to the person consulted, or to those who ring."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class HangUpRequested:
    """They end the call from their desk, as if they hung up their phone with nobody on hold."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class PageAnswered:
    """What came of a PushPage, in words for the person who pressed the keys."""

    leg_id: str
    words: Spoken


@dataclass(frozen=True, slots=True)
class MediaStats:
    """What a leg's RTP was like: packets, packets lost (RFC 3550 section 6.4.1), jitter in ms."""

    codec: str
    received: int
    lost: int
    sent: int
    jitter_ms: float

    @property
    def loss(self) -> float:
        """Packets that never came, in percent of those that should have."""
        return 100 * self.lost / max(self.received + self.lost, 1)


@dataclass(frozen=True, slots=True)
class AudioQuality:
    """What a browser itself makes of the audio it hears: percent lost, jitter in ms, percent made up."""

    loss: float
    jitter_ms: float
    concealed: float


@dataclass(frozen=True, slots=True)
class AudioHeard:
    """A browser told what it heard in the last few seconds."""

    leg_id: str
    hearing: AudioQuality


@dataclass(frozen=True, slots=True)
class LegEnded:
    """The leg is gone; nothing can be asked of it any more."""

    leg_id: str
    cause: HangupCause
    #: Final SIP status of a leg that was refused or ended by the far side.
    sip_status: int | None = None
    sip_call_id: str | None = None
    stats: MediaStats | None = None


LegEvent = (
    LegAwaited
    | LegRinging
    | LegAnswered
    | LegHeld
    | LegResumed
    | LegDtmf
    | LegSilent
    | LegFaltered
    | LegRecovered
    | PromptFinished
    | AnswererJudged
    | RecordingFinished
    | TalkRecorded
    | AudioHeard
    | LegEnded
)
QueueEvent = QueueMoved | TurnCame
CallbackEvent = CallbackBooked | CallbackRefused
#: What the person who has the call does with it. From any other leg it does nothing.
DeskEvent = (
    HoldRequested | ResumeRequested | TransferRequested | TransferCompleted | HangUpRequested | PageAnswered
)
Event = (
    CallRequested
    | CancelRequested
    | TimerExpired
    | LegEvent
    | RouteAnswered
    | QueueEvent
    | CallbackEvent
    | DeskEvent
)
