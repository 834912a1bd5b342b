"""A card number in pieces: over several texts, in inline elements, all at once or one after the other."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cobrowse.mirror import Mirror
from cobrowse.outcomes import EventPassed, NeedsSnapshot
from cobrowse.rules import Rules

CARDS = ("4111111111111111", "378282246310005", "6011 0009 9013 9424", "5555-5555-5555-4444")
SHOP = "https://shop.example"


def text(number: int, words: str) -> dict[str, Any]:
    return {"type": 3, "textContent": words, "id": number}


def element(number: int, tag: str, *children: dict[str, Any]) -> dict[str, Any]:
    return {"type": 2, "tagName": tag, "attributes": {}, "childNodes": [*children], "id": number}


def full(*children: dict[str, Any]) -> dict[str, Any]:
    page = element(2, "html", element(3, "body", element(4, "p", *children)))
    data = {"node": {"type": 0, "childNodes": [page], "id": 1}, "initialOffset": {"left": 0, "top": 0}}
    return {"type": 2, "data": data, "timestamp": 1}


def mutation(**changes: Any) -> dict[str, Any]:
    data = {"source": 0, "adds": [], "removes": [], "texts": [], "attributes": [], **changes}
    return {"type": 3, "data": data, "timestamp": 2}


class Seen:
    """What an agent sees of a page: its texts, by the ids of their nodes."""

    def __init__(self) -> None:
        self.mirror = Mirror(Rules(), f"{SHOP}/", [SHOP])
        self.texts: dict[int, str] = {}

    def take(self, event: dict[str, Any]) -> None:
        outcome = self.mirror.apply(json.dumps(event).encode())
        assert isinstance(outcome, EventPassed), outcome
        self._note(json.loads(outcome.data))

    def _note(self, told: Any) -> None:
        if isinstance(told, list):
            for each in told:
                self._note(each)
        elif isinstance(told, dict):
            if "textContent" in told:
                self.texts[told["id"]] = told["textContent"]
            if "value" in told and "id" in told:
                self.texts[told["id"]] = told["value"]
            for each in told.values():
                self._note(each)

    def digits(self, order: list[int]) -> str:
        return re.sub(r"\D", "", "".join(self.texts.get(each, "") for each in order))


@st.composite
def pieces(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A card number, and the pieces that it is cut into."""
    card = draw(st.sampled_from(CARDS))
    cuts = sorted(draw(st.sets(st.integers(1, len(card) - 1), min_size=1, max_size=6)))
    ends = [0, *cuts, len(card)]
    return re.sub(r"\D", "", card), [card[a:b] for a, b in pairwise(ends)]


WRAPS = st.lists(st.sampled_from(["", "span", "b", "custom"]), min_size=8, max_size=8)


def wrapped(parts: list[str], wraps: list[str]) -> tuple[list[dict[str, Any]], list[int]]:
    made, order = [], []
    for at, part in enumerate(parts):
        order.append(100 + at)
        leaf, wrap = text(100 + at, part), wraps[at]
        if wrap == "custom":
            leaf = element(300 + at, "span", element(200 + at, "em", leaf))
        elif wrap:
            leaf = element(200 + at, wrap, leaf)
        made.append(leaf)
    return made, order


@given(cut=pieces(), wraps=WRAPS, said=st.sampled_from([("", ""), ("Card: ", " ok"), ("Pay 20 by ", "")]))
def test_no_snapshot_shows_it(cut: tuple[str, list[str]], wraps: list[str], said: tuple[str, str]) -> None:
    card, parts = cut
    made, order = wrapped([said[0] + parts[0], *parts[1:-1], parts[-1] + said[1]], wraps)
    seen = Seen()
    seen.take(full(*made))
    assert card not in seen.digits(order)
    # A piece may be a number by itself: then the rest of this one is left.
    assert len(seen.digits(order)) <= 6


