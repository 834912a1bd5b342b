"""Of what people ask, only what cannot be about one of them is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.questions import LONGEST, asker_code, digest_of, kept_question


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Do you ship to Norway?", "do you ship to norway"),
        ("  do YOU\n ship to\tnorway ", "do you ship to norway"),
        ("¿Envían a Noruega?", "envían a noruega"),
        ("Größe", "grösse"),
        ("e\u0301te\u0301", "été"),
        ("my order 123456", None),
        ("call me at ٦١٧", None),
        ("room Ⅻ", None),
        ("x²", None),
        ("ann@shop.example", None),
        ("https://shop.example/secret", None),
        ("a\x00b c", None),
        ("hidden\u200bjoiner", None),
        ("half \ud800 a letter", None),
        ("hi", None),
        ("", None),
        ("?!?!?!", None),
        ("word " * 40, None),
    ],
)
def test_what_is_kept(typed: str, kept: str | None) -> None:
    assert kept_question(typed) == kept


@given(st.text(max_size=300))
def test_nothing_kept_has_a_digit_an_address_or_no_end(typed: str) -> None:
    kept = kept_question(typed)
    if kept is not None:
        assert not any(letter.isdigit() or letter.isnumeric() or letter == "@" for letter in kept)
        assert kept.isprintable()
        assert 3 <= len(kept) <= LONGEST
        assert kept_question(kept) == kept


def test_what_stands_for_a_question_differs_by_site_and_language() -> None:
    assert len({digest_of(site, language, "x") for site in ("a", "b") for language in ("en", "de")}) == 4


def test_askers_are_told_apart_and_no_more() -> None:
    digest = digest_of("shop", "en", "returns")
    codes = [asker_code(digest, f"visitor-{n}") for n in range(1000)]
    assert len(set(codes)) > 950
    assert {len(code) for code in codes} == {4}
    assert asker_code(digest, "visitor-1") == codes[1]
    assert asker_code(digest_of("shop", "en", "sizes"), "visitor-1") != codes[1]
