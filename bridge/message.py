"""Taking a message from a shopper: the mailbox's greeting, a tone, the recording, and thanks."""

from __future__ import annotations

from enum import StrEnum

from bridge.commands import KeepMessage, RecordLeg, StopRecording
from bridge.earpiece import Earpiece
from bridge.events import Timer
from bridge.legwork import Legwork
from routing.plan import TakeMessage, Tone

#: "Speak after the tone."
BEEP = Tone("beep", ((1000, 0, 400, 0),))
BEEP_SECONDS = 0.5
#: What is shorter is a shopper who hung up, not a message.
SHORTEST_SECONDS = 1.0


class MessageStage(StrEnum):
    """How far the taking of a message has come."""

    NEW = "new"
    GREETING = "greeting"
    BEEP = "beep"
    RECORDING = "recording"
    THANKS = "thanks"
    DONE = "done"


class MessageTaking:
    """One message of the shopper's."""

    def __init__(self, work: Legwork, ear: Earpiece, terms: TakeMessage) -> None:
        self._work = work
        self._ear = ear
        self.terms = terms
        self.stage = MessageStage.NEW
        #: Whether there is a message worth keeping.
        self.taken = False
        #: Whether there might be one, had the disk taken it.
        self.lost = False

    @property
    def recording(self) -> bool:
        """Whether the shopper is to speak, or has just spoken."""
        return self.stage is MessageStage.RECORDING

    def begin(self) -> None:
        """Greet."""
        self.stage = MessageStage.GREETING
        self._ear.say(self.terms.greeting)

    def prompt_finished(self) -> None:
        """Something that was said is over; after the thanks all is done."""
        match self.stage:
            case MessageStage.GREETING:
                self.stage = MessageStage.BEEP
                self._ear.say(BEEP)
                self._work.start(Timer.BEEP, BEEP_SECONDS)
            case MessageStage.THANKS:
                self.stage = MessageStage.DONE

    def beeped(self) -> None:
        """The tone is over: record."""
        shopper, terms = self._ear.shopper, self.terms
        assert shopper is not None  # noqa: S101 - they heard the tone
        self.stage = MessageStage.RECORDING
        self._work.command(shopper, RecordLeg(shopper.leg_id, terms.path, terms.longest, terms.silence))

    def key(self, digit: str) -> None:
        """The finish key skips the greeting, and ends the message."""
        if digit != self.terms.finish_key:
            return
        if self.stage is MessageStage.GREETING:
            self.prompt_finished()
        elif self.stage is MessageStage.RECORDING and self._ear.shopper:
            self._work.command(self._ear.shopper, StopRecording(self._ear.shopper.leg_id))

    def recorded(self, seconds: float, *, failed: bool = False) -> None:
        """The recording is complete: keep it if it is long enough, and thank a shopper who is still there."""
        if self.stage is not MessageStage.RECORDING:
            return
        self.taken = seconds >= SHORTEST_SECONDS
        self.lost = failed and not self.taken
        self.stage = MessageStage.DONE
        if self.taken:
            self._work.out.append(KeepMessage(self.terms.mailbox, self.terms.path, seconds))
            if self._ear.shopper and self._ear.shopper.live:
                self.stage = MessageStage.THANKS
                self._ear.say(self.terms.thanks)
