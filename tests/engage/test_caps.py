"""How often a shopper is invited: caps, cool-downs, reloads and tabs, by a fake clock.

The table is that of public complaints: invitations that come back for ever, never again, or twice.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engage.assignment import is_held_out
from engage.caps import capped, day_of
from engage.decision import Arm, Offer
from engage.kept import read_memory, write_memory
from engage.memory import (
    GONE,
    InvitationAnswer,
    VisitorMemory,
    after_answer,
    after_exposure,
    after_offer,
    after_page,
    after_seen,
    after_withdrawal,
    refreshed,
)
from engage.rules import SiteRules
from tests.engage.world import ALWAYS, ANN, NOON, asks, business, held, rule, site_rules

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


class Browser:
    """One shopper's tabs, and what the server keeps of them, as JSON between any two events."""

    def __init__(self, rules: SiteRules, visitor: str = ANN) -> None:
        self.rules, self.visitor = rules, visitor
        #: The part that the shopper had in each experiment.
        self.parts: dict[str, set[tuple[Arm, str]]] = {}
        self.at = 0.0
        self.kept: Any = None
        self.views: dict[str, str] = {}
        self.visible: dict[str, Offer] = {}
        self.shown_at: dict[str, float] = {}
        #: When each invitation was shown, by which rule, in which visit.
        self.log: list[tuple[float, str, int]] = []
        self.reasons: dict[str, str] = {}
        self.free = 9

    @property
    def memory(self) -> VisitorMemory:
        return read_memory(json.loads(json.dumps(self.kept)))

    @memory.setter
    def memory(self, memory: VisitorMemory) -> None:
        self.kept = write_memory(memory)

    @property
    def now(self) -> float:
        return NOON.timestamp() + self.at

    @property
    def day(self) -> str:
        return day_of(NOON + timedelta(seconds=self.at))

    def loads(self, tab: str = "a") -> None:
        """A page opens in a tab, and what was visible there is gone."""
        self.views[tab] = f"{tab}-{len(self.views)}-{self.at}-0123456789"
        self.visible.pop(tab, None)
        self.memory = after_page(self.memory, self.now)
        self.asks(tab)

    def asks(self, tab: str = "a", appears: bool = True) -> None:
        decision = asks(
            self.rules, {}, self.memory, at=self.at, view=self.views[tab], visitor=self.visitor,
            availability=business(self.free),
        )  # fmt: skip
        self.reasons = held(decision)
        offer = decision.offer
        if offer is None:
            return
        self.parts.setdefault(offer.rule, set()).add((offer.arm, offer.variant))
        self.memory = after_offer(self.memory, offer, self.views[tab], self.day, self.now)
        if appears and not offer.again:
            self.appears(tab, offer)

    def appears(self, tab: str, offer: Offer) -> None:
        elsewhere = self.visible.keys() - {tab}
        assert all(self.at - self.shown_at[other] >= GONE for other in elsewhere), "in two tabs at once"
        self.shown_at[tab] = self.at
        self.memory = after_exposure(self.memory, offer.rule, self.now)
        self.visible[tab] = offer
        self.log.append((self.at, offer.rule, self.memory.visit))

    def answers(self, answer: str, tab: str = "a") -> None:
        offer = self.visible.pop(tab, None)
        if offer is not None:
            self.memory = after_answer(self.memory, offer.rule, InvitationAnswer(answer), self.now)

    def looks(self, tab: str = "a") -> None:
        """It is visible for ten seconds."""
        if (offer := self.visible.get(tab)) is not None:
            self.memory = after_seen(self.memory, offer.rule, self.now)

    def does(self, word: str) -> None:
        """``load``, ``load b``, ``decline``, ``+90`` (seconds) and so on."""
        if word.startswith("+"):
            self.at += float(word[1:])
            return
        what, _, tab = word.partition(" ")
        match what:
            case "load":
                self.loads(tab or "a")
            case "ask":
                self.asks(tab or "a")
            case "look":
                self.looks(tab or "a")
            case "decline" | "accept" | "ignore":
                self.answers(
                    {"decline": "declined", "accept": "accepted", "ignore": "ignored"}[what], tab or "a"
                )
            case _:
                raise AssertionError(word)


CAPS = {"per_visit": 2, "per_day": 3, "cool_down": {"declined": "7d", "ignored": "1d", "accepted": "4h"}}


