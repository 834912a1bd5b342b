"""Answers as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.understanding import (
    LONGEST_ANSWER,
    Unclear,
    Understood,
    number_in,
    read_choice,
    read_email,
    read_text,
    read_year,
    tidy,
    within_one_slip,
)

MAKES = (
    "Ford",
    "Chevrolet",
    "Mercedes-Benz",
    "Kia",
    "Land Rover",
    "Rover",
    "Citroën",
    "GMC",
    "Mazda",
    "Škoda",
)
MODELS = ("Focus", "F-150", "F-250", "Fiesta", "Mustang", "3", "5", "CX-5")


@pytest.mark.parametrize(
    ("typed", "year"),
    [
        ("2009", "2009"), ("'09", "2009"), ("09", "2009"), ("2009 please", "2009"), ("it's a 2009.", "2009"),
        ("\u2019 98", "1998"), ("model year 1998 i think", "1998"), ("'62", "1962"), (" 2027 ", "2027"),
        ("".join(chr(0xFF10 + int(d)) for d in "2009"), "2009"), ("2009, yes 2009", "2009"),
        ("2009 with 4 doors", "2009"),
    ],
)  # fmt: skip
def test_a_year_is_understood(typed: str, year: str) -> None:
    assert read_year(typed, 1960, 2027) == Understood(year)


@pytest.mark.parametrize(
    "typed", ["", "old", "9", "209", "20090", "1950", "2031", "'45", "2 or 3", "👍", "-5"]
)
def test_a_year_is_not_guessed(typed: str) -> None:
    assert isinstance(read_year(typed, 1960, 2027), Unclear)


def test_of_two_years_neither_is_taken() -> None:
    assert read_year("2009 or 2010", 1960, 2027) == Unclear(("2009", "2010"))


@pytest.mark.parametrize(
    ("typed", "make"),
    [
        ("Ford", "Ford"), ("ford", "Ford"), ("a ford, please", "Ford"), ("chevorlet", "Chevrolet"),
        ("chevrolt", "Chevrolet"), ("Chev", "Chevrolet"), ("mercedes", "Mercedes-Benz"),
        ("mercedes benz", "Mercedes-Benz"), ("land rover", "Land Rover"), ("landrover", "Land Rover"),
        ("rover", "Rover"), ("citroen", "Citroën"), ("skoda", "Škoda"), ("my madza", "Mazda"),
        ("2", "Chevrolet"), ("Frod", "Ford"), ("i have a Land Rovr", "Land Rover"),
    ],
)  # fmt: skip
def test_a_choice_is_understood(typed: str, make: str) -> None:
    assert read_choice(typed, MAKES) == Understood(make)


@pytest.mark.parametrize("typed", ["", "?", "Fia", "kai", "99", "toyota", "la", "0"])
def test_a_choice_is_not_guessed(typed: str) -> None:
    assert isinstance(read_choice(typed, MAKES), Unclear)


def test_a_typed_answer_that_fits_several_choices_names_them() -> None:
    assert read_choice("ford or mazda", MAKES) == Unclear(("Ford", "Mazda"))
    assert read_choice("f 1", ("F-150", "F-100")) == Unclear(("F-150", "F-100"))


def test_a_digit_more_or_less_is_another_model() -> None:
    assert read_choice("F-350", MODELS) == Unclear()
    assert read_choice("F-150 XL", MODELS) == Understood("F-150")
    assert read_choice("5", MODELS) == Understood("5")
    assert read_choice("f150", MODELS) == Understood("F-150")
    assert read_choice("cx 5", MODELS) == Understood("CX-5")


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("ann@shop.example", "ann@shop.example"), ("my mail is Ann.B@Shop.Example.", "Ann.B@shop.example"),
        ("<ann@shop.example>", "ann@shop.example"),
        ("ann+car@mail.shop.example, thanks", "ann+car@mail.shop.example"),
    ],
)  # fmt: skip
def test_an_address_is_understood(typed: str, address: str) -> None:
    assert read_email(typed) == Understood(address)


@pytest.mark.parametrize(
    "typed", ["", "ann", "ann@", "ann@shop", "a@b.example c@d.example", "@shop.example", "ann@shop..example"]
)
def test_an_address_is_not_guessed(typed: str) -> None:
    assert read_email(typed) == Unclear()


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("my number is 617-253-1000 thanks", "617-253-1000"),
        ("+49 (0)151 2345678", "+49 (0)151 2345678"),
        ("call 6172531000 after 5", "6172531000"),
        ("617 253 1000 or 617 253 1001", ""),
        ("no", ""),
    ],
)
def test_a_number_is_found_in_a_sentence(typed: str, number: str) -> None:
    assert number_in(typed) == number


def test_a_text_is_one_line_without_what_nobody_sees() -> None:
    assert read_text("  1.8\r\nlitre\u202e \x00") == Understood("1.8 litre")
    assert read_text(" ?! \u200b") == Unclear()
    assert len(tidy("x" * 5000)) == LONGEST_ANSWER


LETTERS = st.text(alphabet="abcdefg", min_size=1, max_size=8)


@given(LETTERS, st.integers(0, 8), st.sampled_from("xyz"), st.sampled_from(["add", "drop", "change", "swap"]))
def test_one_slip_is_one_slip(word: str, at: int, letter: str, slip: str) -> None:
    at = min(at, len(word) - 1)
    slipped = {
        "add": word[:at] + letter + word[at:],
        "drop": word[:at] + word[at + 1 :],
        "change": word[:at] + letter + word[at + 1 :],
        "swap": word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
    }[slip]
    assert within_one_slip(word, slipped)
    assert within_one_slip(slipped, word)
    assert not within_one_slip(word, f"{letter}{slipped}{letter}{letter}")


@given(st.lists(st.text(min_size=1, max_size=20), max_size=12, unique=True), st.text(max_size=60))
def test_whatever_is_typed_means_one_of_the_choices_or_nothing(choices: list[str], typed: str) -> None:
    reading = read_choice(typed, choices)
    assert isinstance(reading, Unclear) or reading.value in choices


@given(st.text(max_size=60), st.integers(1900, 2000), st.integers(2001, 2100))
def test_whatever_is_typed_is_a_year_in_bounds_or_none(typed: str, least: int, most: int) -> None:
    reading = read_year(typed, least, most)
    assert isinstance(reading, Unclear) or least <= int(reading.value) <= most


@given(
    st.lists(st.from_regex(r"[A-Z][a-z]{1,9}", fullmatch=True), min_size=1, max_size=10, unique=True),
    st.data(),
)
def test_a_choice_that_is_typed_as_it_stands_is_that_choice(choices: list[str], data: st.DataObject) -> None:
    wanted = data.draw(st.sampled_from(choices))
    assert read_choice(f" {wanted} ", choices) == Understood(wanted)
