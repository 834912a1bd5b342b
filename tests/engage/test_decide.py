"""Decisions: which rule wins, why others are held, which buttons there are, and when to ask again."""

from __future__ import annotations

from typing import Any

import pytest

from engage.availability import Availability, WayNow, WayState
from engage.decide import RECHECK
from engage.decision import Arm, ButtonNow, HeldReason
from engage.memory import VisitorMemory, after_exposure, after_offer, after_opting_out, after_page
from engage.recheck import OfferState, Rechecked, recheck
from tests.engage.world import ALWAYS, NOON, OTHER_VIEW, VIEW, asks, business, held, rule, shown, site_rules

PROMO = rule('promo.failed >= 2 && page.path.startsWith("/checkout")', only_if="queue.wait < 60.0")
CHECKOUT = "https://shop.example/checkout?step=2"


def test_the_scene_of_the_seed() -> None:
    """A promotion code that fails twice brings an invitation; gold sees the button at once."""
    rules = site_rules(
        {
            "promo_rescue": PROMO,
            "gold": {"when": 'signed.customer.tier == "gold"', "show": {"button": "phone"}},
            "silver": {
                "when": 'signed.customer.tier in ["silver", "bronze"] && cart.value >= 200',
                "show": {"button": "phone"},
            },
        }
    )

    def button(tier: str, value: float) -> WayState:
        decision = asks(rules, {"cart.value": value}, signed={"customer.tier": tier})
        return decision.buttons[0].state

    assert [button("gold", 0), button("silver", 199), button("bronze", 200), button("tin", 900)] == [
        "open", "hidden", "open", "hidden",
    ]  # fmt: skip
    once = asks(rules, {"promo.failed": 1}, url=CHECKOUT)
    assert once.offer is None
    assert "promo.failed" in once.ask_again.facts
    assert shown(asks(rules, {"promo.failed": 2}, url=CHECKOUT)) == "promo_rescue"
    # A page that it can never be on asks nothing of promotion codes.
    assert "promo.failed" not in asks(rules, {}, url="https://shop.example/").ask_again.facts


def test_the_first_rule_that_may_be_shown_wins_and_one_that_is_held_does_not_block() -> None:
    rules = site_rules(
        {
            "draft": rule("true", draft=True),
            "draft_of_one_that_is_closed": rule("true", draft=True, only_if="hours.office"),
            "closed": rule("true", only_if="hours.office"),
            "far": rule("cart.value > 1000"),
            "wins": rule("cart.value > 100"),
            "behind": ALWAYS,
            "draft_behind": rule("true", draft=True),
        }
    )
    there = Availability({"phone": WayNow()}, hours={"office": False})
    decision = asks(rules, {"cart.value": 120}, availability=there)
    assert shown(decision) == "wins"
    assert held(decision) == {
        "draft": "draft", "draft_of_one_that_is_closed": "hours", "closed": "hours", "behind": "outranked",
        "draft_behind": "outranked",
    }  # fmt: skip


def test_a_rule_that_shows_nothing_ends_the_search() -> None:
    rules = site_rules(
        {
            "jobs": {"when": 'page.path.startsWith("/jobs")', "show": {"nothing": True}},
            "all": ALWAYS,
            "button": {"when": "true", "show": {"button": "pc"}},
        }
    )
    decision = asks(rules, url="https://shop.example/jobs")
    assert (decision.offer, held(decision)) == (None, {"all": "outranked", "button": "outranked"})
    assert shown(asks(rules)) == "all"


@pytest.mark.parametrize(
    ("asked", "reason", "asks_when_it_passes"),
    [
        ({"busy": (HeldReason.TYPING,)}, "typing", True),
        ({"busy": (HeldReason.DIALOG,)}, "dialog", True),
        ({"busy": (HeldReason.IN_CONTACT,)}, "in_contact", True),
        ({"busy": (HeldReason.HIDDEN_TAB, HeldReason.TYPING)}, "hidden_tab", True),
        ({"trusted": False}, "bot", True),
        ({"memory": after_opting_out(VisitorMemory())}, "opted_out", True),
        ({"availability": business(is_open=False)}, "hours", False),
        ({"availability": business(free=0)}, "agents", False),
        ({"availability": business(free=2, open_invitations=2)}, "agents", False),
        ({"availability": business(wait=90.0)}, "queue", False),
        ({"availability": business(wait=None)}, "queue", False),
    ],
)
def test_why_an_invitation_is_held(asked: dict[str, Any], reason: str, asks_when_it_passes: bool) -> None:
    rules = site_rules({"one": rule("true", only_if="queue.wait < 60")})
    decision = asks(rules, **asked)
    assert (decision.offer, held(decision)) == (None, {"one": reason})
    assert decision.ask_again.busy is asks_when_it_passes
    if not asks_when_it_passes:
        assert decision.ask_again.seconds == RECHECK