@pytest.mark.parametrize(
    ("story", "shown", "reason"),
    [
        # Reloads: each shows it again, up to the cap of the visit, and the next visit has it again.
        ("load +31 load +31 load", 2, "cap_visit"),
        ("load +31 load +1801 load", 3, None),
        ("load +31 load +1801 load +31 load", 3, "cap_day"),
        ("load +31 load +1801 load +1801 load", 3, "cap_day"),
        ("load +31 load +1801 load +43200 load", 4, None),
        # Before half a minute is over the page that is gone may still show it.
        ("load +29 load", 1, "outranked"),
        # Answers.
        ("load decline ask +1 load", 1, "cool_down"),
        ("load decline +604799 load", 1, "cool_down"),
        ("load decline +604800 load", 2, None),
        ("load accept +14399 load", 1, "cool_down"),
        ("load accept +14400 load", 2, None),
        ("load ignore +86399 load", 1, "cool_down"),
        ("load ignore +86400 load", 2, None),
        # Ignored: visible for ten seconds three times without an answer, whichever page that was on.
        ("load look +31 load look +1801 load", 3, None),
        ("load look +31 load look +1801 load look +1801 load", 3, "cool_down"),
        ("load look +31 load look +1801 load look +86400 load", 4, None),
        # An answer in between begins the count again.
        ("load look +31 load look accept +14400 load look +1801 load", 3, "cap_day"),
        # Tabs: never in two at once, and they share the caps.
        ("load load_b", 1, "outranked"),
        ("load load_b +31 ask_b +31 load_c", 2, "cap_visit"),
        ("load decline load_b ask_a +3600 load_c", 1, "cool_down"),
        ("load load_b decline_a ask_b", 1, "cool_down"),
        # The clock of the machine is set back by an hour.
        ("load decline +-3600 load", 1, "cool_down"),
        ("load +31 load +-3600 load", 3, None),
    ],
)  # fmt: skip
def test_caps_answers_reloads_and_tabs(story: str, shown: int, reason: str | None) -> None:
    browser = Browser(site_rules({"one": ALWAYS}, caps=CAPS))
    for word in story.split():
        browser.does(word.replace("_", " "))
    assert len(browser.log) == shown, browser.log
    assert browser.reasons.get("one") == reason


def test_a_rule_that_was_seen_does_not_block_others_and_each_has_its_own_caps() -> None:
    rules = site_rules(
        {"one": rule("true", caps={"per_visit": 1, "cool_down": {"accepted": "never"}}), "two": ALWAYS},
        caps={**CAPS, "per_visit": 9, "per_day": 9, "cool_down": {"accepted": "0s"}},
    )
    browser = Browser(rules)
    for word in ("load", "accept", "+31", "load", "+31", "load", "+31", "load"):
        browser.does(word)
    assert [name for _, name, _ in browser.log] == ["one", "two", "two", "two"]
    browser.does("+90000000")
    browser.does("load")
    assert (browser.log[-1][1], browser.reasons["one"]) == ("two", "cool_down")


def test_an_invitation_that_never_appeared_does_not_count() -> None:
    browser = Browser(site_rules({"one": ALWAYS}, caps={**CAPS, "per_visit": 1}))
    browser.loads()
    browser.log.clear()
    browser.visible.clear()
    memory = browser.memory
    # The page was left before it could show it: a minute later, it is as though it had never been offered.
    fresh = Browser(browser.rules)
    fresh.views["a"] = "a-0-0-0123456789"
    fresh.memory = after_page(fresh.memory, fresh.now)
    fresh.asks("a", appears=False)
    assert fresh.memory.site.in_visit == 1
    assert refreshed(fresh.memory, fresh.now + 61).site.in_visit == 0
    assert after_withdrawal(fresh.memory).of("one").in_visit == 0
    # One that appeared is not taken back.
    assert after_withdrawal(memory) == memory
    assert refreshed(memory, browser.now + 61).site.in_visit == 1


def test_what_is_kept_is_read_again_and_what_is_broken_is_forgotten() -> None:
    browser = Browser(site_rules({"one": ALWAYS}))
    for word in ("load", "look", "+3", "decline", "+100", "load"):
        browser.does(word)
    kept = json.loads(json.dumps(browser.kept))
    assert write_memory(read_memory(kept)) == kept
    broken: list[Any] = [None, [], "x", {"site": 3, "rules": [], "open": {"arm": "x"}, "visit": -1}]
    for each in broken:
        assert read_memory(each) == VisitorMemory()


