"""The engine against media and a store that obey our own protocols."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge import facts
from bridge.bulletin import Bulletin, on
from bridge.causes import Disposition, HangupCause
from bridge.commands import Dial, HangUp, Join
from bridge.events import CallbackBooked, LegAnswered, LegDtmf, LegEnded, LegRinging, RecordingFinished
from bridge.facts import (
    CallEnded,
    CallProgressed,
    Fact,
    LegDialled,
    LegFact,
    LegGone,
    LegJoined,
    LegPickedUp,
    LegRang,
)
from bridge.protocols import OutOfCapacityError
from calls import engine as engine_module
from calls.engine import DrainingError, Engine
from tests.aio import asyncio_test
from tests.bridge.playbook import CLICK, MESSAGE, QUEUE, plan, staggered, with_actions

#: Every kind of fact.
KINDS = [kind for kind in vars(facts).values() if isinstance(kind, type) and issubclass(kind, Fact)]


class Media:
    def __init__(self) -> None:
        self.commands: list[Any] = []
        self.open: list[str] = []
        self.full = False

    def open_call(self, call_id: str, plan: Any) -> None:
        if self.full:
            raise OutOfCapacityError
        self.open.append(call_id)

    def perform(self, call_id: str, command: Any) -> None:
        self.commands.append(command)

    def close_call(self, call_id: str) -> None:
        self.open.remove(call_id)


class Store:
    def __init__(self) -> None:
        self.story: list[Any] = []
        self.failures = 0

    async def open_call(self, call_id: str, *rest: Any) -> None:
        await asyncio.sleep(0)
        if self.failures:
            raise OSError("disk full")
        self.story.append("open")

    async def settle(self, call_id: str, disposition: Disposition, *rest: Any) -> None:
        self.story.append(disposition)

    async def write_cdr(self, record: Any) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        self.story.append(record)

    async def close_unfinished(self, at: float) -> list[str]:
        return []


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0
        self.due: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Any:
        entry = (self.now + seconds, callback)
        self.due.append(entry)
        due = self.due

        class Delayed:
            def cancel(self) -> None:
                due.remove(entry)

        return Delayed()

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for entry in [entry for entry in self.due if entry[0] <= self.now]:
            self.due.remove(entry)
            entry[1]()


class World:
    def __init__(self) -> None:
        self.media, self.store, self.clock = Media(), Store(), Clock()
        self.seen: list[Any] = []
        self.records: list[Any] = []
        #: What was asked of the queue, the callback desk and the mailboxes.
        self.asked: list[Any] = []
        #: What the route says when it is asked again, and who other calls have by then.
        self.route: Callable[[], Any] | None = None
        self.taken: set[str] = set()
        self.bulletin = Bulletin(self)
        self.engine = Engine(
            self.media,
            self.store,
            self.clock,
            self.bulletin,
            rota=self,
            queues=self,
            callbacks=self,
            mailboxes=self,
            pages=self,
        )

    def steps(self, call_id: str, click: Any, plan: Any) -> Any:
        return self.route() if self.route else plan.steps

    def is_free(self, call_id: str, endpoint: Any) -> bool:
        return endpoint.destination not in self.taken

    def enter(self, call_id: str, click: Any, queue: str, busy: bool, first: bool) -> None:
        self.asked.append(("enter", call_id, queue, busy))

    def leave(self, call_id: str, queue: str, served: bool) -> None:
        self.asked.append(("leave", call_id, queue, served))

    def book(self, call_id: str, click: Any, terms: str) -> None:
        self.asked.append(("book", call_id, terms))

    def push(self, call_id: str, leg_id: str, keys: str) -> None:
        self.asked.append(("push", call_id, leg_id, keys))

    async def keep(self, message: Any) -> None:
        self.asked.append(message)

    def interests(self) -> Any:
        yield on(CallProgressed, lambda fact: self.seen.append(fact.progress.state))
        yield on(CallEnded, lambda fact: self.records.append(fact.record))


@asyncio_test
async def test_a_call_is_on_disk_before_anything_is_dialled() -> None:
    world = World()
    placing = asyncio.ensure_future(world.engine.place(plan(), CLICK, "c"))
    await asyncio.sleep(0)
    assert world.media.commands == []
    await placing
    assert world.store.story == ["open"]
    assert world.media.commands == [Dial("c-s1", plan().shopper)]


@asyncio_test
async def test_a_call_in_full() -> None:
    world = World()
    call = "c"
    await world.engine.place(plan(), CLICK, call)
    world.engine.handle(call, LegAnswered(f"{call}-s1"))
    world.engine.handle(call, LegAnswered(f"{call}-b1"))
    world.engine.handle(call, LegEnded(f"{call}-b1", HangupCause.NORMAL))
    assert [line.call_id for line in world.engine.live()] == [call]
    assert (world.engine.live_calls(plan().site), world.engine.live_calls("another")) == (1, 0)
    world.engine.handle(call, LegEnded(f"{call}-s1", HangupCause.PEER_ENDED))
    await world.engine.drained()
    assert world.engine.live_calls(plan().site) == 0
    opened, settled, record = world.store.story
    assert (opened, settled, record.disposition) == ("open", Disposition.BRIDGED, Disposition.BRIDGED)
    assert world.records == [record]
    assert world.media.open == []
    assert world.engine.live() == []
    assert world.seen == ["calling_shopper", "hunting", "bridged", "ending", "ended"]
    progress = world.engine.progress(call)
    assert progress is not None
    assert progress.disposition is Disposition.BRIDGED
    world.clock.advance(61)
    assert world.engine.progress(call) is None
    assert world.clock.due == [], "no timer outlives its call"
    world.engine.handle(call, LegEnded(f"{call}-s1", HangupCause.NORMAL))  # late: forgotten


@asyncio_test
async def test_a_call_that_ends_at_once_is_written_once() -> None:
    world = World()
    call = "c"
    await world.engine.place(plan(), CLICK, call)
    world.engine.handle(call, LegEnded(f"{call}-s1", HangupCause.BUSY))
    await world.engine.drained()
    assert len(world.store.story) == 2


@asyncio_test
async def test_timers_run_on_the_given_clock() -> None:
    world = World()
    call = "c"
    await world.engine.place(plan(), CLICK, call)
    world.clock.advance(44)
    assert len(world.media.commands) == 1
    world.clock.advance(1)
    assert world.media.commands[-1] == HangUp(f"{call}-s1", HangupCause.RING_TIMEOUT)


@asyncio_test
async def test_no_room_and_no_disk_refuse_the_call() -> None:
    world = World()
    world.media.full = True
    with pytest.raises(OutOfCapacityError):
        await world.engine.place(plan(), CLICK, "d")
    world.media.full = False
    world.store.failures = 1
    with pytest.raises(OSError, match="disk full"):
        await world.engine.place(plan(), CLICK, "d")
    assert world.media.open == []
    await world.engine.drained()


@asyncio_test
async def test_a_record_is_tried_again_while_the_disk_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "WRITE_PAUSES", (0.0, 0.0))
    world = World()
    call = "c"
    await world.engine.place(plan(), CLICK, call)
    world.store.failures = 2
    world.engine.handle(call, LegEnded(f"{call}-s1", HangupCause.BUSY))
    await world.engine.drained()
    assert world.store.story[-1].disposition is Disposition.SHOPPER_UNREACHABLE


@asyncio_test
async def test_a_draining_engine_takes_no_call_and_ends_the_rest_when_asked() -> None:
    world = World()
    call = "c"
    await world.engine.place(plan(), CLICK, call)
    world.engine.drain()
    with pytest.raises(DrainingError):
        await world.engine.place(plan(), CLICK, "d")
    waiting = asyncio.ensure_future(world.engine.drained())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    world.engine.cancel_all()
    world.engine.handle(call, LegEnded(f"{call}-s1", HangupCause.CANCELLED))
    await waiting
    assert world.records[0].disposition is Disposition.CANCELLED


@asyncio_test
async def test_what_is_not_media_goes_to_the_part_it_concerns() -> None:
    world = World()
    await world.engine.place(plan(greeting=None, queue=QUEUE, ending=MESSAGE), CLICK, "c")
    world.engine.handle("c", LegAnswered("c-s1"))
    world.engine.handle("c", LegDtmf("c-s1", "1"))
    world.engine.handle("c", CallbackBooked(5000.0, "today"))
    assert world.asked == [
        ("enter", "c", "calls", False),
        ("leave", "c", "calls", False),
        ("book", "c", "later"),
    ]


@asyncio_test
async def test_a_message_is_kept_before_the_record_is_written() -> None:
    world = World()
    await world.engine.place(replace(plan(greeting=None, ending=MESSAGE), steps=()), CLICK, "c")
    world.engine.handle("c", LegAnswered("c-s1"))
    world.engine.handle("c", LegDtmf("c-s1", "#"))
    world.clock.advance(1.0)
    world.engine.handle("c", RecordingFinished("c-s1", 8.0))
    world.engine.handle("c", LegEnded("c-s1", HangupCause.NORMAL))
    await world.engine.drained()
    (message,) = world.asked
    assert (message.mailbox, message.number, message.seconds) == ("office", CLICK.number, 8.0)
    assert world.records[0].disposition is Disposition.MESSAGE_TAKEN


@asyncio_test
async def test_a_wall_clock_that_is_set_under_a_call_makes_no_duration_negative() -> None:
    world = World()
    wall = 5000.0
    engine = world.engine
    engine._wall = lambda: wall + world.clock.now
    call_id = engine.new_call_id()
    await engine.place(plan(greeting=None), CLICK, call_id)
    engine.handle(call_id, LegAnswered(f"{call_id}-s1"))
    world.clock.advance(4.0)
    engine.handle(call_id, LegAnswered(f"{call_id}-b1"))
    assert engine.behind(call_id) == 5000.0
    wall = -90_000.0  # set back by more than a day
    world.clock.advance(60.0)
    engine.handle(call_id, LegEnded(f"{call_id}-b1", HangupCause.NORMAL))
    engine.handle(call_id, LegEnded(f"{call_id}-s1", HangupCause.PEER_ENDED))
    await engine.drained()
    (record,) = world.records
    assert (record.requested_at, record.bridged_at, record.ended_at) == (5000.0, 5004.0, 5064.0)
    assert record.talk_seconds == 60.0
    assert [(leg.dialed_at, leg.joined_at, leg.ended_at) for leg in record.legs] == [
        (5000.0, 5004.0, 5064.0),
        (5000.0, 5004.0, 5064.0),
    ]
    assert record in world.store.story


class Raises:
    """A subscriber to every fact, which raises on each."""

    def __init__(self) -> None:
        self.met: list[str] = []

    def interests(self) -> Any:
        return [on(kind, self._raise) for kind in KINDS]

    def _raise(self, fact: Any) -> None:
        self.met.append(type(fact).__name__)
        raise KeyError(fact.call_id)


@asyncio_test
async def test_every_subscriber_raises_on_every_fact_and_calls_bridge_end_and_are_recorded() -> None:
    world = World()
    subscribers = [Raises() for _ in range(3)]
    for subscriber in subscribers:
        world.bulletin.subscribe(subscriber)
    with capture_logs() as log:
        for call in ("c", "d"):
            await world.engine.place(plan(), CLICK, call)
            world.engine.handle(call, LegRinging(f"{call}-s1"))
            world.engine.handle(call, LegAnswered(f"{call}-s1"))
            world.engine.handle(call, LegAnswered(f"{call}-b1"))
            assert Join(f"{call}-s1", f"{call}-b1") in world.media.commands, "the two hear each other"
            world.engine.handle(call, LegEnded(f"{call}-b1", HangupCause.NORMAL))
            world.engine.handle(call, LegEnded(f"{call}-s1", HangupCause.PEER_ENDED))
    await world.engine.drained()
    assert [record.disposition for record in world.store.story if hasattr(record, "legs")] == [
        Disposition.BRIDGED,
        Disposition.BRIDGED,
    ]
    assert [record.call_id for record in world.records] == ["c", "d"], "who does not raise is told all"
    assert world.seen[:3] == ["calling_shopper", "calling_shopper", "hunting"]
    assert world.engine.live() == []
    told = [each for each in log if each["event"] == "subscriber_failed"]
    assert {each["subscriber"] for each in told} == {"Raises"}
    assert {"LegDialled", "LegRang", "LegPickedUp", "LegJoined", "LegDropped", "LegGone"} <= set(
        subscribers[0].met
    )
    assert {"CallStarted", "CallBridged", "CallProgressed", "CallEnded"} <= set(subscribers[0].met)
    assert subscribers[0].met == subscribers[2].met
    assert len(told) == sum(len(each.met) for each in subscribers) == world.bulletin.failures["Raises"]


@asyncio_test
async def test_commands_are_carried_out_before_anybody_is_told() -> None:
    world = World()
    seen: list[tuple[str, Any]] = []

    class Looks:
        def interests(self) -> Any:
            return [on(LegJoined, lambda fact: seen.append((fact.leg_id, world.media.commands[-1])))]

    world.bulletin.subscribe(Looks())
    await world.engine.place(plan(), CLICK, "c")
    world.engine.handle("c", LegAnswered("c-s1"))
    world.engine.handle("c", LegAnswered("c-b1"))
    assert seen == [("c-s1", Join("c-s1", "c-b1")), ("c-b1", Join("c-s1", "c-b1"))]


@asyncio_test
async def test_what_a_subscriber_reports_is_the_next_moment() -> None:
    world = World()
    order: list[str] = []

    class Reports:
        def interests(self) -> Any:
            return [on(LegDialled, self.dialled)]

        def dialled(self, fact: Any) -> None:
            order.append(fact.leg_id)
            world.engine.handle("c", LegRinging(fact.leg_id))
            world.engine.handle("c", LegAnswered(fact.leg_id))
            order.append("told")

    class Watches:
        def interests(self) -> Any:
            return [on(LegRang, lambda fact: order.append("rang")), on(LegPickedUp, self.picked_up)]

        def picked_up(self, fact: Any) -> None:
            order.append("picked up")

    world.bulletin.subscribe(Reports())
    world.bulletin.subscribe(Watches())
    await world.engine.place(plan(), CLICK, "c")
    assert order == ["c-s1", "told", "rang", "picked up", "c-b1", "told", "rang", "picked up"]
    assert world.seen[-1] == "bridged"


@asyncio_test
async def test_of_a_leg_that_is_not_free_only_the_end_is_told() -> None:
    world = World()
    world.taken = {"boston"}
    told: list[Any] = []

    class Hears:
        def interests(self) -> Any:
            return [on(kind, told.append) for kind in KINDS if issubclass(kind, LegFact)]

    world.bulletin.subscribe(Hears())
    await world.engine.place(plan(), CLICK, "c")
    world.engine.handle("c", LegAnswered("c-s1"))
    business = [fact for fact in told if fact.role == "business"]
    assert [(type(fact), fact.cause) for fact in business] == [(LegGone, HangupCause.NOT_FREE)]


@asyncio_test
async def test_a_leg_that_was_not_dialled_is_not_hung_up() -> None:
    world = World()
    world.taken = {"a"}
    together = with_actions(staggered("a", "a", delays=(0.0, 0.0)), busy="next_step")
    await world.engine.place(plan(together), CLICK, "c")
    world.engine.handle("c", LegAnswered("c-s1"))
    business = [command for command in world.media.commands if command.leg_id.startswith("c-b")]
    assert business == []
    world.engine.handle("c", LegEnded("c-s1", HangupCause.NORMAL))
    await world.engine.drained()
    causes = {leg.leg_id: leg.cause for leg in world.records[0].legs}
    assert set(causes) == {"c-s1", "c-b1", "c-b2"}
