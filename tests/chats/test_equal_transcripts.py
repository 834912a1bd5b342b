"""However connections are cut, delayed and repeated, both sides of a chat have the same transcript."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Sequence

from api.chat_feed import EntryFeed
from chat.commands import AppendEntry
from chat.entries import ChatEntry
from chat.events import AgentSaid, AgentsFound, ChatAsked, ChatClaimed, OfferAccepted, ShopperSaid
from chat.machine import ChatMachine
from chat.plan import ChatPlan
from chat.standing import ChatRow
from tests.aio import asyncio_test

RUNS = 1000


class Disk:
    """Entries in memory, which take a moment to be read."""

    def __init__(self, luck: random.Random) -> None:
        self.rows: list[ChatEntry] = []
        self._luck = luck

    async def entries(
        self,
        chat_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 1000,
        newest: bool = False,
        notes: bool = False,
    ) -> Sequence[ChatEntry]:
        await self._moments()
        found = [row for row in self.rows if row.seq > after and (before is None or row.seq < before)]
        found = (
            found[-limit:] if newest else found[: min(limit, 3)]
        )  # in small pieces: more can happen between
        await self._moments()
        return found

    async def _moments(self) -> None:
        for _ in range(self._luck.randrange(3)):
            await asyncio.sleep(0)


class OneSide:
    """A page: what it wrote and is not sure of, and what it has seen. Its line may be cut at any time."""

    def __init__(self, world: OneChat, name: str) -> None:
        self.world, self.name = world, name
        self.transcript: list[tuple[int, str]] = []
        self.unsure: dict[str, str] = {}
        self.to_server: deque[tuple[str, str]] = deque()
        self.to_page: deque[Sequence[ChatEntry]] = deque()
        self.feed: EntryFeed | None = None

    def connect(self) -> None:
        self.cut()
        self.feed = EntryFeed(
            self.world.disk, "c", lambda entries, earlier: self.to_page.append(entries), lambda: None
        )
        self.feed.follow(self.transcript[-1][0] if self.transcript else 0)
        self.to_server.extend(self.unsure.items())

    def cut(self) -> None:
        """Whatever is under way is lost, in both directions."""
        if self.feed:
            self.feed.close()
        self.feed = None
        self.to_server.clear()
        self.to_page.clear()

    def write(self, number: int) -> None:
        key, text = f"{self.name}-{number}", f"{self.name} says {number}"
        self.unsure[key] = text
        if self.feed:
            self.to_server.append((key, text))

    def repeat(self, luck: random.Random) -> None:
        """The network, or an impatient page, sends something once more."""
        if self.unsure and self.feed:
            self.to_server.append(luck.choice(list(self.unsure.items())))

    def arrive_at_server(self) -> None:
        if self.to_server:
            self.world.heard(self.name, *self.to_server.popleft())

    def arrive_at_page(self) -> None:
        if self.to_page:
            for entry in self.to_page.popleft():
                last = self.transcript[-1][0] if self.transcript else 0
                assert entry.seq == last + 1, f"{self.name}: {entry.seq} after {last}"
                self.transcript.append((entry.seq, entry.text))
                if entry.key:
                    self.unsure.pop(entry.key.partition(".")[2], None)


class OneChat:
    """The server's machine and disk, between two pages."""

    def __init__(self, luck: random.Random) -> None:
        self.disk = Disk(luck)
        self.machine = ChatMachine("c", ChatPlan("shop", "help", "help"), ChatRow("help", 0.0))
        self.writing: deque[ChatEntry] = deque()
        self.sides = [OneSide(self, "shopper"), OneSide(self, "agent")]
        for event in (ChatAsked(), AgentsFound((("ann",),)), OfferAccepted("ann"), ChatClaimed("ann")):
            self._do(event)

    def heard(self, name: str, key: str, text: str) -> None:
        if name == "shopper":
            self._do(ShopperSaid(f"s.{key}", text))
        else:
            self._do(AgentSaid("ann", f"a.{key}", text))

    def _do(self, event: object) -> None:
        commands = self.machine.handle(event, 1.0)  # type: ignore[arg-type]
        self.writing.extend(each.entry for each in commands if isinstance(each, AppendEntry))

    def commit(self) -> None:
        """What was written is on disk now, and told."""
        if self.writing:
            entry = self.writing.popleft()
            self.disk.rows.append(entry)
            for side in self.sides:
                if side.feed:
                    side.feed.stored(entry)


async def run(seed: int) -> None:
    luck = random.Random(seed)
    chat = OneChat(luck)
    numbers = iter(range(1000))
    for _ in range(luck.randrange(40, 120)):
        side = luck.choice(chat.sides)
        step = luck.randrange(12)
        if step == 0:
            side.connect()
        elif step == 1:
            side.cut()
        elif step in (2, 3):
            side.write(next(numbers))
        elif step == 4:
            side.repeat(luck)
        elif step in (5, 6):
            side.arrive_at_server()
        elif step in (7, 8):
            side.arrive_at_page()
        elif step in (9, 10):
            chat.commit()
        else:
            await asyncio.sleep(0)
    for side in chat.sides:
        side.connect()
    while any(side.unsure for side in chat.sides) or chat.writing or any(side.to_page for side in chat.sides):
        for side in chat.sides:
            side.arrive_at_server()
            side.arrive_at_page()
        chat.commit()
        await asyncio.sleep(0)
    for side in chat.sides:
        while len(side.transcript) < len(chat.disk.rows):
            await asyncio.sleep(0)
            side.arrive_at_page()
    stored = [(entry.seq, entry.text) for entry in chat.disk.rows]
    assert chat.sides[0].transcript == chat.sides[1].transcript == stored
    said = [text for _, text in stored if " says " in text]
    assert len(said) == len(set(said)), "an entry is there twice"
    assert sorted(map(int, (text.rpartition(" ")[2] for text in said))) == list(range(next(numbers)))


@asyncio_test(timeout=60)
async def test_transcripts_are_equal_on_both_sides_in_a_thousand_runs() -> None:
    for seed in range(RUNS):
        async with asyncio.timeout(10):
            await run(seed)