@given(cut=pieces(), wraps=WRAPS, data=st.data())
def test_no_changes_one_by_one_show_it(
    cut: tuple[str, list[str]], wraps: list[str], data: st.DataObject
) -> None:
    card, parts = cut
    made, order = wrapped(["" for _ in parts], wraps)
    seen = Seen()
    seen.take(full(*made))
    for at in data.draw(st.permutations(range(len(parts)))):
        seen.take(mutation(texts=[{"id": order[at], "value": parts[at]}]))
        assert card not in seen.digits(order)
    again = data.draw(st.integers(0, len(parts) - 1))
    seen.take(mutation(texts=[{"id": order[again], "value": parts[again]}]))
    assert card not in seen.digits(order)


@given(cut=pieces(), wraps=WRAPS, together=st.booleans())
def test_no_nodes_that_come_show_it(cut: tuple[str, list[str]], wraps: list[str], together: bool) -> None:
    card, parts = cut
    made, order = wrapped(parts, wraps)
    seen = Seen()
    seen.take(full())
    following, adds = None, []
    # As rrweb tells it: the last sibling first, each element before what is in it.
    for each in reversed(made):
        adds += list(one_by_one(each, 4, following))
        following = each["id"]
    for event in [adds] if together else [[add] for add in adds]:
        seen.take(mutation(adds=event))
        assert card not in seen.digits(order)


def one_by_one(node: dict[str, Any], parent: int, following: int | None) -> Any:
    children = node.get("childNodes", [])
    bare = {**node, "childNodes": []} if "childNodes" in node else node
    yield {"parentId": parent, "nextId": following, "node": bare}
    for child in children:
        yield from one_by_one(child, node["id"], None)


@pytest.mark.parametrize(
    "made",
    [
        # Prices in the cells of a table, a year and a number, words between.
        [
            element(200 + at, "div", text(100 + at, part))
            for at, part in enumerate(("4111", "1111", "1111", "1111"))
        ],
        [text(100, "4111 1111 of "), element(200, "b", text(101, "1111 1111"))],
        [text(100, "4111"), element(200, "b", text(101, "1111")), text(102, "2222")],
        [text(100, "+49 4111111"), element(200, "b", text(101, "11111"))],
    ],
)
def test_other_digits_stay(made: list[dict[str, Any]]) -> None:
    seen = Seen()
    seen.take(full(*made))
    assert "•" not in "".join(seen.texts.values())


def test_what_is_moved_together_is_hidden() -> None:
    seen = Seen()
    seen.take(full(text(100, "4111111"), element(200, "div"), text(101, "111111111")))
    assert seen.digits([100, 101]) == "4111111" + "111111111"
    seen.take(
        mutation(
            removes=[{"id": 101, "parentId": 4}],
            adds=[{"parentId": 4, "nextId": 200, "node": text(101, "111111111")}],
        )
    )
    assert seen.texts[101] == "••••••••"


@pytest.mark.parametrize(
    "between",
    [
        text(200, "of"),
        element(200, "div"),
        element(200, "b", text(201, "of")),
        element(200, "td", text(201, "7")),
    ],
)
@pytest.mark.parametrize("deep", [False, True])
def test_what_parted_two_halves_may_go_and_shows_nothing(between: dict[str, Any], deep: bool) -> None:
    halves = text(100, "4111 1111"), text(101, "1111 1111")
    left, right = (element(300, "i", halves[0]), element(301, "i", halves[1])) if deep else halves
    seen = Seen()
    seen.take(full(left, between, right))
    assert seen.digits([100, 101]) == "4111111111111111"  # two numbers, with something between them
    gone = mutation(removes=[{"id": 200, "parentId": 4}])
    assert seen.mirror.apply(gone) == NeedsSnapshot("hidden_now")
    seen.take(full(left, right))
    assert seen.digits([100, 101]) == ""
    seen.take(mutation(removes=[{"id": 101 if not deep else 301, "parentId": 4}]))
