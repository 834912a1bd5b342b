"""Transcripts by mail: what arrives at a real SMTP server, and when none is sent."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from chat.entries import ChatEntry
from chat.transcript import TranscriptHead, transcript
from config.models import Config
from config.sections.chat import ChatSettings
from config.sections.mail import Mail
from notify.delivery import Delivery
from notify.mail import SmtpSender
from notify.outbox import Outbox
from notify.transcripts import transcript_delivery
from notify.tries import MailErrand, TryFailed, errand
from tests.aio import asyncio_test
from tests.notify.parts import NOW, FastClock, MemoryStore, Postbox, settings, until
from tests.notify.receivers import HOST, Office, post_office


def delivery(label: str = "Büro & Söhne", address: str = "ann@x.example") -> Delivery:
    entries = [
        ChatEntry(1, NOW, "shopper", "text", "Is it in stock?\n.\nBcc: all@x.example"),
        ChatEntry(2, NOW + 5, "agent", "text", "Yes, <b>two</b> of them 👍🏽", "alice"),
    ]
    head = TranscriptHead("chat1", label, ZoneInfo("America/New_York"), "en", {"alice": "Alice"})
    return transcript_delivery(transcript(head, entries), "chat1", "shop", address, NOW, lambda: "msg_1")


def with_chat(office: Office | None = None) -> Config:
    port = office.port if office else 25
    known = settings(mail=Mail(server=f"{HOST}:{port}", sender="ringback@shop.example"))  # type: ignore[arg-type]
    site = known.sites["shop"].model_copy(update={"chat": ChatSettings(route="sales")})
    return known.model_copy(update={"sites": {"shop": site}})


@asyncio_test(timeout=20)
async def test_a_transcript_arrives_as_plain_text_and_html() -> None:
    store = MemoryStore()
    async with post_office() as office:
        outbox = Outbox(store, lambda: with_chat(office), FastClock(), SmtpSender(), Postbox())
        await outbox.start()
        try:
            await outbox.add([delivery()])
            await until(lambda: store.rows["msg_1"].delivered_at is not None)
        finally:
            await outbox.stop()
    (mail,) = office.mails
    assert office.recipients == ["ann@x.example"]
    assert mail["Subject"] == "Your chat with Büro & Söhne"
    # RFC 3834 section 5: nobody's holiday notice is to answer.
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == "<msg_1@shop.example>"
    assert mail["Bcc"] is None
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = (part.get_content() for part in mail.iter_parts())  # type: ignore[union-attr]
    assert "[10:30:05] You: Is it in stock?\n    .\n    Bcc: all@x.example\n" in plain.replace("\r\n", "\n")
    assert "Times are those of America/New_York." in plain
    assert "Yes, &lt;b&gt;two&lt;/b&gt; of them 👍🏽" in html
    assert office.contents[0].isascii()


@asyncio_test(timeout=20)
async def test_a_label_with_line_ends_stays_in_the_subject() -> None:
    async with post_office() as office:
        sent = delivery("Shop\r\nBcc: all@x.example\r\n\r\n=?utf-8?q?=0D=0ABcc:_x?=")
        todo = errand(sent, with_chat(office))
        assert isinstance(todo, MailErrand)
        await SmtpSender().send(todo)
    (mail,) = office.mails
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("Your chat with Shop Bcc: all@x.example")


def test_a_site_without_chats_sends_none() -> None:
    failed = errand(delivery(), settings())
    assert failed == TryFailed("site shop has no chats any more", final=True)


def test_without_a_mail_server_it_waits_for_the_operator() -> None:
    failed = errand(delivery(), with_chat().model_copy(update={"mail": None}))
    assert isinstance(failed, TryFailed)
    assert not failed.final


def test_it_is_about_the_chat() -> None:
    assert (delivery().about, delivery().site) == ("chat:chat1", "shop")
