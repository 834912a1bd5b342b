"""The tree and the planner: what matches, what is inherited, who rings, and that every call has an end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from routing.directory import Directory, Standing
from routing.explain import explain, timeline
from routing.plan import Actions
from routing.router import Router
from tests.routing.settings import NEW_YORK, TUESDAY, click, config, decide, ring, rung

SUNDAY = datetime(2026, 11, 29, 12, 0, tzinfo=NEW_YORK)
TREE: dict[str, Any] = {
    "root": {
        "branches": ["gold", "fleet", "gb"],
        "steps": [ring("a"), ring("b", "c", strategy="in_order", timeout="10s")],
        "otherwise": "night",
        "on_loss": "redial",
    },
    "gold": {"when": "customer.gold", "steps": [ring("d")], "continue": True},
    "fleet": {"when": "cart.value > 1000", "dial_business": "after_greeting"},
    "gb": {"when": "call.country == 'GB'", "branches": ["london"], "early_media": True},
    "london": {"when": "call.number.startsWith('+4420')", "steps": [ring("e")], "otherwise": "tape"},
    "night": {"steps": [ring("d")]},
    "tape": {"steps": [ring("c")]},
}


@pytest.mark.parametrize(
    ("asked", "route", "steps"),
    [
        (click(), "root", [["a"], ["b", "c"], ["d"]]),
        (click(customer__gold="true"), "gold", [["d"], ["d"]]),
        (click(cart__value="2000"), "fleet", [["a"], ["b", "c"], ["d"]]),
        (click(customer__gold="true", cart__value="2000"), "gold", [["d"], ["a"], ["b", "c"], ["d"]]),
        (click("+442079460000"), "london", [["e"], ["c"]]),
        (click("+441619460000"), "gb", [["a"], ["b", "c"], ["d"]]),
    ],
)
def test_the_first_match_wins_and_inherits(asked: Any, route: str, steps: list[list[str]]) -> None:
    decision = decide(Router.of(config(TREE)), asked)
    assert (decision.plan.route, rung(decision)) == (route, steps)


def test_settings_are_inherited_one_by_one() -> None:
    router = Router.of(config(TREE))
    plan = decide(router, click("+442079460000")).plan
    assert (plan.early_media, plan.on_loss, plan.dial_business) == (True, "redial", "at_once")
    plan = decide(router, click(cart__value="2000")).plan
    assert (plan.early_media, plan.on_loss, plan.dial_business) == (False, "redial", "after_greeting")


def test_closed_leads_to_otherwise_and_says_until_when() -> None:
    router = Router.of(config(TREE))
    decision = decide(router, click("+442079460000"), SUNDAY)
    assert rung(decision) == [["c"]]
    said = [line.text for line in explain(decision, router)]
    assert "e: not rung, closed until Mon 2026-11-30 09:00" in said


def test_a_root_that_does_not_match_leads_to_otherwise_or_to_nobody() -> None:
    routes = {"root": {"hours": "office", "steps": [ring("a")], "otherwise": "night"}, "night": TREE["night"]}
    assert rung(decide(Router.of(config(routes)), at=SUNDAY)) == [["d"]]
    router = Router.of(config({"root": {"hours": "office", "steps": [ring("a")]}}))
    decision = decide(router, at=SUNDAY)
    assert decision.plan.steps == ()
    assert [line.text for line in explain(decision, router)][-1].startswith("Nobody can be rung")


def test_a_group_without_steps_passes_a_call_on() -> None:
    routes = {
        "root": {"branches": ["group", "rest"]},
        "group": {"when": "true", "branches": ["gold"]},
        "gold": {"when": "customer.gold", "steps": [ring("a")]},
        "rest": {"steps": [ring("b")]},
    }
    router = Router.of(config(routes))
    assert rung(decide(router)) == [["b"]]
    assert rung(decide(router, click(customer__gold="true"))) == [["a"]]


def test_thousands_of_branches_are_found_by_their_texts_in_order() -> None:
    names = [f"c{number}" for number in range(500)]
    routes: dict[str, Any] = {"root": {"branches": ["first", *names, "last"], "steps": [ring("a")]}}
    for name in names:
        routes[name] = {"when": f"page.query.campaign == '{name}'", "steps": [ring("b")]}
    routes["c7"]["when"] = "page.query.campaign in ['c7', 'c8']"
    routes["first"] = {"when": "cart.value > 100", "steps": [ring("c")]}
    routes["last"] = {"when": "page.path == '/bikes' && now.hour > 20", "steps": [ring("d")]}
    router = Router.of(config(routes))
    decision = decide(router, click(page="/?campaign=c400"))
    assert decision.plan.route == "c400"
    assert [tried.route.name for tried in decision.stages[0].trail] == ["root", "first", "c400"]
    assert any("and 390 more" in line.text for line in explain(decision, router))
    assert decide(router, click(page="/?campaign=c8")).plan.route == "c7", "the earlier one"
    assert decide(router, click(page="/?campaign=c8", cart__value="200")).plan.route == "first"
    assert decide(router, click(page="/bikes"), TUESDAY + timedelta(hours=6)).plan.route == "last"
    assert decide(router).plan.route == "root"


def test_caps_and_strategies_reach_the_plan() -> None:
    capped = {"f": {"label": "F", "sip": "sip:f@pbx.example", "max_calls": 1}}
    step = ring("f", "a", "b", strategy="memory", timeout="10s", on_declined="end")
    router = Router.of(config({"root": {"steps": [step]}}, destinations=capped))
    (planned,) = decide(router).plan.steps
    assert (planned.strategy, planned.delays, planned.timeouts) == ("all", (0, 10, 20), (30, 20, 10))
    assert (planned.actions, planned.name) == (Actions(declined="end"), "root.steps[0]")
    busy = Directory({"f": Standing(live_calls=1)})
    decision = decide(router, directory=busy)
    assert rung(decision) == [["a", "b"]]
    assert "f: not rung, 1 of 1 calls" in [line.text for line in explain(decision, router)]


def test_a_destination_is_followed_to_its_places_by_their_hours() -> None:
    anna = {
        "label": "Anna",
        "sip": "sip:anna@pbx.example",
        "trunk": "carrier",
        "find_me": [
            {"number": "+16175550111", "timeout": "12s", "hours": "office"},
            {"number": "+16175550112", "timeout": "8s"},
        ],
    }
    router = Router.of(config({"root": {"steps": [ring("anna", "a")]}}, destinations={"anna": anna}))
    plan = decide(router).plan
    (planned,) = plan.steps
    assert [endpoint.uri for endpoint in planned.endpoints] == [
        "sip:anna@pbx.example",
        "sip:+16175550111@sip.carrier.example",
        "sip:+16175550112@sip.carrier.example",
        "sip:a@pbx.example",
    ]
    assert (planned.delays, planned.timeouts) == ((0, 20, 32, 0), (20, 12, 8, 20))
    assert [(row.destination, row.begins, row.ends) for row in timeline(plan)] == [
        ("anna", 0, 20), ("anna", 20, 32), ("anna", 32, 40), ("a", 0, 20),
    ]  # fmt: skip
    assert len(decide(router, at=SUNDAY).plan.steps[0].endpoints) == 3


# --- any tree, any click ------------------------------------------------------------------------------

NAMES = [f"r{number}" for number in range(6)]
CONDITIONS = st.sampled_from(
    [
        None,
        "customer.gold",
        "cart.value > 10",
        "page.path == '/bikes'",
        "call.country == 'GB'",
        "now.hour < 12",
    ]
)
STEPS = st.lists(
    st.builds(
        lambda names, strategy, action: ring(*names, strategy=strategy, on_busy=action),
        st.lists(st.sampled_from("abcde"), min_size=1, max_size=4, unique=True),
        st.sampled_from(["all", "in_order", "round_robin", "longest_idle", "memory", "weighted"]),
        st.sampled_from(["next", "retry", "next_step", "end"]),
    ),
    min_size=1,
    max_size=2,
)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Any]:
    """Routes that point forward only, so that no way is a circle; each has one parent."""
    routes: dict[str, Any] = {name: {} for name in ("root", *NAMES)}
    order = ["root", *NAMES]
    for number, name in enumerate(order):
        route = routes[name]
        for key, values in (("when", CONDITIONS), ("hours", st.sampled_from([None, "office"]))):
            if (value := draw(values)) is not None:
                route[key] = value
        if draw(st.booleans()):
            route["steps"] = draw(STEPS)
        route["continue"] = draw(st.booleans())
        if number:
            parent = order[draw(st.integers(0, number - 1))]
            routes[parent].setdefault("branches", []).append(name)
    routes["night"] = {"steps": [ring("d")]}
    if draw(st.booleans()):
        routes["root"]["otherwise"] = "night"
    return routes


@settings(max_examples=150, deadline=None)
@given(
    trees(),
    st.dictionaries(st.sampled_from(["cart__value", "customer__gold"]), st.sampled_from(["true", "12", "x"])),
    st.sampled_from(["+16175550123", "+442079460000", "+18005550123", "+99"]),
    st.integers(0, 24 * 14).map(lambda hours: TUESDAY + timedelta(hours=hours)),
    st.floats(0, 1, exclude_max=True),
    st.dictionaries(st.sampled_from("abcde"), st.builds(Standing, live_calls=st.integers(0, 3))),
)
def test_any_tree_decides_any_click_the_same_way_twice(
    routes: dict[str, Any],
    context: dict[str, str],
    number: str,
    at: datetime,
    pick: float,
    standings: dict[str, Standing],
) -> None:
    router = Router.of(config(routes))
    asked = click(number, **context)
    first = decide(router, asked, at, Directory(standings), pick)
    assert first.plan == decide(router, asked, at, Directory(standings), pick).plan
    assert all(step.endpoints for step in first.plan.steps)
    assert len(first.plan.steps) <= sum(len(route.get("steps", ())) for route in routes.values())
    if first.plan.steps:
        assert max(row.ends for row in timeline(first.plan)) < 24 * 3600, "it has an end"
    assert "otherwise" not in routes["root"] or rung(first)[-1] == ["d"]
    tried = [each.route.name for stage in first.stages for each in stage.trail]
    assert tried[0] == "root"
    assert explain(first, router)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CONDITIONS, st.booleans()), min_size=10, max_size=30), st.data())
def test_the_index_changes_nothing(branches: list[tuple[str | None, bool]], data: st.DataObject) -> None:
    routes: dict[str, Any] = {
        "root": {"branches": [f"b{n}" for n in range(len(branches))], "steps": [ring("a")]}
    }
    for number, (when, goes_on) in enumerate(branches):
        routes[f"b{number}"] = {"steps": [ring("b")], "continue": goes_on, **({"when": when} if when else {})}
    context = data.draw(st.dictionaries(st.sampled_from(["cart__value", "customer__gold"]), st.just("true")))
    asked = click(data.draw(st.sampled_from(["+16175550123", "+442079460000"])), **context)
    decision = decide(Router.of(config(routes)), asked)
    expected = []
    for branch in decision.stages[0].root.branches:
        if branch.condition is None or branch.condition.holds(decision.facts):
            expected.append(branch.name)
            if not branch.goes_on:
                break
    assert [route.name for route in decision.stages[0].taken] == (expected or ["root"])
