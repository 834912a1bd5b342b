"""Prompts and tones as files that rtpengine plays: prepared once, in the codec of the leg that hears them."""

from __future__ import annotations

import asyncio
import hashlib
import math
import os
import struct
from array import array
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routing.plan import Prompt, Tone
from sip.rtp import PCMA, PCMU, TRANSLATIONS, ULAW
from sip.voice import level_of

RATE = 8000
#: WAV's number of each codec that needs no work of rtpengine's when it is played (RFC 2361); others play PCM.
_FORMATS = {"PCMU": (7, "pcm_mulaw"), "PCMA": (6, "pcm_alaw")}
_PCM = (1, "pcm_s16le")
#: Files kept; prompts of speech come and go.
_MOST = 500
#: Peak of a tone, and length of the file of silence in seconds.
_LOUD, _SILENCE = 8000, 10.0
#: Bytes before a file's samples.
_HEAD = 44
#: Seconds of one level.
_LOOK = 0.02


class PromptError(Exception):
    """A file that is no audio, or cannot be read."""


class Prompts:
    """The prepared files, in a folder of our own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: OrderedDict[tuple[object, ...], Path] = OrderedDict()
        self._making: dict[tuple[object, ...], asyncio.Task[Path]] = {}
        self._loudness: dict[Path, Loudness] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def prepare(self, audio: Prompt | Tone | None, codec: str) -> Path:
        """A file to play, of silence for None; :class:`PromptError` where there is none."""
        key = (*_identity(audio), codec if codec in _FORMATS else "")
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
            return known
        if key not in self._making:
            self._making[key] = asyncio.ensure_future(self._make(key, audio, codec))
        return await asyncio.shield(self._making[key])

    async def loudness(self, path: Path) -> Loudness:
        """How loud a prepared file is."""
        if path not in self._loudness:
            self._loudness[path] = await asyncio.to_thread(loudness_of, path)
        return self._loudness[path]

    async def _make(self, key: tuple[object, ...], audio: Prompt | Tone | None, codec: str) -> Path:
        name = hashlib.sha256(repr(key).encode()).hexdigest()[:24]
        path = self._folder / f"{name}.wav"
        try:
            await asyncio.to_thread(_write, path, audio, _FORMATS.get(codec, _PCM))
        finally:
            del self._making[key]
        self._known[key] = path
        while len(self._known) > _MOST:
            # A leg that hears it goes on: rtpengine has it open.
            oldest = self._known.popitem(last=False)[1]
            oldest.unlink(missing_ok=True)
            self._loudness.pop(oldest, None)
        return path


def _identity(audio: Prompt | Tone | None) -> tuple[object, ...]:
    if isinstance(audio, Prompt):
        try:
            state = os.stat(audio.path)
        except OSError as error:
            raise PromptError(f"{audio.path}: {error.strerror}") from error
        return ("prompt", audio.path, state.st_mtime_ns, state.st_size)
    return ("tone", audio.bursts) if isinstance(audio, Tone) else ("silence",)


def _write(path: Path, audio: Prompt | Tone | None, kind: tuple[int, str]) -> None:
    samples = _read(audio.path) if isinstance(audio, Prompt) else _tone(audio.bursts if audio else ())
    body = _encoded(samples, kind[1])
    width = 2 if kind == _PCM else 1
    head = struct.pack("<HHIIHH", kind[0], 1, RATE, RATE * width, width, 8 * width)
    part = path.with_suffix(".part")
    with suppress(FileNotFoundError):
        part.unlink()
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt " + struct.pack("<I", len(head)))
        file.write(head + b"data" + struct.pack("<I", len(body)) + body)
    part.rename(path)


def _read(path: str) -> array[int]:
    """The samples of any audio file, mono at 8 kHz."""
    # 20 MB and 0.4 s, in a thread, and only where a prompt is not prepared yet.
    import av

    samples = array("h")
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    try:
        with av.open(path) as container:
            for frame in (*container.decode(audio=0), None):
                for made in resampler.resample(frame):
                    samples.frombytes(bytes(made.planes[0])[: 2 * made.samples])
    except (av.error.FFmpegError, IndexError, OSError) as error:
        raise PromptError(f"{path}: {error}") from error
    if not samples:
        raise PromptError(f"{path}: no audio")
    return samples


def _tone(bursts: tuple[tuple[int, int, int, int], ...]) -> array[int]:
    """One round of a tone, or a while of silence."""
    samples = array("h")
    for first, second, on, off in bursts:
        heard = [hertz for hertz in (first, second) if hertz]
        samples.extend(
            round(
                sum(_LOUD * math.sin(2 * math.pi * hertz * at / RATE) for hertz in heard) / max(1, len(heard))
            )
            for at in range(on * RATE // 1000)
        )
        samples.extend([0] * (off * RATE // 1000))
    return samples or array("h", [0] * round(_SILENCE * RATE))


def _encoded(samples: array[int], codec: str) -> bytes:
    if codec == _PCM[1]:
        return samples.tobytes()
    import av

    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, "mono", "s16"
    frame: Any = av.AudioFrame(format="s16", layout="mono", samples=len(samples))
    frame.planes[0].update(samples.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
    frame.sample_rate = RATE
    return b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None)))


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud a prepared file is, in each 20 ms (:mod:`sip.voice`)."""

    levels: bytes

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.levels) * _LOOK

    def at(self, seconds: float, *, loop: bool) -> int:
        """The level so many seconds after it began."""
        at = int(seconds / _LOOK)
        if not self.levels or at < 0 or (at >= len(self.levels) and not loop):
            return 0
        return self.levels[at % len(self.levels)]


def loudness_of(path: Path) -> Loudness:
    """Read a prepared file."""
    data = path.read_bytes()
    kind, samples = int.from_bytes(data[20:22], "little"), array("h")
    if kind == _PCM[0]:
        samples.frombytes(data[_HEAD:])
    else:
        codes = data[_HEAD:]
        # A-law's codes as those of µ-law: as exact as a level needs.
        codes = codes if kind == _FORMATS["PCMU"][0] else codes.translate(TRANSLATIONS[PCMA, PCMU])
        samples.extend(ULAW[code] for code in codes)
    frame = round(RATE * _LOOK)
    return Loudness(bytes(level_of(samples[at : at + frame]) for at in range(0, len(samples), frame)))
