"""No call is lost: what the check says of any tree, and what becomes of every click on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from config.models import Config
from config.sections.route_ends import RouteEnds
from routing.router import Router
from tests.config.files import changed, complaints
from tests.routing.settings import TUESDAY, click, config, decide, ring

OFFICES = {"mailboxes": {"office": {"label": "Office"}}, "callbacks": {"later": {}}}


def losing(settings: Config) -> dict[str, str]:
    parents = {branch: name for name, route in settings.routes.items() for branch in route.branches}
    return RouteEnds(settings.routes, parents).losing(["root"])


@st.composite
def forests(draw: st.DrawFn, conditions: int, hours: bool) -> dict[str, Any]:
    """Up to three trees, each of which may lead to the later ones; no condition depends on another."""
    routes: dict[str, Any] = {}
    trees: list[list[str]] = []
    for tree in range(draw(st.integers(1, 3))):
        names = ["root" if not tree else f"t{tree}"]
        names += [f"t{tree}r{number}" for number in range(draw(st.integers(0, 4)))]
        trees.append(names)
        for number, name in enumerate(names):
            routes[name] = {"continue": draw(st.booleans())}
            if number:
                parent = names[draw(st.integers(0, number - 1))]
                routes[parent].setdefault("branches", []).append(name)
    for tree, names in enumerate(trees):
        later = [name for each in trees[tree + 1 :] for name in each]
        for name in names:
            route = routes[name]
            if conditions and draw(st.booleans()):
                conditions -= 1
                route["when"] = f"visitor.c{conditions} == 'yes'"
            if hours and draw(st.booleans()):
                route["hours"] = "office"
            steps = draw(st.sampled_from([None, None, [ring("a")], [ring("e")]]))
            last = draw(st.sampled_from(["", "", "message", "callback", "otherwise"]))
            if last == "otherwise" and later:
                route["otherwise"] = draw(st.sampled_from(later))
            elif last in ("message", "callback"):
                route[last] = "office" if last == "message" else "later"
            if steps:
                route["steps"] = steps
            elif last in ("message", "callback") and draw(st.booleans()):
                route["steps"] = []
    return routes


@settings(max_examples=300, deadline=None)
@given(forests(conditions=5, hours=False))
def test_the_check_says_what_happens_to_every_click(routes: dict[str, Any]) -> None:
    made = config(routes, **OFFICES)
    router = Router.of(made)
    asked = sorted({word for route in routes.values() if (word := route.get("when", "")[8:10])})
    lost = False
    for answers in product(("yes", "no"), repeat=len(asked)):
        context = {f"visitor__{name}": answer for name, answer in zip(asked, answers, strict=True)}
        lost |= decide(router, click(**context)).plan.ending is None
    assert bool(losing(made)) == lost


@settings(max_examples=200, deadline=None)
@given(
    forests(conditions=3, hours=True),
    st.dictionaries(st.sampled_from(["visitor__c0", "visitor__c1", "visitor__c2"]), st.just("yes")),
    st.integers(0, 24 * 7).map(lambda hours: TUESDAY + timedelta(hours=hours)),
)
def test_what_the_check_lets_pass_always_ends(
    routes: dict[str, Any], context: dict[str, str], at: datetime
) -> None:
    made = config(routes, **OFFICES)
    if not losing(made):
        assert decide(Router.of(made), click(**context), at).plan.ending is not None


@settings(max_examples=100, deadline=None)
@given(forests(conditions=4, hours=True))
def test_fixing_what_is_told_fixes_it_all(routes: dict[str, Any]) -> None:
    for _ in routes:
        lost = losing(config(routes, **OFFICES))
        for name in lost:
            assert not {"otherwise", "message", "callback"} & routes[name].keys()
            routes[name]["message"] = "office"
        if not lost:
            return
    assert not losing(config(routes, **OFFICES))


SALES = "routes:\n  sales:\n    steps:\n      - destinations: [store]\n    message: office\n"
HOURS = "hours:\n  day: {opening_hours: Mo-Fr 09:00-18:00}\n"
STEPS = "steps: [{destinations: [store]}]"
TOLD = 'a shopper can be left with nothing: {}: add "message", "callback" or "otherwise"'


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"  sales: {{{STEPS}}}\n", [("24:3: routes.sales", "sales")]),
        (
            f"  sales: {{{STEPS}, hours: day, otherwise: night}}\n  night: {{{STEPS}, when: now.hour > 5}}\n",
            [("25:3: routes.night", "sales → night")],
        ),
        (
            "  sales: {branches: [gold, rest]}\n"
            f"  gold: {{when: customer.gold, {STEPS}, otherwise: late}}\n"
            "  rest: {when: '!customer.gold', message: office}\n"
            f"  late: {{hours: day, branches: [vip]}}\n  vip: {{when: cart.value > 9, {STEPS}}}\n",
            [
                ("24:3: routes.sales", "sales (no branch)"),
                ("27:3: routes.late", "sales → gold → late (closed)"),
            ],
        ),
        (
            f"  sales: {{branches: [gold, rest]}}\n  gold: {{when: customer.gold, {STEPS}}}\n"
            "  rest: {message: office}\n",
            [("25:3: routes.gold", "sales → gold")],
        ),
        (
            f"  sales: {{when: customer.gold, {STEPS}, message: office, hours: day}}\n",
            [],
        ),
    ],
)  # fmt: skip
def test_the_problem_stands_at_the_route_to_fix_and_names_the_way(
    tmp_path: Path, text: str, lines: list[tuple[str, str]]
) -> None:
    # A mistake elsewhere, so that the file never loads.
    file = changed((SALES, "routes:\n" + text + HOURS), ("[US]", "[UK]"))
    found = [line for line in complaints(tmp_path, file) if "routes." in line]
    assert found == [f"{place}: {TOLD.format(way)}" for place, way in lines]


def test_a_route_ends_in_one_way(tmp_path: Path) -> None:
    file = changed((SALES, SALES + "    otherwise: rest\n  rest: {message: office}\n"))
    (line,) = complaints(tmp_path, file)
    assert line == '27:14: routes.sales.message: a route can have only one ending: it already has "otherwise"'


def test_steps_may_be_none_where_something_follows(tmp_path: Path) -> None:
    lines = complaints(tmp_path, changed((SALES, "routes:\n  sales: {steps: []}\n")))
    assert lines[1] == (
        "24:11: routes.sales.steps: needs at least one item, where the route has no "
        '"message", "callback" or "otherwise"'
    )
    routes = {
        "root": {"branches": ["night"], "steps": [ring("a")], "message": "office"},
        "night": {"steps": [], "callback": "later"},
    }
    decision = decide(Router.of(config(routes, **OFFICES)))
    assert (decision.plan.route, decision.plan.steps) == ("night", ())


def test_thousands_of_routes_are_checked_in_a_moment() -> None:
    names = [f"r{number}" for number in range(5000)]
    routes: dict[str, Any] = {"root": {"branches": names, "message": "office"}}
    for number, name in enumerate(names):
        routes[name] = {"when": f"page.path == '/{number}'", "continue": True, "steps": [ring("a")]}
    # A chain of routes without a branch, one after the other.
    chain = [f"c{number}" for number in range(3000)]
    for name, after in pairwise(chain):
        routes[name] = {"steps": [ring("a")], "otherwise": after}
    routes[chain[-1]] = {"steps": [ring("a")]}
    routes[names[0]]["otherwise"] = chain[0]
    lost = losing(config(routes, **OFFICES))
    assert list(lost) == [chain[-1]]
