"""The front: it owns the port that trunks are registered from, for the workers that carry the calls.

Many carriers take a call only from the address and port that registered, and send requests only there. A UDP
port, and a connection, belong to one process: the registrar's worker. So the other workers send through it,
over a Unix socket, and it hands each message that comes in to the worker that holds its Call-ID. It judges
nothing but how much comes in: the worker's own gate does.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from twisted.internet import protocol
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import Int32StringReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from sip.gate.calls import Flow
from sip.gate.frames import Frame, call_id_in, load
from sip.gate.limits import Buckets
from sip.gate.message import LARGEST_MESSAGE
from sip.gate.wires import Wires
from sip.journal import note
from sip.reactor import Reactor

#: Messages a second, and at once, that one address may send to all workers together.
_SOURCE = (2000, 4000)
#: Seconds after its start in which a front may not yet know who holds a call, and messages kept meanwhile.
_ACQUAINTANCE, _MOST_KEPT = 1.5, 200
#: Peers that were written to and are therefore heard, beside the trunks' own addresses.
_MOST_SPOKEN = 256


class Front:
    """Passes messages between the world and the workers."""

    def __init__(self, reactor: Reactor, wires: Wires, changed: Callable[[], None]) -> None:
        self._reactor = reactor
        self.wires = wires
        self._changed = changed
        self._began_at = reactor.seconds()
        self._holders: dict[str, Line] = {}
        self._lines: set[Line] = set()
        self._by_source = Buckets(*_SOURCE, 256)
        self._kept: deque[tuple[bytes, Flow]] = deque(maxlen=_MOST_KEPT)
        #: Addresses that workers have written to, the least recent first.
        self.spoken: dict[str, None] = {}
        #: Takes what no worker is known to hold.
        self.unclaimed: Callable[[bytes, Flow], None] = lambda data, flow: None

    def listen(self, path: str) -> None:
        """Let workers come. The front before, which is dead, may have left its socket."""
        with suppress(FileNotFoundError):
            os.unlink(path)
        factory = protocol.Factory.forProtocol(lambda: Line(self))
        factory.noisy = False
        self._reactor.listenUNIX(path, factory, mode=0o600)

    # --- from the world ---------------------------------------------------------------------------------

    def take(self, data: bytes, flow: Flow) -> bool:
        """Hand a message to the worker that holds its call; whether that is done."""
        call_id = call_id_in(data)
        if not call_id:
            return False
        line = self._holders.get(call_id)
        if line is not None:
            if self._by_source.take(flow.address, self._reactor.seconds()):
                line.say(Frame("came", self._known_as(flow), data=data))
            return True
        left = self._began_at + _ACQUAINTANCE - self._reactor.seconds()
        if left <= 0 or data.startswith(b"INVITE "):
            return False
        # Its worker may be about to say that it holds the call.
        if not self._kept:
            self._reactor.callLater(left, self._look_again)
        self._kept.append((data, flow))
        return True

    def _look_again(self) -> None:
        kept, self._kept = self._kept, deque(maxlen=_MOST_KEPT)
        for data, flow in kept:
            if not self.take(data, flow):
                self.unclaimed(data, flow)

    def lost(self, flow: Flow, reason: str) -> None:
        """A connection is gone: tell the workers that used it."""
        frame = Frame("lost", self._known_as(flow), reason=reason)
        for line in self._lines:
            line.say(frame)

    def refused(self, data: bytes) -> None:
        """A datagram came back (ICMP), or its beginning."""
        holder = self._holders.get(call_id_in(data))
        for line in self._lines if holder is None else (holder,):
            line.say(Frame("refused", data=data))

    def _known_as(self, flow: Flow) -> Flow:
        return replace(flow, key=0) if flow.key in self.wires.opened else flow

    # --- from workers -----------------------------------------------------------------------------------

    def came(self, line: Line) -> None:
        """A worker is there."""
        self._lines.add(line)

    def gone(self, line: Line) -> None:
        """A worker is gone. The worker that ends its calls in its place says so by sending."""
        self._lines.discard(line)
        for call_id in line.calls:
            if self._holders.get(call_id) is line:
                del self._holders[call_id]

    def said(self, line: Line, frame: Frame) -> None:
        """A worker says something."""
        if frame.kind == "drops":
            line.calls.discard(frame.call_id)
            if self._holders.get(frame.call_id) is line:
                del self._holders[frame.call_id]
            return
        if frame.call_id:
            self._holders[frame.call_id] = line
            line.calls.add(frame.call_id)
        self._hear(frame.flow.address)
        if frame.kind == "send":
            self._send(line, frame)

    def _send(self, line: Line, frame: Frame) -> None:
        flow = frame.flow
        if flow.transport != "udp" and not flow.key:
            flow = self.wires.flow_to(flow.transport, flow.address, flow.port, frame.tls, frame.name)
        if not self.wires.put(frame.data, flow) and flow.transport != "udp":
            line.say(Frame("lost", frame.flow, reason="the connection is gone"))

    def _hear(self, address: str) -> None:
        """Who is written to may answer."""
        if not address:
            return
        new = self.spoken.pop(address, self) is self
        self.spoken[address] = None
        if len(self.spoken) > _MOST_SPOKEN:
            del self.spoken[next(iter(self.spoken))]
        if new:
            self._changed()


@implementer(IPushProducer)
class Line(Int32StringReceiver):
    """The front's end of the line to one worker."""

    MAX_LENGTH = LARGEST_MESSAGE + 8192

    def __init__(self, front: Front) -> None:
        self._front = front
        #: The Call-IDs that the worker holds.
        self.calls: set[str] = set()
        self._full = False

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """A worker comes."""
        if self.transport is not None:
            self.transport.registerProducer(self, True)
        self._front.came(self)

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """It is gone."""
        self._front.gone(self)

    def stringReceived(self, string: bytes) -> None:  # noqa: N802 - Twisted's name
        """It says something."""
        try:
            frame = load(string)
        except ValueError as error:
            note("frame_unreadable", reason=error)
            return
        self._front.said(self, frame)

    def say(self, frame: Frame) -> None:
        """Tell it something, unless it does not listen: what it misses, peers send again."""
        if not self._full:
            self.sendString(frame.dump())  # type: ignore[no-untyped-call]

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """It does not listen."""
        self._full = True

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """It listens again."""
        self._full = False

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """It is gone."""
        self._full = True
