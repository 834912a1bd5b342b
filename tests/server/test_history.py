"""Earlier calls: found by number and by customer, of this site alone, without reading all calls."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, event

from bridge.causes import Disposition
from chat.records import ChatOpening, KeepRow
from chat.standing import ChatRow
from chat.states import ChatState
from config.models import Config
from cti.pop import EarlierContact
from routing.plan import ClickToCall
from server.history import ContactHistory, visitor_of
from store.calls import SqlCallStore
from store.chats import SqlChatStore
from store.database import Database, sqlite_url
from tests.aio import asyncio_test
from tests.cti.shops import CLICK, shop
from tests.store.records import a_record

CONFIG = shop(visitor="customer.id")
ANN = replace(CLICK, signed={"customer.id": "7"})


async def history(
    store: SqlCallStore, click: ClickToCall, config: Config = CONFIG, limit: int = 5
) -> list[str]:
    """The ids of the earlier calls that are found."""
    looked: asyncio.Future[Sequence[EarlierContact]] = asyncio.get_running_loop().create_future()
    chats = SqlChatStore(store._database)
    ContactHistory(store, chats, lambda: config).look_up("now", click, limit, looked.set_result)
    return [call.call_id or call.chat_id or "" for call in await asyncio.wait_for(looked, 5)]


@asyncio_test
async def test_earlier_calls_of_a_number_and_of_a_customer(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store = SqlCallStore(database, lambda click: visitor_of(click, CONFIG))
        at_home, by_pc = replace(ANN, number="+16175550999"), replace(ANN, number="", by="pc")
        for at, (call_id, click, disposition) in enumerate(
            [
                ("same number", CLICK, Disposition.BRIDGED),
                ("refused", CLICK, Disposition.REFUSED),
                ("elsewhere", replace(CLICK, site="other"), Disposition.BRIDGED),
                ("from home", at_home, Disposition.UNANSWERED),
                ("by pc", by_pc, Disposition.BRIDGED),
                ("claimed", replace(at_home, signed={}, context={"customer.id": "7"}), Disposition.BRIDGED),
                ("typed by a stranger", replace(CLICK, by="pc"), Disposition.BRIDGED),
                ("never answered", replace(CLICK, client_ip="203.0.113.9"), Disposition.UNANSWERED),
                ("both", ANN, Disposition.CANCELLED),
            ]
        ):
            await store.open_call(call_id, click, "sales", float(at))
            record = a_record(call_id, site=click.site, number=click.number, requested_at=float(at))
            answered = click.by == "phone" and call_id != "never answered"
            legs = record.legs[:1] if answered else ()
            await store.write_cdr(replace(record, disposition=disposition, legs=legs))
        await store.open_call("now", ANN, "sales", 100.0)  # lives, and is no earlier call
        assert await history(store, ANN) == ["both", "by pc", "from home", "same number"]
        assert await history(store, ANN, limit=2) == ["both", "by pc"]
        assert await history(store, by_pc) == ["both", "by pc", "from home"]
        assert await history(store, CLICK) == ["both", "same number"]
        # A number that was only typed opens nothing; one that was signed does.
        assert await history(store, replace(CLICK, by="pc")) == []
        assert await history(store, replace(CLICK, reached=False)) == []
        signed = replace(CLICK, by="pc", signed={"customer.phone": "+1 617-555-0123"})
        assert await history(store, signed) == ["both", "same number"]
        assert await history(store, replace(by_pc, signed={"customer.id": "8"})) == []
        assert await history(store, replace(by_pc, signed={})) == []
        assert await history(store, ANN, shop()) == ["both", "same number"]


async def a_chat(
    store: SqlChatStore, chat_id: str, visitor: str, at: float, call_id: str | None = None
) -> None:
    """A chat that is over, which Ben had."""
    opening = ChatOpening(
        chat_id,
        CLICK.site,
        "help",
        visitor,
        "/cart",
        {},
        {},
        "192.0.2.9",
        "https://shop.example",
        "t",
        f"key of {chat_id}",
    )
    row = ChatRow("help", at, agent="ben", last_agent="ben", taken_at=at)
    await store.open_chat(opening, row)
    over = replace(
        row, agent=None, state=ChatState.ENDED, ended_at=at + 60.0, outcome="answered", handled=60.0,
        call_id=call_id,
    )  # fmt: skip
    await store.write([KeepRow(chat_id, row, taken_by="ben"), KeepRow(chat_id, over)])
    await store.wrap_up(chat_id, "ben", "Wants a refund.", None)


@asyncio_test
async def test_calls_and_chats_are_one_history(tmp_path: Path) -> None:
    """Who chatted and then called by phone is the same shopper, whichever of the two comes next."""
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        calls, chats = SqlCallStore(database), SqlChatStore(database)
        await a_chat(chats, "th-first", "a-browsers-random-id", 1.0)
        await a_chat(chats, "th-led-to-a-call", "a-browsers-random-id", 2.0, call_id="out of the chat")
        await a_chat(chats, "th-of-a-stranger", "another-random-id-00", 3.0)
        of_chat = replace(CLICK, chat_id="th-led-to-a-call", by="pc")  # the number was only typed
        for at, (call_id, click) in enumerate([("by phone", CLICK), ("out of the chat", of_chat)], 4):
            await calls.open_call(call_id, click, "sales", float(at))
            record = a_record(call_id, site=CLICK.site, number=CLICK.number, requested_at=float(at))
            await calls.write_cdr(replace(record, legs=record.legs[:1] if click.by == "phone" else ()))
            kept = await calls.call(call_id)
            assert kept is not None
            assert kept.chat_id == click.chat_id
        in_chat = replace(CLICK, number="", by="pc", visitor="a-browsers-random-id")
        both = ["out of the chat", "out of the chat", "th-first"]  # the call, then the chat that it came of
        assert await history(calls, in_chat) == both
        # A call that comes of a chat is told of by the chat, whatever number it rings.
        assert await history(calls, replace(of_chat, number="+16175550999")) == both
        looked: asyncio.Future[Sequence[EarlierContact]] = asyncio.get_running_loop().create_future()
        ContactHistory(calls, chats, lambda: CONFIG).look_up("now", in_chat, 5, looked.set_result)
        call, chat, _ = await asyncio.wait_for(looked, 5)
        assert (call.call_id, call.chat_id) == (chat.call_id, chat.chat_id)
        assert (chat.outcome, chat.seconds, chat.notes[0].text) == ("answered", 60.0, "Wants a refund.")


@asyncio_test
async def test_nothing_reads_all_calls(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        asked: list[tuple[str, object]] = []

        def listen(connection: Connection) -> None:
            event.listen(connection, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))

        def plans(connection: Connection) -> list[str]:
            return [
                step[3]
                for text, values in list(asked)
                for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
            ]

        await a_chat(SqlChatStore(database), "th-1", "shop:7", 1.0)
        await database.read(listen)
        await history(SqlCallStore(database), ANN)
        steps = await database.read(plans)
    assert [step.split(" (")[0] for step in steps] == [
        "SEARCH chats USING INDEX ix_chats_visitor",
        "SEARCH calls USING INDEX ix_calls_number",
        "SEARCH calls USING INDEX ix_calls_visitor",
        "SEARCH calls USING INDEX ix_calls_chat_id",
        "USE TEMP B-TREE FOR ORDER BY",
        "SEARCH chat_agents USING INDEX sqlite_autoindex_chat_agents_1",
        "USE TEMP B-TREE FOR ORDER BY",
    ]
