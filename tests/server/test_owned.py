"""What one node at a time may do is done by one node at a time, and by somebody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from server.owned import OwnedParts
from store import lease
from store.errors import DatabaseUnusableError, StoreError
from store.lease import Lease, given_up, taken
from store.leases import LeaseBeat
from tests.aio import asyncio_test


class Rows:
    """The table of leases, in the time of the loop; it may be out of reach."""

    def __init__(self) -> None:
        self.rows: dict[str, Lease] = {}


class Reach:
    """How one node reaches the table."""

    def __init__(self, rows: Rows, node: str) -> None:
        self._rows = rows
        self._node = node
        #: Is awaited before each answer.
        self.hurdle: Callable[[], Awaitable[None]] | None = None

    async def beat(self, names: Sequence[str]) -> LeaseBeat:
        if self.hurdle is not None:
            await self.hurdle()
        now, rows = asyncio.get_running_loop().time(), self._rows.rows
        mine = {name: it for name in names if (it := taken(name, rows.get(name), self._node, now))}
        rows.update(mine)
        return LeaseBeat(mine, now, {name: row for name, row in rows.items() if name not in mine})

    async def give_up(self, names: Sequence[str]) -> None:
        now, rows = asyncio.get_running_loop().time(), self._rows.rows
        for name in names:
            rows[name] = given_up(rows.get(name), self._node, now) or rows[name]


class Work:
    """Notes in a story that all nodes share when it runs."""

    def __init__(self, node: str, story: list[str]) -> None:
        self._node = node
        self._story = story

    async def start(self) -> None:
        self._story.append(f"{self._node} starts")

    async def stop(self) -> None:
        self._story.append(f"{self._node} stops")


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LENGTH", 0.35)
    monkeypatch.setattr(lease, "BEAT", 0.05)
    monkeypatch.setattr(lease, "MARGIN", 0.1)


class Nodes:
    """Two nodes that want the same."""

    def __init__(self) -> None:
        rows = Rows()
        self.story: list[str] = []
        self.reach = {name: Reach(rows, name) for name in "ab"}
        self.parts = {
            name: OwnedParts({"it": Work(name, self.story)}, reach) for name, reach in self.reach.items()
        }

    async def tells(self, *story: str) -> None:
        async with asyncio.timeout(5):
            while self.story != list(story):  # noqa: ASYNC110 - two nodes act
                await asyncio.sleep(0.01)


async def ended(nodes: Nodes) -> None:
    for part in nodes.parts.values():
        await part.stop()


@asyncio_test
async def test_who_stops_hands_over_at_once() -> None:
    nodes = Nodes()
    await nodes.parts["a"].start()
    await nodes.parts["b"].start()
    assert nodes.parts["a"].mine() == {"it": 1}
    assert nodes.parts["b"].mine() == {}
    await asyncio.sleep(0.6)  # longer than a lease lasts
    assert nodes.story == ["a starts"]
    await nodes.parts["a"].stop()
    await nodes.tells("a starts", "a stops", "b starts")
    assert nodes.parts["b"].mine() == {"it": 2}
    await ended(nodes)


@pytest.mark.parametrize("how", ["error", "silence"])
@asyncio_test
async def test_who_is_cut_off_stops_before_another_starts_and_waits_for_its_turn(how: str) -> None:
    async def hurdle() -> None:
        if how == "error":
            raise StoreError("beat: server closed the connection unexpectedly")
        await asyncio.sleep(60)

    nodes = Nodes()
    await nodes.parts["a"].start()
    await nodes.parts["b"].start()
    nodes.reach["a"].hurdle = hurdle
    await nodes.tells("a starts", "a stops", "b starts")
    assert nodes.parts["a"].mine() == {}
    nodes.reach["a"].hurdle = None
    await asyncio.sleep(0.3)
    assert nodes.story == ["a starts", "a stops", "b starts"]
    await ended(nodes)
    assert nodes.story[3:] == ["b stops"]


@asyncio_test
async def test_who_is_the_only_one_goes_on_with_a_new_epoch_after_it_was_cut_off() -> None:
    async def fails() -> None:
        raise StoreError("gone")

    nodes = Nodes()
    await nodes.parts["a"].start()
    nodes.reach["a"].hurdle = fails
    await nodes.tells("a starts", "a stops")
    await asyncio.sleep(0.3)
    nodes.reach["a"].hurdle = None
    await nodes.tells("a starts", "a stops", "a starts")
    assert nodes.parts["a"].mine() == {"it": 2}
    await nodes.parts["a"].stop()


@asyncio_test
async def test_without_other_nodes_everything_runs_here() -> None:
    story: list[str] = []
    parts = OwnedParts({"it": Work("a", story)}, None)
    await parts.start()
    assert parts.mine() == {"it": 0}
    await parts.stop()
    assert story == ["a starts", "a stops"]


@asyncio_test
async def test_a_second_server_is_told_who_is_the_first() -> None:
    nodes = Nodes()
    await nodes.parts["a"].come_alone()
    await nodes.parts["a"].start()
    with pytest.raises(DatabaseUnusableError, match=r"the node a is on this database.*stop that one first"):
        await nodes.parts["b"].come_alone()
    await nodes.parts["a"].stop()
    await nodes.parts["b"].come_alone()
    assert nodes.story == ["a starts", "a stops"]
    await OwnedParts({}, None).come_alone()
