"""The legs of live calls are noted as they are dialled, in few writes; a heartbeat tells that they live."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bridge.bulletin import Bulletin
from bridge.causes import HangupCause as H
from bridge.cdr import NotedLeg
from bridge.events import LegAnswered, LegEnded
from calls.journal import BEAT_EVERY, GATHER, LegJournal
from tests.aio import asyncio_test
from tests.bridge.fake_clock import FakeClock
from tests.bridge.playbook import Playbook, in_order, plan


class Store:
    def __init__(self) -> None:
        self.noted: list[list[tuple[str, bool]]] = []
        self.beats: list[float] = []
        self.full = False

    async def note_legs(self, legs: Sequence[NotedLeg]) -> None:
        if self.full:
            raise OSError("disk full")
        self.noted.append([(leg.leg.leg_id, leg.over) for leg in legs])

    async def beat(self, at: float) -> None:
        if self.full:
            raise OSError("disk full")
        self.beats.append(at)


class Rig:
    def __init__(self) -> None:
        self.store, self.clock = Store(), FakeClock(1000.0)
        self.journal = LegJournal(self.store, self.clock, lambda call_id: 0.0)
        self.bulletin = Bulletin(self.journal)
        self.book = Playbook(plan(in_order("boston", "salem")))
        self.bulletin.tell(self.book.told)

    async def play(self, *events: object, seconds: float = GATHER) -> None:
        for event in events:
            self.book.play(event)  # type: ignore[arg-type]
            self.bulletin.tell(self.book.told)
        self.clock.advance(seconds)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


@asyncio_test
async def test_changes_are_gathered_and_each_is_noted_once() -> None:
    rig = Rig()
    await rig.play(LegAnswered("c-s1"))
    assert rig.store.noted == [[("c-s1", False), ("c-b1", False)]]
    await rig.play()
    assert len(rig.store.noted) == 1
    await rig.play(LegEnded("c-b1", H.BUSY), LegAnswered("c-b2"))
    assert rig.store.noted[1:] == [[("c-b1", True), ("c-b2", False), ("c-s1", False)]]


@asyncio_test
async def test_the_heart_beats_while_calls_live() -> None:
    rig = Rig()
    await rig.play(seconds=BEAT_EVERY)
    await rig.play(seconds=BEAT_EVERY)
    assert rig.store.beats == [1000.0 + BEAT_EVERY, 1000.0 + 2 * BEAT_EVERY]
    await rig.play(LegEnded("c-s1", H.BUSY))
    assert rig.book.record
    before = len(rig.store.noted)
    await rig.play(seconds=5 * BEAT_EVERY)
    assert len(rig.store.beats) == 2
    assert len(rig.store.noted) == before
    await rig.journal.stop()


@asyncio_test
async def test_what_the_disk_refused_is_noted_later_in_its_newest_form() -> None:
    rig = Rig()
    rig.store.full = True
    await rig.play(LegAnswered("c-s1"))
    rig.store.full = False
    await rig.play(LegEnded("c-b1", H.BUSY))
    assert rig.store.noted == [[("c-s1", False), ("c-b1", True), ("c-b2", False)]]
