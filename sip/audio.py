"""What a leg can hear besides another leg: silence, a prompt from a WAV file, a call-progress tone."""

from __future__ import annotations

from collections.abc import Callable

import pjsua2 as pj

from routing.plan import Audio, Prompt, Tone

#: Of the conference bridge and of tones, in hertz: the rate of G.711, which is thus never resampled.
CLOCK_RATE = 8000


class PromptPlayer(pj.AudioMediaPlayer):  # type: ignore[misc]
    """Plays a WAV file, over and over or once.

    ``finished`` is called at the end of a prompt played once, on a media thread of PJSIP's: it must do no
    more than hand over to the reactor.
    """

    def __init__(self, path: str, loop: bool, finished: Callable[[], None]) -> None:
        super().__init__()
        self._loop = loop
        self._finished = finished
        self.createPlayer(path, 0 if loop else pj.PJMEDIA_FILE_NO_LOOP)

    def onEof2(self) -> None:  # noqa: N802 - PJSUA2's name
        """PJSUA2 read the file's last sample."""
        if not self._loop:
            self._finished()


def silence() -> pj.AudioMedia:
    """A source of silence: a leg that is connected to nothing would stop sending RTP after a second."""
    source = pj.ToneGenerator()
    source.createToneGenerator(CLOCK_RATE, 1)
    return source


def source_of(audio: Audio, loop: bool, finished: Callable[[], None]) -> pj.AudioMedia:
    """Start a source; it runs while a leg is connected to it. ``pj.Error`` for a file that is no WAV."""
    match audio:
        case Prompt(path=path):
            return PromptPlayer(path, loop, finished)
        case Tone(bursts=bursts):
            generator = pj.ToneGenerator()
            generator.createToneGenerator(CLOCK_RATE, 1)
            tones = pj.ToneDescVector()
            for first, second, on, off in bursts:
                tone = pj.ToneDesc()
                tone.freq1, tone.freq2, tone.on_msec, tone.off_msec = first, second, on, off
                tones.append(tone)
            generator.play(tones, loop)
            return generator
