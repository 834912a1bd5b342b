"""A browser's end of a path, cheap enough to have dozens of: ICE by aioice, DTLS by aiortc, SRTP as packets.

It offers, so it controls ICE and is DTLS's server, as a browser is where the answer says ``a=setup:active``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pylibsrtp
from aioice import Candidate, Connection
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import StunProtocol
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport

from bench.peer_sdp import RemotePath

_COMPONENT = 1
_LOOPBACK = "127.0.0.1"
Sink = Callable[[bytes], None]


class PeerPathError(Exception):
    """The path does not stand; the text says where it failed."""


class _Socket(StunProtocol):
    """Media packets go past aioice's queue."""

    def datagram_received(self, data: Any, addr: tuple[Any, ...]) -> None:
        receiver = self.receiver
        if data and 127 < data[0] < 192 and isinstance(receiver, _PeerIce):
            receiver.sink(data)
        else:
            super().datagram_received(data, addr)


class _PeerIce(Connection):
    """aioice's agent with one socket, on loopback."""

    def __init__(self, sink: Sink) -> None:
        super().__init__(ice_controlling=True)
        self.sink = sink

    async def gather_candidates(self) -> None:
        self._local_candidates_start = True
        loop = asyncio.get_running_loop()
        _, socket = await loop.create_datagram_endpoint(lambda: _Socket(self), local_addr=(_LOOPBACK, 0))
        socket.local_candidate = Candidate(
            foundation=candidate_foundation("host", "udp", _LOOPBACK),
            component=_COMPONENT,
            transport="udp",
            priority=candidate_priority(_COMPONENT, "host"),
            host=_LOOPBACK,
            port=socket.transport.get_extra_info("sockname")[1],
            type="host",
        )
        self._protocols.append(socket)
        self._local_candidates.append(socket.local_candidate)
        self._local_candidates_end = True


class _PeerIceForDtls:
    """What aiortc's DTLS transport asks of its ICE transport."""

    role = "controlling"

    def __init__(self, ice: Connection) -> None:
        self._recv = ice.recv
        self._send = ice.send


class PeerPath:
    """One path. ``on_rtp`` gets each decrypted RTP packet; RTCP is dropped."""

    def __init__(self, certificate: RTCCertificate, on_rtp: Sink) -> None:
        self._on_rtp = on_rtp
        self._ice = _PeerIce(self._received)
        self._certificate = certificate
        self._dtls = RTCDtlsTransport(_PeerIceForDtls(self._ice), [certificate])  # type: ignore[arg-type]
        self._write: Callable[[bytes], None] | None = None

    @property
    def credentials(self) -> tuple[str, str]:
        """Our ICE user name and password."""
        return self._ice.local_username, self._ice.local_password

    @property
    def fingerprint(self) -> str:
        """Of our certificate, by SHA-256."""
        return next(one.value for one in self._certificate.getFingerprints() if one.algorithm == "sha-256")

    @property
    def port(self) -> int:
        """Where our packets come from."""
        return int(self._ice.local_candidates[0].port)

    async def gather(self) -> list[str]:
        """Open the socket; candidates as in SDP."""
        await self._ice.gather_candidates()
        return [f"candidate:{one.to_sdp()}" for one in self._ice.local_candidates]

    async def connect(self, remote: RemotePath) -> None:
        """Wait for the path to stand; :class:`PeerPathError` when it will not."""
        self._ice.remote_username, self._ice.remote_password = remote.user, remote.password
        for text in remote.candidates:
            candidate = Candidate.from_sdp(text.removeprefix("candidate:"))
            if candidate.transport.lower() == "udp" and candidate.host == _LOOPBACK:
                await self._ice.add_remote_candidate(candidate)
        await self._ice.add_remote_candidate(None)
        try:
            await self._ice.connect()
        except ConnectionError as error:
            raise PeerPathError(f"ICE: {error}") from error
        await self._dtls.start(RTCDtlsParameters(fingerprints=[RTCDtlsFingerprint(*remote.fingerprint)]))
        if self._dtls.state != "connected":
            raise PeerPathError(f"DTLS: {self._dtls.state}")
        pair, protect = self._ice._nominated[_COMPONENT], self._dtls._tx_srtp.protect
        send, target = pair.protocol.transport.sendto, pair.remote_addr
        self._write = lambda packet: send(protect(packet), target)

    def send(self, packet: bytes) -> None:
        """Encrypt and send one RTP packet."""
        if self._write is not None:
            self._write(packet)

    async def close(self) -> None:
        """Say goodbye and close the socket."""
        self._write = None
        await self._dtls.stop()
        await self._ice.close()

    def _received(self, data: bytes) -> None:
        session = self._dtls._rx_srtp
        # RTCP shares the port (RFC 5761 section 4).
        if session is None or len(data) < 12 or 192 <= data[1] <= 223:
            return
        try:
            self._on_rtp(session.unprotect(data))
        except pylibsrtp.Error:
            return  # a repetition, or not of our peer
