"""Chats on disk: entries once, claims by one step, counts, and what a start finds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from chat.entries import ChatEntry
from chat.records import ChatOpening, ChatWrite, KeepClaim, KeepEntry, KeepRow
from chat.standing import ChatRow
from chat.states import ChatState
from store.chats import ChatFilter, SqlChatStore
from store.database import Database, sqlite_url
from store.deliveries import SqlDeliveryStore
from store.people import Person, SqlPeople
from store.retention import Rule, SqlRetention
from tests.aio import asyncio_test
from tests.store.records import a_delivery

OPENING = ChatOpening(
    "c1", "shop", "help", "ann", "/cart", {"cart.value": "12"}, {}, "192.0.2.1", "https://shop.example",
    "token", "key",
)  # fmt: skip


def said(seq: int, text: str, key: str | None = None) -> KeepEntry:
    kind = "note" if seq < 0 else "text"
    return KeepEntry("c1", ChatEntry(seq, 100.0 + abs(seq), "shopper", kind, text, key=key))  # type: ignore[arg-type]


@asyncio_test
async def test_a_chat_and_its_entries_are_read_as_they_were_written(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store, row = SqlChatStore(database), ChatRow("help", 100.0)
        assert await store.open_chat(OPENING, row) == "c1"
        assert await store.open_chat(replace(OPENING, chat_id="c2"), row) == "c1", "asked for twice"
        words = [said(number, f"№ {number} 👍🏽", f"s.{number}") for number in range(1, 6)]
        again = [said(3, "other", "s.3"), said(9, "other", "s.2"), said(-1, "psst", "w.1")]
        writes: list[ChatWrite] = [*words, *again]
        assert list(await store.write(writes)) == [None] * 8
        entries = await store.entries("c1")
        assert [entry.seq for entry in entries] == [1, 2, 3, 4, 5]
        assert entries[2].text == "№ 3 👍🏽"
        assert [entry.seq for entry in await store.entries("c1", after=2, before=5)] == [3, 4]
        assert [entry.seq for entry in await store.entries("c1", limit=2, newest=True)] == [4, 5]
        assert [entry.text for entry in await store.entries("c1", notes=True)] == ["psst"]
        row.state, row.first, row.waiting_since = ChatState.WAITING, True, 101.5
        await store.write([KeepRow("c1", row)])
        (stored,) = await store.open_chats()
        assert (stored.opening, stored.row) == (OPENING, row)
        assert (stored.seq, stored.notes, stored.keys["s.3"]) == (5, 1, 3)


@asyncio_test
async def test_one_claim_wins(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store = SqlChatStore(database)
        await store.open_chat(OPENING, ChatRow("help", 100.0))
        claims: list[ChatWrite] = [KeepClaim("c1", "ann", None), KeepClaim("c1", "ben", None)]
        assert list(await store.write(claims)) == ["ann", "ann"]
        assert list(await store.write([KeepClaim("c1", "ben", "ann")])) == ["ben"]
        assert list(await store.write([KeepClaim("none", "ben", None)])) == [""]
        ended = ChatRow("help", 100.0, ChatState.ENDED, ended_at=120.0, outcome="abandoned")
        await store.write([KeepRow("c1", ended, ended=True)])
        assert list(await store.write([KeepClaim("c1", "ann", None)])) == [""]


@asyncio_test
async def test_ended_chats_are_counted_once_and_rated_once(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store = SqlChatStore(database)
        await store.open_chat(OPENING, ChatRow("help", 1000.0))
        row = ChatRow("help", 1000.0, ChatState.TALKING, "ann", accepted_at=1010.0, taken_at=1010.0)
        await store.write([KeepRow("c1", row, taken_by="ann")])
        row = replace(
            row, state=ChatState.ENDED, agent=None, last_agent="ann", first_answer_at=1015.0, ended_at=1100.0,
            outcome="answered", waited=10.0, handled=90.0, replies=2, reply_seconds=8.0,
        )  # fmt: skip
        await store.write([KeepRow("c1", row, ended=True), KeepRow("c1", row, ended=True)])
        assert await store.rate("c1", 5, "great")
        assert not await store.rate("c1", 1, "no")
        (count,) = await store.counts(0.0, 2000.0)
        assert (count["bucket"], count["agent"], count["outcome"]) == (900, "ann", "answered")
        assert (count["chats"], count["accepted"], count["wait"], count["first_answer"]) == (1, 1, 10.0, 5.0)
        assert (count["replies"], count["reply"], count["rated"], count["rating"]) == (2, 8.0, 1, 5)
        assert await store.wrap_up("c1", "ann", "Wants blue", "sale")
        assert not await store.wrap_up("c1", "ben", "?", None)
        (listed,) = (await store.list_chats(ChatFilter(agent="ann", site="shop"))).chats
        assert listed.rating == 5
        assert (await store.list_chats(ChatFilter(sites=["other"]))).chats == ()


@asyncio_test
async def test_limits_and_the_open_chat_of_a_visitor(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store = SqlChatStore(database)
        await store.open_chat(OPENING, ChatRow("help", 100.0))
        ben = replace(OPENING, chat_id="c2", visitor="ben", key_digest="k2")
        await store.open_chat(ben, ChatRow("help", 200.0))
        before = await store.asked_before("shop", "ann", "192.0.2.1", 50.0)
        assert (list(before.by_visitor), list(before.by_ip), before.open_chat) == (
            [100.0],
            [200.0, 100.0],
            "c1",
        )
        later = await store.asked_before("shop", "cho", "192.0.2.9", 150.0)
        assert (list(later.by_visitor), list(later.by_ip), later.open_chat) == ([], [], None)


@asyncio_test
async def test_a_person_is_found_by_what_they_said_and_erased(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store, people, person = SqlChatStore(database), SqlPeople(database), Person(email="ann@x.example")
        await store.open_chat(OPENING, ChatRow("help", 100.0))
        await store.open_chat(replace(OPENING, chat_id="c2", key_digest="k2"), ChatRow("help", 100.0))
        await store.write([said(1, "write to ann@x.example", "s.1"), said(2, "thanks", "s.2")])
        mails = SqlDeliveryStore(database)
        await mails.add_deliveries(
            [a_delivery("msg_a", about="chat:c1"), a_delivery("msg_b", about="chat:c2")]
        )
        kept = await people.find(person)
        assert (len(kept.chats), len(kept.chat_entries), len(kept.deliveries)) == (1, 2, 1)
        assert not {"token_digest", "key_digest"} & kept.shown()["chats"][0].keys()
        assert (await people.find(person, ["other"])).chats == []
        await people.erase(person, kept)
        assert [each.delivery_id for each in await mails.deliveries(dead=False)] == ["msg_b"]
        assert list(await store.entries("c1")) == []
        stored = await store.chat("c1")
        assert stored is not None
        assert (stored.opening.context, stored.opening.visitor) == ({}, "erased")
        other = await store.chat("c2")
        assert other is not None
        assert other.opening.visitor == "ann"


@asyncio_test
async def test_what_is_over_and_old_goes(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store, retention, rule = SqlChatStore(database), SqlRetention(database), Rule("chats", "shop", 500.0)
        await store.open_chat(OPENING, ChatRow("help", 100.0))
        await store.write([said(1, "hello", "s.1")])
        assert await retention.count(rule) == 0, "it is open"
        row = ChatRow("help", 100.0, ChatState.ENDED, ended_at=120.0, outcome="abandoned", cause="shopper")
        await store.write([KeepRow("c1", row, ended=True)])
        assert await retention.count(rule) == 1
        assert await retention.sweep(rule, (0.0, ""), 10) == (None, 1)
        assert await store.chat("c1") is None
        assert list(await store.entries("c1")) == []
        assert len(await store.counts(0.0, 1000.0)) == 1


@asyncio_test
async def test_what_can_never_be_written_keeps_nothing_else_from_it(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store = SqlChatStore(database)
        await store.open_chat(OPENING, ChatRow("help", 100.0))
        lost = replace(said(1, "to nobody", "s.1"), chat_id="gone")
        claim = KeepClaim("c1", "ann", None)
        assert list(await store.write([said(1, "one", "s.1"), lost, claim])) == [None, None, "ann"]
        assert [entry.text for entry in await store.entries("c1")] == ["one"]


@asyncio_test
async def test_what_was_said_goes_before_the_chat(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store, retention = SqlChatStore(database), SqlRetention(database)
        rule = Rule("transcripts", "shop", 500.0)
        await store.open_chat(OPENING, ChatRow("help", 100.0))
        row = ChatRow("help", 100.0, ChatState.TALKING, "ann", accepted_at=110.0, taken_at=110.0)
        await store.write([said(1, "hello", "s.1"), said(-1, "psst"), KeepRow("c1", row, taken_by="ann")])
        await store.wrap_up("c1", "ann", "Wants blue", "sale")
        assert await retention.sweep(rule, (0.0, ""), 10) == (None, 0), "it is open"
        over = ChatRow("help", 100.0, ChatState.ENDED, ended_at=120.0, outcome="answered", cause="agent")
        await store.write([KeepRow("c1", over, ended=True)])
        await store.rate("c1", 5, "great")
        assert await retention.count(replace(rule, before=110.0)) == 0, "it began long ago, and ended since"
        assert await retention.count(rule) == 1
        assert await retention.sweep(rule, (0.0, ""), 10) == (None, 1)
        assert [*await store.entries("c1"), *await store.entries("c1", notes=True)] == []
        (wrapped,) = (await store.wrap_ups(["c1"]))["c1"]
        assert (wrapped.note, wrapped.code) == (None, "sale")
        kept = await store.chat("c1")
        assert kept is not None
        assert (kept.row.outcome, kept.rating) == ("answered", 5)
        assert await retention.count(rule) == 0
