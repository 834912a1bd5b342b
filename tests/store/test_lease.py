"""One owner at a time, whatever delays and deaths do; and a dead one is followed within ten seconds."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL, Connection, insert, select, update

from store import lease
from store.database import Database, sqlite_url
from store.lease import BEAT, LENGTH, Lease, given_up, holds, mine_until, taken
from store.leases import LeaseLostError, SqlLeases
from store.tables import heartbeats, leases
from tests.aio import asyncio_test
from tests.plumbing import databases, postgresql

ROOT = Path(__file__).parents[2]
NAME = "outbox"


def test_a_dead_owner_is_followed_within_ten_seconds() -> None:
    assert LENGTH + BEAT < 10
    assert lease.MARGIN < LENGTH - 2 * BEAT, "one beat may be lost"


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"),
            st.sampled_from(("beat", "beat", "beat", "give up")),
            st.floats(0.0, 4.0),  # until it happens in the database
            st.floats(0.0, 3.0),  # until the answer is back
        ),
        max_size=60,
    )
)
def test_one_owner_at_a_time_whatever_is_late(steps: list[tuple[str, str, float, float]]) -> None:
    now, row = 1000.0, None
    #: Until when each believes that it may act, in the time of this test; and the epochs that it was told.
    believed: dict[str, float] = {}
    epochs: list[tuple[int, str]] = []
    for who, what, on_the_way, back in steps:
        asked_at, now = now, now + on_the_way
        before = row
        if what == "give up":
            believed.pop(who, None)
            row = given_up(row, who, now) or row
            continue
        mine = taken(NAME, row, who, now)
        if mine is None:
            assert before is not None
            assert before.owner != who
            believed.pop(who, None)
            continue
        row = mine
        assert holds(row, who, mine.epoch, now)
        epochs.append((mine.epoch, who))
        believed[who] = mine_until(mine, now, asked_at)
        assert believed[who] <= mine.until - lease.MARGIN
        others = [until for other, until in believed.items() if other != who]
        assert all(until <= now for until in others), "two may act at once"
        now += back
    assert epochs == sorted(epochs, key=lambda it: it[0])
    assert len(dict(epochs)) == len(set(epochs)), "one epoch, one owner"


def test_what_ran_out_is_taken_anew_even_by_its_last_owner() -> None:
    row = Lease(NAME, "a", 10.0, 4)
    assert taken(NAME, row, "b", 9.9) is None
    assert taken(NAME, row, "a", 9.9) == Lease(NAME, "a", 9.9 + LENGTH, 4)
    assert taken(NAME, row, "a", 10.0) == Lease(NAME, "a", 10.0 + LENGTH, 5)
    assert taken(NAME, row, "b", 10.0) == Lease(NAME, "b", 10.0 + LENGTH, 5)
    assert given_up(row, "b", 1.0) is None
    assert given_up(row, "a", 1.0) == replace(row, until=1.0)


@asyncio_test
async def test_a_lease_is_held_given_up_and_fences_its_owner_of_before(tmp_path: Path) -> None:
    def note(connection: Connection, at: float) -> None:
        connection.execute(insert(heartbeats).values(id=int(at), at=at))

    async with Database(sqlite_url(tmp_path / "ringback.sqlite3"), "a") as database:
        store = SqlLeases(database)
        first = await store.beat([NAME, "other"])
        mine = first.mine[NAME]
        assert set(first.mine) == {NAME, "other"}
        assert (mine.owner, mine.epoch) == (database.life, 1)
        assert abs(first.now - time.time()) < 5.0
        again = await store.beat([NAME])
        assert again.mine[NAME].until >= mine.until
        await store.write_as(mine, note, 1.0)
        await store.give_up([NAME])
        with pytest.raises(LeaseLostError, match="outbox"):
            await store.write_as(mine, note, 2.0)
        before = update(leases).where(leases.c.name == "other").values(owner="a:of-before")
        await database.write(lambda it: it.execute(before))
        assert (await store.beat(["other"])).mine["other"].epoch == 2, "it need not run out"
        other = update(leases).where(leases.c.name == "other").values(owner="b:1")
        await database.write(lambda it: it.execute(other))
        last = await store.beat([NAME, "other"])
        assert {name: each.epoch for name, each in last.mine.items()} == {NAME: 2}
        assert {name: each.owner for name, each in last.theirs.items()} == {"other": "b:1"}
        with pytest.raises(LeaseLostError):
            await store.write_as(mine, note, 3.0)
        await store.write_as(last.mine[NAME], note, 4.0)
        rows = await database.read(lambda it: it.execute(select(heartbeats.c.at)).scalars().all())
        assert sorted(rows) == [1.0, 4.0]


@pytest.fixture
def url() -> Iterator[URL]:
    made = postgresql.new_database()
    yield made
    postgresql.drop(made)


@pytest.mark.sqlite
@pytest.mark.parametrize("_", [pytest.param(0, marks=databases.kinds()[1].marks)])
@asyncio_test
async def test_the_lease_of_a_killed_node_goes_to_another_within_ten_seconds(url: URL, _: int) -> None:
    with owning_nodes(url) as nodes:
        async with Database(url) as database:
            owner = await told(database, within=10.0)
            nodes[owner.owner[0]].kill()
            began = time.monotonic()
            while (now := await told(database, within=1.0)).owner == owner.owner:
                assert time.monotonic() - began < 10.0
                await asyncio.sleep(0.05)
            assert now.owner[0] != owner.owner[0]
            assert now.epoch == owner.epoch + 1


@contextmanager
def owning_nodes(url: URL) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Two nodes in processes of their own that want the same."""
    command = [sys.executable, "-m", "tests.store.owning_node", url.render_as_string()]
    nodes = {node: subprocess.Popen([*command, node], cwd=ROOT) for node in "ab"}
    try:
        yield nodes
    finally:
        for process in nodes.values():
            process.kill()
            process.wait()


async def told(database: Database, within: float) -> Lease:
    async with asyncio.timeout(within):
        while True:
            row = await database.read(lambda it: it.execute(select(leases)).one_or_none())
            if row is not None:
                return Lease(**row._mapping)
            await asyncio.sleep(0.05)
