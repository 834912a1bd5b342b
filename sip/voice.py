"""Detects whether somebody speaks, from a leg's levels at a fixed tick. Pure.

A *level* is PJSIP's: the mean amplitude of 20 ms on the scale of G.711's µ-law, 0 to 49. At the loudness of
speech one step is about a decibel, six are double the amplitude.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

#: ITU-T G.711: what is added before a magnitude is split into segment and step, and the largest magnitude.
_BIAS, _CLIP = 132, 32635
#: PJSIP shows µ-law's 256 codes as per cent.
_CODES = 255


@dataclass(frozen=True, slots=True)
class VoiceThresholds:
    """What counts as a voice: levels, and seconds."""

    #: Lower levels are no voice. 9 is a mean amplitude of 256: ``silence_threshold`` in Asterisk's amd.conf.
    quietest: int = 9
    #: A voice is louder than the background noise by this.
    above_noise: int = 9
    #: A level that is steady for so long is noise; a voice never is.
    noise_window: float = 1.0
    #: A louder steady level is not noise, but a tone or music.
    loudest_noise: int = 20
    #: An echo of what we send comes back within so long.
    longest_echo: float = 0.5


class Voice:
    """Distinguishes voice from silence, steady noise and our own echo, tick by tick."""

    def __init__(self, ear: VoiceThresholds, tick: float) -> None:
        self._ear = ear
        self._heard: deque[int] = deque(maxlen=max(1, round(ear.noise_window / tick)))
        self._echo = Echo(max(1, round(ear.longest_echo / tick)))

    def hears(self, level: int, own_level: int = 0) -> bool:
        """Whether somebody speaks in this tick, by the levels of the far side and of us."""
        self._heard.append(level)
        ear, noise = self._ear, min(self._heard)
        threshold = max(ear.quietest, self._echo.loudest(level, own_level) + 1)
        if noise <= ear.loudest_noise:
            threshold = max(threshold, noise + ear.above_noise)
        return level >= threshold


class Echo:
    """How loud our own echo may be, learned from ticks without it.

    An echo is never quieter than what we said a while ago less what the line takes off. So a moment in which
    the far side is quieter than that tells that the line takes off more, or that this is not the delay.
    """

    #: A hybrid without any canceller takes off 6 dB (Duttweiler, "A Twelve-Channel Digital Echo Canceler",
    #: IEEE Transactions on Communications, May 1978).
    LEAST_LOSS = 6
    #: An echo that loses more than that is no louder than noise.
    MOST_LOSS = 24
    #: Our least level at which the far side's silence says something about the echo.
    LOUD = 20
    #: What two looks at the same sound may differ by.
    SPREAD = 3

    def __init__(self, longest: int) -> None:
        #: What the line takes off at least, if its echo comes after so many ticks.
        self._losses = [self.LEAST_LOSS] * longest
        #: How loud we were in the last ticks, the newest first: at least, and at most, in a tick and the two
        #: before it, because what comes back may be looked at a tick off.
        self._least: deque[int] = deque([0] * longest, maxlen=longest)
        self._most: deque[int] = deque([0] * longest, maxlen=longest)
        self._said: deque[int] = deque([0] * 3, maxlen=3)

    def loudest(self, level: int, own_level: int) -> int:
        """The level that an echo may have in this tick, in which the far side is that loud and we this."""
        self._said.append(own_level)
        self._least.appendleft(min(self._said))
        self._most.appendleft(max(self._said))
        if not any(self._most):
            return 0
        loudest = 0
        for delay, (least, most, loss) in enumerate(zip(self._least, self._most, self._losses, strict=True)):
            if least >= self.LOUD and least - level > loss:
                loss = self._losses[delay] = least - level
            if loss <= self.MOST_LOSS and most - loss + self.SPREAD > loudest:
                loudest = most - loss + self.SPREAD
        return loudest


def level_of(samples: Sequence[int]) -> int:
    """The level of 20 ms of 16 bit samples."""
    mean = sum(map(abs, samples)) // max(1, len(samples))
    biased = min(mean, _CLIP) + _BIAS
    segment = biased.bit_length() - _BIAS.bit_length()
    step = biased >> (segment + 3) & 15
    return (segment * 16 + step) * 100 // _CODES
