"""The media sockets of this process: finding PJSIP's, filtering them, and letting used ports rest."""

from __future__ import annotations

import os
import socket
from collections import deque
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address

from sip import firewall
from sip.reactor import Reactor
from sip.rtp import Packet, read
from sip.rtp_filter import SO_ATTACH_REUSEPORT_CBPF, Endpoint

#: Seconds for which nobody gets a port again after its leg: the far side may still be sending.
REST = 30.0
#: A worker has eight pairs of ports and four slots; PJSIP may hold those of a leg that is slow to die.
MOST_AT_REST = 3
_MOST_STALE = 1000
#: Bytes of the longest datagram that is read, and datagrams in one go.
_LONGEST = 2048
_MOST_AT_ONCE = 50


def find_udp(address: str, port: int) -> socket.socket:
    """A duplicate of this process's UDP socket at an address and port. OSError without one."""
    # The newest first: it is one of them.
    for number in sorted(map(int, os.listdir("/proc/self/fd")), reverse=True):
        try:
            copy = os.dup(number)
        except OSError:
            continue  # the directory's own descriptor is gone by now
        try:
            sock = socket.socket(fileno=copy)
        except OSError:
            os.close(copy)  # no socket
            continue
        inet = sock.family == socket.AF_INET and sock.type == socket.SOCK_DGRAM
        if inet and sock.getsockname() == (address, port):
            return sock
        sock.close()
    raise OSError(f"PJSIP has no socket at {address}:{port}")


def empty(sock: socket.socket) -> None:
    """Throw away what arrived before anybody was let in."""
    for _ in range(_MOST_STALE):
        try:
            sock.recv(1, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return


def share_port(theirs: socket.socket, program: tuple[firewall.Instruction, ...]) -> socket.socket:
    """A second socket at the port of a bound one; the program says which of the two gets a packet."""
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    try:
        firewall.attach(ours.fileno(), firewall.build_program(()))
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        ours.bind(theirs.getsockname())
        select(ours, program)
    except OSError:
        ours.close()
        raise
    return ours


def waiting(ours: socket.socket, still: Callable[[], bool]) -> Iterator[tuple[Endpoint, Packet]]:
    """The packets of RTP that wait at a socket of ours, until ``still()`` says that nobody wants them.

    It ends after 50 datagrams, so that a flood keeps nothing else from its turn.
    """
    for _ in range(_MOST_AT_ONCE):
        if not still():
            return
        try:
            data, (host, port) = ours.recvfrom(_LONGEST)
        except (BlockingIOError, ConnectionError):
            return
        if (packet := read(data)) is not None:
            yield Endpoint(IPv4Address(host), port), packet


def select(sock: socket.socket, program: tuple[firewall.Instruction, ...]) -> None:
    """Say which of the sockets that share a port gets a packet. OSError where the kernel refuses it."""
    firewall.set_program(sock.fileno(), SO_ATTACH_REUSEPORT_CBPF, program)


class RestingPorts:
    """Holds the ports of legs that have ended, deaf, so that PJSIP takes others for the next legs."""

    def __init__(self, reactor: Reactor, rest: float = REST) -> None:
        self._reactor = reactor
        self._rest = rest
        self._resting: deque[socket.socket] = deque()

    def hold(self, sock: socket.socket) -> None:
        """Let the port of this socket rest."""
        firewall.attach(sock.fileno(), firewall.build_program(()))
        self._resting.append(sock)
        self._reactor.callLater(self._rest, self._release, sock)
        if len(self._resting) > MOST_AT_REST:
            self._release(self._resting[0])

    def _release(self, sock: socket.socket) -> None:
        if sock in self._resting:
            self._resting.remove(sock)
            sock.close()
