"""What is certain of a condition while facts are still to come, and when time alone may change it."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expressions.conditions import compile_condition
from expressions.facts import Facts
from expressions.prepared import TRUE, chances, timed_chances
from expressions.reduce import LOOK_AGAIN, MOMENT, Reduced, Reducer
from expressions.syntax import parse, write
from expressions.type_check import TypeCheck
from expressions.vocabulary import Path, Type, Vocabulary

PAGE = Vocabulary(
    {"time": {"on_page": Type.NUMBER, "idle": Type.NUMBER}, "page": {"path": Type.TEXT}, "cart": {}},
    frozenset({("cart",)}),
)
SHOP = Vocabulary({"errors": {"count": Type.WHOLE}, "page": {"title": Type.TEXT}})
NAMES = PAGE | SHOP
ON_PAGE, IDLE = ("time", "on_page"), ("time", "idle")
VALUE, GOLD = ("cart", "value"), ("cart", "gold")
PATH, TITLE, ERRORS = ("page", "path"), ("page", "title"), ("errors", "count")
CLOCKS = frozenset({ON_PAGE, IDLE})

ATOMS = [
    "cart.value > 100", "cart.value <= 10", "cart.gold", "has(cart.value)", "'gold' in cart",
    "page.path == '/a'", "page.title.startsWith('B')", "page.path in ['/a', '/b']", "errors.count >= 2",
    "cart.value / double(errors.count) > 20.0", "time.on_page >= 40", "time.on_page < 60.0", "time.idle > 30",
    "time.on_page == 40.0", "time.on_page + time.idle > 70.0", "[1, 2].exists(x, x == errors.count)", "true",
    "size(page.path) > 2",
]  # fmt: skip
VALUES: dict[Path, st.SearchStrategy[Any]] = {
    ON_PAGE: st.sampled_from([0.0, 12.0, 40.0, 59.5, 100.0]),
    IDLE: st.sampled_from([0.0, 30.0, 31.0]),
    VALUE: st.sampled_from([5.0, 100.0, 120.0]),
    GOLD: st.booleans(),
    PATH: st.sampled_from(["/a", "/b", "/c"]),
    TITLE: st.sampled_from(["Bikes", "Cars"]),
    ERRORS: st.integers(0, 3),
}
FEW = st.sampled_from(ATOMS)
CONDITIONS = st.recursive(
    FEW,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda text: f"!({text})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} ? {t[1]} : {t[2]})"),
    ),
    max_leaves=6,
)
#: What each fact is in the end: a value, or missing for good.
WORLDS = st.fixed_dictionaries({}, optional=VALUES)  # type: ignore[arg-type]
PENDING = st.sets(st.sampled_from(sorted(VALUES)))


def known(world: Mapping[Path, Any]) -> Facts:
    return Facts(world, {}, {("cart",), ("time",), ("page",), ("errors",)})


def reduced(text: str, world: Mapping[Path, Any], pending: set[Path] | None = None) -> Reduced:
    told = {path: value for path, value in world.items() if path not in (pending or ())}
    return Reducer(parse(text)).reduce(known(told), pending or set(), CLOCKS)


def holds(text: str, world: Mapping[Path, Any]) -> bool:
    return compile_condition(text, TypeCheck(NAMES), "here").holds(known(world))


def later(world: Mapping[Path, Any], seconds: float) -> dict[Path, Any]:
    return {path: value + seconds if path in CLOCKS else value for path, value in world.items()}


@pytest.mark.parametrize(
    ("text", "world", "pending", "expected"),
    [
        ("cart.value > 100", {VALUE: 120.0}, set(), Reduced(True, frozenset(), None)),
        ("cart.value > 100", {}, set(), Reduced(False, frozenset(), None)),
        ("cart.value > 100", {}, {VALUE}, Reduced(None, frozenset({VALUE}), None)),
        # One side decides, whatever the other is.
        ("cart.value > 100 && page.path == '/a'", {PATH: "/b"}, {VALUE}, Reduced(False, frozenset(), None)),
        ("cart.gold || page.path == '/b'", {PATH: "/b"}, {GOLD}, Reduced(True, frozenset(), None)),
        # What nobody will ever pass can be told already.
        ("cart.value > 100 && cart.gold", {}, {GOLD}, Reduced(False, frozenset(), None)),
        ("!(cart.value > 100 && cart.gold)", {}, {GOLD}, Reduced(None, frozenset({GOLD}), None)),
        # Time.
        ("time.on_page >= 40", {ON_PAGE: 12.0}, set(), Reduced(False, frozenset(), 28.0)),
        ("time.on_page >= 40", {ON_PAGE: 41.0}, set(), Reduced(True, frozenset(), None)),
        ("time.on_page > 40", {ON_PAGE: 40.0}, set(), Reduced(False, frozenset(), MOMENT)),
        (
            "time.on_page < 60 || cart.gold", {ON_PAGE: 50.0, GOLD: True}, set(),
            Reduced(True, frozenset(), None),
        ),
        ("time.on_page >= 40 && cart.gold", {ON_PAGE: 12.0}, {GOLD}, Reduced(False, frozenset(), 28.0)),
        (
            "time.on_page >= 40 && time.idle > 30", {ON_PAGE: 0.0, IDLE: 0.0}, set(),
            Reduced(False, frozenset(), 40.0),
        ),
        ("time.on_page * 2.0 > 60.0", {ON_PAGE: 12.0}, set(), Reduced(False, frozenset(), LOOK_AGAIN)),
    ],
)  # fmt: skip
def test_what_is_certain(text: str, world: dict[Path, Any], pending: set[Path], expected: Reduced) -> None:
    assert reduced(text, world, pending) == expected


@settings(max_examples=150, deadline=None)
@given(CONDITIONS, WORLDS)
def test_when_all_is_known_it_is_what_the_condition_is(text: str, world: dict[Path, Any]) -> None:
    found = reduced(text, world)
    assert found.truth is holds(text, world)
    assert not found.waits_for


@settings(max_examples=150, deadline=None)
@given(CONDITIONS, WORLDS, PENDING)
def test_what_is_decided_stays_so_whatever_comes(
    text: str, world: dict[Path, Any], pending: set[Path]
) -> None:
    found = reduced(text, world, pending)
    assert found.waits_for <= pending
    if found.truth is not None:
        assert holds(text, world) is found.truth
        assert not found.waits_for


@settings(max_examples=150, deadline=None)
@given(CONDITIONS, WORLDS, PENDING)
def test_facts_that_it_does_not_wait_for_decide_nothing(
    text: str, world: dict[Path, Any], pending: set[Path]
) -> None:
    found = reduced(text, world, pending)
    if found.truth is None:
        assert found.waits_for
        assert reduced(text, world, set(found.waits_for)).truth is None


@settings(max_examples=150, deadline=None)
@given(CONDITIONS, WORLDS, PENDING, st.floats(0, 1, exclude_max=True))
def test_nothing_changes_by_time_before_it_is_told(
    text: str, world: dict[Path, Any], pending: set[Path], share: float
) -> None:
    found = reduced(text, world, pending)
    # What changes right after this moment is told as MOMENT.
    if found.truth is None or found.changes_in == MOMENT or " + time.idle" in text:
        return
    for seconds in (0.5, 7.0, 45.0, 1e5) if found.changes_in is None else (share * found.changes_in,):
        assert reduced(text, later(world, seconds), pending).truth is found.truth


@settings(max_examples=100, deadline=None)
@given(CONDITIONS, WORLDS)
def test_asking_when_told_misses_no_change(text: str, world: dict[Path, Any]) -> None:
    """One who asks again when told so finds it true no later than somebody who looks all the time."""
    last, at, asked = 120.0, 0.0, 0
    turned = next((second for second in range(int(last)) if holds(text, later(world, second))), None)
    while turned is not None and asked < 300:
        found = reduced(text, later(world, at))
        if found.truth:
            break
        assert found.changes_in is not None, "it will be true, and nobody is told to ask"
        assert found.changes_in > 0
        at, asked = at + found.changes_in, asked + 1
        assert at <= turned + LOOK_AGAIN


@settings(max_examples=300, deadline=None)
@given(CONDITIONS, WORLDS, PENDING)
def test_a_prepared_condition_says_the_same(text: str, world: dict[Path, Any], pending: set[Path]) -> None:
    told = known({path: value for path, value in world.items() if path not in pending})
    tree = parse(text)
    found = Reducer(tree).reduce(told, pending, CLOCKS)
    may = chances(tree, pending.__contains__)(told)
    assert found.truth is (True if may == TRUE else None if may & TRUE else False)
    assert timed_chances(tree, CLOCKS, pending.__contains__)(told) == (may, found.changes_in or inf)
    assert (chances(tree)(known(world)) == TRUE) is holds(text, world)


def test_a_choice_ends_where_its_brackets_do() -> None:
    text = "(cart.value > 100 ? cart.gold : cart.gold) || !has(cart.value)"
    assert write(parse(text)) == text
    assert holds(text, {})
    assert reduced(text, {}).truth


def test_features_bring_names_of_their_own() -> None:
    types = TypeCheck(NAMES)
    compile_condition("errors.count > 1 && page.title == page.path && cart.value > 1", types, "rule")
    assert types.used[VALUE] is Type.NUMBER
    assert set(NAMES.declared["page"]) == {"path", "title"}
