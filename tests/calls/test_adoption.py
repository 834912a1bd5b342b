"""The engine takes over the bridged calls of a core that died."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.causes import Disposition, HangupCause
from bridge.commands import Dial, Join, Play
from bridge.events import HoldRequested, LegAnswered, LegEnded, LegHeld, LegRinging
from bridge.snapshot import CallSnapshot
from calls.engine import Engine
from tests.aio import asyncio_test
from tests.bridge.playbook import CLICK, OFFER, all_at_once, plan
from tests.calls.test_engine import World

SHOPPER, AGENT, OTHER = "c-s1", "c-b1", "c-b2"
NORMAL, PEER_ENDED = HangupCause.NORMAL, HangupCause.PEER_ENDED


class Keeper:
    """Keeps what it is told, as a switch does."""

    def __init__(self) -> None:
        self.kept: dict[str, CallSnapshot] = {}
        self.resumed: list[tuple[str, set[str]]] = []

    def keep(self, call_id: str, known: CallSnapshot | None, ahead: float) -> None:
        self.kept.pop(call_id, None)
        if known is not None:
            self.kept[call_id] = known

    def resume_call(self, known: CallSnapshot, live: Any) -> None:
        self.resumed.append((known.call_id, set(live)))


def core(keeper: Keeper) -> World:
    world = World()
    world.engine = Engine(
        world.media, world.store, world.clock, world.bulletin,
        rota=world, queues=world, callbacks=world, mailboxes=world, pages=world, keeper=keeper,
    )  # fmt: skip
    return world


async def bridged(keeper: Keeper, **changes: Any) -> World:
    """A core with a call: asked for at 0, answered at 2, bridged at 5, after Salem was busy at 4."""
    world = core(keeper)
    await world.engine.place(plan(all_at_once("boston", "salem"), greeting=None, **changes), CLICK, "c")
    for at, event in (
        (2.0, LegAnswered(SHOPPER, "id of the shopper")),
        (3.0, LegRinging(AGENT, sip_call_id="id of Boston")),
        (4.0, LegEnded(OTHER, HangupCause.BUSY, 486)),
        (5.0, LegAnswered(AGENT)),
    ):
        world.clock.advance(at - world.clock.now)
        world.engine.handle("c", event)
    return world


def next_core(keeper: Keeper, story: Any, *, ahead: float = 0.0) -> World:
    """The next one, at 100 by the first one's clock."""
    world = core(keeper)
    world.media.open.append("c")
    world.clock.now = 100.0 + ahead
    world.engine.adopt(keeper.kept["c"].moved(ahead), 1000.0, [(at + ahead, event) for at, event in story])
    return world


@asyncio_test
async def test_a_call_is_kept_from_the_bridge_to_the_end_but_not_by_a_server_that_stops() -> None:
    keeper = Keeper()
    world = await bridged(keeper)
    assert keeper.kept["c"].talking == (SHOPPER, AGENT)
    assert not keeper.kept["c"].held
    world.engine.handle("c", HoldRequested(AGENT))
    assert keeper.kept["c"].held
    world.engine.handle("c", LegEnded(SHOPPER, NORMAL))
    assert keeper.kept == {}
    world = await bridged(keeper)
    world.engine.drain()
    assert keeper.kept == {}
    world.engine.handle("c", LegHeld(SHOPPER))
    assert keeper.kept == {}


@asyncio_test
async def test_who_talks_goes_on_talking() -> None:
    keeper = Keeper()
    await bridged(keeper)
    world = next_core(keeper, [])
    assert keeper.resumed == [("c", {SHOPPER, AGENT})]
    assert world.media.commands == [], "what they hear is not touched"
    assert world.seen == ["bridged"]
    assert world.engine.live_calls("shop") == 1
    assert keeper.kept["c"].talking == (SHOPPER, AGENT), "it outlives this core, too"
    world.engine.handle("c", LegEnded(AGENT, NORMAL))
    world.clock.advance(1.0)
    world.engine.handle("c", LegEnded(SHOPPER, PEER_ENDED))
    await world.engine.drained()
    (record,) = world.records
    assert (record.requested_at, record.bridged_at, record.ended_at) == (1000.0, 1005.0, 1101.0)
    assert (record.disposition, record.cause) == (Disposition.BRIDGED, NORMAL)
    assert [(leg.leg_id, leg.joined_at, leg.ended_at, leg.cause) for leg in record.legs] == [
        (SHOPPER, 1005.0, 1101.0, PEER_ENDED),
        (AGENT, 1005.0, 1100.0, NORMAL),
        (OTHER, None, 1004.0, HangupCause.BUSY),
    ]
    assert [leg.sip_call_id for leg in record.legs][:2] == ["id of the shopper", "id of Boston"]


