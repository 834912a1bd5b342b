"""The sockets of the gate: the public one of UDP, listeners and connections of TCP and TLS, and PJSIP's."""

# mypy: disallow-untyped-calls=False

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from twisted.internet import protocol
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IReadDescriptor
from zope.interface import implementer  # type: ignore[import-untyped]

from config.sections.trunks import Tls
from sip import firewall
from sip.gate.calls import Flow
from sip.gate.streams import Stream
from sip.gate.uris import Transport
from sip.journal import note
from sip.reactor import Reactor

if TYPE_CHECKING:
    from sip.gate.front_line import FrontLine

#: Datagrams read before others get their turn; connections at once; seconds to connect.
_AT_ONCE, _MOST_STREAMS, _CONNECT_TIMEOUT = 20, 64, 5.0
_SWEEP = 10.0
#: Not in Python's socket module before 3.14; bytes of a datagram that came back, and of what is told of it.
_IP_RECVERR, _ENOUGH, _ANCILLARY = 11, 2048, 512

Received = Callable[[bytes, Flow], None]
Lost = Callable[[Flow, str], None]


class PortTakenError(OSError):
    """A SIP port cannot be opened."""


@implementer(IReadDescriptor)
class DatagramReader:
    """A UDP socket on the reactor."""

    def __init__(self, sock: socket.socket, received: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._socket = sock
        self._received = received

    def fileno(self) -> int:
        """Its descriptor."""
        return self._socket.fileno()

    def doRead(self) -> None:  # noqa: N802 - Twisted's name
        """Read what has come."""
        for _ in range(_AT_ONCE):
            try:
                data, source = self._socket.recvfrom(65536)
            except (BlockingIOError, ConnectionRefusedError):
                return
            except OSError as error:
                note("sip_socket_failed", reason=error)
                return
            self._received(data, source)

    def logPrefix(self) -> str:  # noqa: N802 - Twisted's name
        """What Twisted calls it."""
        return "sip"

    def connectionLost(self, reason: object) -> None:  # noqa: N802 - Twisted's name
        """Twisted has given it up."""
        note("sip_socket_lost", reason=reason)


class _PublicReader(DatagramReader):
    """The public UDP socket: it hears what came, and what of ours reached nobody."""

    def __init__(
        self,
        reactor: Reactor,
        sock: socket.socket,
        received: Received,
        refused: Callable[[bytes], None],
    ) -> None:
        super().__init__(sock, lambda data, source: received(data, Flow("udp", source[0], source[1])))
        self._reactor = reactor
        self._refused = refused

    def doRead(self) -> None:  # noqa: N802 - Twisted's name
        """Read what has come, and what has come back."""
        self._read_errors()
        super().doRead()

    def connectionLost(self, reason: object) -> None:  # noqa: N802 - Twisted's name
        """Twisted takes an error that is told for the socket's end: it is none, and we read on."""
        self._read_errors()
        self._reactor.addReader(self)

    def _read_errors(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                data, _, _, _ = self._socket.recvmsg(_ENOUGH, _ANCILLARY, socket.MSG_ERRQUEUE)
            except OSError:
                return  # no more
            self._refused(data)


class Wires:
    """Everything that the world sends arrives at ``received(data, flow)``; dead connections at ``lost``."""

    def __init__(
        self,
        reactor: Reactor,
        bind: str,
        port: int,
        received: Received,
        lost: Lost,
        refused: Callable[[bytes], None] = lambda data: None,
    ) -> None:
        self._reactor, self._bind = reactor, bind
        self.port = port
        self._received, self._lost = received, lost
        #: Sees each message that leaves.
        self.sent: Callable[[bytes, Flow], None] = lambda data, flow: None
        self._socket = udp_socket(bind, port)
        self._program = firewall.build_program(())
        firewall.attach(self._socket.fileno(), self._program)
        self._keys = count(1)
        self._streams: dict[int, Stream] = {}
        self._listeners: dict[tuple[Transport, Tls], Any] = {}
        #: Keys of the connections that we opened.
        self.opened: set[int] = set()
        #: The way through the worker that owns the port of registrations, where that is another one.
        self.front: FrontLine | None = None
        # What reached nobody comes back to the error queue (ip(7)).
        self._socket.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
        reactor.addReader(_PublicReader(reactor, self._socket, received, refused))

    def hear_only(self, sources: Iterable[firewall.AllowedNetwork]) -> None:
        """Let in what comes from these sources and no others."""
        program = firewall.build_program(sources)
        if program != self._program:
            self._program = program
            firewall.attach(self._socket.fileno(), program)
            for listener in self._listeners.values():
                firewall.attach(listener.fileno(), program)

    def send(self, data: bytes, flow: Flow) -> bool:
        """Send a message; False if there is no route."""
        self.sent(data, flow)
        return self.put(data, flow)

    def put(self, data: bytes, flow: Flow) -> bool:
        """Send a message that nobody is to be shown: its worker has shown it."""
        if flow.front and self.front is not None:
            return self.front.send(data, flow)
        if flow.transport == "udp":
            return self._send_datagram(data, (flow.address, flow.port))
        stream = self._streams.get(flow.key)
        if stream is None or stream.over:
            return False
        stream.send(data)
        return True

    def _send_datagram(self, data: bytes, to: tuple[str, int], *, again: bool = True) -> bool:
        try:
            self._socket.sendto(data, to)
        except BlockingIOError:
            return True  # as good as lost on the way: it is sent again
        except OSError as error:
            if again:  # the error may be that of an earlier datagram, told now
                return self._send_datagram(data, to, again=False)
            note("send_failed", peer=to[0], reason=error)
            return False
        return True

    def flow_to(
        self, transport: Transport, address: str, port: int, tls: Tls, name: str, *, front: bool = False
    ) -> Flow:
        """The way there: the connection that stands, or one that is begun now; perhaps the front's."""
        if front and self.front is not None:
            return self.front.flow_to(transport, address, port, tls, name)
        if transport == "udp":
            return Flow("udp", address, port)
        for stream in self._streams.values():
            flow = stream.flow
            if not stream.over and (flow.transport, flow.address, flow.port) == (transport, address, port):
                return flow
        flow = Flow(transport, address, port, next(self._keys))
        self.opened.add(flow.key)
        return self._connect(flow, tls, name)

    def port_of(self, transport: Transport, tls: Tls, *, front: bool = False) -> int:
        """The port that we, or the front, listen at for a transport; ours is begun when first asked for."""
        if front and self.front is not None:
            return self.front.port_of(transport, tls)
        if transport == "udp":
            return self.port
        key = (transport, tls if transport == "tls" else Tls())
        if key not in self._listeners:
            # The worker's own port where it is still free: what the firewall lets in is the same.
            self.listen(transport, tls, 0 if self._listeners else self.port)
        return int(self._listeners[key].getHost().port)

    def listen(self, transport: Transport, tls: Tls, port: int) -> None:
        """Begin to listen for connections; :class:`PortTakenError` where the port cannot be had."""
        try:
            listener = self._listen(transport, tls, port)
        except CannotListenError as error:
            raise PortTakenError(*error.socketError.args) from error
        self._listeners[transport, tls if transport == "tls" else Tls()] = listener

    def _listen(self, transport: Transport, tls: Tls, port: int) -> Any:
        factory = _Answering(self, transport, tls)
        interface = "" if self._bind == "0.0.0.0" else self._bind  # noqa: S104 - compared, not bound
        listener = self._reactor.listenTCP(port, factory, interface=interface)
        firewall.attach(listener.fileno(), self._program)
        return listener

    def adopt(self, transport: Transport, address: str, port: int) -> Stream | None:
        """A connection that a peer opened."""
        if len(self._streams) >= _MOST_STREAMS:
            return None
        return self._remember(Flow(transport, address, port, next(self._keys)))

    def _remember(self, flow: Flow) -> Stream:
        stream = Stream(flow, self._reactor, self._received, self._gone)
        self._streams[flow.key] = stream
        self._reactor.callLater(_SWEEP, self._sweep, stream)
        return stream

    def _sweep(self, stream: Stream) -> None:
        if not stream.over:
            if stream.stale(self._reactor.seconds()):
                stream.drop()
            self._reactor.callLater(_SWEEP, self._sweep, stream)

    def _gone(self, flow: Flow, reason: str) -> None:
        if self._streams.pop(flow.key, None) is not None:
            self._lost(flow, reason)
        self.opened.discard(flow.key)

    def _connect(self, flow: Flow, tls: Tls, name: str) -> Flow:
        stream = self._remember(flow)
        factory = _Opening(stream)
        own = None if self._bind == "0.0.0.0" else (self._bind, 0)  # noqa: S104 - compared, not bound
        connecting: Any = factory
        try:
            if flow.transport == "tls":
                from twisted.protocols.tls import TLSMemoryBIOFactory

                from sip.gate.certificates import TlsSide

                side: Any = TlsSide(tls, name, stream)
                connecting = TLSMemoryBIOFactory(side, True, cast(Any, factory))
            self._reactor.connectTCP(flow.address, flow.port, connecting, _CONNECT_TIMEOUT, own)
        except Exception as error:  # noqa: BLE001 - certificates that cannot be read, addresses that are none
            note("connection_failed", peer=flow.address, reason=error)
            self._reactor.callLater(0, stream.fail, str(error))
        return flow


def udp_socket(bind: str, port: int) -> socket.socket:
    """A bound UDP socket that does not block; :class:`PortTakenError` where it cannot be had."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.bind((bind, port))
    except OSError as error:
        sock.close()
        raise PortTakenError(*error.args) from error
    sock.setblocking(False)
    return sock


class _Opening(protocol.ClientFactory):
    """Makes the one stream of a connection that we open."""

    noisy = False

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def buildProtocol(self, address: Any) -> Stream:  # noqa: N802 - Twisted's name
        """The stream that waits for it."""
        return self._stream

    def clientConnectionFailed(self, connector: Any, reason: Any) -> None:  # noqa: N802 - Twisted's name
        """The peer refused the connection."""
        self._stream.fail(reason.getErrorMessage())


class _Answering(protocol.ServerFactory):
    """Makes streams of the connections that peers open."""

    noisy = False

    def __init__(self, wires: Wires, transport: Transport, tls: Tls) -> None:
        self._wires, self._transport, self._tls = wires, transport, tls

    def buildProtocol(self, address: Any) -> Any:  # noqa: N802 - Twisted's name
        """A stream, with TLS around it where that is wanted; None closes the connection."""
        stream = self._wires.adopt(self._transport, address.host, address.port)
        if stream is None or self._transport == "tcp":
            return stream
        from twisted.protocols.tls import TLSMemoryBIOFactory

        from sip.gate.certificates import TlsSide

        inner = protocol.Factory.forProtocol(lambda: stream)
        try:
            side: Any = TlsSide(self._tls, "", stream)
        except Exception as error:  # noqa: BLE001 - certificates that cannot be read
            note("connection_refused", reason=error)
            stream.fail(str(error))
            return None
        return TLSMemoryBIOFactory(side, False, cast(Any, inner)).buildProtocol(address)
