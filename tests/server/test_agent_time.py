"""What agents do is noted as it changes, and told by the report while it still goes on."""

from __future__ import annotations

from pathlib import Path

from bridge.legs import LegState
from chat.facts import ChatReleased, ChatTaken
from cti.agents import Agents
from reports.agent_time import BEAT_EVERY, LONGEST
from server.agent_time import AgentTimeKeeper
from store.agent_time import SpanQuestion, SqlAgentTime
from store.database import Database, sqlite_url
from store.errors import StoreError
from tests.aio import asyncio_test
from tests.bridge.told import Teller
from tests.cti.test_agents import leg

CHAT = {"call_id": "t1", "site": "shop", "at": 0.0}
BEGIN = 1_793_500_000.0


class WallClock:
    """The time, as a test sets it."""

    now = BEGIN

    def time(self) -> float:
        return self.now


class Desk:
    """Agents, and what keeps their time."""

    def __init__(self, database: Database) -> None:
        self.clock, self.store = WallClock(), SqlAgentTime(database)
        self.agents = Agents(lambda: None)
        self.keeper = AgentTimeKeeper(self.agents, self.store, self.clock)  # type: ignore[arg-type]
        self.teller = Teller(self.agents, self.keeper)

    async def later(self, seconds: float) -> None:
        self.clock.now += seconds
        await self.keeper.write()

    async def told(self) -> list[tuple[str, float, bool]]:
        """What alice did, from the first on: what, for how long, and whether it goes on."""
        spans = await self.store.spans(SpanQuestion(BEGIN - 1, BEGIN + 1e6), 100, None)
        return [(span.state, round(span.ends - span.begins, 3), span.open) for span in reversed(spans)]


@asyncio_test
async def test_a_day_of_calls_and_chats(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "a.sqlite3")) as database:
        desk = Desk(database)
        await desk.keeper.start()
        agents, teller = desk.agents, desk.teller
        agents.page_opened("alice")
        await desk.later(0.5)
        agents.choose("alice", "available")
        await desk.later(100)
        teller.legs(leg(1, LegState.RINGING))
        await desk.later(8)
        teller.legs(leg(1, LegState.JOINED, answered=True))
        await desk.later(60)
        agents.wraps_up("alice", "c1")
        teller.legs(leg(1, LegState.ENDED, answered=True))
        await desk.later(20)
        agents.wrapped_up("alice", "c1")
        await desk.later(30)
        teller.tell(ChatTaken(**CHAT, agent="alice", waited=2.0))
        await desk.later(40)
        teller.tell(ChatReleased(**CHAT, agent="alice", over=True))
        await desk.later(5)
        agents.choose("alice", "away")
        await desk.later(50)
        agents.page_closed("alice")
        await desk.later(500)
        await desk.keeper.stop()
        assert await desk.told() == [
            ("available", 100.5, False), ("ringing", 8.0, False), ("on_call", 60.0, False),
            ("wrap_up", 20.0, False), ("available", 30.0, False), ("on_chat", 40.0, False),
            ("available", 5.0, False), ("away", 50.0, False),
        ]  # fmt: skip


@asyncio_test
async def test_what_goes_on_is_on_disk_with_each_beat_and_closed_by_the_next_core(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "a.sqlite3")) as database:
        desk = Desk(database)
        desk.agents.page_opened("alice")
        await desk.later(10)
        assert await desk.told() == [("away", 10.0, True)]
        await desk.later(BEAT_EVERY - 20)
        assert await desk.told() == [("away", 10.0, True)], "no write a moment"
        await desk.later(BEAT_EVERY)
        assert await desk.told() == [("away", 2 * BEAT_EVERY - 10, True)]
        await desk.later(LONGEST)
        assert [each[::2] for each in await desk.told()] == [("away", False)]
        await desk.later(10)
        assert [each[::2] for each in await desk.told()] == [("away", False), ("away", True)]
        following = Desk(database)
        await following.keeper.start()
        assert all(not still for _, _, still in await following.told())
        await following.keeper.stop()


@asyncio_test
async def test_what_the_disk_refuses_is_written_later(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "a.sqlite3")) as database:
        desk = Desk(database)
        real, desk.keeper._store = desk.keeper._store, Broken()  # type: ignore[assignment]
        desk.agents.page_opened("alice")
        await desk.later(10)
        desk.agents.choose("alice", "available")
        await desk.later(10)
        assert await desk.told() == []
        desk.keeper._store = real
        await desk.later(1)
        assert await desk.told() == [("away", 10.0, False), ("available", 11.0, True)]


class Broken:
    """A store whose disk says no."""

    async def note(self, spans: object) -> None:
        raise StoreError("disk full")
