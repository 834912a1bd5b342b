"""Calls of a real engine in a real queue: the planner decides, the roster counts, the room gives turns."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bridge.bulletin import Bulletin, on
from bridge.causes import Disposition, HangupCause
from bridge.commands import Dial
from bridge.events import LegAnswered, LegEnded, LegRinging, TurnCame
from bridge.facts import CallEnded
from calls.engine import Engine
from calls.waiting_room import WaitingRoom
from config.sections.queues import Queue
from routing.decide import crew, turn_steps
from routing.directory import Directory
from routing.plan import CallPlan, ClickToCall, Endpoint, PlannedStep
from routing.router import Router
from server.roster import Roster
from tests.aio import asyncio_test
from tests.bridge.fake_clock import FakeClock
from tests.bridge.playbook import CLICK, QUEUE, plan
from tests.calls.test_engine import Media, Store
from tests.routing.settings import config, ring

MONDAY = datetime(2026, 11, 23, 17, tzinfo=UTC).timestamp()


class Node:
    """One agent, Ann, whose calls the server counts, and Zoe, who keeps office hours."""

    def __init__(self, max_calls: int | None = 1) -> None:
        self.media, self.store, self.clock, self.roster = Media(), Store(), FakeClock(MONDAY), Roster()
        ann = {"label": "Ann", "sip": "sip:ann@pbx.example", "max_calls": max_calls, "hours": "office"}
        settings = config(
            {"root": {"steps": [ring("ann")], "queue": "line"}},
            queues={"line": {}},
            destinations={"ann": ann},
        )
        self.router = Router.of(settings)
        self.records: list[Any] = []
        self.turns = 0
        self.room = WaitingRoom(self.handle, self.clock, lambda _: Queue(), self.steps, self.crew)
        self.engine = Engine(
            self.media,
            self.store,
            self.clock,
            Bulletin(self.room, self.roster, self),
            rota=self,
            queues=self.room,
            callbacks=self,
            mailboxes=self,  # type: ignore[arg-type]
            pages=self,  # type: ignore[arg-type]
        )

    def handle(self, call_id: str, event: Any) -> None:
        self.turns += isinstance(event, TurnCame)
        self.engine.handle(call_id, event)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now, UTC)

    def directory(self) -> Directory:
        return self.roster.directory()

    def steps(
        self, call_id: str, click: ClickToCall, plan: CallPlan | None = None
    ) -> tuple[PlannedStep, ...]:
        return turn_steps(click, self.router, call_id, self.directory(), self.now(), 0.5)

    def is_free(self, call_id: str, endpoint: Endpoint) -> bool:
        contact = self.router.contacts[endpoint.destination]
        return self.roster.is_free(endpoint.destination, call_id, contact.max_calls)

    def crew(self, call_id: str, click: ClickToCall) -> frozenset[str]:
        return crew(click, self.router, self.directory(), self.now())

    def book(self, call_id: str, click: Any, terms: str) -> None:
        raise AssertionError("no callback is offered")

    def interests(self) -> Any:
        yield on(CallEnded, lambda fact: self.records.append(fact.record))

    async def call(self, call_id: str) -> None:
        """A call whose shopper answers."""
        await self.engine.place(plan(queue=QUEUE, greeting=None), CLICK, call_id)
        self.engine.handle(call_id, LegAnswered(f"{call_id}-s1"))
        self.clock.advance()

    def dialled(self) -> list[str]:
        """Who the business's phones have rung for."""
        return [command.leg_id for command in self.media.commands if isinstance(command, Dial)]

    def hang_up(self, *legs: str) -> None:
        for leg in legs:
            self.engine.handle(leg.partition("-")[0], LegEnded(leg, HangupCause.NORMAL))
        self.clock.advance()


@asyncio_test
async def test_three_shoppers_and_one_agent() -> None:
    node = Node()
    for call in "xyz":
        await node.call(call)
    assert node.dialled() == ["x-s1", "x-b1", "y-s1", "z-s1"]
    y, z = node.engine.progress("y"), node.engine.progress("z")
    assert y is not None
    assert z is not None
    assert (y.position, z.position) == (2, 3)
    assert y.wait is not None
    assert z.wait is not None
    assert 0 < y.wait < z.wait
    node.engine.handle("x", LegAnswered("x-b1"))
    node.clock.advance(1.0)
    y = node.engine.progress("y")
    assert y is not None
    assert y.position == 1
    node.clock.advance(60.0)
    assert node.turns == 1, "Ann talks"
    node.hang_up("x-b1", "x-s1")
    assert node.dialled()[-1] == "y-b1"
    node.engine.handle("y", LegAnswered("y-b1"))
    node.hang_up("y-s1")  # the shopper hangs up; Ann's phone has not said that it is free
    assert node.dialled()[-1] == "y-b1"
    node.hang_up("y-b1")
    assert node.dialled()[-1] == "z-b1"
    node.engine.handle("z", LegAnswered("z-b1"))
    node.hang_up("z-b1", "z-s1")
    await node.engine.drained()
    assert [record.disposition for record in node.records] == [Disposition.BRIDGED] * 3
    assert node.room.waiting("calls") == 0


@asyncio_test
async def test_a_phone_that_says_it_is_busy_is_tried_until_it_is_not() -> None:
    node = Node(max_calls=None)
    await node.call("x")
    for number in (1, 2, 3):
        assert node.dialled()[-1] == f"x-b{number}"
        node.engine.handle("x", LegEnded(f"x-b{number}", HangupCause.BUSY))
        node.clock.advance(14.0)
        assert node.turns == number
        node.clock.advance(1.5)
    node.engine.handle("x", LegAnswered("x-b4"))
    assert node.turns == 4
    node.hang_up("x-b4", "x-s1")
    await node.engine.drained()
    assert node.records[0].disposition is Disposition.BRIDGED


@asyncio_test
async def test_who_is_not_wanted_is_let_go() -> None:
    node = Node()
    await node.call("x")
    node.engine.handle("x", LegRinging("x-b1"))
    node.engine.handle("x", LegEnded("x-b1", HangupCause.DECLINED))
    node.clock.advance()
    node.hang_up("x-s1")
    await node.engine.drained()
    assert (node.turns, node.records[0].disposition) == (2, Disposition.UNANSWERED)


@asyncio_test
async def test_at_closing_time_nobody_is_left_waiting() -> None:
    node = Node()
    for call in "xyz":
        await node.call(call)
    node.engine.handle("x", LegAnswered("x-b1"))
    node.clock.advance(30.0)
    assert node.room.waiting("calls") == 2
    # Six in the evening in New York, as if the line had been there so long.
    node.clock.now = MONDAY + 6 * 3600.0
    node.room.look()
    node.clock.advance(1.0)
    assert node.room.waiting("calls") == 0
    node.hang_up("x-b1", "x-s1", "y-s1", "z-s1")
    await node.engine.drained()
    assert sorted(record.disposition for record in node.records) == ["bridged", "unanswered", "unanswered"]
