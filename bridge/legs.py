"""One leg of a call: its states, the table of what may happen in each, and what is remembered of it."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from enum import StrEnum
from typing import Any

from bridge.causes import HangupCause
from bridge.cdr import LegRecord, LegRole, later
from bridge.commands import HangUp, Join, JudgeAnswerer, LegCommand, Play, RecordLeg, SendDtmf, StopRecording
from bridge.events import (
    AnswererJudged,
    AudioHeard,
    AudioQuality,
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
    TalkRecorded,
)
from routing.plan import Endpoint


class LegState(StrEnum):
    """Where a leg stands."""

    DIALING = "dialing"
    RINGING = "ringing"
    ANSWERED = "answered"
    JOINED = "joined"
    ENDING = "ending"  # we hung up, and wait for the end
    ENDED = "ended"


_S = LegState

#: ``LEG_TRANSITIONS[state][event or command]`` is the next state. What has no row may not happen: an event
#: without one is the worker's mistake (:class:`IllegalEventError`), a command without one is ours
#: (:class:`IllegalCommandError`). The rows of ``ENDING`` and ``ENDED`` are the late and duplicate events.
LEG_TRANSITIONS: dict[LegState, dict[type[Any], LegState]] = {
    _S.DIALING: {
        LegFaltered: _S.DIALING,  # its browser worker was faster
        LegRecovered: _S.DIALING,
        LegAwaited: _S.DIALING,
        LegRinging: _S.RINGING,
        LegAnswered: _S.ANSWERED,
        LegEnded: _S.ENDED,
        HangUp: _S.ENDING,
    },
    _S.RINGING: {
        LegFaltered: _S.RINGING,
        LegRecovered: _S.RINGING,
        LegRinging: _S.RINGING,
        LegAnswered: _S.ANSWERED,
        LegDtmf: _S.RINGING,
        LegEnded: _S.ENDED,
        Join: _S.RINGING,  # early media
        HangUp: _S.ENDING,
    },
    _S.ANSWERED: {
        LegFaltered: _S.ANSWERED,
        LegRecovered: _S.ANSWERED,
        LegRinging: _S.ANSWERED,  # a 180 that its 200 overtook on the way
        LegAnswered: _S.ANSWERED,
        LegHeld: _S.ANSWERED,
        LegResumed: _S.ANSWERED,
        LegDtmf: _S.ANSWERED,
        LegSilent: _S.ANSWERED,
        AudioHeard: _S.ANSWERED,
        PromptFinished: _S.ANSWERED,
        AnswererJudged: _S.ANSWERED,
        RecordingFinished: _S.ANSWERED,
        TalkRecorded: _S.ANSWERED,
        LegEnded: _S.ENDED,
        Play: _S.ANSWERED,
        JudgeAnswerer: _S.ANSWERED,
        RecordLeg: _S.ANSWERED,
        StopRecording: _S.ANSWERED,
        Join: _S.JOINED,
        HangUp: _S.ENDING,
    },
    _S.JOINED: {
        LegFaltered: _S.JOINED,
        LegRecovered: _S.JOINED,
        LegRinging: _S.JOINED,
        LegAnswered: _S.JOINED,
        LegHeld: _S.JOINED,
        LegResumed: _S.JOINED,
        LegDtmf: _S.JOINED,
        LegSilent: _S.JOINED,
        AudioHeard: _S.JOINED,
        PromptFinished: _S.JOINED,  # it ended just as the legs were joined
        AnswererJudged: _S.JOINED,  # they were faster to press the key
        TalkRecorded: _S.JOINED,
        LegEnded: _S.ENDED,
        Play: _S.ANSWERED,
        Join: _S.JOINED,
        SendDtmf: _S.JOINED,
        HangUp: _S.ENDING,
    },
    _S.ENDING: {
        LegFaltered: _S.ENDING,
        LegRecovered: _S.ENDING,
        LegAwaited: _S.ENDING,
        LegRinging: _S.ENDING,
        LegAnswered: _S.ENDING,  # 200 and CANCEL crossed on the wire: the worker answers with BYE
        LegHeld: _S.ENDING,
        LegResumed: _S.ENDING,
        LegDtmf: _S.ENDING,
        LegSilent: _S.ENDING,
        AudioHeard: _S.ENDING,
        PromptFinished: _S.ENDING,
        AnswererJudged: _S.ENDING,
        RecordingFinished: _S.ENDING,
        TalkRecorded: _S.ENDING,
        LegEnded: _S.ENDED,
    },
    _S.ENDED: {
        LegFaltered: _S.ENDED,
        LegRecovered: _S.ENDED,
        LegAwaited: _S.ENDED,
        LegRinging: _S.ENDED,
        LegAnswered: _S.ENDED,
        LegHeld: _S.ENDED,
        LegResumed: _S.ENDED,
        LegDtmf: _S.ENDED,
        LegSilent: _S.ENDED,
        AudioHeard: _S.ENDED,
        PromptFinished: _S.ENDED,
        AnswererJudged: _S.ENDED,
        RecordingFinished: _S.ENDED,
        TalkRecorded: _S.ENDED,
        LegEnded: _S.ENDED,
    },
}


class IllegalEventError(Exception):
    """A worker reported what cannot happen to a leg in this state."""


class IllegalCommandError(Exception):
    """We wanted from a leg what it cannot do in this state: a mistake in the call machine."""


@dataclass(slots=True)
class Leg:
    """What a call knows of one of its legs. Times are seconds since the epoch."""

    leg_id: str
    role: LegRole
    endpoint: Endpoint
    dialed_at: float
    state: LegState = LegState.DIALING
    early_media: bool = False
    held: bool = False
    #: Whether nothing comes of it for the moment.
    faltering: bool = False
    ringing_at: float | None = None
    answered_at: float | None = None
    joined_at: float | None = None
    ended_at: float | None = None
    cause: HangupCause | None = None
    end: LegEnded | None = None
    #: Where the far side is to dial a leg that it places.
    awaited_at: str | None = None
    #: What the far side knows a SIP leg by, once it has said a word.
    sip_call_id: str | None = None
    #: What the browser heard, on the average of so many moments.
    heard: AudioQuality | None = None
    moments: int = 0
    #: Place among the call's legs, from 0; and the ring step that rang it, empty for the shopper.
    position: int = 0
    step: str = ""

    def moved(self, seconds: float) -> Leg:
        """The same leg by a clock that is so much ahead."""
        return replace(
            self,
            dialed_at=self.dialed_at + seconds,
            ringing_at=later(self.ringing_at, seconds),
            answered_at=later(self.answered_at, seconds),
            joined_at=later(self.joined_at, seconds),
            ended_at=later(self.ended_at, seconds),
        )

    @property
    def live(self) -> bool:
        """Whether commands may still be given to it."""
        return self.state not in (LegState.ENDING, LegState.ENDED)

    @property
    def pending(self) -> bool:
        """Whether it is dialled and neither answered nor on its way out."""
        return self.state in (LegState.DIALING, LegState.RINGING)

    def take(self, event: LegEvent, at: float) -> LegState:
        """Note an event and return the state that it found the leg in."""
        before = self.state
        try:
            self.state = LEG_TRANSITIONS[before][type(event)]
        except KeyError:
            raise IllegalEventError(f"{type(event).__name__} while {before}") from None
        if isinstance(event, LegRinging | LegAnswered | LegEnded):
            self.sip_call_id = event.sip_call_id or self.sip_call_id
        match event:
            case LegAwaited(uri=uri):
                self.awaited_at = uri
            case LegRinging(early_media=early_media) if self.pending:
                self.ringing_at = self.ringing_at or at
                self.early_media = early_media
            case LegAnswered() if before in (LegState.DIALING, LegState.RINGING):
                self.answered_at = at
            case LegHeld():
                self.held = True
            case LegResumed():
                self.held = False
            case LegFaltered() | LegRecovered():
                self.faltering = isinstance(event, LegFaltered)
            case AudioHeard(hearing=hearing):
                self._hear(hearing)
            case LegEnded(cause=cause) if before is not LegState.ENDED:
                self.ended_at = at
                # Where we hung up, our reason is the reason; but nobody did where the worker of both died.
                if self.cause is None or (
                    self.cause is HangupCause.PEER_ENDED and cause is HangupCause.WORKER_LOST
                ):
                    self.cause = cause
                self.end = event
        return before

    def _hear(self, now: AudioQuality) -> None:
        self.moments += 1
        mean, share = self.heard or now, 1 / self.moments
        self.heard = AudioQuality(
            loss=mean.loss + (now.loss - mean.loss) * share,
            jitter_ms=mean.jitter_ms + (now.jitter_ms - mean.jitter_ms) * share,
            concealed=mean.concealed + (now.concealed - mean.concealed) * share,
        )

    def order(self, command: LegCommand, at: float) -> None:
        """Note a command given to this leg."""
        try:
            self.state = LEG_TRANSITIONS[self.state][type(command)]
        except KeyError:
            raise IllegalCommandError(f"{type(command).__name__} while {self.state}") from None
        match command:
            case HangUp(cause=cause):
                self.cause = cause
            case Join() if self.state is LegState.JOINED:
                self.joined_at = self.joined_at or at

    def record(self, at: float) -> LegRecord:
        """The row of the CDR; a leg that never reported its end is taken to end at ``at``."""
        return LegRecord(
            leg_id=self.leg_id,
            role=self.role,
            destination=self.endpoint.destination,
            label=self.endpoint.label,
            uri=self.endpoint.uri,
            dialed_at=self.dialed_at,
            ringing_at=self.ringing_at,
            answered_at=self.answered_at,
            joined_at=self.joined_at,
            ended_at=self.ended_at if self.ended_at is not None else at,
            cause=self.cause or HangupCause.FAILED,
            sip_status=self.end.sip_status if self.end else None,
            sip_call_id=self.sip_call_id,
            stats=self.end.stats if self.end else None,
            heard=self.heard and AudioQuality(*(round(mean, 2) for mean in astuple(self.heard))),
        )
