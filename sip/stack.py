"""PJSIP in this process: one endpoint, its transports, its sockets on the reactor."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable

import pjsua2 as pj
from twisted.internet import task
from twisted.internet.interfaces import IReadDescriptor
from zope.interface import implementer  # type: ignore[import-untyped]

from config.models import Sip, Tls
from sip import firewall
from sip.audio import CLOCK_RATE
from sip.journal import note
from sip.reactor import Reactor

#: Seconds between two looks at what PJSIP has put off: its timers (SIP's shortest is 500 ms) and what its
#: media threads found, such as keys. Its connections are not watched by the reactor and need looking at.
TICK = 0.1
TICK_AT_REST = 0.25
TICK_WITH_CONNECTIONS = 0.01
_CODECS = ("PCMU/8000", "PCMA/8000", "G722/16000")


class SipStackError(Exception):
    """The SIP stack cannot start; the text says what the operator can do."""


class Stack:
    """The endpoint of this process. There can be one only, and it lives as long as the process.

    Everything runs on the reactor's thread: PJSIP has no threads of its own but for the media clock.
    """

    def __init__(self, reactor: Reactor, settings: Sip, sip_port: int, slots: int) -> None:
        self._reactor = reactor
        self._settings = settings
        self.sip_port = sip_port
        self._connections: dict[tuple[str, Tls], int] = {}
        self._program: tuple[firewall.Instruction, ...] = firewall.build_program(())
        self._ticker = task.LoopingCall(self._poll)
        self._ticker.clock = reactor
        self._sockets: list[int] = []
        for name, address in (("bind", settings.bind), ("public_address", settings.public_address)):
            if address and ":" in address:
                # Its PJ_HAS_IPV6 is 0: an account for IPv6 would abort the process.
                raise SipStackError(
                    f"sip.{name} is {address}, and the SIP stack (pjsua2) is built without IPv6: "
                    "write an IPv4 address"
                )
        self.endpoint = _start_endpoint(settings, slots)
        self._open(pj.PJSIP_TRANSPORT_UDP, sip_port, Tls())
        self.endpoint.libStart()
        self.endpoint.audDevManager().setNullDev()
        _choose_codecs(self.endpoint)
        self._readers = [_SipSocket(fd, self._poll) for fd in self._sockets]
        for reader in self._readers:
            reactor.addReader(reader)
        self._awake = False
        self._pace()

    def transport_for(self, transport: str, tls: Tls) -> int | None:
        """PJSUA2's id of the transport that a trunk needs, opened when first asked for; None for UDP."""
        if transport == "udp":
            return None
        key = (transport, tls if transport == "tls" else Tls())
        if key not in self._connections:
            # The listener takes the worker's port where it is still free: replies and far-side requests
            # come back on the connection that we opened, whatever port it has.
            port = 0 if self._connections else self.sip_port
            kind = pj.PJSIP_TRANSPORT_TCP if transport == "tcp" else pj.PJSIP_TRANSPORT_TLS
            self._connections[key] = self._open(kind, port, tls)
            self._pace()
        return self._connections[key]

    def port_of(self, transport_id: int | None) -> int:
        """The port that a transport listens at; that of UDP for None."""
        if transport_id is None:
            return self.sip_port
        return int(self.endpoint.transportGetInfo(transport_id).localName.rpartition(":")[2])

    def wake(self, awake: bool) -> None:
        """Look at PJSIP more often, because there are legs, or let it rest."""
        self._awake = awake
        self._pace()

    def hear_only(self, sources: Iterable[firewall.Source]) -> None:
        """Let requests in from these sources and no others."""
        program = firewall.build_program(sources)
        if program != self._program:
            self._program = program
            for fd in self._sockets:
                firewall.attach(fd, program)

    def _open(self, kind: int, port: int, tls: Tls) -> int:
        config = pj.TransportConfig()
        config.port, config.boundAddress = port, self._settings.bind
        if kind == pj.PJSIP_TRANSPORT_TLS:
            _set_tls(config.tlsConfig, tls)
        before = set(_listening())
        try:
            transport: int = self.endpoint.transportCreate(kind, config)
        except pj.Error as error:
            raise SipStackError(
                f"SIP port {port} on {self._settings.bind} cannot be opened ({error.reason}): "
                "another program has it, or sip.bind is no address of this machine; choose other sip.ports"
            ) from error
        for fd in set(_listening()) - before:
            self._sockets.append(fd)
            firewall.attach(fd, self._program)
        return transport

    def _pace(self) -> None:
        tick = TICK_WITH_CONNECTIONS if self._connections else TICK if self._awake else TICK_AT_REST
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


def _set_tls(config: pj.TlsConfig, tls: Tls) -> None:
    config.method = pj.PJSIP_TLSV1_2_METHOD
    config.proto = pj.PJ_SSL_SOCK_PROTO_TLS1_2
    config.verifyServer = tls.verify
    config.CaListFile = str(tls.ca_file or "/etc/ssl/certs/ca-certificates.crt") if tls.verify else ""
    config.certFile = str(tls.certificate_file or "")
    config.privKeyFile = str(tls.key_file or "")


def _listening() -> list[int]:
    """Descriptors of our UDP sockets and listening TCP sockets with a port."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            copy = os.dup(int(name))
        except OSError:
            continue  # the directory's own descriptor is gone by now
        try:
            with socket.socket(fileno=copy) as sock:
                listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
                inet = sock.family in (socket.AF_INET, socket.AF_INET6)
                if inet and sock.getsockname()[1] and (sock.type == socket.SOCK_DGRAM or listens):
                    found.append(int(name))
        except OSError:
            os.close(copy)  # no socket
    return found
