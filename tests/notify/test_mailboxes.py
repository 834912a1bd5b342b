"""From a message that was left to what arrives by mail and webhook, and to its end; with the real store."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from standardwebhooks.webhooks import Webhook

import notify.mailboxes
from config.models import Config
from config.sections.mail import Mail
from notify.delivery import Delivery
from notify.mail import SmtpSender
from notify.mailboxes import KEEP_DELIVERIES, KEEP_OTHERS, Mailroom
from notify.outbox import MailSender, Outbox, WebhookSender
from notify.webhooks import WebhookPoster
from store.database import Database, sqlite_url
from store.deliveries import SqlDeliveryStore
from store.errors import StoreError
from store.messages import MessageFilter, SqlMessageStore
from tests.aio import asyncio_test
from tests.config.files import write_wav
from tests.notify.parts import NOW, SECRET, FastClock, Postbox, message, settings, until
from tests.notify.receivers import HOST, answer, post_office, receiver
from tests.notify.test_wording import CALLBACK


class Room:
    """A mailroom with its stores on a disk."""

    def __init__(self, database: Database, config: Config, mail: MailSender, webhooks: WebhookSender) -> None:
        clock = FastClock()
        self.messages, self.deliveries = SqlMessageStore(database), SqlDeliveryStore(database)
        self.config = config
        self.outbox = Outbox(self.deliveries, lambda: self.config, clock, mail, webhooks)
        self.mailroom = Mailroom(self.messages, self.deliveries, self.outbox, lambda: self.config, clock)

    async def kept(self) -> list[str]:
        page = await self.messages.messages(MessageFilter())
        return [each.message.call_id for each in page.messages]

    async def told(self) -> bool:
        every = await self.deliveries.deliveries(dead=False)
        return bool(every) and all(each.delivered_at for each in every)


@asynccontextmanager
async def room(
    tmp_path: Path, config: Config, mail: MailSender | None = None, webhooks: WebhookSender | None = None
) -> AsyncIterator[Room]:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        made = Room(database, config, mail or Postbox(), webhooks or Postbox())
        await made.outbox.start()
        try:
            yield made
        finally:
            await made.mailroom.stop()
            await made.outbox.stop()


@asyncio_test(timeout=30)
async def test_a_message_reaches_everybody_and_the_log_tells_nobody(tmp_path: Path) -> None:
    wav = tmp_path / "c0ffee.wav"
    write_wav(wav, frames=8000)
    poster = WebhookPoster(time.time)
    with structlog.testing.capture_logs() as logs:
        async with post_office() as office, receiver(answer("200 OK")) as there:
            mail = Mail(server=f"{HOST}:{office.port}", sender="ringback@shop.example")
            url = f"{there.url}/hook?token=hidden"
            config = settings(email=("ann@shop.example",), url=url, mail=mail)
            async with room(tmp_path, config, SmtpSender(), poster) as made:
                await made.mailroom.keep(message(path=str(wav)))
                for _ in range(200):
                    if await made.told():
                        break
                    await asyncio.sleep(0.05)
                assert await made.told()
                assert await made.kept() == ["c0ffee"]
        await poster.close()
    (mail_told,) = office.mails
    assert mail_told["To"] == "ann@shop.example"
    assert next(mail_told.iter_attachments()).get_content() == wav.read_bytes()
    told = Webhook(SECRET).verify(there.requests[0].body, there.requests[0].headers)
    assert (told["type"], told["data"]["call_id"]) == ("message.taken", "c0ffee")
    text = json.dumps(logs, default=str)
    assert "message_kept" in text
    for secret in ("ann@", "token", "16175550123", "whsec"):
        assert secret not in text


@asyncio_test(timeout=20)
async def test_a_callback_given_up_is_told(tmp_path: Path) -> None:
    mail = Postbox()
    async with room(tmp_path, settings(email=("sales@shop.example",)), mail) as made:
        await made.mailroom.callback_given_up(CALLBACK)
        await until(lambda: len(mail.sent) == 1)
    assert mail.sent[0].subject == "[Sales] Callback given up: Åsa (+49 30 901820)"


@asyncio_test(timeout=20)
async def test_a_mailbox_without_addresses_keeps_its_messages(tmp_path: Path) -> None:
    async with room(tmp_path, settings()) as made:
        await made.mailroom.keep(message())
        made.config = settings(mailboxes={})
        await made.mailroom.keep(message(call_id="after"))
        assert sorted(await made.kept()) == ["after", "c0ffee"]
        assert await made.deliveries.deliveries(dead=False) == []


@asyncio_test(timeout=20)
async def test_a_store_that_fails_leaves_nothing_behind_and_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = Postbox()
    async with room(tmp_path, settings(email=("sales@shop.example",)), mail) as made:

        async def fails(*args: Any) -> None:
            raise StoreError("disk full")

        with monkeypatch.context() as patch, structlog.testing.capture_logs() as logs:
            patch.setattr(made.messages, "keep_message", fails)
            with pytest.raises(StoreError, match="disk full"):
                await made.mailroom.keep(message(path="/there/left.wav"))
        assert [(each["event"], each["path"]) for each in logs] == [("message_not_kept", "/there/left.wav")]
        await made.mailroom.keep(message())
        assert await made.kept() == ["c0ffee"]
        await until(lambda: len(mail.sent) == 1)


async def leave(made: Room, folder: Path, call_id: str, **changes: Any) -> Path:
    file = folder / f"{call_id}.wav"
    write_wav(file)
    await made.mailroom.keep(message(call_id=call_id, path=str(file), **changes))
    return file


@asyncio_test(timeout=20)
async def test_messages_are_deleted_when_their_time_is_over(tmp_path: Path) -> None:
    async with room(tmp_path, settings(keep_messages="1d")) as made:
        fresh = await leave(made, tmp_path, "fresh", at=NOW - 86000)
        old = await leave(made, tmp_path, "old", at=NOW - 87000)
        lost = await leave(made, tmp_path, "lost", at=NOW - 87000)
        other = await leave(made, tmp_path, "other", mailbox="gone", at=NOW - KEEP_OTHERS + 1000)
        oldest = await leave(made, tmp_path, "oldest", mailbox="gone", at=NOW - KEEP_OTHERS - 1000)
        lost.unlink()
        await made.mailroom.start()
        for _ in range(200):
            if len(await made.kept()) == 2:
                break
            await asyncio.sleep(0.02)
        assert sorted(await made.kept()) == ["fresh", "other"]
    assert [file.exists() for file in (fresh, old, other, oldest)] == [True, False, True, False]


@asyncio_test(timeout=20)
async def test_a_file_that_cannot_be_deleted_holds_up_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify.mailboxes, "BATCH", 2)
    async with room(tmp_path, settings(keep_messages="1d")) as made:
        for n in range(3):
            folder = tmp_path / f"stuck{n}.wav"
            folder.mkdir()
            await made.mailroom.keep(message(call_id=f"stuck{n}", path=str(folder), at=NOW - 90000 + n))
        for n in range(5):
            await leave(made, tmp_path, f"old{n}", at=NOW - 88000 + n)
        with structlog.testing.capture_logs() as logs:
            await made.mailroom.tidy()
        assert sorted(await made.kept()) == ["stuck0", "stuck1", "stuck2"]
        (tmp_path / "stuck0.wav").rmdir()
        await made.mailroom.tidy()
        assert sorted(await made.kept()) == ["stuck1", "stuck2"]
    assert {each["path"] for each in logs if each["event"] == "message_not_deleted"} == {
        str(tmp_path / f"stuck{n}.wav") for n in range(3)
    }


@asyncio_test(timeout=20)
async def test_deliveries_that_are_done_with_are_forgotten(tmp_path: Path) -> None:
    def delivery(n: int, **changes: Any) -> Delivery:
        plain = {"delivery_id": f"msg_{n}", "kind": "email", "mailbox": "sales", "target": "a@shop.example"}
        return Delivery(**plain | {"subject": "s", "body": "b", "attachment": None} | changes)

    then, now = NOW - KEEP_DELIVERIES - 100, NOW - KEEP_DELIVERIES + 100
    async with room(tmp_path, settings()) as made:
        await made.deliveries.add_deliveries(
            [
                delivery(0, created_at=then, delivered_at=then),
                delivery(1, created_at=then, error="dead"),
                delivery(2, created_at=then, next_at=NOW + 9000),
                delivery(3, created_at=now, delivered_at=now),
            ]
        )
        await made.mailroom.tidy()
        left = await made.deliveries.deliveries(dead=False)
    assert {each.delivery_id for each in left} == {"msg_2", "msg_3"}
