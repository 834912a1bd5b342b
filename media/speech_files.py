"""Spoken texts as files: rendered once, kept while calls need them, and no longer where they name people."""

from __future__ import annotations

import array
import asyncio
import hashlib
import math
import os
import secrets
import shutil
import wave
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from media.espeak import DEFAULT_VOICE, PROGRAM, EspeakError, render
from media.spare import spare_for
from media.temporary import make_folder, sweep
from routing.plan import Speech

log = structlog.get_logger(__name__)

#: Processes of espeak-ng at once.
AT_ONCE = 3
#: Files kept that no live call needs now, and texts of which it is known who heard them.
KEPT, REMEMBERED = 200, 2000
_PREFIX = "ringback-speech-"


@dataclass(slots=True)
class _Phrase:
    """One text in one voice. ``rendering`` returns the path to play, and never fails."""

    path: str
    rendering: asyncio.Task[str]
    #: The calls that may play it.
    calls: set[str] = field(default_factory=set)
    #: Whether two shoppers heard it, so that it names neither.
    common: bool = False


class SpeechFiles:
    """The spoken texts of this node, in a private folder that is deleted at its end.

    A file stays while a call that asked for it is open. After that it stays only if the calls of two
    shoppers asked for it: a text that two shoppers hear names neither. The least recently used of these are
    deleted first. If a text cannot be spoken, a recording of its kind is played instead
    (:mod:`media.spare`), or a beep if there is none; the next call tries again.
    """

    def __init__(self, seconds: float, program: str = PROGRAM) -> None:
        self._seconds = seconds
        self._program = program
        self._salt = secrets.token_bytes(16)
        #: In order of use, the least recent first.
        self._phrases: dict[str, _Phrase] = {}
        #: Who heard a text first; both are salted hashes, in order of use.
        self._hearers: dict[str, str] = {}
        self._unknown_voices: set[str] = set()
        #: The voice that replaces each of those.
        self._instead: dict[str, str] = {}
        self._works = True
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._lock: int | None = None

    def start(self) -> None:
        """Make the folder; delete those that dead nodes left."""
        sweep(_PREFIX)  # the texts of dead nodes may name people
        self._folder, self._lock = make_folder(_PREFIX)
        self.beep = str(self._folder / "beep.wav")
        _write_beep(self.beep)

    def stop(self) -> None:
        """Delete everything; does nothing before the start or the second time."""
        if self._lock is None:
            return
        for phrase in self._phrases.values():
            phrase.rendering.cancel()
        self._phrases.clear()
        shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._lock)
        self._lock = None

    def hold(self, call_id: str, hearer: str, speech: Speech) -> asyncio.Task[str]:
        """Keep a text for a call until :meth:`release`; the task returns the path to play.

        ``hearer`` tells shoppers apart.
        """
        key = self._hash(speech.voice, speech.text)
        phrase = self._phrases.pop(key, None)
        if phrase is None:
            path = str(self._folder / f"{key}-{secrets.token_hex(4)}.wav")
            phrase = _Phrase(path, asyncio.ensure_future(self._render(key, speech, path)))
        self._phrases[key] = phrase
        phrase.calls.add(call_id)
        phrase.common = phrase.common or self._names_nobody(key, hearer)
        return phrase.rendering

    def instead(self, speech: Speech) -> str:
        """What to play if a text cannot be spoken, or not in time."""
        return spare_for(speech) or self.beep

    def release(self, call_id: str) -> None:
        """A call is over: delete the texts that were spoken for it alone."""
        for key, phrase in list(self._phrases.items()):
            if call_id in phrase.calls:
                phrase.calls.discard(call_id)
                if not phrase.calls and not phrase.common:
                    self._delete(key)
        idle = [key for key, phrase in self._phrases.items() if not phrase.calls]
        for key in idle[: max(0, len(idle) - KEPT)]:
            self._delete(key)

    def _names_nobody(self, key: str, hearer: str) -> bool:
        who = self._hash(hearer)
        first = self._hearers.pop(key, who)
        self._hearers[key] = first
        if len(self._hearers) > REMEMBERED:
            del self._hearers[next(iter(self._hearers))]
        return first != who

    async def _render(self, key: str, speech: Speech, path: str) -> str:
        try:
            async with self._turns:
                await self._speak(speech, path)
        except EspeakError as error:
            if self._works:
                log.error("texts cannot be spoken; recordings are played instead", reason=str(error))
            self._works = False
            self._delete(key)
            return self.instead(speech)
        if not self._works:
            log.info("texts can be spoken again")
        self._works = True
        return path

    async def _speak(self, speech: Speech, path: str) -> None:
        for voice in _voices(self._instead.get(speech.voice, speech.voice)):
            try:
                await render(speech.text, voice, path, self._seconds, self._program)
            except EspeakError as error:
                if not error.refused or voice == DEFAULT_VOICE:
                    raise
            else:
                break
        if voice != speech.voice and speech.voice not in self._unknown_voices:
            self._unknown_voices.add(speech.voice)
            self._instead[speech.voice] = voice
            log.error("espeak-ng has no such voice", voice=speech.voice, instead=voice)

    def _delete(self, key: str) -> None:
        """Delete a text. A task that waits for it still gets a path, because its call may still be open."""
        phrase = self._phrases.pop(key, None)
        if phrase is not None:
            if not phrase.calls:
                phrase.rendering.cancel()
            Path(phrase.path).unlink(missing_ok=True)

    def _hash(self, *parts: str) -> str:
        told = "\0".join(parts).encode(errors="replace")
        return hashlib.blake2b(told, digest_size=16, key=self._salt).hexdigest()


def _voices(wanted: str) -> list[str]:
    """The wanted voice, the one of its language, and one that espeak-ng always has."""
    return list(dict.fromkeys((wanted, wanted.partition("-")[0], DEFAULT_VOICE)))


def _write_beep(path: str) -> None:
    """Write a beep of 0.4 s and silence, two seconds in all, for playing in a loop."""
    rate, hertz, loud = 8000, 880, 3500
    samples = [round(loud * math.sin(2 * math.pi * hertz * n / rate)) for n in range(rate * 2 // 5)]
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(array.array("h", samples + [0] * (2 * rate - len(samples))).tobytes())
