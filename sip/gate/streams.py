"""SIP over TCP and TLS: connections, and messages cut out of them (RFC 3261 section 18)."""

# mypy: disallow-untyped-calls=False
# Twisted leaves much without annotations.

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from twisted.internet import protocol
from twisted.internet.protocol import connectionDone

from sip.gate.calls import Flow
from sip.gate.message import LARGEST_HEAD, LARGEST_MESSAGE
from sip.journal import note

#: Seconds that a connection may lie unused, and that a half message may take.
LONGEST_REST, LONGEST_HALF = 600.0, 20.0
_LENGTH = re.compile(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*([0-9]{1,8})[ \t]*\r?$")


class FramingError(ValueError):
    """The stream cannot be cut into messages any more."""


class Framer:
    """Cuts a stream of bytes into messages by their Content-Length. Pure."""

    def __init__(self) -> None:
        self._buffer = b""

    @property
    def half(self) -> bool:
        """Whether it holds a part of a message."""
        return bool(self._buffer.strip(b"\r\n"))

    def feed(self, data: bytes) -> list[bytes]:
        """The complete messages; a keep-alive (RFC 5626 section 3.5.1) is two line ends."""
        self._buffer += data
        found: list[bytes] = []
        while True:
            if self._buffer.startswith(b"\r\n\r\n"):
                found.append(b"\r\n\r\n")
            self._buffer = self._buffer.lstrip(b"\r\n")
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > LARGEST_HEAD:
                    raise FramingError("a head that does not end")
                return found
            length = _LENGTH.search(self._buffer, 0, end + 2)
            size = end + 4 + (int(length[1]) if length else 0)
            if size > LARGEST_MESSAGE:
                raise FramingError("a message too large")
            if len(self._buffer) < size:
                return found
            found.append(self._buffer[:size])
            self._buffer = self._buffer[size:]


class Stream(protocol.Protocol):
    """One connection; what is sent before it stands is kept until then."""

    def __init__(
        self,
        flow: Flow,
        reactor: Any,
        received: Callable[[bytes, Flow], None],
        lost: Callable[[Flow, str], None],
    ) -> None:
        self.flow = flow
        self.reactor = reactor
        self._received, self._lost = received, lost
        self._framer = Framer()
        self._waiting: list[bytes] = []
        self._up = False
        self.used_at: float = reactor.seconds()
        self._half_since: float | None = None
        self.over = False

    def send(self, data: bytes) -> None:
        """Write one message, or keep it until the connection stands."""
        self.used_at = self.reactor.seconds()
        if self._up and self.transport is not None:
            self.transport.write(data)  # type: ignore[call-arg, misc]
        elif len(self._waiting) < 50:
            self._waiting.append(data)

    def stand(self) -> None:
        """The connection, and TLS on it, stands."""
        self._up = True
        waiting, self._waiting = self._waiting, []
        for data in waiting:
            self.send(data)

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """TCP stands. TLS does when its handshake is done."""
        if self.transport is not None:
            self.transport.setTcpNoDelay(True)
            self.transport.setTcpKeepAlive(True)
        if self.flow.transport == "tcp":
            self.stand()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Cut out what is whole."""
        self.used_at = self.reactor.seconds()
        try:
            messages = self._framer.feed(data)
        except FramingError as error:
            note("stream_broken", peer=self.flow.address, reason=error)
            self.drop()
            return
        self._half_since = (self._half_since or self.used_at) if self._framer.half else None
        for message in messages:
            if message == b"\r\n\r\n":
                self.send(b"\r\n")
            else:
                self._received(message, self.flow)

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """Tell, once."""
        self.fail(reason.getErrorMessage())

    def fail(self, reason: str) -> None:
        """Mark the connection as failed for good."""
        if not self.over:
            self.over = True
            self._lost(self.flow, reason)

    def drop(self) -> None:
        """Close it at once."""
        if self.transport is not None:
            self.transport.abortConnection()

    def stale(self, now: float) -> bool:
        """Whether it was idle too long, or a message is incomplete for too long."""
        half = self._half_since is not None and now - self._half_since > LONGEST_HALF
        return half or now - self.used_at > LONGEST_REST