def test_no_more_invitations_than_people_who_are_free() -> None:
    rules = site_rules({"one": ALWAYS})
    offered = 0
    for _ in range(7):
        decision = asks(rules, availability=business(free=3, open_invitations=offered))
        offered += shown(decision) == "one"
    assert offered == 3


def test_the_buttons_have_three_states_and_rules_can_show_them() -> None:
    rules = site_rules({"rich": {"when": "cart.value >= 200", "show": {"button": "pc"}}})
    closed = Availability({"phone": WayNow(WayState.LATER, open=False), "pc": WayNow(WayState.HIDDEN)})
    assert [button.state for button in asks(rules).buttons] == ["open", "hidden"]
    assert asks(rules, {"cart.value": 200}).buttons[1] == ButtonNow("pc", WayState.OPEN, "rich")
    assert [each.state for each in asks(rules, {"cart.value": 200}, availability=closed).buttons] == [
        "later",
        "hidden",
    ]
    assert [each.state for each in asks(rules, availability=Availability()).buttons] == ["hidden", "hidden"]


def test_what_the_page_is_told_to_ask_again_for() -> None:
    rules = site_rules(
        {
            "slow": rule("time.on_page >= 40 && cart.value > 100"),
            "idle": rule("time.idle >= 30"),
            "active": rule('time.idle < 5 && product.sku == "a"'),
        }
    )
    told = asks(rules, {"time.on_page": 12.0, "time.idle": 10.0, "cart.value": 120}).ask_again
    assert told.facts == ("cart.value", "product.sku", "time.idle")
    assert told.seconds == 20.0
    # Moving changes nothing for a shopper who is active.
    assert "time.idle" not in asks(rules, {"time.on_page": 12.0, "time.idle": 1.0}).ask_again.facts
    night = site_rules({"night": rule("now.hour >= 22")})
    assert asks(night, at=30 * 60).ask_again.seconds == 30 * 60
    assert asks(night, at=10 * 3600).offer


def test_hours_that_change_are_waited_for() -> None:
    rules = site_rules({"one": rule("true", only_if="hours.office")})
    closed = Availability({"phone": WayNow(changes_in=120.0)}, hours={"office": False}, hours_change_in=90.0)
    assert asks(rules, availability=closed).ask_again.seconds == 90.0
    closed = Availability({"phone": WayNow(open=False, changes_in=120.0)})
    assert asks(rules, availability=closed).ask_again.seconds == 120.0


def test_without_consent_rules_see_this_page_alone() -> None:
    rules = site_rules({"again": rule("visit.number >= 2"), "here": rule("cart.value > 100", control="99%")})
    memory = after_page(after_page(VisitorMemory(), 0.0), 1e6)
    decision = asks(rules, {"cart.value": 120}, memory, visitor=None)
    assert held(decision) == {"again": "consent"}
    assert decision.offer
    # No experiment either.
    assert (decision.offer.rule, decision.offer.arm, decision.offer.assigned) == ("here", Arm.SHOWN, False)
    assert shown(asks(rules, {}, memory)) == "again"
    stays = site_rules({"stays": rule("time.on_site > 60")})
    assert held(asks(stays, {"time.on_site": 90.0}, visitor=None)) == {"stays": "consent"}


def test_what_a_page_tells_is_not_believed_to_be_of_its_type() -> None:
    rules = site_rules({"one": rule('cart.value > 100 && cart.count >= 2 && product.sku == "17"')})
    good: dict[str, bool | float | str] = {"cart.value": "120", "cart.count": 2.0, "product.sku": 17.0}
    assert shown(asks(rules, good)) == "one"
    bad: list[tuple[str, bool | float | str]] = [
        ("cart.value", "much"), ("cart.value", True), ("cart.value", float("nan")),
        ("cart.value", float("inf")), ("cart.count", 2.5), ("product.sku", False),
    ]  # fmt: skip
    for name, value in bad:
        assert asks(rules, {**good, name: value}).offer is None


