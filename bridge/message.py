"""Taking a message from a shopper: the mailbox's greeting, a tone, the recording, and thanks."""

from __future__ import annotations

from enum import StrEnum

from bridge.commands import Command, KeepMessage, Play, Record, StartTimer, StopRecording
from bridge.events import Timer
from routing.plan import TakeMessage, Tone

#: "Speak after the tone."
BEEP = Tone("beep", ((1000, 0, 400, 0),))
BEEP_SECONDS = 0.5
#: What is shorter is a shopper who hung up, not a message.
SHORTEST_SECONDS = 1.0


class Stage(StrEnum):
    """How far the taking of a message has come."""

    NEW = "new"
    GREETING = "greeting"
    BEEP = "beep"
    RECORDING = "recording"
    THANKS = "thanks"
    DONE = "done"


class MessageTaking:
    """One message. Pure: each method returns what is to be done with the shopper's leg ``leg_id``."""

    def __init__(self, terms: TakeMessage) -> None:
        self.terms = terms
        self.stage = Stage.NEW
        #: Whether there is a message worth keeping.
        self.taken = False
        #: Whether there might be one, had the disk taken it.
        self.lost = False

    @property
    def recording(self) -> bool:
        """Whether the shopper is to speak, or has just spoken."""
        return self.stage is Stage.RECORDING

    def begin(self, leg_id: str) -> list[Command]:
        """Greet."""
        self.stage = Stage.GREETING
        return [Play(leg_id, self.terms.greeting)]

    def prompt_finished(self, leg_id: str) -> list[Command]:
        """Something that was said is over; after the thanks all is done."""
        match self.stage:
            case Stage.GREETING:
                self.stage = Stage.BEEP
                return [Play(leg_id, BEEP), StartTimer(Timer.BEEP, BEEP_SECONDS)]
            case Stage.THANKS:
                self.stage = Stage.DONE
        return []

    def beeped(self, leg_id: str) -> list[Command]:
        """The tone is over: record."""
        self.stage = Stage.RECORDING
        return [Record(leg_id, self.terms.path, self.terms.longest, self.terms.silence)]

    def key(self, leg_id: str, digit: str) -> list[Command]:
        """The finish key skips the greeting, and ends the message."""
        if digit != self.terms.finish_key:
            return []
        if self.stage is Stage.RECORDING:
            return [StopRecording(leg_id)]
        return self.prompt_finished(leg_id) if self.stage is Stage.GREETING else []

    def recorded(
        self, leg_id: str, seconds: float, *, listening: bool, failed: bool = False
    ) -> list[Command]:
        """The recording is complete; ``listening`` tells whether the shopper is still there."""
        if self.stage is not Stage.RECORDING:
            return []
        self.taken = seconds >= SHORTEST_SECONDS
        self.lost = failed and not self.taken
        if not self.taken:
            self.stage = Stage.DONE
            return []
        keep = KeepMessage(self.terms.mailbox, self.terms.path, seconds)
        if not listening:
            self.stage = Stage.DONE
            return [keep]
        self.stage = Stage.THANKS
        return [keep, Play(leg_id, self.terms.thanks)]
