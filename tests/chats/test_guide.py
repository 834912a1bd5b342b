"""Guided chats as they are run: a flow answers what shoppers write, until a person comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from chat.entries import ChatEntry
from chat.events import ChatEvent, FlowSaid
from chat.flow import FlowResult, FlowWorld, GuidedFlow, HelpWanted, WayChosen, WentBack
from chat.records import ChatOpening
from chat.standing import ChatRow, ChatStanding
from chat.states import ChatState
from chats.guide import ChatGuide, FlowShown
from routing.plan import ClickToCall
from store.chats import SqlChatStore
from store.database import Database, sqlite_url
from store.errors import StoreError
from store.flows import SqlFlowStore
from tests.aio import asyncio_test
from tests.chat.flow_example import Scene, flow

CLICK = ClickToCall("shop", "", "https://shop.example/parts", {}, "192.0.2.1")
GUIDED, TALKING = ChatStanding(ChatState.GUIDED), ChatStanding(ChatState.TALKING, "alice")


class Chats:
    """The engine, as far as flows move it."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.now = GUIDED

    def handle(self, chat_id: str, event: ChatEvent) -> None:
        assert isinstance(event, FlowSaid)
        self.said.append(event.text)

    def click(self, chat_id: str) -> ClickToCall | None:
        return CLICK if chat_id == "c1" else None

    def standing(self, chat_id: str) -> ChatStanding | None:
        return self.now


class Kept:
    """The store of flows without a disk; each write is one."""

    def __init__(self) -> None:
        self.rows: dict[str, Any] = {}
        self.broken = False

    async def keep_flow(self, chat_id: str, data: dict[str, Any] | None) -> None:
        if self.broken:
            raise StoreError("disk full")
        if data is None:
            self.rows.pop(chat_id, None)
        else:
            self.rows[chat_id] = data

    async def flow_of(self, chat_id: str) -> object | None:
        return self.rows.get(chat_id)


class Guided:
    """A guide with all that is around it."""

    def __init__(self, store: Any = None, scene: Scene | None = None, version: str = "1") -> None:
        self.chats, self.store, self.scene = Chats(), store or Kept(), scene or Scene()
        self.flow = flow(version)
        self.went: list[tuple[str, FlowResult]] = []
        self.counted: list[tuple[str, str, str]] = []
        self.shows: list[str] = []
        self.guide = ChatGuide(
            engine=self.chats,
            store=self.store,
            flow_of=lambda site, language: self.flow if site == "shop" else None,
            world=self._world,
            go=self._go,
            talk=lambda chat_id, context: self.went.append(context),
            count=lambda *counted: self.counted.append(counted),
        )
        self.guide.watch(self.shows.append)

    def _world(self, flow: GuidedFlow, click: ClickToCall) -> FlowWorld:
        return self.scene

    async def _go(self, chat_id: str, result: FlowResult) -> None:
        self.went.append((chat_id, result))

    def writes(self, *texts: str) -> None:
        for seq, text in enumerate(texts, 1):
            self.guide.entry_stored("c1", ChatEntry(seq, 0.0, "shopper", "text", text))

    @property
    def shown(self) -> FlowShown:
        shown = self.guide.shown("c1")
        assert shown is not None
        return shown


@asyncio_test
async def test_what_the_shopper_writes_is_answered_and_leads_to_a_call() -> None:
    told = Guided()
    told.guide.begin("c1")
    assert told.chats.said == ["Hi from Coolway!", "Year?"]
    told.writes("'09", "ford", "focus", "2.0", "02139")
    assert told.chats.said[-1] == "Near 2.3."
    assert told.shown.question is None
    assert told.shown.ways == (("call", "Call me"), ("chat", "Chat with a person"))
    assert told.shown.answers[0] == ("vehicle.year", "Year", "2009")
    told.guide.happens("c1", WayChosen("call"))
    assert told.chats.said[-1] == "Which number?\nWe may call you."
    told.writes("617 555 0123")
    await told.guide.flushed()
    ((chat_id, result),) = told.went
    assert (chat_id, result.way, result.number) == ("c1", "call", "+16175550123")
    assert told.guide.shown("c1") is None
    assert told.store.rows == {}, "a flow that is over is forgotten"
    assert told.counted[0] == ("radiator", "vehicle.year", "answered")
    assert set(told.shows) == {"c1"}


@asyncio_test
async def test_a_person_who_takes_over_stops_the_flow_at_once() -> None:
    told = Guided()
    told.guide.begin("c1")
    told.writes("2009")
    said = list(told.chats.said)
    told.guide.chat_moved("c1", GUIDED, TALKING)
    told.writes("ford", "focus")
    told.guide.happens("c1", WentBack())
    told.chats.now = TALKING
    await told.guide.resume("c1")
    await told.guide.flushed()
    assert told.chats.said == said
    assert told.guide.shown("c1") is None
    assert (told.went, told.store.rows) == ([], {})


@asyncio_test
async def test_a_restart_goes_on_with_the_same_question(tmp_path: Path) -> None:
    opening = ChatOpening(
        "c1", "shop", "help", "ann", "/", {}, {}, "192.0.2.1", "https://shop.example", "t", "k"
    )
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        await SqlChatStore(database).open_chat(opening, ChatRow("help", 100.0))
        before = Guided(SqlFlowStore(database))
        before.guide.begin("c1")
        before.writes("2009", "ford")
        await before.guide.flushed()
        after = Guided(SqlFlowStore(database))
        await after.guide.resume("c1")
        assert after.chats.said == ["Model?"]
        assert after.shown.answers == (("vehicle.year", "Year", "2009"), ("vehicle.make", "Make", "Ford"))
        # A reload asks nothing a second time, and a newer flow keeps what fits.
        await after.guide.resume("c1")
        assert after.chats.said == ["Model?"]
        await after.guide.flushed()
        newer = Guided(SqlFlowStore(database), version="2")
        await newer.guide.resume("c1")
        assert newer.chats.said == ["Model?"]


@asyncio_test
async def test_what_the_page_learns_meanwhile_is_used() -> None:
    told = Guided()
    told.guide.begin("c1")
    told.scene = replace(told.scene, known={"vehicle.year": "2009"})
    await told.guide.resume("c1")
    assert told.chats.said[-1] == "Make?"


@asyncio_test
async def test_a_flow_goes_on_while_the_disk_says_no() -> None:
    store = Kept()
    store.broken = True
    told = Guided(store)
    told.guide.begin("c1")
    told.writes("2009")
    await told.guide.flushed()
    assert told.chats.said[-1] == "Make?"


@asyncio_test
async def test_only_guided_chats_have_a_flow() -> None:
    told = Guided()
    calls: list[Callable[[], None]] = [
        lambda: told.guide.begin("c2"),
        lambda: told.writes("2009"),
        lambda: told.guide.happens("c1", HelpWanted()),
        lambda: told.guide.chat_moved("c1", GUIDED, TALKING),
    ]
    for call in calls:
        call()
    await told.guide.resume("c1")
    assert told.chats.said == []
    assert told.guide.shown("c1") is None
