"""A capture file (pcap of Ethernet, IPv4 and UDP, as loopback gives it) as arrays, one row a datagram."""

from __future__ import annotations

import dataclasses
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

_FILE_HEADER = 24
_RECORD = struct.Struct("<IIII")
_MAGIC_MICROSECONDS = 0xA1B2C3D4
_HEADERS = 14 + 20 + 8
_RTP_HEADER = 12


@dataclasses.dataclass(frozen=True)
class CapturedPackets:
    """Datagrams in the order of their times (seconds since the epoch); ``start`` is the payload's offset."""

    data: npt.NDArray[np.uint8]
    time: npt.NDArray[np.float64]
    start: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]

    @classmethod
    def read(cls, path: Path) -> CapturedPackets:
        """Every UDP datagram of a capture. ValueError if it is no pcap file with microseconds."""
        raw = path.read_bytes()
        if len(raw) < _FILE_HEADER or struct.unpack_from("<I", raw)[0] != _MAGIC_MICROSECONDS:
            raise ValueError(f"{path} is no pcap file")
        times: list[float] = []
        offsets: list[int] = []
        at = _FILE_HEADER
        while at + _RECORD.size <= len(raw):
            seconds, microseconds, kept, _ = _RECORD.unpack_from(raw, at)
            at += _RECORD.size
            if kept >= _HEADERS and at + kept <= len(raw):
                times.append(seconds + microseconds / 1e6)
                offsets.append(at + _HEADERS)
            at += kept
        data = np.frombuffer(raw, np.uint8)
        start = np.array(offsets, np.int64)
        time = np.array(times)
        order = np.argsort(time, kind="stable")
        start, time = start[order], time[order]
        # A short frame is padded: UDP's own length counts.
        length = _short(data, start - 4) - 8
        return cls(data, time, start, length, _short(data, start - 8), _short(data, start - 6))

    def __len__(self) -> int:
        return len(self.time)

    def chosen(self, which: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> CapturedPackets:
        """Some of them."""
        return CapturedPackets(
            self.data,
            self.time[which],
            self.start[which],
            self.length[which],
            self.source[which],
            self.target[which],
        )

    def text(self, index: int) -> str:
        """The payload of one, as text."""
        start = int(self.start[index])
        return bytes(self.data[start : start + int(self.length[index])]).decode("utf-8", "replace")

    def audio(self) -> CapturedPackets:
        """The RTP packets (RFC 3550) of PCMU with 20 ms each."""
        long_enough = self.chosen(self.length == _RTP_HEADER + 160)
        version = long_enough.data[long_enough.start] >> 6
        payload_type = long_enough.data[long_enough.start + 1] & 0x7F
        return long_enough.chosen((version == 2) & (payload_type == 0))

    def secured(self) -> CapturedPackets:
        """The SRTP packets (RFC 3711), whose headers are as in RTP: no RTCP, no DTLS, no STUN."""
        long_enough = self.chosen(self.length > _RTP_HEADER)
        version = long_enough.data[long_enough.start] >> 6
        kind = long_enough.data[long_enough.start + 1]
        return long_enough.chosen((version == 2) & ((kind < 192) | (kind > 223)))

    # Of RTP packets alone -------------------------------------------------------------------------------

    @property
    def sequence(self) -> npt.NDArray[np.int64]:
        """RTP sequence numbers."""
        return _short(self.data, self.start + 2)

    @property
    def sender(self) -> npt.NDArray[np.int64]:
        """RTP synchronisation sources."""
        return _short(self.data, self.start + 8) << 16 | _short(self.data, self.start + 10)

    def codes(self) -> npt.NDArray[np.uint8]:
        """The µ-law samples, one packet a row."""
        return np.asarray(self.data[self.start[:, None] + _RTP_HEADER + np.arange(160)])


def _short(data: npt.NDArray[np.uint8], at: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.asarray(data[at].astype(np.int64) << 8 | data[at + 1])
