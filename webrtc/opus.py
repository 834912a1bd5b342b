"""Opus (RFC 6716) by libopus: mono voice at 8 kHz, with in-band FEC and concealment."""

from __future__ import annotations

import ctypes
import importlib.util
from functools import cache
from pathlib import Path

RATE = 8000
#: 20 ms, as WebRTC sends them; the longest packet that Opus has is 120 ms.
FRAME = RATE // 50
_LONGEST = 6 * FRAME
_LONGEST_PACKET = 1275
_APPLICATION_VOIP = 2048
# Requests of opus_defines.h.
_SET_BITRATE, _SET_COMPLEXITY, _SET_INBAND_FEC, _SET_PACKET_LOSS, _SET_SIGNAL = 4002, 4010, 4012, 4014, 4024
_SIGNAL_VOICE = 3001
#: Bits a second: enough for narrowband voice and its forward error correction.
_BITRATE = 32000
_COMPLEXITY = 5
#: Loss in per cent that the encoder expects at least; at 0 it adds no error correction.
_LEAST_LOSS, _MOST_LOSS = 10, 30


class OpusError(Exception):
    """libopus is missing, or refused a packet."""


@cache
def _library() -> ctypes.CDLL:
    for path in ("libopus.so.0", *_bundled()):
        try:
            library = ctypes.CDLL(path)
        except OSError:
            continue
        library.opus_encoder_create.restype = library.opus_decoder_create.restype = ctypes.c_void_p
        return library
    raise OpusError("libopus is missing: install it (Debian: libopus0)")


def _bundled() -> list[str]:
    """Find libopus; PyAV, which aiortc needs, ships one."""
    spec = importlib.util.find_spec("av")
    if spec is None or spec.origin is None:
        return []
    return [str(path) for path in Path(spec.origin).parent.parent.glob("av.libs/libopus-*")]


class Encoder:
    """Encodes one stream to a browser."""

    def __init__(self) -> None:
        self._library = _library()
        error = ctypes.c_int()
        made = self._library.opus_encoder_create(RATE, 1, _APPLICATION_VOIP, ctypes.byref(error))
        _check(error.value)
        self._state = ctypes.c_void_p(made)
        self._packet = ctypes.create_string_buffer(_LONGEST_PACKET)
        self._expected = 0
        for request, value in (
            (_SET_BITRATE, _BITRATE),
            (_SET_COMPLEXITY, _COMPLEXITY),
            (_SET_INBAND_FEC, 1),
            (_SET_SIGNAL, _SIGNAL_VOICE),
        ):
            _check(self._library.opus_encoder_ctl(self._state, request, ctypes.c_int(value)))
        self.expect_loss(0)

    def expect_loss(self, percent: float) -> None:
        """Add error correction for this loss, in per cent."""
        expected = min(max(round(percent), _LEAST_LOSS), _MOST_LOSS)
        if expected != self._expected:
            self._expected = expected
            _check(self._library.opus_encoder_ctl(self._state, _SET_PACKET_LOSS, ctypes.c_int(expected)))

    def encode(self, samples: bytes) -> bytes:
        """One packet of 20, 40 or 60 ms; :class:`OpusError` for any other length."""
        length = self._library.opus_encode(
            self._state, samples, len(samples) // 2, self._packet, _LONGEST_PACKET
        )
        return self._packet.raw[: _check(length)]

    def close(self) -> None:
        """Free the encoder."""
        self._library.opus_encoder_destroy(self._state)


class Decoder:
    """Decodes one stream from a browser. Decode packets in order, and each loss in its place."""

    def __init__(self) -> None:
        self._library = _library()
        error = ctypes.c_int()
        made = self._library.opus_decoder_create(RATE, 1, ctypes.byref(error))
        _check(error.value)
        self._state = ctypes.c_void_p(made)
        self._samples = ctypes.create_string_buffer(2 * _LONGEST)

    def decode(self, packet: bytes) -> bytes:
        """Samples of a packet; :class:`OpusError` if it is malformed."""
        return self._decode(packet, len(packet), _LONGEST, 0)

    def recover(self, following: bytes) -> bytes:
        """The 20 ms before a packet, from its error correction if it has any, else concealed."""
        return self._decode(following, len(following), FRAME, 1)

    def conceal(self) -> bytes:
        """20 ms of concealment."""
        return self._decode(None, 0, FRAME, 0)

    def close(self) -> None:
        """Free the decoder."""
        self._library.opus_decoder_destroy(self._state)

    def _decode(self, packet: bytes | None, length: int, frame: int, fec: int) -> bytes:
        count = _check(self._library.opus_decode(self._state, packet, length, self._samples, frame, fec))
        return self._samples.raw[: 2 * count]


def _check(result: int) -> int:
    if result < 0:
        raise OpusError(f"libopus: error {result}")
    return result
