"""Mail to a real SMTP server: what arrives, and which failure is which."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
import ssl
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

import notify.mail
from config.sections.mail import Mail
from notify.delivery import Delivery
from notify.mail import SmtpSender
from notify.tries import MailErrand, TryDone, TryFailed, TryResult
from tests.aio import asyncio_test
from tests.config.files import write_wav
from tests.notify.parts import NOW, mail_delivery
from tests.notify.receivers import HOST, PASSWORD, USER, Office, post_office, tls_pair


def server(office: Office, **changes: Any) -> Mail:
    return Mail(**{"server": f"{HOST}:{office.port}", "sender": "ringback@shop.example"} | changes)


async def send(
    office: Office, delivery: Delivery | None = None, trust: ssl.SSLContext | None = None, **changes: Any
) -> TryResult:
    return await SmtpSender(trust).send(MailErrand(delivery or mail_delivery(), server(office, **changes)))


@asyncio_test(timeout=20)
async def test_a_mail_arrives_with_its_recording(tmp_path: Path) -> None:
    wav = tmp_path / "c0ffee.wav"
    write_wav(wav, frames=80000)
    told = mail_delivery(subject="[Büro] Message", body="Grüße.\n.\nFrom: me\n", attachment=str(wav))
    async with post_office() as office:
        assert await send(office, told) == TryDone()
    (mail,) = office.mails
    assert office.recipients == ["sales@shop.example"]
    assert mail["From"] == "Ringback <ringback@shop.example>"
    assert mail["To"] == "sales@shop.example"
    assert mail["Subject"] == "[Büro] Message"
    assert mail["Message-ID"] == "<msg_mail@shop.example>"
    assert mail["Date"].datetime == datetime.fromtimestamp(int(NOW), UTC)
    text, sound = mail.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == told.body
    assert (sound.get_content_type(), sound.get_filename()) == ("audio/wav", "message.wav")
    assert sound.get_content() == wav.read_bytes()
    assert office.contents[0].isascii()


@asyncio_test(timeout=20)
async def test_starttls_and_a_password(tmp_path: Path) -> None:
    theirs, ours = tls_pair(tmp_path)
    login = {"username": USER, "password": PASSWORD, "security": "starttls"}
    async with post_office(tls=theirs, starttls=True, auth=True) as office:
        assert await send(office, trust=ours, **login) == TryDone()
        wrong = await send(office, trust=ours, **login | {"password": "wrong"})
        plain = await send(office, trust=ours)
    assert office.secured == [True]
    # None of these is the mail's fault: it waits for the operator.
    assert isinstance(wrong, TryFailed)
    assert (wrong.final, wrong.error[:17]) == (False, "mail server: 535 ")
    assert isinstance(plain, TryFailed)
    assert (plain.final, plain.error[:17]) == (False, "mail server: 530 ")


@asyncio_test(timeout=20)
async def test_tls_from_the_start(tmp_path: Path) -> None:
    theirs, ours = tls_pair(tmp_path)
    async with post_office(tls=theirs) as office:
        assert await send(office, trust=ours, security="tls") == TryDone()
    assert office.secured == [True]


@pytest.mark.parametrize("security", ["tls", "starttls"])
@asyncio_test(timeout=20)
async def test_a_certificate_that_does_not_hold_gets_nothing(tmp_path: Path, security: str) -> None:
    theirs, _ = tls_pair(tmp_path)
    async with post_office(tls=theirs, starttls=security == "starttls", auth=True) as office:
        result = await send(office, security=security, username=USER, password=PASSWORD)
    assert isinstance(result, TryFailed)
    assert not result.final
    assert "CERTIFICATE_VERIFY_FAILED" in result.error
    assert office.contents == []


@asyncio_test(timeout=20)
async def test_a_server_that_cannot_encrypt_gets_nothing() -> None:
    async with post_office() as office:
        result = await send(office, security="starttls")
    assert isinstance(result, TryFailed)
    assert "STARTTLS" in result.error
    assert office.contents == []


@pytest.mark.parametrize(
    ("command", "reply", "final", "error"),
    [
        ("RCPT", "550 no such user", True, "recipient refused: 550 no such user"),
        ("RCPT", "450 greylisted", False, "recipient refused: 450 greylisted"),
        ("DATA", "554 spam", True, "mail refused: 554 spam"),
        ("DATA", "452 no room", False, "mail refused: 452 no room"),
        ("MAIL", "553 not your name", False, "sender refused: 553 not your name"),
        ("MAIL", "421 busy", False, "sender refused: 421 busy"),
    ],
)
@asyncio_test(timeout=20)
async def test_no_for_now_and_no_for_good(command: str, reply: str, final: bool, error: str) -> None:
    async with post_office() as office:
        office.refusals[command] = reply
        assert await send(office) == TryFailed(error, final)


@pytest.mark.parametrize("announced", [50000, None])
@asyncio_test(timeout=20)
async def test_a_recording_that_is_too_large_is_left_out(tmp_path: Path, announced: int | None) -> None:
    wav = tmp_path / "c0ffee.wav"
    write_wav(wav, frames=40000)
    async with post_office(data_size_limit=announced) as office:
        office.largest = 50000
        assert await send(office, mail_delivery(attachment=str(wav))) == TryDone()
    (mail,) = office.mails
    assert "too large for the mail server" in mail.get_content()


@asyncio_test(timeout=20)
async def test_a_recording_that_is_gone_is_said(tmp_path: Path) -> None:
    async with post_office() as office:
        assert await send(office, mail_delivery(attachment=str(tmp_path / "gone.wav"))) == TryDone()
    assert office.mails[0].get_content().replace("\r\n", "\n") == (
        "Hello.\n\nThe recording is not attached: it has been deleted.\n"
    )


@asyncio_test(timeout=20)
async def test_a_recording_that_cannot_be_read_waits(tmp_path: Path) -> None:
    async with post_office() as office:
        result = await send(office, mail_delivery(attachment=str(tmp_path)))
    assert isinstance(result, TryFailed)
    assert not result.final
    assert office.contents == []


@asyncio_test(timeout=20)
async def test_nobody_there() -> None:
    async with post_office() as office:
        pass
    result = await send(office)
    assert isinstance(result, TryFailed)
    assert not result.final
    assert "Error connecting" in result.error


@pytest.mark.parametrize("command", ["MAIL", "DATA"])
@asyncio_test(timeout=20)
async def test_a_server_that_hangs(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify.mail, "DATA_TIMEOUT", 0.3)
    monkeypatch.setattr(notify.mail, "COMMAND_TIMEOUT", 0.3)
    async with post_office() as office:
        office.silent.add(command)
        result = await send(office)
    assert isinstance(result, TryFailed)
    assert not result.final
    assert "timeout" in result.error


@asyncio_test(timeout=30)
async def test_ten_minutes_do_not_hold_up_the_core(tmp_path: Path) -> None:
    """The receiver is slow to read, and nothing else waits for it meanwhile; every byte arrives."""
    wav = tmp_path / "c0ffee.wav"
    write_wav(wav, frames=600 * 8000)
    took, longest, last = bytearray(), 0.0, time.monotonic()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.shop.example\r\n")
        while line := await reader.readline():
            writer.write(b"354 go on\r\n" if line == b"DATA\r\n" else b"250 OK\r\n")
            while line == b"DATA\r\n" and not took.endswith(b"\r\n.\r\n"):
                took.extend(await reader.read(1 << 16))
                await asyncio.sleep(0.001)
            if line == b"DATA\r\n":
                writer.write(b"250 OK\r\n")
        writer.close()

    listening = await asyncio.start_server(slow, HOST, 0)
    office = Office(port=listening.sockets[0].getsockname()[1])
    sending = asyncio.ensure_future(send(office, mail_delivery(attachment=str(wav), body=".\n..\n")))
    while not sending.done():
        await asyncio.sleep(0.005)
        last, longest = time.monotonic(), max(longest, time.monotonic() - last)
    assert await sending == TryDone()
    listening.close()
    assert longest < 0.5
    sent = bytes(took).removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    mail = email.message_from_bytes(sent, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    text, sound = mail.iter_parts()
    assert text.get_content() == ".\r\n..\r\n"
    assert sound.get_content() == wav.read_bytes()


@asyncio_test(timeout=20)
async def test_a_server_that_never_greets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify.mail, "CONNECT_TIMEOUT", 0.3)
    monkeypatch.setattr(notify.mail, "TOTAL_TIMEOUT", 2.0)
    quiet = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            await quiet.wait()

    listening = await asyncio.start_server(hold, HOST, 0)
    office = Office(port=listening.sockets[0].getsockname()[1])
    result = await send(office)
    quiet.set()
    listening.close()
    assert isinstance(result, TryFailed)
    assert "timeout" in result.error


@asyncio_test(timeout=20)
async def test_a_server_that_talks_garbage() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\xff garbage\r\n" * 10)
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(babble, HOST, 0)
    office = Office(port=listening.sockets[0].getsockname()[1])
    result = await send(office)
    listening.close()
    assert isinstance(result, TryFailed)
    assert not result.final


@asyncio_test(timeout=20)
async def test_addresses_beyond_ascii() -> None:
    told = mail_delivery("büro@shop.example")
    async with post_office(enable_SMTPUTF8=True) as office:
        assert await send(office, told) == TryDone()
    assert office.recipients == ["büro@shop.example"]
    async with post_office() as office:
        result = await send(office, told)
    assert isinstance(result, TryFailed)
    assert "SMTPUTF8" in result.error


@asyncio_test(timeout=20)
async def test_an_address_injects_no_command() -> None:
    async with post_office() as office:
        for target in (
            "a@x.example>\r\nRCPT TO:<b@x.example",
            "a b@x.example",
            "a@x.example\nBcc: b@x.example",
        ):
            result = await send(office, mail_delivery(target))
            assert isinstance(result, TryFailed)
            assert result.final
    assert office.recipients == []
