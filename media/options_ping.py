"""Asks a SIP peer by OPTIONS (RFC 3261 section 11) whether it is there, from a socket of its own."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import ssl
from dataclasses import dataclass

from config.sections.trunks import Tls
from sip.targets import Target

#: Seconds between the first copy and the next by UDP, doubled each time (T1 of RFC 3261 section 17.1.2.2).
_FIRST_REPEAT = 0.5
_LARGEST_ANSWER = 65536
_STATUS = re.compile(rb"SIP/2\.0 ([1-6]\d\d)[ \r\n]")


class NoAnswerError(Exception):
    """No answer came; the text says why."""


@dataclass(frozen=True, slots=True)
class OptionsPing:
    """Where an OPTIONS goes, and what it says of us."""

    target: Target
    #: The peer's host in the settings: it is in the request URI, and in the peer's certificate.
    host: str
    tls: Tls
    user_agent: str
    #: Our address to send from; empty for the one that the route takes.
    bind: str = ""


async def ask(ping: OptionsPing, seconds: float) -> int:
    """The status of the final response: a peer that refuses is there, too. Raises :class:`NoAnswerError`."""
    try:
        async with asyncio.timeout(seconds):
            if ping.target.transport == "udp":
                return await _by_datagram(ping)
            return await _by_stream(ping)
    except TimeoutError:
        raise NoAnswerError(f"no answer within {seconds:g} s") from None
    except ssl.SSLError as error:
        raise NoAnswerError(f"TLS fails: {error.reason or error}") from error
    except OSError as error:
        raise NoAnswerError(os.strerror(error.errno) if error.errno else str(error)) from error


async def _by_datagram(ping: OptionsPing) -> int:
    loop = asyncio.get_running_loop()
    where = (str(ping.target.address), ping.target.port)
    # Connected, so that the kernel reports a port where nobody listens (ICMP), and drops what others send.
    transport, protocol = await loop.create_datagram_endpoint(
        _Datagrams, local_addr=(ping.bind, 0) if ping.bind else None, remote_addr=where
    )
    try:
        request, branch = _request(ping, transport.get_extra_info("sockname"))
        protocol.branch = branch
        pause = _FIRST_REPEAT
        while True:
            transport.sendto(request)
            done, _ = await asyncio.wait({protocol.answer}, timeout=pause)
            if done:
                return protocol.answer.result()
            pause *= 2
    finally:
        transport.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.branch = b""

    def datagram_received(self, data: bytes, addr: object) -> None:
        status = _final_status(data, self.branch)
        if status and not self.answer.done():
            self.answer.set_result(status)

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)


async def _by_stream(ping: OptionsPing) -> int:
    tls = None
    if ping.target.transport == "tls":
        tls = await asyncio.to_thread(_context, ping.tls)
    reader, writer = await asyncio.open_connection(
        str(ping.target.address),
        ping.target.port,
        ssl=tls,
        server_hostname=ping.host if tls else None,
        local_addr=(ping.bind, 0) if ping.bind else None,
    )
    try:
        request, branch = _request(ping, writer.get_extra_info("sockname"))
        writer.write(request)
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
                raise NoAnswerError("it closes the connection, or does not speak SIP") from error
            length = re.search(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d{1,5})\b", head, re.I)
            if length and int(length[1]) <= _LARGEST_ANSWER:
                await reader.readexactly(int(length[1]))
            if status := _final_status(head.lstrip(), branch):
                return status
    except asyncio.IncompleteReadError as error:
        raise NoAnswerError("it closes the connection") from error
    finally:
        writer.close()


def _context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(tls.ca_file) if tls.ca_file else None)
    # Calls check the name in the certificate. A ping sends nothing that is worth protecting.
    context.check_hostname = False
    if not tls.verify_certificate:
        context.verify_mode = ssl.CERT_NONE
    if tls.certificate_file:
        context.load_cert_chain(tls.certificate_file, tls.key_file)
    return context


def _request(ping: OptionsPing, ours: tuple[str, int]) -> tuple[bytes, bytes]:
    """An OPTIONS, and its branch."""
    transport, branch = ping.target.transport, f"z9hG4bK{secrets.token_hex(12)}"
    here = f"{ours[0]}:{ours[1]}"
    host = f"[{ping.host}]" if ":" in ping.host else ping.host
    tag = "" if transport == "udp" else f";transport={transport}"
    lines = [
        f"OPTIONS sip:{host}{tag} SIP/2.0",
        f"Via: SIP/2.0/{transport.upper()} {here};rport;branch={branch}",
        "Max-Forwards: 70",
        f"From: <sip:ringback@{here}>;tag={secrets.token_hex(6)}",
        f"To: <sip:{host}>",
        f"Call-ID: {secrets.token_hex(12)}",
        "CSeq: 1 OPTIONS",
        f"Contact: <sip:ringback@{here}{tag}>",
        "Accept: application/sdp",
        f"User-Agent: {ping.user_agent}",
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(), branch.encode()


def _final_status(message: bytes, branch: bytes) -> int:
    """The status of a final response to the request of this branch; 0 for anything else."""
    found = _STATUS.match(message)
    if found is None or not branch or branch not in message:
        return 0
    status = int(found[1])
    return status if status >= 200 else 0
