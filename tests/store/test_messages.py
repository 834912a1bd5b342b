"""A message is on disk together with what tells people of it, and goes with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from notify.mailboxes import KeptMessage
from store.database import Database, sqlite_url
from store.deliveries import SqlDeliveryStore
from store.messages import MessageFilter, SqlMessageStore
from store.paging import Cursor
from tests.aio import asyncio_test
from tests.store.records import a_delivery, a_message


@asynccontextmanager
async def stores(tmp_path: Path) -> AsyncIterator[tuple[SqlMessageStore, SqlDeliveryStore]]:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        yield SqlMessageStore(database), SqlDeliveryStore(database)


@asyncio_test
async def test_a_message_comes_back_as_it_was_kept_after_a_restart(tmp_path: Path) -> None:
    mail, webhook = a_delivery("msg_a"), a_delivery("msg_b", kind="webhook", attachment=None)
    async with stores(tmp_path) as (messages, deliveries):
        await messages.keep_message(a_message(), "m1", [mail, webhook])
    async with stores(tmp_path) as (messages, deliveries):
        assert await messages.message("m1") == KeptMessage("m1", a_message())
        assert await messages.message("m2") is None
        assert set(await deliveries.deliveries(dead=False)) == {mail, webhook}


@asyncio_test
async def test_a_message_and_its_deliveries_are_kept_together_or_not_at_all(tmp_path: Path) -> None:
    async with stores(tmp_path) as (messages, deliveries):
        await deliveries.add_deliveries([a_delivery("msg_b")])
        with pytest.raises(IntegrityError):
            await messages.keep_message(a_message(), "m1", [a_delivery("msg_a"), a_delivery("msg_b")])
        assert await messages.message("m1") is None
        assert await deliveries.delivery("msg_a") is None
        await messages.keep_message(a_message(), "m1", [])
        await messages.keep_message(a_message("again"), "m1", [a_delivery("msg_a")])
        assert await messages.message("m1") == KeptMessage("m1", a_message())
        assert await deliveries.delivery("msg_a") is None


@asyncio_test
async def test_what_tells_of_a_message_is_forgotten_with_it(tmp_path: Path) -> None:
    async with stores(tmp_path) as (messages, deliveries):
        await deliveries.add_deliveries([a_delivery("msg_other")])
        await messages.keep_message(a_message(), "m1", [a_delivery("msg_a")])
        assert await messages.forget_message("m1")
        assert not await messages.forget_message("m1")
        assert await messages.message("m1") is None
        assert [each.delivery_id for each in await deliveries.deliveries(dead=False)] == ["msg_other"]
        # A try that was under way meanwhile brings nothing back.
        await deliveries.save_delivery(replace(a_delivery("msg_a"), tries=1))
        assert await deliveries.delivery("msg_a") is None


@asyncio_test
async def test_pages_of_messages(tmp_path: Path) -> None:
    async with stores(tmp_path) as (messages, _):
        for number, (site, mailbox, at) in enumerate(
            [
                ("boston", "sales", 1.0),
                ("paris", "sales", 2.0),
                ("boston", "help", 2.0),
                ("boston", "sales", 3.0),
            ]
        ):
            message = a_message(site=site, mailbox=mailbox, at=at)
            await messages.keep_message(message, f"m{number}", [])

        async def ids(which: MessageFilter, limit: int = 2) -> list[list[str]]:
            pages: list[list[str]] = []
            after: Cursor | None = None
            while not pages or after:
                page = await messages.messages(which, limit=limit, after=after)
                pages.append([each.message_id for each in page.messages])
                after = page.next
            return pages

        assert await ids(MessageFilter()) == [["m3", "m2"], ["m1", "m0"]]
        assert await ids(MessageFilter(), 3) == [["m3", "m2", "m1"], ["m0"]]
        assert await ids(MessageFilter(site="boston")) == [["m3", "m2"], ["m0"]]
        assert await ids(MessageFilter(mailbox="sales")) == [["m3", "m1"], ["m0"]]
        assert await ids(MessageFilter("boston", "sales")) == [["m3", "m0"]]
        assert await ids(MessageFilter("rome")) == [[]]
        for limit in (0, 501):
            with pytest.raises(ValueError, match="1 to 500"):
                await messages.messages(MessageFilter(), limit=limit)
        assert await messages.count_messages() == {"sales": 3, "help": 1}


@asyncio_test
async def test_messages_expire_by_their_mailbox(tmp_path: Path) -> None:
    async with stores(tmp_path) as (messages, _):
        for mailbox in ("long", "short", "removed"):
            for at in (10.0, 20.0, 30.0):
                message = a_message(mailbox=mailbox, at=at)
                await messages.keep_message(message, f"{mailbox}-{at:.0f}", [])

        async def expired(now: float, limit: int = 100) -> list[str]:
            keep = {"long": 100.0, "short": 5.0, "empty": 1.0}
            found = await messages.expired_messages(now, keep, otherwise=50.0, limit=limit)
            return [each.message_id for each in found]

        assert await expired(15.0) == []
        assert await expired(25.1) == ["short-10", "short-20"]
        assert await expired(70.5) == ["removed-10", "short-10", "removed-20", "short-20", "short-30"]
        assert await expired(70.5, limit=3) == ["removed-10", "short-10", "removed-20"]
        assert len(await expired(1000.0)) == 9