WORDS = st.sampled_from(
    ["load", "load b", "load c", "ask", "ask b", "ask c", "look", "look b", "look c", "decline", "decline b",
     "accept", "accept c", "ignore b", "+5", "+31", "+61", "+1801", "+20000", "+90000"]
)  # fmt: skip
SETTINGS = st.fixed_dictionaries(
    {
        "per_visit": st.integers(1, 3),
        "per_day": st.integers(1, 4),
        "cool_down": st.fixed_dictionaries(
            {
                answer: st.sampled_from(["0s", "30m", "1d", "never"])
                for answer in ("declined", "ignored", "accepted")
            }
        ),
    }
)


@settings(max_examples=250, deadline=None)
@given(SETTINGS, st.lists(WORDS, max_size=40), st.integers(0, 30))
def test_caps_cool_downs_and_arms_hold_under_any_order_of_events_and_tabs(
    caps: dict[str, Any], story: list[str], visitor: int
) -> None:
    tried = {"control": "30%", "since": "2026-11-01", "variants": {"a": {}, "b": {"share": 3}}}
    rules = site_rules(
        {"one": rule("true", caps={"per_visit": 1}, **tried), "two": rule("true", **tried)},
        caps=caps,
        holdout="20%",
    )
    browser = Browser(rules, f"visitor-{visitor}")
    answered: list[tuple[float, str]] = []
    for tab in "abc":
        browser.does(f"load {tab}")
    for word in story:
        before = {tab: offer.rule for tab, offer in browser.visible.items()}
        shown = len(browser.log)
        browser.does(word)
        what, _, tab = word.partition(" ")
        if what in ("decline", "accept", "ignore") and (tab or "a") in before:
            kind = {"decline": "declined", "accept": "accepted", "ignore": "ignored"}[what]
            answered.append((browser.at, kind))
        for at, _, _ in browser.log[shown:]:
            for when, kind in answered:
                lasts = {"0s": 0.0, "30m": 1800.0, "1d": DAY, "never": 1e12}[caps["cool_down"][kind]]
                assert at >= when + lasts
    visits = Counter(visit for _, _, visit in browser.log)
    days = Counter(day_of(NOON + timedelta(seconds=at)) for at, _, _ in browser.log)
    ones = Counter(visit for _, name, visit in browser.log if name == "one")
    assert max(visits.values(), default=0) <= caps["per_visit"]
    assert max(days.values(), default=0) <= caps["per_day"]
    assert max(ones.values(), default=0) <= 1
    # In every tab, visit and order of events the same part; and the holdout is that of all rules.
    assert all(len(parts) == 1 for parts in browser.parts.values())
    held_out = {arm is Arm.HOLDOUT for parts in browser.parts.values() for arm, _ in parts}
    assert held_out <= {is_held_out("shop", 0.2, browser.visitor)}


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["ask", "answer", "busy"]), st.integers(0, 4)),
        max_size=40,
    )
)
def test_there_are_never_more_open_invitations_than_people_who_are_free(
    story: list[tuple[int, str, int]],
) -> None:
    """Ten shoppers ask and answer, while agents take calls and become free."""
    rules = site_rules(
        {"one": ALWAYS}, caps={"per_visit": 99, "per_day": 99, "cool_down": {"declined": "0s"}}
    )
    memories = {number: VisitorMemory() for number in range(10)}
    free = 2
    for at, (number, what, count) in enumerate(story):
        opened = sum(memory.open is not None for memory in memories.values())
        view, now = f"view-{number}-0123456789", NOON.timestamp() + at
        if what == "busy":
            free = count
        elif what == "answer":
            memories[number] = after_answer(memories[number], "one", InvitationAnswer.DECLINED, now)
        else:
            decision = asks(
                rules, {}, memories[number], at=at, view=view, visitor=f"visitor-{number}",
                availability=business(free, open_invitations=opened),
            )  # fmt: skip
            if decision.offer is not None:
                assert opened + (not decision.offer.again) <= free
                memories[number] = after_offer(memories[number], decision.offer, view, day_of(NOON), now)


def test_the_cap_that_ends_last_is_told() -> None:
    rules = site_rules({"one": ALWAYS}, caps=CAPS)
    offer = Offer("one", Arm.SHOWN, "", "", "phone", "x", "corner", assigned=True)
    memory = VisitorMemory()
    for _ in range(3):
        memory = after_offer(memory, offer, "v", day_of(NOON), NOON.timestamp())
        memory = after_exposure(memory, "one", NOON.timestamp())
        memory = after_answer(memory, "one", InvitationAnswer.ACCEPTED, NOON.timestamp())
    memory = after_page(memory, NOON.timestamp() + 2000)
    (one,) = rules.rules
    found = capped(rules.settings.caps, "one", one.settings, memory, NOON)
    assert found == ("cap_day", 12 * HOUR)
