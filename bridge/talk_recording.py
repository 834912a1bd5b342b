"""Recording what shopper and business say to each other, of shoppers who were told and did not refuse.

Each stretch in which the two hear each other is a recording of its own: its two sides are written by the
media engine, each into a file, and put together once both are complete. What anybody says on hold, or to
somebody whom they consult, is never in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bridge.commands import RecordTalk, StopTalk
from bridge.events import TalkRecorded
from bridge.facts import RecordingBegan, RecordingEnded
from bridge.legs import Leg
from bridge.legwork import Legwork
from routing.plan import RecordTalks, Spoken


class Consent(StrEnum):
    """What a shopper knows of it."""

    UNASKED = "unasked"
    ASKED = "asked"  # they are being told
    GIVEN = "given"  # they were told, and said nothing against it
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RunningRecording:
    """A recording that is not complete: its legs, the shopper's first, and which sides are written."""

    recording_id: str
    legs: tuple[str, str]
    #: Whether the two still talk.
    on: bool = True
    #: Legs whose file is complete, or will never be.
    done: tuple[str, ...] = ()
    #: Whether the disk refused any of it.
    failed: bool = False


@dataclass(frozen=True, slots=True)
class TalkState:
    """How the recording of a call stands."""

    consent: Consent = Consent.UNASKED
    #: How many recordings were begun.
    begun: int = 0
    running: tuple[RunningRecording, ...] = ()


class TalkRecording:
    """The recordings of one call. Without ``terms`` there are none. Pure."""

    def __init__(self, work: Legwork, terms: RecordTalks | None, state: TalkState | None = None) -> None:
        self._work = work
        self._terms = terms
        state = state or TalkState()
        self._consent = state.consent
        self._begun = state.begun
        self._running = {each.recording_id: each for each in state.running}

    @property
    def state(self) -> TalkState:
        """What another core needs to go on."""
        return TalkState(self._consent, self._begun, tuple(self._running.values()))

    # --- whether the shopper wants it -----------------------------------------------------------------------

    @property
    def to_ask(self) -> bool:
        """Whether the shopper is to be told before they are put through."""
        return self._terms is not None and self._consent is Consent.UNASKED

    def next_words(self) -> Spoken | None:
        """What the shopper is to hear next of it; None once they know."""
        if self._terms is not None and self._consent is Consent.UNASKED:
            self._consent = Consent.ASKED
            return self._terms.announcement
        if self._consent is Consent.ASKED:
            self._consent = Consent.GIVEN
        return None

    def start_over(self) -> None:
        """The shopper is dialled again: who did not hear all of it is told again."""
        if self._consent is Consent.ASKED:
            self._consent = Consent.UNASKED

    def refuse(self, digit: str) -> Spoken | None:
        """A shopper who talks to nobody yet pressed a key: what to tell who refuses; None for other keys."""
        if self._terms is None or digit != self._terms.decline_key:
            return None
        if self._consent not in (Consent.ASKED, Consent.GIVEN):
            return None
        self._consent = Consent.REFUSED
        return self._terms.refused

    # --- what is recorded -----------------------------------------------------------------------------------

    def follow(self, talkers: tuple[Leg, Leg] | None) -> None:
        """Record these two, shopper and business, who hear each other now; None where nobody talks."""
        legs = (talkers[0].leg_id, talkers[1].leg_id) if talkers is not None else None
        for each in [each for each in self._running.values() if each.on and each.legs != legs]:
            self._stop(each)
        if talkers is None or self._terms is None or self._consent is not Consent.GIVEN:
            return
        if any(each.on for each in self._running.values()):
            return
        self._begin(*talkers)

    def side_done(self, event: TalkRecorded) -> None:
        """One side is complete on disk."""
        for each in list(self._running.values()):
            if event.path in self._paths(each):
                self._note(each, event.leg_id, failed=event.failed)

    def leg_gone(self, leg_id: str) -> None:
        """A leg is over: what its worker has not told by now, it never will."""
        for each in list(self._running.values()):
            if leg_id in each.legs:
                self._note(each, leg_id, failed=False)

    def _begin(self, shopper: Leg, business: Leg) -> None:
        self._begun += 1
        each = RunningRecording(f"{self._work.call_id}.t{self._begun}", (shopper.leg_id, business.leg_id))
        self._running[each.recording_id] = each
        for leg_id, path in zip(each.legs, self._paths(each), strict=True):
            self._work.out.append(RecordTalk(leg_id, path))
        assert self._terms is not None  # noqa: S101 - the caller looked
        self._work.tell(RecordingBegan, business, recording_id=each.recording_id, folder=self._terms.folder)

    def _stop(self, each: RunningRecording) -> None:
        """Stop before anything else is done: what follows is not for the recording."""
        self._work.out[:0] = [StopTalk(leg_id) for leg_id in each.legs if leg_id not in each.done]
        self._put(each, on=False, done=each.done, failed=each.failed)

    def _note(self, each: RunningRecording, leg_id: str, *, failed: bool) -> None:
        done = each.done if leg_id in each.done else (*each.done, leg_id)
        self._put(each, on=each.on, done=done, failed=each.failed or failed)

    def _put(self, each: RunningRecording, *, on: bool, done: tuple[str, ...], failed: bool) -> None:
        if not on and len(done) == len(each.legs):
            del self._running[each.recording_id]
            self._work.true(RecordingEnded, recording_id=each.recording_id, failed=failed)
            return
        now = RunningRecording(each.recording_id, each.legs, on, done, failed)
        self._running[each.recording_id] = now

    def _paths(self, each: RunningRecording) -> tuple[str, str]:
        assert self._terms is not None  # noqa: S101 - it was begun by them
        return sides_of(self._terms.folder, each.recording_id)


def sides_of(folder: str, recording_id: str) -> tuple[str, str]:
    """The files of a recording's two sides: the shopper's, the business's."""
    return f"{folder}/{recording_id}.shopper.wav", f"{folder}/{recording_id}.business.wav"
