"""What Sofia writes down of the messages that pass (its TPTAG_DUMP), read back."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Literal, NamedTuple, cast

from sip.gate.streams import Framer, FramingError

_MOST_STREAMS = 1000
#: What Sofia writes after each message.
_MARK = b"\v\n"
_HEAD = re.compile(
    rb"(?:^|\n)(recv|sent) ([0-9]{1,6}) bytes (?:from|to) (udp|tcp|tls)/"
    rb"\[?([0-9A-Fa-f:.]{2,45})\]?:([0-9]{1,5})[^\n]{0,200}\n"
)


class Passed(NamedTuple):
    """One message, or, of a stream, what came or left at once."""

    sent: bool
    transport: Literal["udp", "tcp", "tls"]
    address: str
    port: int
    data: bytes


def records(text: bytes) -> Iterator[Passed]:
    """What was written down. Pure."""
    at = 0
    while (head := _HEAD.search(text, at)) is not None:
        at = _end(text, head.end(), int(head[2]))
        transport = cast(Literal["udp", "tcp", "tls"], head[3].decode())
        data = text[head.end() : at]
        yield Passed(head[1] == b"sent", transport, head[4].decode(), int(head[5]), data)


def _end(text: bytes, start: int, size: int) -> int:
    """Where a message ends: what Sofia sends with an SDP, it writes down without that."""
    if text.startswith(_MARK, start + size):
        return start + size
    end = text.find(_MARK, start)
    return end if end >= 0 else start + size


def without_body(message: bytes) -> bytes:
    """The head of a message, as one that has no body."""
    lines = message.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return b"\r\n".join([*(line for line in lines if not line.startswith(b"Content-")), b"", b""])


class Dump:
    """A file in memory that Sofia writes to, for one of its agents."""

    def __init__(self) -> None:
        self._file = os.memfd_create("sip-trace", os.MFD_CLOEXEC)
        self._streams: dict[tuple[bool, str, int], Framer] = {}
        #: What Sofia opens.
        self.path = f"/proc/self/fd/{self._file}"

    def close(self) -> None:
        """Keep nothing any more."""
        os.close(self._file)

    def read(self) -> Iterator[Passed]:
        """The whole messages that passed since the last time."""
        size = os.fstat(self._file).st_size
        if not size:
            return
        text = os.pread(self._file, size, 0)
        os.ftruncate(self._file, 0)
        for one in records(text):
            if one.transport == "udp":
                yield one
            else:
                yield from self._framed(one)

    def _framed(self, one: Passed) -> Iterator[Passed]:
        key = (one.sent, one.address, one.port)
        if len(self._streams) >= _MOST_STREAMS:
            self._streams.clear()
        try:
            for message in self._streams.setdefault(key, Framer()).feed(one.data):
                yield one._replace(data=message)
        except FramingError:
            del self._streams[key]
