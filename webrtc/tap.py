"""The one file that knows the insides of aiortc and aioice: ICE on ports of our choice, DTLS by aiortc, and
SRTP taken and given as packets, bypassing aiortc's receivers and senders.

Both libraries are pinned; ``tests/webrtc/test_tap.py`` fails if an attribute used here has changed.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import cast

import pylibsrtp
from aioice import Candidate, Connection, stun
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import CandidatePair, StunProtocol
from aioice.stun import TransactionError
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

from webrtc.ice import MediaAddresses
from webrtc.rtp import is_rtcp

#: ICE needs one component: RTP and RTCP share it (RFC 5761).
_COMPONENT = 1
_LONGEST = 2048
Sink = Callable[[bytes], None]


class PathError(Exception):
    """No path to the browser: no port is free, no candidate answers, or the certificate does not match."""


class _Wire:
    """A media socket as the transport of aioice's protocol: SRTP and SRTCP skip the protocol and its queue.

    As in :class:`webrtc.relay.Relay`, asyncio's own transport would cost as much as the encryption. Packets
    are told apart by their first byte (RFC 7983). Packets that nobody waits for are dropped, because anyone
    may send to this socket.
    """

    def __init__(self, address: str, port: int, protocol: StunProtocol, ice: _Ice) -> None:
        """Bind; OSError where the port is taken."""
        self._protocol, self._ice = protocol, ice
        self._loop = asyncio.get_running_loop()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            self._socket.bind((address, port))
        except OSError:
            self._socket.close()
            raise
        self._open = True
        self._loop.add_reader(self._socket, self._readable)

    def sendto(self, data: bytes, address: tuple[str, int]) -> None:
        """Send, or lose, a datagram."""
        if self._open:
            try:
                self._socket.sendto(data, address)
            except OSError:
                return  # a full buffer, or no route to the candidate: the same as a packet lost on the way

    def close(self) -> None:
        """Close, and tell the protocol."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._loop.call_soon(self._protocol.connection_lost, None)

    def _readable(self) -> None:
        try:
            data, address = self._socket.recvfrom(_LONGEST)
        except OSError:
            return  # an ICMP error about some candidate
        first = data[0] if data else 0xFF
        if 127 < first < 192:
            self._ice.sink(data)
        elif first < 4 or (19 < first < 64 and self._ice.nominated):
            self._protocol.datagram_received(data, address)


class _Ice(Connection):
    """aioice's agent, with sockets on the addresses and ports of our :class:`MediaAddresses`."""

    def __init__(self, place: MediaAddresses, sink: Sink, on_life: Callable[[], None]) -> None:
        super().__init__(ice_controlling=False)
        self.sink = sink
        self._place = place
        self._on_life = on_life

    def check_incoming(self, message: stun.Message, addr: tuple[str, int], protocol: StunProtocol) -> None:
        """The browser sent a check with the right password: it is there and wants this path."""
        self._on_life()
        super().check_incoming(message, addr, protocol)

    async def ask_consent(self) -> None:
        """Ask the browser whether it still wants our packets (RFC 7675 section 5.1)."""
        pair = self.nominated
        if pair is None or self.remote_password is None:
            return
        with suppress(TransactionError):
            await pair.protocol.request(
                self.build_request(pair, nominate=False),
                pair.remote_addr,
                integrity_key=self.remote_password.encode(),
                retransmissions=1,
            )
            self._on_life()

    @property
    def nominated(self) -> CandidatePair | None:
        """The candidate pair that ICE agreed on last; None before it agrees."""
        return self._nominated.get(_COMPONENT)

    def may_try(self, candidate: Candidate) -> bool:
        """Whether to send checks to a candidate: a page may name any address, not only its browser's.

        mDNS names mean nothing here, and TCP is not supported; the browser's own checks reach us anyway.
        """
        if candidate.component != _COMPONENT or candidate.transport.lower() != "udp":
            return False
        try:
            address = ip_address(candidate.host)
        except ValueError:
            return False
        local = any(ip_address(own).is_loopback for own in self._place.addresses)
        return (
            0 < candidate.port < 65536
            and not (address.is_multicast or address.is_unspecified or address.is_reserved)
            and (local or not address.is_loopback)
        )

    async def gather_candidates(self) -> None:
        self._local_candidates_start = True
        for address in self._place.addresses:
            protocol = self._open(address)
            if protocol is not None:
                self._protocols.append(protocol)
                self._local_candidates.append(protocol.local_candidate)
        if not self._local_candidates:
            raise PathError(
                "no port of webrtc.media_ports is free, or webrtc.bind_address is not of this machine"
            )
        self._local_candidates_end = True

    def _open(self, address: str) -> StunProtocol | None:
        for port in self._place.ports_to_try():
            protocol = StunProtocol(self)
            try:
                wire = _Wire(address, port, protocol, self)
            except OSError:
                continue  # another leg or program uses it
            protocol.connection_made(cast(asyncio.DatagramTransport, wire))
            protocol.local_candidate = Candidate(
                foundation=candidate_foundation("host", "udp", address),
                component=_COMPONENT,
                transport="udp",
                priority=candidate_priority(_COMPONENT, "host"),
                host=self._place.told(address),
                port=port,
                type="host",
            )
            return protocol
        return None


