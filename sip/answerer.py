"""Judges who answered a phone, by how long they talk. Pure.

A person says a word and waits, a machine talks on.
A wrong "machine" costs a caller who is there; a wrong "human" costs a prompt that nobody obeys. So whatever
is in doubt speaks for the human.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bridge.events import Answerer
from sip.voice import Voice, VoiceThresholds


@dataclass(frozen=True, slots=True)
class Manners:
    """How people answer, in seconds.

    ``longest_wait`` and ``silence_after`` are the defaults of Twilio's ``MachineDetectionSilenceTimeout`` and
    ``SpeechEndThreshold``; ``shortest_word`` is Asterisk's ``min_word_length`` (amd.conf).
    """

    #: ``unknown`` if there was no word by then.
    longest_wait: float = 5.0
    #: The longest greeting of a person, with name and company; Twilio's 2.4 is for homes.
    longest_greeting: float = 3.0
    #: After so much silence a person is waiting; a machine's pauses are shorter.
    silence_after: float = 1.2
    #: A shorter sound is a click.
    shortest_word: float = 0.1
    #: Shorter pauses are part of talking.
    longest_gap: float = 0.3
    #: ``unknown`` if there is no verdict by then.
    longest_judgement: float = 8.0


class Judge:
    """Judges one answerer from levels at a fixed tick."""

    def __init__(
        self, tick: float, manners: Manners | None = None, ear: VoiceThresholds | None = None
    ) -> None:
        self._voice = Voice(ear or VoiceThresholds(), tick)
        manners = manners or Manners()
        ticks = {name: round(getattr(manners, name) / tick) for name in Manners.__dataclass_fields__}
        self._longest_wait = ticks["longest_wait"]
        self._longest_greeting = ticks["longest_greeting"]
        self._silence_after = ticks["silence_after"]
        self._shortest_word = max(1, ticks["shortest_word"])
        self._longest_gap = ticks["longest_gap"]
        self._longest_judgement = ticks["longest_judgement"]
        self._elapsed = 0
        #: Length of the sound that lasts now, of all words and the gaps between them, and of the silence
        #: since the last word; in ticks.
        self._sound = self._talk = self._silence = 0

    def hear(self, level: int, own_level: int) -> Answerer | None:
        """Take the levels of the far side and of us in one tick; None while there is no verdict."""
        self._elapsed += 1
        self._count(self._voice.hears(level, own_level))
        return self._verdict()

    def _count(self, voice: bool) -> None:
        self._silence += 1
        if not voice:
            self._sound = 0
            return
        self._sound += 1
        if self._sound < self._shortest_word:
            return
        if self._sound > self._shortest_word:
            self._talk += 1
        else:
            gap = self._silence - self._sound
            self._talk += self._sound
            if self._talk > self._sound and gap <= self._longest_gap:
                self._talk += gap
        self._silence = 0

    def _verdict(self) -> Literal["human", "machine", "unknown"] | None:
        if self._talk >= self._longest_greeting:
            return "machine"
        if self._talk and self._silence >= self._silence_after:
            return "human"
        if not self._talk and self._elapsed >= self._longest_wait:
            return "unknown"
        return "unknown" if self._elapsed >= self._longest_judgement else None
