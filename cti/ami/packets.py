"""AMI on the wire: packets of ``Key: value`` lines, read and written with asterisk-ami's classes. Pure.

Asterisk is not trusted: its input has bounds, and no value can end a line early.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from asterisk.ami.action import Action
from asterisk.ami.event import Event
from asterisk.ami.response import Response

#: Bytes without the end of a packet after which the other side makes no sense.
LONGEST_PACKET = 256 * 1024
#: Asterisk refuses a longer line (manager.c: 1024 with the line's end).
LONGEST_LINE = 1000
#: Asterisk refuses a packet of more lines (AST_MAX_MANHEADERS).
MOST_LINES = 128
_LINE_END = b"\r\n"
_END = _LINE_END * 2
_GREETING = re.compile(r"Asterisk Call Manager/\d")
#: What ``str.splitlines`` takes for a line's end and AMI does not: a caller's name may hold it.
_FALSE_ENDS = re.compile("(?<!\r)\n|[\v\f\x1c-\x1e\x85\u2028\u2029]|\r(?!\n)")
_CONTROL = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,79}")


class AmiPeerError(Exception):
    """The other side does not speak AMI."""


class UnsendableError(ValueError):
    """An action that Asterisk would refuse or misread."""


class Packets:
    """Cuts what arrives into the greeting and then packets."""

    def __init__(self) -> None:
        self._data = b""
        self._at = 0
        #: Whether the greeting has been there.
        self.greeted = False

    def feed(self, data: bytes) -> None:
        """Take what arrived. :class:`AmiPeerError` where no packet ends in it for too long."""
        self._data = self._data[self._at :] + data
        self._at = 0
        end = _END if self.greeted else _LINE_END
        if len(self._data) > LONGEST_PACKET and end not in self._data:
            raise AmiPeerError(f"no packet ended within {LONGEST_PACKET} bytes")

    def next(self) -> Response | Event | None:
        """The next packet that is complete, if any. :class:`AmiPeerError` for a greeting that is none."""
        if not self.greeted:
            greeting = self._take(_LINE_END)
            if greeting is None:
                return None
            if not _GREETING.match(greeting.decode(errors="replace")):
                raise AmiPeerError("what answered there is no Asterisk manager")
            self.greeted = True
        while (packet := self._take(_END)) is not None:
            if (read := _read(packet)) is not None:
                return read
        return None

    def _take(self, end: bytes) -> bytes | None:
        found = self._data.find(end, self._at)
        if found < 0:
            return None
        taken, self._at = self._data[self._at : found], found + len(end)
        return taken


def encode(action: Action, action_id: str) -> bytes:
    """An action as it is sent. :class:`UnsendableError` where it cannot be one packet as it was meant."""
    keys: Mapping[str, object] = action.keys
    for key in keys:
        if not _KEY.fullmatch(key) or key.lower() in ("action", "actionid"):
            raise UnsendableError(f"no key: {key!r}")
    texts = [action.name, *map(str, keys.values()), *action.variables, *map(str, action.variables.values())]
    if any(_CONTROL.search(text) for text in texts):
        raise UnsendableError("control characters")
    whole = Action(action.name, {**keys, "ActionID": action_id}, dict(action.variables))
    data = f"{whole}\r\n".encode()
    lines = data.split(b"\r\n")
    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
        raise UnsendableError("longer than Asterisk reads")
    return data


def one_line(text: str, longest: int = 400) -> str:
    """Any text as the value of a line: control characters become spaces; at most so many bytes of UTF-8."""
    return _CONTROL.sub(" ", text).encode(errors="replace")[:longest].decode(errors="ignore")


def value(packet: Response | Event, key: str) -> str:
    """A value of a packet; empty where it has none. A repeated key's values come joined by line ends."""
    found = packet.keys.get(key, "")
    return found if isinstance(found, str) else ""


def _read(packet: bytes) -> Response | Event | None:
    """A response or an event; None for what is neither, as for an empty packet."""
    text = _FALSE_ENDS.sub(" ", packet.decode(errors="replace").lstrip("\r\n"))
    if Response.match(text):
        return Response.read(text)
    # The class asks for this very form of the first line.
    return Event.read(text) if re.match(r"Event: \S", text, re.IGNORECASE) else None
