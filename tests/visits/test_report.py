"""The report: uplift of groups that chance made, sizes checked first, those who chose to talk apart."""

from __future__ import annotations

import random
from typing import Any

import pytest

from config.sections.engage import EngageSettings
from server.engage_report_cli import of_site, tables
from visits.records import ArmResult, ButtonCounts, ButtonKey, CountKey
from visits.report import Comparison, EngagementReport, engagement_report

SINCE = "2026-11-01"
KEY = CountKey("shop", 0, "promo", "", "shown", "exposed", "", "phone")
SERVER_TOLD = [("shop", "server", "EUR", 3, 4200)]


def settings(control: str = "50%", **more: Any) -> dict[str, EngageSettings]:
    show = {"invitation": "phone", "text": {"en": "Talk to us."}}
    rule = {"when": "cart.value > 1", "show": show, "since": SINCE, "control": control}
    made = {"rules": {"promo": rule | more.pop("rule", {})}, **more}
    return {"shop": EngageSettings.model_validate(made, strict=False)}


def arm(arm: str, visitors: int, converted: int, variant: str = "", **more: int) -> ArmResult:
    told = {"accepted": 0, "declined": 0, "ignored": 0, "calls": 0, "claimed": converted, **more}
    return ArmResult("shop", "promo", SINCE, variant, arm, visitors, converted=converted, **told)


def reported(*arms: ArmResult, control: str = "50%", sales: Any = SERVER_TOLD) -> Comparison:
    (found,) = engagement_report({}, {}, arms, [], sales, settings(control)).uplift
    return found


@pytest.mark.parametrize(
    ("shown", "control", "verdict"),
    [
        (arm("shown", 20_000, 1200), arm("control", 20_000, 1000), "more"),
        (arm("shown", 20_000, 1000), arm("control", 20_000, 1200), "less"),
        (arm("shown", 20_000, 1010), arm("control", 20_000, 1000), "not_yet"),
        (arm("shown", 3, 3), arm("control", 2, 0), "too_early"),
        (arm("shown", 20_000, 1200), arm("control", 20_000, 99), "too_early"),
        # Something loses visitors of the control group: whatever it looks like, it says nothing.
        (arm("shown", 20_000, 1200), arm("control", 19_000, 900), "broken"),
    ],
)
def test_a_verdict_wants_groups_of_the_right_sizes_first(
    shown: ArmResult, control: ArmResult, verdict: str
) -> None:
    found = reported(shown, control)
    assert found.verdict == verdict
    assert (found.ratio_p is not None and found.ratio_p < 0.001) == (verdict == "broken")


def test_too_early_says_how_many_visitors_are_missing() -> None:
    assert reported(arm("shown", 1000, 60), arm("control", 1000, 50)).missing == 2000
    assert reported(arm("shown", 1000, 60), arm("control", 1000, 0)).missing is None
    assert reported(arm("shown", 2000, 120), arm("control", 2000, 100)).missing is None


def test_the_shares_are_those_of_the_settings_of_this_very_experiment() -> None:
    arms = arm("shown", 9000, 90), arm("control", 1000, 10)
    assert reported(*arms, control="10%").verdict == "too_early"
    assert reported(*arms).verdict == "broken"
    assert reported(*arms, control="0%").ratio_p is None  # it ran with a control group once
    other = engagement_report({}, {}, arms, [], SERVER_TOLD, settings(rule={"since": "2026-12-01"}))
    assert other.uplift[0].ratio_p is None


def test_pages_are_believed_only_where_the_server_says_nothing() -> None:
    arms = arm("shown", 1000, 10, claimed=500), arm("control", 1000, 10, claimed=20)
    assert (reported(*arms).treated.converted, reported(*arms).source) == (10, "server")
    claimed = reported(*arms, sales=[("shop", "page", "EUR", 520, 1)])
    assert (claimed.treated.converted, claimed.source) == (500, "page")


def test_those_who_chose_to_talk_stand_apart() -> None:
    arms = arm("shown", 1000, 100, accepted=100, accepted_converted=60, calls=90), arm("control", 1000, 100)
    found = engagement_report({}, {}, arms, [], SERVER_TOLD, settings())
    (chosen,) = found.self_selected
    assert (chosen.accepted.visitors, chosen.accepted.converted) == (100, 60)
    assert (chosen.others.visitors, chosen.others.converted) == (900, 40)
    assert found.uplift[0].verdict == "not_yet"


def test_variants_and_the_holdout_of_the_site() -> None:
    rule = {"variants": {"long": {"share": 1}, "short": {"share": 3}}}
    arms = arm("shown", 250, 5, "long"), arm("shown", 750, 30, "short")
    everybody = ArmResult("shop", "", "", "", "shown", 9500, 0, 0, 0, 0, 600, 600)
    held_out = ArmResult("shop", "", "", "", "holdout", 500, 0, 0, 0, 0, 20, 20)
    known = settings("0%", rule=rule, holdout="5%")
    found = engagement_report({}, {}, arms, [everybody, held_out], SERVER_TOLD, known)
    (variants,) = found.variants
    assert [(each.name, each.visitors, each.converted) for each in variants.variants] == [
        ("long", 250, 5), ("short", 750, 30),
    ]  # fmt: skip
    assert variants.ratio_p == pytest.approx(1.0)
    (whole,) = found.uplift
    assert (whole.rule, whole.control.name, whole.ratio_p) == ("", "holdout", pytest.approx(1.0))


def test_planted_uplift_is_found_and_none_in_trials_without() -> None:
    """10,000 visitors a trial: a planted 8 % instead of 4 %, and 100 trials that treat both groups alike."""
    chance = random.Random(7)

    def trial(treated: float, control: float) -> str:
        shown = sum(chance.random() < 0.5 for _ in range(10_000))
        bought = sum(chance.random() < treated for _ in range(shown))
        other = sum(chance.random() < control for _ in range(10_000 - shown))
        return reported(arm("shown", shown, bought), arm("control", 10_000 - shown, other)).verdict

    assert trial(0.08, 0.04) == "more"
    same = [trial(0.04, 0.04) for _ in range(100)]
    assert same.count("not_yet") >= 95
    assert "broken" not in same


def test_the_report_is_told_in_tables_and_by_site() -> None:
    counts = {
        KEY: 7,
        KEY._replace(outcome="accepted", device="desktop"): 2,
        KEY._replace(outcome="held", arm="", reason="typing"): 4,
        KEY._replace(site="other"): 9,
    }
    buttons = {ButtonKey("shop", 0, "launcher", "/cart", "phone"): ButtonCounts(200, 5)}
    arms = [arm("shown", 1000, 50), arm("control", 1000, 50)]
    found = engagement_report(counts, buttons, arms, [], SERVER_TOLD, settings())
    assert {each.site for each in found.rules} == {"shop", "other"}
    told = "\n".join(line for table in tables(of_site(found, "shop")) for line in table.lines())
    for words in (
        "promo",
        "typing",
        "launcher",
        "2.50 %",
        "4200 EUR (minor units)",
        "too early: about 2000 more visitors",
        "50 of 1000 (5.00 %)",
    ):
        assert words in told, words
    assert "other" not in told
    assert list(tables(EngagementReport()))
