"""A real SMTP server and a real HTTP receiver on loopback, that behave as badly as told."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.pbx.certificates import make_certificate

HOST = "127.0.0.1"
USER, PASSWORD = "ringback", "correct horse"


@dataclass
class Office:
    """aiosmtpd's handler: what it took, and what it refuses."""

    port: int = 0
    contents: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    #: The envelope's sender of each.
    envelopes: list[str] = field(default_factory=list)
    secured: list[bool] = field(default_factory=list)
    #: Reply to each command, instead of taking it.
    refusals: dict[str, str] = field(default_factory=dict)
    #: The largest mail taken, in bytes, without saying so in advance.
    largest: int = 10**9
    #: Commands that are never answered.
    silent: set[str] = field(default_factory=set)
    #: Set to let the silent ones go.
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def mails(self) -> list[EmailMessage]:
        parsed = [email.message_from_bytes(each, policy=email.policy.default) for each in self.contents]
        return [each for each in parsed if isinstance(each, EmailMessage)]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return await self._answer("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT", "250 OK")

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        fits = len(envelope.content) <= self.largest
        answer = await self._answer("DATA", "250 OK" if fits else "552 too large")
        if answer.startswith("250"):
            self.contents.append(envelope.content)
            self.recipients += envelope.rcpt_tos
            self.envelopes.append(envelope.mail_from)
            self.secured.append(server.transport.get_extra_info("cipher") is not None)
        return answer

    async def _answer(self, command: str, normally: str) -> str:
        if command in self.silent:
            await self.over.wait()
        return self.refusals.get(command, normally)


def _check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@contextlib.asynccontextmanager
async def post_office(
    *, tls: ssl.SSLContext | None = None, starttls: bool = False, auth: bool = False, **options: Any
) -> AsyncIterator[Office]:
    """An SMTP server; ``tls`` from the start, or by STARTTLS."""
    loop, office = asyncio.get_running_loop(), Office()
    if auth:
        options |= {"authenticator": _check, "auth_required": True}
    if starttls:
        options |= {"tls_context": tls, "require_starttls": True}
    server = await loop.create_server(
        lambda: SMTP(office, hostname="mail.shop.example", loop=loop, **options),
        HOST,
        0,
        ssl=None if starttls else tls,
    )
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        office.over.set()
        server.close()
        await asyncio.sleep(0)


@dataclass
class Request:
    """One POST as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    """An HTTP answer; ``status`` such as ``200 OK``."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


Reply = Callable[[Request], Awaitable[bytes | None]]


@dataclass
class Receiver:
    """What came; ``reply`` makes the bytes of the answer, None for no answer at all."""

    reply: Reply
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = dict(
                    line.lower().split(": ", 1)[:1] + line.split(": ", 1)[1:] for line in head[1:-2]
                )
                body = await reader.readexactly(int(headers["content-length"]))
                self.requests.append(request := Request(head[0], headers, body))
                reply = await self.reply(request)
                if reply is None:
                    await self.over.wait()
                    return
                writer.write(reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def receiver(reply: Reply | bytes | None, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """An HTTP receiver that answers by ``reply``, or always with the same bytes."""

    async def always(request: Request) -> bytes | None:
        return reply if not callable(reply) else await reply(request)

    there = Receiver(always)
    server = await asyncio.start_server(there.serve, HOST, 0, ssl=tls)
    there.url = f"{'https' if tls else 'http'}://{HOST}:{server.sockets[0].getsockname()[1]}"
    try:
        yield there
    finally:
        there.over.set()
        server.close()
        await asyncio.sleep(0)


def tls_pair(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's certificate for HOST, and a client that believes in it."""
    certificate, key = make_certificate(folder, HOST)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return server, ssl.create_default_context(cafile=str(certificate))
