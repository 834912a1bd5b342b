"""Mail by SMTP: one mail a connection, its recording attached as a WAV file."""

from __future__ import annotations

import asyncio
import re
import ssl
from base64 import b64encode
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from pathlib import Path

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol

from config.sections.mail import Mail
from notify.delivery import Delivery
from notify.tries import MailErrand, TryDone, TryFailed, TryResult
from notify.wording import one_line

#: Seconds for the connection, its TLS included; for one command; for the mail itself; and for everything.
CONNECT_TIMEOUT = 15.0
COMMAND_TIMEOUT = 30.0
DATA_TIMEOUT = 180.0
TOTAL_TIMEOUT = 300.0

#: "Message size exceeds fixed maximum" (RFC 1870 section 6.1): said of the size, or of the mail itself.
_TOO_LARGE = 552
#: The mail is written in pieces of so many bytes, and its transport holds about as many.
_PIECE = 1 << 18
_A_MOMENT = 0.01
_PLACE = b"the recording"
#: The headers of every mail, and those that the library adds for what is in it.
_HEADERS = (
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
)  # fmt: skip
#: Those that a delivery may have besides (RFC 5322 section 3.6.4, RFC 2369, RFC 8058); ``Message-ID`` in
#: place of the one that every mail has.
MORE_HEADERS = (
    "Message-ID",
    "In-Reply-To",
    "References",
    "Reply-To",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
)
_MIME_HEADERS = ("MIME-Version", "Content-Type", "Content-Transfer-Encoding")
_ENCODED_WORD = re.compile(r"=\?")
_LONGEST_HEADER = 500
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
        it says of us, such as a wrong password, is for the operator to fix while the mail waits.
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
        content = await asyncio.to_thread(_content, delivery, mail.sender, recording, note)
        # Where a mail comes back to that cannot be delivered: nobody is there who answers by itself.
        envelope = mail.bounces or mail.sender
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
                await _hand_over(client, envelope, delivery.target, content)
            except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
                if error.code != _TOO_LARGE or recording is None:
                    raise
                content = _content(delivery, mail.sender, None, _NOT_ATTACHED)
                await _hand_over(client, envelope, delivery.target, content)
        finally:
            # The server has said what becomes of the mail: a QUIT would only be polite, and may fail.
            client.close()
        return TryDone()


async def _hand_over(client: aiosmtplib.SMTP, sender: str, recipient: str, content: bytes) -> None:
    """One mail transaction (RFC 5321 section 3.3); what the server refuses is raised.

    aiosmtplib's own goes over the whole mail three times on the loop: a second for ten minutes' recording.
    """
    await client.rset()
    plain = sender.isascii() and recipient.isascii()
    if not plain and not client.supports_extension("smtputf8"):
        raise aiosmtplib.SMTPNotSupported("it does not take addresses beyond ASCII (SMTPUTF8)")
    encoding = "ascii" if plain else "utf-8"
    options = [] if plain else ["SMTPUTF8", "BODY=8BITMIME"]
    if client.supports_extension("size"):
        options.append(f"SIZE={len(content)}")
    await client.mail(sender, options=options, encoding=encoding)
    await client.rcpt(recipient, encoding=encoding)
    async with asyncio.timeout(DATA_TIMEOUT):
        reply = await client.execute_command(b"DATA")
        if reply.code == aiosmtplib.SMTPStatus.start_input:
            reply = await _write(client, content)
    if reply.code != aiosmtplib.SMTPStatus.completed:
        raise aiosmtplib.SMTPDataError(reply.code, reply.message)


async def _write(client: aiosmtplib.SMTP, content: bytes) -> aiosmtplib.SMTPResponse:
    """Write the mail in pieces, as fast as the server takes them; returns what it says in the end."""
    for at in range(0, len(content), _PIECE):
        # aiosmtplib keeps to itself when its transport may be written to again.
        while client.transport is not None and _unsent(client.transport) > _PIECE:  # noqa: ASYNC110
            await asyncio.sleep(_A_MOMENT)
        _protocol(client).write(content[at : at + _PIECE])
        await asyncio.sleep(0)
    protocol = _protocol(client)
    # Without a pause in between: a reply that nobody waits for is dropped.
    protocol.write(b".\r\n")
    return await protocol.read_response()


def _protocol(client: aiosmtplib.SMTP) -> SMTPProtocol:
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    return client.protocol


def _unsent(transport: asyncio.BaseTransport) -> int:
    return transport.get_write_buffer_size() if isinstance(transport, asyncio.WriteTransport) else 0


