"""A number that anybody may have typed is a claim until its phone was answered or it was signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.checks.templates import PLACEHOLDERS
from config.sections.screen_pop import LINK_PLACEHOLDERS, PopLink
from cti.links import fill_links
from cti.pop import KnownCall, make_pop, viewer
from expressions.conditions import compile_condition
from expressions.type_check import TypeCheck
from routing.facts import Wanted, facts_of
from routing.headers import HeaderTemplates, fill
from routing.identity import shopper_number, signs_number
from routing.places import Place
from routing.plan import ClickToCall
from routing.vocabulary import ROUTE_NAMES
from tests.cti.shops import BOSTON, CLICK, shop

NUMBER = "+16175550123"
BY_PHONE = ClickToCall("shop", NUMBER, "https://shop.example/", {}, "203.0.113.7")
BY_PC = replace(BY_PHONE, by="pc")
SIGNED = {"customer.phone": "+1 617-555-0123"}


@pytest.mark.parametrize(
    ("click", "verified"),
    [
        (BY_PHONE, True),
        (replace(BY_PHONE, reached=False), False),
        (BY_PC, False),
        (replace(BY_PC, context=SIGNED), False),
        (replace(BY_PC, signed=SIGNED), True),
        (replace(BY_PC, signed={"customer.phone": "+16175550199"}), False),
        (replace(BY_PC, signed={"customer.phone": "6175550123"}), False),
        (replace(BY_PC, signed={"customer.phone": ""}), False),
        (replace(BY_PC, number="", signed={"customer.phone": ""}), False),
        (replace(BY_PHONE, number=""), False),
    ],
)
def test_what_makes_a_number_a_fact(click: ClickToCall, verified: bool) -> None:
    found = shopper_number(click)
    assert found.verified == verified
    assert (found.known, found.claimed) == ((click.number, "") if verified else ("", click.number))


@given(st.text(), st.text(max_size=20))
def test_any_signed_text_is_read_or_no_number(text: str, number: str) -> None:
    assert not signs_number({"customer.phone": text}, number) or number.startswith("+")


def test_a_claim_fills_its_own_placeholder_alone() -> None:
    for click, number, claimed in ((BY_PHONE, NUMBER, ""), (BY_PC, "", NUMBER)):
        assert fill("{number}|{claimed_number}", click, "c1") == f"{number}|{claimed}"
        templates = HeaderTemplates((("X-N", "{number}"), ("X-C", "{claimed_number}")))
        assert dict(templates.fill(click, "c1", 500)) == {"X-N": number, "X-C": claimed}
    assert {"number", "claimed_number"} <= {*PLACEHOLDERS} & {*LINK_PLACEHOLDERS}


def test_links_of_a_number_are_for_numbers_that_are_facts() -> None:
    links = [
        PopLink(label="CRM", url="https://crm.example/?phone={number}"),
        PopLink(label="Digits", url="https://crm.example/{digits}"),
        PopLink(label="Claim", url="https://crm.example/?said={claimed_number}"),
    ]

    def shown(click: ClickToCall, numbers: bool = True) -> list[str]:
        return [link.label for link in fill_links(links, "c1", click, "alice", frozenset(), numbers)]

    assert shown(BY_PHONE) == ["CRM", "Digits"]
    assert shown(BY_PC) == ["Claim"]
    assert shown(BY_PC, numbers=False) == []


def test_agents_see_that_it_is_a_claim() -> None:
    config = shop()
    for click, verified in ((CLICK, True), (replace(CLICK, by="pc"), False)):
        pop = make_pop(KnownCall("c1", click, 1.0, BOSTON), config, viewer("ben", config))
        assert (pop.number, pop.number_verified) == (CLICK.number, verified)


@pytest.mark.parametrize(
    ("click", "text", "expected"),
    [
        (BY_PHONE, "call.number == '+16175550123' && call.claimed_number == ''", True),
        (BY_PC, "call.number == '+16175550123'", False),
        (BY_PC, "call.number == '' && call.claimed_number == '+16175550123'", True),
        (replace(BY_PC, signed=SIGNED), "call.number == '+16175550123'", True),
    ],
)
def test_conditions_tell_a_claim_from_a_fact(click: ClickToCall, text: str, expected: bool) -> None:
    """A shopper who types a gold customer's number is not put through as that customer."""
    words = TypeCheck(ROUTE_NAMES)
    condition = compile_condition(text, words, "here")
    facts = facts_of(Wanted.of(words.used), click, lambda: Place("US"), datetime(2026, 11, 24, tzinfo=UTC))
    assert condition.holds(facts) is expected
