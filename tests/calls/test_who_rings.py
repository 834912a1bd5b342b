"""Who rings is decided when the hunt begins, and nobody is rung who has another call by then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from bridge.bulletin import Bulletin
from bridge.causes import HangupCause as H
from bridge.commands import Dial
from bridge.events import LegAnswered, LegEnded, LegSilent
from bridge.leg_ids import call_of
from calls.engine import Engine
from routing.decide import plan_call, turn_steps
from routing.plan import CallPlan, ClickToCall, Endpoint, PlannedStep
from routing.router import Router
from server.roster import Roster
from tests.bridge.fake_clock import FakeClock
from tests.calls.test_engine import Media, Store
from tests.routing.settings import click, config, ring

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
SHOPS = ("d1", "d2", "d3")


class Shop:
    """Three phones that take one call each, the roster, and an engine with as many calls as are clicked."""

    def __init__(self, strategy: str, timeout: str = "10s") -> None:
        phones = {
            name: {"label": name.upper(), "sip": f"sip:{name}@pbx.example", "max_calls": 1} for name in SHOPS
        }
        root = {"steps": [ring(*SHOPS, strategy=strategy, timeout=timeout)], "message": "box"}
        self.router = Router.of(
            config(
                {"root": root},
                destinations=phones,
                mailboxes={"box": {"label": "Box", "email": ["a@shop.example"]}},
                mail={"sender": "r@shop.example"},
            )
        )
        self.media, self.clock, self.roster = Media(), FakeClock(MONDAY), Roster()
        nothing: Any = None
        self.engine = Engine(
            self.media, Store(), self.clock, Bulletin(self.roster),
            rota=self, queues=nothing, callbacks=nothing, mailboxes=nothing, pages=nothing,
        )  # fmt: skip

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now, UTC)

    def steps(self, call_id: str, asked: ClickToCall, plan: CallPlan) -> tuple[PlannedStep, ...]:
        return turn_steps(asked, self.router, call_id, self.roster.directory(call_id), self.now(), 0.5)

    def is_free(self, call_id: str, endpoint: Endpoint) -> bool:
        return self.roster.is_free(endpoint.destination, call_id, 1)

    def click(self, call_id: str) -> None:
        plan = plan_call(click(), self.router, call_id, self.roster.directory(), self.now(), 0.5).plan
        placing = self.engine.place(plan, click(), call_id)
        with suppress(StopIteration):
            while True:
                placing.send(None)

    def rung(self) -> dict[str, list[str]]:
        """Who each call has dialled, in order."""
        rung: dict[str, list[str]] = {}
        for command in self.media.commands:
            if isinstance(command, Dial) and command.endpoint.destination in SHOPS:
                rung.setdefault(call_of(command.leg_id), []).append(command.endpoint.destination)
        return rung


def three_clicks_then_three_answers(strategy: str) -> Shop:
    shop = Shop(strategy)
    for call_id in ("a", "b", "c"):
        shop.click(call_id)
    for call_id in ("a", "b", "c"):
        shop.engine.handle(call_id, LegAnswered(f"{call_id}-s1"))
    return shop


@pytest.mark.parametrize("strategy", ["in_order", "round_robin", "longest_idle", "weighted", "memory"])
def test_three_shoppers_who_answer_together_reach_three_phones(strategy: str) -> None:
    shop = three_clicks_then_three_answers(strategy)
    assert sorted(first for first, *_ in shop.rung().values()) == list(SHOPS)


def test_who_answers_first_is_served_first_no_matter_who_clicked_first() -> None:
    shop = Shop("in_order")
    for call_id in ("a", "b"):
        shop.click(call_id)
    for call_id in ("b", "a"):
        shop.engine.handle(call_id, LegAnswered(f"{call_id}-s1"))
    assert shop.rung() == {"b": ["d1"], "a": ["d2"]}


def test_an_agent_with_another_call_by_then_is_passed_over_later_in_the_hunt_too() -> None:
    shop = Shop("in_order")
    for call_id in ("a", "b"):
        shop.click(call_id)
        shop.engine.handle(call_id, LegAnswered(f"{call_id}-s1"))
    shop.engine.handle("b", LegAnswered("b-b1"))  # d2 talks
    shop.engine.handle("a", LegEnded("a-b1", H.BUSY))
    assert shop.rung() == {"a": ["d1", "d3"], "b": ["d2"]}
    progress = shop.engine.progress("a")
    assert progress is not None
    assert (progress.ringing, progress.attempt) == (("D3",), 3)


def test_with_all_taken_at_the_answer_the_call_comes_to_its_ending() -> None:
    shop = Shop("round_robin")
    for call_id in ("a", "b", "c", "d"):
        shop.click(call_id)
    for call_id in ("a", "b", "c", "d"):
        shop.engine.handle(call_id, LegAnswered(f"{call_id}-s1"))
    assert "d" not in shop.rung()
    progress = shop.engine.progress("d")
    assert progress is not None
    assert progress.state == "leaving_message"


def test_who_is_free_again_when_the_shopper_answers_is_rung() -> None:
    shop = Shop("in_order")
    for call_id in ("a", "b", "c"):
        shop.click(call_id)
        shop.engine.handle(call_id, LegAnswered(f"{call_id}-s1"))
    shop.click("d")  # when all are busy
    shop.engine.handle("b", LegEnded("b-b1", H.DECLINED))
    shop.engine.handle("d", LegAnswered("d-s1"))
    assert shop.rung()["d"] == ["d2"]


def test_a_phone_that_was_lost_is_free_for_the_call_that_lost_it() -> None:
    for lost in (LegEnded("a-b1", H.MEDIA_TIMEOUT), LegSilent("a-b1")):
        shop = Shop("in_order")
        for call_id in ("a", "b", "c"):
            shop.click(call_id)
            shop.engine.handle(call_id, LegAnswered(f"{call_id}-s1"))
            shop.engine.handle(call_id, LegAnswered(f"{call_id}-b1"))
        shop.engine.handle("a", lost)
        assert shop.rung()["a"] == ["d1", "d1"], "the others talk"


def test_shares_are_even_however_long_shoppers_take_to_answer() -> None:
    shop, first = Shop("round_robin"), Counter[str]()
    for number in range(60):
        calls = [f"{number}x{each}" for each in range(3)]
        for call_id in calls:
            shop.click(call_id)
        for call_id in calls[: 1 + number % 3]:
            shop.engine.handle(call_id, LegAnswered(f"{call_id}-s1"))
            shop.engine.handle(call_id, LegAnswered(f"{call_id}-b1"))
        for call_id in calls:
            shop.engine.cancel(call_id)
            for leg in ("b1", "s1"):
                shop.engine.handle(call_id, LegEnded(f"{call_id}-{leg}", H.CANCELLED))
    first.update(rung[0] for rung in shop.rung().values())
    assert sum(first.values()) == 120
    assert max(first.values()) - min(first.values()) <= 1


STRATEGIES = st.sampled_from(["all", "in_order", "round_robin", "longest_idle", "memory", "weighted"])
ACTS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), st.integers(0, 7)), max_size=60)


@settings(max_examples=80, deadline=None)
@given(strategy=STRATEGIES, acts=ACTS)
def test_no_phone_ever_has_two_calls(strategy: str, acts: list[tuple[int, int, int]]) -> None:
    """Any interleaving of clicks, answers, refusals, timeouts and hang-ups of five calls."""
    _race(strategy, acts)


def _race(strategy: str, acts: list[tuple[int, int, int]]) -> None:
    shop = Shop(strategy)
    far: dict[str, str] = {}
    seen = 0
    for number, act, which in acts:
        call_id = f"c{number}"
        if shop.engine.progress(call_id) is None and act == 0:
            shop.click(call_id)
        legs = sorted(leg for leg in far if leg.startswith(f"{call_id}-"))
        if legs:
            leg_id = legs[which % len(legs)]
            match act:
                case 1 | 2 if far[leg_id] == "dialled":
                    far[leg_id] = "answered"
                    shop.engine.handle(call_id, LegAnswered(leg_id))
                case 3:
                    shop.engine.handle(call_id, LegEnded(leg_id, H.BUSY))
                    far.pop(leg_id)
                case 4:
                    shop.engine.cancel(call_id)
                case 5:
                    shop.clock.advance(10.0)
        for command in shop.media.commands[seen:]:
            if isinstance(command, Dial):
                far[command.leg_id] = "dialled"
        seen = len(shop.media.commands)
        _check(far, shop.media.commands)


def _check(far: Mapping[str, str], commands: list[Any]) -> None:
    where = {each.leg_id: each.endpoint.destination for each in commands if isinstance(each, Dial)}
    calls: dict[str, set[str]] = {}
    for leg_id in far:
        if where[leg_id] in SHOPS:
            calls.setdefault(where[leg_id], set()).add(call_of(leg_id))
    assert all(len(each) == 1 for each in calls.values()), calls
