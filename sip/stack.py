"""PJSIP in this process: one endpoint, its one socket on the reactor, and the gate in front of it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network

import pjsua2 as pj
from twisted.internet import task
from twisted.internet.interfaces import IReadDescriptor
from zope.interface import implementer  # type: ignore[import-untyped]

from config.fields import PortRange
from config.sections.one_port import Listener
from config.sections.sip import Sip
from sip import firewall
from sip.audio import CLOCK_RATE
from sip.gate.gate import Gate
from sip.gate.wires import PortTakenError
from sip.journal import note
from sip.reactor import Reactor

#: Seconds between two looks at what PJSIP has put off: its timers (SIP's shortest is 500 ms) and what its
#: media threads found, such as keys.
TICK = 0.1
TICK_AT_REST = 0.25
#: Where PJSIP and the gate meet.
LOOPBACK = "127.0.0.1"
_CODECS = ("PCMU/8000", "PCMA/8000", "G722/16000")


@dataclass(frozen=True, slots=True)
class FrontPort:
    """The port that registrations and calls of trunks with ``one_port`` leave from."""

    #: The Unix socket of the worker that owns it.
    path: str
    port: int
    listeners: dict[Listener, int]


class SipStackError(Exception):
    """The SIP stack cannot start; the text says what the operator can do."""


class Stack:
    """The endpoint of this process. There can be one only, and it lives as long as the process.

    Everything runs on the reactor's thread. PJSIP's only thread of its own is the media clock.
    """

    def __init__(self, reactor: Reactor, settings: Sip, sip_port: int, slots: int) -> None:
        self._reactor = reactor
        self._ticker = task.LoopingCall(self._poll)
        self._ticker.clock = reactor
        for name, address in (
            ("bind_address", settings.bind_address),
            ("public_address", settings.public_address),
        ):
            if address and ":" in address:
                # Its PJ_HAS_IPV6 is 0: an account for IPv6 would abort the process.
                raise SipStackError(
                    f"sip.{name} is {address}, and the SIP stack (pjsua2) is built without IPv6: "
                    "write an IPv4 address"
                )
        try:
            self.gate = Gate(reactor, settings, sip_port)
        except PortTakenError as error:
            raise SipStackError(
                f"SIP port {sip_port} on {settings.bind_address} cannot be opened ({error.strerror}): "
                "another program has it, or sip.bind_address is no address of this machine; choose other "
                "sip.ports"
            ) from error
        self.endpoint = _start_endpoint(settings, slots)
        sock = self._open(self.gate.inner_port)
        self.endpoint.libStart()
        self.endpoint.audDevManager().setNullDev()
        _choose_codecs(self.endpoint)
        reactor.addReader(_SipSocket(sock, self._poll))
        self._awake = False
        self._pace()

    def share_port(self, front: FrontPort, *, own: bool) -> None:
        """Let trunks with ``one_port`` use one port: our own, lent to other workers, or that of another."""
        if not own:
            self.gate.use_front(front.path, front.port, front.listeners)
            return
        try:
            self.gate.be_front(front.path, front.listeners)
        except PortTakenError as error:
            raise SipStackError(
                f"SIP ports {sorted(front.listeners.values())} cannot all be opened for connections "
                f"({error.strerror}): another program has one; choose other sip.ports"
            ) from error

    def wake(self, awake: bool) -> None:
        """Look at PJSIP more often, because there are legs, or let it rest."""
        self._awake = awake
        self._pace()

    def _open(self, gate_port: int) -> int:
        """Open PJSIP's socket, which hears the gate and nobody else; its descriptor."""
        config = pj.TransportConfig()
        config.port, config.boundAddress = 0, LOOPBACK
        before = set(_datagram_sockets())
        transport = self.endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, config)
        (made,) = set(_datagram_sockets()) - before
        only_the_gate = firewall.AllowedNetwork(IPv4Network(LOOPBACK), PortRange(gate_port, gate_port))
        firewall.attach(made, firewall.build_program([only_the_gate]))
        port = int(self.endpoint.transportGetInfo(transport).localName.rpartition(":")[2])
        self.gate.connect(port)
        return made

    def _pace(self) -> None:
        tick = TICK if self._awake else TICK_AT_REST
        if self._ticker.interval != tick or not self._ticker.running:
            if self._ticker.running:
                self._ticker.stop()
            self._ticker.start(tick)

    def _poll(self) -> None:
        """Let PJSIP read its sockets and run its timers; every one of its callbacks comes from here."""
        while self.endpoint.libHandleEvents(0) > 0:
            pass


@implementer(IReadDescriptor)
class _SipSocket:
    """PJSIP's UDP socket, watched by the reactor: a request is read the moment it arrives."""

    def __init__(self, fd: int, readable: Callable[[], None]) -> None:
        self._fd = fd
        self._readable = readable

    def fileno(self) -> int:
        return self._fd

    def doRead(self) -> None:  # noqa: N802 - Twisted's name
        self._readable()

    def logPrefix(self) -> str:  # noqa: N802 - Twisted's name
        return "sip"

    def connectionLost(self, reason: object) -> None:  # noqa: N802 - Twisted's name
        note("sip_socket_lost", reason=reason)


def _start_endpoint(settings: Sip, slots: int) -> pj.Endpoint:
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    # PJSIP's own log would show numbers unmasked.
    config.logConfig.level = config.logConfig.consoleLevel = 0
    agent = config.uaConfig
    agent.threadCnt, agent.mainThreadOnly = 0, True
    agent.maxCalls, agent.userAgent = slots, settings.user_agent
    media = config.medConfig
    media.clockRate, media.sndClockRate, media.audioFramePtime = CLOCK_RATE, CLOCK_RATE, 20
    media.noVad, media.ecTailLen = True, 0
    endpoint.libInit(config)
    return endpoint


def _choose_codecs(endpoint: pj.Endpoint) -> None:
    for codec in endpoint.codecEnum2():
        wanted = next((at for at, name in enumerate(_CODECS) if codec.codecId.startswith(name)), None)
        endpoint.codecSetPriority(codec.codecId, 0 if wanted is None else 200 - wanted)


def _datagram_sockets() -> list[int]:
    """Descriptors of our UDP sockets that have a port."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            copy = os.dup(int(name))
        except OSError:
            continue  # the directory's own descriptor is gone by now
        try:
            with socket.socket(fileno=copy) as sock:
                inet = sock.family == socket.AF_INET and sock.type == socket.SOCK_DGRAM
                if inet and sock.getsockname()[1]:
                    found.append(int(name))
        except OSError:
            os.close(copy)  # no socket
    return found
