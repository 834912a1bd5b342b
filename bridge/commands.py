"""What a call wants done: the commands that its machine returns. Imperative and frozen.

The *media commands* speak of legs and say nothing of SIP libraries: they cross to a media worker as they
are. The rest is for the engine.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord
from bridge.events import Timer
from routing.plan import Audio, Endpoint


@dataclass(frozen=True, slots=True)
class Dial:
    """Start a new leg. Its reports begin with LegRinging, LegAnswered or LegEnded."""

    leg_id: str
    endpoint: Endpoint
    #: Whether the far side's keys stay out of the audio that its partner hears: SendDtmf passes them on.
    keys_stay: bool = False


@dataclass(frozen=True, slots=True)
class Play:
    """Let the leg hear this audio, instead of whatever it heard; other legs do not hear it."""

    leg_id: str
    audio: Audio
    loop: bool = False


@dataclass(frozen=True, slots=True)
class Join:
    """Let the two legs hear each other and nothing else. A ringing leg with early media is heard only."""

    leg_id: str
    other_leg_id: str


@dataclass(frozen=True, slots=True)
class SendDtmf:
    """Send one key to the leg, in its trunk's way."""

    leg_id: str
    digit: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the leg, whatever its state (CANCEL, BYE or a final response); LegEnded follows."""

    leg_id: str
    cause: HangupCause


@dataclass(frozen=True, slots=True)
class JudgeAnswerer:
    """Listen to who answered this leg, and report AnswererJudged once, within a few seconds."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class RecordLeg:
    """Record what the leg says into a WAV file, at most ``longest`` seconds; RecordingFinished follows.

    It ends by itself after ``silence`` seconds in which nobody spoke, which are cut off. Meanwhile the leg
    hears silence.
    """

    leg_id: str
    path: str
    longest: float
    silence: float


@dataclass(frozen=True, slots=True)
class StopRecording:
    """End the leg's recording now; none running is no error."""

    leg_id: str


@dataclass(frozen=True, slots=True)
class RecordTalk:
    """Write what the leg says from now on into a WAV file, until StopTalk or its end; TalkRecorded follows.

    What the leg hears stays as it is.
    """

    leg_id: str
    path: str


@dataclass(frozen=True, slots=True)
class StopTalk:
    """End what RecordTalk began; none running is no error."""

    leg_id: str


MediaCommand = (
    Dial | Play | Join | SendDtmf | HangUp | JudgeAnswerer | RecordLeg | StopRecording | RecordTalk | StopTalk
)


@dataclass(frozen=True, slots=True)
class StartTimer:
    """Send TimerExpired in so many seconds; a timer of the same name and leg is replaced."""

    timer: Timer
    seconds: float
    leg_id: str | None = None


@dataclass(frozen=True, slots=True)
class StopTimer:
    """Forget a timer; none running is no error."""

    timer: Timer
    leg_id: str | None = None


@dataclass(frozen=True, slots=True)
class Settle:
    """Put the call's disposition on disk: from now on it cannot change.

    A call that reached the bridge is settled there and then, so that a crash does not forget it.
    """

    disposition: Disposition
    cause: HangupCause | None
    bridged_at: float | None


@dataclass(frozen=True, slots=True)
class WriteCdr:
    """The call is over and every leg is gone: write its record, and forget the call."""

    record: CallRecord


@dataclass(frozen=True, slots=True)
class AskRoute:
    """Ask the call's route who to ring now. RouteAnswered follows at once, before any other event."""


@dataclass(frozen=True, slots=True)
class EnterQueue:
    """Wait in this queue: TurnCame follows, perhaps at once, and QueueMoved whenever the place changes.

    Again, after a turn that reached nobody: the call keeps its place. ``busy`` tells that phones were busy in
    that turn, so that it makes sense to wait for them. ``first``: the call has waited before, and the person
    who took it was lost: it comes before all others.
    """

    queue: str
    busy: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class LeaveQueue:
    """Stop waiting; ``served`` tells whether somebody took the call, from which waits are estimated."""

    queue: str
    served: bool


@dataclass(frozen=True, slots=True)
class BookCallback:
    """Book a callback by the terms of this name; CallbackBooked or CallbackRefused follows."""

    terms: str


@dataclass(frozen=True, slots=True)
class KeepMessage:
    """A message is complete on disk: store it and send it on."""

    mailbox: str
    path: str
    seconds: float


@dataclass(frozen=True, slots=True)
class PushKeyedPage:
    """The person who has the call pressed ``*keys#``: push that page to the shopper; PageAnswered follows."""

    leg_id: str
    keys: str


LegCommand = Play | Join | SendDtmf | HangUp | JudgeAnswerer | RecordLeg | StopRecording
Command = (
    MediaCommand
    | StartTimer
    | StopTimer
    | Settle
    | AskRoute
    | EnterQueue
    | LeaveQueue
    | BookCallback
    | KeepMessage
    | PushKeyedPage
    | WriteCdr
)
