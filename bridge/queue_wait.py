"""Waiting in a queue, as the shopper hears it: how the queue stands, again and again, and music between."""

from __future__ import annotations

from dataclasses import replace

from bridge.commands import EnterQueue, LeaveQueue
from bridge.events import Timer
from bridge.legwork import Legwork
from routing.language import in_minutes, language_of
from routing.plan import Audio, Queueing, Speech, Spoken


class QueueWait:
    """One call's time in its queue. Times are in seconds."""

    def __init__(self, work: Legwork, terms: Queueing) -> None:
        self._work = work
        self.terms = terms
        #: Whether the queue knows the call.
        self.inside = False
        #: Whether the longest wait is over: a turn under way is the last one.
        self.over = False
        self.position: int | None = None
        self.wait: float | None = None
        #: Whether the shopper has been told how the queue stands: music follows, where ringback was before.
        self.told = False

    def enter(self, *, met_busy: bool, first: bool) -> None:
        """Wait, or wait on after a turn that reached nobody, with phones busy or not; ``first`` of all."""
        self.inside = True
        self._work.out.append(EnterQueue(self.terms.queue, met_busy, first))
        if (Timer.QUEUE, None) not in self._work.timers:
            self._work.start(Timer.QUEUE, self.terms.longest)
        if self.told:
            self._work.start(Timer.ANNOUNCE, self.terms.announce_every)

    def leave(self, *, served: bool) -> None:
        """Wait no more; who does not wait stays as they are."""
        self._work.stop(Timer.QUEUE, Timer.ANNOUNCE)
        if self.inside:
            self.inside = False
            self._work.out.append(LeaveQueue(self.terms.queue, served))

    def moved(self, position: int, wait: float) -> None:
        """Note where the call stands."""
        self.position, self.wait = position, wait

    def announcement(self) -> Spoken:
        """How the queue stands, in words; said again after a while."""
        self.told = True
        self._work.start(Timer.ANNOUNCE, self.terms.announce_every)
        spoken = self.terms.announcement
        if not isinstance(spoken, Speech):
            return spoken
        text = spoken.text.replace("{position}", str(self.position or 1))
        text = text.replace("{minutes}", in_minutes(self.wait or 0.0, language_of(spoken.voice)))
        return replace(spoken, text=text, name="announcement")

    def background(self, ringback: Audio) -> Audio:
        """What the shopper hears while nobody speaks."""
        return self.terms.music if self.told else ringback
