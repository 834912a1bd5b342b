"""A made-up call on the wire, as a capture file."""

from __future__ import annotations

import struct
from pathlib import Path

from bench.sound import FRAME, RATE

SHOPPER, BUSINESS, SERVER = 10000, 10010, 20000
SHOPPER_RTP, BUSINESS_RTP, SERVER_RTP_SHOPPER, SERVER_RTP_BUSINESS = 10002, 10012, 20002, 20004
NUMBER = "16175550000"

_SDP = "\r\nv=0\r\nc=IN IP4 127.0.0.1\r\nm=audio {port} RTP/AVP 0\r\n"


class Wire:
    """Datagrams with their times in seconds; :meth:`write` puts them into a file."""

    def __init__(self) -> None:
        self._packets: list[tuple[float, int, int, bytes]] = []

    def send(self, time: float, source: int, target: int, payload: bytes) -> None:
        self._packets.append((time, source, target, payload))

    def sip(
        self, time: float, source: int, target: int, start: str, leg: str, method: str, rtp: int = 0
    ) -> None:
        caller = NUMBER if leg == "business" else "16175550199"
        headers = f"Call-ID: {leg}-1\r\nFrom: <sip:+{caller}@127.0.0.1>;tag=1\r\nCSeq: 1 {method}\r\n"
        text = f"{start}\r\n{headers}" + (_SDP.format(port=rtp) if rtp else "\r\n")
        self.send(time, source, target, text.encode())

    def speak(
        self,
        source: int,
        target: int,
        since: float,
        codes: bytes,
        *,
        late: float = 0.0,
        without: range = range(0),
        first: int = 0,
    ) -> None:
        """Stream ``codes`` in packets of 20 ms from ``since`` on, each ``late``; some never leave."""
        for index in range(len(codes) // FRAME):
            if index in without:
                continue
            rtp = struct.pack(">BBHII", 0x80, 0, first + index & 0xFFFF, index * FRAME, source)
            part = codes[index * FRAME : (index + 1) * FRAME]
            self.send(since + late + index * FRAME / RATE, source, target, rtp + part)

    def write(self, path: Path) -> Path:
        with path.open("wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for time, source, target, payload in sorted(self._packets, key=lambda packet: packet[0]):
                udp = struct.pack(">HHHH", source, target, 8 + len(payload), 0)
                frame = bytes(12) + b"\x08\x00" + b"\x45" + bytes(19) + udp + payload
                whole = round(time * 1e6)
                file.write(
                    struct.pack("<IIII", whole // 1_000_000, whole % 1_000_000, len(frame), len(frame))
                )
                file.write(frame)
        return path