def test_the_text_is_in_the_shoppers_language() -> None:
    texts = {"en": "Hello", "de": "Hallo"}
    rules = site_rules(
        {
            "one": {
                "when": "true",
                "show": {"invitation": "phone", "text": texts},
                "variants": {"warm": {"text": {"en": "Hi there"}}},
            }
        }
    )
    said = {}
    for language in ("de-AT", "en-US", "fr", ""):
        offer = asks(rules, language=language).offer
        assert offer
        said[language] = offer.text
    assert said == {"de-AT": "Hallo", "en-US": "Hi there", "fr": "Hi there", "": "Hi there"}


def test_a_page_gets_the_same_invitation_again_and_another_tab_gets_none() -> None:
    rules = site_rules({"one": rule("cart.value > 100"), "two": ALWAYS})
    first = asks(rules, {"cart.value": 120})
    assert first.offer
    memory = after_offer(VisitorMemory(), first.offer, VIEW, "2026-11-30", NOON.timestamp())
    again = asks(rules, {"cart.value": 120}, memory, at=1, availability=business(free=1, open_invitations=1))
    assert again.offer
    assert (again.offer.rule, again.offer.again) == ("one", True)
    other_tab = asks(rules, {"cart.value": 120}, memory, at=1, view=OTHER_VIEW)
    assert (other_tab.offer, held(other_tab)) == (None, {"one": "outranked", "two": "outranked"})
    assert other_tab.ask_again.seconds == 29.0
    # Before it was shown its condition ended: another one may take its place, and it does not count.
    changed = asks(rules, {"cart.value": 20}, memory, at=2)
    assert changed.offer
    assert changed.offer.rule == "two"
    memory_after = after_offer(memory, changed.offer, VIEW, "2026-11-30", NOON.timestamp() + 2)
    assert (memory_after.site.in_visit, memory_after.of("one").in_visit) == (1, 0)
    # Once it is visible it stays.
    visible = after_exposure(memory, "one", NOON.timestamp() + 2)
    assert held(asks(rules, {"cart.value": 20}, visible, at=2)) == {"two": "outranked"}
    # Visible, it does not go away because the shopper types.
    assert shown(asks(rules, {"cart.value": 120}, visible, at=3, busy=(HeldReason.TYPING,))) == "one"


@pytest.mark.parametrize(
    ("there", "visible", "expected"),
    [
        (business(free=1, open_invitations=1), False, Rechecked(OfferState.OPEN)),
        (business(free=1, open_invitations=2), False, Rechecked(OfferState.CALLBACK, HeldReason.AGENTS)),
        (business(free=1, open_invitations=2), True, Rechecked(OfferState.OPEN)),
        (business(free=0, open_invitations=1), True, Rechecked(OfferState.CALLBACK, HeldReason.AGENTS)),
        (business(wait=70.0), True, Rechecked(OfferState.CALLBACK, HeldReason.QUEUE)),
        (business(is_open=False), True, Rechecked(OfferState.CALLBACK, HeldReason.HOURS)),
        (
            Availability({"phone": WayNow(WayState.LATER, free=3)}),
            True,
            Rechecked(OfferState.CALLBACK, HeldReason.AGENTS),
        ),
        (
            Availability({"phone": WayNow(WayState.HIDDEN, open=False)}),
            True,
            Rechecked(OfferState.GONE, HeldReason.HOURS),
        ),
        (Availability(), True, Rechecked(OfferState.GONE)),
    ],
)
def test_an_invitation_is_looked_at_again_when_it_appears_and_when_it_is_clicked(
    there: Availability, visible: bool, expected: Rechecked
) -> None:
    rules = site_rules({"one": rule("agents.free >= 0 && cart.value > 1", only_if="queue.wait < 60.0")})
    if there.ways and there.ways["phone"].state is WayState.LATER:
        rules = site_rules({"one": ALWAYS})
    assert recheck(rules, "one", there, NOON, visible=visible) == expected
    assert recheck(rules, "other", there, NOON, visible=visible) == Rechecked(OfferState.GONE)


def test_what_a_rule_says_of_the_business_holds_at_the_click_too() -> None:
    rules = site_rules({"one": rule("agents.free >= 3")})
    assert recheck(rules, "one", business(free=2), NOON, visible=True).why is HeldReason.AGENTS