class _IceForDtls:
    """What aiortc's DTLS transport asks of its ICE transport."""

    role = "controlled"

    def __init__(self, ice: Connection) -> None:
        self._recv = ice.recv
        self._send = ice.send


class SecurePath:
    """A path to one browser: ICE, then DTLS (as its client), then SRTP both ways (RFC 5764).

    ``on_rtp`` and ``on_rtcp`` get the decrypted packets. ``on_life`` is called whenever the browser itself
    shows that it wants this path. ``on_closed`` is called once, when an established path is gone: the browser
    closed it, or stopped consenting (RFC 7675, after some 30 s).
    """

    def __init__(
        self,
        place: MediaAddresses,
        on_rtp: Sink,
        on_rtcp: Sink,
        on_closed: Callable[[], None],
        on_life: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_rtp, self._on_rtcp, self._on_closed = on_rtp, on_rtcp, on_closed
        self._ice = _Ice(place, self._received, on_life)
        self._certificate = RTCCertificate.generateCertificate()
        self._dtls = RTCDtlsTransport(_IceForDtls(self._ice), [self._certificate])  # type: ignore[arg-type]
        self._dtls.on("statechange", self._dtls_changed)
        self._stands = False
        self._closing = False
        #: Packets that did not decrypt with the browser's key.
        self.forged = 0

    @property
    def credentials(self) -> tuple[str, str]:
        """Our ICE user name and password."""
        return self._ice.local_username, self._ice.local_password

    @property
    def fingerprint(self) -> tuple[str, str]:
        """Hash and value of our certificate."""
        best = next(one for one in self._certificate.getFingerprints() if one.algorithm == "sha-256")
        return best.algorithm, best.value

    @property
    def remote(self) -> tuple[str, str] | None:
        """The browser's address on the path, and its kind of candidate: host, srflx, prflx or relay."""
        pair = self._ice.nominated
        return (pair.remote_candidate.host, pair.remote_candidate.type) if pair else None

    async def gather(self) -> tuple[str, ...]:
        """Open the sockets and list them as candidates; :class:`PathError` where none can be opened."""
        await self._ice.gather_candidates()
        return tuple(f"candidate:{one.to_sdp()}" for one in self._ice.local_candidates)

    async def add_candidate(self, text: str) -> None:
        """Take one more candidate of the browser; ValueError if it is malformed.

        We never say that there are no more candidates: aioice would then fail if none of those named works,
        although the browser's own checks may be on their way from an address behind mDNS or a NAT.
        """
        candidate = Candidate.from_sdp(text.removeprefix("candidate:"))
        if self._ice.may_try(candidate):
            await self._ice.add_remote_candidate(candidate)

    async def connect(self, user: str, password: str, fingerprints: tuple[tuple[str, str], ...]) -> None:
        """Wait until the path is established, however long; :class:`PathError` if it never will be."""
        self._ice.remote_username, self._ice.remote_password = user, password
        try:
            await self._ice.connect()
        except ConnectionError as error:
            raise PathError(f"ICE: {error}") from error
        await self._dtls.start(
            RTCDtlsParameters(fingerprints=[RTCDtlsFingerprint(kind, value) for kind, value in fingerprints])
        )
        if self._dtls.state != "connected":
            raise PathError(f"DTLS: {self._dtls.state}")
        self._stands = True

    async def ask_consent(self) -> None:
        """Ask the browser for a sign of life."""
        await self._ice.ask_consent()

    def send_rtp(self, packet: bytes) -> None:
        """Encrypt and send RTP; does nothing while there is no path."""
        session = self._dtls._tx_srtp
        if session is not None:
            self._send(session.protect(packet))

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt and send RTCP; does nothing while there is no path."""
        session = self._dtls._tx_srtp
        if session is not None:
            self._send(session.protect_rtcp(packet))

    async def close(self) -> None:
        """Tell the browser and close the sockets; ``on_closed`` is not called after this."""
        self._closing = True
        await self._dtls.stop()
        await self._ice.close()

    def _send(self, packet: bytes) -> None:
        pair = self._ice.nominated
        if pair is not None:
            pair.protocol.transport.sendto(packet, pair.remote_addr)

    def _received(self, data: bytes) -> None:
        session = self._dtls._rx_srtp
        if session is None or len(data) < 12:
            return  # the handshake is not finished
        try:
            if is_rtcp(data):
                self._on_rtcp(session.unprotect_rtcp(data))
            else:
                self._on_rtp(session.unprotect(data))
        except (pylibsrtp.Error, ValueError):  # ValueError: longer than a packet can be
            self.forged += 1

    def _dtls_changed(self) -> None:
        if self._dtls.state == "closed" and self._stands and not self._closing:
            self._stands = False
            self._on_closed()
