"""Trunks over TCP and TLS."""

import asyncio
import datetime
import ssl
from ipaddress import ip_network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegEnded
from config.sections.trunks import Trunk
from tests.aio import asyncio_test
from tests.sip.core import Worker
from tests.sip.test_firewall import ask
from tests.sip.uas import Phone


class StreamPhone(Phone):
    """The raw phone behind a stream: messages are told apart by Content-Length (RFC 3261 section 18.3)."""

    @classmethod
    async def listen(cls, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> "StreamPhone":
        phone = cls()
        phone.via = "TLS" if tls else "TCP"
        phone.server = await asyncio.start_server(phone.connected, host, 0, ssl=tls)
        phone.host, phone.port = phone.server.sockets[0].getsockname()[:2]
        return phone

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.transport = self
        self.writer = writer
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return
            length = int(head.lower().partition(b"content-length:")[2].split()[0])
            body = await reader.readexactly(length)
            self.datagram_received(head.lstrip() + body, writer.get_extra_info("peername"))

    def sendto(self, data: bytes, _: object) -> None:
        self.writer.write(data)

    def close(self) -> None:
        for dialog in self.dialogs.values():
            dialog.rtp.transport.close()
        self.server.close()


def certificate(directory) -> ssl.SSLContext:
    """A TLS server that names itself 127.0.0.1, and its certificate in cert.pem."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("127.0.0.1")]), False)
        .sign(key, hashes.SHA256())
    )
    (directory / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (directory / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "cert.pem", directory / "key.pem")
    return context


@pytest.mark.parametrize("transport", ["tcp", "tls"])
@asyncio_test(timeout=90)
async def test_a_call_over_a_connection(transport, tmp_path):
    phone = await StreamPhone.listen(certificate(tmp_path) if transport == "tls" else None)
    tls = {"ca_file": tmp_path / "cert.pem"}
    trunk = Trunk(host=f"127.0.0.1:{phone.port}", transport=transport, tls=tls, srtp="off")
    worker = await Worker.start({"t": trunk})
    worker.dial("a", f"sip:x@127.0.0.1:{phone.port}", "t")
    invite = await phone.expect("INVITE")
    assert f"transport={transport}" in invite.first
    assert f"transport={transport}" in invite.get("Contact").lower()
    await worker.expect(LegAnswered, "a")
    phone.request(next(iter(phone.dialogs)), "BYE")
    assert (await worker.expect(LegEnded, "a")).cause is HangupCause.NORMAL
    await phone.expect("SIP/2.0 200")
    await worker.stop()
    phone.close()


async def connects(host: str, port: int) -> bool:
    """Whether our port answers a connection from this address: a refusal would be an answer too."""
    try:
        _, writer = await asyncio.wait_for(
            asyncio.open_connection("127.0.0.1", port, local_addr=(host, 0)), 1.3
        )
    except TimeoutError:
        return False
    writer.close()
    return True


@pytest.mark.parametrize("transport", ["tcp", "tls"])
@asyncio_test(timeout=90)
async def test_a_stranger_cannot_even_connect(transport, tmp_path):
    """The SYN of a stranger gets neither SYN/ACK nor RST, not even when it is sent again after a second."""
    phone = await StreamPhone.listen(certificate(tmp_path) if transport == "tls" else None)
    trunk = Trunk(
        host=f"127.0.0.1:{phone.port}",
        transport=transport,
        tls={"ca_file": tmp_path / "cert.pem"},
        addresses=(ip_network("127.0.4.0/24"),),
    )
    worker = await Worker.start({"t": trunk})
    worker.dial("a", f"sip:x@127.0.0.1:{phone.port}", "t")  # only now is there anything to connect to
    await worker.expect(LegAnswered, "a")
    port = worker.sip_port
    assert await connects("127.0.0.1", port)
    assert await connects("127.0.4.9", port)
    assert not await connects("127.0.0.9", port)
    assert not await connects("127.0.5.9", port)
    assert await connects("127.0.4.9", port)
    # The same port over UDP: the same bytes from a friend are answered.
    assert await ask(worker, "127.0.4.9", "OPTIONS") == "SIP/2.0 200 OK"
    assert await ask(worker, "127.0.0.9", "OPTIONS", patience=0.4) is None
    phone.request(next(iter(phone.dialogs)), "BYE")
    assert (await worker.expect(LegEnded, "a")).cause is HangupCause.NORMAL
    await worker.stop()
    phone.close()


@asyncio_test(timeout=90)
async def test_a_certificate_that_nobody_vouches_for(tmp_path):
    phone = await StreamPhone.listen(certificate(tmp_path))
    worker = await Worker.start({"t": Trunk(host=f"127.0.0.1:{phone.port}", transport="tls")})
    worker.dial("a", f"sip:x@127.0.0.1:{phone.port}", "t")
    assert (await worker.expect(LegEnded, "a", 8)).cause is HangupCause.TRUNK_UNREACHABLE
    assert not phone.log
    await worker.stop()
    phone.close()


@asyncio_test(timeout=90)
async def test_nobody_listens():
    phone = await StreamPhone.listen()
    phone.server.close()
    worker = await Worker.start({"t": Trunk(host=f"127.0.0.1:{phone.port}", transport="tcp")})
    worker.dial("a", f"sip:x@127.0.0.1:{phone.port}", "t")
    assert (await worker.expect(LegEnded, "a", 8)).cause is HangupCause.TRUNK_UNREACHABLE
    await worker.stop()
