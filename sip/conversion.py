"""From one of our codecs to another, packet by packet: all three make one byte a tick of RTP's clock."""

from __future__ import annotations

from typing import Any

from sip.journal import note
from sip.rtp import G722, PCMA, PCMU, TRANSLATIONS

_SILENCE = {PCMU: 0xFF, PCMA: 0xD5, G722: 0xFA}
#: FFmpeg's name and the sampling rate of each, which for G.722 is not what RTP says (RFC 3551 section 4.5.2).
_FFMPEG = {PCMU: ("pcm_mulaw", 8000), PCMA: ("pcm_alaw", 8000), G722: ("g722", 16000)}


def convertible(source: int, target: int) -> bool:
    """Whether audio of one payload type can be made into the other."""
    return source in _FFMPEG and target in _FFMPEG


class Converter:
    """One stream's way from one payload type to another. As many bytes come out as go in."""

    def __init__(self, source: int, target: int) -> None:
        self._table = TRANSLATIONS.get((source, target))
        self._target = target
        self._waiting = b""
        self._through: tuple[Any, Any, Any] | None = None
        if self._table is None and source != target:
            self._through = _through(source, target)

    def convert(self, payload: bytes) -> bytes:
        """The payload in the other codec; silence where it makes no sense."""
        if self._table is not None:
            return payload.translate(self._table)
        if self._through is None:
            return payload
        try:
            self._waiting += _run(self._through, payload)
        except Exception as error:  # noqa: BLE001 - FFmpeg's errors have no common ancestor but this
            note("conversion_failed", kind=type(error).__name__, reason=error)
        missing = max(0, len(payload) - len(self._waiting))
        made = bytes([_SILENCE[self._target]]) * missing + self._waiting[: len(payload) - missing]
        self._waiting = self._waiting[len(payload) - missing :]
        return made


def _through(source: int, target: int) -> tuple[Any, Any, Any]:
    # 20 MB and 0.4 s, for the few legs that need it.
    import av

    (decoding, in_rate), (encoding, out_rate) = _FFMPEG[source], _FFMPEG[target]
    decoder: Any = av.CodecContext.create(decoding, "r")
    decoder.sample_rate, decoder.layout = in_rate, "mono"
    encoder: Any = av.CodecContext.create(encoding, "w")
    encoder.sample_rate, encoder.layout, encoder.format = out_rate, "mono", "s16"
    return decoder, av.AudioResampler(format="s16", layout="mono", rate=out_rate), encoder


def _run(through: tuple[Any, Any, Any], payload: bytes) -> bytes:
    import av

    decoder, resampler, encoder = through
    return b"".join(
        bytes(packet)
        for frame in decoder.decode(av.Packet(payload))
        for resampled in resampler.resample(frame)
        for packet in encoder.encode(resampled)
    )
