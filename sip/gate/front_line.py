"""A worker's line to the front, which owns the port that trunks are registered from."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from twisted.internet import protocol
from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import Int32StringReceiver

from config.sections.one_port import Listener
from config.sections.trunks import Tls
from sip.gate.calls import Flow
from sip.gate.frames import Frame, call_id_in, load
from sip.gate.message import LARGEST_MESSAGE
from sip.gate.uris import Transport
from sip.journal import note
from sip.reactor import Reactor

#: Seconds until the next attempt to reach the front, at first and in the end, and for which a message waits.
_RETRY, _LONGEST_RETRY, _PATIENCE = 0.05, 1.0, 4.0
_MOST_WAITING, _MOST_CONNECTIONS = 200, 256

#: A call that is held, and an address that its peer speaks from.
Holding = tuple[str, str]


class FrontLine:
    """Sends through the front, and hears what it passes on.

    While there is no front, messages wait for the next one. It is told which calls this worker holds.
    """

    def __init__(
        self,
        reactor: Reactor,
        path: str,
        port: int,
        listeners: Mapping[Listener, int],
        received: Callable[[bytes, Flow], None],
        lost: Callable[[Flow, str], None],
        refused: Callable[[bytes], None],
        holdings: Callable[[], Iterable[Holding]],
    ) -> None:
        self._reactor, self._path = reactor, path
        self._port, self._listeners = port, dict(listeners)
        self._received, self._lost, self._refused = received, lost, refused
        self._holdings = holdings
        self._held: set[str] = set()
        self._line: _Line | None = None
        self._retry = _RETRY
        self._away_since = reactor.seconds()
        self._waiting: deque[tuple[float, Frame]] = deque(maxlen=_MOST_WAITING)
        #: Connections that were used, with what TLS needs to open them.
        self._connections: dict[Flow, tuple[Tls, str]] = {}
        self._connect()

    def port_of(self, transport: Transport, tls: Tls) -> int:
        """The front's port for a transport."""
        key: Listener = (transport, tls if transport == "tls" else Tls())
        return self._port if transport == "udp" else self._listeners.get(key, self._port)

    def flow_to(self, transport: Transport, address: str, port: int, tls: Tls, name: str) -> Flow:
        """The way there through the front."""
        flow = Flow(transport, address, port, 0, front=True)
        if transport != "udp":
            self._know(flow, tls, name)
        return flow

    def send(self, data: bytes, flow: Flow) -> bool:
        """Send a message through the front; False where it is away for too long."""
        tls, name = self._connections.get(flow, (Tls(), ""))
        call_id = call_id_in(data)
        self._held.add(call_id)
        frame = Frame("send", replace(flow, front=False), call_id, name, tls, data=data)
        if self._line is not None:
            self._line.say(frame)
            return True
        now = self._reactor.seconds()
        if now - self._away_since > _PATIENCE:
            return False
        self._waiting.append((now, frame))
        return True

    def forget_all_but(self, call_ids: Iterable[str]) -> None:
        """Tell the front which calls are long over."""
        for call_id in self._held.difference(call_ids):
            self._held.discard(call_id)
            if self._line is not None:
                self._line.say(Frame("drops", call_id=call_id))

    # --- the line ---------------------------------------------------------------------------------------

    def _connect(self) -> None:
        factory = _Factory(self)
        self._reactor.connectUNIX(self._path, factory, timeout=_PATIENCE)

    def stands(self, line: _Line) -> None:
        """There is a front. It may be a new one, which knows nothing."""
        self._line, self._retry = line, _RETRY
        for call_id, address in self._holdings():
            self._held.add(call_id)
            line.say(Frame("holds", Flow("udp", address, 0), call_id))
        now = self._reactor.seconds()
        waiting, self._waiting = list(self._waiting), deque(maxlen=_MOST_WAITING)
        for since, frame in waiting:
            if now - since <= _PATIENCE:
                line.say(frame)

    def broke(self) -> None:
        """The front is away, and its connections with it; another one will come."""
        if self._line is not None:
            note("front_lost")
            self._line, self._away_since = None, self._reactor.seconds()
            connections, self._connections = list(self._connections), {}
            for flow in connections:
                self._lost(flow, "the worker that owned it is gone")
        self._reactor.callLater(self._retry, self._connect)
        self._retry = min(2 * self._retry, _LONGEST_RETRY)

    def heard(self, frame: Frame) -> None:
        """The front says something."""
        flow = replace(frame.flow, front=True)
        if frame.kind == "came":
            if flow.transport != "udp" and flow not in self._connections:
                self._know(flow, Tls(), "")
            self._received(frame.data, flow)
        elif frame.kind == "refused":
            self._refused(frame.data)
        elif frame.kind == "lost" and self._connections.pop(flow, None) is not None:
            self._lost(flow, frame.reason)

    def _know(self, flow: Flow, tls: Tls, name: str) -> None:
        self._connections[flow] = (tls, name)
        if len(self._connections) > _MOST_CONNECTIONS:
            del self._connections[next(iter(self._connections))]


class _Line(Int32StringReceiver):
    """The connection itself."""

    MAX_LENGTH = LARGEST_MESSAGE + 8192

    def __init__(self, owner: FrontLine) -> None:
        self._owner = owner

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """The front is there."""
        self._owner.stands(self)

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """It is gone."""
        self._owner.broke()

    def stringReceived(self, string: bytes) -> None:  # noqa: N802 - Twisted's name
        """It says something."""
        try:
            frame = load(string)
        except ValueError as error:
            note("frame_unreadable", reason=error)
            return
        self._owner.heard(frame)

    def say(self, frame: Frame) -> None:
        """Tell it something."""
        self.sendString(frame.dump())  # type: ignore[no-untyped-call]


class _Factory(protocol.ClientFactory):
    """Makes the one connection of an attempt."""

    noisy = False

    def __init__(self, owner: FrontLine) -> None:
        self._owner = owner

    def buildProtocol(self, address: Any) -> _Line:  # noqa: N802 - Twisted's name
        """The connection."""
        return _Line(self._owner)

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:  # noqa: N802 - Twisted's name
        """No front yet."""
        self._owner.broke()
