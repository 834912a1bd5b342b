"""What was learnt of queues is there after a restart, and lets the next shopper be told the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from calls.queue_memory import KEEP_EVERY, QueueMemory
from calls.waiting_room import WaitingRoom
from config.sections.queues import Queue
from routing.waits import Experience
from store.database import Database, sqlite_url
from store.queues import SqlQueueStore
from tests.aio import asyncio_test
from tests.bridge.fake_clock import FakeClock
from tests.bridge.playbook import CLICK

LEARNT = Experience({2: (30.0,) * 10, 10: (7.5, 8.25)}, gave_up=3.0, waited=1234.5)


def a_room(clock: FakeClock) -> WaitingRoom:
    nothing: Any = lambda *arguments: ()  # noqa: E731
    return WaitingRoom(nothing, clock, lambda queue: Queue(), nothing, lambda *arguments: {"ann"})


@asyncio_test
async def test_it_outlives_a_restart(tmp_path: Path) -> None:
    path, clock = tmp_path / "ringback.sqlite3", FakeClock(1000.0)
    async with Database(sqlite_url(path)) as database:
        store = SqlQueueStore(database)
        assert await store.experiences() == {}
        await store.keep({"calls": Experience(), "other": LEARNT}, 900.0)
        await store.keep({"calls": LEARNT}, 950.0)
        assert await store.experiences() == {"calls": LEARNT, "other": LEARNT}
    async with Database(sqlite_url(path)) as database:
        room = a_room(clock)
        memory = QueueMemory(room, SqlQueueStore(database), clock)
        await memory.start()
        assert room.snapshot() == {}, "no call has waited yet"
        room.enter("c", CLICK, "calls", busy=False, first=False)
        assert room.experiences() == {"calls": LEARNT}
        room.leave("c", "calls", served=False)
        clock.advance(KEEP_EVERY)
        await memory.stop()
        assert (await SqlQueueStore(database).experiences())["calls"].gave_up == 4.0


@asyncio_test
async def test_a_disk_that_refuses_does_the_queues_no_harm() -> None:
    class Full:
        learnt: Any = None

        async def experiences(self) -> dict[str, Experience]:
            return {}

        async def keep(self, learnt: Any, at: float) -> None:
            if self.learnt is None:
                self.learnt = {}
                raise OSError("disk full")
            self.learnt = learnt

    clock, store = FakeClock(1000.0), Full()
    room = a_room(clock)
    memory = QueueMemory(room, store, clock)
    await memory.start()
    room.enter("c", CLICK, "calls", busy=False, first=False)
    room.leave("c", "calls", served=False)
    await memory.stop()
    assert store.learnt == {}
    await memory.stop()
    assert store.learnt["calls"].gave_up == 1.0
