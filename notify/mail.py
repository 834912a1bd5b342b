"""Mail by SMTP: one mail a connection, its recording attached as a WAV file."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from pathlib import Path

import aiosmtplib

from config.endings import Mail
from notify.delivery import Delivery
from notify.tries import Delivered, Failed, MailErrand, TryResult

#: Seconds for the connection, its TLS included; for one command; for the mail itself; and for everything.
CONNECT_TIMEOUT = 15.0
COMMAND_TIMEOUT = 30.0
DATA_TIMEOUT = 180.0
TOTAL_TIMEOUT = 300.0

#: "Message size exceeds fixed maximum" (RFC 1870 section 6.1): said of the size, or of the mail itself.
_TOO_LARGE = 552
_GONE = "The recording is not attached: it has been deleted."
_NOT_ATTACHED = "The recording is not attached: it is too large for the mail server."


class SmtpSender:
    """The outbox's mail side.

    ``trust`` says which authorities are believed; by default those of the system. A server whose certificate
    does not hold gets neither password nor mail.
    """

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._trust = trust or ssl.create_default_context()

    async def send(self, errand: MailErrand) -> TryResult:
        """Try once.

        Final is what the server says of this mail: its recipient or its content refused for good (5xx). What
        it says of us, such as a wrong password, is for the operator to mend while the mail waits.
        """
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT):
                return await self._send(errand.delivery, errand.mail)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return _failure(error)

    async def _send(self, delivery: Delivery, mail: Mail) -> TryResult:
        recording = await _recording(delivery)
        note = _GONE if delivery.attachment is not None and recording is None else ""
        # In a thread: the base64 of ten minutes takes a while.
        content = await asyncio.to_thread(compose, delivery, mail.sender, recording, note)
        client = aiosmtplib.SMTP(
            hostname=mail.server.host,
            port=mail.server.port,
            use_tls=mail.security == "tls",
            start_tls=mail.security == "starttls",
            username=mail.username,
            password=mail.password.get_secret_value() if mail.password is not None else None,
            tls_context=self._trust,
            timeout=COMMAND_TIMEOUT,
        )
        try:
            await client.connect(timeout=CONNECT_TIMEOUT)
            try:
                await _hand_over(client, mail.sender, delivery.target, content)
            except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
                if error.code != _TOO_LARGE or recording is None:
                    raise
                content = compose(delivery, mail.sender, None, _NOT_ATTACHED)
                await _hand_over(client, mail.sender, delivery.target, content)
        finally:
            # The server has said what becomes of the mail: a QUIT would only be polite, and may fail.
            client.close()
        return Delivered()


async def _hand_over(client: aiosmtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
    plain = sender.isascii() and recipient.isascii()
    options = () if plain else ("SMTPUTF8", "BODY=8BITMIME")
    await client.sendmail(sender, [recipient], content, mail_options=options, timeout=DATA_TIMEOUT)


async def _recording(delivery: Delivery) -> bytes | None:
    """The WAV file; None where there is none, or none any more."""
    if delivery.attachment is None:
        return None
    try:
        return await asyncio.to_thread(Path(delivery.attachment).read_bytes)
    except FileNotFoundError:
        return None


def compose(delivery: Delivery, sender: str, recording: bytes | None, note: str = "") -> bytes:
    """The mail as it travels; ``note`` is a last line of its text. ValueError where it cannot be written.

    Its Message-ID is the delivery's, so that a mail that was sent twice can be known as one.
    """
    plain = sender.isascii() and delivery.target.isascii()
    # Only seven bits, as not every server takes eight, unless an address needs more (RFC 6531).
    mail = EmailMessage(SMTP.clone(cte_type="7bit") if plain else SMTPUTF8)
    mail["From"] = _address(sender, "Ringback")
    mail["To"] = _address(delivery.target)
    mail["Subject"] = delivery.subject
    mail["Date"] = datetime.fromtimestamp(delivery.created_at, UTC)
    mail["Message-ID"] = f"<{delivery.delivery_id}@{sender.rpartition('@')[2]}>"
    # Nobody's holiday notice is to answer (RFC 3834 section 5).
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{delivery.body}\n{note}\n" if note else delivery.body)
    if recording is not None and delivery.attachment is not None:
        mail.add_attachment(recording, "audio", "wav", filename=f"message{Path(delivery.attachment).suffix}")
    return mail.as_bytes()


def _address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def _failure(error: aiosmtplib.SMTPException | OSError | ValueError) -> Failed:
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            refused = error.recipients[0]
            return Failed(f"recipient refused: {refused.code} {refused.message}", refused.code >= 500)
        case aiosmtplib.SMTPDataError():
            return Failed(f"mail refused: {error.code} {error.message}", error.code >= 500)
        case aiosmtplib.SMTPSenderRefused():
            return Failed(f"sender refused: {error.code} {error.message}", error.code == _TOO_LARGE)
        case aiosmtplib.SMTPResponseException():
            return Failed(f"mail server: {error.code} {error.message}")
        case ssl.SSLError():
            return Failed(f"TLS: {error}")
        case TimeoutError():
            return Failed(f"timeout: {error}" if str(error) else "timeout")
        case ValueError():
            return Failed(f"no mail can be written: {error}", final=True)
    return Failed(f"mail server: {error}")
