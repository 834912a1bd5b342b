"""Speaks :data:`media.spare.WORDS` with espeak-ng into ``media/spare/``: run once, the files are committed.

    python -m media.make_spare

Needs ``espeak-ng`` and ``sox``. The files are WAV, 8 kHz, mono, PCM 16 bit: what a telephone carries.
"""

from __future__ import annotations

import subprocess

from media.spare import WORDS, file_of

_VOICES = {"en": "en-us+f4", "de": "de+f4", "es": "es+f4", "fr": "fr-fr+f4"}
_TRIM = ("silence", "1", "0.02", "0.5%", "reverse")


def speak(kind: str, language: str) -> None:
    """Write one recording: at telephone bandwidth and level, without silence around it."""
    target = file_of(kind, language)
    target.parent.mkdir(parents=True, exist_ok=True)
    spoken = subprocess.run(
        ["espeak-ng", "-v", _VOICES[language], "-s", "165", "--stdout", WORDS[kind][language]],
        check=True,
        stdout=subprocess.PIPE,
    )
    subprocess.run(
        ["sox", "-D", "--ignore-length", "-t", "wav", "-", "-r", "8000", "-c", "1", "-b", "16", str(target),
         "highpass", "200", "norm", "-4", *_TRIM, *_TRIM],
        check=True, input=spoken.stdout,
    )  # fmt: skip


def main() -> None:
    """Speak every text."""
    for kind, words in WORDS.items():
        for language in words:
            speak(kind, language)


if __name__ == "__main__":
    main()
