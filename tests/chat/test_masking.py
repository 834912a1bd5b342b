"""Card numbers and a site's patterns never get through; what is harmless does."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.card_numbers import LONGEST_CARD, SHORTEST_CARD, luhn
from chat.masking import MASK, mask
from config.checks.masks import mask_problem

#: ASCII, full-width, Arabic and Devanagari digits, by the code point of their zero.
SCRIPTS = (0x30, 0xFF10, 0x660, 0x966)
FULL_WIDTH = "".join(
    chr(0xFF10 + int(digit)) if digit.isdigit() else digit for digit in "4111 1111 1111 1111"
)
BETWEEN = ("", " ", "-", " - ", "\u00a0", "\u2013", "\u200b", ".", "\n", "\r\n", "\u00ad", "\t")


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111",
        "my card is 4111 1111 1111 1111, please",
        "4111-1111-1111-1111",
        "3782 822463 10005",
        "4222222222222",
        "6304000000000000",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        FULL_WIDTH,
        "4111\u200b1111\u200b1111\u200b1111",
        "4111 1111 1111 1111 12 27 123",
        "order 77 4111 1111 1111 1111",
        "4111\u20131111\u20131111\u20131111",
        "+4111 1111 1111 1111",
        "card:4111111111111111.",
    ],
)
def test_a_card_number_is_masked_however_it_is_written(text: str) -> None:
    masked = mask(text)
    assert masked.parts == 1
    assert MASK in masked.text
    assert not any(each in masked.text for each in ("1111", FULL_WIDTH[-4:], "1 1 1", "0005", "22222"))


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112",
        "call me at +1 617 555 0123",
        "+49 1512 3456789",
        "my number is 6175550123, the order 20261130",
        "ISBN 978-3-16-148410-1",
        "2009 please",
        "",
        "¾ of 12, ² and ⅷ",
    ],
)
def test_what_is_harmless_stays(text: str) -> None:
    assert mask(text) == mask(text).__class__(text, 0)


def test_a_phone_number_with_its_country_code_is_no_card_even_where_the_check_digit_fits() -> None:
    number = next(
        f"+4915123456{rest:03}" for rest in range(1000) if luhn([*map(int, f"4915123456{rest:03}")])
    )
    assert mask(f"ring {number} please").parts == 0
    assert mask(f"ring {number[1:]} please").parts == 1


@st.composite
def cards(draw: st.DrawFn) -> list[int]:
    length = draw(st.integers(SHORTEST_CARD, LONGEST_CARD))
    digits = draw(st.lists(st.integers(0, 9), min_size=length - 1, max_size=length - 1))
    return next([*digits, last] for last in range(10) if luhn([*digits, last]))


def _written(draw: st.DrawFn, digits: Sequence[int]) -> str:
    text = ""
    for index, digit in enumerate(digits):
        script = draw(st.sampled_from(SCRIPTS))
        text += (draw(st.sampled_from(BETWEEN)) if index else "") + chr(script + digit)
    return text


@st.composite
def texts_with_a_card(draw: st.DrawFn) -> tuple[str, str]:
    card = _written(draw, draw(cards()))
    # What is around it is no digit and no sign of a phone number.
    around = st.text(max_size=30).map(
        lambda text: "".join("x" if each.isnumeric() else each for each in text)
    )
    return f"{draw(around)}: {card};{draw(around)}", card


@given(texts_with_a_card())
def test_no_card_number_gets_through(given: tuple[str, str]) -> None:
    text, card = given
    masked = mask(text)
    assert masked.parts >= 1
    assert card not in masked.text


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("0123456789 -+.")), max_size=120))
def test_masking_again_changes_nothing(text: str) -> None:
    once = mask(text, ["@@######"])
    assert mask(once.text, ["@@######"]) == once.__class__(once.text, 0)


@given(st.text(max_size=200))
def test_a_text_without_digits_stays_as_it_is(text: str) -> None:
    text = "".join(character for character in text if not character.isdecimal())
    assert mask(text, ["@#####"]).text == text


@pytest.mark.parametrize(
    ("pattern", "text", "kept"),
    [
        ("@@######@", "it is qq 12 34 56 c", f"it is {MASK}"),
        ("@@######@", "xqq123456c stays", "xqq123456c stays"),
        ("###-##-####", "SSN 078-05-1120.", f"SSN {MASK}."),
        ("CW-####", "my pin cw 1234", f"my pin {MASK}"),
    ],
)
def test_a_pattern_of_the_site_masks_what_fits(pattern: str, text: str, kept: str) -> None:
    assert mask_problem(pattern) is None
    assert mask(text, [pattern]).text == kept


@pytest.mark.parametrize("pattern", ["secret", "##", "@ #", ""])
def test_a_pattern_that_masks_nothing_or_too_much_is_refused(pattern: str) -> None:
    assert mask_problem(pattern)


def test_a_long_hostile_text_is_read_in_time_that_grows_with_it() -> None:
    text = "1 " * 20_000
    assert mask(text, ["@@######@", "##########"]).text