@asyncio_test
async def test_the_longest_duration_counts_from_the_shoppers_answer() -> None:
    keeper = Keeper()
    await bridged(keeper, max_duration=150.0)
    world = next_core(keeper, [])
    world.clock.advance(51.9)
    assert world.engine.live()[0].state == "bridged"
    world.clock.advance(0.2)
    assert world.engine.live()[0].state == "ending"


@pytest.mark.parametrize(
    ("story", "cause", "ended_at"),
    [
        ([(50.0, LegEnded(SHOPPER, NORMAL)), (51.0, LegEnded(AGENT, PEER_ENDED))], NORMAL, 51.0),
        ([(50.0, LegEnded(AGENT, NORMAL)), (51.0, LegEnded(SHOPPER, PEER_ENDED))], NORMAL, 51.0),
        ([(20.0, LegHeld(AGENT)), (50.0, LegEnded(SHOPPER, NORMAL)), (50.0, LegEnded(AGENT, PEER_ENDED))],
         NORMAL, 50.0),
        ([(60.0, LegEnded(SHOPPER, HangupCause.MEDIA_TIMEOUT)), (60.5, LegEnded(AGENT, PEER_ENDED))],
         HangupCause.MEDIA_TIMEOUT, 60.5),
    ],
)  # fmt: skip
@asyncio_test
async def test_a_call_that_ended_meanwhile_has_its_record(story: Any, cause: Any, ended_at: float) -> None:
    keeper = Keeper()
    await bridged(keeper)
    # The next core's clock is another one.
    world = next_core(keeper, story, ahead=7000.0)
    await world.engine.drained()
    (record,) = world.records
    assert (record.disposition, record.cause) == (Disposition.BRIDGED, cause)
    assert record.ended_at == 8000.0 + ended_at
    assert record.talk_seconds == ended_at - 5.0
    ends = {event.leg_id: (8000.0 + at, event.cause) for at, event in story if isinstance(event, LegEnded)}
    assert {leg.leg_id: (leg.ended_at, leg.cause) for leg in record.legs[:2]} == ends
    assert keeper.resumed == [("c", set())]
    assert world.engine.live() == []
    assert world.engine.live_calls("shop") == 0
    assert world.clock.due[1:] == [], "no timer but that which forgets the call"


@asyncio_test
async def test_nobody_is_rung_for_a_shopper_who_is_gone() -> None:
    """The agent's line broke while no core was there, and the shopper's was ended for want of one."""
    keeper = Keeper()
    await bridged(keeper, ending=OFFER)
    lost = [(50.0, LegEnded(AGENT, HangupCause.MEDIA_TIMEOUT)), (50.1, LegEnded(SHOPPER, PEER_ENDED))]
    world = next_core(keeper, lost)
    assert not any(isinstance(command, Dial) for command in world.media.commands)
    assert world.asked == [("book", "c", "later")], "but they are called back, where the route says so"


@asyncio_test
async def test_who_was_on_hold_or_told_something_is_put_back() -> None:
    keeper = Keeper()
    first = await bridged(keeper)
    first.engine.handle("c", HoldRequested(AGENT))
    world = next_core(keeper, [])
    assert {type(command) for command in world.media.commands} == {Play}
    assert world.engine.live()[0].held
    known = keeper.kept["c"]
    keeper.kept["c"] = replace(known, held=False)  # as if the agent had heard what came of a page
    world = next_core(keeper, [])
    assert world.media.commands == [Join(SHOPPER, AGENT)]
    assert not world.engine.live()[0].held