async def _recording(delivery: Delivery) -> bytes | None:
    """The WAV file; None where there is none, or none any more."""
    if delivery.attachment is None:
        return None
    try:
        return await asyncio.to_thread(Path(delivery.attachment).read_bytes)
    except FileNotFoundError:
        return None


def compose(delivery: Delivery, sender: str, recording: bytes | None, note: str = "") -> bytes:
    """The mail (RFC 5322); ``note`` is a last line of its text. ValueError where it cannot be written.

    Its Message-ID is the delivery's, so that a mail that was sent twice can be known as one.
    """
    plain = sender.isascii() and delivery.target.isascii()
    # Only seven bits, as not every server takes eight, unless an address needs more (RFC 6531).
    mail = EmailMessage(SMTP.clone(cte_type="7bit") if plain else SMTPUTF8)
    mail["From"] = _address(sender, "Ringback")
    mail["To"] = _address(delivery.target)
    mail["Subject"] = header_text(delivery.subject)
    mail["Date"] = datetime.fromtimestamp(delivery.created_at, UTC)
    domain = sender.rpartition("@")[2]
    more = {name: header_text(value) for name, value in delivery.headers if name in MORE_HEADERS}
    mail["Message-ID"] = more.pop("Message-ID", f"<{delivery.delivery_id}@{domain}>")
    # Nobody's holiday notice is to answer (RFC 3834 section 5); Exchange asks for a word of its own.
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    for name, value in more.items():
        mail[name] = value
    mail.set_content(f"{delivery.body}\n{note}\n" if note else delivery.body)
    if delivery.html:
        mail.add_alternative(delivery.html, subtype="html")
    if recording is None or delivery.attachment is None:
        return _checked(mail.as_bytes())
    # The library takes its time with megabytes: it gets a few bytes in their place, the last in the mail.
    mail.add_attachment(_PLACE, "audio", "wav", filename=f"message{Path(delivery.attachment).suffix}")
    before, _, after = _checked(mail.as_bytes()).rpartition(b64encode(_PLACE))
    return before + _folded(recording) + after


def header_text(text: str) -> str:
    """A text that stays within its header: one line, and without encoded words (RFC 2047 section 2).

    Some Pythons decode such words in a value that is set, line ends in them too, and some readers of mail
    decode a header twice. So ``=?`` becomes ``= ?``.
    """
    return _ENCODED_WORD.sub("= ?", one_line(text, _LONGEST_HEADER))


def _checked(mail: bytes) -> bytes:
    """The mail, if its head has our headers and no others; ValueError where a value has left its header."""
    head, _, _ = mail.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    names = [
        line.partition(b":")[0].decode("ascii", "replace") for line in lines if line[:1] not in (b" ", b"\t")
    ]
    if any(b"\r" in line or b"\n" in line or not line.strip() for line in lines) or not _is_ours(names):
        raise ValueError("its head does not have the headers that were written")
    return mail


def _is_ours(names: list[str]) -> bool:
    told = set(names)
    return len(names) == len(told) and set(_HEADERS) <= told <= {*_HEADERS, *MORE_HEADERS, *_MIME_HEADERS}


def _folded(data: bytes) -> bytes:
    """Base64 in lines of 76 characters (RFC 2045 section 6.8)."""
    text = b64encode(data)
    return b"\r\n".join([text[at : at + 76] for at in range(0, len(text), 76)])


def _content(delivery: Delivery, sender: str, recording: bytes | None, note: str) -> bytes:
    """The mail as DATA sends it, with the dots at the beginning of lines doubled (RFC 5321 section 4.5.2)."""
    return compose(delivery, sender, recording, note).replace(b"\r\n.", b"\r\n..")


def _address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def _failure(error: aiosmtplib.SMTPException | OSError | ValueError) -> TryFailed:
    match error:
        case aiosmtplib.SMTPRecipientRefused():
            return TryFailed(f"recipient refused: {error.code} {error.message}", error.code >= 500)
        case aiosmtplib.SMTPDataError():
            return TryFailed(f"mail refused: {error.code} {error.message}", error.code >= 500)
        case aiosmtplib.SMTPSenderRefused():
            return TryFailed(f"sender refused: {error.code} {error.message}", error.code == _TOO_LARGE)
        case aiosmtplib.SMTPResponseException():
            return TryFailed(f"mail server: {error.code} {error.message}")
        case ssl.SSLError():
            return TryFailed(f"TLS: {error}")
        case TimeoutError():
            return TryFailed(f"timeout: {error}" if str(error) else "timeout")
        case ValueError():
            return TryFailed(f"no mail can be written: {error}", final=True)
    return TryFailed(f"mail server: {error}")
