"""What is shown satisfies its condition; and a page that asks when it is told to misses nothing.

Rules, facts and times are generated. Time goes in steps; facts of the page change as the shopper acts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from config.sections.page import ContactWay
from engage.availability import Availability, WayNow
from engage.decide import RECHECK
from engage.decision import EngageDecision, HeldReason
from engage.facts import PageTold, facts_of, with_business
from engage.memory import VisitorMemory
from engage.rules import SiteRules
from engage.vocabulary import engage_names
from expressions.conditions import compile_condition
from expressions.type_check import TypeCheck
from tests.engage.world import NOON, asks, rule, site_rules

#: Seconds between two looks of somebody who looks all the time, and how long they look.
STEP, LAST = 1.0, 150
OF_PAGE = [
    "cart.value > 100", "cart.value <= 10", "has(cart.value)", "cart.count >= 2", "promo.failed >= 2",
    'page.path == "/cart"', 'page.path.startsWith("/check")', 'signed.customer.tier == "gold"',
    "time.on_page >= 40", "time.on_page < 60", "time.idle > 10", "time.idle < 5", "time.on_site > 90",
    "time.on_page + time.idle > 70.0", "scroll.depth >= 50", "page.leaving", 'customer.name == "Ann"', "true",
    'errors.text.contains("code")', "visit.number >= 2", "cart.value / double(cart.count) > 20.0",
]  # fmt: skip
OF_BUSINESS = [
    "agents.free > 2",
    "queue.wait < 60.0",
    "hours.office",
    "now.minute >= 1",
    "agents.free >= 1 || hours.office",
]
CONDITIONS = st.recursive(
    st.sampled_from(OF_PAGE),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda text: f"!({text})"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} ? {t[1]} : {t[2]})"),
    ),
    max_leaves=5,
)
ANY_CONDITION = st.one_of(CONDITIONS, st.tuples(CONDITIONS, st.sampled_from(OF_BUSINESS)).map(" && ".join))
RULES = st.lists(st.tuples(ANY_CONDITION, st.sampled_from([None, *OF_BUSINESS])), min_size=1, max_size=5)
FACTS: dict[str, st.SearchStrategy[Any]] = {
    "cart.value": st.sampled_from([5, 100, 120]),
    "cart.count": st.integers(0, 3),
    "promo.failed": st.integers(0, 3),
    "scroll.depth": st.sampled_from([0, 50, 100]),
    "page.leaving": st.booleans(),
    "customer.name": st.sampled_from(["Ann", "Bob"]),
    "errors.text": st.sampled_from(["wrong code", ""]),
}
#: When the shopper does something, and which fact changes; what is None here is activity alone.
CHANGES = st.lists(
    st.tuples(
        st.integers(1, LAST),
        st.one_of(
            st.none(),
            *(st.tuples(st.just(name), values) for name, values in FACTS.items()),
        ),
    ),
    max_size=6,
)
BUSY_TIMES = st.lists(st.tuples(st.integers(0, LAST), st.integers(1, 40)), max_size=2)
PLACES = st.sampled_from(["/cart", "/checkout", "/"])
SIGNED = st.sampled_from([{}, {"customer.tier": "gold"}])


def made(texts: list[tuple[str, str | None]]) -> SiteRules:
    rules = {f"rule_{number}": rule(when) for number, (when, _) in enumerate(texts)}
    for number, (_, only_if) in enumerate(texts):
        if only_if:
            rules[f"rule_{number}"]["only_if"] = only_if
    return site_rules(rules, caps={"per_visit": 9, "per_day": 9})


class Page:
    """A page by a fake clock: its facts at any moment, and whether the shopper types then."""

    def __init__(
        self,
        rules: SiteRules,
        changes: list[tuple[int, tuple[str, Any] | None]],
        busy: list[tuple[int, int]],
        path: str,
        signed: dict[str, str],
        free: Mapping[int, int] | None = None,
    ) -> None:
        self.rules, self.path, self.signed, self.free = rules, path, signed, free or {0: 5}
        self.changes = sorted(changes, key=lambda change: change[0])
        self.busy = busy

    def told(self, at: float) -> dict[str, Any]:
        facts: dict[str, Any] = {"time.on_page": at, "time.on_site": at + 30, "time.idle": at}
        for when, change in self.changes:
            if when <= at:
                facts["time.idle"] = at - when
                if change:
                    facts[change[0]] = change[1]
        return facts

    def types(self, at: float) -> bool:
        return any(begins <= at < begins + lasts for begins, lasts in self.busy)

    def availability(self, at: float) -> Availability:
        free = [count for when, count in sorted(self.free.items()) if when <= at][-1]
        ways: dict[ContactWay, WayNow] = {"phone": WayNow(free=free, wait=0.0 if free else 90.0)}
        return Availability(ways, hours={"office": True})

    def asks(self, at: float) -> EngageDecision:
        busy = (HeldReason.TYPING,) if self.types(at) else ()
        return asks(
            self.rules, self.told(at), VisitorMemory(visit=1), at=at, busy=busy, signed=self.signed,
            url=f"https://shop.example{self.path}", availability=self.availability(at),
        )  # fmt: skip

    def when_looked_at_all_the_time(self) -> tuple[float, str] | None:
        """The first moment, in steps of a second, in which something is shown."""
        for at in range(LAST + 1):
            if (offer := self.asks(float(at)).offer) is not None:
                return at, offer.rule
        return None

    def when_asked_as_told(self) -> tuple[float, str] | None:
        """The same for a page that asks when it opens, and then only when it is told to."""
        at = 0.0
        for _ in range(1000):
            decision = self.asks(at)
            if decision.offer is not None:
                return at, decision.offer.rule
            after = self.next_look(at, decision)
            if after is None or after > LAST:
                return None
            at = after
        raise AssertionError("asks for ever")

    def next_look(self, at: float, decision: EngageDecision) -> float | None:
        ask = decision.ask_again
        moments = [] if ask.seconds is None else [at + ask.seconds]
        known = self.told(at)
        for when, change in self.changes:
            if when <= at:
                continue
            if change and change[0] in ask.facts and self.told(when).get(change[0]) != known.get(change[0]):
                moments.append(float(when))
            if "time.idle" in ask.facts:
                moments.append(float(when))
        if ask.busy:
            moments += [float(begins + lasts) for begins, lasts in self.busy if begins + lasts > at]
        return min(moments, default=None)


@settings(max_examples=300, deadline=None)
@given(RULES, CHANGES, BUSY_TIMES, PLACES, SIGNED)
def test_asking_when_told_shows_an_offer_no_later_than_asking_all_the_time(
    texts: list[tuple[str, str | None]],
    changes: list[tuple[int, tuple[str, Any] | None]],
    busy: list[tuple[int, int]],
    path: str,
    signed: dict[str, str],
) -> None:
    page = Page(made(texts), changes, busy, path, signed)
    always, told = page.when_looked_at_all_the_time(), page.when_asked_as_told()
    if always is not None:
        assert told is not None
        assert told[0] <= always[0] + STEP


@settings(max_examples=100, deadline=None)
@given(RULES, CHANGES, PLACES, st.dictionaries(st.integers(1, LAST), st.integers(0, 3), max_size=4))
def test_who_becomes_free_is_noticed_within_the_time_of_a_recheck(
    texts: list[tuple[str, str | None]],
    changes: list[tuple[int, tuple[str, Any] | None]],
    path: str,
    free: dict[int, int],
) -> None:
    page = Page(made(texts), changes, [], path, {}, {0: 0, **free})
    # Somebody is free from here on for good, and a rule holds from here on for good.
    since = max((when for when in (*free, *(when for when, _ in changes))), default=0)
    page.free = {**page.free, since: 3}
    steady = all(page.asks(float(at)).offer is not None for at in range(since, LAST + 1))
    if steady and since + RECHECK < LAST:
        told = page.when_asked_as_told()
        assert told is not None
        assert told[0] <= since + RECHECK + STEP


@settings(max_examples=300, deadline=None)
@given(
    RULES,
    CHANGES,
    PLACES,
    SIGNED,
    st.integers(0, LAST),
    st.integers(0, 4),
    st.sampled_from([0.0, 90.0, None]),
)
def test_what_is_shown_satisfies_its_condition_and_those_before_it_do_not(
    texts: list[tuple[str, str | None]],
    changes: list[tuple[int, tuple[str, Any] | None]],
    path: str,
    signed: dict[str, str],
    at: int,
    free: int,
    wait: float | None,
) -> None:
    page = Page(made(texts), changes, [], path, signed)
    there = Availability({"phone": WayNow(free=free, wait=wait)}, hours={"office": False})
    facts = page.told(at)
    url = f"https://shop.example{path}"
    decision = asks(
        page.rules, facts, VisitorMemory(visit=1), at=at, url=url, signed=signed, availability=there
    )
    known = facts_of(
        page.rules, PageTold(url, facts=facts, signed=signed), VisitorMemory(visit=1), remembered=True
    )
    known = with_business(known, page.rules, there, "phone", NOON + timedelta(seconds=at))
    # Judged by the evaluator itself, not by what was prepared.
    types = TypeCheck(engage_names(["office"], {}))
    verdicts = {}
    for number, (when, only_if) in enumerate(texts):
        whole = when if only_if is None else f"({when}) && ({only_if})"
        verdicts[f"rule_{number}"] = compile_condition(whole, types, "here").holds(known)
    first = next((name for name, holds in verdicts.items() if holds), None)
    assert (decision.offer.rule if decision.offer else None) == (first if free else None)
    told = {each.rule for each in decision.held}
    assert told >= {name for name, holds in verdicts.items() if holds and (name != first or not free)}
