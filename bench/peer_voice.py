"""What a bench peer says, encoded beforehand, and what the packets that it got sound like."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from bench.peer_sdp import Codec
from bench.sound import FRAME, Samples, decode, speech
from webrtc.opus import Decoder, Encoder

#: Packets of one round of speech, which is one second.
ROUND = 50
#: Ticks of the RTP clock a packet.
TICKS: dict[Codec, int] = {"PCMU": 160, "opus": 960}


@dataclasses.dataclass(frozen=True)
class PeerVoice:
    """One round of speech as payloads, and as it sounds, one packet a row."""

    codec: Codec
    payloads: tuple[bytes, ...]
    frames: Samples


def voice(codec: Codec, hz: int) -> PeerVoice:
    """The speech of a side that says the tone ``hz``, in this codec."""
    codes = speech(hz)
    rows = decode(np.frombuffer(codes, np.uint8)).reshape(ROUND, FRAME)
    if codec == "PCMU":
        return PeerVoice(codec, tuple(codes[at : at + FRAME] for at in range(0, len(codes), FRAME)), rows)
    encoder = Encoder()
    # The first rounds bring encoder and decoder to where a round's end leads into its beginning.
    packets = [encoder.encode(row.astype("<i2").tobytes()) for _ in range(3) for row in rows]
    encoder.close()
    payloads = tuple(packets[-ROUND:])
    return PeerVoice(codec, payloads, decoded(codec, [*payloads, *payloads])[-ROUND:])


def decoded(codec: Codec, payloads: Iterable[bytes | None]) -> Samples:
    """The samples of packets in order, one packet a row; a lost one (None) is silence."""
    if codec == "PCMU":
        silence = b"\xff" * FRAME
        whole = b"".join(payload if payload and len(payload) == FRAME else silence for payload in payloads)
        return decode(np.frombuffer(whole, np.uint8)).reshape(-1, FRAME)
    decoder = Decoder()
    rows = []
    for payload in payloads:
        samples = np.frombuffer(decoder.decode(payload) if payload else decoder.conceal(), np.int16)
        rows.append(samples[:FRAME].astype(np.float64) if len(samples) >= FRAME else np.zeros(FRAME))
    decoder.close()
    return np.array(rows) if rows else np.empty((0, FRAME))


def by_sequence(numbers: npt.NDArray[np.int64], payloads: dict[int, bytes], codec: Codec) -> Samples:
    """The frames of a stream's packets (sequence numbers as on the wire, in the order of their times)."""
    if not len(numbers):
        return np.empty((0, FRAME))
    steps = (np.diff(numbers) + 0x8000 & 0xFFFF) - 0x8000
    unwrapped = numbers[0] + np.concatenate([[0], np.cumsum(steps)])
    # Decoded in the order of their numbers, the missing ones included.
    first, last = int(unwrapped.min()), int(unwrapped.max())
    sound = decoded(codec, (payloads.get(number & 0xFFFF) for number in range(first, last + 1)))
    return np.asarray(sound[unwrapped - first])
