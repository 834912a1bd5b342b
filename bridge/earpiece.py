"""What the shopper hears while they talk to nobody."""

from __future__ import annotations

from bridge.commands import Play
from bridge.legs import Leg
from bridge.legwork import Legwork
from routing.plan import Audio


class Earpiece:
    """The shopper's ear. ``shopper`` is their leg, once they are dialled."""

    def __init__(self, work: Legwork) -> None:
        self._work = work
        self.shopper: Leg | None = None
        #: Whether they hear something that only the bridge may cut short: the site's greeting, or that the
        #: business's line broke.
        self.announcing = False
        #: What they are being told, to know its end from that of something that it interrupted.
        self._saying: str | None = None

    def say(self, audio: Audio, *, loop: bool = False) -> None:
        """Let them hear this, if they are there."""
        if self.shopper is not None and self.shopper.live:
            self._work.command(self.shopper, Play(self.shopper.leg_id, audio, loop))
            self._saying = None if loop else audio.name

    def announce(self, audio: Audio | None) -> bool:
        """Let them hear this to its end; False where there is nothing to hear."""
        if audio is None:
            return False
        self.announcing = True
        self.say(audio)
        return True

    def was_told(self, leg: Leg, prompt: str) -> bool:
        """Whether this is the end of what they were being told."""
        return leg is self.shopper and prompt == self._saying
