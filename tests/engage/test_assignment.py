"""Who takes which part in an experiment: sticky, even, and untouched by other experiments."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.sections.engage import EngageRule
from engage.assignment import assign, draw
from engage.decision import Arm
from tests.engage.world import ALWAYS, asks, held, rule, shown, site_rules

VISITORS = [f"visitor-{number:05}" for number in range(4000)]


def settings_of(**more: object) -> EngageRule:
    return EngageRule.model_validate_json(json.dumps({**ALWAYS, **more}))


def arms(
    settings: EngageRule, name: str = "one", holdout: float = 0.0, site: str = "shop"
) -> dict[str, tuple[Arm, str]]:
    return {visitor: assign(site, name, settings, holdout, visitor) for visitor in VISITORS}


HALVES = settings_of(control="20%", since="2026-11-01", variants={"a": {"share": 50}, "b": {"share": 50}})


def test_the_shares_are_what_was_asked_for_and_the_two_draws_are_independent() -> None:
    counts = Counter(arms(HALVES, holdout=0.05).values())
    expected = {
        (Arm.HOLDOUT, "a"): 0.025, (Arm.CONTROL, "a"): 0.095, (Arm.SHOWN, "a"): 0.38,
    }  # fmt: skip
    for (arm, _), share in expected.items():
        for variant in "ab":
            # Four standard deviations: the draw is fixed, so this does not come and go.
            spread = (share * (1 - share) / len(VISITORS)) ** 0.5
            assert counts[arm, variant] / len(VISITORS) == pytest.approx(share, abs=4 * spread)


def test_changing_a_share_moves_the_edge_alone() -> None:
    before = arms(HALVES)
    wider = arms(HALVES.model_copy(update={"control": 0.3}))
    assert all(wider[visitor] == part for visitor, part in before.items() if part[0] is Arm.CONTROL)
    assert all(wider[visitor][1] == part[1] for visitor, part in before.items())
    off = arms(HALVES.model_copy(update={"control": 0.0}))
    back = arms(HALVES)
    assert Arm.CONTROL not in {arm for arm, _ in off.values()}
    assert back == before


def test_a_new_beginning_deals_out_again_and_other_rules_and_sites_deal_by_themselves() -> None:
    before = arms(HALVES)
    for other in (
        arms(
            settings_of(control="20%", since="2026-11-02", variants={"a": {"share": 50}, "b": {"share": 50}})
        ),
        arms(HALVES, name="two"),
        arms(HALVES, site="other"),
    ):
        same = sum(part == other[visitor] for visitor, part in before.items()) / len(VISITORS)
        assert same == pytest.approx(0.8 * 0.8 * 0.5 + 0.2 * 0.2 * 0.5, abs=0.03)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_a_draw_is_always_the_same_and_below_one(words: list[str]) -> None:
    assert draw(*words) == draw(*words)
    assert all(0 <= number < 1 for number in draw(*words))


def test_the_control_group_takes_its_turn_and_sees_nothing() -> None:
    rules = site_rules(
        {"one": rule("cart.value > 1", control="50%", since="2026-11-01"), "two": ALWAYS}, holdout="10%"
    )
    found: Counter[Arm] = Counter()
    for visitor in VISITORS[:400]:
        decision = asks(rules, {"cart.value": 2}, visitor=visitor)
        assert decision.offer
        assert decision.offer.rule == "one"
        found[decision.offer.arm] += 1
        assert decision.offer.text == ("Talk to us." if decision.offer.arm is Arm.SHOWN else "")
        expected = {} if decision.offer.arm is Arm.SHOWN else {"one": str(decision.offer.arm)}
        assert held(decision) == {**expected, "two": "outranked"}
        # Elsewhere the same shopper is in no control group, but in the holdout still.
        elsewhere = asks(rules, {}, visitor=visitor)
        assert (shown(elsewhere) == "two") is (decision.offer.arm is not Arm.HOLDOUT)
    assert set(found) == set(Arm)


def test_who_signs_in_keeps_what_they_were_given() -> None:
    """The visitor's id decides, not whether they signed in, or what is in their cart."""
    rules = site_rules(
        {
            "one": rule("true", control="50%", since="2026-11-01", variants={"a": {}, "b": {}}),
            "other": rule("cart.value > 5", control="50%", since="2026-11-01"),
        }
    )
    for visitor in VISITORS[:50]:
        found = {
            (offer.arm, offer.variant)
            for signed in ({}, {"customer.tier": "gold"})
            for value in (1, 9)
            if (offer := asks(rules, {"cart.value": value}, visitor=visitor, signed=signed).offer)
        }
        assert len(found) == 1


def test_a_buttons_control_group_has_no_button() -> None:
    rules = site_rules(
        {"one": {"when": "true", "show": {"button": "pc"}, "control": "50%", "since": "2026-11-01"}}
    )
    states: Counter[tuple[str, Arm]] = Counter()
    for visitor in VISITORS[:200]:
        decision = asks(rules, visitor=visitor)
        button = decision.buttons[1]
        states[button.state, button.arm] += 1
        assert held(decision) == ({} if button.arm is Arm.SHOWN else {"one": "control"})
    assert set(states) == {("open", Arm.SHOWN), ("hidden", Arm.CONTROL)}
    assert asks(rules, visitor=None).buttons[1].state == "open"
