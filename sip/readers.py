"""A socket of this process, watched by the reactor."""

from __future__ import annotations

import socket
from collections.abc import Callable

from twisted.internet.interfaces import IReadDescriptor
from zope.interface import implementer  # type: ignore[import-untyped]

from sip.journal import note
from sip.reactor import Reactor


@implementer(IReadDescriptor)
class SocketReader:
    """Calls ``readable`` while there is something to read."""

    def __init__(self, reactor: Reactor, sock: socket.socket, readable: Callable[[], None]) -> None:
        self._reactor = reactor
        self._fd = sock.fileno()
        self._readable = readable
        reactor.addReader(self)

    def close(self) -> None:
        """Stop watching; the socket itself stays open."""
        self._reactor.removeReader(self)

    def fileno(self) -> int:  # noqa: D102
        return self._fd

    def doRead(self) -> None:  # noqa: D102, N802 - Twisted's name
        try:
            self._readable()
        except Exception as error:  # noqa: BLE001 - the reactor would stop watching, in silence
            note("media_reader_failed", kind=type(error).__name__, reason=error)

    def logPrefix(self) -> str:  # noqa: D102, N802 - Twisted's name
        return "media"

    def connectionLost(self, reason: object) -> None:  # noqa: D102, N802 - Twisted's name
        note("media_socket_lost", reason=reason)
