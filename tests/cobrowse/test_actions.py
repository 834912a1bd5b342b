"""Which action is allowed: every kind by every set of scopes, rights and what the site allows."""

from __future__ import annotations

from itertools import chain, combinations, product

import pytest

from cobrowse.actions import (
    ACTION_KINDS,
    LONGEST_VALUE,
    LONGEST_WORD,
    NEEDED_SCOPE,
    ActionAllowed,
    ActionKind,
    ActionRefused,
    ActionTerms,
    ViewAction,
    judge,
)
from cobrowse.consent import WORDS, consent_words
from cobrowse.flags import Flags
from config.sections.cobrowse import SCOPES, Cobrowse, Scope
from config.sections.page_push import PagePush

ALL = frozenset(SCOPES)
EVERY_SET = [
    frozenset(each) for each in chain.from_iterable(combinations(SCOPES, count) for count in range(4))
]
SITE = ActionTerms(ALL, frozenset({"https://shop.example"}), PagePush())
FIELD = Flags("input", fillable=True)
BUTTON = Flags("button")


def action(kind: ActionKind, **more: str) -> ViewAction:
    values = {"propose": "02139", "fill": "02139", "navigate": "https://shop.example/help"}
    return ViewAction(kind, 7, more.get("value", values.get(kind)), more.get("word"))


@pytest.mark.parametrize("kind", ACTION_KINDS)
def test_an_action_needs_its_scope_agreed_its_right_and_the_site(kind: ActionKind) -> None:
    needed = {"see", NEEDED_SCOPE[kind]}
    for agreed, rights, allow in product(EVERY_SET, repeat=3):
        found = judge(action(kind), agreed, FIELD, rights, ActionTerms(allow, SITE.origins, SITE.page_push))
        assert isinstance(found, ActionAllowed) is (
            needed <= agreed and needed <= rights and needed <= allow
        ), (agreed, rights, allow)


@pytest.mark.parametrize(
    ("kind", "flags", "refusal"),
    [
        ("fill", Flags("input", masked=True, fillable=True), "masked"),
        ("propose", Flags("input", masked=True, fillable=True), "masked"),
        ("click", Flags("button", masked=True), "masked"),
        ("fill", Flags("input", never_fill=True, fillable=True), "never_fill"),
        ("propose", Flags("input", never_fill=True, fillable=True), "never_fill"),
        ("click", Flags("button", never_click=True), "never_click"),
        ("fill", Flags("p"), "not_fillable"),
        ("click", Flags("input", clickable=False), "not_clickable"),
        *((kind, None, "gone") for kind in ACTION_KINDS if kind != "navigate"),
    ],
)
def test_what_an_element_is_decides(kind: ActionKind, flags: Flags | None, refusal: str) -> None:
    found = judge(action(kind), ALL, flags, ALL, SITE)
    assert isinstance(found, ActionRefused)
    assert found.id == refusal
    assert found.reason


def test_where_a_hidden_field_is_can_be_shown() -> None:
    for kind in ("point", "highlight", "scroll"):
        assert judge(ViewAction(kind, 7), ALL, Flags("input", masked=True), ALL, SITE) == ActionAllowed()


def test_a_proposal_asks_and_a_fill_does_not() -> None:
    assert judge(action("propose"), {"see", "point"}, FIELD, ALL, SITE) == ActionAllowed(ask=True)
    assert judge(action("fill"), ALL, FIELD, ALL, SITE) == ActionAllowed()


@pytest.mark.parametrize("value", ["x" * (LONGEST_VALUE + 1), "a\x00b", "\x1b[31m", "\ud800"])
def test_what_nobody_types_is_not_filled_in(value: str) -> None:
    found = judge(action("fill", value=value), ALL, FIELD, ALL, SITE)
    assert isinstance(found, ActionRefused)
    assert found.id == "bad_value"


def test_a_fill_needs_a_value_and_may_empty_a_field() -> None:
    assert judge(ViewAction("fill", 7), ALL, FIELD, ALL, SITE) == ActionRefused("bad_value")
    assert judge(action("fill", value=""), ALL, FIELD, ALL, SITE) == ActionAllowed()


def test_a_word_is_short() -> None:
    found = judge(action("highlight", word="x" * (LONGEST_WORD + 1)), ALL, BUTTON, ALL, SITE)
    assert found == ActionRefused("bad_word")


@pytest.mark.parametrize(
    ("address", "refusal"),
    [
        ("https://evil.example/", "other_origin"),
        ("https://shop.example.evil.example/", "other_origin"),
        ("https://shop.example@evil.example/", "bad_address"),
        ("javascript:alert(1)", "bad_address"),
        ("//evil.example", "bad_address"),
        ("/relative", "bad_address"),
        ("https:\\\\evil.example", "bad_address"),
    ],
)
def test_a_page_is_opened_on_known_origins_alone(address: str, refusal: str) -> None:
    found = judge(action("navigate", value=address), ALL, None, ALL, SITE)
    assert isinstance(found, ActionRefused)
    assert found.id == refusal


def test_a_site_without_page_push_opens_no_page() -> None:
    found = judge(action("navigate"), ALL, None, ALL, ActionTerms(ALL, SITE.origins))
    assert found == ActionRefused("no_navigation")


@pytest.mark.parametrize("language", [*WORDS, "zz"])
def test_the_question_names_agent_and_shop(language: str) -> None:
    words = consent_words(SCOPES, "Ann", "Harbor Bikes", language, Cobrowse())
    assert list(words.words) == list(SCOPES)
    assert all("Ann" in each and "{" not in each for each in words.words.values())
    assert "Harbor Bikes" in words.words["see"]
    assert words.version == f"1-{words.language}"


def test_what_a_site_adds_is_part_of_the_version() -> None:
    wanted: tuple[Scope, ...] = ("see",)
    first = consent_words(wanted, "Ann", "S", "de", Cobrowse(consent_text={"de": "Wird nicht gespeichert."}))
    other = consent_words(wanted, "Ann", "S", "de", Cobrowse(consent_text={"de": "Anders."}))
    assert first.note == "Wird nicht gespeichert."
    assert first.version != other.version
