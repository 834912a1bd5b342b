"""Canned replies: who has which, in which language; and no placeholder ever reaches a shopper."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.canned import CLOSES, OPENS, has_gap, labels_of, ready_reply, replies_for, values_of
from config.sections.canned import CannedReply
from config.sections.data_pass import DataField, DataPass
from routing.plan import ClickToCall
from tests.config.files import changed, complaints, load_text, warnings

DELIVERY = CannedReply(
    title="Delivery times",
    text={
        "en": "Hello[ {context.customer.name}], your order {signed.order.number} leaves today. {agent}, {site}",
        "de": "Guten Tag[ {context.customer.name}], {signed.order.number} geht heute raus.",
    },
)
PASSED = DataPass(
    fields={"order.number": DataField(label="Order number"), "customer.tier": DataField(sensitive=True)}
)


def ready(
    reply: CannedReply, languages: tuple[str, ...] = ("en",), **known: str
) -> tuple[str, tuple[str, ...]]:
    signed = {key.replace("_", "."): value for key, value in known.items()}
    click = ClickToCall("shop", "", "https://shop.example/", {}, "", signed=signed)
    values = values_of(click, PASSED, "The Shop", "Alice", sees_sensitive=False)
    made = ready_reply("delivery", reply, languages, values, labels_of(PASSED))
    return made.text, made.gaps


def test_what_is_known_is_filled_in() -> None:
    text, gaps = ready(DELIVERY, customer_name="Ann", order_number="A 17")
    assert text == "Hello Ann, your order A 17 leaves today. Alice, The Shop"
    assert gaps == ()
    assert not has_gap(text)


def test_what_is_not_known_is_a_gap_that_must_be_filled() -> None:
    text, gaps = ready(DELIVERY)
    assert text == f"Hello, your order {OPENS}Order number{CLOSES} leaves today. Alice, The Shop"
    assert gaps == ("Order number",)
    assert has_gap(text)
    assert has_gap(f"half {CLOSES}")
    assert not has_gap(text.replace(f"{OPENS}Order number{CLOSES}", "A 17"))


def test_the_shoppers_language_is_picked_then_the_sites_then_the_first() -> None:
    assert ready(DELIVERY, ("fr", "de"))[0].startswith("Guten Tag")
    assert ready(DELIVERY, ("fr",))[0].startswith("Hello")


def test_a_field_that_the_agent_may_not_see_stays_a_gap() -> None:
    reply = CannedReply(title="Tier", text={"en": "As a {signed.customer.tier} customer"})
    click = ClickToCall("shop", "", "", {}, "", signed={"customer.tier": "gold"})
    for sees, text in ((True, "As a gold customer"), (False, f"As a {OPENS}customer.tier{CLOSES} customer")):
        values = values_of(click, PASSED, "Shop", "Alice", sees_sensitive=sees)
        assert ready_reply("tier", reply, ["en"], values, labels_of(PASSED)).text == text


def test_each_agent_has_the_replies_of_their_teams_and_of_the_site() -> None:
    def reply(title: str, **more: tuple[str, ...]) -> CannedReply:
        return CannedReply(title=title, text={"en": title}, **more)

    canned = {
        "all": reply("b all"),
        "sales": reply("a sales", teams=("sales",)),
        "shop": reply("C shop", sites=("shop",)),
        "other": reply("other", sites=("other",), teams=("sales",)),
    }

    def titles(site: str, *teams: str) -> list[str]:
        return [each.title for each in replies_for(canned, site, teams, ["en"], str, str)]

    assert titles("shop", "sales", "parts") == ["a sales", "b all", "C shop"]
    assert titles("shop") == ["b all", "C shop"]
    assert titles("other", "sales") == ["a sales", "b all", "other"]


NAMES = st.sampled_from(["site", "agent", "context.a", "context.b.c", "signed.a", "signed.x"])
PARTS = st.one_of(
    st.text(alphabet=st.characters(blacklist_characters="{}[]" + OPENS + CLOSES), max_size=12),
    NAMES.map("{{{}}}".format),
    NAMES.map("[, {{{}}}]".format),
)


@given(st.lists(PARTS, min_size=1, max_size=8).map("".join), st.dictionaries(NAMES, st.text(max_size=20)))
def test_no_brace_reaches_a_shopper_whatever_is_known(text: str, known: dict[str, str]) -> None:
    reply = CannedReply.model_construct(title="t", text={"en": text}, sites=(), teams=())
    made = ready_reply("r", reply, ["en"], lambda name: known.get(name, ""), str)
    assert not set("{}") & set(made.text)
    # Nothing is sent with a gap, and each gap is one that the agent is told of.
    assert has_gap(made.text) == bool(made.gaps)
    assert made.text.count(OPENS) == made.text.count(CLOSES) == len(made.gaps)


CANNED = """\
canned:
  delivery:
    title: Delivery
    text: {en: "Hello[ {context.customer.name}], {site} sends it. {agent}"}
"""


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("{agent}", "{agnt}", 'text.en: {agnt} is not a placeholder: did you mean "agent"?'),
        ("{agent}", "{agent", "text.en: this brace is never closed: use braces only for placeholders, such as {site}"),
        ("[ {context", " {context", "text.en: an unmatched bracket, or one within another"),
        ("{agent}", "{signed.order}", 'text.en: nothing is signed: {signed.order} would always be a gap. Add "data_pass.signing"'),
        ("Delivery\n", "Delivery\n    sites: [shoppe]\n", 'sites[0]: there is no site called "shoppe": did you mean "shop"?'),
        ("{en:", "{EN:", "text.EN: not a valid name: write a language's two or three letters (ISO 639), such as en or de"),
    ],
)  # fmt: skip
def test_a_placeholder_that_nothing_fills_is_refused_when_loaded(
    tmp_path: Path, old: str, new: str, line: str
) -> None:
    (told,) = complaints(tmp_path, changed() + CANNED.replace(old, new))
    assert told.split(": canned.delivery.")[1] == line


def test_a_field_that_no_page_passes_is_refused(tmp_path: Path) -> None:
    site = "    data_pass: {unknown_fields: drop, fields: {customer.label: {}}}\n"
    (told,) = complaints(
        tmp_path, changed(("    greeting: welcome\n", f"    greeting: welcome\n{site}")) + CANNED
    )
    assert told == (
        '36:24: canned.delivery.text.en: no page passes customer.name: did you mean "customer.label"?'
    )


def test_replies_are_right_and_a_team_of_nobody_is_doubtful(tmp_path: Path) -> None:
    assert load_text(tmp_path, changed() + CANNED).config.canned["delivery"].title == "Delivery"
    (told,) = warnings(tmp_path, changed() + CANNED + "    teams: [sales]\n")
    assert told.endswith('no agent is of the team "sales": there are no teams yet')
