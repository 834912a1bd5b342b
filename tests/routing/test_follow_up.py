"""Whose a lead is by the route, also at night; and the call by which they answer it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from routing.decide import plan_follow_up, route_people
from routing.directory import Directory
from routing.load import load
from routing.router import Router
from tests.config.files import ENVIRONMENT
from tests.routing.settings import NEW_YORK, TUESDAY, click, config, ring
from tests.routing.test_nearest import written

NIGHT = datetime(2026, 11, 24, 3, 0, tzinfo=NEW_YORK)


def test_step_by_step_who_is_closed_as_well():
    router = Router.of(config({"root": {"steps": [ring("e", "a"), ring("b")]}}))
    assert route_people(click(), "root", router, TUESDAY) == (("e", "a"), ("b",))
    assert route_people(click(), "root", router, NIGHT) == (("a", "e"), ("b",))


def test_the_nearest_stores_come_one_by_one_closed_ones_before_open_ones_farther_away(tmp_path: Path):
    loaded = load(written(tmp_path, "{strategy: nearest, destinations: [shops], limit: 2}"), ENVIRONMENT)
    found = route_people(click("+18005550123", postal_code="02139"), "sales", loaded.router, TUESDAY)
    assert found[:2] == (("shops/boston",), ("shops/worcester",))


def test_the_agent_is_dialled_first_and_the_call_has_no_ending():
    router = Router.of(config({"root": {"steps": [ring("a")]}}))
    plan = plan_follow_up(click(), ("b",), "Web lead{from_shopper}.", router, "c1", Directory(), TUESDAY)
    assert (plan.first, plan.ending, plan.queue, plan.ask_again) == ("business", None, None, False)
    [step] = plan.steps
    assert [each.destination for each in step.endpoints] == ["b"]


def test_an_agent_who_is_offline_cannot_be_rung():
    router = Router.of(config({"root": {"steps": [ring("a")]}}))
    away = Directory(agents={"b": "offline"})
    assert plan_follow_up(click(), ("b",), "Hello.", router, "c1", away, TUESDAY).steps == ()
    assert plan_follow_up(click(), (), "Hello.", router, "c1", Directory(), TUESDAY).steps == ()
